"""D3 许可外经停/超时停车: a loaded vehicle under way stands still for too long where its plan names no stop.

Law kept: distance and time both decide, at the beginning and at the end: who creeps along is not standing, and a
fix aside does not end a stop. What carries the most dangerous goods may stand for less.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Literal

from msgspec import Struct
from msgspec.structs import replace

from detectors.claim import Claim, Finding
from detectors.detector import Card, Step, View
from detectors.roads.alarms import NO_SATELLITES, OVERTIME_STOP
from detectors.roads.corridor import at_stop
from detectors.roads.edges import standing_places
from detectors.roads.fixes import Track, believed, forgettable
from detectors.roads.geometry import distance_m
from detectors.roads.ordinary import ANYTHING, Ordinary, Run, last_fix
from detectors.roads.roads import Road, citing, claim_on, road_at, says_empty
from events.registry import GoodsEntry
from events.time import MINUTE, Instant, format_instant
from ledger.account import Driving
from ledger.fact import Body, Cell, Fact, Fix, Leg, Ref

GUARDED = frozenset(("highly_toxic", "explosive_precursor"))
"""Goods whose long stops must be reported to the police."""


class Parameters(Struct, frozen=True, forbid_unknown_fields=True):
    """How long a stop, what is one, and where it is allowed.

    ``max_stop_min``: minutes; ``guarded_stop_min``: the same for highly toxic goods and explosive precursors;
    ``standing_kmh``: both fixes of a minute at most so fast begin a stop; ``within_m``: metres within which it
    stays the same stop; ``leave_min``: minutes outside of them before it is over; ``gate_m``: metres around either
    end of a route where a vehicle may wait; ``grace_min``: minutes after the planned arrival in which stops count.
    """

    max_stop_min: int = 30
    guarded_stop_min: int = 25
    standing_kmh: int = 5
    within_m: int = 200
    leave_min: int = 3
    gate_m: int = 500
    grace_min: int = 120


class Dwell(Struct, frozen=True, array_like=True, gc=False):
    """One stop: on which trip, where and since when, the last fix there, and the claim once it is one.

    ``away`` is the fix that left, if any has since; ``alarmed`` whether the terminal itself said that it stood too
    long.
    """

    consignment: str
    ends: Instant
    fact_id: str
    ref: Ref
    place: Fix
    latest: Fix
    away: Fix | None = None
    alarmed: bool = False
    claim: Claim | None = None


class Stopping(Struct, frozen=True, array_like=True, gc=False):
    """The track, and the stop that may be under way."""

    track: Track = Track()
    dwell: Dwell | None = None


class UnpermittedStop:
    """Claims once a stop has lasted too long, until the vehicle has left; evidence: where, and for how long."""

    card: ClassVar = Card(
        id="D3",
        name="UNPERMITTED_STOP",
        title=("许可外经停/超时停车", "Stopped too long where no stop is permitted"),
        predicate=(
            "有指定路线的载货运输途中，车辆在许可停靠点和路线两端之外停留超过规定时间(剧毒、易制爆更短);"
            "离开停留处满规定时间或运输结束即终止",
            "loaded and on a trip with set routes the vehicle stands for longer than allowed (less for highly "
            "toxic goods and explosive precursors) outside permitted stops and both ends of its routes; over once "
            "it has been gone for a while, or with the trip",
        ),
        misses=(
            "短于规定时间的停车、许可停靠点和两端门前的卸货、缓慢移动中的装卸；停车期间没有定位且不再回到原处;"
            "完全静止的长时间拥堵会被当作停车；未附路线的运单",
            "a stop shorter than allowed, unloading at a permitted stop or at a gate, or while creeping along; a "
            "stop without any position; a jam that stands still for as long looks like one; plans without routes",
        ),
        key="vehicle",
        place="last_fix",
    )
    State: ClassVar = Stopping
    Parameters: ClassVar = Parameters
    stricter: ClassVar[dict[str, Literal["lower", "higher"]]] = {
        "max_stop_min": "lower",
        "guarded_stop_min": "lower",
        "gate_m": "lower",
        "grace_min": "higher",
    }
    sees: ClassVar[frozenset[type[Body]]] = frozenset((Cell,))

    def start(self) -> Stopping:
        """Nowhere yet."""
        return Stopping()

    def see(self, state: Stopping, step: Step, view: View) -> tuple[Stopping, Sequence[Claim]]:
        """A minute at a standstill begins a stop; fixes there prolong it, fixes elsewhere end it."""
        cell, driving = step.fact.body, step.after
        if not isinstance(cell, Cell) or not isinstance(driving, Driving) or cell.alarms & NO_SATELLITES:
            return state, ()
        track, good = believed(state.track, cell)
        dwell = state.dwell
        if not good or (dwell is None and not driving.plans):
            return replace(state, track=track), ()
        road = road_at("D3", driving, good[-1], view) if driving.plans else None
        if road is not None and (says_empty(cell) or not any(leg.routes for leg in road.legs)):
            road = None
        claims: list[Claim] = []
        if dwell is not None and (road is None or road.trip.leg.consignment != dwell.consignment):
            claims.extend(_over(dwell, min(dwell.ends, good[0].at), None))
            dwell = None
        if road is None:
            return Stopping(track), claims
        terms: Parameters = road.terms.parameters
        if dwell is not None:
            dwell, told = _stays(replace(dwell, ends=road.trip.ends), good, step.fact, terms)
            claims.extend(told)
        if dwell is None and len(good) > 0 and _stands(cell, good, road, terms):
            dwell = Dwell(road.trip.leg.consignment, road.trip.ends, step.fact.id, step.fact.ref, good[0], good[-1])
        if dwell is not None:
            dwell, told = _judged(dwell, (step.fact, cell), road, view)
            claims.extend(told)
        return Stopping(track, dwell), claims

    def at(self, state: Stopping, now: Instant, view: View) -> Sequence[Claim]:
        """A stop ends with its trip, even if no fix comes any more."""
        dwell = state.dwell
        return () if dwell is None or now < dwell.ends else _over(dwell, dwell.ends, None)

    def wakes(self, state: Stopping, view: View) -> Sequence[Instant]:
        """The end of the trip on which the stop is."""
        return () if state.dwell is None or state.dwell.claim is None else (state.dwell.ends,)

    def mounts(self, state: Stopping, run: Run, allowed: Sequence[Any], view: View) -> Ordinary | None:
        """Minutes in which it moves, or stands where any trip that is due may stand."""
        if state.dwell:
            return None
        if not run.routed:
            return ANYTHING
        places = standing_places(run.legs, float(min(terms.gate_m for terms in allowed)))
        return Ordinary(standing_kmh=float(max(terms.standing_kmh for terms in allowed)), stands=places)

    def rode(self, state: Stopping, run: Run, last: Step, view: View) -> Stopping:
        """Where it came to."""
        return Stopping(Track(last_fix(last)))

    def spent(self, state: Stopping, since: Instant) -> bool:
        """No stop, and no fix that could make another one a leap."""
        return not state.dwell and forgettable(state.track, since)

    def explain(self, finding: Finding, lang: Literal["zh", "en"]) -> str:
        """Where it stood, how long, how long it might have."""
        claim = finding.claim
        n, since, minutes = claim.numbers, format_instant(claim.since), claim.numbers.get("stopped_min")
        if lang == "zh":
            ended = "尚未离开。" if minutes is None else f"停留 {minutes} 分钟。"
            said = "终端同时报停车超时。" if n["alarms"] else ""
            return (
                f"运输 {n['consignment']} 的车辆自 {since} 起在许可停靠点之外停车(经度 {n['lon']} 纬度 {n['lat']}),"
                f"允许 {n['allowed_min']} 分钟;{ended}{said}"
            )
        ended = "it has not left." if minutes is None else f"it stood for {minutes} minutes."
        said = " The terminal too reported standing too long." if n["alarms"] else ""
        return (
            f"From {since} the vehicle on consignment {n['consignment']} stood outside its permitted stops "
            f"(longitude {n['lon']}, latitude {n['lat']}), where {n['allowed_min']} minutes are allowed; "
            f"{ended}{said}"
        )


def _stands(cell: Cell, good: Sequence[Fix], road: Road, terms: Parameters) -> bool:
    """Whether a whole minute stands still where the vehicle may not wait."""
    if len(good) < (1 if cell.first == cell.last else 2) or any(fix.speed_kmh > terms.standing_kmh for fix in good):
        return False
    if _apart(good[0], good[-1]) > terms.within_m:
        return False
    return not at_stop(road.legs, good[-1]) and not _at_gate(road.legs, good[-1], terms.gate_m)


def _at_gate(legs: Sequence[Leg], fix: Fix, gate_m: int) -> bool:
    ends = (point for leg in legs for line, _ in leg.routes for point in (line[0], line[-1]))
    return any(distance_m(point, (fix.lon, fix.lat)) <= gate_m for point in ends)


def _stays(
    dwell: Dwell, good: Sequence[Fix], fact: Fact, terms: Parameters
) -> tuple[Dwell | None, tuple[Claim, ...]]:
    """The stop behind a minute's fixes; None once the vehicle has left, with the claim as it ends."""
    for fix in good:
        if _apart(dwell.place, fix) <= terms.within_m:
            dwell = replace(dwell, latest=fix, away=None)
            continue
        away = dwell.away or fix
        if dwell.claim is None and fix.speed_kmh > terms.standing_kmh:
            return None, ()
        if fix.at - away.at >= terms.leave_min * MINUTE:
            return None, _over(dwell, away.at, fact.ref)
        dwell = replace(dwell, away=away)
    return dwell, ()


def _judged(dwell: Dwell, minute: tuple[Fact, Cell], road: Road, view: View) -> tuple[Dwell, tuple[Claim, ...]]:
    """The stop with what the terminal says of it, and the claim that it becomes when it has lasted too long."""
    fact, cell = minute
    if cell.alarms & OVERTIME_STOP and not dwell.alarmed:
        dwell = replace(dwell, alarmed=True)
    terms: Parameters = road.terms.parameters
    allowed = terms.guarded_stop_min if _guarded(road.trip.leg, dwell.place.at, view) else terms.max_stop_min
    if dwell.claim is not None or dwell.latest.at - dwell.place.at < allowed * MINUTE:
        return dwell, ()
    bare = claim_on(road, fact, dwell.place.at, {
        "allowed_min": allowed,
        "lon": round(dwell.place.lon, 5),
        "lat": round(dwell.place.lat, 5),
        "alarms": OVERTIME_STOP * dwell.alarmed,
    }, view)  # fmt: skip
    claim = citing(replace(bare, anchor=dwell.fact_id), dwell.ref)
    return replace(dwell, claim=claim), (claim,)


def _guarded(leg: Leg, at: Instant, view: View) -> bool:
    goods = (view.world.on_roads.in_force(GoodsEntry, name, at) for name, _, _ in leg.loads)
    return any(GUARDED.intersection(entry.flags) for entry in goods if entry is not None)


def _over(dwell: Dwell, until: Instant, ref: Ref | None) -> tuple[Claim, ...]:
    """The claim of a stop, if it is one, as it ends."""
    claim = dwell.claim
    if claim is None:
        return ()
    numbers = claim.numbers | {
        "stopped_min": (until - claim.since) // MINUTE,
        "alarms": OVERTIME_STOP * dwell.alarmed,
    }
    ended = replace(claim, until=until, numbers=numbers)
    return (ended if ref is None else citing(ended, ref),)


def _apart(a: Fix, b: Fix) -> float:
    return distance_m((a.lon, a.lat), (b.lon, b.lat))
