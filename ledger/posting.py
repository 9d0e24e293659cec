"""Double entry: every movement takes from one account and gives to another.

Law kept: conservation (law 1). Since each posting has two sides, opening + produced + brought in + adjusted −
consumed − destroyed − sent outside = Σ books + in transit + declared losses holds at every instant.
"""

from __future__ import annotations

from typing import NamedTuple

from ledger.fact import Movement

BOOK = "book"
OPENING, OUTSIDE, PRODUCED, CONSUMED, DESTROYED, ADJUSTED, LOST = (
    "opening",
    "outside",
    "produced",
    "consumed",
    "destroyed",
    "adjusted",
    "lost",
)


_SIGN = {
    "open": 1, "receive": 1, "return": 1, "produce": 1,
    "issue": -1, "consume": -1, "destroy": -1, "declare_loss": -1,
}  # fmt: skip
_FROM_HOLDER = frozenset(("consume", "declare_loss"))
"""What a shift or a consignment holds has left the book when it was issued."""


class Posting(NamedTuple):
    """Two account names: ``book`` is the reporting site's; transit and shifts are named by their id."""

    debit: str
    credit: str


def transit(consignment: str) -> str:
    """The account of goods under way on a consignment."""
    return f"transit:{consignment}"


def in_shift(site: str, shift: str) -> str:
    """The account of goods issued to a shift and not yet used or returned."""
    return f"shift:{site}/{shift}"


def posting(movement: Movement) -> Posting:
    """The account that a movement takes from, and the one that it gives to.

    A movement without consignment or shift comes from, or goes, outside. Consuming or losing what a shift or a
    consignment holds leaves the book alone: issuing has already taken it out.
    """
    held_by = _holder(movement)
    match movement.operation:
        case "open":
            return Posting(OPENING, BOOK)
        case "receive" | "return":
            return Posting(held_by or OUTSIDE, BOOK)
        case "issue":
            return Posting(BOOK, held_by or OUTSIDE)
        case "produce":
            return Posting(PRODUCED, BOOK)
        case "consume":
            return Posting(held_by or BOOK, CONSUMED)
        case "destroy":
            return Posting(BOOK, DESTROYED)
        case "declare_loss":
            return Posting(held_by or BOOK, LOST)
        case "adjust":
            return Posting(ADJUSTED, BOOK) if movement.direction == "in" else Posting(BOOK, ADJUSTED)
        case other:
            raise ValueError(f"no posting for operation {other}")


def book_delta(movement: Movement) -> int:
    """What a movement does to its site's book, in base units; 0 where it moves only what is already out."""
    operation = movement.operation
    if operation == "adjust":
        return movement.amount if movement.direction == "in" else -movement.amount
    if operation in _FROM_HOLDER and (movement.consignment is not None or movement.shift is not None):
        return 0
    return _SIGN[operation] * movement.amount


def _holder(movement: Movement) -> str | None:
    if movement.consignment is not None:
        return transit(movement.consignment)
    if movement.shift is not None:
        return in_shift(movement.site, movement.shift)
    return None
