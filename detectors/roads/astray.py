"""A vehicle on its permitted road, but not where it can be in order: turned back, or beyond a part left out.

Law kept: it is said only of a vehicle that was seen to go its way, once it has lasted and is far enough; back where
it had come to, it is over. What lies outside of all routes, at stops, or at the trip's end says nothing here.
"""

from __future__ import annotations

from typing import Any, Final, Literal, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from detectors.claim import Claim, Number, cite
from detectors.detector import View
from detectors.policy import Terms
from detectors.roads.course import DROVE_M, Course, Places, Way, Ways, begin, course_of
from detectors.roads.place import counties_along, county_at
from detectors.roads.trips import OnRoad, category_of, under_way, unit_of
from events.time import MINUTE, Instant, format_instant
from ledger.account import Driving
from ledger.fact import Fact, Fix, Ref

TURNED_BACK: Final = "turned_back"
LEFT_OUT: Final = "left_out"


class Seen(Struct, frozen=True, gc=False):
    """One believed fix, the minute that it is of, and the trips known."""

    fact: Fact
    fix: Fix
    driving: Driving


class Astray(Struct, frozen=True, array_like=True, gc=False):
    """Fixes in a row where no way leads: on which trip, since when, how many, how far back of where it had come to.

    ``high_m`` is how far it had come; ``anew`` the ways from where it is now; ``told_m`` what the claim says.
    """

    consignment: str
    ends: Instant
    first_id: str
    ref: Ref
    since: Instant
    fixes: int
    high_m: float
    back_m: float
    worst: Fix
    anew: Ways = ()
    told_m: float = 0.0
    claim: Claim | None = None


class Been(Struct, frozen=True, gc=False):
    """How far a vehicle came along which routes, and whether it is astray."""

    ways: Ways
    astray: Astray | None


Followed: TypeAlias = tuple[Been, tuple[Claim, ...]]
_NOTHING: Final[tuple[Claim, ...]] = ()


def follow_course(been: Been, seen: Seen, view: View) -> Followed:
    """Take one more fix."""
    trips = under_way(seen.driving, seen.fix.at, overdue=0)
    course, fix = course_of(tuple(trip.leg for trip in trips)), seen.fix
    astray, ended = been.astray, _NOTHING
    if astray is not None and all(trip.leg.consignment != astray.consignment for trip in trips):
        ended, astray = ended_by(astray, min(astray.ends, fix.at)), None
    ways = course.of_these(been.ways)
    if not ways:
        return Been(course.begin(fix.at, fix.lon, fix.lat), None), ended
    if course.done(ways):
        return Been(ways, None), ended
    on = course.go_on(ways, fix.at, fix.lon, fix.lat)
    if on is not None and not (astray is not None and _leapt(astray, ways, on, fix, course)):
        return Been(on, None), ended if astray is None else ended_by(astray, fix.at, seen.fact.ref)
    places = course.places(fix.lon, fix.lat)
    if not places:
        return Been(ways, astray), ended
    taken = {(way.consignment, way.route) for way in ways}
    others = {route: found for route, found in places.items() if route not in taken}
    if others:
        return Been((*ways, *begin(others, fix.at)), astray), ended
    if not any(way.known for way in ways):
        return Been(begin(places, fix.at), None), ended
    been, told = _lost(_Lost(ways, places, course, trips), astray, seen, view)
    return been, (*ended, *told)


def ended_by(astray: Astray, until: Instant, ref: Ref | None = None) -> tuple[Claim, ...]:
    """The claim as it ends, if it is one."""
    claim = astray.claim
    if claim is None:
        return ()
    refs = claim.refs if ref is None or ref in claim.refs else cite(claim.refs, ref)
    numbers = _numbers(astray, claim) | {"minutes": (until - claim.since) // MINUTE, "fixes": astray.fixes}
    return (replace(claim, until=until, refs=refs, ref_count=len(refs), numbers=numbers),)


def explain_astray(n: dict[str, Number], since: Instant, lang: Literal["zh", "en"]) -> str:
    """Where it turned back or what it left out, and for how long."""
    begun, minutes = format_instant(since), n.get("minutes")
    if n["kind"] == LEFT_OUT:
        if lang == "zh":
            return (
                f"运输 {n['consignment']} 的车辆行至许可路线约 {n['reached_km']} 公里处之后，于 {begun} 出现在约 "
                f"{n['resumed_km']} 公里处，其间约 {n['left_out_km']} 公里不可能已驶过，属漏走。"
            )
        return (
            f"The vehicle on consignment {n['consignment']} left out about {n['left_out_km']} km of its permitted "
            f"route: having come to kilometre {n['reached_km']} it was seen, at {begun}, at kilometre "
            f"{n['resumed_km']}, and cannot have driven what lies between."
        )
    if lang == "zh":
        ended = "尚未回到原处。" if minutes is None else f"历时 {minutes} 分钟。"
        return (
            f"运输 {n['consignment']} 的车辆已行至许可路线约 {n['reached_km']} 公里处，自 {begun} 起沿路折返，"
            f"最多折回 {n['back_km']} 公里，至经度 {n['lon']} 纬度 {n['lat']};{ended}"
        )
    ended = "it has not come back to there." if minutes is None else f"it lasted {minutes} minutes."
    return (
        f"The vehicle on consignment {n['consignment']} had come to kilometre {n['reached_km']} of its permitted "
        f"route and, seen at {begun}, turned back on it by as much as {n['back_km']} km, to longitude {n['lon']}, "
        f"latitude {n['lat']}; {ended}"
    )


class _Lost(Struct, frozen=True, gc=False):
    """Ways of which none leads to a fix, where on their routes that lies, and the trips that are due."""

    ways: Ways
    places: Places
    course: Course
    trips: tuple[OnRoad, ...]


class _Told(Struct, frozen=True, gc=False):
    """What a claim is made of beside the run of fixes: the last of them, the trip, the county, the terms."""

    seen: Seen
    trip: OnRoad
    area: str
    view: View
    terms: Terms[Any]


def _lost(lost: _Lost, astray: Astray | None, seen: Seen, view: View) -> Followed:
    """One more fix where no way leads: it may make the run a claim, or one of a part left out, which is over."""
    fix, places = seen.fix, lost.places
    # Where the vehicle is now is known, so it is not ahead: the time that passed lets nothing be jumped over. But
    # what noise may have moved aside is no such knowledge: it may have driven on meanwhile.
    ways = tuple(
        way
        if (way.consignment, way.route) not in places or lost.course.may_be_on(way, fix.at, fix.lon, fix.lat)
        else replace(way, at=fix.at)
        for way in lost.ways
    )
    way = next(way for way in ways if way.known)
    trip = next(trip for trip in lost.trips if trip.leg.consignment == way.consignment)
    back = way.high_m - max(
        (m for _, m in places.get((way.consignment, way.route), []) if m < way.high_m), default=way.high_m
    )
    anew = lost.course.go_on(astray.anew, fix.at, fix.lon, fix.lat) if astray and astray.anew else None
    if astray is None:
        astray = Astray(way.consignment, trip.ends, seen.fact.id, seen.fact.ref, fix.at, 0, way.high_m, 0.0, fix)
    astray = replace(
        astray, fixes=astray.fixes + 1, ends=trip.ends, anew=anew or begin(places, fix.at),
        back_m=max(back, astray.back_m), worst=fix if back > astray.back_m else astray.worst,
    )  # fmt: skip
    area = county_at(view.world.areas, fix)
    terms = view.terms("D2", fix.at, category=category_of(trip.leg), area=area, unit=unit_of(trip.leg))
    asked = terms.parameters
    if fix.at - astray.since < asked.min_minutes * MINUTE or astray.fixes < asked.min_fixes:
        return Been(ways, astray), ()
    told = _Told(seen, trip, area, view, terms)
    resumed = _resumed(ways, astray.anew)
    if resumed is not None:
        if astray.claim is None and resumed.first_m - astray.high_m >= asked.skip_m:
            astray = replace(astray, claim=_left_out(astray, resumed.first_m, told))
        return Been(astray.anew, None), ended_by(astray, fix.at, seen.fact.ref)
    places_on = [m for _, m in places.get((way.consignment, way.route), [])]
    claim = _said(astray, min(places_on, default=0.0), told)
    if claim is None:
        return Been(ways, astray), ()
    return Been(ways, replace(astray, claim=claim, told_m=astray.back_m)), (claim,)


def _said(astray: Astray, nearest_m: float, told: _Told) -> Claim | None:
    """What is to be said of a vehicle that has not driven on; None where nothing is, or nothing new."""
    asked, claim = told.terms.parameters, astray.claim
    if claim is None:
        if astray.back_m >= asked.turn_m:
            claim = _claimed(astray, TURNED_BACK, told)
            return replace(claim, numbers=_numbers(astray, claim))
        apart = nearest_m - astray.high_m >= asked.skip_m
        return _left_out(astray, nearest_m, told) if apart else None
    if claim.numbers["kind"] == LEFT_OUT or astray.back_m < 2 * astray.told_m:
        return None
    refs = cite(claim.refs, told.seen.fact.ref)
    return replace(claim, refs=refs, ref_count=len(refs), numbers=_numbers(astray, claim))


def _leapt(astray: Astray, ways: Ways, on: Ways, fix: Fix, course: Course) -> bool:
    """Whether all ways that lead on leap over a part, to a place where the vehicle, once lost, was seen to drive to
    from beyond it: so it did not drive what lies between."""
    anew = (course.go_on(astray.anew, fix.at, fix.lon, fix.lat) or ()) if astray.anew else ()
    come = {(way.consignment, way.route, way.first_m): way.high_m for way in ways}
    leaps = [way.high_m - come[way.consignment, way.route, way.first_m] for way in on if way not in ways]
    return min(leaps, default=0.0) >= DROVE_M and any(way.first_m - astray.high_m >= DROVE_M for way in anew)


def _resumed(ways: Ways, anew: Ways) -> Way | None:
    """The way farther along the route of one that was left on which the vehicle has driven on since."""
    for new in anew:
        for old in ways:
            same = (new.consignment, new.route) == (old.consignment, old.route)
            if same and old.known and new.first_m > old.high_m and new.high_m - new.first_m >= DROVE_M:
                return new
    return None


def _left_out(astray: Astray, resumed_m: float, told: _Told) -> Claim:
    claim = _claimed(astray, LEFT_OUT, told)
    left_out: dict[str, Number] = {
        "left_out_km": _km(resumed_m - astray.high_m), "resumed_km": _km(resumed_m),
    }  # fmt: skip
    return replace(claim, numbers=claim.numbers | left_out)


def _claimed(astray: Astray, kind: str, told: _Told) -> Claim:
    seen, trip, area, view, terms = told.seen, told.trip, told.area, told.view, told.terms
    leg = trip.leg
    refs = tuple(dict.fromkeys((trip.ref, astray.ref, seen.fact.ref)))
    numbers: dict[str, Number] = {
        "kind": kind,
        "consignment": leg.consignment,
        "from": leg.shipper_site or "",
        "to": leg.consignee_site or "",
        "arrive_by": format_instant(leg.arrive_by),
        "reached_km": _km(astray.high_m),
        "lon": round(astray.worst.lon, 5),
        "lat": round(astray.worst.lat, 5),
    }
    return Claim(
        # An outing may begin with the same minute: each is a finding of its own.
        anchor=f"{astray.first_id}/order",
        since=astray.since,
        speaks_at=terms.speaks(astray.since),
        refs=refs,
        numbers=numbers,
        area=area,
        unit=unit_of(leg),
        category=category_of(leg),
        informed_areas=tuple(code for code in counties_along(view.world.areas, leg) if code != area),
        ref_count=len(refs),
    )


def _numbers(astray: Astray, claim: Claim) -> dict[str, Number]:
    """What the claim says, with the worst place so far of a vehicle that turned back."""
    if claim.numbers["kind"] == LEFT_OUT:
        return dict(claim.numbers)
    return {
        **claim.numbers,
        "back_km": _km(astray.back_m),
        "lon": round(astray.worst.lon, 5),
        "lat": round(astray.worst.lat, 5),
    }


def _km(metres: float) -> float:
    return round(metres / 1000, 1)
