"""B6 超量储存: a site holds more of a goods than it may.

Law kept: the capacity in force when the goods moved decides; one run above it is one episode, and what was grave
once stays grave until it is over.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal

from msgspec import Struct
from msgspec.structs import replace

from detectors.claim import Claim, Finding, Number, Severity, measure_of
from detectors.detector import Card, Rule, Step, View
from detectors.episode import Episode, begin, end, go_on
from events.quantity import Amount, parse_quantity, show_quantity
from events.registry import CapacityEntry
from ledger.account import Book
from ledger.fact import Body, Count, Fact, Movement


class Parameters(Struct, frozen=True, forbid_unknown_fields=True):
    """Percent of the capacity: above ``allowed_percent`` it is claimed, above ``red_percent`` it is red."""

    allowed_percent: int = 100
    red_percent: int = 120


class OverCapacity(Rule):
    """Claims while the book's balance exceeds the capacity; evidence: balance now and at its highest, capacity."""

    card: ClassVar = Card(
        id="B6",
        name="OVER_CAPACITY",
        title=("超量储存", "Over capacity"),
        predicate=(
            "出入库或盘点后，账面结存超过该库该品种当时有效的限制存放量（核定容量）",
            "after a movement or at a count the book holds more than the site's capacity for the goods then in "
            "force",
        ),
        misses=(
            "未登记限制存放量的库不作判断；多品种合计超量与未入账的存货无从发现；限量调低后，"
            "到下一次出入库或盘点才判断",
            "a site without a registered capacity is not judged; several goods over a common limit, and stock "
            "that is on no "
            "book; a lowered capacity counts from the next movement or count on",
        ),
        key="book",
        place="site",
    )
    State: ClassVar = Episode
    Parameters: ClassVar = Parameters
    stricter: ClassVar[dict[str, Literal["lower", "higher"]]] = {"allowed_percent": "lower", "red_percent": "lower"}
    sees: ClassVar[frozenset[type[Body]]] = frozenset((Movement, Count))

    def start(self) -> Episode:
        """No episode."""
        return Episode()

    def see(self, state: Episode, step: Step, view: View) -> tuple[Episode, Sequence[Claim]]:
        """Open above the capacity, keep the highest, close at or below."""
        book, body, fact = step.after, step.fact.body, step.fact
        if not isinstance(book, Book) or not isinstance(body, Movement | Count):
            return state, ()
        capacity = _capacity(body, fact, view)
        terms = view.terms("B6", fact.at, category=body.category, area=body.area, unit=body.unit)
        if capacity is None or book.balance * 100 <= capacity * terms.parameters.allowed_percent:
            return Episode(), () if state.open is None else (end(state.open, fact),)
        highest = book.balance
        if state.open is not None:
            highest = max(highest, int(state.open.numbers["highest"]))
        numbers: dict[str, Number] = {
            "balance": book.balance,
            "highest": highest,
            "capacity": capacity,
            "measure": body.measure.value,
        }
        if state.open is None:
            claim = begin(fact, body, terms.speaks(fact.at), numbers)
        else:
            claim = go_on(state.open, fact, numbers)
        if book.balance * 100 > capacity * terms.parameters.red_percent:
            claim = replace(claim, severity=Severity.RED)
        return Episode(claim), (claim,)

    def explain(self, finding: Finding, lang: Literal["zh", "en"]) -> str:
        """The balance now and at its highest, against the capacity."""
        claim = finding.claim
        measure = measure_of(claim)
        highest, capacity = (show_quantity(int(claim.numbers[name]), measure) for name in ("highest", "capacity"))
        percent = int(claim.numbers["highest"]) * 100 // max(int(claim.numbers["capacity"]), 1)
        if lang == "zh":
            close = "" if claim.until is None else "现已回到限量之内。"
            return (
                f"{claim.site} 的 {claim.goods} 账面结存最高达 {highest}，超过限制存放量 {capacity}（达 "
                f"{percent}%)。{close}"
            )
        close = "" if claim.until is None else " It is within the capacity again."
        return (
            f"The book of {claim.goods} at {claim.site} reached {highest}, above the capacity of {capacity} "
            f"({percent} %).{close}"
        )


def _capacity(body: Movement | Count, fact: Fact, view: View) -> int | None:
    """The capacity in force in base units; None where there is none in the goods' measure."""
    entry = view.reference.in_force(CapacityEntry, f"{body.site}/{body.goods}", fact.at, body.unit)
    if entry is None:
        return None
    amount = parse_quantity(entry.quantity.value, entry.quantity.unit)
    return amount.base if isinstance(amount, Amount) and amount.measure is body.measure else None
