"""D7 目的地不符: goods of a consignment were taken in, or its vehicle arrived, where no plan of it goes.

Law kept: the plan that had been made by then decides, and for a while after it the one that it replaced; a plan
made afterwards ends what stood and excuses nothing. Goods that go back to their shipper are not astray.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar, Final, Literal

from msgspec import Struct
from msgspec.structs import replace

from detectors.claim import Claim, Finding, Number, measure_of
from detectors.detector import Card, Step, View
from detectors.matching import Obligations, backed
from detectors.roads.geometry import distance_m
from detectors.roads.place import PROVINCE
from detectors.roads.trips import category_of, unit_of
from events.quantity import Measure, show_quantity
from events.registry import Category
from events.time import HOUR, Instant, format_instant
from events.transit import ON_THE_ROAD, Side
from ledger.account import Trip
from ledger.fact import Body, Leg, Movement, Ref

MOST_FORMER: Final = 8
"""How many replaced plans a trip is remembered to have had."""
MOST_ASTRAY: Final = 16
"""Of how many sites and goods it is told singly."""


class Parameters(Struct, frozen=True, forbid_unknown_fields=True):
    """``arrival_off_m``: metres from the nearest end of a permitted route; ``replan_grace_h``: hours for which the
    destination of a replaced plan is still one."""

    arrival_off_m: float = 1_000.0
    replan_grace_h: float = 2.0


class Astray(Struct, frozen=True, array_like=True, gc=False):
    """What of one goods was taken in at one site that is not where it was to go."""

    site: str
    goods: str
    amount: int
    measure: Measure
    category: Category
    unit: str
    area: str
    at: Instant
    ref: Ref


class Landed(Struct, frozen=True, array_like=True, gc=False):
    """An arrival that is far from every permitted route's end; ``home``: it is where a route begins."""

    lon: float
    lat: float
    off_m: float
    home: bool
    at: Instant
    ref: Ref


class Bound(Struct, frozen=True, array_like=True, gc=False):
    """Where a trip is bound: destinations given up, and until when they held; what is astray; what is claimed."""

    former: tuple[tuple[str, Instant], ...] = ()
    astray: tuple[Astray, ...] = ()
    landed: Landed | None = None
    returned: bool = False
    claimed: Obligations = Obligations()


class WrongDestination:
    """Claims while something is at a site, or a vehicle arrived at a place, that the plans do not lead to."""

    card: ClassVar = Card(
        id="D7",
        name="WRONG_DESTINATION",
        title=("目的地不符", "Wrong destination"),
        predicate=(
            "运单所列货物在计划收货仓库以外的场所入库(改单后的一段时间内，原收货地仍算)，"
            "或到达位置距所有许可路线终点超过规定距离;退回发货方的不算",
            "goods of a consignment were taken in at a site other than its plan's consignee (for a while after a "
            "new plan, the former one's too), or its arrival was reported farther than allowed from the end of "
            "every permitted route; what goes back to the shipper is left out",
        ),
        misses=(
            "未写托运编号的入库；没有计划的托运(见 B4、B5、D1)；货到后才补报的计划不追溯；"
            "未报到达位置或没有许可路线的到达；谎报在计划仓库入库的货物(须靠该仓库盘点 B1)",
            "a receipt without a consignment; a consignment without a plan (B4, B5 and D1 tell); a plan made only "
            "after the goods came; an arrival that gives no place, or a plan without routes; goods falsely "
            "reported as taken in where they were to go (a count there, B1, tells)",
        ),
        key="consignment",
        place="receiver",
    )
    State: ClassVar = Bound
    Parameters: ClassVar = Parameters
    stricter: ClassVar[dict[str, Literal["lower", "higher"]]] = {
        "arrival_off_m": "lower",
        "replan_grace_h": "lower",
    }
    sees: ClassVar[frozenset[type[Body]]] = frozenset((Movement, Leg))

    def start(self) -> Bound:
        """Bound for nowhere yet."""
        return Bound()

    def see(self, state: Bound, step: Step, view: View) -> tuple[Bound, Sequence[Claim]]:
        """Hold each receipt and arrival against the plan as it is then."""
        trip, body = step.after, step.fact.body
        if not isinstance(trip, Trip) or trip.plan is None:
            return state, ()
        after = state
        if isinstance(body, Movement):
            after = _moved(state, trip.plan, body, step, view)
        elif isinstance(body, Leg) and body.stage == "arrive":
            after = _arrived(state, trip.plan, body, step, view)
        elif isinstance(body, Leg) and body.stage == "plan":
            after = _replanned(state, step, trip.plan, view)
        if after is state:
            return state, ()
        claims = [_claim(state, after, trip, view)] if after.astray or after.landed is not None else []
        claimed, closed = state.claimed.become(claims, step.fact)
        return replace(after, claimed=claimed), closed

    def at(self, state: Bound, now: Instant, view: View) -> Sequence[Claim]:
        """What is astray and may be said."""
        return state.claimed.said(now)

    def wakes(self, state: Bound, view: View) -> Sequence[Instant]:
        """When it may be said."""
        return state.claimed.instants()

    def explain(self, finding: Finding, lang: Literal["zh", "en"]) -> str:
        """Where it was to go, and where it came to."""
        claim, n = finding.claim, finding.claim.numbers
        ended = "" if claim.until is None else format_instant(claim.until)
        if lang == "zh":
            close = f"已于 {ended} 了结。" if ended else ""
            return f"托运 {n['consignment']} 计划运往 {n['to']}：{'；'.join(_told_zh(claim))}。{close}"
        close = f" It was settled at {ended}." if ended else ""
        return f"Consignment {n['consignment']} was planned for {n['to']}: {'; '.join(_told_en(claim))}.{close}"


def _told_zh(claim: Claim) -> Iterator[str]:
    n, since = claim.numbers, format_instant(claim.since)
    if "sites" in n:
        amount = show_quantity(int(n["amount"]), measure_of(claim))
        yield f"自 {since} 起在 {n['sites']} 入库 {n['astray_goods']}(首项 {amount})，不是计划的收货仓库"
    if "off_m" in n:
        yield f"{n['arrived_at']} 到达位置(经度 {n['lon']} 纬度 {n['lat']})距最近的许可路线终点 {n['off_m']} 米"


def _told_en(claim: Claim) -> Iterator[str]:
    n, since = claim.numbers, format_instant(claim.since)
    if "sites" in n:
        amount = show_quantity(int(n["amount"]), measure_of(claim))
        yield (
            f"from {since} on {n['astray_goods']} (the first of them {amount}) were taken in at {n['sites']}, "
            "which is not the consignee's site"
        )
    if "off_m" in n:
        yield (
            f"at {n['arrived_at']} it arrived at longitude {n['lon']}, latitude {n['lat']}, {n['off_m']} m from "
            "the nearest end of a permitted route"
        )


def _terms(plan: Leg, at: Instant, area: str, view: View) -> Any:
    return view.terms("D7", at, category=category_of(plan), area=area, unit=unit_of(plan))


def _moved(state: Bound, plan: Leg, moved: Movement, step: Step, view: View) -> Bound:
    match ON_THE_ROAD[moved.operation]:
        case Side.LOST:
            return state
        case Side.SENT:
            return _sent_on(state, moved)
    if _is_shippers(plan, moved):
        stays = state.landed is not None and not state.landed.home
        return replace(state, returned=True, landed=state.landed if stays else None)
    grace = round(_terms(plan, step.fact.at, moved.area, view).parameters.replan_grace_h * HOUR)
    if moved.site == plan.consignee_site or any(
        site == moved.site and step.fact.at < until + grace for site, until in state.former
    ):
        return state
    known = next((one for one in state.astray if (one.site, one.goods) == (moved.site, moved.goods)), None)
    if known is None and len(state.astray) >= MOST_ASTRAY:
        return state
    new = (
        Astray(moved.site, moved.goods, moved.amount, moved.measure, moved.category, moved.unit, moved.area,
               step.fact.at, step.fact.ref)
        if known is None
        else replace(known, amount=known.amount + moved.amount)
    )  # fmt: skip
    others = [one for one in state.astray if one is not known]
    return replace(state, astray=tuple(sorted((*others, new), key=lambda one: (one.at, one.site, one.goods))))


def _is_shippers(plan: Leg, moved: Movement) -> bool:
    """Whether goods are back with who sent them; within one unit its other stores are not that."""
    if moved.site == plan.shipper_site:
        return True
    return moved.unit == plan.shipper_unit and plan.shipper_unit != plan.consignee_unit


def _sent_on(state: Bound, moved: Movement) -> Bound:
    """What is astray goes on, or back, on the same consignment."""
    known = next((one for one in state.astray if (one.site, one.goods) == (moved.site, moved.goods)), None)
    if known is None:
        return state
    left = replace(known, amount=known.amount - moved.amount)
    still = (left if one is known else one for one in state.astray)
    return replace(state, astray=tuple(one for one in still if one.amount > 0))


def _arrived(state: Bound, plan: Leg, leg: Leg, step: Step, view: View) -> Bound:
    """The last arrival counts."""
    if leg.at is None or not plan.routes:
        return state if state.landed is None else replace(state, landed=None)
    off, home = _off(plan, leg.at, view, step.fact.at)
    if off is None or (home and state.returned):
        return state if state.landed is None else replace(state, landed=None)
    return replace(state, landed=Landed(*leg.at, off, home, step.fact.at, step.fact.ref))


def _off(plan: Leg, at: tuple[float, float], view: View, when: Instant) -> tuple[float | None, bool]:
    """Metres from the nearest end of a permitted route, None where near enough; whether it is where one begins."""
    area = view.world.areas.county(*at) or PROVINCE
    allowed = _terms(plan, when, area, view).parameters.arrival_off_m
    off = min(distance_m(line[-1], at) for line, _ in plan.routes)
    home = min(distance_m(line[0], at) for line, _ in plan.routes) <= allowed
    return (None if off <= allowed else off), home


def _replanned(state: Bound, step: Step, plan: Leg, view: View) -> Bound:
    """A new plan: what it leads to is no longer astray; what the one before led to is given up."""
    before = step.before.plan if isinstance(step.before, Trip) else None
    after = state
    if before is not None and before.consignee_site not in (None, plan.consignee_site):
        former = (*state.former, (before.consignee_site or "", step.fact.at))[-MOST_FORMER:]
        astray = tuple(one for one in state.astray if one.site != plan.consignee_site)
        after = replace(state, former=former, astray=astray)
    landed = after.landed
    if landed is not None and plan.routes and _off(plan, (landed.lon, landed.lat), view, landed.at)[0] is None:
        after = replace(after, landed=None)
    return after


def _claim(before: Bound, after: Bound, trip: Trip, view: View) -> Claim:
    """The one claim of a trip: what is astray places it, else where the vehicle arrived."""
    plan, landed = trip.plan or Leg("plan", ""), after.landed
    consignment = view.key.partition(":")[2]
    numbers: dict[str, Number] = {"consignment": consignment, "to": plan.consignee_site or ""}
    refs = [trip.plan_ref, *(one.ref for one in after.astray)]
    first = after.astray[0] if after.astray else None
    if first is not None:
        numbers |= {
            "sites": ",".join(dict.fromkeys(one.site for one in after.astray)),
            "astray_goods": ",".join(dict.fromkeys(one.goods for one in after.astray)),
            "amount": first.amount,
            "measure": first.measure.value,
        }
    if landed is not None:
        numbers |= {
            "arrived_at": format_instant(landed.at), "off_m": round(landed.off_m),
            "lon": round(landed.lon, 5), "lat": round(landed.lat, 5),
        }  # fmt: skip
        refs.append(landed.ref)
    since = min(one.at for one in (*after.astray, *((landed,) if landed else ())))
    area = first.area if first else (landed and view.world.areas.county(landed.lon, landed.lat)) or PROVINCE
    unit, category = (first.unit, first.category) if first else (unit_of(plan), category_of(plan))
    anchor = f"{consignment}/destination"
    known = before.claimed.of(anchor)
    terms = view.terms("D7", since, category=category, area=area, unit=unit)
    claim = Claim(
        anchor=anchor,
        since=since if known is None else known.since,
        speaks_at=terms.speaks(since) if known is None else known.speaks_at,
        refs=(),
        numbers=numbers,
        area=area,
        unit=unit,
        category=category,
        site=first.site if first else None,
        goods=first.goods if first else None,
    )
    return backed(claim, refs, (way.shipper for way in trip.ways))
