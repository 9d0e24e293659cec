"""A batch that cannot be taken whole is taken in pieces, and only what cannot be taken alone is left out.

Law kept: an event that the books cannot take is refused by itself; what stands beside it is taken as if it had not
been there. Looked out for are errors of the code: the world failing (`OSError`), a full memory or an error of the
database passes through and stops the batch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final, Literal, TypeVar

from events.intake import Arrival, Record, read, refuse
from events.rejection import Reason, Rejection, Source

CANNOT: Final = (
    ArithmeticError, AssertionError, AttributeError, LookupError, NameError, RecursionError, TypeError, ValueError,
)  # fmt: skip
"""What a step raises where the books cannot take an event."""
AfterFault = Literal["go_on", "stop"]
"""What an engine does once it has refused an event that the books cannot take."""
T = TypeVar("T")


class Stopped(Exception):
    """The books could not take an event and the installation is set to stop there: it is refused, and committed."""


class Its(ValueError):
    """What the books cannot take is the item's own, not something else's that it set off."""


def piecemeal(
    items: Sequence[T],
    take: Callable[[Sequence[T]], None],
    refuse: Callable[[T, Exception], None],
    carefully: Callable[[T], None] | None = None,
) -> None:
    """Take items in order, in as few stretches as go; ``take`` leaves nothing behind where it raises.

    What fails alone is taken ``carefully`` where there is a way: an entry that lets waiting reports be booked is
    not to blame for one that the books cannot take. Where that fails too, or raises `Its`, it is refused.

    >>> taken: list[int] = []
    >>> piecemeal([6, 3, 0, 2], lambda part: taken.extend([6 // one for one in part]), lambda item, error: None)
    >>> taken
    [1, 2, 3]
    """
    try:
        take(items)
    except CANNOT as error:
        if not items:
            raise
        if len(items) > 1:
            half = len(items) // 2
            piecemeal(items[:half], take, refuse, carefully)
            piecemeal(items[half:], take, refuse, carefully)
        elif carefully is None or not _taken(carefully, items[0]):
            refuse(items[0], error)


def _taken(carefully: Callable[[T], None], item: T) -> bool:
    try:
        carefully(item)
    except CANNOT:
        return False
    return True


def cannot_take(record: Record, error: Exception) -> Rejection:
    """The refusal of one record that the books cannot take, with its bytes."""
    try:
        decided = read(record)
    except CANNOT:
        decided = None
    event = decided.event if isinstance(decided, Arrival) else None
    return refuse(record, Reason.BOOKS_CANNOT_TAKE, "", said(error), event)


def blame(refusals: Iterable[Rejection], source: Source | None) -> None:
    """Raise `Its` where an item from this source is itself among what the books could not take."""
    for refusal in refusals:
        if refusal.reason is Reason.BOOKS_CANNOT_TAKE and refusal.source == source:
            raise Its(refusal.detail)


def said(error: Exception) -> str:
    """What a refusal says of the fault.

    >>> said(ZeroDivisionError("by zero"))
    'ZeroDivisionError: by zero'
    """
    return f"{type(error).__name__}: {error}"
