"""A9 证照/资质临期: a licence or certificate is near or past its end, and nothing that lasts longer is registered.

Law kept: what is registered decides, and time alone makes it speak, whether or not the unit reports anything. One
episode per paper and its end: it is over once renewed, once the unit is gone, or once nobody renewed it for long.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar, Final, Literal

from msgspec import Struct
from msgspec.structs import replace

from detectors.certificates import ROLES
from detectors.claim import Claim, Finding, Number, Severity
from detectors.detector import Card, Step, View
from events.identity import home_of
from events.registry import Category, Entry, LicenceEntry, PermitEntry, PersonEntry, UnitEntry
from events.time import DAY, Instant, format_instant
from ledger.fact import Body
from ledger.reference import Reference, Registered, subject_of

_KEPT: Final = 400 * DAY
"""How long a finding that is over is still claimed: longer than any standstill of hazflow's own time."""
Kind = Literal["licence", "person", "permit"]
KINDS: Final[dict[Kind, type[Entry]]] = {"licence": LicenceEntry, "person": PersonEntry, "permit": PermitEntry}
PAPERS: Final = {
    "licence": ("许可证", "Licence"),
    "person": ("资格证", "The certificate of"),
    "permit": ("许可(备案)", "Permit"),
}


class Parameters(Struct, frozen=True, forbid_unknown_fields=True):
    """``kinds`` of papers that are watched. ``yellow_d``: days before the end from which it is said, but no earlier
    than in the last ``last_percent`` of the paper's own term.

    ``given_up_d``: days after the end after which what nobody renewed counts as given up. ``permit_least_d``: days
    for which a permit must have been issued to be watched at all; one-time permits never are.
    """

    kinds: tuple[Kind, ...] = ("licence", "person")
    yellow_d: int = 90
    last_percent: int = 33
    given_up_d: int = 90
    permit_least_d: int = 300


class Nothing(Struct, frozen=True, array_like=True, gc=False):
    """Facts leave nothing behind: what is registered says it all."""


class Expiry(Struct, frozen=True, gc=False):
    """One paper's end: claimed from ``since`` on, red from ``ends``, over at ``over``, forgotten at ``gone``."""

    claim: Claim
    ends: Instant
    over: Instant
    gone: Instant
    renewed: bool

    def at(self, now: Instant) -> Claim:
        """The claim as it stands at an instant at or after ``since``."""
        severity = Severity.RED if self.ends <= min(now, self.over) and self.ends != self.over else None
        if now < self.over:
            return replace(self.claim, severity=severity)
        outcome = "renewed" if self.renewed else "given_up"
        return replace(
            self.claim, severity=severity, until=self.over, numbers=self.claim.numbers | {"outcome": outcome}
        )


class ExpirySoon:
    """Claims papers near or past their ends; evidence: which paper, of whom, until when, and what became of it."""

    card: ClassVar = Card(
        id="A9",
        name="EXPIRY_SOON",
        title=("证照/资质临期", "About to expire"),
        predicate=(
            "单位的许可证或人员资格证临近到期(到期为红色)，且未登记有效期更长的同类证照",
            "a unit's licence or a person's certificate is near its end (past it: red) and none that lasts longer "
            "is "
            "registered",
        ),
        misses=(
            "未填有效期止的证照；一次性许可证与用完即止的购买、销售、运输许可证(过期后使用见 A5)；"
            "单位已停用而仍在登记的人员",
            "papers without an end; one-time permits, and permits to buy, sell and carry, which are used up rather "
            "than "
            "renewed (A5 judges their use afterwards); people who left but are still registered are warned of all "
            "the "
            "same",
        ),
        key="unit",
        place="unit",
    )
    State: ClassVar = Nothing
    Parameters: ClassVar = Parameters
    stricter: ClassVar[dict[str, Literal["lower", "higher"]]] = {
        "yellow_d": "higher",
        "last_percent": "higher",
        "given_up_d": "higher",
        "permit_least_d": "lower",
    }
    sees: ClassVar[frozenset[type[Body]]] = frozenset()
    by_papers: ClassVar = True

    def start(self) -> Nothing:
        """Nothing, as ever."""
        return _NOTHING

    def see(self, state: Nothing, step: Step, view: View) -> tuple[Nothing, Sequence[Claim]]:
        """Facts say nothing about papers."""
        return state, ()

    def at(self, state: Nothing, now: Instant, view: View) -> Sequence[Claim]:
        """The papers that are near or past their ends now."""
        return [one.at(now) for one in _expiries(view) if one.claim.since <= now < one.gone]

    def wakes(self, state: Nothing, view: View) -> Sequence[Instant]:
        """When it begins to be near, when it ends, when that is over, and when it is forgotten."""
        return [at for one in _expiries(view) for at in (one.claim.since, one.ends, one.over, one.gone)]

    def explain(self, finding: Finding, lang: Literal["zh", "en"]) -> str:
        """Which paper ends when, and what became of it."""
        claim, numbers = finding.claim, finding.claim.numbers
        zh, en = PAPERS[str(numbers["kind"])]
        ends, paper = format_instant(int(numbers["valid_to"])), numbers["paper"]
        role = ROLES.get(str(numbers.get("role", "")))
        over = "" if claim.until is None else format_instant(claim.until)
        red = finding.severity is Severity.RED
        if lang == "zh":
            what = f"{zh} {paper}" if role is None else f"{role[0]} {paper} 的{zh}"
            now = "已到期，未见续期登记" if red else "临近到期，未见续期登记"
            end = {"renewed": f"；已于 {over} 续期", "given_up": f"；至 {over} 仍未续期，按放弃处理"}
            return f"{claim.unit} 的{what}有效期至 {ends}，{now}{end.get(str(numbers.get('outcome')), '')}。"
        what = f"{en} {paper}" if role is None else f"{en} {role[1]} {paper}"
        now = "has run out" if red else "is about to run out"
        end = {
            "renewed": f" It was renewed at {over}.",
            "given_up": f" Nobody had renewed it by {over}: it counts as given up.",
        }
        said = end.get(str(numbers.get("outcome")), " Nothing that lasts longer is registered.")
        return f"{what} of {claim.unit} is valid until {ends} and {now}.{said}"


_NOTHING = Nothing()


def _expiries(view: View) -> tuple[Expiry, ...]:
    """Every end of a paper of this unit that is ever to be said, worked out once for what is registered."""
    asked = ("A9", view.world.policies(), view.reference.editions(PersonEntry, PermitEntry, UnitEntry))
    return view.reference.lasting(LicenceEntry, asked, 0, lambda _: tuple(_found(view)))


def _found(view: View) -> Iterator[Expiry]:
    reference, unit = view.reference, home_of(view.key)
    for kind, entry_type in KINDS.items():
        ends: dict[tuple[str, Instant], list[Registered]] = {}
        for paper in reference.of_kind(entry_type):
            if paper.unit == unit and paper.valid_to is not None and paper.entry is not None:
                ends.setdefault((subject_of(paper.entry), paper.valid_to), []).append(paper)
        for papers in ends.values():
            found = _expiry(
                view, unit, kind, max(papers, key=lambda one: (one.valid_from, one.recorded_at, one.id))
            )
            if found is not None:
                yield found


def _expiry(view: View, unit: str, kind: Kind, paper: Registered) -> Expiry | None:
    """What is to be said of one paper's end; None where it is renewed in time, or nobody watches it."""
    ends = paper.valid_to or 0
    whose = _unit(view.reference, unit, ends)
    category = _category(view, paper, unit)
    if whose is None or not isinstance(whose.entry, UnitEntry) or category is None:
        return None
    area = whose.entry.area
    terms = view.terms("A9", ends, category=category, area=area, unit=unit)
    rules: Parameters = terms.parameters
    term = ends - paper.valid_from
    if kind not in rules.kinds or not _is_watched(paper.entry, term, rules):
        return None
    since = ends - min(rules.yellow_d * DAY, term * rules.last_percent // 100)
    renewed = min((_from_when(one, ends) for one in _longer(view.reference, paper)), default=None)
    given_up = min(ends + rules.given_up_d * DAY, whose.valid_to or ends + rules.given_up_d * DAY)
    over = given_up if renewed is None else min(renewed, given_up)
    if over <= since:
        return None
    numbers: dict[str, Number] = {"kind": kind, "paper": _name(paper.entry), "valid_to": ends}
    if isinstance(paper.entry, PersonEntry):
        numbers["role"] = paper.entry.role
    about = subject_of(paper.entry) if paper.entry is not None else ""
    claim = Claim(
        anchor=f"{kind}|{about}|{ends}", since=since, speaks_at=since, refs=(), numbers=numbers,
        area=area, unit=unit, category=category,
    )  # fmt: skip
    return Expiry(claim, ends, over, over + _KEPT, renewed is not None and renewed <= given_up)


def _longer(reference: Reference, paper: Registered) -> Iterator[Registered]:
    """What takes a paper's place beyond its end: the same renewed, or another that allows all that it allows."""
    old, ends = paper.entry, paper.valid_to or 0
    for other in reference.of_kind(type(old)) if old is not None else ():
        new = other.entry
        if other.unit != paper.unit or (other.valid_to is not None and other.valid_to <= ends):
            continue
        same = new is not None and old is not None and subject_of(new) == subject_of(old)
        if same or (isinstance(old, LicenceEntry) and isinstance(new, LicenceEntry) and _covers(new, old)):
            yield other


def _covers(new: LicenceEntry, old: LicenceEntry) -> bool:
    goods = not new.goods or (bool(old.goods) and set(old.goods) <= set(new.goods))
    return new.category is old.category and set(old.activities) <= set(new.activities) and goods


def _from_when(renewal: Registered, ends: Instant) -> Instant:
    """From when on a renewal settles the matter: once it is entered, or in force where that is after a gap."""
    return renewal.recorded_at if renewal.valid_from <= ends else max(renewal.recorded_at, renewal.valid_from)


def _is_watched(entry: Entry | None, term: Instant, rules: Parameters) -> bool:
    if not isinstance(entry, PermitEntry):
        return True
    return not entry.one_time and term >= rules.permit_least_d * DAY


def _unit(reference: Reference, unit: str, at: Instant) -> Registered | None:
    """What the unit was registered as before an instant, the latest entry first; else the first one after it."""
    entries = [one for one in reference.of_kind(UnitEntry) if one.unit == unit]
    before = [one for one in entries if one.valid_from <= at]
    order = sorted(before or entries, key=lambda one: (one.valid_from, one.recorded_at, one.id))
    return (order[-1] if before else order[0]) if order else None


def _category(view: View, paper: Registered, unit: str) -> Category | None:
    """The paper's category: its own, its goods', or for people that of the unit's first licence."""
    entry = paper.entry
    if isinstance(entry, LicenceEntry):
        return entry.category
    if isinstance(entry, PermitEntry):
        goods = [view.world.goods(one.goods, paper.valid_from) for one in entry.goods]
        return next((one.category for one in goods if one is not None), None)
    held = [one for one in view.reference.of_kind(LicenceEntry) if one.unit == unit]
    found = sorted((one.id, one.entry.category) for one in held if isinstance(one.entry, LicenceEntry))
    return found[0][1] if found else None


def _name(entry: Entry | None) -> str:
    match entry:
        case LicenceEntry():
            return entry.licence
        case PersonEntry():
            return entry.person
        case PermitEntry():
            return entry.permit
        case _:
            return ""
