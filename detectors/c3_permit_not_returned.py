"""C3 许可证未核销: a transport permit for one trip is handed back within some days after the goods arrived.

Law kept: the clock runs from the first arrival that the permit hears of, by the trip's own report or by the
consignee's receipt; the deadline passes by time alone. Handing it back late ends the warning, an entry of the day
before withdraws it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, ClassVar, Literal

from msgspec import Meta, Struct
from msgspec.structs import replace

from detectors.claim import Claim, Finding, Number
from detectors.clocks import Term, due
from detectors.detector import Card, Step, View
from detectors.quiet import remembered
from detectors.roads.place import PROVINCE
from events.identity import home_of
from events.registry import Category, PermitEntry, PermitReturnEntry
from events.time import Instant, format_instant
from ledger.fact import Body, Fact, Leg, Movement, Ref

_KEPT = 8
"""How many planned trips of a permit are remembered until one has arrived."""


class Parameters(Struct, frozen=True, forbid_unknown_fields=True):
    """``must_return``: whether permits for one trip must be handed back; ``within_days``: days after the arrival's
    day.

    ``working_days`` counts them without days off; ``moves`` lets a term that ends on a day off end on the next
    working day.
    """

    must_return: bool = False
    within_days: Annotated[int, Meta(ge=0, le=366)] = 3
    working_days: bool = False
    moves: bool = True


class Going(Struct, frozen=True, array_like=True, gc=False):
    """A planned trip under the permit: its name, who is to receive it, and where that is."""

    consignment: str
    unit: str
    site: str
    area: str
    category: Category
    ref: Ref


class Carried(Struct, frozen=True, array_like=True, gc=False):
    """The trips planned under the permit, and what stands from its deadline on once one of them has arrived."""

    going: tuple[Going, ...] = ()
    owed: Claim | None = None


class PermitNotReturned:
    """Claims from the deadline until the permit is handed back; evidence: the arrival, the deadline, the return."""

    card: ClassVar = Card(
        id="C3",
        name="PERMIT_NOT_RETURNED",
        title=("许可证未核销", "Transport permit not handed back"),
        predicate=(
            "一次性运输许可证所载货物运达后，超过规定日数仍无许可证核销登记",
            "goods arrived under a transport permit for one trip and days later it is not registered as handed "
            "back",
        ),
        misses=(
            "没有到达报告、收货单位入库时也未写此证的运输；可多次使用的运输许可证；未登记的许可证（见 A5）；"
            "交回的证件是否属实",
            "a trip that nobody says arrived and whose receipt does not name the permit; permits for many trips; "
            "permits "
            "that are not registered (A5); whether what was handed back is genuine",
        ),
        key="permit",
        place="receiver",
    )
    State: ClassVar = Carried
    Parameters: ClassVar = Parameters
    stricter: ClassVar[dict[str, Literal["lower", "higher"]]] = {"within_days": "lower"}
    clocks: ClassVar = ("within_days",)
    sees: ClassVar[frozenset[type[Body]]] = frozenset((Leg, Movement))

    def start(self) -> Carried:
        """Nothing carried."""
        return Carried()

    def see(self, state: Carried, step: Step, view: View) -> tuple[Carried, Sequence[Claim]]:
        """Remember who is to receive what; start the clock at the first arrival."""
        fact, body = step.fact, step.fact.body
        if state.owed is not None or not _is_for_one_trip(view, fact.at):
            return state, ()
        match body:
            case Leg(stage="plan"):
                others = (one for one in state.going if one.consignment != body.consignment)
                return Carried((*others, _going(body, fact, view))[-_KEPT:]), ()
            case Leg(stage="arrive"):
                going = next((one for one in state.going if one.consignment == body.consignment), None)
            case Movement(operation="receive", category=category, unit=unit, site=site, area=area):
                going = Going(body.consignment or "", unit, site, area, category, fact.ref)
            case _:
                return state, ()
        owed = None if going is None else _owed(going, fact, view)
        return (state, ()) if owed is None else (Carried((), owed), ())

    def at(self, state: Carried, now: Instant, view: View) -> Sequence[Claim]:
        """The claim once its deadline has passed, ended where the permit has been handed back since."""
        owed = state.owed
        if owed is None or now < owed.since:
            return ()
        returned = _returned(view)
        if returned is None:
            return (owed,)
        if returned < owed.since:
            return ()
        return (replace(owed, until=returned, numbers=owed.numbers | {"returned_at": returned}),)

    def wakes(self, state: Carried, view: View) -> Sequence[Instant]:
        """The deadline."""
        return () if state.owed is None else (state.owed.since,)

    def explain(self, finding: Finding, lang: Literal["zh", "en"]) -> str:
        """Which permit, when its goods arrived, by when it was due, and since when it is back."""
        numbers = finding.claim.numbers
        arrived, by = format_instant(int(numbers["arrived_at"])), format_instant(int(numbers["due"]))
        permit, days, back = numbers["permit"], numbers["within_days"], numbers.get("returned_at")
        if lang == "zh":
            then = "至今未核销。" if back is None else f"直到 {format_instant(int(back))} 才核销。"
            guess = "（未登记当年节假日，按周末计算）" if "calendar" in numbers else ""
            return (
                f"运输许可证 {permit} 的货物于 {arrived} 运达，应在 {days} 日内（{by} 前{guess}）交回核销，{then}"
            )
        then = "it is not back yet." if back is None else f"it came back only at {format_instant(int(back))}."
        guess = ", by weekends alone: no calendar of that year is registered" if "calendar" in numbers else ""
        return (
            f"The goods under transport permit {permit} arrived at {arrived}; it was to be handed back within "
            f"{days} "
            f"days (by {by}{guess}): {then}"
        )


def _going(leg: Leg, fact: Fact, view: View) -> Going:
    """Who is to receive a planned trip; its place is the county where the permitted road ends."""
    ends = [line[-1] for line, _ in leg.routes]
    area = next((code for end in ends if (code := view.world.areas.county(*end)) is not None), PROVINCE)
    unit, site = leg.consignee_unit or "", leg.consignee_site or ""
    return Going(leg.consignment, unit, site, area, leg.category or Category.EXPLOSIVES, fact.ref)


def _owed(going: Going, fact: Fact, view: View) -> Claim | None:
    """What stands from the deadline on; None where this permit need not come back."""
    terms = view.terms("C3", fact.at, category=going.category, area=going.area, unit=going.unit)
    within, name = terms.parameters.within_days, home_of(view.key)
    if not terms.parameters.must_return:
        return None
    over = due(view.world, fact.at, Term(within, terms.parameters.working_days, terms.parameters.moves))
    numbers: dict[str, Number] = {
        "permit": name,
        "consignment": going.consignment,
        "arrived_at": fact.at,
        "within_days": within,
        "due": over.at,
    }
    if over.by_weekends:
        numbers["calendar"] = "weekends_only"
    refs = (going.ref,) if going.ref == fact.ref else (going.ref, fact.ref)
    return Claim(
        anchor=name,
        since=over.at,
        speaks_at=terms.speaks(over.at),
        refs=refs,
        numbers=numbers,
        area=going.area,
        unit=going.unit,
        category=going.category,
        site=going.site or None,
        ref_count=len(refs),
    )


def _is_for_one_trip(view: View, at: Instant) -> bool:
    """Whether the permit was registered for transport once, as last heard of for the day of an instant."""
    name, last = home_of(view.key), None
    for paper in view.reference.of_kind(PermitEntry):
        if getattr(paper.entry, "permit", "") == name and paper.heard_of(at) and remembered(paper, at):
            order = (paper.valid_from <= at, paper.valid_from, paper.id)
            last = (order, paper.entry) if last is None or last[0] < order else last
    entry = None if last is None else last[1]
    return isinstance(entry, PermitEntry) and entry.purpose == "transport" and entry.one_time


def _returned(view: View) -> Instant | None:
    """When the permit was handed back first."""
    name = home_of(view.key)
    entries = view.reference.of_kind(PermitReturnEntry)
    mine = (e for e in entries if isinstance(e.entry, PermitReturnEntry) and e.entry.permit == name)
    return min((e.valid_from for e in mine if e.unsaid_at is None), default=None)
