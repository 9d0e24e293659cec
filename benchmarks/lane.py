"""Events a second of the pure lane and of the embedded engine over it, in one run, and what a restart costs.

Both take the same log in the same batches with all detectors on; their books and warnings must be equal, or no
figure is given. The lane alone keeps its state in memory: what the engine takes longer is SQLite, the projection
and routing.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

from msgspec import Struct, field

from benchmarks.figure import Figure, WrongAnswer
from benchmarks.province import Log, Watch, assembled, mix, positions_alone, province, small
from detectors.claim import Finding, Status
from events.intake import Arrival, Record, read
from events.log import Received, Tick
from events.rejection import Source
from events.report import Consignment, Event, Flow, Inventory, Position, Registry
from ledger.fact import Fact, Movement
from ledger.posting import book_delta
from streams.embedded import Embedded
from streams.feeding import STRETCH
from streams.holdings import REFERENCE
from streams.lane import Lane
from streams.log import LOG
from streams.store import MemoryStore


class Ran(Struct):
    """What a lane did with a log."""

    events: int = 0
    batches: int = 0
    facts: int = 0
    keys: int = 0
    state_bytes: int = 0
    wall: float = 0.0
    cpu: float = 0.0
    lines: dict[tuple[str, str], Fact] = field(default_factory=dict)
    findings: dict[str, Finding] = field(default_factory=dict)

    def books(self) -> dict[str, int]:
        """Balances by book, those of nothing left out."""
        found: Counter[str] = Counter()
        for (book, _), fact in self.lines.items():
            if isinstance(fact.body, Movement):
                found[book] += book_delta(fact.body)
        return {book: balance for book, balance in found.items() if balance}

    def standing(self) -> frozenset[str]:
        """The findings that stand."""
        return frozenset(id_ for id_, found in self.findings.items() if found.status is not Status.WITHDRAWN)


def measure(*, quick: bool = False) -> list[Figure]:
    """Both engines over one log, then a restart over what the embedded one kept, then positions alone."""
    log = small() if quick else province(12, 4)
    with TemporaryDirectory() as folder:
        ran = in_memory(log)
        path = Path(folder) / "hazflow.db"
        embedded, books, warned = in_engine(log, path)
        if books != ran.books():
            raise WrongAnswer("the books of the embedded engine are not those of the lane alone")
        if warned != ran.standing():
            raise WrongAnswer("the warnings of the embedded engine are not the findings of the lane alone")
        restarted = restart(path, ran.books())
    about = (
        f"{mix(log)}; {ran.facts / ran.events:.1f} facts an event, {ran.keys / ran.batches:,.0f} keys a batch of "
        f"{STRETCH:,}, all detectors on, {len(warned)} warnings"
    )
    return [
        Figure("lane alone", ran.events / ran.cpu, "events/s", f"CPU; {about}"),
        Figure("lane alone, wall", ran.events / ran.wall, "events/s"),
        Figure("embedded engine", ran.events / embedded.cpu, "events/s", "CPU; SQLite WAL, synchronous=FULL"),
        Figure("embedded engine, wall", ran.events / embedded.wall, "events/s"),
        Figure("embedded : lane", embedded.cpu / ran.cpu, "×", "CPU; above 1 is SQLite, projection, routing"),
        *restarted,
    ]


def measure_positions(*, quick: bool = False) -> list[Figure]:
    """Positions with trips, corridors and track rules (D1, D2, D6) in the lane alone."""
    log = positions_alone(small() if quick else province(20, 3))
    positions = sum(item.raw.startswith(b'{"kind":"position"') for item in log if isinstance(item, Received))
    ran = in_memory(log)
    seen = Counter(found.detector for found in ran.findings.values())
    if not positions or (not quick and not seen["D2"]):
        raise WrongAnswer(f"{positions} positions, and what they should show was not found: {dict(seen)}")
    says = f"CPU; {mix(log)}; {len([d for d in seen.elements() if d[0] == 'D'])} findings of D1, D2, D6"
    return [Figure("positions in the lane", positions / ran.cpu, "positions/s", says)]


def in_memory(log: Log) -> Ran:
    """The log through one lane over memory."""
    store, ran = MemoryStore(), Ran()
    lane = assembled().lane(0, 1, store)
    lane.expect((LOG,))
    watch = Watch()
    for start in range(0, len(log), STRETCH):
        _batch(lane, log[start : start + STRETCH], start, store, ran)
    ran.wall, ran.cpu = watch.wall, watch.cpu
    return ran


def in_engine(log: Log, path: Path) -> tuple[Ran, dict[str, int], frozenset[str]]:
    """The log through the embedded engine; its books and standing warnings, read as pages read them."""
    ran = Ran()
    engine = Embedded(path, assembled())
    watch = Watch()
    for start in range(0, len(log), STRETCH):
        engine.apply(log[start : start + STRETCH])
    ran.wall, ran.cpu = watch.wall, watch.cpu
    engine.close()
    db = sqlite3.connect(path)
    books = dict(db.execute("SELECT book, sum(delta) FROM book_lines WHERE kind='movement' GROUP BY book"))
    warned = frozenset(row[0] for row in db.execute("SELECT finding FROM warnings WHERE status<>'withdrawn'"))
    db.close()
    return ran, {book: balance for book, balance in books.items() if balance}, warned


def restart(path: Path, books: dict[str, int]) -> list[Figure]:
    """Open the engine again over what it kept and take one tick; and what its state weighs."""
    assembly = assembled()
    watch = Watch()
    engine = Embedded(path, assembly)
    engine.apply([Tick((engine.time or 0) + 1)])
    wall = watch.wall
    engine.close()
    db = sqlite3.connect(path)
    size, kept = db.execute(
        "SELECT sum(length(data)), sum(part='head' AND key LIKE 'book:%') FROM state"
    ).fetchone()
    of_books = db.execute("SELECT sum(length(data)) FROM state WHERE key LIKE 'book:%'").fetchone()[0]
    base = db.execute("SELECT avg(length(data)) FROM state WHERE key LIKE 'book:%' AND part='base'").fetchone()[0]
    db.close()
    if kept < len(books):
        raise WrongAnswer(f"{kept} books were kept, {len(books)} have a balance")
    return [
        Figure("restart, first tick taken", wall * 1_000, "ms", f"{kept:,} books, {size / 1e6:,.1f} MB of state"),
        Figure("state of a book", of_books / kept, "bytes", "on disk, a week's facts still held singly"),
        Figure("base of a book", base or 0.0, "bytes", "on disk, what stays once its facts are folded"),
    ]


def facts_of(event: Event) -> int:
    """At how many keys an event is a fact, of those that it names itself: the mix of keys that a flow touches."""
    match event:
        case Flow():
            other = event.counterparty.unit if event.counterparty is not None else None
            named = (event.permit, event.consignment, other if other != event.unit else None)
            return 3 + sum(name is not None for name in named)
        case Inventory():
            return 2
        case Consignment():
            return 2
        case Position():
            return 1
        case Registry():
            return 0


def _batch(lane: Lane, items: Log, offset: int, store: MemoryStore, ran: Ran) -> None:
    for item in items:
        if isinstance(item, Tick):
            lane.tick(LOG, item.at)
        else:
            ran.events += 1
            taken = read(Record(item.raw, item.provider, item.received_at, Source(LOG, 0, offset)))
            if isinstance(taken, Arrival):
                lane.arrive(taken)
                ran.facts += facts_of(taken.event)
        offset += 1
    effects = lane.finish()
    store.keep(effects.states)
    ran.batches += 1
    ran.keys += len({state.key for state in effects.states if not state.key.startswith((REFERENCE, "lane"))})
    ran.state_bytes += sum(len(state.data or b"") for state in effects.states)
    for line in effects.lines:
        ran.lines[line.key, line.fact.id] = line.fact
    for finding in effects.findings:
        ran.findings[finding.id] = finding
