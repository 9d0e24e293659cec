"""A6 人员无资格: who handles, drives, escorts or blasts holds a certificate for it, then and there.

Law kept: each person named is judged by the certificates that their own unit has registered, in force when the
goods moved or the trip was to depart; who is not named accuses nobody. One episode per site and role. A trip
called off before it was to depart is none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import ClassVar, Literal

from msgspec import Struct
from msgspec.structs import replace

from detectors.certificates import REASONS, ROLES, Role, standing
from detectors.claim import Claim, Finding, Number, cite
from detectors.detector import Card, Step, View
from detectors.policy import Terms
from detectors.run import Run, Runs, naming
from events.identity import home_of
from events.registry import Category, UnitEntry
from events.time import DAY, MINUTE, Instant, civil_day, day_start, format_instant
from ledger.fact import Body, Fact, Leg, Movement


class Parameters(Struct, frozen=True, forbid_unknown_fields=True):
    """Operation → roles one of which each person named must hold; roles one of which somebody named must hold.

    ``unregistered_counts``: whether somebody who is not registered at all is claimed. ``grace_d``: days after a
    certificate's end that it still counts. ``quiet_d``: days without a breach after which the episode is over.
    """

    each: dict[str, tuple[Role, ...]] = {}
    somebody: dict[str, tuple[Role, ...]] = {}
    unregistered_counts: bool = True
    grace_d: int = 0
    quiet_d: int = 7


class Breach(Struct, frozen=True, array_like=True, gc=False):
    """One deed of one unqualified person: when, of which run, as a claim by itself, and until when it goes on."""

    at: Instant
    name: str
    claim: Claim
    over_at: Instant
    consignment: str = ""


class Staff(Struct, frozen=True, array_like=True, gc=False):
    """The open runs, and the trips still to depart with somebody who may not: few, for most people may."""

    runs: Runs = Runs()
    planned: tuple[Breach, ...] = ()


class PersonUnqualified:
    """Claims deeds of people without a certificate in force; evidence: who, in which role, why not, how often."""

    card: ClassVar = Card(
        id="A6",
        name="PERSON_UNQUALIFIED",
        title=("人员无资格/资质过期", "Person not qualified"),
        predicate=(
            "出入库登记的收发、爆破人员，或运单载明的驾驶员、押运员，当时没有本单位登记的有效资格证",
            "a custodian or blaster named on a movement, or a driver or escort on a trip's plan, had no "
            "certificate in "
            "force that their unit had registered",
        ),
        misses=(
            "未填写人员的出入库与运单；冒名顶替；登记属实而证件系伪造；承运单位未在平台登记时不判断其人员；"
            "在另一单位登记的人员按未登记处理",
            "movements and plans that name nobody; somebody who acts in another's name; a certificate that is "
            "registered but forged; people of a carrier that is not on the platform; people registered by another "
            "unit "
            "count as not registered",
        ),
        key="unit",
        place="site",
    )
    State: ClassVar = Staff
    Parameters: ClassVar = Parameters
    stricter: ClassVar[dict[str, Literal["lower", "higher"]]] = {"grace_d": "lower", "quiet_d": "higher"}
    sees: ClassVar[frozenset[type[Body]]] = frozenset((Movement, Leg))

    def start(self) -> Staff:
        """Nobody."""
        return _NOBODY

    def see(self, state: Staff, step: Step, view: View) -> tuple[Staff, Sequence[Claim]]:
        """Judge the people of the unit's own movement at once, those of a trip when it is to depart."""
        fact, body = step.fact, step.fact.body
        idle = not state.runs.open and not state.planned
        made: list[Claim] = []
        if isinstance(body, Movement):
            if not body.custodians and idle:
                return state, ()
            state, made = _come(state, fact.at)
            if body.custodians and body.unit == home_of(view.key):
                for breach in _handled(fact, body, view):
                    runs, more = _join(state.runs, breach)
                    state, made = Staff(runs, state.planned), made + more
        elif isinstance(body, Leg):
            state, made = _come(state, fact.at)
            if body.stage == "cancel" and state.planned:
                off = body.consignment
                state = Staff(state.runs, tuple(b for b in state.planned if b.consignment != off))
            elif body.stage == "plan":
                breaches = (*state.planned, *_driven(fact, body, view))
                state, more = _come(Staff(state.runs, tuple(sorted(breaches, key=_when))), fact.at)
                made += more
        return state, made

    def at(self, state: Staff, now: Instant, view: View) -> Sequence[Claim]:
        """What trips that have departed by now add, and the runs that are over."""
        return _come(state, now)[1] if state.runs.open or state.planned else ()

    def wakes(self, state: Staff, view: View) -> Sequence[Instant]:
        """When trips depart, and when the runs are over."""
        ends = [run.over_at for run in state.runs.open]
        return [*ends, *(breach.at for breach in state.planned), *(breach.over_at for breach in state.planned)]

    def explain(self, finding: Finding, lang: Literal["zh", "en"]) -> str:
        """Who did what without which certificate, and what was wrong with it."""
        claim, numbers = finding.claim, finding.claim.numbers
        since, times, role = format_instant(claim.since), numbers["times"], str(numbers["role"])
        reasons = str(numbers["reasons"]).split(",")
        at = format_instant(int(numbers["valid_to"])) if "valid_to" in numbers else None
        if lang == "zh":
            people = str(numbers["people"]).replace(",", "、")
            why = "、".join(REASONS[reason][0] for reason in reasons)
            ended = f"首次所涉证件已于 {at} 到期。" if at else ""
            trip = f"，首次为运单 {numbers['consignment']}" if "consignment" in numbers else ""
            return (
                f"{claim.unit} 自 {since} 起有 {times} 次由无有效资格证的{ROLES[role][0]}作业{trip}，所登记人员 "
                f"{people}({why})。{ended}"
            )
        people = str(numbers["people"]).replace(",", ", ")
        why = ", ".join(REASONS[reason][1] for reason in reasons)
        ended = f" The certificate concerned first had run out at {at}." if at else ""
        trip = f", first on consignment {numbers['consignment']}" if "consignment" in numbers else ""
        return (
            f"From {since} {claim.unit} had {times} deed(s) done by a {ROLES[role][1]} without a certificate in "
            f"force"
            f"{trip}; named were {people} ({why}).{ended}"
        )


_NOBODY = Staff()


def _when(breach: Breach) -> tuple[Instant, str]:
    return (breach.at, breach.name)


def _come(state: Staff, now: Instant) -> tuple[Staff, list[Claim]]:
    """The state by an instant: trips that have departed are breaches, and runs may be over."""
    runs, made = state.runs, []
    for breach in state.planned:
        if breach.at <= now:
            runs, more = _join(runs, breach)
            made += more
    made += runs.ended(now)
    return Staff(runs.still(now), tuple(breach for breach in state.planned if breach.at > now)), made


def _join(runs: Runs, breach: Breach) -> tuple[Runs, list[Claim]]:
    """The runs with one more breach, and the claims that it ends, makes or changes."""
    over = list(runs.ended(breach.at))
    runs, claim = runs.still(breach.at), breach.claim
    known = next((run for run in runs.open if run.name == breach.name), None)
    over_at = breach.over_at
    if known is not None:
        before, over_at = known.claim, max(known.over_at, over_at)
        numbers = before.numbers | {
            "people": naming(before.numbers["people"], str(claim.numbers["people"])),
            "reasons": naming(before.numbers["reasons"], str(claim.numbers["reasons"])),
            "times": int(before.numbers["times"]) + 1,
        }
        claim = replace(
            before, numbers=numbers, refs=cite(before.refs, claim.refs[0]), ref_count=before.ref_count + 1,
            speaks_at=min(before.speaks_at, claim.speaks_at),
        )  # fmt: skip
    return runs.with_run(Run(breach.name, claim, over_at)), [*over, claim]


class _Deed(Struct, frozen=True, gc=False):
    """What was done or planned: by which fact, when, where, and by which terms it is judged."""

    fact: Fact
    at: Instant
    category: Category
    unit: str
    area: str
    site: str | None
    terms: Terms[Parameters]
    consignment: str = ""


_Check = tuple[Role, tuple[str, ...], tuple[Role, ...]]
"""For which role these people are asked, and which roles would do for one of them."""


def _handled(fact: Fact, moved: Movement, view: View) -> Iterator[Breach]:
    """The breaches of one movement: each person who may not, and nobody among them who must be there."""
    terms = view.terms("A6", fact.at, category=moved.category, area=moved.area, unit=moved.unit)
    rules: Parameters = terms.parameters
    people = tuple(dict.fromkeys(moved.custodians))
    each, somebody = rules.each.get(moved.operation, ()), rules.somebody.get(moved.operation, ())
    checks: list[_Check] = [(each[0], (person,), each) for person in people if each]
    if somebody:
        checks.append((somebody[0], people, somebody))
    deed = _Deed(fact, fact.at, moved.category, moved.unit, moved.area, moved.site, terms)
    return _breaches(deed, checks, view)


def _driven(fact: Fact, leg: Leg, view: View) -> Iterator[Breach]:
    """The breaches of one planned trip: its driver and its escort, at the departure."""
    unit, at = home_of(view.key), leg.depart_at
    whose = view.reference.in_force(UnitEntry, "self", at, unit)
    if whose is None or leg.category is None:
        return iter(())
    terms = view.terms("A6", at, category=leg.category, area=whose.area, unit=unit)
    site = leg.shipper_site if leg.shipper_unit == unit else None
    crew: tuple[tuple[Role, str | None], ...] = (("driver", leg.driver), ("escort", leg.escort))
    checks: list[_Check] = [(role, (person,), (role,)) for role, person in crew if person is not None]
    deed = _Deed(fact, at, leg.category, unit, whose.area, site, terms, leg.consignment)
    return _breaches(deed, checks, view)


def _breaches(deed: _Deed, checks: Iterable[_Check], view: View) -> Iterator[Breach]:
    rules = deed.terms.parameters
    for role, people, roles in checks:
        found = standing(view.reference, deed.at, people, roles, rules.grace_d * DAY)
        if found.reason is None or (found.reason == "unknown" and not rules.unregistered_counts):
            continue
        numbers: dict[str, Number] = {"role": role, "people": people[0], "reasons": found.reason, "times": 1}
        if deed.consignment:
            numbers["consignment"] = deed.consignment
        if found.ended is not None:
            numbers["valid_to"] = found.ended
        claim = Claim(
            anchor=f"{deed.fact.id}|{role}",
            since=deed.at,
            speaks_at=_end_of_day(deed) if found.reason == "unknown" else deed.terms.speaks(deed.at),
            refs=(deed.fact.ref,),
            numbers=numbers,
            area=deed.area,
            unit=deed.unit,
            category=deed.category,
            site=deed.site,
            ref_count=1,
        )
        name = f"{deed.category}/{role}/{deed.site or ''}"
        yield Breach(deed.at, name, claim, deed.at + rules.quiet_d * DAY, deed.consignment)


def _end_of_day(deed: _Deed) -> Instant:
    """Registry and reports travel on different ways: who is not registered yet has until the day's end to be."""
    return day_start(civil_day(deed.at) + 1) + deed.terms.settle_slack_min * MINUTE
