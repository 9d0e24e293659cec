"""Lines of a book as the projection keeps them: one movement or count each, as it now stands.

Law kept: lines are read in event order, (at, rank, fact); a fact that has left its book is no line.
"""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from events.quantity import Measure
from events.time import Instant

COLUMNS: Final = (
    "fact, at, rank, received_at, revision, kind, operation, amount, delta, measure, category, unit, area, "
    'counterparty, consignment, permit, topic, partition, "offset", body, '
    "coalesce(kind = 'count' AND json_extract(body, '$[10]'), 0)"
)
"""A line's columns; whether a count is an estimate is in its body, whose fields keep their places for ever."""


class Line(Struct, frozen=True):
    """One line of a book: a movement or a count. Amounts are base units of ``measure``."""

    fact: str
    at: Instant
    rank: int
    received_at: Instant
    revision: int
    kind: str
    operation: str
    amount: int
    delta: int
    measure: Measure
    category: str
    unit: str
    area: str
    counterparty: str | None
    consignment: str | None
    permit: str | None
    topic: str
    partition: int
    offset: int
    body: str
    estimated: bool = False


def line_of(row: tuple[object, ...]) -> Line:
    """The line of a row of ``COLUMNS``."""
    values: list[object] = list(row)
    values[9] = Measure(str(row[9]))
    values[20] = bool(row[20])
    return Line(*values)  # type: ignore[arg-type]  # a row of the projection's own table, column by column


def agrees(difference: int, whole: int, measure: Measure) -> bool:
    """Whether a difference is small at a glance: none where goods are counted, to 1 % of the whole where measured.

    Whether it is beyond the instruments' error is for the detectors to say, not for a page.
    """
    return difference == 0 if measure is Measure.COUNT else abs(difference) * 100 <= abs(whole)
