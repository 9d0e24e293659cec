"""B4 流向不明/有出无入: what was sent and never arrived anywhere.

Law kept: the deadline is fixed by the plan before it passes: a new plan made afterwards moves nothing. Of goods
received in part B3 speaks, not this rule.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal

from msgspec import Struct

from detectors.claim import Claim, Finding, Number, measure_of
from detectors.detector import Card, Step, View
from detectors.matching import Obligations, backed, deadline, obligation, owed, unmatched_ways
from events.quantity import show_quantity
from events.time import Instant, format_instant
from ledger.account import Trip, Way
from ledger.fact import Body, Leg, Movement


class Parameters(Struct, frozen=True, forbid_unknown_fields=True):
    """``grace_h``: hours after the planned arrival; ``transit_h``: hours after sending where there is no plan."""

    grace_h: float = 12.0
    transit_h: float = 72.0


class UnmatchedOut:
    """Claims from the deadline on while something was sent, not declared lost, and nothing of it received.

    Goods that come back (return) are received; a cancelled trip alone returns nothing.
    """

    card: ClassVar = Card(
        id="B4",
        name="UNMATCHED_OUT",
        title=("流向不明（有出无入）", "Sent and never received"),
        predicate=(
            "托运货物已出库，到计划到达时间加宽限（无运单计划的，"
            "自出库起一段常规在途时间）仍无任何入库、退回或全部报失",
            "goods were sent on a consignment and by the planned arrival plus a grace (without a plan: after a "
            "usual "
            "transit) nothing was received, returned or all of it declared lost",
        ),
        misses=(
            "未写托运编号的出库无法配对；虚报的入库会使其看似到达（须靠收货方盘点 B1）；只到一部分的由 B3 判断",
            "an issue without a consignment cannot be matched; a false receipt makes goods look arrived (a "
            "count at the "
            "receiver, B1, tells); of what arrives in part B3 speaks",
        ),
        key="consignment",
        place="shipper",
    )
    State: ClassVar = Obligations
    Parameters: ClassVar = Parameters
    stricter: ClassVar[dict[str, Literal["lower", "higher"]]] = {"grace_h": "lower", "transit_h": "lower"}
    sees: ClassVar[frozenset[type[Body]]] = frozenset((Movement, Leg))

    def start(self) -> Obligations:
        """Nothing sent."""
        return Obligations()

    def see(self, state: Obligations, step: Step, view: View) -> tuple[Obligations, Sequence[Claim]]:
        """Wait for what is sent; stop waiting for what is received, returned or declared lost."""
        trip = step.after
        if not isinstance(trip, Trip):
            return state, ()
        ways = [(way, way.shipper) for way in unmatched_ways(trip)]
        claims = [_claim(state, trip, (way, shipper), step, view) for way, shipper in ways if shipper is not None]
        return state.become(claims, step.fact)

    def at(self, state: Obligations, now: Instant, view: View) -> Sequence[Claim]:
        """What is overdue."""
        return state.said(now)

    def wakes(self, state: Obligations, view: View) -> Sequence[Instant]:
        """The deadlines."""
        return state.instants()

    def explain(self, finding: Finding, lang: Literal["zh", "en"]) -> str:
        """What is missing, since when, from where to where."""
        claim = finding.claim
        amount = show_quantity(int(claim.numbers["missing"]), measure_of(claim))
        sent, to, trip = claim.numbers["sent_at"], claim.numbers["to"], claim.numbers["consignment"]
        due = format_instant(claim.since)
        ended = "" if claim.until is None else format_instant(claim.until)
        if lang == "zh":
            since = f"现已于 {ended} 了结。" if ended else "货物去向不明。"
            whither = f"运往 {to}" if to else "去向未写明"
            return (
                f"{claim.site} 于 {sent} 发出 {claim.goods} {amount}（托运 {trip}，{whither}），到期限 {due} "
                f"无任何入库上报：{since}"
            )
        since = f"it was settled at {ended}." if ended else "nobody has said where it is."
        whither = f"to {to}" if to else "destination not stated"
        return (
            f"{claim.site} sent {amount} of {claim.goods} at {sent} (consignment {trip}, {whither}); by {due} "
            "nobody "
            f"had reported receiving any of it: {since}"
        )


def _claim(state: Obligations, trip: Trip, sent: tuple[Way, Movement], step: Step, view: View) -> Claim:
    way, shipper = sent
    at = step.fact.at
    terms = view.terms("B4", at, category=way.category, area=shipper.area, unit=shipper.unit)
    anchor = obligation(view.key, way.goods)
    known = state.of(anchor)
    if known is not None and known.since < at:
        stands = (known.since, known.speaks_at)
    else:
        due = deadline(trip, way, grace_h=terms.parameters.grace_h, transit_h=terms.parameters.transit_h)
        stands = (due, terms.speaks(due))
    numbers: dict[str, Number] = {
        "consignment": anchor.partition("/")[0],
        "sent": way.sent,
        "lost": way.lost,
        "missing": way.sent - way.lost,
        "measure": way.measure.value,
        "sent_at": format_instant(way.sent_at or 0),
        "to": _whither(trip, shipper),
    }
    if trip.cancelled_at is not None:
        numbers["cancelled_at"] = format_instant(trip.cancelled_at)
    claim = owed(anchor, stands, shipper, way, numbers)
    return backed(claim, (way.sent_ref, trip.plan_ref), (other.receiver for other in trip.ways))


def _whither(trip: Trip, shipper: Movement) -> str:
    if trip.plan is not None and trip.plan.consignee_site:
        return trip.plan.consignee_site
    return shipper.counterparty_site or shipper.counterparty_unit or shipper.outside or ""
