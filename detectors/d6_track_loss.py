"""D6 轨迹中断: a loaded vehicle under way falls silent, or its terminal says that it is blind or without power.

Law kept: silence is an obligation missed, true from its deadline by time alone; positions that come later, as they
do after blind zones, take it back by being there. One silence, one finding.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Literal

from msgspec import Struct
from msgspec.structs import replace

from detectors.claim import Claim, Finding, Number, cite
from detectors.detector import Card, Step, View
from detectors.policy import Terms
from detectors.roads.alarms import alarm_names, blinding
from detectors.roads.fixes import MOVING_KMH, nowhere
from detectors.roads.geometry import distance_m
from detectors.roads.ordinary import NEVER, Ordinary, Run
from detectors.roads.place import counties_along, county_at
from detectors.roads.trips import OnRoad, category_of, latest_trip, under_way, unit_of
from events.registry import Category
from events.time import MINUTE, Instant, format_instant, parse_instant
from ledger.account import Driving
from ledger.fact import Body, Cell, Fact, Fix, Leg, Ref


class Parameters(Struct, frozen=True, forbid_unknown_fields=True):
    """How long a silence, where, and until when.

    ``max_gap_min``: minutes without a position; ``parked_m``: metres around either end of a route within which a
    vehicle may sleep, as when parked at permitted stops; ``grace_min``: minutes after the planned arrival in which
    positions are still owed.
    """

    max_gap_min: int = 10
    parked_m: int = 500
    grace_min: int = 120


class Trip(Struct, frozen=True, array_like=True, gc=False):
    """What a silence needs to know of the trip: the plan's essentials, its end, and the counties that it passes."""

    consignment: str
    ref: Ref
    unit: str
    category: Category
    ends: Instant
    counties: tuple[str, ...]


class Last(Struct, frozen=True, array_like=True, gc=False):
    """The last good minute of a loaded vehicle under way, and the silence that begins with it.

    ``due`` is when the silence is too long, ``speaks_at`` when it may be said. ``asleep`` are the metres within
    which the vehicle must wake up again where it may sleep (0: it may not).
    """

    id: str
    ref: Ref
    fix: Fix
    area: str
    due: Instant
    speaks_at: Instant
    asleep: float


class Watchkeeping(Struct, frozen=True, array_like=True, gc=False):
    """The trip, its last good minute or the open blindness; ``emptied`` is the trip known to be unloaded."""

    trip: Trip | None = None
    last: Last | None = None
    blind: Claim | None = None
    emptied: str = ""


class TrackLoss:
    """Claims from the deadline of a silence on, or from a blinding alarm on; both end with a good position."""

    card: ClassVar = Card(
        id="D6",
        name="TRACK_LOSS",
        title=("轨迹中断", "Track lost"),
        predicate=(
            "载货运输途中，超过规定时间没有有效定位，或终端报卫星、天线、主电源故障(JT/T 808 报警位 4、5、7、8);"
            "恢复有效定位或运输结束即终止。停在许可停靠点或路线两端的车辆可休眠，但须在原处恢复",
            "loaded and under way no usable position comes for longer than allowed, or the terminal reports "
            "receiver, antenna or main power faults (JT/T 808 bits 4, 5, 7, 8); over with a position or the trip. "
            "Parked at a permitted stop, or at a route's end, it may sleep, if it wakes up where it fell asleep",
        ),
        misses=(
            "自运输开始就没有任何定位的车辆；出发前已关机的终端；短于规定时间的遮挡；在停靠点休眠后又回到原处的行驶;"
            "伪造的连续定位",
            "a vehicle of which no position came on the trip at all, or whose terminal was off before departing; a "
            "silence shorter than allowed; a drive that leaves a stop and comes back asleep; forged positions",
        ),
        key="vehicle",
        place="last_fix",
    )
    State: ClassVar = Watchkeeping
    Parameters: ClassVar = Parameters
    stricter: ClassVar[dict[str, Literal["lower", "higher"]]] = {
        "max_gap_min": "lower",
        "parked_m": "lower",
        "grace_min": "higher",
    }
    sees: ClassVar[frozenset[type[Body]]] = frozenset((Cell,))

    def start(self) -> Watchkeeping:
        """Nothing heard yet."""
        return Watchkeeping()

    def see(self, state: Watchkeeping, step: Step, view: View) -> tuple[Watchkeeping, Sequence[Claim]]:
        """A good minute ends a silence and may begin the next; a blinded one begins an episode at once."""
        cell, driving = step.fact.body, step.after
        if not isinstance(cell, Cell) or not isinstance(driving, Driving):
            return state, ()
        blinded = bool(blinding(cell.alarms))
        if nowhere(cell.last) and not blinded:
            return state, ()
        state, ended = _ended(state, step.fact, cell)
        area = state.last.area if blinded and state.last else county_at(view.world.areas, cell.last)
        road, terms = _on_road(driving, cell.last.at, area, view)
        emptied = state.emptied if road is None else _emptied(state, cell, road)
        if road is None or terms is None or (emptied == road.leg.consignment and not cell.loaded):
            if state.blind is not None:
                ended = (_over(state.blind, cell.first.at, step.fact.ref),)
            return Watchkeeping(emptied=emptied), ended
        state = replace(state, trip=_trip(road, state.trip, view), emptied=emptied)
        if not blinded:
            return replace(state, last=_last(step.fact, cell, road, area, terms)), ended
        if state.blind is not None or _silent(state.last, cell.first.at):
            return state, ended
        claim = _blinded(state, step.fact, cell, area, terms)
        return replace(state, last=None, blind=claim), (*ended, claim)

    def at(self, state: Watchkeeping, now: Instant, view: View) -> Sequence[Claim]:
        """The silence from its deadline on, until the trip ends; and a blindness that ended with its trip."""
        trip, last = state.trip, state.last
        if trip is None:
            return ()
        if state.blind is not None:
            return (_over(state.blind, trip.ends, None),) if now >= trip.ends else ()
        if last is None or not _silent(last, now) or last.due >= trip.ends:
            return ()
        silence = _silence(last, trip)
        return (_over(silence, trip.ends, None) if now >= trip.ends else silence,)

    def wakes(self, state: Watchkeeping, view: View) -> Sequence[Instant]:
        """The deadline of the silence that may have begun, and the end of the trip."""
        trip, last = state.trip, state.last
        if trip is None:
            return ()
        if state.blind is not None:
            return (trip.ends,)
        return () if last is None or last.asleep or last.due >= trip.ends else (last.due, trip.ends)

    def mounts(self, state: Watchkeeping, run: Run, allowed: Sequence[Any], view: View) -> Ordinary | None:
        """Minutes that come soon enough after each other, while no blindness is under way."""
        if state.blind:
            return None
        heard_by = state.last.due if state.trip and state.last else NEVER
        gap = min(terms.max_gap_min for terms in allowed) * MINUTE if run.on else NEVER
        return Ordinary(heard_by=heard_by, gap=gap)

    def rode(self, state: Watchkeeping, run: Run, last: Step, view: View) -> Watchkeeping:
        """The last good minute is all that a silence needs to know."""
        if not run.on:
            return Watchkeeping(emptied=run.emptied if run.trip else state.emptied)
        return self.see(Watchkeeping(state.trip, emptied=run.emptied), last, view)[0]

    def spent(self, state: Watchkeeping, since: Instant) -> bool:
        """No blindness."""
        return not state.blind

    def explain(self, finding: Finding, lang: Literal["zh", "en"]) -> str:
        """Silent or blind since when, where last, how long, on which trip."""
        claim = finding.claim
        n, alarms = claim.numbers, int(claim.numbers["alarms"])
        minutes = n.get("minutes")
        if lang == "zh":
            cause = f"终端报警：{alarm_names(alarms, 'zh')}。" if alarms else "没有定位。"
            ended = "至今未恢复。" if minutes is None else f"中断 {minutes} 分钟。"
            return (
                f"运输 {n['consignment']} 的车辆最后一次有效定位为 {n['last_at']}(经度 {n['lon']} 纬度 {n['lat']}),"
                f"此后{cause}{ended}"
            )
        cause = f"the terminal reported: {alarm_names(alarms, 'en')}" if alarms else "no position came"
        ended = "it has not come back." if minutes is None else f"the gap was {minutes} minutes."
        return (
            f"The last good position of the vehicle on consignment {n['consignment']} was at {n['last_at']} "
            f"(longitude {n['lon']}, latitude {n['lat']}); then {cause}; {ended}"
        )


def _on_road(driving: Driving, at: Instant, area: str, view: View) -> tuple[OnRoad | None, Terms[Any] | None]:
    """The trip under way at an instant, the one that departed last, and its terms at the place."""
    latest = latest_trip(driving, at)
    if latest is None:
        return None, None
    terms = view.terms("D6", at, category=category_of(latest), area=area, unit=unit_of(latest))
    trips = under_way(driving, at, overdue=terms.parameters.grace_min * MINUTE)
    return (trips[-1], terms) if trips else (None, None)


def _trip(road: OnRoad, known: Trip | None, view: View) -> Trip:
    """The trip's essentials; what is known of the same trip is kept, so that a route is walked once."""
    leg = road.leg
    if known is not None and known.consignment == leg.consignment:
        return known if known.ends == road.ends else replace(known, ends=road.ends)
    counties = counties_along(view.world.areas, leg)
    return Trip(leg.consignment, road.ref, unit_of(leg), category_of(leg), road.ends, counties)


def _emptied(state: Watchkeeping, cell: Cell, road: OnRoad) -> str:
    """The trip known to be unloaded: a planned trip is loaded until a fix says that it is empty."""
    if cell.empty:
        return road.leg.consignment
    return "" if cell.loaded else state.emptied


def _ended(state: Watchkeeping, fact: Fact, cell: Cell) -> tuple[Watchkeeping, tuple[Claim, ...]]:
    """What a minute ends: a blindness by being good, a silence by being heard; both at the latest with the trip."""
    heard, trip = cell.first.at, state.trip
    if trip is None:
        return state, ()
    if blinding(cell.alarms) and heard < trip.ends:
        return state, ()
    until, ref = min(heard, trip.ends), fact.ref if heard < trip.ends else None
    if state.blind is not None:
        return replace(state, blind=None, trip=None), (_over(state.blind, until, ref),)
    last = state.last
    if last is None or until <= last.due or _slept(last, cell.first, trip):
        return state, ()
    return state, (_over(_silence(last, trip), until, ref),)


def _silent(last: Last | None, at: Instant) -> bool:
    """Whether a silence is too long already."""
    return last is not None and not last.asleep and last.due <= at


def _slept(last: Last, woke: Fix, trip: Trip) -> bool:
    """Whether a vehicle that may sleep woke up where it fell asleep, or after its trip."""
    away = distance_m((last.fix.lon, last.fix.lat), (woke.lon, woke.lat))
    return bool(last.asleep) and (woke.at >= trip.ends or away <= last.asleep)


def _last(fact: Fact, cell: Cell, road: OnRoad, area: str, terms: Terms[Any]) -> Last:
    due = cell.last.at + terms.parameters.max_gap_min * MINUTE
    asleep = _may_sleep(cell.last, road.leg, terms.parameters.parked_m)
    return Last(fact.id, fact.ref, cell.last, area, due, terms.speaks(due), asleep)


def _may_sleep(fix: Fix, leg: Leg, parked_m: int) -> float:
    """Within how many metres a vehicle may sleep: near a route's end, parked at a permitted stop; 0: not at all."""
    spots = [(*point, float(parked_m)) for line, _ in leg.routes for point in (line[0], line[-1])]
    if fix.speed_kmh <= MOVING_KMH:
        spots.extend(leg.stops)
    place = (fix.lon, fix.lat)
    return max((radius for lon, lat, radius in spots if distance_m((lon, lat), place) <= radius), default=0.0)


def _silence(last: Last, trip: Trip) -> Claim:
    """The silence after a good minute, as it stands from its deadline on."""
    return _claim(trip, last.area, Claim(
        last.id, last.due, last.speaks_at, tuple(dict.fromkeys((trip.ref, last.ref))),
        _numbers(trip, last.fix, 0), last.area, trip.unit, trip.category,
    ))  # fmt: skip


def _blinded(state: Watchkeeping, fact: Fact, cell: Cell, area: str, terms: Terms[Any]) -> Claim:
    """A blindness that begins with this minute; its place is that of the last good fix."""
    trip, fix = state.trip, state.last.fix if state.last else cell.last
    if trip is None:
        raise ValueError("blindness is judged on a trip only")
    return _claim(trip, area, Claim(
        fact.id, cell.first.at, terms.speaks(cell.first.at), tuple(dict.fromkeys((trip.ref, fact.ref))),
        _numbers(trip, fix, blinding(cell.alarms)), area, trip.unit, trip.category,
    ))  # fmt: skip


def _claim(trip: Trip, area: str, bare: Claim) -> Claim:
    informed = tuple(code for code in trip.counties if code != area)
    return replace(bare, informed_areas=informed, ref_count=len(bare.refs))


def _numbers(trip: Trip, fix: Fix, alarms: int) -> dict[str, Number]:
    return {
        "consignment": trip.consignment,
        "last_at": format_instant(fix.at),
        "lon": round(fix.lon, 5),
        "lat": round(fix.lat, 5),
        "alarms": alarms,
    }


def _over(claim: Claim, until: Instant, ref: Ref | None) -> Claim:
    """The claim as it ends, with the minutes from the last good position (or the alarm) to the end."""
    refs = claim.refs if ref is None or ref in claim.refs else cite(claim.refs, ref)
    since = parse_instant(str(claim.numbers["last_at"])) if not claim.numbers["alarms"] else claim.since
    numbers = claim.numbers | {"minutes": (until - since) // MINUTE}
    return replace(claim, until=until, refs=refs, ref_count=len(refs), numbers=numbers)
