"""D2 路线偏离: a vehicle with a prescribed route is outside its corridor, or on it out of order, for long enough.

Law kept: distance and time both decide, at the opening and at the end; a fix that cannot be believed is no
evidence. What is told is the episode: opened, told again when it has become twice as bad, closed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Literal

from msgspec import Struct
from msgspec.structs import replace

from detectors.claim import Claim, Finding, Number, cite
from detectors.detector import Card, Step, View
from detectors.policy import Terms
from detectors.roads.alarms import NO_SATELLITES
from detectors.roads.astray import Astray, Been, Seen, ended_by, explain_astray, follow_course
from detectors.roads.corridor import Aside, Cursor, advance, at_stop, locate
from detectors.roads.course import Ways, course_of
from detectors.roads.edges import corridors
from detectors.roads.fixes import Track, fixes_of, follow, forgettable
from detectors.roads.geometry import progress_m
from detectors.roads.ordinary import ANYTHING, Ordinary, Run, last_fix
from detectors.roads.place import counties_along, county_at
from detectors.roads.trips import OnRoad, category_of, latest_trip, under_way, unit_of
from events.registry import Category
from events.time import MINUTE, Instant, format_instant
from ledger.account import Driving
from ledger.fact import Body, Cell, Fix, Ref


class Parameters(Struct, frozen=True, forbid_unknown_fields=True):
    """How far, how long, and when it is over.

    ``margin_m``: metres beyond the corridor's half width that are let pass; ``min_minutes`` and ``min_fixes``:
    how long and by how many fixes in a row outside, or out of order, before it is said; ``back_minutes``: how long
    inside before it is over; ``grace_min``: minutes after the planned arrival in which the corridor still binds;
    ``turn_m``: metres back on its own road that are a turning back; ``skip_m``: metres of it left out.
    """

    margin_m: int = 100
    min_minutes: int = 5
    min_fixes: int = 3
    back_minutes: int = 3
    grace_min: int = 120
    turn_m: int = 1_000
    skip_m: int = 3_000


class Worst(Struct, frozen=True, array_like=True, gc=False):
    """The fix farthest outside: metres beyond the corridor, from the line, and along it."""

    fix: Fix
    excess_m: float
    distance_m: float
    progress_m: float


class Outing(Struct, frozen=True, array_like=True, gc=False):
    """A run of fixes outside: on which trip, since when, how far, and the claim once it is one.

    ``told_m`` is the distance that the claim names; ``back`` the fix that came back inside, if any has since.
    """

    consignment: str
    ends: Instant
    first_id: str
    refs: tuple[Ref, ...]
    since: Instant
    fixes: int
    worst: Worst
    told_m: float = 0.0
    back: Fix | None = None
    claim: Claim | None = None


class Straying(Struct, frozen=True, array_like=True, gc=False):
    """The track, where on the route it is, the outing if there is one; how far it came, and if it is astray."""

    track: Track = Track()
    cursor: Cursor = Cursor()
    outing: Outing | None = None
    ways: Ways = ()
    astray: Astray | None = None


class _Outside(Struct, frozen=True, gc=False):
    """One fix outside the corridors of a trip."""

    seen: Seen
    trip: OnRoad
    aside: Aside


class RouteDeviation:
    """Claims while a fix after another lies outside; evidence: the greatest distance and where it was."""

    card: ClassVar = Card(
        id="D2",
        name="ROUTE_DEVIATION",
        title=("路线偏离", "Off the permitted route"),
        predicate=(
            "有指定路线的运输途中，车辆位于所有许可路线走廊(半宽加余量)及许可停靠点之外，持续达到规定时间和定位点数;"
            "回到走廊内满规定时间或运输结束即终止。或在许可路线上沿路折返、漏走其中一段超过规定距离，持续达到同样时间;"
            "回到原处、漏走后继续行驶或运输结束即终止",
            "on a trip with set routes the vehicle is outside every permitted corridor (half width and margin) "
            "and stop for a given time and number of fixes; over once back inside for a time, or with the trip. Or "
            "on its road it turns back, or leaves out a part, by more than a given way for as long; over once it "
            "is back where it had come to, has driven on behind the part, or with the trip",
        ),
        misses=(
            "走廊及余量之内的绕行、短于规定时间的偏离、与走廊平行的近邻道路；折返或漏走短于规定距离，折返后很快回来，"
            "车辆尚未驶出一公里之前、已到终点一公里之内、路线不足三公里、计划到达之后，或漏走的一段在无定位期间本可驶完；"
            "改走另一条许可路线时漏走的部分；无定位期间的偏离(见 D6);未附路线的运单；伪造的连续轨迹",
            "a detour within corridor and margin, one shorter than the time, a parallel road nearby; turning back "
            "or leaving out by less than the way, or for less than the time, before the first kilometre was driven "
            "or within a kilometre of the end, on a route under 3 km, after the planned arrival, or a part that "
            "could have been driven while no position came; a part left out by changing to another permitted "
            "route; what is done while no position comes (D6); plans without routes; a forged but smooth track",
        ),
        key="vehicle",
        place="last_fix",
    )
    State: ClassVar = Straying
    Parameters: ClassVar = Parameters
    stricter: ClassVar[dict[str, Literal["lower", "higher"]]] = {
        "margin_m": "lower",
        "min_minutes": "lower",
        "min_fixes": "lower",
        "back_minutes": "higher",
        "grace_min": "higher",
        "turn_m": "lower",
        "skip_m": "lower",
    }
    sees: ClassVar[frozenset[type[Body]]] = frozenset((Cell,))

    def start(self) -> Straying:
        """Nowhere yet."""
        return Straying()

    def see(self, state: Straying, step: Step, view: View) -> tuple[Straying, Sequence[Claim]]:
        """Judge the first and the last fix of a minute."""
        cell, driving = step.fact.body, step.after
        if not isinstance(cell, Cell) or not isinstance(driving, Driving) or cell.alarms & NO_SATELLITES:
            return state, ()
        judged = bool(driving.plans) or state.outing is not None or state.astray is not None or bool(state.ways)
        claims: list[Claim] = []
        for fix in fixes_of(cell):
            track, good = follow(state.track, fix)
            state = replace(state, track=track)
            if good and judged:
                seen = Seen(step.fact, fix, driving)
                been, ordered = follow_course(Been(state.ways, state.astray), seen, view)
                state, told = _judge(replace(state, ways=been.ways, astray=been.astray), seen, view)
                claims.extend((*ordered, *told))
        return state, claims

    def at(self, state: Straying, now: Instant, view: View) -> Sequence[Claim]:
        """An outing, or a vehicle astray, ends with its trip, even if no fix comes any more."""
        outing, astray = state.outing, state.astray
        ended = () if astray is None or now < astray.ends else ended_by(astray, astray.ends)
        if outing is None or outing.claim is None or now < outing.ends:
            return ended
        return (*ended, _over(outing, outing.claim, outing.ends, None))

    def wakes(self, state: Straying, view: View) -> Sequence[Instant]:
        """The end of the trip on which the outing is, or the vehicle astray."""
        return [one.ends for one in (state.outing, state.astray) if one is not None and one.claim is not None]

    def mounts(self, state: Straying, run: Run, allowed: Sequence[Any], view: View) -> Ordinary | None:
        """Both fixes go on along a route of any trip that is due, or are at a stop, while nothing is under way."""
        if state.outing or state.astray:
            return None
        if not run.routed:
            return ANYTHING
        course = course_of(run.legs)
        if not course.judges():
            return Ordinary(within=corridors(run.legs))
        return Ordinary(within=corridors(run.legs), course=course, ways=course.of_these(state.ways))

    def rode(self, state: Straying, run: Run, last: Step, view: View) -> Straying:
        """Where it came to, and how far along which routes; which edge is nearest will be looked for."""
        ways = run.ways
        if ways is None:
            ways = course_of(run.legs).of_these(state.ways) if state.ways else ()
        return replace(state, track=Track(last_fix(last)), ways=ways)

    def spent(self, state: Straying, since: Instant) -> bool:
        """No outing, not astray, and no fix that could make another one a leap."""
        return not state.outing and not state.astray and forgettable(state.track, since)

    def explain(self, finding: Finding, lang: Literal["zh", "en"]) -> str:
        """How far, where, how long, on which trip."""
        claim = finding.claim
        n = claim.numbers
        if "kind" in n:
            return explain_astray(n, claim.since, lang)
        since, minutes = format_instant(claim.since), n.get("minutes")
        if lang == "zh":
            ended = "尚未返回。" if minutes is None else f"历时 {minutes} 分钟。"
            return (
                f"运输 {n['consignment']} 的车辆自 {since} 起离开许可路线，最远偏离 {n['greatest_m']} 米"
                f"(许可 {n['allowed_m']} 米)，位于路线约 {n['route_km']} 公里处旁,"
                f"经度 {n['lon']} 纬度 {n['lat']};{ended}"
            )
        ended = "it has not come back." if minutes is None else f"it lasted {minutes} minutes."
        return (
            f"The vehicle on consignment {n['consignment']} left its permitted route at {since}, by as much as "
            f"{n['greatest_m']} m (allowed: {n['allowed_m']} m), beside kilometre {n['route_km']} of the route, at "
            f"longitude {n['lon']}, latitude {n['lat']}; {ended}"
        )


def _judge(state: Straying, seen: Seen, view: View) -> tuple[Straying, tuple[Claim, ...]]:
    fix = seen.fix
    if state.outing is None:
        due = [trip.leg for trip in under_way(seen.driving, fix.at, overdue=0)]
        cursor = advance(state.cursor, due, fix)
        if cursor is not None:
            return (state if cursor is state.cursor else replace(state, cursor=cursor)), ()
    trips, terms = _terms(seen, view)
    routed = [trip for trip in trips if trip.leg.routes]
    state, ended = _leave(state, routed[-1].leg.consignment if routed else "", seen)
    if not routed:
        return state, ended
    legs = [trip.leg for trip in trips]
    cursor, aside = locate(legs, fix)
    if aside.excess_m <= 0:
        state = replace(state, cursor=cursor)
    if aside.excess_m <= terms.parameters.margin_m or at_stop(legs, fix):
        state, told = _inside(state, seen, terms.parameters)
    else:
        outing, told = _outside(state.outing, _Outside(seen, routed[-1], aside), view, terms)
        state = replace(state, outing=outing)
    return state, (*ended, *told)


def _terms(seen: Seen, view: View) -> tuple[tuple[OnRoad, ...], Terms[Any]]:
    """The trips under way and the terms of the one that departed last, where the vehicle is."""
    last = latest_trip(seen.driving, seen.fix.at)
    category, unit = (Category.CHEMICALS, "") if last is None else (category_of(last), unit_of(last))
    area = county_at(view.world.areas, seen.fix)
    terms = view.terms("D2", seen.fix.at, category=category, area=area, unit=unit)
    return under_way(seen.driving, seen.fix.at, overdue=terms.parameters.grace_min * MINUTE), terms


def _leave(state: Straying, consignment: str, seen: Seen) -> tuple[Straying, tuple[Claim, ...]]:
    """An outing ends when its trip has ended or another has begun."""
    outing = state.outing
    if outing is None or outing.consignment == consignment:
        return state, ()
    state = replace(state, outing=None)
    if outing.claim is None:
        return state, ()
    return state, (_over(outing, outing.claim, min(outing.ends, seen.fix.at), None),)


def _inside(state: Straying, seen: Seen, terms: Parameters) -> tuple[Straying, tuple[Claim, ...]]:
    """Back inside: a run that was no claim is forgotten, a claim ends once this has lasted."""
    outing = state.outing
    if outing is None or outing.claim is None:
        return replace(state, outing=None), ()
    back = outing.back or seen.fix
    if seen.fix.at - back.at < terms.back_minutes * MINUTE:
        return replace(state, outing=replace(outing, back=back)), ()
    return replace(state, outing=None), (_over(outing, outing.claim, back.at, seen.fact.ref),)


def _outside(
    outing: Outing | None, out: _Outside, view: View, terms: Terms[Any]
) -> tuple[Outing, tuple[Claim, ...]]:
    """One more fix outside: it may make the outing a claim, or a claim twice as bad."""
    fact, fix, trip, aside = out.seen.fact, out.seen.fix, out.trip, out.aside
    if outing is None:
        outing = Outing(trip.leg.consignment, trip.ends, fact.id, (fact.ref,), fix.at, 0, _worst(fix, aside))
    worse = aside.excess_m > outing.worst.excess_m
    outing = replace(
        outing,
        ends=trip.ends,
        fixes=outing.fixes + 1,
        back=None,
        worst=_worst(fix, aside) if worse else outing.worst,
    )
    if outing.claim is not None:
        if outing.worst.distance_m < 2 * outing.told_m:
            return outing, ()
        refs = _cited(outing.claim, fact.ref)
        told = replace(outing.claim, refs=refs, ref_count=len(refs), numbers=_numbers(outing, outing.claim))
        return replace(outing, claim=told, told_m=outing.worst.distance_m), (told,)
    for_long = fix.at - outing.since >= terms.parameters.min_minutes * MINUTE
    if not for_long or outing.fixes < terms.parameters.min_fixes:
        return outing, ()
    claim = _opened(outing, out, view, terms)
    return replace(outing, claim=claim, told_m=outing.worst.distance_m), (claim,)


def _worst(fix: Fix, aside: Aside) -> Worst:
    return Worst(fix, aside.excess_m, aside.place.distance_m, progress_m(aside.line, aside.place))


def _opened(outing: Outing, out: _Outside, view: View, terms: Terms[Any]) -> Claim:
    leg, areas = out.trip.leg, view.world.areas
    area = county_at(areas, out.seen.fix)
    refs = tuple(dict.fromkeys((out.trip.ref, *outing.refs, out.seen.fact.ref)))
    claim = Claim(
        anchor=outing.first_id,
        since=outing.since,
        speaks_at=terms.speaks(outing.since),
        refs=refs,
        numbers={
            "consignment": leg.consignment,
            "from": leg.shipper_site or "",
            "to": leg.consignee_site or "",
            "arrive_by": format_instant(leg.arrive_by),
            "allowed_m": round(out.aside.half_width_m) + terms.parameters.margin_m,
        },
        area=area,
        unit=unit_of(leg),
        category=category_of(leg),
        informed_areas=tuple(code for code in counties_along(areas, leg) if code != area),
        ref_count=len(refs),
    )
    return replace(claim, numbers=_numbers(outing, claim))


def _numbers(outing: Outing, claim: Claim) -> dict[str, Number]:
    """What the claim says, with the worst place so far."""
    return {
        **claim.numbers,
        "greatest_m": round(outing.worst.distance_m),
        "route_km": round(outing.worst.progress_m / 1000, 1),
        "lon": round(outing.worst.fix.lon, 5),
        "lat": round(outing.worst.fix.lat, 5),
    }


def _over(outing: Outing, claim: Claim, until: Instant, ref: Ref | None) -> Claim:
    """The claim as it ends: the worst of all, how long, by how many fixes."""
    refs = claim.refs if ref is None else _cited(claim, ref)
    numbers = _numbers(outing, claim) | {"minutes": (until - claim.since) // MINUTE, "fixes": outing.fixes}
    return replace(claim, until=until, refs=refs, ref_count=len(refs), numbers=numbers)


def _cited(claim: Claim, ref: Ref) -> tuple[Ref, ...]:
    return claim.refs if ref in claim.refs else cite(claim.refs, ref)
