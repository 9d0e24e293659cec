"""Ride: folds a vehicle's cells, ordinary ones by a few comparisons, the others by the rules themselves.

Law kept: both ways end in the same findings and, but for where D2 looks first, in the same states. A look at a
vehicle of which nothing is to be said makes no fact, no state and no claim.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, TypeAlias

from msgspec import Struct

from detectors.cells import EMPTY, LOADED, QUARTER, Seen, merge
from detectors.detector import Detector, Step, View
from detectors.fold import Folded
from detectors.roads.fixes import FORGOTTEN
from detectors.roads.ordinary import Ridden, Run, together
from detectors.roads.riding import Riding
from detectors.roads.window import window_at
from detectors.subject import AFTER_ALL, BEFORE_ALL, Order
from detectors.vehicle import Vehicle
from detectors.world import World
from events.time import MINUTE, Instant
from ledger.account import Driving, apply
from ledger.fact import INWARD, STANDING, Cell, Fact

NOTED: Final = "ride"
"""Under what the bounds are noted in a world."""
STOOD: Final[Order] = (0, INWARD, "")
"""Behind all facts that stand, before all cells."""

Fold: TypeAlias = Callable[[Folded, Iterable[Fact], View], Folded]


class Bounds(Struct, frozen=True):
    """What holds under every policy that is in force at some time: what each rule may go by, the longest grace, and
    how long before its departure a trip matters at most."""

    allowed: Mapping[str, Sequence[Any]]
    grace: Instant
    early: Instant


class Ride:
    """Vehicles under the rules of the road; ``fold`` is the watch's own, exact for any cell."""

    def __init__(self, detectors: Sequence[Detector], fold: Fold) -> None:
        self._rules = {d.card.id: d for d in detectors if Cell in d.sees and isinstance(d, Ridden)}
        self._rides = all(d.card.id in self._rules for d in detectors if Cell in d.sees)
        self._fold = fold

    def passes(self, vehicle: Vehicle, now: Instant, view: View) -> bool:
        """Look at a vehicle in passing; False where the watch must look itself."""
        bounds, current = self._bounds(view.world), vehicle.current
        if bounds is None or current is None or not self._ready(vehicle, now, bounds, view):
            return False
        riding = vehicle.riding
        if riding is None or not riding.admits(current):
            riding = self._remount(vehicle, current, bounds, view)
        return riding is not None and _told_nothing(vehicle, riding, current, now)

    def skims(self, vehicle: Vehicle, cells: Iterable[Seen], now: Instant, view: View) -> bool:
        """Take cells and look in passing once; False, and nothing is taken, where one must be looked at."""
        bounds, current, minute = self._bounds(view.world), vehicle.current, vehicle.minute
        if bounds is None or current is None or not self._ready(vehicle, now, bounds, view):
            return False
        merged = [current]
        for cell in cells:
            begins = cell[0][0] // MINUTE
            if begins == minute:
                merged[-1] = merge(merged[-1], cell)
            elif begins > minute:
                merged.append(cell)
                minute = begins
            else:
                return False
        riding = vehicle.riding or self._remount(vehicle, merged[0], bounds, view)
        if riding is None:
            return False
        before = riding.where()
        for nth, cell in enumerate(merged, 1):
            if not riding.admits(cell):
                riding.go_back(before)
                return False
            if nth < len(merged):
                riding.take(cell)
        if not _told_nothing(vehicle, riding, merged[-1], now):
            riding.go_back(before)
            return False
        quarter = vehicle.minute * MINUTE // QUARTER
        vehicle.ridden(merged)
        if quarter != vehicle.minute * MINUTE // QUARTER:
            self._settle(vehicle, view)
            vehicle.mark()
        return True

    def forgotten(self, vehicle: Vehicle) -> bool:
        """Whether nothing left of a quiet vehicle can matter: no trip, nothing said, no fix for a day."""
        base, since = vehicle.base, vehicle.horizon - FORGOTTEN
        if vehicle.held_from() is not None or vehicle.facts or vehicle.said or base.claims or base.failed:
            return False
        known = ((rule, base.states.get(name)) for name, rule in self._rules.items())
        return self._rides and all(state is None or rule.spent(state, since) for rule, state in known)

    def _ready(self, vehicle: Vehicle, now: Instant, bounds: Bounds, view: View) -> bool:
        """Bring what is known of a vehicle up to the cell before its latest; whether that can be ridden on from."""
        if now >= vehicle.calm_until or vehicle.rejudge or vehicle.retold is not None:
            return False
        if vehicle.tail is None or vehicle.tail_at[0] >= vehicle.minute * MINUTE:
            self._resume(vehicle, view)
        return vehicle.fresh == [] or self._catch_up(vehicle, bounds, view)

    def _catch_up(self, vehicle: Vehicle, bounds: Bounds, view: View) -> bool:
        """Ride over the cells that came since the last look, the latest left out; a quarter's end is marked."""
        fresh = vehicle.fresh
        if fresh is None:
            fresh = vehicle.fresh = list(vehicle.cells(vehicle.tail_at[0]))
        for nth, cell in enumerate(fresh):
            riding = vehicle.riding
            if riding is None or not riding.admits(cell):
                riding = self._remount(vehicle, cell, bounds, view)
                if riding is None:
                    del fresh[:nth]
                    return False
            riding.take(cell)
        if fresh and fresh[-1][0][0] // QUARTER != vehicle.minute * MINUTE // QUARTER:
            self._settle(vehicle, view)
            vehicle.mark()
        fresh.clear()
        return True

    def advance(self, vehicle: Vehicle, view: View) -> Folded:
        """The fold at the last fact, exact; the cell before the latest is marked, for the latest still grows."""
        if vehicle.retold is not None:
            self._retell(vehicle, self._bounds(view.world), view)
        if vehicle.tail is None:
            self._resume(vehicle, view)
        current = vehicle.current
        if current is not None and vehicle.tail_at[0] < vehicle.minute * MINUTE:
            self._settle(vehicle, view)
            fresh = vehicle.fresh if vehicle.fresh is not None else list(vehicle.cells(vehicle.tail_at[0]))
            vehicle.tail = self._walk(vehicle, _of(vehicle.tail), fresh, view)
            if fresh:
                vehicle.tail_at = vehicle.order_of(fresh[-1])
            vehicle.mark()
            vehicle.tail = self._fold(_of(vehicle.tail), (vehicle.fact(current),), view)
            vehicle.tail_at, vehicle.fresh, vehicle.riding = vehicle.order_of(current), [], None
        return _of(vehicle.tail)

    def closed(self, vehicle: Vehicle, horizon: Instant, view: View) -> Folded:
        """What the base and the cells before a horizon add up to: from the last mark among them on."""
        at, start = self._from(vehicle, (horizon, STANDING, ""), view)
        cells = [*vehicle.cells(at[0]), *((vehicle.current,) if vehicle.current is not None else ())]
        over = [cell for cell in cells if at[0] < cell[0][0] // MINUTE * MINUTE < horizon]
        folded = self._walk(vehicle, start, over, view)
        return Folded(vehicle.base.account, folded.states, folded.claims, folded.failed)

    def _resume(self, vehicle: Vehicle, view: View) -> None:
        """Fold on from the last mark, or from the base."""
        vehicle.tail_at, vehicle.tail = self._from(vehicle, AFTER_ALL, view)
        vehicle.fresh = vehicle.riding = None

    def _from(self, vehicle: Vehicle, until: Order, view: View) -> tuple[Order, Folded]:
        """The last mark up to a place in event order, or the base, under the trips as they are known now."""
        at, fold = vehicle.resume(until)
        return max(at, STOOD), self._standing(vehicle, fold)

    def _standing(self, vehicle: Vehicle, fold: Folded) -> Folded:
        """A fold over cells under the trips that stand before them all."""
        account = vehicle.base.account
        for fact in vehicle.standing():
            account = apply(account, fact)
        return Folded(account, fold.states, fold.claims, fold.failed)

    def _retell(self, vehicle: Vehicle, bounds: Bounds | None, view: View) -> None:
        """Trips were told of: what was folded from where they matter on is folded anew, what lies before stays."""
        since = vehicle.retold
        if bounds is None or since is None:
            vehicle.unfold_from(BEFORE_ALL)
        else:
            riding = vehicle.riding
            if riding is not None and riding.last is not None and riding.last[1][0] < since - bounds.early:
                self._settle(vehicle, view)
            vehicle.unfold_from((since - bounds.early, INWARD, ""))
        if vehicle.tail is not None:
            vehicle.tail = self._standing(vehicle, vehicle.tail)
        vehicle.retold = vehicle.fresh = vehicle.riding = None

    def _walk(self, vehicle: Vehicle, tail: Folded, cells: Iterable[Seen], view: View) -> Folded:
        """The exact fold over cells, with as many as may be ridden over."""
        bounds, riding = self._bounds(view.world), None
        for cell in cells:
            if riding is None or not riding.admits(cell):
                self._dismount(tail, riding, vehicle, view)
                riding = None if bounds is None else self._mount(tail, cell, bounds, view)
                if riding is None or not riding.admits(cell):
                    riding = None
                    tail = self._fold(tail, (vehicle.fact(cell),), view)
                    continue
            riding.take(cell)
        self._dismount(tail, riding, vehicle, view)
        return tail

    def _remount(self, vehicle: Vehicle, cell: Seen, bounds: Bounds, view: View) -> Riding | None:
        """A new riding that admits a cell, as where another trip begins; None where there is none."""
        self._settle(vehicle, view)
        riding = self._mount(_of(vehicle.tail), cell, bounds, view)
        vehicle.riding = riding if riding is not None and riding.admits(cell) else None
        return vehicle.riding

    def _settle(self, vehicle: Vehicle, view: View) -> None:
        """Bring the tail to the last cell that was ridden over."""
        riding = vehicle.riding
        if riding is not None and riding.last is not None:
            vehicle.tail_at = vehicle.order_of(riding.last)
            self._dismount(_of(vehicle.tail), riding, vehicle, view)

    def _mount(self, tail: Folded, cell: Seen, bounds: Bounds, view: View) -> Riding | None:
        """Begin to ride at a cell; None where a rule has something under way, or grace decides."""
        if tail.failed or not isinstance(tail.account, Driving):
            return None
        states = [(rule, tail.states.get(name), bounds.allowed[name]) for name, rule in self._rules.items()]
        known = [(rule, rule.start() if state is None else state, allowed) for rule, state, allowed in states]
        window = window_at(tail.account, cell[0][0], bounds.grace)
        if window is None:
            return None
        emptied = {LOADED: "", EMPTY: window.trip}.get(cell[3])
        if emptied is None or not window.trip:
            carried = {state.emptied for _, state, _ in known if hasattr(state, "emptied")}
            if len(carried) > 1 and window.trip:
                return None
            emptied = next(iter(carried), "")
        run = Run(cell[0][0], window.since, window.until, window.trip, window.legs, window.routed, emptied)
        asked = []
        for rule, state, allowed in known:
            ordinary = rule.mounts(state, run, allowed, view)
            if ordinary is None:
                return None
            asked.append(ordinary)
        riding = Riding(run, together(asked))
        last = next((state.track.last for _, state, _ in known if hasattr(state, "track")), None)
        if last is not None:
            riding.at, riding.lon, riding.lat = last.at, last.lon, last.lat
        return riding

    def _dismount(self, tail: Folded, riding: Riding | None, vehicle: Vehicle, view: View) -> None:
        """Put the states as the last cell that was ridden over leaves them."""
        if riding is None or riding.last is None:
            return
        fact = vehicle.fact(riding.last)
        riding.last = None
        step, run = Step(fact, tail.account, tail.account), riding.ended()
        for name, rule in self._rules.items():
            state = tail.states.get(name)
            tail.states[name] = rule.rode(rule.start() if state is None else state, run, step, view)

    def _bounds(self, world: World) -> Bounds | None:
        """The bounds of the policies in force; None where one lacks a rule, or other rules look at vehicles too."""
        found = world.noted.get(NOTED, self)
        if found is self:
            found = world.noted[NOTED] = self._read(world)
        return found  # type: ignore[return-value]  # nobody else notes anything under this name

    def _read(self, world: World) -> Bounds | None:
        policies = world.policies()
        if not policies or not self._rides:
            return None
        if not all(name in policy.rules for policy in policies for name in self._rules):
            return None
        allowed = {name: [one for policy in policies for one in policy.allowed(name)] for name in self._rules}
        every = [one for parameters in allowed.values() for one in parameters]
        graces = [one.grace_min for one in every if hasattr(one, "grace_min")]
        early = [one.early_min for one in every if hasattr(one, "early_min")]
        return Bounds(allowed, max(graces, default=0) * MINUTE, max(early, default=0) * MINUTE)


def _told_nothing(vehicle: Vehicle, riding: Riding, latest: Seen, now: Instant) -> bool:
    """Whether by now no silence can be too long; notes when to wake for that."""
    due = riding.silent(latest)
    if due <= now:
        return False
    vehicle.wake = min(due, vehicle.calm_until)
    return True


def _of(tail: Folded | None) -> Folded:
    if tail is None:
        raise RuntimeError("a vehicle is folded from its base at the latest")
    return tail
