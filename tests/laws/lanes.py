"""Lanes in memory, and what *equal* means: books, and the latest state of each finding that stands.

Law kept: a withdrawn finding equals one never raised; revision numbers, arrival-dependent times and input
positions are no part of it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from pathlib import Path
from random import Random

from msgspec import Struct

from detectors.claim import Claim, Finding, Status
from events.identity import EVERYONE, home_of, lane_of
from events.intake import Arrival, Record, encode, read
from events.log import Received, Tick
from events.rejection import Rejection, Source
from events.time import Instant
from ledger.fact import Movement
from ledger.home import Told
from ledger.posting import book_delta
from streams.assembly import Assembly, assemble, policy_entry, rule_policies
from streams.effects import BookLine, Effects, Passing
from streams.store import MemoryStore

POLICIES = Path(__file__).parents[2] / "policies"
TOPIC = "log"


class Standing(Struct, frozen=True):
    """One finding as *equal* sees it."""

    detector: str
    subject: str
    status: str
    severity: str
    content: tuple[object, ...]


class Outcome(Struct, frozen=True):
    """What a run ends in: books by key, standing findings by id, refusals by record bytes and reason."""

    books: dict[str, int]
    lines: frozenset[tuple[str, str, int]]
    findings: dict[str, Standing]
    refused: frozenset[tuple[str, str | None]]


class Lanes:
    """Some lanes over memory, with first-in-first-out queues between each two of them."""

    def __init__(self, count: int = 1, assembly: Assembly | None = None, live: int | None = None) -> None:
        self.count, self.live = count, live
        self.assembly = assembly or shipped()
        self.stores = [MemoryStore() for _ in range(count)]
        self.lanes = [self.assembly.lane(number, count, store) for number, store in enumerate(self.stores)]
        for lane in self.lanes:
            lane.expect((TOPIC,))
        self.queues: dict[tuple[int, int], deque[Passing]] = {}
        self.offset = 0
        self.findings: list[Finding] = []
        self.lines: list[BookLine] = []
        self.told: list[Told] = []
        self.refusals: list[Rejection] = []
        self.seen: set[tuple[str, int]] = set()

    def publish(self) -> None:
        """Put the shipped policies in force, for ever."""
        self.run([published()])

    def run(self, log: Sequence[Received | Tick], batch: int = 1_000) -> None:
        """Apply a log in batches; deliver between lanes until nothing is under way."""
        for start in range(0, len(log), batch):
            for item in log[start : start + batch]:
                self._apply(item)
            self.settle()

    def run_across(self, log: Sequence[Received | Tick], batch: int) -> None:
        """Apply a log to one lane in batches that hold ticks too, as catching up does."""
        for start in range(0, len(log), batch):
            for item in log[start : start + batch]:
                if isinstance(item, Tick):
                    self.lanes[0].tick(TOPIC, item.at)
                else:
                    self._apply(item)
            self._commit(0)

    def run_restarted(self, log: Sequence[Received | Tick], draw: Random, sizes: Sequence[int]) -> None:
        """A log in pieces of drawn sizes, one lane or another restarted behind each."""
        at = 0
        while at < len(log):
            size = draw.choice(sizes)
            self.run(log[at : at + size])
            self.restart(draw.randrange(self.count))
            at += size

    def restart(self, number: int) -> None:
        """Forget one lane's memory: it goes on from its store, as after a crash between batches."""
        lane = self.assembly.lane(number, self.count, self.stores[number])
        lane.expect((TOPIC,))
        self.lanes[number] = lane

    def settle(self, choose: Callable[[int], int] = lambda _: 0) -> None:
        """Commit every lane and deliver what it passed on; ``choose`` picks whose queue goes next."""
        for number in range(self.count):
            self._commit(number)
        while waiting := [pair for pair, queue in sorted(self.queues.items()) if queue]:
            pair = waiting[choose(len(waiting))]
            self.lanes[pair[1]].take(self.queues[pair].popleft())
            if not self.queues[pair]:
                self._commit(pair[1])

    def outcome(self) -> Outcome:
        """Where it ended."""
        latest: dict[str, Finding] = {}
        for finding in self.findings:
            known = latest.get(finding.id)
            if known is None or finding.revision > known.revision:
                latest[finding.id] = finding
        lines: dict[tuple[str, str], BookLine] = {}
        for line in self.lines:
            old = lines.get((line.key, line.fact.id))
            if old is None or line.fact.version > old.fact.version:
                lines[(line.key, line.fact.id)] = line
        books: dict[str, int] = {}
        booked = set()
        for line in lines.values():
            if isinstance(line.fact.body, Movement):
                delta = book_delta(line.fact.body)
                books[line.key] = books.get(line.key, 0) + delta
                booked.add((line.key, line.fact.id, delta))
        return Outcome(
            {key: balance for key, balance in books.items() if balance},
            frozenset(booked),
            {name: standing(f) for name, f in latest.items() if f.status is not Status.WITHDRAWN},
            frozenset((refusal.reason.value, refusal.event_id) for refusal in self.refusals),
        )

    def _apply(self, item: Received | Tick) -> None:
        if isinstance(item, Tick):
            self.settle()
            for lane in self.lanes:
                lane.tick(TOPIC, item.at)
            return
        source = Source(TOPIC, 0, self.offset)
        self.offset += 1
        taken = read(Record(item.raw, item.provider, item.received_at, source))
        if isinstance(taken, Arrival):
            home = home_of(taken.home)
            for number in range(self.count):
                if home == EVERYONE or lane_of(home, self.count) == number:
                    self.lanes[number].arrive(taken)
        else:
            self.refusals.append(taken)

    def _commit(self, number: int) -> None:
        effects: Effects = self.lanes[number].finish()
        self.stores[number].keep(effects.states)
        if self.live is not None:
            self.lanes[number].let_go(self.live)
        for lane, passing in effects.passing:
            self.queues.setdefault((number, lane), deque()).append(passing)
        for finding in effects.findings:
            assert (finding.id, finding.revision) not in self.seen, "a revision with two contents"
            self.seen.add((finding.id, finding.revision))
        self.findings += effects.findings
        self.lines += effects.lines
        self.told += effects.told
        self.refusals += effects.refusals


def words(house: Lanes) -> dict[str, list[tuple[Standing, Instant, Instant]]]:
    """What was said of each finding, when it was raised and told: the last word at each instant."""
    said: dict[str, dict[Instant, tuple[Standing, Instant, Instant]]] = {}
    for finding in house.findings:
        word = (standing(finding), finding.raised_at, finding.told_at)
        said.setdefault(finding.id, {})[finding.told_at] = word
    return {name: list(at.values()) for name, at in said.items()}


def standing(finding: Finding) -> Standing:
    """A finding without what depends on how its facts arrived."""
    return Standing(
        finding.detector, finding.subject, finding.status.value, finding.severity.value, _content(finding.claim)
    )


def _content(claim: Claim) -> tuple[object, ...]:
    ids = tuple(ref.id for ref in claim.refs)
    numbers = tuple(sorted(claim.numbers.items()))
    return (
        claim.since,
        claim.until,
        ids,
        claim.ref_count,
        numbers,
        claim.area,
        claim.unit,
        claim.site,
        claim.goods,
    )


@cache
def published() -> Received:
    """The record that publishes the shipped policies."""
    return Received(encode(policy_entry(rule_policies(POLICIES), 0, 0)), "hazflow", 0)


@cache
def shipped() -> Assembly:
    """The assembly of the tree's own policies, made once a test run: reading and proving takes 0.1 s."""
    return assemble(POLICIES)


def run(log: Iterable[Received | Tick], *, lanes: int = 1, batch: int = 1_000) -> Outcome:
    """A whole log through fresh lanes."""
    house = Lanes(lanes)
    house.publish()
    house.run(list(log), batch)
    return house.outcome()
