"""D1 无证/无运单运输: a vehicle drives loaded while no consignment is under way for it.

Law kept: only what the vehicle itself says (loaded, moving) and the plans that it knows decide; a plan reported
later the same day explains it, so nothing is said before the day is over.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Literal

from msgspec import Struct
from msgspec.structs import replace

from detectors.claim import Claim, Finding, Number, cite
from detectors.detector import Card, Step, View
from detectors.policy import Terms
from detectors.roads.fixes import FASTEST_KMH, FORGOTTEN, nowhere, speed_kmh
from detectors.roads.geometry import distance_m
from detectors.roads.ordinary import ANYTHING, Ordinary, Run, last_fix
from detectors.roads.place import county_at
from detectors.roads.trips import category_of, latest_trip, under_way, unit_of
from events.registry import Category
from events.time import HOUR, MINUTE, Instant, format_instant
from ledger.account import Driving
from ledger.fact import Body, Cell, Fact, Fix, Ref


class Parameters(Struct, frozen=True, forbid_unknown_fields=True):
    """What counts as driving, for how long, and how near in time a plan may be.

    ``min_speed_kmh``: slower is standing; ``min_minutes``: minutes driven before it is said; ``gap_min``: minutes
    without driving after which the drive is over; ``early_min``: minutes before its departure from which a plan
    allows; ``overdue_h``: hours after its planned arrival for which it does; ``category`` stands for the load where
    no earlier trip tells.
    """

    min_speed_kmh: int = 10
    min_minutes: int = 5
    gap_min: int = 60
    early_min: int = 60
    overdue_h: int = 24
    category: Category = Category.CHEMICALS


class Drive(Struct, frozen=True, array_like=True, gc=False):
    """A drive without a plan: since when, how long and far, when it is over, and the claim if it is one."""

    first_id: str
    ref: Ref
    start: Fix
    latest: Fix
    expires: Instant
    minutes: int = 0
    metres: float = 0.0
    claim: Claim | None = None


class Driven(Struct, frozen=True, array_like=True, gc=False):
    """The last fix, and the drive without a plan if there is one."""

    last: Fix | None = None
    drive: Drive | None = None


class NoTransportPermit:
    """Claims while a vehicle that says it is loaded drives without a trip; evidence: where, how long, how far."""

    card: ClassVar = Card(
        id="D1",
        name="NO_TRANSPORT_PERMIT",
        title=("无证/无运单运输", "Driving loaded without a consignment"),
        predicate=(
            "车辆报告载货并行驶达到规定分钟数，其间没有任何在途运单(允许提前出发和逾期到达的宽限);"
            "有运单在途、卸空或停驶满规定时间即终止",
            "a vehicle that reports a load drives for a given number of minutes while no consignment is under way "
            "(with an allowance before departure and after arrival); over with a trip, unloaded, or standing",
        ),
        misses=(
            "不报载货状态或谎报空车的车辆；不在平台内的车辆；借用他人运单的运输(见 D10)；低于规定分钟数的短途",
            "a vehicle that does not report its load, or reports none; one not on the platform; driving under the "
            "plan of another load (D10); a drive shorter than the minutes asked for",
        ),
        key="vehicle",
        place="last_fix",
    )
    State: ClassVar = Driven
    Parameters: ClassVar = Parameters
    stricter: ClassVar[dict[str, Literal["lower", "higher"]]] = {
        "min_speed_kmh": "lower",
        "min_minutes": "lower",
        "gap_min": "higher",
        "early_min": "lower",
        "overdue_h": "lower",
    }
    sees: ClassVar[frozenset[type[Body]]] = frozenset((Cell,))

    def start(self) -> Driven:
        """Nowhere yet."""
        return Driven()

    def see(self, state: Driven, step: Step, view: View) -> tuple[Driven, Sequence[Claim]]:
        """A minute loaded, driving and without a plan begins or prolongs a drive; a plan or unloading ends it."""
        cell, driving = step.fact.body, step.after
        if not isinstance(cell, Cell) or not isinstance(driving, Driving) or nowhere(cell.last):
            return state, ()
        drive = state.drive
        claims: tuple[Claim, ...] = ()
        if drive is not None and cell.first.at >= drive.expires:
            drive, claims = None, _over(drive, None)
        terms = _unpermitted(driving, cell, view)
        if terms is None:
            return Driven(cell.last), (*claims, *_over(drive, step.fact.ref))
        if cell.loaded and _moving(state.last, cell, terms.parameters):
            drive, told = _driven(drive, (step.fact, cell), driving, terms, view)
            claims = (*claims, *told)
        return Driven(cell.last, drive), claims

    def at(self, state: Driven, now: Instant, view: View) -> Sequence[Claim]:
        """A drive is over after a while without driving, even if no fix comes any more."""
        drive = state.drive
        return () if drive is None or now < drive.expires else _over(drive, None)

    def wakes(self, state: Driven, view: View) -> Sequence[Instant]:
        """When the drive is over if nothing comes."""
        return () if state.drive is None or state.drive.claim is None else (state.drive.expires,)

    def mounts(self, state: Driven, run: Run, allowed: Sequence[Any], view: View) -> Ordinary | None:
        """Any minute on a trip, and any that does not say that it is loaded, while no drive is under way."""
        return None if state.drive else ANYTHING

    def rode(self, state: Driven, run: Run, last: Step, view: View) -> Driven:
        """Where it came to."""
        return Driven(last_fix(last))

    def spent(self, state: Driven, since: Instant) -> bool:
        """No drive, and no fix that a speed could be reckoned from."""
        return not state.drive and (state.last is None or state.last.at <= since)

    def explain(self, finding: Finding, lang: Literal["zh", "en"]) -> str:
        """Since when, from where, how long and far, and what its last plan was."""
        claim = finding.claim
        n, since = claim.numbers, format_instant(claim.since)
        minutes, km = n.get("driven_min"), n.get("km")
        last = str(n["last_trip"])
        if lang == "zh":
            ended = "尚在行驶。" if minutes is None else f"共行驶 {minutes} 分钟、约 {km} 公里。"
            known = f"该车上一运单为 {last}。" if last else "平台没有该车更早的运单。"
            return f"车辆自 {since} 起载货行驶(经度 {n['lon']} 纬度 {n['lat']})，其间没有在途运单；{ended}{known}"
        ended = "it is still driving." if minutes is None else f"it drove for {minutes} minutes, about {km} km."
        known = f"Its last consignment was {last}." if last else "No earlier consignment of this vehicle is known."
        return (
            f"The vehicle has been driving loaded since {since} (longitude {n['lon']}, latitude {n['lat']}) while "
            f"no consignment was under way for it; {ended} {known}"
        )


def _unpermitted(driving: Driving, cell: Cell, view: View) -> Terms[Any] | None:
    """The terms to judge a minute by; None where a plan allows it or it is known to be unloaded."""
    if (cell.empty and not cell.loaded) or _allowed(driving, cell, 0, 0):
        return None
    latest = latest_trip(driving, cell.last.at)
    category, unit = ("", "") if latest is None else (category_of(latest), unit_of(latest))
    area = county_at(view.world.areas, cell.last)
    terms = view.terms("D1", cell.last.at, category=category, area=area, unit=unit)
    allowance = terms.parameters
    return None if _allowed(driving, cell, allowance.early_min, allowance.overdue_h) else terms


def _allowed(driving: Driving, cell: Cell, early_min: int, overdue_h: int) -> bool:
    early, overdue = early_min * MINUTE, overdue_h * HOUR
    return any(under_way(driving, fix.at, overdue=overdue, early=early) for fix in (cell.first, cell.last))


def _moving(before: Fix | None, cell: Cell, terms: Parameters) -> bool:
    """Whether a vehicle drives in a minute: by its own speed, or by how far it came since the last fix before."""
    if max(cell.first.speed_kmh, cell.last.speed_kmh) > terms.min_speed_kmh:
        return True
    earlier = (
        cell.first
        if before is None or cell.last.at - before.at > min(terms.gap_min * MINUTE, FORGOTTEN)
        else before
    )
    return terms.min_speed_kmh < speed_kmh(earlier, cell.last) <= FASTEST_KMH


def _driven(
    drive: Drive | None, minute: tuple[Fact, Cell], known: Driving, terms: Terms[Any], view: View
) -> tuple[Drive, tuple[Claim, ...]]:
    """The drive with one more minute, and the claim that this minute makes of it."""
    fact, cell = minute
    drive = drive or Drive(fact.id, fact.ref, cell.first, cell.first, cell.first.at)
    before = drive.latest
    drive = replace(
        drive,
        latest=cell.last,
        expires=cell.last.at + terms.parameters.gap_min * MINUTE,
        minutes=drive.minutes + 1,
        metres=drive.metres + distance_m((before.lon, before.lat), (cell.last.lon, cell.last.lat)),
    )
    if drive.claim is not None or drive.minutes < terms.parameters.min_minutes:
        return drive, ()
    trip = latest_trip(known, cell.last.at)
    claim = Claim(
        anchor=drive.first_id,
        since=drive.start.at,
        speaks_at=terms.speaks(drive.start.at),
        refs=tuple(dict.fromkeys((drive.ref, fact.ref))),
        numbers={
            "lon": round(drive.start.lon, 5),
            "lat": round(drive.start.lat, 5),
            "last_trip": "" if trip is None else trip.consignment,
        },
        area=county_at(view.world.areas, cell.last),
        unit="" if trip is None else unit_of(trip),
        category=terms.parameters.category if trip is None else category_of(trip),
        ref_count=1 if drive.ref == fact.ref else 2,
    )
    return replace(drive, claim=claim), (claim,)


def _over(drive: Drive | None, ref: Ref | None) -> tuple[Claim, ...]:
    """The claim of a drive, if it is one, as it ends with the last minute driven."""
    if drive is None or drive.claim is None:
        return ()
    claim = drive.claim
    refs = claim.refs if ref is None else cite(claim.refs, ref)
    driven: dict[str, Number] = {"driven_min": drive.minutes, "km": round(drive.metres / 1000, 1)}
    numbers = claim.numbers | driven
    return (replace(claim, until=drive.latest.at, refs=refs, ref_count=len(refs), numbers=numbers),)
