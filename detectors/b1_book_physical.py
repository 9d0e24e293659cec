"""B1 账物不符: what is there is not what the book says.

Laws kept: a count never moves a book, so a difference that stands is one episode however often it is counted. The
book's error runs from its opening, or from the last count before an explicit adjustment: no threshold shapes it.
Bulk goods agree by chance now and then: where nobody set the book right, they must agree for a rest.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Annotated, ClassVar, Literal

from msgspec import Meta, Struct
from msgspec.structs import replace

from detectors.claim import Claim, Finding, Number, measure_of
from detectors.detector import Card, Rule, Step, View
from detectors.episode import begin, end, go_on, rested
from detectors.measuring import EXACT, Flows, deviation, stated, unstated
from detectors.sequential.balance import Measured, Uncertainty
from events.period import Part, bounds, part
from events.quantity import Measure, show_quantity
from events.time import DAY, Instant, format_instant
from ledger.account import Book
from ledger.fact import Body, Count, Fact, Movement
from ledger.posting import book_delta


class Parameters(Struct, frozen=True, forbid_unknown_fields=True):
    """``k``: how many σ of the inventory difference; ``abs_tolerance``: base units of the goods that are let pass.

    ``unstated_random`` and ``unstated_systematic`` are the relative standard errors of unregistered instruments.
    A difference of bulk goods is over once its counts have agreed for ``rest_days``, or after an adjustment.
    """

    k: float = 3.0
    abs_tolerance: int = 0
    unstated_random: float = 0.003
    unstated_systematic: float = 0.002
    rest_days: Annotated[int, Meta(ge=0, le=366)] = 0


class Since(Struct, frozen=True, array_like=True, gc=False):
    """What the instruments answer for: a measured stock, and what moved since."""

    opening: Measured = Measured(0, EXACT)
    flows: Flows = Flows()


class Compared(Struct, frozen=True, array_like=True, gc=False):
    """What the rule carries: the episode, the book's measuring since it opened, and since the last count; how and
    by when it ends where it rests (as of ``Lasting``), and whether the book was adjusted meanwhile."""

    open: Claim | None = None
    book: Since = Since()
    counted: Since | None = None
    ended: Claim | None = None
    over: Instant = 0
    adjusted: bool = False


class BookPhysical(Rule):
    """Claims from a count that differs to one that agrees; evidence: count, book, difference, σ and the allowance.

    Counted goods: any difference. Bulk goods: |physical − book| > max(abs_tolerance, k·σ), where σ² adds the random
    errors of every measurement since the book opened and, per instrument, the net effect of its one bias.
    """

    card: ClassVar = Card(
        id="B1",
        name="BOOK_PHYSICAL",
        title=("账物不符", "Book and stock differ"),
        predicate=(
            "盘点数与账面结存不等：计件货物有任何差异即为不符；散装货物差额超过绝对允差与 k "
            "倍盘存差标准差（由计量器具的随机、"
            "系统不确定度合成）中的较大者",
            "a count differs from the book: counted goods by anything; bulk goods by more than the absolute "
            "tolerance and "
            "more than k standard deviations of the inventory difference, from the instruments' random and "
            "systematic errors",
        ),
        misses=(
            "估算的盘点不作判断；计量不确定度之内的短少无从发现（缓慢流失由 B12 判断）；"
            "放射性活度的衰变须以账务调整体现；"
            "盘点本身造假无从发现",
            "estimated counts are not judged; a shortage within the instruments' uncertainty (B12 tells a slow "
            "loss); decay "
            "of activity must be booked as an adjustment; a false count",
        ),
        key="book",
        place="site",
    )
    State: ClassVar = Compared
    Parameters: ClassVar = Parameters
    stricter: ClassVar[dict[str, Literal["lower", "higher"]]] = {
        "k": "lower",
        "abs_tolerance": "lower",
        "unstated_random": "lower",
        "unstated_systematic": "lower",
        "rest_days": "higher",
    }
    sees: ClassVar[frozenset[type[Body]]] = frozenset((Movement, Count))

    def start(self) -> Compared:
        """A book that nothing was measured for."""
        return Compared()

    def see(self, state: Compared, step: Step, view: View) -> tuple[Compared, Sequence[Claim]]:
        """Add up what movements can be wrong by; compare at each count."""
        match step.fact.body:
            case Movement() as moved if moved.measure is not Measure.COUNT:
                return _moved(state, moved, step.fact, view), ()
            case Count() as count if bounds(estimated=count.estimated) and isinstance(step.after, Book):
                return _compared(state, count, step.fact, step.after.balance, view)
            case _:
                return state, ()

    def at(self, state: Compared, now: Instant, view: View) -> Sequence[Claim]:
        """What has agreed for a rest is over."""
        closed = rested(state.ended, state.over, now)
        return () if closed is None else (closed,)

    def wakes(self, state: Compared, view: View) -> Sequence[Instant]:
        """The end of the rest."""
        return () if state.ended is None else (state.over,)

    def explain(self, finding: Finding, lang: Literal["zh", "en"]) -> str:
        """Count and book, by how much they differ, and what was allowed."""
        claim = finding.claim
        measure = measure_of(claim)
        number = {name: int(claim.numbers[name]) for name in ("physical", "book", "difference", "allowed")}
        there, allowed = show_quantity(number["physical"], measure), show_quantity(number["allowed"], measure)
        differs = show_quantity(abs(number["difference"]), measure)
        book = ("−" if number["book"] < 0 else "") + show_quantity(abs(number["book"]), measure)
        short, rest = number["difference"] < 0, int(claim.numbers.get("rest_days", 0))
        if lang == "zh":
            waits = f"账务调整后盘点相符，或连续 {rest} 日相符后结案。" if rest else ""
            if claim.until is not None:
                waits = f"自 {format_instant(claim.until)} 起盘点与账面相符。"
            way = "短少" if short else "盈余"
            return (
                f"{claim.site} 的 {claim.goods} 盘点为 {there}，账面为 {book}，{way} {differs}（允许差 "
                f"{allowed}），"
                f"共 {claim.ref_count} 次盘点。{waits}"
            )
        waits = f" It closes when counts agree after an adjustment, or {rest} days." if rest else ""
        if claim.until is not None:
            waits = f" Counts have agreed with the book since {format_instant(claim.until)}."
        way_en = "missing" if short else "too much"
        return (
            f"At {claim.site} {there} of {claim.goods} was counted, where the book says {book}: {differs} {way_en} "
            f"({allowed} allowed; {claim.ref_count} counts in this matter).{waits}"
        )


def _moved(state: Compared, moved: Movement, fact: Fact, view: View) -> Compared:
    delta = book_delta(moved)
    match part(moved.operation, delta):
        case Part.ADJUSTMENT:
            return replace(state, book=state.counted or state.book, adjusted=state.open is not None)
        case Part.NOTHING:
            return state
    sure = _sure(moved, fact, view)
    counted = state.counted
    if counted is not None:
        counted = Since(counted.opening, counted.flows.moved(delta, sure))
    return replace(state, book=Since(state.book.opening, state.book.flows.moved(delta, sure)), counted=counted)


def _compared(
    state: Compared, count: Count, fact: Fact, balance: int, view: View
) -> tuple[Compared, Sequence[Claim]]:
    terms = view.terms("B1", fact.at, category=count.category, area=count.area, unit=count.unit)
    p: Parameters = terms.parameters
    closing, allowed, sigma, counted = Measured(count.amount, EXACT), 0.0, 0.0, state.counted
    if count.measure is not Measure.COUNT:
        closing = Measured(count.amount, _sure(count, fact, view))
        sigma = deviation(state.book.flows.period(state.book.opening, closing))
        allowed = max(float(p.abs_tolerance), p.k * sigma)
        counted = Since(closing)
    known, made = replace(state, counted=counted), list[Claim]()
    if (closed := rested(state.ended, state.over, fact.at)) is not None:
        known, made = Compared(book=state.book, counted=counted), [closed]
    difference = count.amount - balance
    if abs(difference) <= allowed:
        rest = 0 if count.measure is Measure.COUNT or known.adjusted else p.rest_days
        return _agreed(known, fact, rest, made)
    largest = difference
    if known.open is not None:
        largest = max(int(known.open.numbers["largest"]), difference, key=abs)
    numbers: dict[str, Number] = {
        "physical": count.amount,
        "book": balance,
        "difference": difference,
        "largest": largest,
        "sigma": round(sigma),
        "allowed": math.floor(allowed),
        "measure": count.measure.value,
    }
    if count.measure is not Measure.COUNT:
        numbers["rest_days"] = p.rest_days
    if known.open is None:
        claim = begin(fact, count, terms.speaks(fact.at), numbers)
    else:
        claim = go_on(known.open, fact, numbers)
    return Compared(claim, known.book, counted), (*made, claim)


def _agreed(state: Compared, fact: Fact, rest: int, made: list[Claim]) -> tuple[Compared, Sequence[Claim]]:
    """After a count that agrees: an open episode is over, or will be after so many days."""
    if state.open is None or (state.ended is not None and rest):
        return state, made
    ended = end(state.open, fact) if state.ended is None else state.ended
    if not rest:
        return Compared(book=state.book, counted=state.counted), (*made, ended)
    return replace(state, ended=ended, over=fact.at + rest * DAY), made


def _sure(body: Movement | Count, fact: Fact, view: View) -> Uncertainty:
    known = stated(body, fact.at, view)
    if known is not None:
        return known
    terms = view.terms("B1", fact.at, category=body.category, area=body.area, unit=body.unit).parameters
    return unstated(terms.unstated_random, terms.unstated_systematic)
