"""D8 超载: a vehicle departs with more on it than it is rated for, by the plans that it then serves.

Law kept: exact integers against the rated load in force at the departure. Plans under way at one time add up; what
was reported as over is no longer aboard.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import ClassVar, Literal

from msgspec import Struct

from detectors.claim import MOST_REFS, Claim, Finding, Number, measure_of
from detectors.detector import Card, View
from detectors.plans import Aboard, PlanRule, aboard, origin, passed, until, vehicle_entry
from detectors.policy import Terms
from detectors.roads.trips import category_of, unit_of
from detectors.subject import TOLD_FOR
from events.identity import home_of
from events.quantity import Amount, Measure, parse_quantity, show_quantity
from events.time import MINUTE, Instant, civil_day, day_start, format_instant
from ledger.account import Driving
from ledger.fact import Body, Leg

_WEIGHED = (Measure.MASS, Measure.NEQ)
"""What adds up to a load; a net explosive quantity is the least that its goods weigh."""


class Parameters(Struct, frozen=True, forbid_unknown_fields=True):
    """``tolerance_permille``: how far over the rated load is let pass, per mille of it."""

    tolerance_permille: int = 0


class Overload(PlanRule):
    """Claims from a departure that leaves the vehicle over its rated load until enough of it has arrived."""

    card: ClassVar = Card(
        id="D8",
        name="OVERLOAD",
        title=("超载", "Overload"),
        predicate=(
            "车辆发车时，其在途运单计划装载的质量合计超过登记的核定载质量(同时在途的几份运单合并计算)",
            "when a vehicle departs the masses of the plans that it is then under way for add up to more than its "
            "registered rated load",
        ),
        misses=(
            "未登记核定载质量的车辆；按件、按体积计量的货物(不折算质量)；实装多于运单的(见 D10)；未写入运单的货物；"
            "超出许可数量的由 A3 判断",
            "a vehicle whose rated load is not registered; goods counted in items or litres, which nobody can "
            "weigh here; what was loaded beyond the plan (D10) or without one; of a load beyond its permit A3 "
            "speaks",
        ),
        key="vehicle",
        place="shipper",
    )
    State: ClassVar = Driving
    Parameters: ClassVar = Parameters
    stricter: ClassVar[dict[str, Literal["lower", "higher"]]] = {"tolerance_permille": "lower"}
    sees: ClassVar[frozenset[type[Body]]] = frozenset((Leg,))

    def at(self, state: Driving, now: Instant, view: View) -> Sequence[Claim]:
        """One claim a departure that overloads; it closes when it is light enough again."""
        return [until(claim, ends, now) for claim, ends in _found(state, view) if now < ends + TOLD_FOR]

    def wakes(self, state: Driving, view: View) -> Sequence[Instant]:
        """When a vehicle is light enough again, and when that is no longer told."""
        return [at for _, ends in _found(state, view) for at in (ends, ends + TOLD_FOR)]

    def explain(self, finding: Finding, lang: Literal["zh", "en"]) -> str:
        """What was on it, what it may carry, and by how much that is too much."""
        claim, n = finding.claim, finding.claim.numbers
        measure, since = measure_of(claim), format_instant(claim.since)
        load, rated, over = (show_quantity(int(n[name]), measure) for name in ("load", "rated", "over"))
        ended = "" if claim.until is None else format_instant(claim.until)
        if lang == "zh":
            close = f"至 {ended} 止。" if ended else "尚在途中。"
            return (
                f"车辆 {n['vehicle']} 于 {since} 发车时，运单 {n['consignment']} 合计装载 {load}，核定 {rated}，"
                f"超载 {over}；{close}"
            )
        close = f"It lasted until {ended}." if ended else "It is still under way."
        return (
            f"When vehicle {n['vehicle']} departed at {since} it carried {load} by its consignment(s) "
            f"{n['consignment']}; it is rated for {rated}: {over} too much. {close}"
        )


def _found(driving: Driving, view: View) -> Iterator[tuple[Claim, Instant]]:
    """The departures that overload, each with when that ends."""
    if not driving.plans:
        return
    trips = [trip for trip in aboard(driving) if _mass(trip.leg)]
    for at, departing in groupby(trips, key=lambda trip: trip.leg.depart_at):
        rated = _rated(view, at)
        if rated is None:
            continue
        first, *others = departing
        on_it = [trip for trip in trips if trip.leg.depart_at <= at < trip.ends]
        load = sum(_mass(trip.leg) for trip in on_it)
        area = origin(view, first.leg)
        terms = view.terms("D8", at, category=category_of(first.leg), area=area, unit=unit_of(first.leg))
        allowed = rated + rated * terms.parameters.tolerance_permille // 1000
        if load > allowed:
            alone = max(_mass(trip.leg) for trip in (first, *others)) > allowed
            claim = _claim(first.leg, on_it, (load, rated), _speaks(terms, at, alone=alone), view)
            yield claim, _light(on_it, allowed)


def _speaks(terms: Terms[Parameters], at: Instant, *, alone: bool) -> Instant:
    """Of one trip's own load at once; of several trips' after the day: an arrival may be told of by midnight."""
    return terms.speaks(at) if alone else day_start(civil_day(at) + 1) + terms.settle_slack_min * MINUTE


def _claim(leg: Leg, on_it: list[Aboard], weights: tuple[int, int], speaks_at: Instant, view: View) -> Claim:
    load, rated = weights
    numbers: dict[str, Number] = {
        "vehicle": home_of(view.key),
        "consignment": ",".join(trip.leg.consignment for trip in on_it[:MOST_REFS]),
        "load": load,
        "rated": rated,
        "over": load - rated,
        "measure": Measure.MASS.value,
    }
    area = origin(view, leg)
    return Claim(
        anchor=leg.consignment,
        since=leg.depart_at,
        speaks_at=speaks_at,
        refs=tuple(trip.ref for trip in on_it[:MOST_REFS]),
        numbers=numbers,
        area=area,
        unit=unit_of(leg),
        category=category_of(leg),
        informed_areas=passed(view, leg, area),
        ref_count=len(on_it),
    )


def _light(on_it: list[Aboard], allowed: int) -> Instant:
    """When so many of the trips have ended that the rest is allowed."""
    left = sum(_mass(trip.leg) for trip in on_it)
    ends = 0
    for trip in sorted(on_it, key=lambda trip: trip.ends):
        if left <= allowed:
            break
        left, ends = left - _mass(trip.leg), trip.ends
    return ends


def _mass(leg: Leg) -> int:
    return sum(amount for _, amount, measure in leg.loads if measure in _WEIGHED)


def _rated(view: View, at: Instant) -> int | None:
    """The rated load in force in milligrams; None where none is registered as a mass."""
    entry = vehicle_entry(view, at)
    rated = None if entry is None else parse_quantity(entry.rated.value, entry.rated.unit)
    return rated.base if isinstance(rated, Amount) and rated.measure is Measure.MASS else None
