"""B2 负库存: a book goes below nothing, which goods cannot do.

Law kept: arithmetic alone decides; the episode opens with the fact that takes the balance below zero and closes
with the one that brings it back.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal

from msgspec import Struct

from detectors.claim import Claim, Finding, Number, measure_of
from detectors.detector import Card, Rule, Step, View
from detectors.episode import Episode, begin, end, go_on
from events.quantity import show_quantity
from ledger.account import Book
from ledger.fact import Body, Movement


class Parameters(Struct, frozen=True, forbid_unknown_fields=True):
    """``tolerance``: how far below zero a book may be, in base units (0: not at all)."""

    tolerance: int = 0


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
    State: ClassVar = Episode
    Parameters: ClassVar = Parameters
    stricter: ClassVar[dict[str, Literal["lower", "higher"]]] = {"tolerance": "lower"}
    sees: ClassVar[frozenset[type[Body]]] = frozenset((Movement,))

    def start(self) -> Episode:
        """No episode."""
        return Episode()

    def see(self, state: Episode, step: Step, view: View) -> tuple[Episode, Sequence[Claim]]:
        """Open below zero, keep the lowest, close at or above."""
        book, moved = step.after, step.fact.body
        if not isinstance(book, Book) or not isinstance(moved, Movement):
            return state, ()
        if book.balance >= 0 and state.open is None:
            return state, ()
        terms = view.terms("B2", step.fact.at, category=moved.category, area=moved.area, unit=moved.unit)
        if book.balance >= -terms.parameters.tolerance:
            if state.open is None:
                return state, ()
            return Episode(), (end(state.open, step.fact),)
        if state.open is None:
            numbers: dict[str, Number] = {"lowest": book.balance, "measure": moved.measure.value}
            claim = begin(step.fact, moved, terms.speaks(step.fact.at), numbers)
        else:
            lowest = min(book.balance, int(state.open.numbers["lowest"]))
            claim = go_on(state.open, step.fact, {**state.open.numbers, "lowest": lowest})
        return Episode(claim), (claim,)

    def explain(self, finding: Finding, lang: Literal["zh", "en"]) -> str:
        """The lowest balance, of what, where."""
        claim = finding.claim
        lowest = show_quantity(-int(claim.numbers["lowest"]), measure_of(claim))
        if lang == "zh":
            return f"{claim.site} 的 {claim.goods} 账面结存最低为 −{lowest}：出库多于曾经入库，账目或上报必有错漏。"
        return (
            f"The book of {claim.goods} at {claim.site} fell to −{lowest}: more went out than ever came in, "
            "so a report is wrong or missing."
        )
