"""B2 负库存: a book goes below nothing, which goods cannot do.

Law kept: arithmetic alone decides. A book that a delivery lifts above nothing is no less wrong than before: the
episode closes with an adjustment that sets it right, or once it has not been below nothing for a rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, ClassVar, Literal

from msgspec import Meta, Struct

from detectors.claim import Claim, Finding, Number, measure_of
from detectors.detector import Card, Rule, Step, View
from detectors.episode import Lasting, begin, end, go_on
from events.quantity import show_quantity
from events.time import DAY, Instant, format_instant
from ledger.account import Book
from ledger.fact import Body, Movement


class Parameters(Struct, frozen=True, forbid_unknown_fields=True):
    """``tolerance``: how far below zero a book may be, in base units (0: not at all).

    What is below zero again within ``rest_days`` after it came back is the same finding, unless an adjustment set
    the book right.
    """

    tolerance: int = 0
    rest_days: Annotated[int, Meta(ge=0, le=366)] = 0


class NegativeBalance(Rule):
    """Claims while balance < −tolerance; evidence: the balance at its lowest and the movements that made it so."""

    card: ClassVar = Card(
        id="B2",
        name="NEGATIVE_BALANCE",
        title=("负库存", "Negative balance"),
        predicate=(
            "任一出入库事件之后，账面结存小于零",
            "after any movement the book holds less than nothing",
        ),
        misses=(
            "漏报入库与漏报出库相抵时账面不为负，无从发现；须靠盘点(B1)",
            "an unreported receipt that hides an unreported issue leaves the book positive: a count (B1) tells",
        ),
        key="book",
        place="site",
    )
    State: ClassVar = Lasting
    Parameters: ClassVar = Parameters
    stricter: ClassVar[dict[str, Literal["lower", "higher"]]] = {"tolerance": "lower", "rest_days": "higher"}
    sees: ClassVar[frozenset[type[Body]]] = frozenset((Movement,))

    def start(self) -> Lasting:
        """No episode."""
        return Lasting()

    def see(self, state: Lasting, step: Step, view: View) -> tuple[Lasting, Sequence[Claim]]:
        """Open below zero, keep the lowest; rest at or above, and close where the book is set right."""
        book, fact, moved = step.after, step.fact, step.fact.body
        if not isinstance(book, Book) or not isinstance(moved, Movement):
            return state, ()
        if book.balance >= 0 and state.open is None:
            return state, ()
        closed = state.by(fact.at)
        made = () if closed is None else (closed,)
        known = state if closed is None else Lasting()
        terms = view.terms("B2", fact.at, category=moved.category, area=moved.area, unit=moved.unit)
        p: Parameters = terms.parameters
        if book.balance < -p.tolerance:
            if known.open is None:
                numbers: dict[str, Number] = {
                    "lowest": book.balance, "measure": moved.measure.value, "rest_days": p.rest_days,
                }  # fmt: skip
                claim = begin(fact, moved, terms.speaks(fact.at), numbers)
            else:
                told = known.open.numbers
                claim = go_on(known.open, fact, told | {"lowest": min(book.balance, int(told["lowest"]))})
            return Lasting(claim), (*made, claim)
        if known.open is None or (known.ended is not None and moved.operation != "adjust"):
            return known, made
        ended = end(known.open, fact) if known.ended is None else known.ended
        if moved.operation == "adjust" or not p.rest_days:
            return Lasting(), (*made, ended)
        return Lasting(known.open, ended, fact.at + p.rest_days * DAY), made

    def at(self, state: Lasting, now: Instant, view: View) -> Sequence[Claim]:
        """What has not been below zero for a rest is over."""
        closed = state.by(now)
        return () if closed is None else (closed,)

    def wakes(self, state: Lasting, view: View) -> Sequence[Instant]:
        """The end of the rest."""
        return state.resting()

    def explain(self, finding: Finding, lang: Literal["zh", "en"]) -> str:
        """The lowest balance, of what, where; until when it was, or what closes it."""
        claim = finding.claim
        lowest = show_quantity(-int(claim.numbers["lowest"]), measure_of(claim))
        rest = int(claim.numbers.get("rest_days", 0))
        if lang == "zh":
            after = f"连续 {rest} 日不再为负，或以账务调整改正后结案。" if rest else ""
            if claim.until is not None:
                after = f"自 {format_instant(claim.until)} 起不再为负。"
            why = "出库多于曾经入库，账目或上报必有错漏。"
            return f"{claim.site} 的 {claim.goods} 账面结存最低为 −{lowest}：{why}{after}"
        after = f" An adjustment closes it, or {rest} days not below nothing." if rest else ""
        if claim.until is not None:
            after = f" It has not been below nothing since {format_instant(claim.until)}."
        return (
            f"The book of {claim.goods} at {claim.site} fell to −{lowest}: more went out than ever came in, "
            f"so a report is wrong or missing.{after}"
        )
