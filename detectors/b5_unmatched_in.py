"""B5 来源不明/有入无出: goods received that nobody reported sending.

Law kept: an issue reported later, but made before the receipt, shows that there was nothing wrong, so the finding
is withdrawn; an issue made after the receipt closes it. Of goods that came instead of others B3 speaks.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal

from msgspec import Struct

from detectors.claim import Claim, Finding, Number, measure_of
from detectors.detector import Card, Step, View
from detectors.matching import Obligations, backed, obligation, owed, swapped_for
from events.quantity import show_quantity
from events.time import Instant, format_instant
from ledger.account import Trip, Way
from ledger.fact import Body, Movement


class Parameters(Struct, frozen=True, forbid_unknown_fields=True):
    """There is no threshold: any receipt without an issue counts."""


class UnmatchedIn:
    """Claims while something was received (or returned) on a consignment on which nobody issued that goods."""

    card: ClassVar = Card(
        id="B5",
        name="UNMATCHED_IN",
        title=("来源不明（有入无出）", "Received and never sent"),
        predicate=(
            "托运货物已入库，而该托运下没有任何一方上报过该品种的出库",
            "goods were received on a consignment on which nobody reported issuing that goods",
        ),
        misses=(
            "未写托运编号的入库无法与对方出库配对，即使写明了对方单位；不上报的入库无从发现（须靠盘点 B1）",
            "a receipt without a consignment cannot be matched with anybody's issue, even where it names a "
            "counterparty "
            "unit; a receipt that nobody reports shows only in a count (B1)",
        ),
        key="consignment",
        place="receiver",
    )
    State: ClassVar = Obligations
    Parameters: ClassVar = Parameters
    stricter: ClassVar[dict[str, Literal["lower", "higher"]]] = {}
    sees: ClassVar[frozenset[type[Body]]] = frozenset((Movement,))

    def start(self) -> Obligations:
        """Nothing received."""
        return Obligations()

    def see(self, state: Obligations, step: Step, view: View) -> tuple[Obligations, Sequence[Claim]]:
        """Claim what was received and not sent, until it is sent."""
        trip = step.after
        if not isinstance(trip, Trip):
            return state, ()
        claims = [
            _claim(state, trip, (way, way.receiver), step, view)
            for way in trip.ways
            if way.receiver is not None and way.received and not way.sent and swapped_for(trip, way) is None
        ]
        return state.become(claims, step.fact)

    def at(self, state: Obligations, now: Instant, view: View) -> Sequence[Claim]:
        """What is unmatched and may be said."""
        return state.said(now)

    def wakes(self, state: Obligations, view: View) -> Sequence[Instant]:
        """When what is unmatched may be said."""
        return state.instants()

    def explain(self, finding: Finding, lang: Literal["zh", "en"]) -> str:
        """What was received, where and when, on which consignment."""
        claim = finding.claim
        amount = show_quantity(int(claim.numbers["received"]), measure_of(claim))
        when, trip = format_instant(claim.since), claim.numbers["consignment"]
        ended = "" if claim.until is None else format_instant(claim.until)
        if lang == "zh":
            since = f"{ended} 才有对应出库。" if ended else "至今没有任何单位上报对应出库，来源不明。"
            return f"{claim.site} 自 {when} 起凭托运 {trip} 入库 {claim.goods} {amount}：{since}"
        since = f"a matching issue was made only at {ended}." if ended else "no unit has reported issuing it."
        return f"{claim.site} received {amount} of {claim.goods} on consignment {trip} from {when} on: {since}"


def _claim(state: Obligations, trip: Trip, received: tuple[Way, Movement], step: Step, view: View) -> Claim:
    way, receiver = received
    anchor = obligation(view.key, way.goods)
    known = state.of(anchor)
    if known is None:
        at = step.fact.at
        terms = view.terms("B5", at, category=way.category, area=receiver.area, unit=receiver.unit)
        stands, first = (at, terms.speaks(at)), way.received_ref
    else:
        stands, first = (known.since, known.speaks_at), known.refs[0]
    numbers: dict[str, Number] = {
        "consignment": anchor.partition("/")[0],
        "received": way.received,
        "sent": way.sent,
        "from": receiver.counterparty_site or receiver.counterparty_unit or receiver.outside or "",
        "measure": way.measure.value,
    }
    claim = owed(anchor, stands, receiver, way, numbers)
    return backed(claim, dict.fromkeys((first, way.received_ref)), (other.shipper for other in trip.ways))
