"""D5 超时未到达/过早到达: a loaded trip is overdue, or is said to have arrived sooner than any lorry can drive.

Law kept: to be overdue is an obligation missed, true from its deadline by time alone. A vehicle at the end of its
permitted road has arrived, whether anybody reports it or not; where that end is unknown nobody is accused.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Literal

from msgspec import Struct
from msgspec.structs import replace

from detectors.claim import Claim, Finding, Number
from detectors.detector import Card, Step, View
from detectors.roads.alarms import NO_SATELLITES, SECTION_TIME
from detectors.roads.fixes import Track, believed, forgettable
from detectors.roads.milestones import Milestone, left_m, milestones, to_end_m
from detectors.roads.ordinary import ANYTHING, Ordinary, Run, last_fix
from detectors.roads.place import counties_along
from detectors.roads.roads import Road, citing, road_at, says_empty
from detectors.roads.trips import category_of, closes, unit_of
from events.registry import Category
from events.time import HOUR, MINUTE, Instant, format_instant
from ledger.account import Driving
from ledger.fact import Body, Cell, Fact, Fix, Ref

LATE, EARLY = "late", "early"


class Parameters(Struct, frozen=True, forbid_unknown_fields=True):
    """When a trip is overdue, and what no vehicle can do.

    ``grace_min``: minutes after the planned arrival; ``arrived_m``: metres around the end of a route within which a
    vehicle has arrived; ``overdue_h``: hours after the planned arrival after which it is no longer waited for;
    ``max_kmh``: faster as the crow flies from the last fix to where it is said to have arrived is impossible, with
    ``clock_min`` minutes for who reports by hand; ``usual_kmh``: what an expected arrival is reckoned with.
    """

    grace_min: int = 120
    arrived_m: int = 500
    overdue_h: int = 24
    max_kmh: int = 120
    clock_min: int = 10
    usual_kmh: int = 40


class Trip(Struct, frozen=True, array_like=True, gc=False):
    """What must be known of a trip: the plan's essentials, its deadline, its end, its road by milestones."""

    consignment: str
    ref: Ref
    unit: str
    category: Category
    counties: tuple[str, ...]
    ends_at: tuple[str, str]
    arrive_by: Instant
    due: Instant
    ends: Instant
    arrived: bool
    road: tuple[Milestone, ...]
    arrived_m: int
    usual_kmh: int
    max_kmh: int
    clock_min: int


class Last(Struct, frozen=True, array_like=True, gc=False):
    """The last believed fix on the trip, its county, whether it was where the trip ends, and the alarm."""

    ref: Ref
    fix: Fix
    area: str
    near: bool
    alarms: int = 0


class Expecting(Struct, frozen=True, array_like=True, gc=False):
    """The track, the trip and where on it the vehicle was last, the claim once it is overdue; ``emptied`` is the
    trip that is known to be unloaded."""

    track: Track = Track()
    trip: Trip | None = None
    last: Last | None = None
    late: Claim | None = None
    emptied: str = ""


class EtaBreach:
    """Claims from the deadline of an arrival on, or of an arrival that cannot be; evidence: where it was last."""

    card: ClassVar = Card(
        id="D5",
        name="ETA_BREACH",
        title=("超时未到达/过早到达", "Overdue, or arrived too early to be true"),
        predicate=(
            "有指定路线的载货运输，计划到达时间加宽限后仍未报到达，最后定位也不在路线终点(按剩余路程估算到达时间作为证据);"
            "到达、卸空、下一运输开始或超过等待时间即终止。或报称到达，而从此前最后定位到终点的直线速度不可能",
            "a loaded trip with set routes is not reported as arrived by its planned time and a grace, and was "
            "last seen elsewhere than at their end (what is left of the road says when it may come); over once "
            "arrived, unloaded, on another trip, or no longer waited for. Or it is reported as arrived where no "
            "vehicle could be, from its last fix, as the crow flies",
        ),
        misses=(
            "没有路线的运单；全程没有定位的车辆(见 B4);迟到而在宽限内的；谎报到达前已驶近终点的车辆;谎报空车的车辆",
            "plans without routes; a vehicle of which no position came on the trip (B4 tells of the goods); what "
            "comes late within the grace; a false arrival near the true end; a load said to be none",
        ),
        key="vehicle",
        place="last_fix",
    )
    State: ClassVar = Expecting
    Parameters: ClassVar = Parameters
    stricter: ClassVar[dict[str, Literal["lower", "higher"]]] = {
        "arrived_m": "lower",
        "overdue_h": "higher",
        "max_kmh": "lower",
        "clock_min": "lower",
    }
    sees: ClassVar[frozenset[type[Body]]] = frozenset((Cell,))

    def start(self) -> Expecting:
        """Nowhere yet."""
        return Expecting()

    def see(self, state: Expecting, step: Step, view: View) -> tuple[Expecting, Sequence[Claim]]:
        """Note where on its trip a vehicle is; what has ended by a minute is told."""
        cell, driving = step.fact.body, step.after
        if not isinstance(cell, Cell) or not isinstance(driving, Driving) or cell.alarms & NO_SATELLITES:
            return state, ()
        track, good = believed(state.track, cell)
        state = replace(state, track=track)
        if not good or (state.trip is None and not driving.plans):
            return state, ()
        road = road_at("D5", driving, good[-1], view)
        emptied = state.emptied if road is None else _emptied(state.emptied, cell, road)
        gone = road is not None and emptied == road.trip.leg.consignment and not cell.loaded
        unloaded = says_empty(cell) or gone
        state, claims = _ended(state, step.fact, good, road, view, unloaded=unloaded)
        if state.late is not None:
            return replace(state, emptied=emptied), claims
        if road is None or unloaded or not road.trip.leg.routes:
            return Expecting(track, emptied=emptied), claims
        trip = _trip(road, state.trip, driving, good[-1].at, view)
        near = to_end_m(trip.road, good[-1]) <= trip.arrived_m
        last = Last(step.fact.ref, good[-1], road.area, near, cell.alarms & SECTION_TIME)
        return Expecting(track, trip, last, None, emptied), claims

    def at(self, state: Expecting, now: Instant, view: View) -> Sequence[Claim]:
        """Overdue from the deadline on, by time alone; and what the reported arrival makes of the last fix."""
        trip = state.trip
        if trip is None:
            return ()
        late = state.late or _overdue(state, now, view)
        if now < trip.ends:
            return () if late is None else (late,)
        ended = () if late is None else (_over(late, trip, trip.ends, None),)
        return (*ended, *_impossible(state, view))

    def wakes(self, state: Expecting, view: View) -> Sequence[Instant]:
        """The deadline, and the trip's end."""
        return () if state.trip is None else (state.trip.due, state.trip.ends)

    def mounts(self, state: Expecting, run: Run, allowed: Sequence[Any], view: View) -> Ordinary | None:
        """Any minute of the same trip before its end and deadline, and any behind a trip that is over in order."""
        trip = state.trip
        if state.late is not None:
            return None
        if trip is not None and (trip.consignment != run.trip or not run.on):
            if _overdue(state, run.at, view) or (run.at >= trip.ends and _impossible(state, view)):
                return None
            trip = None
        if not run.on:
            return ANYTHING
        return Ordinary(until=run.until if trip is None else min(trip.due, trip.ends), quiet_until=run.until)

    def rode(self, state: Expecting, run: Run, last: Step, view: View) -> Expecting:
        """Where on its trip it came to."""
        emptied = run.emptied if run.trip else state.emptied
        if not run.on:
            return Expecting(Track(last_fix(last)), emptied=emptied)
        return self.see(Expecting(trip=state.trip, emptied=emptied), last, view)[0]

    def spent(self, state: Expecting, since: Instant) -> bool:
        """Not overdue, and no fix that could make another one a leap."""
        return state.late is None and forgettable(state.track, since)

    def explain(self, finding: Finding, lang: Literal["zh", "en"]) -> str:
        """When it was due, where it was last, what is left of its road; or how fast it would have had to be."""
        claim = finding.claim
        n, minutes = claim.numbers, claim.numbers.get("late_min")
        if n["kind"] == EARLY:
            if lang == "zh":
                return (
                    f"运输 {n['consignment']} 报称于 {n['arrived_at']} 到达；而 {n['last_at']} 其车辆距终点还有 "
                    f"{n['left_km']} 公里(经度 {n['lon']} 纬度 {n['lat']}),须以 {n['implied_kmh']} km/h 行驶。"
                )
            return (
                f"Consignment {n['consignment']} was reported as arrived at {n['arrived_at']}; at {n['last_at']} "
                f"its vehicle was still {n['left_km']} km away (longitude {n['lon']}, latitude {n['lat']}): it "
                f"would have driven at {n['implied_kmh']} km/h."
            )
        if lang == "zh":
            ended = "至今未到达。" if minutes is None else f"较计划迟 {minutes} 分钟结束。"
            return (
                f"运输 {n['consignment']} 应于 {n['arrive_by']} 到达;最后定位 {n['last_at']}(经度 {n['lon']} 纬度 "
                f"{n['lat']}),剩余路程约 {n['left_km']} 公里，照常行驶约 {n['expected_at']} 到达;{ended}"
            )
        ended = "it has not arrived." if minutes is None else f"it was over {minutes} minutes after that time."
        return (
            f"Consignment {n['consignment']} was due to arrive by {n['arrive_by']}. Its vehicle was last seen at "
            f"{n['last_at']} (longitude {n['lon']}, latitude {n['lat']}) with about {n['left_km']} km to go, which "
            f"would take until {n['expected_at']}; {ended}"
        )


def _emptied(known: str, cell: Cell, road: Road) -> str:
    """The trip known to be unloaded: a planned trip is loaded until a fix says that it is empty."""
    if cell.empty:
        return road.trip.leg.consignment
    return "" if cell.loaded else known


def _ended(
    state: Expecting, fact: Fact, good: tuple[Fix, ...], road: Road | None, view: View, *, unloaded: bool
) -> tuple[Expecting, tuple[Claim, ...]]:
    """What is over by a minute: the trip itself, or waiting for it; told where it was overdue.

    A deadline within the minute is over by its last fix, and judged by where the vehicle was the minute before.
    """
    trip, heard, until = state.trip, good[0].at, good[-1].at
    if trip is None:
        return state, ()
    late = state.late or _overdue(state, until, view)
    gone = replace(state, trip=None, last=None, late=None)
    if until >= trip.ends:
        over = () if late is None else (_over(late, trip, trip.ends, None),)
        return gone, (*over, *_impossible(state, view))
    other = road is not None and road.trip.leg.consignment != trip.consignment
    if unloaded or other or (late is not None and to_end_m(trip.road, good[-1]) <= trip.arrived_m):
        return gone, () if late is None else (_over(late, trip, heard, fact.ref),)
    return (gone if late is None and until >= trip.due else replace(state, late=late)), ()


def _trip(road: Road, known: Trip | None, driving: Driving, at: Instant, view: View) -> Trip:
    """The trip's essentials, made once; only its end may come nearer."""
    leg, terms = road.trip.leg, road.terms.parameters
    ended = next(
        (end for end in driving.heard_before(closes(at)).ended if end.consignment == leg.consignment), None
    )
    waits = leg.arrive_by + terms.overdue_h * HOUR
    ends, arrived = (waits, False) if ended is None else (min(ended.at, waits), ended.arrived)
    if known is not None and known.consignment == leg.consignment:
        return replace(known, ends=ends, arrived=arrived)
    return Trip(
        leg.consignment, road.trip.ref, unit_of(leg), category_of(leg), counties_along(view.world.areas, leg),
        (leg.shipper_site or "", leg.consignee_site or ""), leg.arrive_by, leg.arrive_by + terms.grace_min * MINUTE,
        ends, arrived, milestones(leg.routes), terms.arrived_m, terms.usual_kmh, terms.max_kmh, terms.clock_min,
    )  # fmt: skip


def _overdue(state: Expecting, now: Instant, view: View) -> Claim | None:
    """The claim from the deadline on, as the last fix before it has it; None where there is nothing to claim."""
    trip, last = state.trip, state.last
    if trip is None or last is None or last.near or now < trip.due or trip.ends <= trip.due:
        return None
    left = left_m(trip.road, last.fix)
    expected = last.fix.at + int(left / 1000 / trip.usual_kmh * HOUR)
    return _claim(trip, last, (trip.ref.id, trip.due), view, {
        "kind": LATE,
        "arrive_by": format_instant(trip.arrive_by),
        "left_km": round(left / 1000, 1),
        "expected_at": format_instant(expected // MINUTE * MINUTE),
    })  # fmt: skip


def _impossible(state: Expecting, view: View) -> tuple[Claim, ...]:
    """The claim that a trip cannot have arrived when it is said to have, seen where it was."""
    trip, last = state.trip, state.last
    if trip is None or last is None or not trip.arrived or last.near or last.fix.at >= trip.ends:
        return ()
    metres = to_end_m(trip.road, last.fix)
    hours = (trip.ends - last.fix.at) / HOUR + trip.clock_min / 60
    implied = (metres - trip.arrived_m) / 1000 / max(hours, 1 / 3600)
    if implied <= trip.max_kmh:
        return ()
    claim = _claim(trip, last, (f"{trip.ref.id}/{EARLY}", last.fix.at), view, {
        "kind": EARLY,
        "arrive_by": format_instant(trip.arrive_by),
        "arrived_at": format_instant(trip.ends),
        "left_km": round(metres / 1000, 1),
        "implied_kmh": round(implied),
    })  # fmt: skip
    return (replace(claim, until=trip.ends),)


def _claim(trip: Trip, last: Last, anchored: tuple[str, Instant], view: View, numbers: dict[str, Number]) -> Claim:
    anchor, since = anchored
    fix = last.fix
    speaks_from = since if numbers["kind"] == LATE else trip.ends
    terms = view.terms("D5", since, category=trip.category, area=last.area, unit=trip.unit)
    refs = tuple(dict.fromkeys((trip.ref, last.ref)))
    return Claim(
        anchor=anchor,
        since=since,
        speaks_at=terms.speaks(speaks_from),
        refs=refs,
        numbers={
            "consignment": trip.consignment,
            "from": trip.ends_at[0],
            "to": trip.ends_at[1],
            "last_at": format_instant(fix.at),
            "lon": round(fix.lon, 5),
            "lat": round(fix.lat, 5),
            "alarms": last.alarms,
            **numbers,
        },
        area=last.area,
        unit=trip.unit,
        category=trip.category,
        informed_areas=tuple(code for code in trip.counties if code != last.area),
        ref_count=len(refs),
    )


def _over(late: Claim, trip: Trip, until: Instant, ref: Ref | None) -> Claim:
    """An overdue trip as it ends: how late it was."""
    numbers = late.numbers | {"late_min": (until - trip.arrive_by) // MINUTE}
    ended = replace(late, until=until, numbers=numbers)
    return ended if ref is None else citing(ended, ref)
