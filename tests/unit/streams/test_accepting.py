"""Accepted first, applied behind: who is answered when, with what, and how far the steps may lag.

Laws: acknowledged means kept (12); every queue has a limit (11); a crash between loses nothing and doubles nothing
(6); the quarantine is limited per provider first (7).
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import msgspec
import pytest

import streams.writer
from desk.asking import Projected
from desk.pending import pending
from detectors.catalogue import catalogue
from detectors.detector import View
from detectors.subject import Subject
from detectors.watch import Watch, Watched
from events.intake import encode
from events.log import Tick
from events.time import Instant
from ledger.held import Standing
from simulator import stories as s
from streams.assembly import LATENESS, TREE, Assembly, assemble, rule_policies
from streams.embedded import Embedded
from streams.founding import founding
from streams.writer import FEW, Busy, QuarantineFull, Writer

MANY = FEW + 5


@pytest.fixture(scope="module")
def assembly() -> Assembly:
    """The tree's own parts."""
    return assemble(TREE / "policies")


@pytest.fixture
def engine(assembly: Assembly, tmp_path: Path) -> Iterator[Embedded]:
    """An engine that knows the small world, at noon of the first day."""
    made = Embedded(tmp_path / "hazflow.db", assembly)
    made.apply(
        [
            *founding(rule_policies(TREE / "policies"), s.at("day -30 00:00"), {}),
            *(s.received(entry) for entry in s.world()),
            Tick(s.at("day 1 12:00")),
        ]
    )
    yield made
    made.close()


@contextmanager
def writing(engine: Embedded, per_provider: int = 100, total: int = 100) -> Iterator[Writer]:
    """A writer at work, in the demo's time."""
    made = Writer(engine, None, per_provider=per_provider, total=total)
    made.start()
    try:
        yield made
    finally:
        made.stop()


@contextmanager
def steps_failing(engine: Embedded) -> Iterator[None]:
    """Nothing can be applied meanwhile; the log can be written."""
    with closing(sqlite3.connect(engine.path)) as other:
        other.execute("CREATE TRIGGER no BEFORE INSERT ON clock BEGIN SELECT RAISE(ABORT, 'no'); END")
        yield
        other.execute("DROP TRIGGER no")


def report(number: int) -> bytes:
    """An opening of one piece, each under its own id."""
    return encode(s.opening("1 item", site="S2", goods="DET", when="day 1 08:00", id=f"e{number}"))


def booked(engine: Embedded) -> int:
    """How many pieces the books hold."""
    with closing(sqlite3.connect(engine.path)) as db:
        return int(db.execute("SELECT coalesce(sum(delta), 0) FROM book_lines").fetchone()[0])


def test_many_are_answered_by_what_their_bytes_say_and_applied_behind(engine: Embedded) -> None:
    """Law 12: accepted is in the log; refused names its reason at once, before anything is applied."""
    with steps_failing(engine), writing(engine) as writer:
        answered = writer.post("plant-17", [*map(report, range(MANY)), b"nonsense"]).result(20)
        assert [one.standing for one in answered] == [Standing.TAKEN] * MANY + [Standing.REFUSED]
        assert str(answered[-1].reason) == "not_json"
        assert not any(one.applied for one in answered)
        assert booked(engine) == 0
    with writing(engine) as writer:
        writer.feed([]).result(20)
    assert booked(engine) == MANY


def test_what_was_accepted_before_a_crash_is_applied_by_whoever_opens_next(
    engine: Embedded, assembly: Assembly
) -> None:
    """Law 6: the position is the state's, so the log goes on from there, once."""
    engine.log.append([s.received(s.opening("1 item", site="S2", goods="DET", when="day 1 08:00", id="e1"))])
    with closing(sqlite3.connect(engine.path)) as db:
        copy = engine.path.with_name("crashed.db")
        db.execute("VACUUM INTO ?", (str(copy),))
    again = Embedded(copy, assembly)
    with writing(again) as writer:
        writer.feed([]).result(20)
    assert booked(again) == 1
    assert again.advance() == []
    again.close()


def test_a_batch_sent_again_is_known_as_far_as_it_is_applied(engine: Embedded) -> None:
    """The same bytes are known at once; other content under the id is judged behind, and refused there."""
    with writing(engine) as writer:
        batch = list(map(report, range(MANY)))
        writer.post("plant-17", batch).result(20)
        writer.feed([]).result(20)
        again = writer.post("plant-17", batch).result(20)
        assert {one.standing for one in again} == {Standing.KNOWN}
        other = encode(s.opening("2 item", site="S2", goods="DET", when="day 1 08:00", id="e0"))
        assert writer.post("plant-17", [other, *batch]).result(20)[0].standing is Standing.TAKEN
        assert str(writer.post("plant-17", [other]).result(20)[0].reason) == "id_reused"
        assert writer.post("another", [report(0)]).result(20)[0].standing is Standing.TAKEN


def test_steps_that_lag_too_far_shut_the_door_until_they_catch_up(
    engine: Embedded, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Law 11: what is accepted and not applied has a limit; beyond it one is told to come again."""
    monkeypatch.setattr(streams.writer, "MOST_BEHIND", MANY)
    with writing(engine) as writer:
        with steps_failing(engine):
            writer.post("plant-17", list(map(report, range(MANY)))).result(20)
            with pytest.raises(Busy):
                writer.post("plant-17", [report(0)])
        writer.feed([]).result(20)
        assert writer.post("plant-17", [report(0)]).result(20)[0].standing is Standing.KNOWN


def test_refusals_count_before_they_are_applied(engine: Embedded) -> None:
    """Law 7: a provider does not fill more than its share of the quarantine while the steps lag behind."""
    with steps_failing(engine), writing(engine, per_provider=MANY, total=2 * MANY) as writer:
        writer.post("noisy", [b"nonsense"] * MANY).result(20)
        with pytest.raises(QuarantineFull) as full:
            writer.post("noisy", [report(0)])
        assert not full.value.total
        writer.post("other", [b"nonsense"] * MANY).result(20)
        with pytest.raises(QuarantineFull) as full:
            writer.post("third", [report(0)])
        assert full.value.total


def test_whoever_asks_finds_a_report_accepted_until_it_is_applied(engine: Embedded) -> None:
    """By provider and id, however its bytes write the id; then the projection knows what became of it."""
    escaped = report(7).replace(b'"e7"', b'"\\u0065\\u0037"')
    with steps_failing(engine), writing(engine) as writer:
        writer.post("plant-17", [escaped, b"nonsense", *map(report, range(10, 10 + MANY))]).result(20)
        asked = Projected(engine.path)
        (found,) = pending(asked, "plant-17", "e7")
        assert (found.standing, found.home, found.provider) == ("accepted", "site:S2", "plant-17")
        assert pending(asked, "plant-17", "e8") == pending(asked, "another", "e7") == ()
    with writing(engine) as writer:
        writer.feed([]).result(20)
    assert pending(asked, "plant-17", "e7") == ()


class Fails(Watch):
    """A watch whose books cannot take a movement of five pieces."""

    def look(self, subject: Subject, now: Instant, view: View) -> Watched:
        """Fall over at five pieces."""
        if any(getattr(fact.body, "amount", 0) == 5 for fact in subject.facts.values()):
            raise ZeroDivisionError("five cannot be booked")
        return super().look(subject, now, view)


def test_what_the_books_cannot_take_is_refused_behind_and_holds_nobody_up(
    engine: Embedded, assembly: Assembly
) -> None:
    """It was acknowledged, so it is kept with its bytes; those beside it and behind it are applied."""
    five = encode(s.opening("5 item", site="S2", goods="DET", when="day 1 08:00", id="five"))
    failing = Embedded(engine.path, msgspec.structs.replace(assembly, watch=Fails(catalogue(), LATENESS)))
    with writing(failing) as writer:
        answered = writer.post("plant-17", [*map(report, range(MANY)), five]).result(20)
        assert {one.standing for one in answered} == {Standing.TAKEN}
        writer.feed([]).result(20)
        assert str(writer.post("plant-17", [five]).result(20)[0].reason) == "books_cannot_take"
        assert writer.post("plant-17", [report(MANY)]).result(20)[0].standing is Standing.TAKEN
    assert (booked(failing), failing.quarantined("plant-17")) == (MANY + 1, 2)
    failing.close()


class Slow(Watch):
    """A watch that looks at nothing until it may."""

    may = threading.Event()

    def look(self, subject: Subject, now: Instant, view: View) -> Watched:
        """Wait."""
        assert self.may.wait(60)
        return super().look(subject, now, view)


def test_steps_that_take_long_keep_nobody_waiting(engine: Embedded, assembly: Assembly) -> None:
    """A report is answered as accepted once its patience is over, whatever the steps are busy with."""
    slow = Embedded(engine.path, msgspec.structs.replace(assembly, watch=Slow(catalogue(), LATENESS)))
    with writing(slow) as writer:
        (outcome,) = writer.post("plant-17", [report(1)]).result(30)
        assert (outcome.standing, outcome.applied) == (Standing.TAKEN, False)
        Slow.may.set()
        writer.feed([]).result(20)
    assert booked(slow) == 1
    slow.close()


def test_a_stamp_is_never_behind_a_tick_that_is_not_applied_yet(engine: Embedded) -> None:
    """A tick stands behind everything acknowledged before it, after a crash too."""
    engine.log.append([Tick(s.at("day 1 18:00"))])
    with writing(engine) as writer:
        assert writer.now == s.at("day 1 18:00")
