"""C2 法定备案逾期: a sale or purchase is filed with the authority within some days, by the kind of goods.

Law kept: what one site sold and bought on one day of one kind is one episode, from the deadline until the last of
it is filed. When a deal was filed is what its entries say, whenever they come, until the deal is so old that it is
let rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from hashlib import blake2b
from typing import Annotated, ClassVar, Literal

from msgspec import Meta, Struct
from msgspec.structs import replace

from detectors.claim import Claim, Finding, Number
from detectors.clocks import Term, due
from detectors.detector import Card, Step, View
from detectors.filing import DEALS, DUTIES, Duty, duty_of
from events.identity import home_of
from events.registry import Category, TradeFilingEntry
from events.time import Instant, civil_day, day_start, day_text, format_instant
from ledger.fact import Body, Fact, Movement, Ref
from ledger.reference import Registered, closes

_MARK = 6
"""Bytes that stand for an event's id where it is not kept in full."""
_NAMED, _MARKED = 60, 1_500
"""Of a day's deals of one kind so many, divided by the days of their clock, are kept in full, and by a mark."""


class Parameters(Struct, frozen=True, forbid_unknown_fields=True):
    """Days after the day of the deal by whose end it must be filed, by the kind of goods.

    ``drug_purchases``: whether purchases of drug precursors are filed too. ``working_days`` counts without days
    off; ``moves`` lets a term that ends on a day off end on the next working day. A deal that is still not filed
    ``rest_days`` after it was made is let rest.
    """

    explosives_days: Annotated[int, Meta(ge=0, le=40)] = 3
    highly_toxic_days: Annotated[int, Meta(ge=0, le=40)] = 5
    explosive_precursor_days: Annotated[int, Meta(ge=0, le=40)] = 5
    drug_precursor_1_days: Annotated[int, Meta(ge=0, le=40)] = 5
    drug_precursor_days: Annotated[int, Meta(ge=0, le=40)] = 30
    radioactive_days: Annotated[int, Meta(ge=0, le=40)] = 20
    drug_purchases: bool = False
    working_days: bool = False
    moves: bool = True
    rest_days: Annotated[int, Meta(ge=45, le=92)] = 62


class Dealt(Struct, frozen=True, array_like=True, gc=False):
    """One day's deals of one kind that were not known to be filed in time: the first in full, others by marks.

    ``number`` counts all deals of that day; ``guessed``: due by weekends alone, no calendar having been heard of.
    """

    day: int
    duty: str
    due: Instant
    speaks_at: Instant
    rest_at: Instant
    within_days: int
    guessed: bool
    area: str
    unit: str
    category: Category
    number: int = 0
    named: tuple[Ref, ...] = ()
    marked: bytes = b""

    @property
    def is_filed(self) -> bool:
        """Whether nothing of it is left to be filed."""
        return not self.named and not self.marked


class Deals(Struct, frozen=True, array_like=True, gc=False):
    """The days with deals that are not filed, or not yet, as they were looked through on the latest ``day``."""

    days: tuple[Dealt, ...] = ()
    day: int = 0


class LateFiling:
    """Claims deals that were not filed by their deadline; evidence: how many of that day, which, and since when."""

    card: ClassVar = Card(
        id="C2",
        name="LATE_FILING",
        title=("法定备案逾期", "Deal not filed in time"),
        predicate=(
            "与外单位的购销（放射源转让、送贮）自成交之日起超过法定日数仍无备案登记",
            "a sale to or purchase from another unit (of a radioactive source: any transfer or disposal) is not "
            "registered "
            "as filed within the days that the law gives for its kind",
        ),
        misses=(
            "未写对手单位的出入库；备案内容与实际不符；同一库当日同类成交超过标记数的部分（民爆 500 笔、"
            "第二三类易制毒 50 笔）；"
            "成交 62 日后仍未备案的不再追踪；登记了类别但未标注剧毒、易制爆、易制毒的品种",
            "movements that name no other party; a filing that is untrue; of one kind and day at one site what "
            "is beyond "
            "500 deals (explosives) or 50 (drug precursors II, III); a deal that is not filed after 62 days is "
            "let rest; "
            "goods that the catalogue does not flag",
        ),
        key="site",
        place="site",
    )
    State: ClassVar = Deals
    Parameters: ClassVar = Parameters
    stricter: ClassVar[dict[str, Literal["lower", "higher"]]] = {f"{duty.clock}_days": "lower" for duty in DUTIES}
    clocks: ClassVar = tuple(f"{duty.clock}_days" for duty in DUTIES)
    sees: ClassVar[frozenset[type[Body]]] = frozenset((Movement,))
    deeds: ClassVar = DEALS

    def start(self) -> Deals:
        """Nothing sold, nothing bought."""
        return Deals()

    def see(self, state: Deals, step: Step, view: View) -> tuple[Deals, Sequence[Claim]]:
        """Note a deal that is not filed in time as yet; let the oldest rest."""
        fact, moved = step.fact, step.fact.body
        if not isinstance(moved, Movement):
            return state, ()
        days, day = state.days, civil_day(fact.at)
        made: tuple[Claim, ...] = ()
        if days and state.day < day:
            days, made = _next_day(days, fact.at, view)
        duty = duty_of(moved, view.world, fact.at)
        if duty is not None:
            terms = view.terms("C2", fact.at, category=moved.category, area=moved.area, unit=moved.unit)
            if duty.purchases or moved.operation != "receive" or terms.parameters.drug_purchases:
                known = next((d for d in days if d.day == day and d.duty == duty.name), None)
                dealt = _with(known or _first(fact, moved, duty, view), fact)
                days = (*(one for one in days if one is not known), dealt)
        return (state if days is state.days else Deals(days, day)), made

    def at(self, state: Deals, now: Instant, view: View) -> Sequence[Claim]:
        """What was due by now and not filed by then."""
        overdue = [dealt for dealt in state.days if dealt.due <= now]
        return [claim for dealt in overdue if (claim := _claimed(dealt, now, view)) is not None]

    def wakes(self, state: Deals, view: View) -> Sequence[Instant]:
        """The deadlines, and when the deals are let rest."""
        return [at for dealt in state.days for at in (dealt.due, dealt.rest_at)]

    def explain(self, finding: Finding, lang: Literal["zh", "en"]) -> str:
        """How many deals of which day, by when they were due, and what became of them."""
        claim, numbers = finding.claim, finding.claim.numbers
        zh, en = next(duty.title for duty in DUTIES if duty.name == numbers["duty"])
        late, left, by = numbers["late"], int(numbers["not_filed"]), format_instant(int(numbers["due"]))
        day, deals, days, until = numbers["dealt_on"], numbers["deals"], numbers["within_days"], claim.until
        if lang == "zh":
            then = f"其中 {left} 笔至今未备案" if left else f"最后一笔于 {format_instant(until or 0)} 才备案"
            guess = "（未登记当年节假日，按周末计算）" if "calendar" in numbers else ""
            first = f"，首笔为 {numbers['first']}" if numbers["first"] else ""
            return (
                f"{claim.site} {day} 的{zh} {deals} 笔购销中有 {late} 笔未在 {days} 日内（{by} 前{guess}）"
                f"备案{first}；{then}。"
            )
        then = f"{left} are still not" if left else f"the last was only at {format_instant(until or 0)}"
        guess = ", by weekends alone: no calendar of that year is registered" if "calendar" in numbers else ""
        first = f" (the first: {numbers['first']})" if numbers["first"] else ""
        return (
            f"Of {deals} deal(s) in {en} at {claim.site} on {day}, {late} were not filed within {days} days, by "
            f"{by}{guess}{first}; {then}."
        )


def _first(fact: Fact, moved: Movement, duty: Duty, view: View) -> Dealt:
    """A day on which there are deals of a kind."""
    terms = view.terms("C2", fact.at, category=moved.category, area=moved.area, unit=moved.unit)
    parameters, day = terms.parameters, civil_day(fact.at)
    within = getattr(parameters, f"{duty.clock}_days")
    over = due(view.world, fact.at, Term(within, parameters.working_days, parameters.moves))
    return Dealt(
        day, duty.name, over.at, terms.speaks(over.at), day_start(day + parameters.rest_days), within,
        over.by_weekends, moved.area, moved.unit, moved.category,
    )  # fmt: skip


def _with(dealt: Dealt, fact: Fact) -> Dealt:
    """One deal more: noted whether or not it is filed by now, so that it does not matter which was heard first."""
    number, within = dealt.number + 1, max(1, dealt.within_days)
    named, marked = dealt.named, dealt.marked
    if number <= _MARKED // within:
        if number <= max(1, min(_NAMED // within, 20)):
            named = (*named, fact.ref)
        else:
            marked += _mark(_event(fact.id))
    return replace(dealt, number=number, named=named, marked=marked)


def _next_day(days: tuple[Dealt, ...], at: Instant, view: View) -> tuple[tuple[Dealt, ...], tuple[Claim, ...]]:
    """Once a day: what has been filed in time is forgotten, and what is very old is let rest with its last word."""
    made, left = [], []
    for dealt in days:
        if at >= dealt.rest_at:
            claim = _claimed(dealt, at, view)
            made += [] if claim is None else [claim]
            continue
        named = tuple(ref for ref in dealt.named if not _in_time(_filed_at(_event(ref.id), dealt, view), dealt))
        marked = b"".join(mark for mark, filed in _marked(dealt, view) if not _in_time(filed, dealt))
        now = replace(dealt, named=named, marked=marked)
        left += [] if now.is_filed else [now]
    return tuple(left), tuple(made)


def _claimed(dealt: Dealt, now: Instant, view: View) -> Claim | None:
    """What stands of a day's deals: those not filed by the deadline; None where there are none."""
    named = [
        (ref, filed) for ref in dealt.named if not _in_time(filed := _filed_at(_event(ref.id), dealt, view), dealt)
    ]
    others = [filed for _, filed in _marked(dealt, view) if not _in_time(filed, dealt)]
    late = [*(filed for _, filed in named), *others]
    if not late:
        return None
    filed_at = [filed for filed in late if filed is not None]
    until = max(filed_at) if len(filed_at) == len(late) else None
    if now >= dealt.rest_at:
        until = dealt.rest_at if until is None else until
    numbers: dict[str, Number] = {
        "duty": dealt.duty,
        "dealt_on": day_text(dealt.day),
        "within_days": dealt.within_days,
        "due": dealt.due,
        "deals": dealt.number,
        "late": len(late),
        "not_filed": len(late) - len(filed_at),
        "first": _event(named[0][0].id) if named else "",
    }
    if dealt.guessed:
        numbers["calendar"] = "weekends_only"
    return Claim(
        anchor=f"{day_text(dealt.day)}/{dealt.duty}", since=dealt.due, speaks_at=dealt.speaks_at,
        refs=tuple(ref for ref, _ in named), numbers=numbers, area=dealt.area, unit=dealt.unit,
        category=dealt.category, until=until, site=home_of(view.key), ref_count=len(late),
    )  # fmt: skip


def _in_time(filed_at: Instant | None, dealt: Dealt) -> bool:
    return filed_at is not None and filed_at < dealt.due


def _filed_at(event: str, dealt: Dealt, view: View) -> Instant | None:
    """When a deal was filed first, as far as was heard before it was let rest."""
    return _first_filed(view.reference.about(TradeFilingEntry, event), closes(dealt.rest_at))


def _marked(dealt: Dealt, view: View) -> Iterator[tuple[bytes, Instant | None]]:
    """The deals of which only marks were kept, each with when it was filed first."""
    if not dealt.marked:
        return
    filings, over = view.reference.indexed(TradeFilingEntry, _mark_of), closes(dealt.rest_at)
    for mark in _split(dealt.marked):
        entries = filings.get(mark)
        yield mark, None if entries is None else _first_filed(entries.values(), over)


def _mark_of(filing: TradeFilingEntry) -> bytes:
    return _mark(filing.event)


def _first_filed(entries: Iterable[Registered], over: Instant) -> Instant | None:
    """When the first of some filings came into force, of those heard by then and not unsaid by then."""
    first: Instant | None = None
    for entry in entries:
        if entry.heard_at < over and (entry.unsaid_at is None or entry.unsaid_at >= over):
            first = entry.valid_from if first is None else min(first, entry.valid_from)
    return first


def _event(fact_id: str) -> str:
    """The event id that a fact's identity ends with."""
    return fact_id.rpartition("|")[2]


@lru_cache(maxsize=65_536)
def _mark(event: str) -> bytes:
    return blake2b(event.encode(), digest_size=_MARK).digest()


def _split(marked: bytes) -> Iterator[bytes]:
    return (marked[at : at + _MARK] for at in range(0, len(marked), _MARK))
