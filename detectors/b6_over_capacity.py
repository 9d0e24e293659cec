"""B6 超量储存: a site holds more of a goods than it may.

Law kept: the capacity in force when the goods moved decides. One episode lasts until the book has stayed within
the capacity for a while, and what was grave once stays grave until then.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal

from msgspec import Struct
from msgspec.structs import replace

from detectors.claim import Claim, Finding, Number, Severity, measure_of
from detectors.detector import Card, Step, View
from detectors.episode import begin, end, go_on
from events.quantity import Amount, parse_quantity, show_quantity
from events.registry import CapacityEntry
from events.time import HOUR, Instant
from ledger.account import Book
from ledger.fact import Body, Count, Fact, Movement


class Parameters(Struct, frozen=True, forbid_unknown_fields=True):
    """Percent of the capacity: above ``allowed_percent`` it is claimed, above ``red_percent`` it is red.

    ``quiet_h``: hours within the capacity after which the episode is over; coming back sooner continues it.
    """

    allowed_percent: int = 100
    red_percent: int = 120
    quiet_h: float = 72.0


class Level(Struct, frozen=True, array_like=True, gc=False):
    """The episode; ``ended`` is how it will read from ``over_at`` on if the book stays within the capacity."""

    open: Claim | None = None
    ended: Claim | None = None
    over_at: Instant = 0


class _Held(Struct, frozen=True, gc=False):
    """What the book has against what it may have."""

    balance: int
    capacity: int
    allowed_percent: int


class OverCapacity:
    """Claims while the book's balance exceeds the capacity; evidence: highest balance, capacity, times above.

    A store that is kept at its limit goes above and below it daily: that is one matter, not one a day.
    """

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
    State: ClassVar = Level
    Parameters: ClassVar = Parameters
    stricter: ClassVar[dict[str, Literal["lower", "higher"]]] = {
        "allowed_percent": "lower",
        "red_percent": "lower",
        "quiet_h": "higher",
    }
    sees: ClassVar[frozenset[type[Body]]] = frozenset((Movement, Count))

    def start(self) -> Level:
        """No episode."""
        return Level()

    def see(self, state: Level, step: Step, view: View) -> tuple[Level, Sequence[Claim]]:
        """Open above the capacity, keep the highest, end at or below it once it stays there."""
        book, body, fact = step.after, step.fact.body, step.fact
        if not isinstance(book, Book) or not isinstance(body, Movement | Count):
            return state, ()
        over: tuple[Claim, ...] = ()
        if state.ended is not None and fact.at >= state.over_at:
            over, state = (state.ended,), Level()
        capacity = _capacity(body, fact, view)
        if capacity is None and state.open is None:
            return state, over
        terms = view.terms("B6", fact.at, category=body.category, area=body.area, unit=body.unit)
        if capacity is None or book.balance * 100 <= capacity * terms.parameters.allowed_percent:
            if state.open is not None and state.ended is None:
                quiet = round(terms.parameters.quiet_h * HOUR)
                state = Level(state.open, end(state.open, fact), fact.at + quiet)
            return state, over
        claim = _above(state, fact, body, _Held(book.balance, capacity, terms.parameters.allowed_percent))
        if state.open is None:
            claim = replace(claim, speaks_at=terms.speaks(fact.at))
        if book.balance * 100 > capacity * terms.parameters.red_percent:
            claim = replace(claim, severity=Severity.RED)
        return Level(claim), (*over, claim)

    def at(self, state: Level, now: Instant, view: View) -> Sequence[Claim]:
        """The end of an episode that has been quiet for long enough."""
        return () if state.ended is None or now < state.over_at else (state.ended,)

    def wakes(self, state: Level, view: View) -> Sequence[Instant]:
        """When it has been quiet for long enough."""
        return () if state.ended is None else (state.over_at,)

    def explain(self, finding: Finding, lang: Literal["zh", "en"]) -> str:
        """The balance now and at its highest, against the capacity."""
        claim = finding.claim
        measure = measure_of(claim)
        highest, capacity = (show_quantity(int(claim.numbers[name]), measure) for name in ("highest", "capacity"))
        percent = int(claim.numbers["highest"]) * 100 // max(int(claim.numbers["capacity"]), 1)
        allowed = claim.numbers["allowed_percent"]
        if lang == "zh":
            close = "" if claim.until is None else "现已回到限量之内。"
            most = "" if allowed == 100 else f" 的 {allowed}%"
            return (
                f"{claim.site} 的 {claim.goods} 账面结存最高达 {highest}，超过限制存放量 {capacity}{most}（达 "
                f"{percent}%）。{close}"
            )
        close = "" if claim.until is None else " It is within what is allowed again."
        most = "" if allowed == 100 else f"{allowed} % of "
        return (
            f"The book of {claim.goods} at {claim.site} reached {highest}, above {most}the capacity of {capacity} "
            f"({percent} %).{close}"
        )


def _above(state: Level, fact: Fact, body: Movement | Count, held: _Held) -> Claim:
    """The episode with one more fact above what is allowed."""
    highest, times = held.balance, 1
    if state.open is not None:
        highest = max(highest, int(state.open.numbers["highest"]))
        times = int(state.open.numbers["times"]) + (state.ended is not None)
    numbers: dict[str, Number] = {
        "highest": highest,
        "capacity": held.capacity,
        "allowed_percent": held.allowed_percent,
        "times": times,
        "measure": body.measure.value,
    }
    return begin(fact, body, fact.at, numbers) if state.open is None else go_on(state.open, fact, numbers)


def _capacity(body: Movement | Count, fact: Fact, view: View) -> int | None:
    """The capacity in force in base units; None where there is none in the goods' measure."""
    site, goods, unit, measure = body.site, body.goods, body.unit, body.measure

    def find(then: Instant) -> int | None:
        entry = view.reference.in_force(CapacityEntry, f"{site}/{goods}", then, unit)
        if entry is None:
            return None
        amount = parse_quantity(entry.quantity.value, entry.quantity.unit)
        return amount.base if isinstance(amount, Amount) and amount.measure is measure else None

    return view.reference.lasting(CapacityEntry, (site, goods, unit, measure), fact.at, find)
