"""B3 收发差异: what was received is not what was sent.

Law kept: several deliveries add up, so a shortage is one only when the trip has arrived or its deadline has
passed; too much, or other goods, is one at once. Declared losses explain what they cover.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import ClassVar, Literal

from msgspec import Struct

from detectors.claim import Claim, Finding, Number, measure_of
from detectors.detector import Card, Step, View
from detectors.matching import Obligations, backed, deadline, obligation, owed, swapped_for
from events.quantity import Measure, show_quantity
from events.time import Instant, format_instant
from ledger.account import Trip, Way
from ledger.fact import Body, Leg, Movement


class Parameters(Struct, frozen=True, forbid_unknown_fields=True):
    """``k``: how many standard deviations of both instruments together; uncertainties: relative, one weighing.

    ``grace_h`` and ``transit_h`` are hours: after the planned arrival, and after sending where there is no plan.
    """

    k: float = 3.0
    uncertainty_mass: float = 0.0015
    uncertainty_volume: float = 0.003
    uncertainty_activity: float = 0.025
    uncertainty_neq: float = 0.0015
    grace_h: float = 12.0
    transit_h: float = 72.0

    def allowed(self, way: Way) -> float:
        """The difference in base units that both ends' instruments may explain; none for counted goods."""
        relative = {
            Measure.COUNT: 0.0,
            Measure.MASS: self.uncertainty_mass,
            Measure.VOLUME: self.uncertainty_volume,
            Measure.ACTIVITY: self.uncertainty_activity,
            Measure.NEQ: self.uncertainty_neq,
        }[way.measure]
        return self.k * relative * math.hypot(float(way.sent), float(way.received))


class SrDifference:
    """Claims while |received + declared lost − sent| is more than the instruments allow, or the goods differ.

    The consignment does not know the sites' instruments, so their uncertainty is the policy's.
    """

    card: ClassVar = Card(
        id="B3",
        name="SR_DIFFERENCE",
        title=("收发差异", "Shipper–receiver difference"),
        predicate=(
            "同一托运同一品种收发双方均已上报：计件货物收发不等即为差异；"
            "散装货物差额（扣除报失）超过双方计量不确定度合成值的 k 倍；"
            "或收到的品种并非所发品种",
            "both ends of a consignment reported one goods: of counted goods any difference; of bulk goods more "
            "than k "
            "standard deviations of both instruments together, declared losses taken off; or other goods arrived",
        ),
        misses=(
            "在计量不确定度之内逐次截留的无从发现（须靠 B12）；双方串通报相同数量的无从发现；全部未收的由 B4 判断",
            "what is skimmed within the instruments' uncertainty on every trip (B12 tells); two ends that agree "
            "on a "
            "false figure; of goods not received at all B4 speaks",
        ),
        key="consignment",
        place="shipper",
    )
    State: ClassVar = Obligations
    Parameters: ClassVar = Parameters
    stricter: ClassVar[dict[str, Literal["lower", "higher"]]] = {
        "k": "lower",
        "uncertainty_mass": "lower",
        "uncertainty_volume": "lower",
        "uncertainty_activity": "lower",
        "uncertainty_neq": "lower",
        "grace_h": "lower",
        "transit_h": "lower",
    }
    sees: ClassVar[frozenset[type[Body]]] = frozenset((Movement, Leg))

    def start(self) -> Obligations:
        """Nothing sent, nothing received."""
        return Obligations()

    def see(self, state: Obligations, step: Step, view: View) -> tuple[Obligations, Sequence[Claim]]:
        """Compare both ends of every goods on the trip."""
        trip = step.after
        if not isinstance(trip, Trip):
            return state, ()
        judged = [_judged(state, trip, way, step, view) for way in trip.ways]
        return state.become([claim for claim in judged if claim is not None], step.fact)

    def at(self, state: Obligations, now: Instant, view: View) -> Sequence[Claim]:
        """The differences that may be said."""
        return state.said(now)

    def wakes(self, state: Obligations, view: View) -> Sequence[Instant]:
        """When more may be said."""
        return state.instants()

    def explain(self, finding: Finding, lang: Literal["zh", "en"]) -> str:
        """What was sent and received, by how much they differ, and what was allowed."""
        claim, numbers = finding.claim, finding.claim.numbers
        measure, trip = measure_of(claim), numbers["consignment"]
        received = show_quantity(int(numbers["received"]), measure)
        if numbers["kind"] == "other_goods":
            instead = numbers["sent_goods"]
            if lang == "zh":
                return (
                    f"托运 {trip}：{claim.site} 发出的是 {instead}，收到的却是 {claim.goods} {received}，品种不符。"
                )
            return (
                f"On consignment {trip} {claim.site} sent {instead}, but {received} of {claim.goods} arrived: "
                "these are "
                "other goods."
            )
        sent, lost = show_quantity(int(numbers["sent"]), measure), show_quantity(int(numbers["lost"]), measure)
        differs = show_quantity(abs(int(numbers["difference"])), measure)
        allowed = show_quantity(int(numbers["allowed"]), measure)
        short = int(numbers["difference"]) < 0
        ended = "" if claim.until is None else format_instant(claim.until)
        if lang == "zh":
            close = f"已于 {ended} 了结。" if ended else ""
            way = "少" if short else "多"
            return (
                f"托运 {trip} 的 {claim.goods}：{claim.site} 发出 {sent}，收到 {received}，报失 {lost}，"
                f"{way}了 {differs}，计量允许差为 {allowed}。{close}"
            )
        close = f" It was explained at {ended}." if ended else ""
        way_en = "too little" if short else "too much"
        return (
            f"On consignment {trip} {claim.site} sent {sent} of {claim.goods}; {received} arrived and {lost} "
            "was declared "
            f"lost: {differs} {way_en}, where the instruments allow {allowed}.{close}"
        )


def _judged(state: Obligations, trip: Trip, way: Way, step: Step, view: View) -> Claim | None:
    """The claim on one goods, None where both ends agree or one has yet to speak."""
    other = swapped_for(trip, way)
    sent = way if other is None else other
    if sent.shipper is None or not way.received:
        return None
    shipper = sent.shipper
    terms = view.terms("B3", step.fact.at, category=way.category, area=shipper.area, unit=shipper.unit)
    allowed = terms.parameters.allowed(way)
    difference = way.received + way.lost - way.sent
    if other is None and abs(difference) <= allowed:
        return None
    at = step.fact.at
    if difference < 0 and trip.arrived_at is None:
        due = deadline(trip, way, grace_h=terms.parameters.grace_h, transit_h=terms.parameters.transit_h)
        at = max(at, due)
    anchor = obligation(view.key, way.goods)
    known = state.of(anchor)
    goes_on = known is not None and known.since <= step.fact.at
    stands = (known.since, known.speaks_at) if known is not None and goes_on else (at, terms.speaks(at))
    numbers: dict[str, Number] = {
        "consignment": anchor.partition("/")[0],
        "kind": "other_goods" if other is not None else "short" if difference < 0 else "over",
        "sent": way.sent,
        "received": way.received,
        "lost": way.lost,
        "difference": difference,
        "allowed": math.floor(allowed),
        "measure": way.measure.value,
    }
    if other is not None:
        numbers["sent_goods"] = other.goods
        numbers["other_sent"] = other.sent
    claim = owed(anchor, stands, shipper, way, numbers)
    return backed(claim, (sent.sent_ref, way.received_ref, trip.plan_ref), (way.receiver,))
