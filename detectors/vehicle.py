"""A vehicle under watch: one cell a minute, held as packed quarters of an hour; its trips stand before them.

Laws kept: a cell is merged by first, last, min, max and or, so that order and repetition of fixes cannot matter; no
fact and no name is made of a fix: only a cell that a rule must look at becomes one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from detectors.cells import (
    EMPTY,
    LOADED,
    QUARTER,
    Place,
    Seen,
    merge,
    pack,
    seal,
    seen_of,
    unpack,
    unseal,
)
from detectors.fold import Folded, copy_fold
from detectors.subject import BEFORE_ALL, Order, Subject
from events.identity import kind_of
from events.time import DAY, HOUR, MINUTE, Instant, civil_day
from ledger.fact import INWARD, STANDING, Cell, Fact, Fix, Leg, Ref

if TYPE_CHECKING:
    from detectors.roads.riding import Riding

MINUTES: Final = QUARTER // MINUTE
ENDS: Final = ("arrive", "cancel")
NEVER: Final = 2**62


class Vehicle(Subject):
    """The cells of a vehicle over the facts that stand before them (``facts``, ``order``).

    ``current`` is the latest cell, ``sealed`` those before it in its quarter, ``earlier`` when the last began.
    ``fresh`` are the cells after ``tail`` that nothing has looked at, ``current`` left out (None: to be read
    again); ``riding`` is what is known of the cells looked at since; ``retold`` from when on trips were told anew.
    """

    __slots__ = (
        "calm_until",
        "current",
        "earlier",
        "ended",
        "fresh",
        "minute",
        "name",
        "quarters",
        "retold",
        "riding",
        "sealed",
        "sources",
    )

    def __init__(self, key: str, horizon: Instant = BEFORE_ALL[0]) -> None:
        super().__init__(key, horizon)
        self.name = key.partition(":")[2]
        self.quarters: dict[int, bytes] = {}
        self.current: Seen | None = None
        self.minute = -1
        self.sealed = bytearray()
        self.sources: list[tuple[str, int]] = []
        self.ended: Place | None = None
        self.earlier: Instant = BEFORE_ALL[0]
        self.fresh: list[Seen] | None = None
        self.riding: Riding | None = None
        self.retold: Instant | None = None
        self.calm_until: Instant = BEFORE_ALL[0]

    def put(self, fact: Fact) -> Fact | None:
        """Take a trip's stage, or a whole cell."""
        if isinstance(fact.body, Cell):
            return fact if self.take(seen_of(fact)) else None
        known = self.facts.get(fact.id)
        if super().put(fact) is None:
            return None
        self.forgotten = False
        for told in (known, fact):
            if told is not None:
                self.retold = min(self._matters_from(told), NEVER if self.retold is None else self.retold)
        return fact

    def take(self, cell: Seen) -> bool:
        """Take a cell, or what more is known of one (a fix is a cell too); False where it changes nothing."""
        minute, now = cell[0][0] // MINUTE, self.current
        if now is None or minute > self.minute:
            self._begin(minute, cell)
            return True
        if minute < self.minute:
            return self._late(minute, cell)
        new = merge(now, cell)
        if new == now:
            return False
        self.current = new
        self.changed[minute // MINUTES] = BEFORE_ALL
        if self.tail_at[0] >= minute * MINUTE:
            self.tail = self.fresh = self.riding = None
        return True

    def ridden(self, cells: Sequence[Seen]) -> None:
        """Take cells that were ridden over, the first of them the latest as it has grown."""
        self.current = cells[0]
        self.changed[self.minute // MINUTES] = BEFORE_ALL
        for cell in cells[1:]:
            self._begin(cell[0][0] // MINUTE, cell)
        self.fresh = []

    def held_from(self) -> Instant | None:
        """When the first minute begins that is held."""
        if self.quarters:
            first = min(self.quarters)
            return next(unpack(self.quarters[first], first))[0][0] // MINUTE * MINUTE
        first_seen = next(self.cells(), self.current)
        return None if first_seen is None else first_seen[0][0] // MINUTE * MINUTE

    def cells(self, after: Instant = BEFORE_ALL[0]) -> Iterator[Seen]:
        """The cells of the minutes that begin after an instant, in order, ``current`` left out."""
        if after == self.earlier:
            return
        least = after // MINUTE
        for quarter in sorted(quarter for quarter in self.quarters if quarter >= least // MINUTES):
            yield from (cell for cell in unpack(self.quarters[quarter], quarter) if cell[0][0] // MINUTE > least)
        now = unseal(self.sources, self.sealed, self.minute // MINUTES)
        yield from (cell for cell in now if cell[0][0] // MINUTE > least)

    def packed(self, quarter: int) -> bytes | None:
        """A quarter as it is stored; None where nothing is held of it."""
        if self.current is None or quarter != self.minute // MINUTES:
            return self.quarters.get(quarter)
        last = seal(self.current, self.ended, self.sources)
        return pack(self.sources, bytes(self.sealed) + last)

    def load(self, quarters: Mapping[int, bytes]) -> None:
        """Take all quarters as they were stored."""
        for quarter in sorted(quarters):
            for cell in unpack(quarters[quarter], quarter):
                self._begin(cell[0][0] // MINUTE, cell)
        self.changed.clear()

    def drop_cells(self, horizon: Instant) -> None:
        """Forget the cells of closed time, which ends with a quarter."""
        over = [quarter for quarter in self.quarters if quarter * QUARTER < horizon]
        for quarter in over:
            del self.quarters[quarter]
        self.changed.update(dict.fromkeys(over, BEFORE_ALL))
        if self.current is not None and self.minute * MINUTE < horizon:
            self.changed[self.minute // MINUTES] = BEFORE_ALL
            self.current, self.minute = None, -1
            self._open()

    def close_until(self, horizon: Instant, base: Folded) -> None:
        """Put what closed time adds up to in place of its cells; the marks behind it stay good."""
        self.drop_cells(horizon)
        self.base, self.base_changed = base, True
        self.marks = [(at, fold) for at, fold in self.marks if at[0] >= horizon]

    def fact(self, cell: Seen) -> Fact:
        """A cell as a fact, for the rules that must look at it."""
        first, last, alarms, load, received_at, source = cell
        body = Cell(Fix(*first), Fix(*last), alarms, bool(load & LOADED), bool(load & EMPTY))
        at, rank, name = self.order_of(cell)
        return Fact(name, at, rank, 0, 0, received_at, source, body)

    def ref(self, cell: Seen) -> Ref:
        """The citation of a cell."""
        return Ref(f"{self.name}@{cell[0][0] // MINUTE}", cell[5])

    def order_of(self, cell: Seen) -> Order:
        """Where a cell stands in event order."""
        minute = cell[0][0] // MINUTE
        return (minute * MINUTE, INWARD, f"{self.name}@{minute}")

    def _begin(self, minute: int, cell: Seen) -> None:
        """A new latest cell: the one before it is sealed."""
        now, quarter = self.current, minute // MINUTES
        if now is not None:
            if quarter == self.minute // MINUTES:
                self.sealed += seal(now, self.ended, self.sources)
                self.ended = now[1][1:]
            else:
                self.quarters[self.minute // MINUTES] = self.packed(self.minute // MINUTES) or b""
                self._open()
            self.earlier = self.minute * MINUTE
            if self.fresh is not None and self.tail_at[0] < self.earlier:
                self.fresh.append(now)
        self.current, self.minute, self.forgotten = cell, minute, False
        self.changed[quarter] = BEFORE_ALL

    def _open(self) -> None:
        """Begin an empty quarter."""
        self.sealed, self.sources, self.ended = bytearray(), [], None

    def _late(self, minute: int, cell: Seen) -> bool:
        """Take a cell of an earlier minute: its quarter is sealed anew, and what was folded over it goes."""
        quarter = minute // MINUTES
        now = quarter == self.minute // MINUTES
        held = self.quarters.get(quarter)
        known = unseal(self.sources, self.sealed, quarter) if now else unpack(held, quarter) if held else iter(())
        cells = {one[0][0] // MINUTE: one for one in known}
        old = cells.get(minute)
        cells[minute] = cell if old is None else merge(old, cell)
        if cells[minute] == old:
            return False
        sources: list[tuple[str, int]] = []
        sealed, ended = bytearray(), None
        for at in sorted(cells):
            sealed += seal(cells[at], ended, sources)
            ended = cells[at][1][1:]
        if now:
            self.sealed, self.sources, self.ended = sealed, sources, ended
        else:
            self.quarters[quarter] = pack(sources, bytes(sealed))
        self.earlier = max(self.earlier, minute * MINUTE)
        self.changed[quarter] = BEFORE_ALL
        self._unfold((minute * MINUTE, INWARD, f"{self.name}@{minute}"))
        return True

    def mark(self) -> None:
        """Remember the fold as it stands: a quarter's last for an hour, an hour's for eight, then a day's."""
        if self.tail is None or (self.marks and self.marks[-1][0] >= self.tail_at):
            return
        self.marks.append((self.tail_at, copy_fold(self.tail)))
        now = self.tail_at[0]
        spans = [_span(at[0], now) for at, _ in self.marks]
        self.marks = [mark for nth, mark in enumerate(self.marks) if spans[nth] not in spans[nth + 1 : nth + 2]]

    def unfold(self) -> None:
        """As of any key."""
        super().unfold()
        self.fresh = self.riding = None

    def unfold_from(self, order: Order) -> None:
        """Forget what was folded from a place in event order on."""
        if self.tail is None or order <= self.tail_at:
            # What was claimed may have to be taken back.
            self.calm_until = BEFORE_ALL[0]
        super()._unfold(order)
        self.fresh = self.riding = None

    def _matters_from(self, fact: Fact) -> Instant:
        """From when on a trip's stage can change what is folded; of a plan, allowances before departure apart."""
        leg = fact.body
        if not isinstance(leg, Leg):
            return BEFORE_ALL[0]
        if leg.stage not in ("plan", *ENDS):
            return NEVER
        plans = (known.body for known in self.facts.values() if isinstance(known.body, Leg))
        departs = [plan.depart_at for plan in plans if plan.stage == "plan" and plan.consignment == leg.consignment]
        if leg.stage == "plan":
            return min(leg.depart_at, *departs, leg.depart_at)
        return min(fact.at, *departs) if departs else NEVER

    def _unfold(self, order: Order) -> None:
        # What stands is told of by ``retold``: not everything before it is folded anew.
        if order[1] != STANDING:
            self.unfold_from(order)


def _span(at: Instant, now: Instant) -> tuple[Instant, int]:
    """The stretch of time of which one mark is kept."""
    if now - at < HOUR:
        return QUARTER, at // QUARTER
    return (HOUR, at // HOUR) if now - at < 8 * HOUR else (DAY, civil_day(at))


def subject_of(key: str, horizon: Instant = BEFORE_ALL[0]) -> Subject:
    """A key under watch of which nothing is known yet."""
    return Vehicle(key, horizon) if kind_of(key) == "vehicle" else Subject(key, horizon)
