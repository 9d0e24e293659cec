"""C9 超期盘存: a book that holds something is counted within the interval of its category.

Law kept: the clock runs from the last physical count, or from when the book last began to hold something; the
deadline passes by time alone, and the finding bears its instant. An estimate is no count.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, ClassVar, Literal

from msgspec import Meta, Struct
from msgspec.structs import replace

from detectors.claim import Claim, Finding
from detectors.detector import Card, Step, View
from detectors.episode import begin, end
from events.time import Instant, civil_day, day_start, format_instant
from ledger.account import Book
from ledger.fact import Body, Count, Fact, Movement


class Parameters(Struct, frozen=True, forbid_unknown_fields=True):
    """``interval_days``: civil days after the day of a count by whose end the next must have been."""

    interval_days: Annotated[int, Meta(ge=1, le=1_100)] = 366


class Clock(Struct, frozen=True, array_like=True, gc=False):
    """What is due while the book holds something: the claim as it will stand from its ``since`` on."""

    owed: Claim | None = None


class StocktakeOverdue:
    """Claims from the deadline on until the next count, or until the book is empty; evidence: the last count."""

    card: ClassVar = Card(
        id="C9",
        name="STOCKTAKE_OVERDUE",
        title=("超期盘存", "Stocktake overdue"),
        predicate=(
            "账面有结存，而距上次实物盘存（新账自建账起）已超过该类别规定的间隔；估算不算盘存",
            "the book holds something and its last physical count (a new book: its opening) is longer ago than its "
            "category allows; an estimate is no count",
        ),
        misses=(
            "照抄账面数的假盘点；未建账的存货；账面为零的库",
            "a count that was only copied from the book; stock that is on no book; a store whose book is empty",
        ),
        key="book",
        place="site",
    )
    State: ClassVar = Clock
    Parameters: ClassVar = Parameters
    stricter: ClassVar[dict[str, Literal["lower", "higher"]]] = {"interval_days": "lower"}
    clocks: ClassVar = ("interval_days",)
    sees: ClassVar[frozenset[type[Body]]] = frozenset((Movement, Count))

    def start(self) -> Clock:
        """No book yet."""
        return Clock()

    def see(self, state: Clock, step: Step, view: View) -> tuple[Clock, Sequence[Claim]]:
        """Start the clock at a count and where a book begins to hold something; stop it where it is empty."""
        fact, body, book = step.fact, step.fact.body, step.after
        if not isinstance(book, Book):
            return state, ()
        owed, holds = state.owed, book.balance > 0
        counted = isinstance(body, Count) and not body.estimated
        if not counted and holds is (owed is not None):
            return state, ()
        ended = () if owed is None or fact.at < owed.since else (end(owed, fact),)
        if not holds or not isinstance(body, Movement | Count):
            return (state if owed is None else Clock()), ended
        return Clock(_owed(fact, body, view)), ended

    def at(self, state: Clock, now: Instant, view: View) -> Sequence[Claim]:
        """The claim, once its deadline has passed."""
        return () if state.owed is None or now < state.owed.since else (state.owed,)

    def wakes(self, state: Clock, view: View) -> Sequence[Instant]:
        """The deadline."""
        return () if state.owed is None else (state.owed.since,)

    def explain(self, finding: Finding, lang: Literal["zh", "en"]) -> str:
        """Since when nobody has counted, and when it was due."""
        claim, numbers = finding.claim, finding.claim.numbers
        last, due = (format_instant(int(numbers[name])) for name in ("last_counted_at", "due"))
        days, counted = numbers["interval_days"], numbers["runs_from"] == "count"
        if lang == "zh":
            since = f"上次盘存为 {last}" if counted else f"自 {last} 有结存以来未盘存"
            then = "至今未盘。" if claim.until is None else f"直到 {format_instant(claim.until)}。"
            return f"{claim.site} 的 {claim.goods} {since}，应在 {days} 日内（{due} 前）盘存，{then}"
        since = f"was last counted at {last}" if counted else f"has not been counted since there was any, at {last}"
        then = "nobody has." if claim.until is None else f"that was over only at {format_instant(claim.until)}."
        return f"{claim.goods} at {claim.site} {since}; it was to be counted within {days} days, by {due}: {then}"


def _owed(fact: Fact, body: Movement | Count, view: View) -> Claim:
    """What stands from the deadline on if nobody counts."""
    terms = view.terms("C9", fact.at, category=body.category, area=body.area, unit=body.unit)
    due = day_start(civil_day(fact.at) + terms.parameters.interval_days + 1)
    claim = begin(
        fact,
        body,
        terms.speaks(due),
        {
            "last_counted_at": fact.at,
            "runs_from": "count" if isinstance(body, Count) else "opening",
            "interval_days": terms.parameters.interval_days,
            "due": due,
        },
    )
    return replace(claim, since=due)
