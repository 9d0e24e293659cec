"""B12 渐进流失: goods trickle away, a little in every balance period.

Laws kept: only measured stocks and movements speak, not the book; the alarm's threshold follows from the stated
false-alarm probability; periods are whitened, so that a shared count or a bias does not alarm by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, ClassVar, Literal

from msgspec import Meta, Struct
from msgspec.structs import replace

from detectors.balances import BALANCES, Closed, Mended, Opened
from detectors.budget import YEAR, Budget
from detectors.claim import Claim, Finding, Number, measure_of
from detectors.detector import Card, Rule, Step, View
from detectors.drift import Drift, drifted, highest
from detectors.episode import begin, end, go_on
from detectors.sequential import cumuf
from detectors.sequential.balance import Sitmuf
from detectors.sequential.power import LONGEST_LOOK, Limits, evenly_shifted, least_spread, readable
from events.quantity import show_quantity
from events.time import DAY, Instant, format_instant
from ledger.fact import Body, Fact, Ref

NOTICED = ("noticed", "noticed_probability", "noticed_days")


class Parameters(Budget, frozen=True, forbid_unknown_fields=True):
    """The budget: ``cumuf_share`` of it is CUMUF's, which is asked every ``cumuf_days``; the rest is Page's.

    ``k``: half the loss to find, in σ of a period; ``warmup_periods``: nothing is said before so many periods.
    ``unstated_random`` and ``unstated_systematic`` are the relative standard errors of unregistered instruments,
    for all tests of a balance (B11, B12, B13). ``power``, ``noticed_days``: with which probability, and over how
    many days, the loss that a warning says would be noticed is noticed.
    """

    k: Annotated[float, Meta(ge=0, le=5)] = 0.5
    warmup_periods: Annotated[int, Meta(ge=0)] = 3
    unstated_random: Annotated[float, Meta(ge=0, le=1)] = 0.003
    unstated_systematic: Annotated[float, Meta(ge=0, le=1)] = 0.002
    cumuf_share: Annotated[float, Meta(gt=0, lt=1)] = 0.25
    cumuf_days: Annotated[int, Meta(ge=1)] = 182
    power: Annotated[float, Meta(gt=0, lt=1)] = 0.95
    noticed_days: Annotated[int, Meta(ge=0)] = 30


class Summed(Struct, frozen=True, array_like=True, gc=False):
    """What CUMUF found at the end of its last window: from which count on how much, over how many periods."""

    since: Instant
    ref: Ref
    missing: int
    periods: int
    z: float
    limit: float = 0.0


class Trickle(Struct, frozen=True, array_like=True, gc=False):
    """What the rule carries: Page's side, the episode, whether Page's test is part of it, CUMUF's window, what it
    found, and the last window that it was asked about."""

    drift: Drift = Drift()
    open: Claim | None = None
    paged: bool = False
    sum: cumuf.CumufState = cumuf.CumufState()
    window: Opened | None = None
    summed: Summed | None = None
    asked: cumuf.Asked | None = None


class ProtractedLoss(Rule):
    """Page's test on SITMUF, loss side, and CUMUF over consecutive windows; one episode for both.

    Page: from the count at which P > h to the one at which P is 0 again, or what is missing since P left 0 has
    turned up. CUMUF: from the end of a window whose sum exceeds z·σ_CUMUF to the end of one whose does not.
    Neither is reset by its own alarm. An explicit adjustment mends the matter: the episode ends, both start again.
    Where one abrupt loss makes B11 true too, B11 leads: it names the period, and the explanation here says so.
    """

    card: ClassVar = Card(
        id="B12",
        name="PROTRACTED_LOSS",
        title=("渐进流失", "Protracted loss"),
        predicate=(
            "散装货物逐期平衡差（MUF=入库−出库−库存增量）按计量误差协方差白化后，Page 累积和（损失侧）超过阈值 h，"
            "或一段时期的累计平衡差（CUMUF）超过其标准差的 z 倍；"
            "h 与 z 由所给的误报（一年内的总概率，或每周次数）算出",
            "of bulk goods, the balance differences (MUF = inputs − outputs − change of stock) are whitened by "
            "the covariance of the measurement errors; Page's cumulative sum on the loss side exceeds h, or the "
            "sum of all differences over a window (CUMUF) exceeds z of its standard deviations; h and z follow "
            "from the false alarms that are stated: a probability over a year, or so many a week",
        ),
        misses=(
            "盘点不足预热期数之前不作判断；每期流失远小于 k 个标准差的难以发现；估算的盘点不作为期末；"
            "活度因衰变不适用；频繁的账务调整会使检验重新开始；一次性的短少由 B11 主判",
            "nothing is said before the warm-up; a loss far below k standard deviations a period; estimated "
            "counts end no period; activity decays and is not tested; frequent adjustments restart the test; one "
            "abrupt loss is B11's",
        ),
        key="book",
        place="site",
    )
    State: ClassVar = Trickle
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

    def start(self) -> Trickle:
        """Nothing is missing."""
        return Trickle()

    def see(self, state: Trickle, step: Step, view: View) -> tuple[Trickle, Sequence[Claim]]:
        """Take in one balance; an adjustment mends what was found, and both tests start again."""
        match step.made:
            case Closed() as closed:
                return _judged(state, closed, step.fact, view)
            case Mended():
                return Trickle(), () if state.open is None else (end(state.open, step.fact),)
            case _:
                return state, ()

    def explain(self, finding: Finding, lang: Literal["zh", "en"]) -> str:
        """What went missing over how many periods, how far beyond which threshold, and what would be noticed."""
        claim = finding.claim
        return (_zh if lang == "zh" else _en)(claim, "" if claim.until is None else format_instant(claim.until))


def _zh(claim: Claim, ended: str) -> str:
    numbers, measure = claim.numbers, measure_of(claim)
    missing, most = (show_quantity(int(numbers.get(name, 0)), measure) for name in ("missing", "most"))
    tests = [f"Page 累积和最高 {numbers['page']}，阈值 {numbers['threshold']}"] if "page" in numbers else []
    tests += [f"CUMUF 为标准差的 {numbers['cumuf']} 倍，界限 {numbers['limit']} 倍"] if "cumuf" in numbers else []
    lead = (
        f"其中 {most} 出在 {numbers['most_at']} 止的一期：一次性短少以 B11 为主。" if "most_at" in numbers else ""
    )
    noticed = ""
    if "noticed" in numbers:
        noticed = (
            f"该台账 {numbers['noticed_days']} 天内均匀流失 {show_quantity(int(numbers['noticed']), measure)} "
            f"即可以 {100 * float(numbers['noticed_probability']):g}% 的概率发现。"
        )
    close = f"已于 {ended} 了结。" if ended else ""
    return (
        f"{claim.site} 的 {claim.goods} 自 {numbers['run_since']} 起 {numbers['periods']} 个盘点期"
        f"累计短少 {missing}，{'；'.join(tests)}：超出计量误差可以解释的范围。{lead}{noticed}{close}"
    )


def _en(claim: Claim, ended: str) -> str:
    numbers, measure = claim.numbers, measure_of(claim)
    missing, most = (show_quantity(int(numbers.get(name, 0)), measure) for name in ("missing", "most"))
    tests = (
        [f"Page's sum rose to {numbers['page']} against a threshold of {numbers['threshold']}"]
        if "page" in numbers
        else []
    )
    tests += (
        [f"CUMUF is {numbers['cumuf']} standard deviations against {numbers['limit']}"]
        if "cumuf" in numbers
        else []
    )
    lead = f" {most} of it in the one period to {numbers['most_at']}: B11 leads." if "most_at" in numbers else ""
    noticed = ""
    if "noticed" in numbers:
        noticed = (
            f" This book would notice {show_quantity(int(numbers['noticed']), measure)} lost evenly within "
            f"{numbers['noticed_days']} days with {100 * float(numbers['noticed_probability']):g}%."
        )
    close = f" The matter ended at {ended}." if ended else ""
    return (
        f"At {claim.site} {missing} of {claim.goods} went missing over {numbers['periods']} balance periods since "
        f"{numbers['run_since']}: {'; '.join(tests)}, more than measurement errors explain.{lead}{noticed}{close}"
    )


def _judged(state: Trickle, closed: Closed, fact: Fact, view: View) -> tuple[Trickle, Sequence[Claim]]:
    count = closed.count
    terms = view.terms("B12", fact.at, category=count.category, area=count.area, unit=count.unit)
    asked: Parameters = terms.parameters
    state, news = _summed(state, closed, asked)
    state = _paged(state, closed, asked)
    if not state.paged and state.summed is None:
        claims = () if state.open is None else (end(state.open, fact),)
        return replace(state, open=None), claims
    if state.open is not None and not news and not (state.paged and state.drift.speaks):
        return state, ()
    numbers = _numbers(state, closed, asked)
    if state.open is not None:
        claim = go_on(state.open, fact, numbers)
    else:
        claim = begin(fact, count, terms.speaks(fact.at), numbers, (_began(state)[1],))
    return replace(state, open=claim), (claim,)


def _paged(state: Trickle, closed: Closed, asked: Parameters) -> Trickle:
    """Page's test with one more period, and whether it is part of an episode; without SITMUF it is left out."""
    if not isinstance(closed.balance, Sitmuf):
        return state
    drift = drifted(state.drift, closed, closed.balance.value, closed.period.muf, asked.k)
    above = closed.number >= asked.warmup_periods and drift.total > threshold(closed.a_year, asked)
    return replace(state, drift=drift, paged=drift.run is not None and (state.paged or (above and drift.speaks)))


def threshold(a_year: int, asked: Parameters) -> float:
    """Page's h of a book with so many periods a year: what CUMUF leaves of the budget."""
    return asked.page(a_year, asked.k, 1.0 - asked.cumuf_share)


def _summed(state: Trickle, closed: Closed, asked: Parameters) -> tuple[Trickle, bool]:
    """CUMUF with one more period, and whether this one ended its window: then it is asked, and begins again.

    A window ends with the count nearest to its last day, as far as the book's pace tells.
    """
    window, total = state.window or closed.opened, cumuf.accumulate(state.sum, closed.period)
    if (closed.at - window.since) / DAY + closed.days / 2.0 < asked.cumuf_days:
        return replace(state, window=window, sum=total), False
    windows = _windows(asked)
    budget = asked.windows(windows, asked.cumuf_share)
    look = cumuf.ask(state.asked, total, windows=windows, false_alarm=budget)
    found, summed = cumuf.read(total), None
    warm = closed.number >= asked.warmup_periods
    if warm and found is not None and found.z > look.limit:
        summed = Summed(window.since, window.ref, found.total, total.periods, found.z, look.limit)
    return replace(state, window=None, sum=cumuf.CumufState(), summed=summed, asked=look), True


def _windows(asked: Parameters) -> int:
    """How many windows a year has: they share CUMUF's part of the budget."""
    return max(round(YEAR / (asked.cumuf_days * DAY)), 1)


def _began(state: Trickle) -> tuple[Instant, Ref, int, int]:
    """Since which count how much is missing over how many periods: of Page's run where it alarms, else of CUMUF."""
    run, summed = state.drift.run, state.summed
    if summed is not None and (run is None or not state.paged or run.amount <= 0):
        return summed.since, summed.ref, summed.missing, summed.periods
    if run is None:
        raise AssertionError("an episode has a run or a window that it began with")
    return run.since, run.ref, run.amount, run.periods


def _numbers(state: Trickle, closed: Closed, asked: Parameters) -> dict[str, Number]:
    since, _, missing, periods = _began(state)
    numbers: dict[str, Number] = {"missing": missing}
    run, summed, h = state.drift.run, state.summed, threshold(closed.a_year, asked)
    if state.paged and run is not None:
        numbers |= highest(state.open, state.drift.total, h)
        if run.mostly_at_once:
            numbers |= {"most": run.most, "most_at": format_instant(run.most_at)}
    if summed is not None:
        numbers |= {"cumuf": round(summed.z, 2), "limit": round(summed.limit, 3)}
    numbers |= {"periods": periods, "run_since": format_instant(since)}
    told = {} if state.open is None else state.open.numbers
    noticed = {name: told[name] for name in NOTICED if name in told} if told else _noticed(closed, asked)
    return numbers | noticed | {"measure": closed.count.measure.value}


def _noticed(closed: Closed, asked: Parameters) -> dict[str, Number]:
    """Of the moment when an episode begins: it is worked out once, and said throughout."""
    told = foreseen(closed, asked)
    return {} if told is None else dict(zip(NOTICED, (told[0], asked.power, told[1]), strict=True))


def foreseen(closed: Closed, asked: Parameters) -> tuple[int, int] | None:
    """The loss (base units) that a book like this period would notice, lost evenly, and over how many days.

    The days are those of the counts that come within ``noticed_days``. None where it would notice none.
    """
    looks = min(round(asked.noticed_days / closed.days), LONGEST_LOOK)
    limits = Limits(c=None, h=threshold(closed.a_year, asked), k=asked.k)
    least = least_spread(evenly_shifted(closed.whitened, closed.period, looks), limits, asked.power)
    return None if least is None else (readable(least), round(looks * closed.days))
