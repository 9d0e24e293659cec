"""Trips: consignments between sites of the province, planned, driven, and received the same day.

Law kept: a clean trip is planned before it departs, keeps to its corridor, arrives inside its time, and what
was sent is what is received (bulk goods: within the two scales' stated error).
"""

from __future__ import annotations

from msgspec.structs import replace

from events.quantity import quantity_of
from events.registry import PermitEntry, PermittedGoods, Point
from events.report import Counterparty
from events.time import DAY, HOUR, MINUTE, SECOND, Instant, civil_day
from simulator.chance import Chance, chance
from simulator.drafts import Dated, Move, Site, Trip, World
from simulator.goods import CATALOGUE, counted, needs_permit
from simulator.roads import Drive, length, metres, road
from simulator.work import purchase_permit, rounded

NEAREST, FARTHEST_M = 8, 85_000.0
SPEED_KMH = 50.0
SCALE_RANDOM, SCALE_SYSTEMATIC = 0.001, 0.0005


def dispatch(world: World) -> None:
    """Draft the trips of the week: each vehicle at most one in the morning and one after noon."""
    config = world.config
    draw = chance(config.seed, "trips")
    vans = [
        (van, world.sites[site])
        for unit in world.units.values()
        for van, site in zip(unit.vehicles, (unit.sites[0], unit.sites[-1]), strict=False)
    ]
    for day in range(config.days):
        slots = [(van, site, half) for van, site in vans for half in (0, 1)]
        order = draw.permutation(len(slots))[: config.trips_per_day]
        for vehicle, site, half in (slots[int(nth)] for nth in order):
            starts = config.starts + day * DAY + (7 * HOUR if half == 0 else 13 * HOUR)
            depart = starts + int(draw.uniform(30, 90)) * MINUTE + int(draw.integers(60)) * SECOND
            _send(world, site, vehicle, depart, draw)


def _send(world: World, shipper: Site, vehicle: str, depart: Instant, draw: Chance) -> None:
    found = _consignees(world, shipper)
    if not found:
        return
    consignee, goods_both = found[int(draw.integers(len(found)))]
    goods = goods_both[int(draw.integers(len(goods_both)))]
    if any(world.closed(site, civil_day(depart)) for site in (shipper, consignee)):
        return
    sizes = [line.size for line in world.owner(shipper.id).trade.lines if line.goods == goods]
    base = rounded(sizes[0] * shipper.scale * draw.uniform(0.6, 1.2), goods)
    name = f"C{shipper.id[1:]}-{(depart - world.config.starts) // MINUTE:05}{vehicle[-1]}"
    trip = consign(world, name, (shipper, consignee), (goods, base), depart, vehicle=vehicle)
    world.trips.append(trip)


def _consignees(world: World, shipper: Site) -> list[tuple[Site, list[str]]]:
    """The nearest sites that take goods which this one ships, each with those goods."""
    holds = {line.goods for line in world.owner(shipper.id).trade.lines}
    found: list[tuple[float, Site, list[str]]] = []
    for site in world.sites.values():
        unit = world.owner(site.id)
        if unit.trade.takes and site.unit != shipper.unit:
            both = sorted(holds & {line.goods for line in unit.trade.lines})
            away = metres(shipper.place, site.place)
            if both and 3_000.0 < away < FARTHEST_M:
                found.append((away, site, both))
    found.sort(key=lambda entry: (entry[0], entry[1].id))
    return [(site, both) for _, site, both in found[:NEAREST]]


def consign(
    world: World,
    name: str,
    ends: tuple[Site, Site],
    load: tuple[str, int],
    depart: Instant,
    *,
    vehicle: str,
) -> Trip:
    """One trip with its two movements in the books, and its one-time transport permit where one is due."""
    (shipper, consignee), (goods, base) = ends, load
    draw = chance(world.config.seed, "trip", name)
    line = road(shipper.place, consignee.place, draw)
    arrive = Drive(line, depart, SPEED_KMH).ends + 20 * SECOND
    leaves = depart - int(draw.uniform(12, 25) * MINUTE) // SECOND * SECOND
    comes = arrive + int(draw.uniform(8, 35) * MINUTE) // SECOND * SECOND
    sent, taken = _moved(world, name, ends, (goods, base, _weighed(base, goods, draw)), (leaves, comes))
    trip = Trip(
        id=name, shipper=shipper.id, consignee=consignee.id, vehicle=vehicle, goods=goods, base=base,
        filed=depart - int(draw.uniform(60, 170) * MINUTE) // SECOND * SECOND, depart=depart, arrive=arrive,
        arrive_by=arrive + HOUR + int((arrive - depart) * 0.5) // MINUTE * MINUTE,
        line=line, driven=line, sent=sent, taken=taken,
    )  # fmt: skip
    if needs_permit(goods):
        trip.permit = f"T-{name}"
        allowed = (PermittedGoods(goods, quantity_of(base, CATALOGUE[goods].measure)),)
        carry = PermitEntry(permit=trip.permit, purpose="transport", one_time=True, goods=allowed)
        day = depart - (depart + 8 * HOUR) % DAY
        world.dated.append(Dated(unit=shipper.unit, entry=carry, valid_from=day - DAY, valid_to=day + 4 * DAY))
    return trip


def load_beside(world: World, trip: Trip, goods: str, base: int) -> None:
    """Load something else on a trip's vehicle: in plan and permit, sent and received a minute after the rest."""
    ends = (world.sites[trip.shipper], world.sites[trip.consignee])
    _moved(world, trip.id, ends, (goods, base, base), (trip.sent.at + MINUTE, trip.taken.at + MINUTE))
    trip.beside = (*trip.beside, (goods, base))
    for paper in world.dated:
        if isinstance(paper.entry, PermitEntry) and paper.entry.permit == trip.permit:
            line = PermittedGoods(goods, quantity_of(base, CATALOGUE[goods].measure))
            paper.entry = replace(paper.entry, goods=(*paper.entry.goods, line))


def _moved(
    world: World, name: str, ends: tuple[Site, Site], load: tuple[str, int, int], times: tuple[Instant, Instant]
) -> tuple[Move, Move]:
    """One goods sent and received on a trip (``load``: what it is, how much went out, and came in)."""
    (shipper, consignee), (goods, out, came) = ends, load
    sent = Move(at=times[0], operation="issue", base=out, consignment=name, counterparty=party_of(consignee))
    taken = Move(at=times[1], operation="receive", base=came, consignment=name, counterparty=party_of(shipper),
                 permit=purchase_permit(consignee.unit, goods))  # fmt: skip
    world.book(shipper.id, goods).moves.append(sent)
    world.book(consignee.id, goods).moves.append(taken)
    return sent, taken


def party_of(site: Site) -> Counterparty:
    """A site of the province as the other side of a trade names it."""
    return Counterparty(unit=site.unit, site=site.id, area=site.area)


def _weighed(base: int, goods: str, draw: Chance) -> int:
    """What the consignee's scale says of what was sent: within two of its random errors, to the gram."""
    if counted(goods):
        return base
    error = float(draw.normal(0.0, SCALE_RANDOM / 2))
    return round(base * (1 + max(-SCALE_RANDOM, min(SCALE_RANDOM, error))) / 1000) * 1000


def drive_of(trip: Trip) -> Drive:
    """The loaded drive of a trip; its speed is what makes a road without pauses end on time."""
    return Drive(trip.driven, trip.depart, SPEED_KMH, trip.dwells)


def planned_along(trip: Trip, line: tuple[Point, ...]) -> None:
    """Plan a trip along another road, due by as much later as that is longer; what is driven stays as it was."""
    ends = [Drive(way, trip.depart, SPEED_KMH).ends for way in (trip.line, line)]
    trip.line = line
    trip.arrive_by += ends[1] - ends[0]


def rearranged(trip: Trip) -> None:
    """Put a trip's arrival (and receipt) after what is now driven, keeping the margin to ``arrive_by``."""
    later = drive_of(trip).ends + 20 * SECOND - trip.arrive
    if later > 0:
        trip.arrive += later
        trip.taken.at += later
    if length(trip.driven) < 1_000.0:
        raise ValueError(f"trip {trip.id} goes nowhere")
