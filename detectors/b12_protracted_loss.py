"""B12 渐进流失: goods trickle away, a little in every balance period.

Laws kept: only measured stocks and movements speak, not the book; the alarm's threshold follows from the stated
false-alarm probability; periods are whitened, so that a shared count or a bias does not alarm by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal

from msgspec import Struct
from msgspec.structs import replace

from detectors.claim import Claim, Finding, Number, measure_of
from detectors.detector import Card, Rule, Step, View
from detectors.episode import begin, end, go_on
from detectors.measuring import Flows, stated, unstated
from detectors.policy import Terms
from detectors.sequential.balance import BalanceState, Measured, Sitmuf, Uncertainty, whiten
from detectors.sequential.page import PageState, Side, read
from detectors.sequential.page import step as page_step
from detectors.sequential.threshold import page_threshold
from events.period import Part, bounds, part
from events.quantity import Measure, show_quantity
from events.time import Instant, format_instant
from ledger.fact import Body, Count, Fact, Movement, Ref
from ledger.posting import book_delta

WEIGHED = frozenset((Measure.MASS, Measure.VOLUME, Measure.NEQ))


class Parameters(Struct, frozen=True, forbid_unknown_fields=True):
    """``false_alarm``: probability of any false alarm in ``horizon_periods`` balance periods of one book.

    ``k``: half the loss to find, in σ of a period; ``warmup_periods``: nothing is said before so many periods.
    ``unstated_random`` and ``unstated_systematic`` are the relative standard errors of unregistered instruments.
    """

    false_alarm: float = 0.05
    horizon_periods: int = 365
    k: float = 0.5
    warmup_periods: int = 8
    unstated_random: float = 0.003
    unstated_systematic: float = 0.002


class Run(Struct, frozen=True, array_like=True, gc=False):
    """How long the Page statistic has been above 0: from which count on, and what went missing since."""

    since: Instant
    ref: Ref
    missing: int = 0
    periods: int = 0


class Balances(Struct, frozen=True, array_like=True, gc=False):
    """What the rule carries: the last count and what moved since, both statistics, the run and the episode."""

    opening: Measured | None = None
    opened: Run | None = None
    flows: Flows = Flows()
    whitened: BalanceState = BalanceState()
    page: PageState = PageState()
    run: Run | None = None
    open: Claim | None = None


class ProtractedLoss(Rule):
    """Page's test on SITMUF, loss side: claims from the count at which P > h to the one at which P is 0 again.

    The statistic is not reset by its own alarm: as long as it is above 0 the same loss explains it. It is set to 0
    where nothing is missing since its run began (alarm or not: that can only make false alarms rarer than stated),
    and by an explicit adjustment, which mends the matter: the episode ends and the test starts again.
    """

    card: ClassVar = Card(
        id="B12",
        name="PROTRACTED_LOSS",
        title=("渐进流失", "Protracted loss"),
        predicate=(
            "散装货物逐期平衡差（MUF=入库−出库−库存增量）按计量误差协方差白化后，Page 累积和（损失侧）超过阈值 h；"
            "h 由规定期数内的总误报概率算出",
            "of bulk goods, the balance differences (MUF = inputs − outputs − change of stock) are whitened by "
            "the covariance "
            "of the measurement errors; Page's cumulative sum on the loss side exceeds h, which follows from "
            "the total "
            "false-alarm probability over the stated number of periods",
        ),
        misses=(
            "盘点不足预热期数之前不作判断；每期流失远小于 k 个标准差的难以发现；估算的盘点不作为期末；"
            "活度因衰变不适用；"
            "频繁的账务调整会使检验重新开始",
            "nothing is said before the warm-up; a loss far below k standard deviations a period; estimated "
            "counts end no "
            "period; activity decays and is not tested; frequent adjustments restart the test",
        ),
        key="book",
        place="site",
    )
    State: ClassVar = Balances
    Parameters: ClassVar = Parameters
    stricter: ClassVar[dict[str, Literal["lower", "higher"]]] = {
        "false_alarm": "higher",
        "horizon_periods": "lower",
        "warmup_periods": "lower",
    }
    sees: ClassVar[frozenset[type[Body]]] = frozenset((Movement, Count))

    def start(self) -> Balances:
        """No count yet."""
        return Balances()

    def see(self, state: Balances, step: Step, view: View) -> tuple[Balances, Sequence[Claim]]:
        """Add up movements; at each count close a balance period and test it."""
        fact = step.fact
        match fact.body:
            case Movement() as moved if moved.measure in WEIGHED and state.opening is not None:
                delta = book_delta(moved)
                match part(moved.operation, delta):
                    case Part.ADJUSTMENT:
                        return _restarted(state, fact)
                    case Part.NOTHING:
                        return state, ()
                return replace(state, flows=state.flows.moved(delta, _sure(moved, fact, view))), ()
            case Count() as count if count.measure in WEIGHED and bounds(estimated=count.estimated):
                closing = Measured(count.amount, _sure(count, fact, view))
                if state.opening is None:
                    return Balances(closing, Run(fact.at, fact.ref)), ()
                return _closed(state, state.opening, closing, fact, view)
            case _:
                return state, ()

    def explain(self, finding: Finding, lang: Literal["zh", "en"]) -> str:
        """What went missing over how many periods, and how far the statistic is above its threshold."""
        claim, numbers = finding.claim, finding.claim.numbers
        missing = show_quantity(int(numbers["missing"]), measure_of(claim))
        page, h, periods, since = (numbers[name] for name in ("page", "threshold", "periods", "run_since"))
        ended = "" if claim.until is None else format_instant(claim.until)
        if lang == "zh":
            close = f"已于 {ended} 了结。" if ended else ""
            return (
                f"{claim.site} 的 {claim.goods} 自 {since} 起 {periods} 个盘点期累计短少 {missing}，"
                f"Page 累积和 {page}，阈值 {h}：超出计量误差可以解释的范围。{close}"
            )
        close = f" The matter ended at {ended}." if ended else ""
        return (
            f"At {claim.site} {missing} of {claim.goods} went missing over {periods} balance periods since "
            f"{since}: "
            f"Page's sum is {page} against a threshold of {h}, more than measurement errors explain.{close}"
        )


def _restarted(state: Balances, fact: Fact) -> tuple[Balances, Sequence[Claim]]:
    """An adjustment mends what was found: the sum starts from 0; what is known of the instruments stays known."""
    page = PageState(periods=state.page.periods)
    claims = () if state.open is None else (end(state.open, fact),)
    return replace(state, page=page, run=None, open=None), claims


def _closed(
    state: Balances, opening: Measured, closing: Measured, fact: Fact, view: View
) -> tuple[Balances, Sequence[Claim]]:
    count = fact.body
    if not isinstance(count, Count):
        return state, ()
    terms = view.terms("B12", fact.at, category=count.category, area=count.area, unit=count.unit)
    whitened, balance = whiten(state.whitened, state.flows.period(opening, closing))
    after = Balances(closing, Run(fact.at, fact.ref), Flows(), whitened, state.page, state.run, state.open)
    if not isinstance(balance, Sitmuf):
        return after, ()
    page = page_step(state.page, balance.value, k=terms.parameters.k)
    run = state.run or state.opened or Run(fact.at, fact.ref)
    run = Run(run.since, run.ref, run.missing + balance.muf, run.periods + 1)
    if page.loss <= 0.0 or run.missing <= 0:
        claims = () if state.open is None else (end(state.open, fact),)
        return replace(after, page=replace(page, loss=0.0), run=None, open=None), claims
    after = replace(after, page=page, run=run)
    claim = _claim(after, run, fact, count, terms)
    if claim is None:
        return after, ()
    return replace(after, open=claim), (claim,)


def _claim(state: Balances, run: Run, fact: Fact, count: Count, terms: Terms[Parameters]) -> Claim | None:
    """The episode after one more period above 0; None where there is none and this one does not open one."""
    asked = terms.parameters
    h = page_threshold(asked.horizon_periods, asked.k, asked.false_alarm)
    reading = read(state.page, h=h, warmup=asked.warmup_periods)
    if state.open is None and (reading is None or Side.LOSS not in reading.alarms):
        return None
    numbers: dict[str, Number] = {
        "missing": run.missing,
        "page": round(state.page.loss, 3),
        "threshold": round(h, 3),
        "periods": run.periods,
        "run_since": format_instant(run.since),
        "measure": count.measure.value,
    }
    if state.open is not None:
        return go_on(state.open, fact, numbers)
    claim = begin(fact, count, terms.speaks(fact.at), numbers)
    return replace(claim, refs=(run.ref, fact.ref), ref_count=2)


def _sure(body: Movement | Count, fact: Fact, view: View) -> Uncertainty:
    known = stated(body, fact.at, view)
    if known is not None:
        return known
    terms = view.terms("B12", fact.at, category=body.category, area=body.area, unit=body.unit).parameters
    return unstated(terms.unstated_random, terms.unstated_systematic)
