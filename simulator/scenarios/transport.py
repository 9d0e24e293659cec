"""Scenarios of the road: what was sent and did not come, came and was never sent, or went another way
(B3, B4, B5, D1, D2, D6).

Law kept: an innocent trip is inside its corridor, its grace, or its instruments' error.
"""

from __future__ import annotations

from events.time import HOUR, MINUTE
from simulator.drafts import Trip
from simulator.goods import counted, needs_permit
from simulator.labels import Label
from simulator.roads import bulge, fraction_of
from simulator.scenarios.scene import Scene, bought, part
from simulator.trips import drive_of, rearranged
from simulator.upload import same_day

_OFF_M, _ANTENNA, _POWER = 3_000.0, 1 << 4, 1 << 8


def short_delivery(scene: Scene) -> Label | None:
    """B3: fewer items arrive than were sent, or a twentieth less of the bulk."""
    bulk = scene.number % 2 == 1
    trip = scene.trip(lambda trip: counted(trip.goods) != bulk)
    if trip is None:
        return None
    missing = part(scene.world.book(trip.shipper, trip.goods), 0.05, trip.base)
    trip.taken.base = trip.base - missing
    notes = ("到货少于发货", "less arrives than was sent")
    subject = scene.on_trip(trip)
    subject["quantity"] = missing
    return scene.label(["B3"], (trip.sent.at, trip.taken.at), notes, **subject)


def within_both_scales(scene: Scene) -> Label | None:
    """B3, innocent: two scales differ by less than two of their standard errors."""
    trip = scene.trip(lambda trip: not counted(trip.goods))
    if trip is None:
        return None
    trip.taken.base = round(trip.base * 0.9985 / 1000) * 1000
    notes = ("两端计量差在允差内", "two scales differ within their stated error")
    return scene.label(["B3"], (trip.sent.at, trip.taken.at), notes, **scene.on_trip(trip))


def corrected_receipt(scene: Scene) -> Label | None:
    """B3, innocent: the receipt was mistyped and corrected the same evening."""
    trip = scene.trip(lambda trip: counted(trip.goods) and trip.base > 4)
    if trip is None:
        return None
    trip.taken.typo, trip.taken.received = trip.base - 2, trip.taken.at + 4 * MINUTE
    trip.taken.mended = same_day(trip.taken.at, 4 * HOUR)
    notes = ("入库误录,当晚已更正", "the receipt was mistyped and corrected that evening")
    subject = scene.on_trip(trip)
    subject["may"] = ("B1",)
    return scene.label(["B3"], (trip.sent.at, trip.taken.mended), notes, **subject)


def phantom_delivery(scene: Scene) -> Label | None:
    """B4: the waybill says arrived, the consignee never received anything."""
    trip = scene.trip(lambda trip: scene.day_of(trip) <= scene.world.config.days - 3)
    if trip is None:
        return None
    _never_received(scene, trip)
    notes = ("运单显示已到达,收货方从未入库", "the waybill says arrived, nothing was ever received")
    subject = scene.on_trip(trip)
    subject["quantity"] = trip.base
    return scene.label(["B4"], (trip.sent.at, trip.arrive_by + 12 * HOUR), notes, **subject)


def sent_without_plan(scene: Scene) -> Label | None:
    """B4: sent to a unit without any waybill or track, and never received."""
    trip = scene.trip(lambda trip: scene.day_of(trip) <= scene.world.config.days - 5)
    if trip is None:
        return None
    _never_received(scene, trip)
    trip.planned = trip.tracked = False
    notes = ("无运单发货,收货方从未入库", "sent without a waybill and never received")
    subject = scene.on_trip(trip)
    subject["quantity"] = trip.base
    return scene.label(["B4"], (trip.sent.at, trip.sent.at + 72 * HOUR), notes, **subject)


def _never_received(scene: Scene, trip: Trip) -> None:
    book = scene.world.book(trip.consignee, trip.goods)
    book.moves = [move for move in book.moves if move is not trip.taken]


def late_within_grace(scene: Scene) -> Label | None:
    """B4, innocent: taken in hours after the planned time, before the grace is over."""
    trip = scene.trip(lambda trip: trip.arrive_by < scene.at(scene.day_of(trip), "13:40"))
    if trip is None:
        return None
    trip.taken.at = trip.arrive_by + 7 * HOUR
    notes = ("到货入库较迟,在宽限期内", "received hours late, within the grace")
    return scene.label(["B4"], (trip.sent.at, trip.taken.at), notes, **scene.on_trip(trip))


def from_nowhere(scene: Scene) -> Label | None:
    """B5: received under a consignment that nobody sent."""
    site = scene.site("fireworks_shop", "implement_shop", "fireworks_wholesale", quiet=False)
    book = scene.book(site, lambda goods: not needs_permit(goods)) if site else None
    if site is None or book is None:
        return None
    at = scene.at(min(2 + scene.number % 2, scene.world.config.days - 1), "11:35")
    base = part(book, 0.08, book.capacity)
    name = f"C{site.id[1:]}-00000{scene.number}"
    book.moves.append(bought(at, base))
    book.moves[-1].consignment, book.moves[-1].counterparty = name, None
    notes = ("入库所列运单无人发货", "received under a consignment that nobody sent")
    subject = scene.at_book(book)
    subject["consignment"], subject["quantity"], subject["may"] = name, base, ("E7",)
    return scene.label(["B5"], (at, at + HOUR), notes, **subject)


def issue_reported_last(scene: Scene) -> Label | None:
    """B5 and B2, innocent: the consignee's report comes before the shipper's."""
    trip = scene.trip(lambda trip: trip.taken.at < scene.at(scene.day_of(trip), "17:00"))
    if trip is None:
        return None
    trip.taken.received = trip.taken.at + 2 * MINUTE
    trip.sent.received = same_day(trip.taken.at, 3 * HOUR)
    notes = ("收货先于发货上传,同日到齐", "the receipt uploaded before the issue, both the same day")
    return scene.label(["B5", "B4"], (trip.sent.at, trip.sent.received), notes, **scene.on_trip(trip))


def no_waybill(scene: Scene) -> Label | None:
    """D1: a loaded vehicle drives with no consignment at all."""
    trip = scene.trip(lambda trip: trip.arrive - trip.depart > 30 * MINUTE)
    if trip is None:
        return None
    _never_received(scene, trip)
    book = scene.world.book(trip.shipper, trip.goods)
    book.moves = [move for move in book.moves if move is not trip.sent]
    trip.planned = False
    notes = ("载货行驶而无运单", "drives loaded without any waybill")
    subject = scene.on_trip(trip)
    del subject["consignment"]
    return scene.label(["D1"], (trip.depart, trip.arrive), notes, **subject)


def waybill_uploaded_late(scene: Scene) -> Label | None:
    """D1, innocent: the waybill was filed in time and reached the platform after departure."""
    trip = scene.trip(lambda trip: trip.arrive - trip.depart > 40 * MINUTE)
    if trip is None:
        return None
    trip.plan_received = trip.depart + 25 * MINUTE
    notes = ("运单已备案,上传晚于发车", "the waybill was filed in time and uploaded after departure")
    return scene.label(["D1"], (trip.depart, trip.arrive), notes, **scene.on_trip(trip))


def detour(scene: Scene) -> Label | None:
    """D2 (and B3): leaves the corridor, stands twenty minutes, arrives with a tenth less."""
    trip = scene.trip(lambda trip: trip.arrive - trip.depart > 35 * MINUTE)
    if trip is None:
        return None
    half = (len(trip.line) - 1) // 2
    trip.driven = bulge(trip.line, _OFF_M)
    trip.dwells = ((fraction_of(trip.driven, half + 1), 20.0),)
    rearranged(trip)
    missing = part(scene.world.book(trip.shipper, trip.goods), 0.1, trip.base)
    trip.taken.base = trip.base - missing
    notes = ("偏离路线停车卸货", "leaves the corridor, unloads, goes on")
    subject = scene.on_trip(trip)
    subject["quantity"] = missing
    return scene.label(["D2", "B3"], (trip.depart, trip.taken.at), notes, **subject)


def jumping_fixes(scene: Scene) -> Label | None:
    """D2, innocent: two single fixes jump a kilometre and a half."""
    trip = scene.trip(lambda trip: trip.arrive - trip.depart > 20 * MINUTE)
    if trip is None:
        return None
    trip.jumps = (0.3, 0.7)
    notes = ("定位单点跳变", "single fixes jump aside")
    return scene.label(["D2"], (trip.depart, trip.arrive), notes, **scene.on_trip(trip))


def permitted_stop(scene: Scene) -> Label | None:
    """D2 and D6, innocent: half an hour at a stop that the plan allows."""
    trip = scene.trip(lambda trip: trip.arrive - trip.depart > 30 * MINUTE)
    if trip is None:
        return None
    at = len(trip.line) // 2
    trip.stops, trip.dwells = (trip.line[at],), ((fraction_of(trip.line, at), 30.0),)
    rearranged(trip)
    notes = ("在许可停靠点休息", "rests at a permitted stop")
    return scene.label(["D2", "D6"], (trip.depart, trip.arrive), notes, **scene.on_trip(trip))


def second_route(scene: Scene) -> Label | None:
    """D2, innocent: drives the other of two allowed routes."""
    trip = scene.trip(lambda trip: trip.arrive - trip.depart > 30 * MINUTE)
    if trip is None:
        return None
    trip.driven = bulge(trip.line, _OFF_M)
    trip.other_lines = (trip.driven,)
    rearranged(trip)
    notes = ("走第二条许可路线", "drives the other allowed route")
    return scene.label(["D2"], (trip.depart, trip.arrive), notes, **scene.on_trip(trip))


def tracker_off(scene: Scene) -> Label | None:
    """D6: antenna or power alarms, then half an hour without a fix, loaded."""
    trip = scene.trip(lambda trip: trip.arrive - trip.depart > 60 * MINUTE)
    if trip is None:
        return None
    drive = drive_of(trip)
    cut = drive.when(0.3)
    trip.alarms = (cut - 3 * MINUTE, cut, _POWER if scene.number % 2 else _ANTENNA)
    trip.dark = (cut, cut + 30 * MINUTE)
    notes = ("载货途中定位被切断", "the tracker is cut off on a loaded trip")
    return scene.label(["D6"], (trip.alarms[0], trip.dark[1]), notes, **scene.on_trip(trip))


def antenna_cut(scene: Scene) -> Label | None:
    """D6: the terminal says for a quarter of an hour that its antenna is cut."""
    trip = scene.trip(lambda trip: trip.arrive - trip.depart > 50 * MINUTE)
    if trip is None:
        return None
    cut = drive_of(trip).when(0.4)
    trip.alarms = (cut, cut + 15 * MINUTE, _ANTENNA)
    notes = ("终端报告天线被剪断", "the terminal reports its antenna cut")
    return scene.label(["D6"], (cut, cut + 15 * MINUTE), notes, **scene.on_trip(trip))


def blind_zone(scene: Scene) -> Label | None:
    """D6, innocent: half an hour of fixes comes late, and complete."""
    trip = scene.trip(lambda trip: trip.arrive - trip.depart > 60 * MINUTE)
    if trip is None:
        return None
    begins = drive_of(trip).when(0.3)
    trip.backfilled = (begins, begins + 28 * MINUTE)
    notes = ("盲区轨迹事后补传", "fixes of a blind zone sent later, complete")
    return scene.label(["D6"], trip.backfilled, notes, **scene.on_trip(trip))


def tunnel(scene: Scene) -> Label | None:
    """D6, innocent: six minutes without a fix."""
    trip = scene.trip(lambda trip: trip.arrive - trip.depart > 40 * MINUTE)
    if trip is None:
        return None
    begins = drive_of(trip).when(0.5)
    trip.dark = (begins, begins + 6 * MINUTE)
    notes = ("隧道内短时无定位", "a few minutes without fixes in a tunnel")
    return scene.label(["D6"], trip.dark, notes, **scene.on_trip(trip))
