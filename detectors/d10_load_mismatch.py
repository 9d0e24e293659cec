"""D10 货单车不符: a vehicle carries what it may not, or what was loaded is not what the plan declares.

Law kept: the vehicle is judged by its plans and what is registered of it at departure; the load by what the shipper
issued on the consignment, less what came back, against the last plan.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar, Literal

from msgspec import Struct
from msgspec.structs import replace

from detectors.claim import Claim, Finding, Number, measure_of
from detectors.detector import Card, Step, View
from detectors.matching import Obligations, backed, obligation
from detectors.plans import Aboard, PlanRule, aboard, origin, passed, until, vehicle_entry
from detectors.roads.trips import category_of, unit_of
from detectors.subject import TOLD_FOR
from events.identity import home_of
from events.quantity import Measure, show_quantity
from events.registry import CATEGORY_NAMES, VehicleEntry
from events.time import Instant, format_instant
from events.transit import ON_THE_ROAD, Side
from ledger.account import Driving, Trip
from ledger.fact import Body, Leg, Movement, Ref

_TITLE = ("货单车不符", "Load, waybill and vehicle differ")
_MISSES = (
    "未登记经营范围的车辆；没有计划的托运(见 B4、D1)；未写托运编号的装货；装得比运单少；计量方式与运单不同的品种；"
    "货单一致而实物不符的谎报(须靠收货方盘点)",
    "a vehicle whose scope is not registered; a consignment without a plan (B4 and D1 tell); what is loaded "
    "without a consignment; less loaded than declared; goods declared in another measure; a false declaration that "
    "agrees with the plan (a count at the receiver tells)",
)


class Parameters(Struct, frozen=True, forbid_unknown_fields=True):
    """How far a load may exceed its plan: items of counted goods, per mille of what is declared of bulk goods."""

    tolerance_counted_items: int = 0
    tolerance_bulk_permille: int = 5

    def most(self, declared: int, measure: Measure) -> int:
        """The most that may be loaded on what is declared, in base units."""
        if measure is Measure.COUNT:
            return declared + self.tolerance_counted_items
        return declared + declared * self.tolerance_bulk_permille // 1000


class Loading(Struct, frozen=True, array_like=True, gc=False):
    """What the shipper loaded of one goods, less what came back; its first issue, and the latest one's citation."""

    goods: str
    amount: int
    issued: Movement
    refs: tuple[Ref, ...]


class Loaded(Struct, frozen=True, array_like=True, gc=False):
    """The loadings of a consignment by goods, and what is claimed of them."""

    loadings: tuple[Loading, ...] = ()
    claimed: Obligations = Obligations()


class LoadMismatch(PlanRule):
    """Claims from departure to arrival of a trip whose goods are beyond the vehicle's registered scope."""

    card: ClassVar = Card(
        id="D10",
        name="LOAD_MISMATCH",
        title=_TITLE,
        predicate=(
            "运单所列货物不在该车辆登记的类别或品种范围内",
            "a plan's goods are not among the categories or goods that the vehicle is registered for",
        ),
        misses=_MISSES,
        key="vehicle",
        place="shipper",
    )
    State: ClassVar = Driving
    Parameters: ClassVar = Parameters
    stricter: ClassVar[dict[str, Literal["lower", "higher"]]] = {}
    sees: ClassVar[frozenset[type[Body]]] = frozenset((Leg,))

    def at(self, state: Driving, now: Instant, view: View) -> Sequence[Claim]:
        """One claim a trip that the vehicle may not make."""
        return [until(claim, ends, now) for claim, ends in _unfit(state, view) if now < ends + TOLD_FOR]

    def wakes(self, state: Driving, view: View) -> Sequence[Instant]:
        """When such a trip is over, and when that is no longer told."""
        return [at for _, ends in _unfit(state, view) for at in (ends, ends + TOLD_FOR)]

    def explain(self, finding: Finding, lang: Literal["zh", "en"]) -> str:
        """What the vehicle was to carry, and what it may."""
        n, since = finding.claim.numbers, format_instant(finding.claim.since)
        scope = str(n["scope"])
        if lang == "zh":
            return (
                f"车辆 {n['vehicle']} 于 {since} 承运运单 {n['consignment']} 的 {n['goods']}，"
                f"而登记的范围只有：{scope}。"
            )
        return (
            f"From {since} on vehicle {n['vehicle']} carries {n['goods']} on consignment {n['consignment']}; it is "
            f"registered for these alone: {scope}."
        )


class LoadUndeclared:
    """Claims while more of a goods is loaded on a consignment than its plan declares; undeclared goods from any."""

    card: ClassVar = Card(
        id="D10",
        name="LOAD_MISMATCH",
        title=_TITLE,
        predicate=(
            "发货方按该托运出库的品种不在运单内，或数量(扣除退回)超过运单所列",
            "what the shipper issued on a consignment, less what came back, is goods that its plan does not list, "
            "or more of them than it declares",
        ),
        misses=_MISSES,
        key="consignment",
        place="shipper",
    )
    State: ClassVar = Loaded
    Parameters: ClassVar = Parameters
    stricter: ClassVar[dict[str, Literal["lower", "higher"]]] = {
        "tolerance_counted_items": "lower",
        "tolerance_bulk_permille": "lower",
    }
    sees: ClassVar[frozenset[type[Body]]] = frozenset((Movement, Leg))

    def start(self) -> Loaded:
        """Nothing loaded."""
        return Loaded()

    def see(self, state: Loaded, step: Step, view: View) -> tuple[Loaded, Sequence[Claim]]:
        """Add up what is loaded, and hold it against the plan whenever either changes."""
        trip, body = step.after, step.fact.body
        if not isinstance(trip, Trip):
            return state, ()
        loadings = state.loadings
        if isinstance(body, Movement):
            loadings = _loaded(loadings, body, step.fact.ref)
            if loadings is state.loadings:
                return state, ()
        elif not isinstance(body, Leg) or body.stage != "plan":
            return state, ()
        if trip.plan is None:
            return Loaded(loadings, state.claimed), ()
        judged = [_undeclared(state, trip, trip.plan, loading, step, view) for loading in loadings]
        claimed, closed = state.claimed.become([claim for claim in judged if claim is not None], step.fact)
        return Loaded(loadings, claimed), closed

    def at(self, state: Loaded, now: Instant, view: View) -> Sequence[Claim]:
        """What may be said."""
        return state.claimed.said(now)

    def wakes(self, state: Loaded, view: View) -> Sequence[Instant]:
        """When it may be."""
        return state.claimed.instants()

    def explain(self, finding: Finding, lang: Literal["zh", "en"]) -> str:
        """What was loaded, and what the plan says of it."""
        claim, n = finding.claim, finding.claim.numbers
        measure, trip = measure_of(claim), n["consignment"]
        loaded, declared = (show_quantity(int(n[name]), measure) for name in ("loaded", "declared"))
        ended = "" if claim.until is None else format_instant(claim.until)
        if lang == "zh":
            plan = f"运单只列 {declared}" if int(n["declared"]) else "运单未列该品种"
            close = f"已于 {ended} 了结。" if ended else ""
            return f"{claim.site} 按托运 {trip} 装出 {claim.goods} {loaded}，而{plan}，货单不符。{close}"
        plan = f"declares {declared}" if int(n["declared"]) else "does not list these goods"
        close = f" It was put right at {ended}." if ended else ""
        return f"{claim.site} loaded {loaded} of {claim.goods} on consignment {trip}, whose plan {plan}.{close}"


def _unfit(driving: Driving, view: View) -> Iterator[tuple[Claim, Instant]]:
    """The trips with goods that the vehicle may not carry, each with when it is over."""
    if not driving.plans:
        return
    for trip in aboard(driving):
        entry = vehicle_entry(view, trip.leg.depart_at)
        beyond = () if entry is None else _beyond(entry, trip.leg, view)
        if entry is not None and beyond:
            yield _unfit_claim(entry, trip, beyond, view), trip.ends


def _beyond(entry: VehicleEntry, leg: Leg, view: View) -> tuple[str, ...]:
    """The goods of a trip that are not in a vehicle's scope; what the catalogue does not know accuses nobody."""
    found = []
    for goods, _, _ in leg.loads:
        known = view.world.goods(goods, leg.depart_at)
        if known is None:
            continue
        if known.category not in entry.categories or (entry.goods and goods not in entry.goods):
            found.append(goods)
    return tuple(dict.fromkeys(found))


def _unfit_claim(entry: VehicleEntry, trip: Aboard, beyond: tuple[str, ...], view: View) -> Claim:
    leg, area = trip.leg, origin(view, trip.leg)
    known = view.world.goods(beyond[0], leg.depart_at)
    category = category_of(leg) if known is None else known.category
    terms = view.terms("D10", leg.depart_at, category=category, area=area, unit=unit_of(leg))
    scope = entry.goods or tuple("/".join(CATEGORY_NAMES[one]) for one in entry.categories)
    numbers: dict[str, Number] = {
        "vehicle": home_of(view.key),
        "consignment": leg.consignment,
        "goods": ",".join(beyond),
        "scope": ",".join(scope) or "—",
    }
    return Claim(
        anchor=leg.consignment,
        since=leg.depart_at,
        speaks_at=terms.speaks(leg.depart_at),
        refs=(trip.ref,),
        numbers=numbers,
        area=area,
        unit=unit_of(leg),
        category=category,
        informed_areas=passed(view, leg, area),
        ref_count=1,
        goods=beyond[0],
    )


def _loaded(loadings: tuple[Loading, ...], moved: Movement, ref: Ref) -> tuple[Loading, ...]:
    """The loadings with one more issue, or less what came back to a store that issued it."""
    known = next((one for one in loadings if one.goods == moved.goods), None)
    side = ON_THE_ROAD[moved.operation]
    if side is Side.SENT and known is None:
        new = Loading(moved.goods, moved.amount, moved, (ref,))
    elif known is None or known.issued.unit != moved.unit or side is Side.LOST:
        return loadings  # what a receiver sends on was loaded before
    elif side is Side.SENT:
        new = replace(known, amount=known.amount + moved.amount, refs=(known.refs[0], ref))
    elif known.issued.site == moved.site or moved.operation == "return":
        new = replace(known, amount=max(0, known.amount - moved.amount))
    else:
        return loadings
    others = (one for one in loadings if one.goods != moved.goods)
    return tuple(sorted((*others, new), key=lambda one: one.goods))


def _undeclared(state: Loaded, trip: Trip, plan: Leg, loading: Loading, step: Step, view: View) -> Claim | None:
    issued = loading.issued
    declared = [(amount, measure) for goods, amount, measure in plan.loads if goods == loading.goods]
    if any(measure is not issued.measure for _, measure in declared):
        return None
    total = sum(amount for amount, _ in declared)
    anchor = obligation(view.key, loading.goods)
    known = state.claimed.of(anchor)
    since = step.fact.at if known is None else known.since
    terms = view.terms("D10", since, category=issued.category, area=issued.area, unit=issued.unit)
    if loading.amount <= terms.parameters.most(total, issued.measure) and (total or not loading.amount):
        return None
    numbers: dict[str, Number] = {
        "consignment": anchor.rpartition("/")[0],
        "loaded": loading.amount,
        "declared": total,
        "measure": issued.measure.value,
    }
    claim = Claim(
        anchor=anchor,
        since=since,
        speaks_at=terms.speaks(since),
        refs=(),
        numbers=numbers,
        area=issued.area,
        unit=issued.unit,
        category=issued.category,
        site=issued.site,
        goods=loading.goods,
    )
    return backed(claim, (*loading.refs, trip.plan_ref), (way.receiver for way in trip.ways))
