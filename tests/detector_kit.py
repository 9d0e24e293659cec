"""A bench for detectors: facts in relative time, a small world, and what a watch says of them in the end.

Law kept: a history is a value. ``watch`` tells the same of it at once, live, and in any order within lateness.

    def history() -> History:
        return History(
            rule="B2",
            key="book:S2/DET",
            facts=(movement("issue", "5 item", site="S2", goods="DET", when="day 1 08:00"),),
            now=at("day 3 00:00"),
        )

    (finding,) = watch(history())

``at`` reads "day 1 08:00" (day 1 is Monday 2026-05-04, Shanghai). Sites S1 (unit U1), S2 and S3 (unit U2).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Struct

from detectors.catalogue import catalogue
from detectors.cause import entry_news
from detectors.claim import Finding, Status
from detectors.detector import Detector, View
from detectors.policy import join_files
from detectors.subject import Subject
from detectors.watch import Watch
from detectors.world import World
from events.identity import kind_of
from events.registry import PolicyEntry
from events.time import DAY, Instant
from ledger.fact import Fact
from ledger.reference import Reference, Registered
from models.artefact import Model
from simulator.stories.relative import at
from tests.detector_words import (
    GOODS,
    cell,
    count,
    licences,
    movement,
    permit,
    plan,
    register,
    site_papers,
    stage,
    vehicle,
)

__all__ = [
    "GOODS", "LATENESS", "Bench", "FakeAreas", "History", "at", "cell", "count", "detector_of", "licences",
    "movement", "permit", "plan", "policy_texts", "register", "site_papers", "stage", "vehicle", "watch", "world",
]  # fmt: skip

LATENESS: Final[Mapping[str, Instant]] = {
    "site": 7 * DAY, "book": 7 * DAY, "unit": 7 * DAY, "permit": 7 * DAY, "serial": 7 * DAY,
    "consignment": 7 * DAY, "vehicle": DAY,
}  # fmt: skip
"""How late a fact of each kind of key may come."""
POLICIES: Final = Path(__file__).parents[1] / "policies"
COUNTIES: Final = {
    "350102": (119.20, 26.00, 119.40, 26.20),
    "350111": (119.40, 26.00, 119.60, 26.20),
    "350302": (119.40, 25.80, 119.60, 26.00),
}
"""County → its box (west, south, east, north); S1, S2 and S3 stand in them in this order."""


class History(Struct, frozen=True):
    """What makes one rule speak: its key, the key's facts and entries, and the instant at which it is asked.

    ``facts`` stand in event order. ``world`` are entries beyond the goods and the shipped policies; ``now`` is
    at or after the last deadline that matters. ``parameters`` replace the rule's shipped ones by name.
    """

    rule: str
    key: str
    facts: tuple[Fact, ...]
    now: Instant
    reference: tuple[Registered, ...] = ()
    world: tuple[Registered, ...] = ()
    parameters: dict[str, Any] = {}
    models: Callable[[str], Model] | None = None


class FakeAreas:
    """Codes by their digits, counties as boxes: what a detector may ask of areas."""

    def chain(self, code: str, at: Instant) -> tuple[str, ...]:
        """County, prefecture, province of a six-digit code."""
        return tuple(dict.fromkeys((code, f"{code[:4]}00", f"{code[:2]}0000")))

    def county(self, lon: float, lat: float) -> str | None:
        """The county whose box holds the point."""
        for code, (west, south, east, north) in COUNTIES.items():
            if west <= lon < east and south <= lat < north:
                return code
        return None

    def distance_km(self, one: str, other: str, at: Instant) -> float | None:
        """A kilometre for each step from code to code; None outside 35."""
        known = one.startswith("35") and other.startswith("35")
        return abs(int(one) - int(other)) * 1.0 if known else None


class Bench:
    """One key under watch by one rule, with the time and the findings told so far."""

    def __init__(self, history: History, *, lateness: Mapping[str, Instant] = LATENESS) -> None:
        self.subject = Subject(history.key)
        self.watch = Watch([detector_of(history.rule, kind_of(history.key))], lateness)
        overrides = {history.rule: history.parameters} if history.parameters else {}
        surroundings = world(history.world, overrides=overrides, models=history.models)
        self.view = View(history.key, Reference(history.reference), surroundings)
        self.now = -(2**62)
        self.told: list[Finding] = []

    def put(self, fact: Fact) -> None:
        """A fact reaches the key."""
        self.subject.learn(fact)

    def enter(self, registered: Registered) -> None:
        """A registry entry reaches the key, which judges again."""
        known = self.view.reference.entries.get(registered.id)
        if self.view.reference.put(registered):
            self.subject.unfold()
            self.subject.news.append(entry_news(registered, known))

    def look(self, now: Instant) -> None:
        """Time comes to ``now``, waking at every instant asked for on the way."""
        while self.subject.wake is not None and self.now < self.subject.wake < now:
            self._look(self.subject.wake)
        self._look(now)

    def standing(self) -> list[Finding]:
        """The latest revision of each finding that is not withdrawn, by (since, id)."""
        latest = {finding.id: finding for finding in self.told}
        stands = [finding for finding in latest.values() if finding.status is not Status.WITHDRAWN]
        return sorted(stands, key=lambda finding: (finding.claim.since, finding.id))

    def _look(self, now: Instant) -> None:
        self.now = now
        seen = self.watch.look(self.subject, now, self.view)
        if seen.failed:
            raise AssertionError(f"a detector fell over: {seen.failed}")
        self.told.extend(seen.findings)


def watch(history: History, order: Sequence[int] | None = None) -> list[Finding]:
    """What stands in the end: told at once, or fact by fact in ``order`` (indices), waking on the way.

    Time never runs so far ahead that a fact still to come would be late.
    """
    bench = Bench(history)
    if order is None:
        for fact in history.facts:
            bench.put(fact)
    else:
        _tell_singly(bench, [history.facts[index] for index in order])
    bench.look(history.now)
    return bench.standing()


def _tell_singly(bench: Bench, facts: Sequence[Fact]) -> None:
    lateness = LATENESS[bench.subject.kind]
    reached = min((fact.at for fact in facts), default=0)
    for place, fact in enumerate(facts):
        open_until = min(later.at for later in facts[place:]) + lateness
        bench.look(min(reached, open_until))
        bench.put(fact)
        reached = max(reached, fact.at)
        bench.look(min(reached, open_until))


def detector_of(rule: str, kind: str) -> Detector:
    """The detector with this id on this kind of key."""
    for detector in catalogue():
        if (detector.card.id, detector.card.key) == (rule, kind):
            return detector
    raise LookupError(f"no detector {rule} on {kind} keys in the catalogue")


def world(
    entries: Iterable[Registered] = (),
    *,
    overrides: Mapping[str, Mapping[str, Any]] | None = None,
    models: Callable[[str], Model] | None = None,
) -> World:
    """Goods of several measures and the shipped policies, in force since day -400.

    ``overrides`` replace parameters by rule id and name, as a policy's own ``[[override]]`` would.
    """
    texts = policy_texts()
    parameters = {d.card.id: d.Parameters for d in catalogue() if d.card.id in texts}
    files = {f"{rule}_.toml": text + _override((overrides or {}).get(rule, {})) for rule, text in texts.items()}
    made = World(FakeAreas(), parameters, models)
    since = "day -400 00:00"
    for goods in GOODS.values():
        made.put(register(goods, valid_from=since))
    made.put(register(PolicyEntry(digest="shipped", text=join_files(files)), valid_from=since))
    for entry in entries:
        made.put(entry)
    return made


@cache
def policy_texts() -> Mapping[str, str]:
    """The shipped policy file of every rule in the catalogue that has one, by rule id."""
    known = {detector.card.id for detector in catalogue()}
    found = {}
    for path in sorted(POLICIES.glob("[a-e][0-9]*_*.toml")):
        rule = path.name.partition("_")[0].upper()
        if rule in known:
            found[rule] = path.read_text(encoding="utf-8")
    return found


def _override(parameters: Mapping[str, Any]) -> str:
    if not parameters:
        return ""
    lines = [f"{name} = {_toml(value)}" for name, value in sorted(parameters.items())]
    return "\n[[override]]\n[override.parameters]\n" + "\n".join(lines) + "\n"


def _toml(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{name} = {_toml(item)}" for name, item in value.items()) + "}"
    return msgspec.json.encode(value).decode()
