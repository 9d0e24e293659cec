"""The answer: books with their lines, and the latest state of each finding that stands, as *equal* sees them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from hashlib import blake2b
from pathlib import Path

from msgspec import Struct

from detectors.catalogue import catalogue
from detectors.detector import View
from detectors.world import World
from events.log import Received, Tick
from events.registry import UnitEntry
from events.time import Instant, parse_instant
from ledger.fact import Count, Fact, Movement
from ledger.reference import Reference, Registered
from models.artefact import Model
from routing.areas import Areas
from routing.areas_load import load_areas
from routing.counties import Counties
from routing.policy import Policy
from routing.policy_load import load_policy
from routing.question import Question
from routing.route import route
from tests.chaos.oracle.folding import folded
from tests.chaos.oracle.matter import Matter
from tests.chaos.oracle.meaning import Facts, delta, facts_of
from tests.chaos.oracle.register import Noted, Register
from tests.chaos.oracle.reports import sort_out
from tests.chaos.oracle.rules import RULES, Asked
from tests.chaos.oracle.terms import Book

_TREE = Path(__file__).parents[3]
_CATALOGUE = {"A": 11, "B": 16, "C": 9, "D": 10, "E": 7}


class Oracle(Struct, frozen=True):
    """What must be said. Balances by book; lines and findings as tuples of all that counts."""

    books: dict[str, int]
    lines: frozenset[tuple[object, ...]]
    findings: dict[str, tuple[object, ...]]


_MAPPED = parse_instant("2026-01-01T00:00:00+08:00")


class Places:
    """The dated areas and the counties' polygons, as detectors ask for them."""

    def __init__(self, areas: Areas) -> None:
        self._areas = areas
        self._counties = Counties.load((_TREE / "routing" / "counties.geojson").read_text("utf-8"))

    def chain(self, code: str, at: Instant) -> tuple[str, ...]:
        """The codes from a place up to the province."""
        place = self._areas.place(code, at)
        above = self._areas.chain(place.id, at) if place is not None else ()
        return tuple(area.code(at) or area.id for area in above) if place is not None else (code,)

    def county(self, lon: float, lat: float) -> str | None:
        """The county at a point."""
        return self._counties.county(lon, lat)

    def distance_km(self, one: str, other: str, at: Instant) -> float | None:
        """Kilometres between the middles of two counties of the map."""
        return self._counties.distance_km(*(self._today(code, at) for code in (one, other)))

    def _today(self, code: str, at: Instant) -> str:
        place = self._areas.place(code, at)
        heir = self._areas.successor(place.id, _MAPPED) if place is not None else None
        return (heir.code(_MAPPED) or code) if heir is not None else code


def answer(log: Sequence[Received | Tick], models: Callable[[str], Model] | None = None) -> Oracle:
    """What must be said once a log is applied and time has come to its last tick."""
    sorted_out = sort_out(log)
    register = Register(sorted_out.reports)
    facts = facts_of(sorted_out, register)
    books, lines = _books(facts)
    return Oracle(books, lines, _Findings(register, sorted_out.time, models).of(facts))


def _books(facts: Facts) -> tuple[dict[str, int], frozenset[tuple[object, ...]]]:
    books: dict[str, int] = {}
    lines: set[tuple[object, ...]] = set()
    for key, told in facts.items():
        for fact in told if key.startswith("book:") else ():
            head = (key, fact.id, fact.at, fact.rank, fact.received_at, fact.revision)
            match fact.body:
                case Movement() as moved:
                    books[key] = books.get(key, 0) + delta(moved)
                    kind: tuple[object, ...] = ("movement", moved.operation, moved.amount, delta(moved))
                    lines.add((*head, *kind, moved.area, moved.unit))
                case Count() as count:
                    lines.add((*head, "count", count.method, count.amount, 0, count.area, count.unit))
                case _:
                    raise TypeError(fact)
    return {key: balance for key, balance in books.items() if balance}, frozenset(lines)


class _Findings:
    """All that the rules say, with who must hear of it."""

    def __init__(self, register: Register, now: Instant, models: Callable[[str], Model] | None) -> None:
        self._register, self._now = register, now
        self._areas, places, self._routing = _tables()
        self._policies = Book(register.policies(), places.chain)
        self._world = World(places, {one.card.id: one.Parameters for one in catalogue()}, models)
        for noted in register.at("*"):
            self._world.put(_registered(noted))

    def of(self, facts: Facts) -> dict[str, tuple[object, ...]]:
        """Finding → everything of its latest state that counts."""
        found: dict[str, tuple[object, ...]] = {}
        for key, told in facts.items():
            for rule, matters in self._said(key, told):
                for matter in matters:
                    if matter.speaks_at <= self._now:
                        self._tell(found, rule, key, matter)
        return found

    def _said(self, key: str, told: Sequence[Fact]) -> list[tuple[str, list[Matter]]]:
        kind = key.partition(":")[0]
        asked = Asked(key, told, self._now, self._register, self._policies)
        view = View(key, self._reference(key), self._world)
        return [
            (name, again(asked) if again else folded(one, key, told, self._now, view))
            for one in catalogue()
            if one.card.key == kind
            for name, again in [(one.card.id, RULES.get((one.card.id, kind)))]
        ]

    def _tell(self, found: dict[str, tuple[object, ...]], rule: str, key: str, matter: Matter) -> None:
        terms = self._policies.of(rule, matter.since, category=matter.category, area=matter.area, unit=matter.unit)
        if not terms.enabled:
            return
        severity = matter.severity or terms.severity
        name = blake2b(f"{rule}\x1f{key}\x1f{matter.anchor}".encode(), digest_size=10).hexdigest()
        found[f"{rule}-{name}"] = (
            rule, "open" if matter.until is None else "closed", severity, matter.category, key, matter.area,
            matter.unit, matter.site, matter.goods, matter.since, matter.until,
            tuple(sorted(matter.numbers.items())), matter.facts, matter.fact_count or len(matter.facts),
            self._policies.version(matter.since),
            self._recipients(rule, key, matter, severity, terms.inform_unit),
        )  # fmt: skip

    def _recipients(
        self, rule: str, key: str, matter: Matter, severity: str, inform_unit: str
    ) -> tuple[tuple[str, str], ...]:
        owner = self._register.entry(_home(key), UnitEntry, "self", matter.since, matter.unit)
        told = route(
            Question(
                finding_id="", detector=rule, category=matter.category, severity=severity, area=matter.area,
                at=matter.since, raised_at=matter.speaks_at, unit=matter.unit,
                unit_area=owner.area if owner is not None else "", informed_areas=matter.informed_areas,
                inform_unit=inform_unit,  # type: ignore[arg-type]  # the policy's own words
            ),
            self._routing,
            self._areas,
        )  # fmt: skip
        return tuple((to.role.value, to.authority.id) for to in told.recipients)

    def _reference(self, key: str) -> Reference:
        return Reference(tuple(_registered(noted) for noted in self._register.at(_home(key))))


def _home(key: str) -> str:
    """Whose entries a key is judged by: a book's are its site's."""
    kind, _, name = key.partition(":")
    return f"site:{name.partition('/')[0]}" if kind == "book" else key


def _registered(noted: Noted) -> Registered:
    return Registered(
        noted.id, 1, noted.unit, noted.entered_at, noted.valid_from, noted.valid_to, noted.entry, noted.heard_at
    )


@cache
def _tables() -> tuple[Areas, Places, Policy]:
    """The shipped areas and routing policy, read once."""
    areas = load_areas((_TREE / "routing" / "areas.toml").read_text("utf-8"))
    rules = tuple(f"{family}{number}" for family, most in _CATALOGUE.items() for number in range(1, most + 1))
    routing = load_policy((_TREE / "policies" / "routing.toml").read_text("utf-8"), areas, rules)
    return areas, Places(areas), routing
