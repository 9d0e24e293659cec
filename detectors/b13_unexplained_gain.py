"""B13 盘盈: more is there than came in: inputs that nobody recorded, or outputs that never happened.

Laws kept: only measured stocks and movements speak, not the book; the threshold follows from the stated false-alarm
probability; what gives back an abrupt shortage, or was declared lost before, is no gain.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, ClassVar, Literal

from msgspec import Meta, Struct

from detectors.balances import BALANCES, Closed, Mended
from detectors.budget import Budget
from detectors.claim import Claim, Finding, Number, measure_of
from detectors.detector import Card, Rule, Step, View
from detectors.drift import Drift, drifted, highest
from detectors.episode import begin, end, go_on
from detectors.sequential.balance import Sitmuf
from events.quantity import show_quantity
from events.time import format_instant
from ledger.fact import Body, Fact


class Parameters(Budget, frozen=True, forbid_unknown_fields=True):
    """The budget; ``k``: half the gain to find, in σ of a period, nothing is said before ``warmup_periods``."""

    false_alarm: Annotated[float, Meta(ge=0, lt=1)] = 0.01
    k: Annotated[float, Meta(ge=0, le=5)] = 0.5
    warmup_periods: Annotated[int, Meta(ge=0)] = 3


class Gained(Struct, frozen=True, array_like=True, gc=False):
    """What the rule carries: Page's side, the episode, and what is abruptly missing and not found yet."""

    drift: Drift = Drift()
    open: Claim | None = None
    owed: int = 0


class UnexplainedGain(Rule):
    """Page's test on −SITMUF: claims from the count at which P > h to the one at which P is 0 again.

    It is over, too, when what is too much since P left 0 is gone again, and with an explicit adjustment, which
    starts the test again. A gain first pays back what an earlier balance was abruptly short of, and what is
    declared lost.
    """

    card: ClassVar = Card(
        id="B13",
        name="UNEXPLAINED_GAIN",
        title=("盘盈", "Unexplained gain"),
        predicate=(
            "散装货物逐期平衡差（MUF=入库−出库−库存增量）按计量误差协方差白化后，Page 累积和（盘盈侧）超过阈值 h；"
            "h 由所给的误报（一年内的总概率，或每周次数）算出。找回此前突发短少的货物、申报丢失不算盘盈",
            "of bulk goods, the balance differences (MUF = inputs − outputs − change of stock) are whitened by "
            "the covariance of the measurement errors; Page's cumulative sum on the side of gains exceeds h, which "
            "follows from the false alarms that are stated: a probability over a year, or so many a week; what "
            "turns up again after an abrupt "
            "shortage, and what was declared lost, is no gain",
        ),
        misses=(
            "盘点不足预热期数之前不作判断；未记入库又未记出库、两次盘点之间进出相抵者；"
            "每期盘盈远小于 k 个标准差者；估算的盘点不作期末；"
            "活度因衰变不适用；与短少相抵的盘盈；实际移动与盘点先后颠倒记录的会误为盘盈",
            "nothing is said before the warm-up; what comes and goes unrecorded between two counts; a gain far "
            "below k standard deviations a period; estimated counts end no period; activity decays and is "
            "not tested; a gain that an equal loss hides; a movement reported on the wrong side of a count looks "
            "like a gain",
        ),
        key="book",
        place="site",
    )
    State: ClassVar = Gained
    Parameters: ClassVar = Parameters
    stricter: ClassVar[dict[str, Literal["lower", "higher"]]] = {
        "false_alarm": "higher",
        "horizon_periods": "lower",
        "alarms_per_week": "higher",
        "books": "lower",
        "warmup_periods": "lower",
    }
    sees: ClassVar[frozenset[type[Body]]] = BALANCES.sees
    rests_on: ClassVar = BALANCES

    def start(self) -> Gained:
        """Nothing is too much."""
        return Gained()

    def see(self, state: Gained, step: Step, view: View) -> tuple[Gained, Sequence[Claim]]:
        """Take in one balance; an adjustment mends what was found, and the test starts again."""
        match step.made:
            case Closed() as closed if isinstance(closed.balance, Sitmuf):
                return _judged(state, closed, closed.balance, step.fact, view)
            case Mended():
                return Gained(), () if state.open is None else (end(state.open, step.fact),)
            case _:
                return state, ()

    def explain(self, finding: Finding, lang: Literal["zh", "en"]) -> str:
        """What is too much over how many periods, and how far the statistic is above its threshold."""
        claim, numbers = finding.claim, finding.claim.numbers
        surplus = show_quantity(int(numbers["surplus"]), measure_of(claim))
        page, h, periods, since = (numbers[name] for name in ("page", "threshold", "periods", "run_since"))
        ended = "" if claim.until is None else format_instant(claim.until)
        if lang == "zh":
            close = f"已于 {ended} 了结。" if ended else ""
            return (
                f"{claim.site} 的 {claim.goods} 自 {since} 起 {periods} 个盘点期累计盘盈 {surplus}，"
                f"Page 累积和最高 {page}，阈值 {h}：超出计量误差可以解释的范围，"
                f"应查有无未记的入库或虚报的出库。{close}"
            )
        close = f" The matter ended at {ended}." if ended else ""
        return (
            f"At {claim.site} {surplus} of {claim.goods} is there that no record explains, over {periods} balance "
            f"periods since {since}: Page's sum rose to {page} against a threshold of {h}, more than measurement "
            f"errors explain. Look for receipts that were not recorded, or issues that did not happen.{close}"
        )


def _judged(
    state: Gained, closed: Closed, balance: Sitmuf, fact: Fact, view: View
) -> tuple[Gained, Sequence[Claim]]:
    count = closed.count
    terms = view.terms("B13", fact.at, category=count.category, area=count.area, unit=count.unit)
    asked: Parameters = terms.parameters
    back, owed = _paid_back(state.owed, closed, asked)
    value, amount = balance.value + back / balance.sigma, closed.period.muf + back
    drift = drifted(state.drift, closed, -value, -amount, asked.k)
    h = asked.page(closed.a_year, asked.k)
    warm = closed.number >= asked.warmup_periods
    run = drift.run
    if run is None:
        return Gained(drift, None, owed), () if state.open is None else (end(state.open, fact),)
    if not drift.speaks or (state.open is None and not (warm and drift.total > h)):
        return Gained(drift, state.open, owed), ()
    numbers: dict[str, Number] = {
        "surplus": run.amount,
        **highest(state.open, drift.total, h),
        "periods": run.periods,
        "run_since": format_instant(run.since),
        "measure": count.measure.value,
    }
    if state.open is not None:
        claim = go_on(state.open, fact, numbers)
    else:
        claim = begin(fact, count, terms.speaks(fact.at), numbers, (run.ref,))
    return Gained(drift, claim, owed), (claim,)


def _paid_back(owed: int, closed: Closed, asked: Parameters) -> tuple[int, int]:
    """How much of a period's gain only gives back an earlier shortage, and what is still missing (base units)."""
    muf = closed.period.muf
    if muf > 0:
        c = asked.shewhart(closed.a_year)
        return 0, owed + (muf if closed.abruptly_short(c) else 0)
    back = min(owed + closed.declared, -muf)
    return back, max(owed - back, 0)
