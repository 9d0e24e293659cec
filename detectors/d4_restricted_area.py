"""D4 进入禁行区: a loaded vehicle is inside a restricted area, at an hour at which it keeps out, without approval.

Law kept: depth and time both decide: a road along the edge, a leap of the receiver and a corner cut are no entry.
Who carries a load without any plan is judged too: no plan, no approval.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Literal, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from detectors.claim import Claim, Finding, Number
from detectors.detector import Card, Step, View
from detectors.policy import Terms
from detectors.roads.alarms import AREA_ALARM, NO_SATELLITES
from detectors.roads.areas import Area, areas_at
from detectors.roads.fixes import FORGOTTEN, Track, believed, forgettable
from detectors.roads.ordinary import ANYTHING, KeptOut, Ordinary, Run, last_fix
from detectors.roads.place import counties_along, county_at
from detectors.roads.roads import citing, road_at, says_empty
from detectors.roads.trips import OnRoad, category_of, latest_trip, unit_of
from events.registry import Category, RestrictedAreaEntry
from events.time import MINUTE, Instant, format_instant
from ledger.account import Driving
from ledger.fact import Body, Cell, Fact, Fix, Ref


class Parameters(Struct, frozen=True, forbid_unknown_fields=True):
    """How deep, how long, and when it is over.

    ``margin_m``: metres inside the outline that are let pass; ``min_minutes`` and ``min_fixes``: how long and by
    how many fixes in a row deeper than that before it is said; ``back_minutes``: how long outside before it is
    over; ``grace_min``: minutes after the planned arrival in which the plan still tells what is carried;
    ``category`` stands for the load where no plan does.
    """

    margin_m: int = 60
    min_minutes: int = 3
    min_fixes: int = 3
    back_minutes: int = 3
    grace_min: int = 120
    category: Category = Category.CHEMICALS


class Visit(Struct, frozen=True, array_like=True, gc=False):
    """A run of fixes inside: on which trip (empty: none), in which area, since when, the deepest, and the claim.

    ``back`` is the fix that came out, if any has since; ``alarmed`` whether the terminal itself said so.
    """

    consignment: str
    ends: Instant
    area: str
    name: str
    fact_id: str
    ref: Ref
    since: Instant
    fixes: int
    deepest: Fix
    deepest_m: float
    back: Fix | None = None
    alarmed: bool = False
    claim: Claim | None = None


class Entering(Struct, frozen=True, array_like=True, gc=False):
    """The track, and the visit that may be under way."""

    track: Track = Track()
    visit: Visit | None = None


class Load(NamedTuple):
    """What a vehicle carries where: its trip if it is on one, what may be entered, and the terms to judge it by."""

    trip: OnRoad | None
    category: Category
    unit: str
    approved: frozenset[str]
    county: str
    terms: Terms[Any]

    @property
    def consignment(self) -> str:
        """The trip; empty without one."""
        return "" if self.trip is None else self.trip.leg.consignment


class RestrictedArea:
    """Claims while fix after fix lies inside; evidence: which area, how deep, how long."""

    card: ClassVar = Card(
        id="D4",
        name="RESTRICTED_AREA",
        title=("进入禁行区", "In a restricted area"),
        predicate=(
            "载货车辆未经批准(运单未列该区域)，在禁行时段深入禁行区边界以内超过余量，持续达到规定时间和定位点数;"
            "离开区域满规定时间、卸空或运输结束即终止",
            "a loaded vehicle is inside a restricted area that its plan does not name, at an hour at which the "
            "area keeps its category out, deeper than a margin, for a given time and number of fixes; over once "
            "outside for a while, unloaded, or with the trip",
        ),
        misses=(
            "短于规定时间的穿越、边界余量之内的行驶、窄于两倍余量的区域；无定位期间的进入(见 D6);"
            "谎报空车且无运单的车辆；未登记的禁行区",
            "a crossing shorter than the time, driving within the margin, an area narrower than twice the margin; "
            "what is done while no position comes (D6); a load that neither plan nor terminal tells of; areas that "
            "are not registered",
        ),
        key="vehicle",
        place="last_fix",
    )
    State: ClassVar = Entering
    Parameters: ClassVar = Parameters
    stricter: ClassVar[dict[str, Literal["lower", "higher"]]] = {
        "margin_m": "lower",
        "min_minutes": "lower",
        "min_fixes": "lower",
        "back_minutes": "higher",
    }
    sees: ClassVar[frozenset[type[Body]]] = frozenset((Cell,))

    def start(self) -> Entering:
        """Nowhere yet."""
        return Entering()

    def see(self, state: Entering, step: Step, view: View) -> tuple[Entering, Sequence[Claim]]:
        """Judge the believed fixes of a minute."""
        cell, driving = step.fact.body, step.after
        if not isinstance(cell, Cell) or not isinstance(driving, Driving) or cell.alarms & NO_SATELLITES:
            return state, ()
        track, good = believed(state.track, cell)
        visit = state.visit
        if not good or (visit is None and _nowhere_near(view, good)):
            return replace(state, track=track), ()
        load = None if says_empty(cell) else _load(driving, cell, good[-1], view)
        claims: list[Claim] = []
        if visit is not None and (load is None or _left(visit, load, good[0].at)):
            claims.extend(_over(visit, min(visit.ends, good[0].at), None))
            visit = None
        if load is None:
            return Entering(track), claims
        for fix in good:
            visit, told = _judged(visit, (step.fact, fix), load, view)
            claims.extend(told)
        if visit is not None and cell.alarms & AREA_ALARM and not visit.alarmed:
            visit = replace(visit, alarmed=True)
        return Entering(track, visit), claims

    def at(self, state: Entering, now: Instant, view: View) -> Sequence[Claim]:
        """A visit ends with its trip, even if no fix comes any more."""
        visit = state.visit
        return () if visit is None or now < visit.ends else _over(visit, visit.ends, None)

    def wakes(self, state: Entering, view: View) -> Sequence[Instant]:
        """The end of the trip on which the visit is."""
        return () if state.visit is None or state.visit.claim is None else (state.visit.ends,)

    def mounts(self, state: Entering, run: Run, allowed: Sequence[Any], view: View) -> Ordinary | None:
        """Minutes outside the boxes of all areas that are not allowed."""
        if state.visit:
            return None
        leg, areas = run.leg, areas_at(view.world, run.at)
        until = view.world.on_roads.span(RestrictedAreaEntry, run.at)[1]
        if leg is None or not areas.any:
            return ANYTHING if until >= run.until else Ordinary(until=until)
        approved = frozenset(area for due in run.legs for area in due.areas)
        return Ordinary(until=until, kept_out=KeptOut(areas, category_of(leg), approved))

    def rode(self, state: Entering, run: Run, last: Step, view: View) -> Entering:
        """Where it came to."""
        return Entering(Track(last_fix(last)))

    def spent(self, state: Entering, since: Instant) -> bool:
        """No visit, and no fix that could make another one a leap."""
        return not state.visit and forgettable(state.track, since)

    def explain(self, finding: Finding, lang: Literal["zh", "en"]) -> str:
        """In which area, how deep, how long, on which trip."""
        claim = finding.claim
        n, since, minutes = claim.numbers, format_instant(claim.since), claim.numbers.get("minutes")
        if lang == "zh":
            whose = f"运输 {n['consignment']} 的车辆" if n["consignment"] else "载货而无运单的车辆"
            ended = "尚未离开。" if minutes is None else f"历时 {minutes} 分钟。"
            said = "终端同时报进出区域。" if n["alarms"] else ""
            return (
                f"{whose}自 {since} 起未经批准进入禁行区 {n['restricted_area']}({n['area_name']}),"
                f"距边界最深 {n['deepest_m']} 米(经度 {n['lon']} 纬度 {n['lat']});{ended}{said}"
            )
        whose = f"on consignment {n['consignment']}" if n["consignment"] else "loaded without a consignment"
        ended = "it has not left." if minutes is None else f"it lasted {minutes} minutes."
        said = " The terminal too reported an area." if n["alarms"] else ""
        return (
            f"From {since} the vehicle {whose} was without approval inside the restricted area "
            f"{n['restricted_area']} ({n['area_name']}), as deep as {n['deepest_m']} m (longitude {n['lon']}, "
            f"latitude {n['lat']}); {ended}{said}"
        )


def _left(visit: Visit, load: Load, at: Instant) -> bool:
    return visit.consignment != load.consignment or at >= visit.ends


def _nowhere_near(view: View, good: Sequence[Fix]) -> bool:
    areas = areas_at(view.world, good[0].at)
    return not areas.any or all(areas.clear(fix.lon, fix.lat) for fix in good)


def _load(driving: Driving, cell: Cell, fix: Fix, view: View) -> Load | None:
    """What a vehicle carries; None where neither a trip nor its terminal says that it carries anything."""
    road = road_at("D4", driving, fix, view)
    if road is not None:
        leg, approved = road.trip.leg, frozenset(area for leg in road.legs for area in leg.areas)
        return Load(road.trip, category_of(leg), unit_of(leg), approved, road.area, road.terms)
    if not cell.loaded:
        return None
    latest, county = latest_trip(driving, fix.at), county_at(view.world.areas, fix)
    category, unit = ("", "") if latest is None else (category_of(latest), unit_of(latest))
    terms = view.terms("D4", fix.at, category=category, area=county, unit=unit)
    carried = terms.parameters.category if latest is None else category_of(latest)
    return Load(None, carried, unit, frozenset(), county, terms)


def _judged(
    visit: Visit | None, seen: tuple[Fact, Fix], load: Load, view: View
) -> tuple[Visit | None, tuple[Claim, ...]]:
    """The visit behind one more fix."""
    fact, fix = seen
    terms: Parameters = load.terms.parameters
    inside = _inside(fix, load, view)
    depth, area = max(((area.depth_m(fix.lon, fix.lat), area) for area in inside), default=(0.0, None),
                      key=lambda pair: pair[0])  # fmt: skip
    if area is None or (depth <= terms.margin_m and (visit is None or visit.claim is None)):
        return _outside(visit, seen, terms) if visit is not None else (None, ())
    ends = fix.at + FORGOTTEN if load.trip is None else load.trip.ends
    if visit is None:
        visit = Visit(load.consignment, ends, area.id, area.name, fact.id, fact.ref, fix.at, 0, fix, depth)
    deeper = depth > visit.deepest_m
    visit = replace(
        visit, ends=ends, fixes=visit.fixes + 1, back=None,
        deepest=fix if deeper else visit.deepest, deepest_m=depth if deeper else visit.deepest_m,
    )  # fmt: skip
    for_long = fix.at - visit.since >= terms.min_minutes * MINUTE and visit.fixes >= terms.min_fixes
    if visit.claim is not None or not for_long:
        return visit, ()
    claim = _opened(visit, fact, load, view)
    return replace(visit, claim=claim), (claim,)


def _inside(fix: Fix, load: Load, view: View) -> list[Area]:
    """The areas that hold a fix and forbid it."""
    areas = areas_at(view.world, fix.at)
    return [
        area
        for area in areas.near(fix.lon, fix.lat)
        if area.forbids(fix.at, load.category, load.approved) and area.holds(fix.lon, fix.lat)
    ]


def _outside(visit: Visit, seen: tuple[Fact, Fix], terms: Parameters) -> tuple[Visit | None, tuple[Claim, ...]]:
    """Outside again: a run that was no claim is forgotten, a claim ends once this has lasted."""
    fact, fix = seen
    if visit.claim is None:
        return None, ()
    back = visit.back or fix
    if fix.at - back.at < terms.back_minutes * MINUTE:
        return replace(visit, back=back), ()
    return None, _over(visit, back.at, fact.ref)


def _opened(visit: Visit, fact: Fact, load: Load, view: View) -> Claim:
    trip, areas = load.trip, view.world.areas
    entered = view.world.on_roads.in_force(RestrictedAreaEntry, visit.area, visit.since)
    origin = None if entered is None else entered.origin
    refs = ((trip.ref,) if trip is not None else ()) + (visit.ref, fact.ref)
    claim = Claim(
        anchor=visit.fact_id,
        since=visit.since,
        speaks_at=load.terms.speaks(visit.since),
        refs=(),
        numbers={
            "consignment": load.consignment,
            "restricted_area": visit.area,
            "area_name": visit.name,
            **({} if origin is None else {"by_list": origin.cited}),
            **_worst(visit),
        },
        area=load.county,
        unit=load.unit,
        category=load.category,
        informed_areas=()
        if trip is None
        else tuple(code for code in counties_along(areas, trip.leg) if code != load.county),
    )
    return citing(claim, *refs)


def _worst(visit: Visit) -> dict[str, Number]:
    return {
        "deepest_m": round(visit.deepest_m),
        "lon": round(visit.deepest.lon, 5),
        "lat": round(visit.deepest.lat, 5),
        "alarms": AREA_ALARM * visit.alarmed,
    }


def _over(visit: Visit, until: Instant, ref: Ref | None) -> tuple[Claim, ...]:
    """The claim of a visit, if it is one, as it ends."""
    claim = visit.claim
    if claim is None:
        return ()
    numbers = claim.numbers | _worst(visit) | {"minutes": (until - claim.since) // MINUTE, "fixes": visit.fixes}
    ended = replace(claim, until=until, numbers=numbers)
    return (ended if ref is None else citing(ended, ref),)
