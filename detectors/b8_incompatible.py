"""B8 混存/混运: goods that may not be together stand in one store room, or are carried on one consignment.

Law kept: only what certainly stands in a room is held against it. What went out without a room, or out of a room
that did not have it, may have gone from any: it is taken off every room before that is judged.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated, ClassVar, Final, Literal

from msgspec import Meta, Struct
from msgspec.structs import replace

from detectors.claim import Claim, Finding, Number
from detectors.detector import Card, Rule, Step, View
from detectors.episode import Episode, begin, end, go_on
from detectors.incompatible import Pair, clashes, listed
from events.identity import home_of
from events.time import MINUTE, format_instant
from ledger.account import Trip
from ledger.fact import Body, Fact, Leg, Movement
from ledger.posting import book_delta

_TITLE = ("混存/混运", "Incompatible goods together")
UNNAMED: Final = ""
"""The room of what was reported without one."""
MOST_HELD: Final = 200
"""Of how many rooms and goods a site keeps the amounts."""
_SHOWN: Final = 5


class Parameters(Struct, frozen=True, forbid_unknown_fields=True):
    """``pairs`` of kinds that may not be together, beside the registry's: ``category[/class]`` or ``*/class``.

    ``unnamed_is_one_room``: 1 where what a site reports without a room counts as standing in one room, else 0.
    ``carried_wait_min``: minutes after which a load is spoken of.
    """

    pairs: tuple[Pair, ...] = ()
    unnamed_is_one_room: Annotated[int, Meta(ge=0, le=1)] = 0
    carried_wait_min: Annotated[int, Meta(ge=0)] = 0


class Held(Struct, frozen=True, array_like=True, order=True, gc=False):
    """What one room has of one goods, in base units; below nothing where more went out than came in."""

    room: str
    goods: str
    amount: int


class Mixed(Struct, frozen=True, array_like=True, gc=False):
    """The open episode of one room."""

    room: str
    claim: Claim


class Rooms(Struct, frozen=True, array_like=True, gc=False):
    """What stands in the rooms of a site, and the rooms where it may not."""

    held: tuple[Held, ...] = ()
    open: tuple[Mixed, ...] = ()


class SharedRoom(Rule):
    """Claims while incompatible goods stand in one room; evidence: the room and the pairs."""

    card: ClassVar = Card(
        id="B8",
        name="INCOMPATIBLE",
        title=_TITLE,
        predicate=(
            "按出入库登记的库房，同一库房内确有结存的两个品种，其危险性类别登记为禁忌，或属于办法列明不得同库的两类",
            "by the store rooms that movements name, two goods certainly stand in one room whose hazard classes "
            "are registered as incompatible, or which are of two kinds that the policy keeps apart",
        ),
        misses=(
            "未填写库房的出入库（办法可规定视为同库）；曾漏填或错填库房的品种，漏填的数量先从各库房扣除；"
            "目录未登记危险性类别的品种只按类别判断；同库内的隔离、防火间距；库房之间的距离",
            "movements that name no room (the policy may take them as one); goods whose room was once left out or "
            "wrong are taken off every room first; goods without a hazard class are judged by category alone; "
            "partitions and distances within a room or between rooms",
        ),
        key="site",
        place="site",
    )
    State: ClassVar = Rooms
    Parameters: ClassVar = Parameters
    stricter: ClassVar[dict[str, Literal["lower", "higher"]]] = {"unnamed_is_one_room": "higher"}
    sees: ClassVar[frozenset[type[Body]]] = frozenset((Movement,))

    def start(self) -> Rooms:
        """Empty rooms."""
        return Rooms()

    def see(self, state: Rooms, step: Step, view: View) -> tuple[Rooms, Sequence[Claim]]:
        """Book the movement to its room, and judge every room that has the goods."""
        fact, moved = step.fact, step.fact.body
        if not isinstance(moved, Movement):
            return state, ()
        room = moved.detail.room if moved.detail is not None else None
        terms = view.terms("B8", fact.at, category=moved.category, area=moved.area, unit=moved.unit)
        one_room = terms.parameters.unnamed_is_one_room
        if room is None and not one_room and not any(one.goods == moved.goods for one in state.held):
            return state, ()
        held = _booked(state.held, Held(room or UNNAMED, moved.goods, book_delta(moved)))
        if held == state.held:
            return state, ()
        mixed = {one.room: one.claim for one in state.open}
        made: list[Claim] = []
        for where in _rooms(held, state.open, one_room=bool(one_room)):
            pairs = tuple(clashes(_standing(held, where), fact.at, view.world, terms.parameters.pairs))
            known = mixed.pop(where, None)
            if not pairs:
                made += [] if known is None else [end(known, fact)]
                continue
            claim = _together(known, fact, moved, _numbers(where, pairs, fact, view))
            if known is None:
                claim = replace(claim, speaks_at=terms.speaks(fact.at))
            if claim is not known:
                made.append(claim)
            mixed[where] = claim
        return Rooms(held, tuple(Mixed(where, mixed[where]) for where in sorted(mixed))), made

    def explain(self, finding: Finding, lang: Literal["zh", "en"]) -> str:
        """Which goods stand together, where and since when."""
        claim = finding.claim
        pairs, since, room = claim.numbers["pairs"], format_instant(claim.since), claim.numbers["room"]
        ended = "" if claim.until is None else format_instant(claim.until)
        if lang == "zh":
            close = f"已于 {ended} 分开。" if ended else "至今仍在一处。"
            where = f"库房 {room}" if room else "（未填库房）"
            return f"{claim.site} {where} 自 {since} 起混存不得同库的品种：{pairs}。{close}"
        close = f"They were apart at {ended}." if ended else "They still are."
        where = f"room {room} of {claim.site}" if room else f"{claim.site} (no room named)"
        return f"Since {since} goods that may not be together stand in {where}: {pairs}. {close}"


class SharedLoad(Rule):
    """Claims while incompatible goods are under way on one consignment; evidence: the pairs and the vehicle."""

    card: ClassVar = Card(
        id="B8",
        name="INCOMPATIBLE",
        title=_TITLE,
        predicate=(
            "同一托运（运单所列与实际发出的品种）中有登记为禁忌，或办法列明不得同车的两个品种，且已发货、尚未到达",
            "one consignment carries two goods, planned or sent, that are registered as incompatible or that the "
            "policy keeps apart, from when it was sent until it arrives",
        ),
        misses=(
            "只有运单、未上报发货的托运；同一车辆同时承运的另一托运；未登记危险性类别的品种；车内隔离措施",
            "a consignment of which no issue was reported; another consignment on the same vehicle; goods without "
            "a hazard class; partitions within the vehicle",
        ),
        key="consignment",
        place="shipper",
    )
    State: ClassVar = Episode
    Parameters: ClassVar = Parameters
    stricter: ClassVar[dict[str, Literal["lower", "higher"]]] = {}
    sees: ClassVar[frozenset[type[Body]]] = frozenset((Movement, Leg))

    def start(self) -> Episode:
        """Nothing under way."""
        return Episode()

    def see(self, state: Episode, step: Step, view: View) -> tuple[Episode, Sequence[Claim]]:
        """Judge what is planned and what was sent, until it arrives, comes back or is called off."""
        trip, fact = step.after, step.fact
        if not isinstance(trip, Trip):
            return state, ()
        shipper = next((way.shipper for way in trip.ways if way.shipper is not None), None)
        goods = {way.goods for way in trip.ways if way.sent}
        if trip.plan is not None:
            goods |= {load[0] for load in trip.plan.loads}
        if shipper is None or (len(goods) < 2 and state.open is None):
            return state, ()
        terms = view.terms("B8", fact.at, category=shipper.category, area=shipper.area, unit=shipper.unit)
        pairs = () if _over(trip) else tuple(clashes(goods, fact.at, view.world, terms.parameters.pairs))
        if not pairs:
            return (state, ()) if state.open is None else (Episode(), (end(state.open, fact),))
        numbers: dict[str, Number] = {"consignment": home_of(view.key), "pairs": _said(pairs)}
        if (cited := listed(pairs, fact.at, view.world)) is not None:
            numbers["by_list"] = cited
        if trip.plan is not None and trip.plan.vehicle is not None:
            numbers["vehicle"] = trip.plan.vehicle
        if state.open is None:
            speaks_at = fact.at + terms.parameters.carried_wait_min * MINUTE
            claim = replace(begin(fact, shipper, speaks_at, numbers), anchor=home_of(view.key), goods=None)
        elif state.open.numbers == numbers:
            return state, ()
        else:
            claim = go_on(state.open, fact, numbers)
        return Episode(claim), (claim,)

    def explain(self, finding: Finding, lang: Literal["zh", "en"]) -> str:
        """Which goods are carried together, on what."""
        claim, numbers = finding.claim, finding.claim.numbers
        since, trip, pairs = format_instant(claim.since), numbers["consignment"], numbers["pairs"]
        ended = "" if claim.until is None else format_instant(claim.until)
        if lang == "zh":
            on = f"，车辆 {numbers['vehicle']}" if "vehicle" in numbers else ""
            close = f"已于 {ended} 结束。" if ended else "仍在途中。"
            return f"{claim.site} 于 {since} 发出的托运 {trip}{on}混装不得同运的品种：{pairs}。{close}"
        on = f" on {numbers['vehicle']}" if "vehicle" in numbers else ""
        close = f"It was over at {ended}." if ended else "It is still under way."
        return (
            f"Consignment {trip}{on}, sent from {claim.site} at {since}, carries goods that may not be together: "
            f"{pairs}. {close}"
        )


def _numbers(room: str, pairs: tuple[Pair, ...], fact: Fact, view: View) -> dict[str, Number]:
    numbers: dict[str, Number] = {"room": room, "pairs": _said(pairs)}
    if (cited := listed(pairs, fact.at, view.world)) is not None:
        numbers["by_list"] = cited
    return numbers


def _together(known: Claim | None, fact: Fact, moved: Movement, numbers: dict[str, Number]) -> Claim:
    """The room's episode with the pairs as they are now; the same where they were so before."""
    if known is None:
        claim = begin(fact, moved, fact.at, numbers)
        return replace(claim, anchor=f"{fact.id}/{numbers['room']}", goods=None)
    return known if known.numbers == numbers else go_on(known, fact, numbers)


def _said(pairs: Sequence[Pair]) -> str:
    shown = [f"{one} + {other}" for one, other in pairs[:_SHOWN]]
    return ", ".join([*shown, "…"] if len(pairs) > _SHOWN else shown)


def _booked(held: tuple[Held, ...], moved: Held) -> tuple[Held, ...]:
    """The rooms after a movement; what is empty is not kept, nor the least of too many."""
    if not moved.amount:
        return held
    amounts = {(one.room, one.goods): one.amount for one in held}
    of = (moved.room, moved.goods)
    amounts[of] = amounts.get(of, 0) + moved.amount
    kept = sorted(Held(*of, amount) for of, amount in amounts.items() if amount)
    if len(kept) > MOST_HELD:
        kept.remove(min(kept, key=lambda one: (one.amount < 0, abs(one.amount), one)))
    return tuple(kept)


def _rooms(held: Iterable[Held], mixed: Iterable[Mixed], *, one_room: bool) -> list[str]:
    """The rooms to judge; the unnamed one only where the policy takes it as a room."""
    rooms = {one.room for one in held} | {one.room for one in mixed}
    return sorted(rooms if one_room else rooms - {UNNAMED})


def _standing(held: Sequence[Held], room: str) -> list[str]:
    """The goods that are certainly in a room: more came in than could since have left by any report."""
    return [
        one.goods
        for one in held
        if one.room == room
        and one.amount > sum(-other.amount for other in held if other.goods == one.goods and other.amount < 0)
    ]


def _over(trip: Trip) -> bool:
    ended = trip.arrived_at is not None or trip.cancelled_at is not None
    return ended or any(way.received for way in trip.ways)
