"""Five rules told again in the plainest words: A3, A5, B2, B4, B5. Each walks one key's facts in event order.

Law kept: what a rule says is a function of the facts; the code shares nothing with ``detectors/``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec import Struct
from msgspec.structs import replace

from events.quantity import Amount, parse_quantity
from events.registry import PermitEntry
from events.time import DAY, HOUR, Instant, format_instant
from ledger.fact import Fact, Leg, Movement
from tests.chaos.oracle.matter import MOST_FACTS, Matter, begun
from tests.chaos.oracle.meaning import delta, movements
from tests.chaos.oracle.register import Noted, Register
from tests.chaos.oracle.terms import Book, Terms


class Asked(Struct, frozen=True):
    """What a rule is asked about: a key, its facts, how far time has come, and what it may look up."""

    key: str
    facts: Sequence[Fact]
    now: Instant
    register: Register
    policies: Book

    def terms(self, rule: str, at: Instant, moved: Movement) -> Terms:
        """The rule's terms for a movement."""
        return self.policies.of(rule, at, category=moved.category.value, area=moved.area, unit=moved.unit)


def b2_negative_balance(asked: Asked) -> list[Matter]:
    """A book below nothing, until it is adjusted to nothing or more, or has not been below for a rest."""
    found: list[Matter] = []
    balance, matter = 0, list[Matter]()
    back: list[tuple[Fact, Instant]] = []
    for fact, moved in movements(asked.facts):
        balance += delta(moved)
        terms = asked.terms("B2", fact.at, moved)
        rest = terms.parameters.get("rest_days", 0)
        if back and fact.at >= back[0][1]:
            found.append(matter.pop().ended(back.pop()[0]))
        if balance < -terms.parameters.get("tolerance", 0):
            back.clear()
            known = matter.pop() if matter else None
            if known is None:
                numbers = {"lowest": balance, "measure": moved.measure.value, "rest_days": rest}
                matter.append(begun(fact, moved, terms.speaks(fact.at), **numbers))
            else:
                matter.append(known.more(fact, lowest=min(balance, int(known.numbers["lowest"]))))
        elif matter:
            back = back or [(fact, fact.at + rest * DAY)]
            if moved.operation == "adjust" or rest == 0:
                found.append(matter.pop().ended(back.pop()[0]))
    if back and asked.now >= back[0][1]:
        found.append(matter.pop().ended(back.pop()[0]))
    return found + matter


def a3_over_permit(asked: Asked) -> list[Matter]:
    """More booked on a permit than it allows, goods by goods."""
    name = asked.key.partition(":")[2]
    found: list[Matter] = []
    open_: dict[str, Matter] = {}
    booked: dict[tuple[str, bool], int] = {}
    uses: dict[str, list[str]] = {}
    for fact, moved in movements(asked.facts):
        inward = moved.operation in ("receive", "return")
        booked[(moved.goods, inward)] = used = booked.get((moved.goods, inward), 0) + moved.amount
        permit = asked.register.entry(asked.key, PermitEntry, name, fact.at)
        if permit is None or inward is not (permit.purpose == "purchase"):
            continue
        amounts = [
            parse_quantity(one.quantity.value, one.quantity.unit)
            for one in permit.goods
            if one.goods == moved.goods
        ]
        if any(not isinstance(one, Amount) or one.measure is not moved.measure for one in amounts):
            continue
        permitted = sum(one.base for one in amounts if isinstance(one, Amount))
        mine = uses.setdefault(moved.goods, [])
        mine.append(fact.id)
        terms = asked.terms("A3", fact.at, moved)
        if moved.measure.value == "count":
            allowed = permitted + terms.parameters.get("tolerance_counted_items", 0)
        else:
            allowed = permitted + permitted * terms.parameters.get("tolerance_bulk_permille", 0) // 1000
        known = open_.pop(moved.goods, None)
        if used <= allowed:
            if known is not None:
                found.append(known.ended(fact))
            continue
        numbers: dict[str, int | float | str] = {
            "permit": permit.permit, "purpose": permit.purpose, "permitted": permitted, "used": used,
            "over": used - permitted, "measure": moved.measure.value,
        }  # fmt: skip
        if known is None:
            over = begun(fact, moved, fact.at, **numbers)
            over = replace(over, facts=tuple(mine[-MOST_FACTS:]), fact_count=len(mine))
        else:
            over = known.more(fact, **numbers)
        open_[moved.goods] = replace(over, speaks_at=terms.speaks(over.since))
    return [*found, *open_.values()]


def a5_permit_misused(asked: Asked) -> list[Matter]:
    """A permit used outside its dates or never registered; one for a single consignment used for another."""
    name = asked.key.partition(":")[2]
    found: list[Matter] = []
    outside: Matter | None = None
    again: Matter | None = None
    served: list[str] = []
    for fact, moved in movements(asked.facts):
        if moved.consignment is not None and moved.consignment not in served:
            served.append(moved.consignment)
        terms = asked.terms("A5", fact.at, moved)
        known = [one for one in asked.register.at(asked.key)[::-1] if one.heard_by(fact.at)]
        papers = [one for one in known if isinstance(one.entry, PermitEntry)]
        valid = _valid(papers, fact.at, terms.parameters.get("grace_h", 0) * HOUR)
        if valid is None and outside is None:
            outside = _used_outside(name, papers, fact, moved, terms)
        elif valid is None and outside is not None:
            outside = outside.more(fact)
        elif outside is not None:
            found.append(outside.ended(fact))
            outside = None
        paper = valid or (papers[-1] if papers else None)
        once = terms.parameters.get("consignments_once", 1)
        if paper is None or not isinstance(paper.entry, PermitEntry) or not paper.entry.one_time:
            continue
        if moved.consignment is not None and moved.consignment in served[once:]:
            numbers: dict[str, int | float | str] = {
                "permit": name, "reason": "reused", "consignments": len(served), "named": ", ".join(served[:5]),
            }  # fmt: skip
            if again is None:
                again = replace(begun(fact, moved, terms.speaks(fact.at), **numbers), anchor=moved.consignment)
            else:
                again = again.more(fact, **numbers)
    return [*found, *(one for one in (outside, again) if one is not None)]


def _valid(papers: Sequence[Noted], at: Instant, grace: Instant) -> Noted | None:
    """The entry of the permit that covers an instant, the latest first; else one that does with some grace."""
    for slack in (0, grace):
        for one in reversed(papers):
            if one.valid_from - slack <= at and (one.valid_to is None or at < one.valid_to + slack):
                return one
    return None


def _used_outside(name: str, papers: Sequence[Noted], fact: Fact, moved: Movement, terms: Terms) -> Matter:
    over = [one.valid_to for one in papers if one.valid_to is not None and one.valid_to <= fact.at]
    coming = [one.valid_from for one in papers if one.valid_from > fact.at]
    if not papers:
        # Whoever has no permit registered has until the day's end to appear.
        late = replace(terms, at_day_end=True)
        return begun(fact, moved, late.speaks(fact.at), permit=name, reason="unknown")
    speaks_at = terms.speaks(fact.at)
    if over and (not coming or fact.at - max(over) <= min(coming) - fact.at):
        return begun(fact, moved, speaks_at, permit=name, reason="expired", valid_to=max(over))
    return begun(fact, moved, speaks_at, permit=name, reason="not_yet_valid", valid_from=min(coming))


class Load(Struct):
    """One goods on one consignment, as both ends tell it."""

    first: Movement
    sent: int = 0
    received: int = 0
    lost: int = 0
    shipper: tuple[Fact, Movement] | None = None
    receiver: tuple[Fact, Movement] | None = None

    def take(self, fact: Fact, moved: Movement) -> None:
        """Add one movement."""
        match moved.operation:
            case "issue":
                self.sent += moved.amount
                self.shipper = self.shipper or (fact, moved)
            case "declare_loss":
                self.lost += moved.amount
            case _:
                self.received += moved.amount
                self.receiver = (fact, moved)


class Trip(Struct):
    """A consignment as far as its facts were walked."""

    loads: dict[str, Load] = {}
    plan: tuple[Fact, Leg] | None = None
    cancelled_at: Instant | None = None

    def take(self, fact: Fact) -> None:
        """Add one fact."""
        match fact.body:
            case Movement() as moved:
                self.loads.setdefault(moved.goods, Load(moved)).take(fact, moved)
            case Leg(stage="plan") as plan:
                self.plan = (fact, plan)
            case Leg(stage="cancel"):
                self.cancelled_at = fact.at
            case _:
                pass

    def never_arrived(self) -> list[tuple[str, Load]]:
        """What was sent, not all of it lost, and nothing of it received; by the goods' names."""
        return [(name, one) for name, one in sorted(self.loads.items()) if one.sent > one.lost and not one.received]


Owed = Callable[[Asked, Trip, Fact, dict[str, Matter]], dict[str, Matter]]


def b4_unmatched_out(asked: Asked) -> list[Matter]:
    """Sent, and by the deadline nothing of it received."""
    return _owing(asked, _not_received, asked.facts)


def b5_unmatched_in(asked: Asked) -> list[Matter]:
    """Received, and nobody says to have sent it."""
    return _owing(asked, _not_sent, [fact for fact in asked.facts if isinstance(fact.body, Movement)])


def _owing(asked: Asked, owed: Owed, facts: Sequence[Fact]) -> list[Matter]:
    """What is owed after each fact; what is met after it could be said is closed, before that it was nothing."""
    closed: dict[str, Matter] = {}
    open_: dict[str, Matter] = {}
    trip = Trip({})
    for fact in facts:
        trip.take(fact)
        left = owed(asked, trip, fact, open_)
        for anchor, matter in open_.items():
            if anchor not in left and fact.at > matter.speaks_at:
                closed[anchor] = matter.ended(fact)
        open_ = left
    said = {anchor: matter for anchor, matter in open_.items() if matter.speaks_at <= asked.now}
    return list({**closed, **said}.values())


def _not_received(asked: Asked, trip: Trip, fact: Fact, before: dict[str, Matter]) -> dict[str, Matter]:
    name = asked.key.partition(":")[2]
    left: dict[str, Matter] = {}
    for goods, load in trip.never_arrived():
        assert load.shipper is not None
        sent, shipper = load.shipper
        known = before.get(f"{name}/{goods}")
        if known is not None and known.since < fact.at:
            due, speaks_at = known.since, known.speaks_at
        else:
            terms = asked.policies.of(
                "B4", fact.at, category=load.first.category.value, area=shipper.area, unit=shipper.unit
            )
            if trip.plan is None:
                due = sent.at + round(terms.parameters.get("transit_h", 72.0) * HOUR)
            else:
                due = max(trip.plan[1].arrive_by, sent.at) + round(terms.parameters.get("grace_h", 12.0) * HOUR)
            speaks_at = terms.speaks(due)
        to = shipper.counterparty_site or shipper.counterparty_unit or shipper.outside or ""
        if trip.plan is not None and trip.plan[1].consignee_site:
            to = trip.plan[1].consignee_site
        numbers: dict[str, int | float | str] = {
            "consignment": name, "sent": load.sent, "lost": load.lost, "missing": load.sent - load.lost,
            "measure": load.first.measure.value, "sent_at": format_instant(sent.at), "to": to,
        }  # fmt: skip
        if trip.cancelled_at is not None:
            numbers["cancelled_at"] = format_instant(trip.cancelled_at)
        facts = (sent.id, *([trip.plan[0].id] if trip.plan else []))
        ends = {one.receiver[1].area for one in trip.loads.values() if one.receiver}
        left[f"{name}/{goods}"] = _matter(f"{name}/{goods}", (due, speaks_at), shipper, load, numbers, facts, ends)
    return left


def _not_sent(asked: Asked, trip: Trip, fact: Fact, before: dict[str, Matter]) -> dict[str, Matter]:
    name = asked.key.partition(":")[2]
    left: dict[str, Matter] = {}
    for goods, load in sorted(trip.loads.items()):
        swapped = bool(trip.never_arrived())
        if load.receiver is None or not load.received or load.sent or swapped:
            continue
        got, receiver = load.receiver
        known = before.get(f"{name}/{goods}")
        if known is None:
            terms = asked.policies.of(
                "B5", fact.at, category=load.first.category.value, area=receiver.area, unit=receiver.unit
            )
            stands, first = (fact.at, terms.speaks(fact.at)), got.id
        else:
            stands, first = (known.since, known.speaks_at), known.facts[0]
        numbers: dict[str, int | float | str] = {
            "consignment": name, "received": load.received, "sent": 0,
            "from": receiver.counterparty_site or receiver.counterparty_unit or receiver.outside or "",
            "measure": load.first.measure.value,
        }  # fmt: skip
        facts = (first,) if first == got.id else (first, got.id)
        ends = {one.shipper[1].area for one in trip.loads.values() if one.shipper}
        left[f"{name}/{goods}"] = _matter(f"{name}/{goods}", stands, receiver, load, numbers, facts, ends)
    return left


def _matter(
    anchor: str,
    stands: tuple[Instant, Instant],
    at: Movement,
    load: Load,
    numbers: dict[str, int | float | str],
    facts: tuple[str, ...],
    ends: set[str],
) -> Matter:
    return Matter(
        anchor, *stands, facts, len(facts), numbers, at.area, at.unit, load.first.category.value, at.site,
        load.first.goods, None, tuple(sorted(ends - {at.area})),
    )  # fmt: skip


RULES: dict[tuple[str, str], Callable[[Asked], list[Matter]]] = {
    ("B2", "book"): b2_negative_balance,
    ("A3", "permit"): a3_over_permit,
    ("A5", "permit"): a5_permit_misused,
    ("B4", "consignment"): b4_unmatched_out,
    ("B5", "consignment"): b5_unmatched_in,
}
"""(rule, kind of key) → the rule as told here."""
