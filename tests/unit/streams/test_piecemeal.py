"""An event that the books cannot take: refused alone, in the transaction of those beside it, on both engines.

Laws: what stands beside it is as if it had never come (7); restarted, nothing loops; time is never refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec import Struct

from detectors.catalogue import catalogue
from detectors.detector import View
from detectors.subject import Subject
from detectors.watch import Watch, Watched
from events.log import Received, Tick
from events.rejection import Reason
from events.time import Instant
from ledger.held import Standing
from simulator import stories as s
from streams.assembly import LATENESS, TREE, Assembly, assemble
from streams.broker.chunk import Chunk
from streams.broker.commit import Outgoing
from streams.broker.lane_step import LaneStep
from streams.broker.restore import Restored
from streams.broker.topics import Topics
from streams.broker.wire import Applied, Headers, read_rejection, report_headers, state_names, tick_value
from streams.embedded import Embedded
from streams.piecemeal import Stopped, piecemeal
from streams.settings import Settings
from streams.store import MemoryStore
from tests.laws.lanes import published

FIVE = "ZeroDivisionError: five cannot be booked"
TOPICS = Topics("hazflow")
FLOW, REJECTED, STATE = (TOPICS.named(word) for word in ("flow", "rejected", "state"))


class Fails(Watch):
    """A watch whose books cannot take a movement of five pieces."""

    def look(self, subject: Subject, now: Instant, view: View) -> Watched:
        """Fall over at five pieces."""
        if subject.kind == "book" and any(getattr(fact.body, "amount", 0) == 5 for fact in subject.facts.values()):
            raise ZeroDivisionError("five cannot be booked")
        return super().look(subject, now, view)


class Written(Struct, frozen=True):
    """A record as the clients hand it out."""

    offset: int
    value: bytes
    headers: Headers = ()
    timestamp: int = 0


@pytest.fixture(scope="module")
def sound() -> Assembly:
    """The tree's own assembly."""
    return assemble(Path(TREE / "policies"))


@pytest.fixture(scope="module")
def failing(sound: Assembly) -> Assembly:
    """The same with books that cannot take five pieces."""
    return msgspec.structs.replace(sound, watch=Fails(catalogue(), LATENESS))


def reports(*amounts: int) -> list[Received]:
    """Receipts of so many pieces, an hour apart."""
    return [
        s.received(s.receive(f"{amount} item", site="S2", goods="DET", when=f"day 1 {8 + at:02}:00"))
        for at, amount in enumerate(amounts)
    ]


def founded() -> list[Received]:
    """Policies in force, and the small world."""
    return [published(), *(s.received(entry) for entry in s.world())]


def chunk(records: Sequence[Received | Tick], begins: int = 0) -> Chunk:
    """Records of the flow topic's first partition."""
    written = [
        Written(begins + at, tick_value(one.at))
        if isinstance(one, Tick)
        else Written(begins + at, one.raw, report_headers(one.provider, one.received_at))
        for at, one in enumerate(records)
    ]
    return Chunk(FLOW, 0, begins, written)


def step_over(assembly: Assembly, store: MemoryStore | None = None, position: int = 0) -> LaneStep:
    """A lane of the Kafka engine over a store, without a broker."""
    restored = Restored(store or MemoryStore(), Applied({FLOW: position}, {}), 0)
    return LaneStep(0, Settings(partitions=1), assembly, restored)


def books(outgoing: Outgoing) -> dict[str, bytes | None]:
    """The last word on each part of the state but the lane's own."""
    parts = [(*state_names(key or b""), value) for key, value, _ in outgoing.records[(STATE, 0)]]
    return {f"{key}/{part}": data for key, part, data in parts if key != "lane"}


def test_only_what_cannot_be_taken_alone_is_left_out() -> None:
    """Every other item is taken once, in order, whatever stands beside it."""
    taken: list[int] = []
    refused: list[int] = []

    def take(part: Sequence[int]) -> None:
        made = [60 // one for one in part]
        taken.extend(made)

    piecemeal([1, 0, 2, 3, 0, 0, 4], take, lambda item, _: refused.append(item))
    assert taken == [60, 30, 20, 15]
    assert refused == [0, 0, 0]


def test_the_world_failing_is_no_fault_of_an_event() -> None:
    """A disk that is full stops the batch: nothing is refused for it."""

    def full(_: Sequence[int]) -> None:
        raise OSError("no space left")

    with pytest.raises(OSError, match="no space"):
        piecemeal([1, 2], full, lambda item, _: pytest.fail(f"{item} was refused"))


def test_the_embedded_engine_refuses_it_alone(sound: Assembly, failing: Assembly, tmp_path: Path) -> None:
    """Books as if it had not come; the refusal with its bytes; opened again, the next batch is taken."""
    engine = Embedded(tmp_path / "failing.db", failing)
    engine.apply(founded())
    outcomes = engine.apply(reports(3, 5, 4))
    assert [(one.standing, one.reason) for one in outcomes] == [
        (Standing.TAKEN, None),
        (Standing.REFUSED, Reason.BOOKS_CANNOT_TAKE),
        (Standing.TAKEN, None),
    ]
    kept = engine._db.execute("SELECT reason, detail, raw FROM refusals").fetchall()
    assert kept == [("books_cannot_take", FIVE, reports(3, 5, 4)[1].raw)]
    engine.close()
    again = Embedded(tmp_path / "failing.db", failing)
    assert again.quarantined() == 1
    again.apply(reports(1, 1, 1, 7)[3:])
    lines = "SELECT amount FROM book_lines WHERE kind='movement' ORDER BY at"
    found = [row[0] for row in again._db.execute(lines)]
    again.close()
    assert found == [3, 4, 7]


def test_a_version_that_mends_the_fault_takes_it(sound: Assembly, failing: Assembly, tmp_path: Path) -> None:
    """The way back: replayed by sound books it counts, with its first receipt."""
    broken = Embedded(tmp_path / "mended.db", failing)
    broken.apply([*founded(), *reports(3, 5)])
    (name,) = [row[0] for row in broken._db.execute("SELECT id FROM refusals")]
    broken.close()
    mended = Embedded(tmp_path / "mended.db", sound)
    ((_, outcome),) = mended.replay_refused([name])
    assert outcome.standing is Standing.TAKEN
    assert mended._db.execute("SELECT sum(delta) FROM book_lines").fetchone() == (8,)
    mended.close()


def test_an_installation_may_stop_behind_it(failing: Assembly, tmp_path: Path) -> None:
    """By setting: the refusal is committed, what comes after is not taken, and a restart goes on."""
    engine = Embedded(tmp_path / "stops.db", failing, after_fault="stop")
    engine.apply([*founded(), *reports(5, 4)])
    with pytest.raises(Stopped, match="five cannot be booked"):
        engine.apply(reports(3))
    engine.close()
    again = Embedded(tmp_path / "stops.db", failing, after_fault="stop")
    assert again.quarantined() == 1
    assert again.apply(reports(3))[0].standing is Standing.TAKEN
    again.close()


def test_a_lane_of_the_kafka_engine_refuses_it_alone(failing: Assembly) -> None:
    """One transaction: the state of the others, the refusal with its bytes, and the position behind all of them."""
    lane = step_over(failing)
    stepped = lane.step([chunk([*founded(), *reports(3, 5, 4)])])
    assert stepped is not None
    (refusal,) = [read_rejection(value or b"") for _, value, _ in stepped.outgoing.records[(REJECTED, 0)]]
    assert (refusal.reason, refusal.detail) == (Reason.BOOKS_CANNOT_TAKE, FIVE)
    assert refusal.raw == reports(3, 5, 4)[1].raw
    assert stepped.reached[FLOW] == len(founded()) + 3
    assert len(stepped.faults) == 1
    without = step_over(failing).step([chunk([*founded(), *(reports(3, 1, 4)[at] for at in (0, 2))])])
    assert without is not None
    assert books(stepped.outgoing).keys() == books(without.outgoing).keys()


def unlocking() -> tuple[list[Received], Received]:
    """A world without the goods, and the entry that lets everything be booked that waited for it."""
    goods = [line for line in founded() if b'"goods":"DET"' in line.raw and b'"type":"goods"' in line.raw]
    return [line for line in founded() if line not in goods], goods[0]


def test_an_entry_is_not_to_blame_for_what_it_lets_be_booked(failing: Assembly, tmp_path: Path) -> None:
    """Reports waited for their goods: the entry is taken, with all that it lets in but the one."""
    world, goods = unlocking()
    engine = Embedded(tmp_path / "waited.db", failing)
    engine.apply([*world, *reports(3, 5, 4)])
    assert engine.apply([goods])[0].standing is Standing.TAKEN
    found = engine._db.execute("SELECT amount FROM book_lines WHERE kind='movement' ORDER BY at").fetchall()
    kept = engine._db.execute("SELECT reason, home, raw FROM refusals").fetchall()
    engine.close()
    assert found == [(3,), (4,)]
    assert kept == [("books_cannot_take", "book:S2/DET", reports(3, 5, 4)[1].raw)]
    lane = step_over(failing)
    lane.step([chunk([*world, *reports(3, 5, 4)])])
    stepped = lane.step([chunk([goods], len(world) + 3)])
    assert stepped is not None
    (refusal,) = [read_rejection(value or b"") for _, value, _ in stepped.outgoing.records[(REJECTED, 0)]]
    assert refusal.id == f"{FLOW}/0/{len(world) + 1}@book:S2/DET"
    assert any(name.startswith("book:S2/DET/") for name in books(stepped.outgoing))


def test_restarted_a_lane_does_not_meet_it_again(failing: Assembly) -> None:
    """The position is behind it: the same chunk once more is nothing to do."""
    store = MemoryStore()
    first = step_over(failing, store).step([chunk([*founded(), *reports(3, 5, 4)])])
    assert first is not None
    assert step_over(failing, store, first.reached[FLOW]).step([chunk([*founded(), *reports(3, 5, 4)])]) is None


def test_time_is_never_refused(sound: Assembly) -> None:
    """A tick that falls over stops the lane: passed over, it would leave deadlines unsaid."""

    class Broken(Watch):
        def horizon(self, kind: str, now: Instant) -> Instant:
            if now > s.at("day 9 00:00"):
                raise ZeroDivisionError("of time")
            return super().horizon(kind, now)

    broken: Any = Broken(catalogue(), LATENESS)
    lane = step_over(msgspec.structs.replace(sound, watch=broken))
    lane.step([chunk([*founded(), *reports(3)])])
    ticks = [chunk([s.tick("day 30 00:00")], len(founded()) + 1)]
    ticks += [msgspec.structs.replace(chunk([s.tick("day 30 00:00")]), topic=name) for name in TOPICS.inputs[1:]]
    with pytest.raises(ZeroDivisionError):
        lane.step(ticks)
