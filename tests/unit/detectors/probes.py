"""Detectors of the simplest kind, for what runs them: each remembers what it was shown, and says what it is told.

Law kept: a probe's state is the ids of the facts that it has seen, so that whoever folds wrongly is found out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar, cast

from msgspec import Struct

from detectors.claim import Claim, Finding
from detectors.detector import Card, Detector, Rule, Step, View
from detectors.reckoning import Reckoning
from detectors.subject import Subject
from detectors.vehicle import subject_of
from detectors.watch import Watch, Watched
from detectors.world import World
from events.identity import kind_of
from events.registry import Category, PolicyEntry
from events.time import Instant
from ledger.fact import Body, Fact, Movement
from ledger.reference import Reference, Registered
from tests.detector_kit import LATENESS, FakeAreas, register

Says = Callable[[Step], Sequence[Claim]]
AtTime = Callable[[Any, Instant], Sequence[Claim]]
NOTHING: Sequence[Claim] = ()


def claim(anchor: str, since: Instant = 0, *, until: Instant | None = None, speaks_at: Instant = 0) -> Claim:
    """A claim of which little matters."""
    return Claim(anchor, since, speaks_at, (), {}, "350102", "U1", Category.EXPLOSIVES, until=until)


class Probe(Rule):
    """Sees some bodies; claims what ``says`` makes of a step; falls over at the fact whose id is ``falls``."""

    def __init__(self, name: str, *sees: type[Body], key: str = "book", says: Says | None = None) -> None:
        words = ("", "")
        self.card = Card(name, name, words, words, words, key, "site")  # type: ignore[arg-type]  # a kind by its name
        self.sees = frozenset(sees or (Movement,))
        self.says = says
        self.falls = ""
        self.steps: list[Step] = []

    def start(self) -> tuple[str, ...]:
        """Nothing seen."""
        return ()

    def see(self, state: tuple[str, ...], step: Step, view: View) -> tuple[tuple[str, ...], Sequence[Claim]]:
        """One more."""
        if step.fact.id == self.falls:
            raise ValueError("it fell")
        self.steps.append(step)
        return (*state, step.fact.id), NOTHING if self.says is None else self.says(step)

    def explain(self, finding: Finding, lang: str) -> str:
        """Nobody reads it."""
        return ""


class Shown(Probe):
    """As above, and carries nothing from fact to fact."""

    def see(self, state: tuple[str, ...], step: Step, view: View) -> tuple[tuple[str, ...], Sequence[Claim]]:
        """The state as it was."""
        return state, super().see(state, step, view)[1]


class Deeds(Probe):
    """Of movements it wants receipts and counts of stock."""

    deeds: ClassVar = frozenset(("receive",))


class Timed(Probe):
    """One for which time makes true what ``then`` says of state and time; from ``late`` on it falls over."""

    late: Instant | None = None
    waits: tuple[Instant, ...] = ()

    def __init__(
        self, name: str, *sees: type[Body], key: str = "book", says: Says | None = None, then: AtTime | None = None
    ) -> None:
        super().__init__(name, *sees, key=key, says=says)
        self.then = then

    def at(self, state: Any, now: Instant, view: View) -> Sequence[Claim]:
        """What is true by now."""
        if self.late is not None and now >= self.late:
            raise KeyError("late")
        return NOTHING if self.then is None else self.then(state, now)

    def wakes(self, state: Any, view: View) -> Sequence[Instant]:
        """When that may change."""
        return self.waits


class Papers(Timed):
    """One that is asked at keys without facts too."""

    by_papers: ClassVar = True


class Pairs:
    """A reckoning: of each second movement it makes the ids of both."""

    name: ClassVar = "pairs"
    State: ClassVar[Any] = tuple
    sees: ClassVar[frozenset[type[Body]]] = frozenset((Movement,))
    falls: ClassVar[str] = ""
    folded: ClassVar[list[str]] = []

    def start(self) -> tuple[str, ...]:
        """Nothing seen."""
        return ()

    def see(self, state: tuple[str, ...], step: Step, view: View) -> tuple[tuple[str, ...], Any]:
        """Two make a pair."""
        if step.fact.id == self.falls:
            raise ValueError("it fell")
        self.folded.append(step.fact.id)
        if not state:
            return (step.fact.id,), None
        return (), (*state, step.fact.id)

    def taken_over(self, states: dict[str, Any]) -> dict[str, Any]:
        """There was no version before."""
        return {}


PAIRS = Pairs()


class Resting(Probe):
    """One that rests on the reckoning."""

    rests_on: ClassVar[Reckoning] = PAIRS


def detectors(*probes: Probe) -> list[Detector]:
    """Probes as what they stand for."""
    return [cast(Detector, probe) for probe in probes]


def ids(facts: Sequence[Fact]) -> tuple[str, ...]:
    """The facts' names."""
    return tuple(fact.id for fact in facts)


class Parameters(Struct, frozen=True):
    """Probes have none."""


def policy(*rules: str, since: str = "day -400 00:00", severity: str = "yellow", more: str = "") -> Registered:
    """A policy for these rules, in force since then; ``more`` is said of each of them."""
    text = "\n".join(f'[{one}]\nseverity = "{severity}"\ninform_unit = "now"\n{more}\n' for one in rules)
    return register(PolicyEntry(digest=f"{severity}{more}", text=text), valid_from=since)


class Toy:
    """One key under the watch of some probes, under policies of its own."""

    def __init__(self, *probes: Probe, key: str = "book:S1/DET", policies: Sequence[Registered] = ()) -> None:
        names = {probe.card.id for probe in probes}
        surroundings = World(FakeAreas(), dict.fromkeys(names, Parameters))
        for entry in policies or [policy(*sorted(names))]:
            surroundings.put(entry)
        self.watch = Watch(detectors(*probes), LATENESS, "2.0")
        self.subject: Subject = subject_of(key)
        self.view = View(key, Reference(), surroundings)
        self.kind = kind_of(key)
        self.told: list[Finding] = []

    def look(self, now: Instant, *facts: Fact) -> Watched:
        """Facts come, and are looked at."""
        for fact in facts:
            self.subject.learn(fact)
        watched = self.watch.look(self.subject, now, self.view)
        self.told.extend(watched.findings)
        return watched

    def words(self) -> list[tuple[str, int, str]]:
        """Anchor, revision and status of all that was told, in order."""
        return [(one.claim.anchor, one.revision, one.status.value) for one in self.told]
