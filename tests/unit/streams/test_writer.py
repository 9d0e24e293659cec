"""The one writer: groups, limits, clock and stop.

Laws: a report is answered after its commit (12); ticks stand behind all that was answered before; every queue has
a limit (11), and the quarantine is limited per provider first (7).
"""

from __future__ import annotations

import itertools
import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path

import pytest

import streams.writer
from events.intake import encode
from events.log import Received, Tick
from events.time import HOUR, MINUTE, SECOND
from ledger.held import Standing
from simulator import stories as s
from streams.assembly import TREE, Assembly, assemble, rule_policies
from streams.embedded import Embedded, Outcome
from streams.founding import founding
from streams.log import Feed
from streams.writer import MOST_WAITING, Busy, QuarantineFull, Writer

NOW = s.at("day 1 12:00")


class Clock:
    """A clock that says what it is told to say."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> int:
        return self.now


@pytest.fixture(scope="module")
def assembly() -> Assembly:
    """The tree's own parts."""
    return assemble(TREE / "policies")


@pytest.fixture
def engine(assembly: Assembly, tmp_path: Path) -> Iterator[Embedded]:
    """An engine that knows the small world."""
    made = Embedded(tmp_path / "hazflow.db", assembly)
    made.apply(
        [
            *founding(rule_policies(TREE / "policies"), s.at("day -30 00:00"), {}),
            *(s.received(entry) for entry in s.world()),
            Tick(s.at("day 1 00:00")),
        ]
    )
    yield made
    made.close()


def writer(engine: Embedded, clock: Clock | None, per_provider: int = 100, total: int = 100) -> Writer:
    """A writer that has not begun yet: what is posted waits for ``start``."""
    return Writer(engine, clock, per_provider=per_provider, total=total)


def report(number: int) -> bytes:
    """An opening of one piece, each under its own id."""
    return encode(s.opening("1 item", site="S2", goods="DET", when="day 1 08:00", id=f"e{number}"))


def rows(engine: Embedded, query: str) -> list[tuple[object, ...]]:
    """What another reader of the database sees: only what is committed."""
    with sqlite3.connect(engine.path) as database:
        return database.execute(query).fetchall()


def log_of(engine: Embedded) -> list[tuple[object, ...]]:
    """Receipt, provider and tick of every record behind the policies, the world and the first tick."""
    found = rows(engine, 'SELECT received_at, provider, tick FROM log ORDER BY "offset"')
    return found[2 + len(s.world()) :]


def test_whoever_is_answered_finds_the_report_committed(engine: Embedded) -> None:
    """Law 12: at the moment of the answer another process already reads it."""
    posting = writer(engine, Clock())
    seen: list[list[tuple[object, ...]]] = []
    answers = [posting.post("plant-17", [report(number)]) for number in range(3)]
    answers[0].add_done_callback(lambda _: seen.append(rows(engine, "SELECT fact FROM book_lines")))
    posting.start()
    assert [answer.result(10)[0].standing for answer in answers] == [Standing.TAKEN] * 3
    posting.stop()
    # All three waited together, so they were one commit.
    assert len(seen[0]) == 3


def test_each_post_gets_its_own_outcomes(engine: Embedded) -> None:
    """In order, whatever was committed beside it."""
    posting = writer(engine, Clock())
    good = posting.post("plant-17", [report(1), report(1), b"nonsense"])
    bad = posting.post("other", [b"[]"])
    posting.start()
    assert [one.standing for one in good.result(10)] == [Standing.TAKEN, Standing.KNOWN, Standing.REFUSED]
    assert [str(one.reason) for one in bad.result(10)] == ["wrong_type"]
    posting.stop()


def test_more_than_may_wait_are_told_to_come_again(engine: Embedded) -> None:
    """Law 11: the queue has a limit; what is in it is still taken."""
    posting = writer(engine, Clock())
    waiting = [posting.post("plant-17", [report(number)]) for number in range(MOST_WAITING)]
    with pytest.raises(Busy):
        posting.post("plant-17", [report(0)])
    posting.start()
    assert all(answer.result(30)[0].standing is Standing.TAKEN for answer in waiting)
    posting.stop()


def test_a_provider_fills_its_own_quarantine_first(engine: Embedded) -> None:
    """Law 7: others go on until the whole is full; then intake stops, and says that it is all."""
    posting = writer(engine, Clock(), per_provider=2, total=3)
    posting.start()
    posting.post("noisy", [b"x", b"y"]).result(10)
    with pytest.raises(QuarantineFull) as full:
        posting.post("noisy", [report(1)])
    assert not full.value.total
    posting.post("other", [b"z"]).result(10)
    with pytest.raises(QuarantineFull) as full:
        posting.post("third", [report(1)])
    assert full.value.total
    posting.stop()


def test_room_comes_back_when_refusals_go_back_in(engine: Embedded) -> None:
    """A replay of mended records frees the quarantine at once, not at the next start."""
    posting = writer(engine, Clock(), per_provider=1, total=1)
    posting.start()
    outcome = posting.post("noisy", [b"x"]).result(10)[0]
    posting.stop()
    with sqlite3.connect(engine.path) as database:
        database.execute("UPDATE refusals SET mended=?, standing='mended'", (report(1),))
    engine.replay_refused([str(outcome.source)])
    assert engine.quarantined() == 0


def test_receipts_never_run_backwards(engine: Embedded) -> None:
    """A clock that was set back stamps what it stamped last."""
    clock = Clock()
    posting = writer(engine, clock)
    posting.start()
    for step in (0, -HOUR, MINUTE):
        clock.now = NOW + step
        posting.post("plant-17", [report(step)]).result(10)
    posting.stop()
    assert [row[0] for row in log_of(engine) if row[1]] == [NOW, NOW, NOW + MINUTE]


def test_ticks_go_on_under_constant_load(engine: Embedded, monkeypatch: pytest.MonkeyPatch) -> None:
    """Live: time moves although the queue is never empty, and each tick stands behind what came before it."""
    monkeypatch.setattr(streams.writer, "TICK_EVERY_S", 0.0)
    clock = Clock()
    posting = writer(engine, clock)
    posting.start()
    for number in range(5):
        clock.now = NOW + number * MINUTE + 1
        posting.post("plant-17", [report(number)]).result(10)
    posting.stop()
    log = log_of(engine)
    ticks = [tick for _, _, tick in log if tick is not None]
    assert len(set(ticks)) >= 4
    assert all(isinstance(tick, int) and tick % SECOND == 0 for tick in ticks)
    reached = 0
    for at, _, _ in log:
        assert isinstance(at, int)
        assert at >= reached - SECOND
        reached = max(reached, at)


def test_in_demo_time_only_the_feed_moves_time(engine: Embedded, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reports are received when time stands; no tick comes by itself."""
    monkeypatch.setattr(streams.writer, "TICK_EVERY_S", 0.0)
    posting = writer(engine, None)
    posting.start()
    assert posting.now == s.at("day 1 00:00")
    posting.feed([Tick(NOW)]).result(10)
    posting.post("plant-17", [report(1)]).result(10)
    posting.post("plant-17", [report(2)]).result(10)
    posting.stop()
    assert log_of(engine) == [(NOW, None, NOW), (NOW, "plant-17", None), (NOW, "plant-17", None)]
    assert engine.time == posting.now == NOW


def test_a_feed_keeps_its_own_times_and_position(engine: Embedded) -> None:
    """A replayed log says itself when it was received."""
    posting = writer(engine, None)
    posting.start()
    posting.feed([Received(report(1), "plant-17", NOW - HOUR)], Feed("log:x", 1)).result(10)
    posting.stop()
    assert posting.position("log:x") == 1
    assert not posting.empty
    assert log_of(engine)[-1][:2] == (NOW - HOUR, "plant-17")


def test_who_gives_up_waiting_does_not_take_the_writer_down(engine: Embedded) -> None:
    """A listener that went away has nothing taken; those behind it are answered."""
    posting = writer(engine, Clock())
    gone, fed, stays = (
        posting.post("plant-17", [report(1)]),
        posting.feed([Received(report(2), "plant-17", NOW)]),
        posting.post("plant-17", [report(3)]),
    )
    assert gone.cancel()
    assert fed.cancel()
    posting.start()
    assert stays.result(10)[0].standing is Standing.TAKEN
    posting.stop()
    assert [row[0] for row in rows(engine, "SELECT fact FROM book_lines")] == ["plant-17|S2|e3"]


def test_what_comes_behind_the_stop_is_turned_away(engine: Embedded) -> None:
    """Taken before: committed. After: told so; nobody is left waiting for ever."""
    posting = writer(engine, Clock())
    before = posting.post("plant-17", [report(1)])
    posting.start()
    posting.stop()
    after: list[Future[list[Outcome]]] = [
        posting.post("plant-17", [report(2)]),
        posting.feed([Tick(NOW)]),
    ]
    assert before.result(0)[0].standing is Standing.TAKEN
    assert [type(answer.exception(0)) for answer in after] == [Busy, Busy]


def test_a_stop_among_many_posts_stops(engine: Embedded) -> None:
    """Although the queue is filled again behind it: the writer never waits for room in its own queue."""
    posting = writer(engine, Clock())
    answers = [posting.post("plant-17", [report(number)]) for number in range(MOST_WAITING - 1)]
    stopping = threading.Thread(target=posting.stop)
    posting.start()
    stopping.start()
    for number in itertools.count(MOST_WAITING):
        if not stopping.is_alive():
            break
        try:
            answers.append(posting.post("plant-17", [report(number)]))
        except Busy:
            stopping.join(0.001)
    stopping.join(20)
    assert not stopping.is_alive()
    assert all(answer.done() for answer in answers)


def test_a_batch_that_fails_tells_those_who_wait_for_it(engine: Embedded) -> None:
    """And nobody else: the next one is taken, from the memory that was before."""
    with sqlite3.connect(engine.path) as database:
        database.execute("CREATE TRIGGER full BEFORE INSERT ON log BEGIN SELECT RAISE(ABORT, 'disk full'); END")
    posting = writer(engine, Clock())
    posting.start()
    with pytest.raises(sqlite3.IntegrityError, match="disk full"):
        posting.post("plant-17", [report(1)]).result(10)
    with sqlite3.connect(engine.path) as database:
        database.execute("DROP TRIGGER full")
    assert posting.post("plant-17", [report(1)]).result(10)[0].standing is Standing.TAKEN
    posting.stop()
