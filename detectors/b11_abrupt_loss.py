"""B11 突发短少: one balance is short by more than its instruments can err by.

Laws kept: only measured stocks and movements speak, not the book; each balance is judged given all earlier ones, at
a limit that follows from the stated false-alarm probability; what turns up again, or is adjusted, is over.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, ClassVar, Literal

from msgspec import Meta, Struct

from detectors.balances import BALANCES, Closed, Mended
from detectors.budget import Budget
from detectors.claim import Claim, Finding, Number, measure_of
from detectors.detector import Card, Rule, Step, View
from detectors.episode import begin, end, go_on
from detectors.sequential.balance import Sitmuf
from detectors.sequential.power import noticed_at_once, readable
from events.quantity import show_quantity
from events.time import format_instant
from ledger.fact import Body, Fact


class Parameters(Budget, frozen=True, forbid_unknown_fields=True):
    """The budget; and ``power``, with which the loss that a warning says would be noticed is noticed."""

    power: Annotated[float, Meta(gt=0, lt=1)] = 0.95


class Abrupt(Struct, frozen=True, array_like=True, gc=False):
    """The episode, what is missing since it began, and what was missing in its abrupt balances (base units)."""

    open: Claim | None = None
    missing: int = 0
    abrupt: int = 0


NOTHING = Abrupt()


class AbruptLoss(Rule):
    """Shewhart's limit on SITMUF: a claim from the count whose balance exceeds c until most of it has turned up.

    Evidence: what is missing, in which period, how many standard deviations that is, the limit, and from which loss
    on this book would notice one at its next count. Further abrupt losses belong to the episode while it is open.
    """

    card: ClassVar = Card(
        id="B11",
        name="ABRUPT_LOSS",
        title=("突发短少", "Abrupt loss"),
        predicate=(
            "散装货物某一盘点期的平衡差（MUF=入库−出库−库存增量），按此前各期白化为标准差倍数后超过界限 c；"
            "c 由所给的误报（一年内的总概率，或每周次数）与该台账的盘点频次算出。"
            "短少的一半以上找回或作账务调整后了结",
            "of bulk goods, the balance difference of one period (MUF = inputs − outputs − change of stock), "
            "whitened by all earlier ones, exceeds c standard deviations; c follows from the false alarms "
            "that are stated (a probability over a year, or so many a week) and from how often the "
            "book is counted; over once most of it has turned up, "
            "or the book is adjusted",
        ),
        misses=(
            "小于 c 个标准差的一次性短少（逐期累积者由 B12 判断）；两次盘点之间取走又还回者；先虚报盘盈再取走者；"
            "估算的盘点不作期末；活度因衰变不适用；实际移动与盘点先后颠倒记录的会误为短少",
            "one loss below c standard deviations (B12 tells those that add up); what is taken and brought back "
            "between two counts; what was first counted too high; estimated counts end no period; activity decays "
            "and is not tested; a movement reported on the wrong side of a count looks like a loss",
        ),
        key="book",
        place="site",
    )
    State: ClassVar = Abrupt
    Parameters: ClassVar = Parameters
    stricter: ClassVar[dict[str, Literal["lower", "higher"]]] = {
        "false_alarm": "higher",
        "horizon_periods": "lower",
        "alarms_per_week": "higher",
        "books": "lower",
    }
    sees: ClassVar[frozenset[type[Body]]] = BALANCES.sees
    rests_on: ClassVar = BALANCES

    def start(self) -> Abrupt:
        """Nothing is missing."""
        return NOTHING

    def see(self, state: Abrupt, step: Step, view: View) -> tuple[Abrupt, Sequence[Claim]]:
        """Hold one balance against the limit; an adjustment mends what was found."""
        match step.made:
            case Closed() as closed:
                return _judged(state, closed, step.fact, view)
            case Mended() if state.open is not None:
                return NOTHING, (end(state.open, step.fact),)
            case _:
                return state, ()

    def explain(self, finding: Finding, lang: Literal["zh", "en"]) -> str:
        """What is missing, between which counts, how far beyond the limit, and what would be noticed."""
        claim, numbers = finding.claim, finding.claim.numbers
        missing, noticed = (show_quantity(int(numbers[name]), measure_of(claim)) for name in ("missing", "noticed"))
        since, value, limit, days = (
            numbers[name] for name in ("counted_since", "deviations", "threshold", "noticed_days")
        )
        percent = f"{100 * float(numbers['noticed_probability']):g}%"
        if lang == "zh":
            close = "" if claim.until is None else f"已于 {format_instant(claim.until)} 了结。"
            return (
                f"{claim.site} 的 {claim.goods} 自 {since} 的盘点以来短少 {missing}，为标准差的 {value} 倍，"
                f"界限 {limit} 倍：超出计量误差可以解释的范围。"
                f"该台账一次短少 {noticed} 即可在下次盘点（约 {days} 天）以 {percent} 的概率发现。{close}"
            )
        close = "" if claim.until is None else f" The matter ended at {format_instant(claim.until)}."
        return (
            f"At {claim.site} {missing} of {claim.goods} is missing since the count at {since}: {value} standard "
            f"deviations, where {limit} are allowed, more than measurement errors explain. This book would notice "
            f"a loss of {noticed} at its next count (about {days} days) with {percent}.{close}"
        )


def foreseen(balance: Sitmuf, a_year: int, asked: Parameters) -> int:
    """The loss (base units) in one period that a book with such a balance would notice at its next count."""
    return readable(noticed_at_once(asked.shewhart(a_year), asked.power) * balance.sigma)


def _judged(state: Abrupt, closed: Closed, fact: Fact, view: View) -> tuple[Abrupt, Sequence[Claim]]:
    muf, balance, count = closed.period.muf, closed.balance, closed.count
    terms = view.terms("B11", fact.at, category=count.category, area=count.area, unit=count.unit)
    asked: Parameters = terms.parameters
    c = asked.shewhart(closed.a_year)
    missing = state.missing + muf
    if not isinstance(balance, Sitmuf) or not closed.abruptly_short(c):
        if state.open is None:
            return NOTHING, ()
        if 2 * missing <= state.abrupt:
            return NOTHING, (end(state.open, fact),)
        return Abrupt(state.open, missing, state.abrupt), ()
    numbers: dict[str, Number] = {
        "missing": missing,
        "counted_since": format_instant(closed.opened.since),
        "deviations": round(balance.value, 2),
        "threshold": round(c, 3),
        "sigma": round(balance.sigma),
        "noticed": foreseen(balance, closed.a_year, asked),
        "noticed_probability": asked.power,
        "noticed_days": round(closed.days, 1),
        "measure": count.measure.value,
    }
    if state.open is not None:
        claim = go_on(state.open, fact, numbers)
    else:
        claim = begin(fact, count, terms.speaks(fact.at), numbers, (closed.opened.ref,))
    return Abrupt(claim, missing, state.abrupt + muf), (claim,)
