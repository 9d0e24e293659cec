"""The embedded engine: one transaction a batch.

Laws: acknowledged means kept (12); a crash loses nothing and doubles nothing (6); what cannot be used says so.
"""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

import simulator
from events.intake import PUBLISHER, encode
from events.log import Received, Tick, log_line
from events.registry import PolicyEntry
from simulator import stories as s
from streams.assembly import TREE, Assembly, assemble, rule_policies
from streams.database import FORMAT, CannotOpen
from streams.embedded import Embedded
from streams.founding import founding
from streams.log import Feed
from streams.quarantine import Quarantine
from tests.engines import answers

Item = Received | Tick
OPENING = s.received(s.opening("5 item", site="S2", goods="DET", when="day 1 08:00", id="e1"))


@pytest.fixture(scope="module")
def assembly() -> Assembly:
    """The tree's own parts."""
    return assemble(TREE / "policies")


@pytest.fixture(scope="module")
def items() -> list[Item]:
    """The first part of a simulated day, founded, with time moved to where all has been said."""
    log = simulator.simulate(simulator.tiny(simulator.known_areas())).log[:1_200]
    first, last = (item.at if isinstance(item, Tick) else item.received_at for item in (log[0], log[-1]))
    return [*founding(rule_policies(TREE / "policies"), first, {}), *log, Tick(last + 86_400_000_000)]


@pytest.fixture
def engine(assembly: Assembly, tmp_path: Path) -> Embedded:
    """An engine that knows the small world."""
    made = Embedded(tmp_path / "hazflow.db", assembly)
    made.apply([*founding(rule_policies(TREE / "policies"), 0, {}), *(s.received(entry) for entry in s.world())])
    return made


def read_only(path: Path) -> closing[sqlite3.Connection]:
    """Another reader of the database."""
    return closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True))


def test_killed_in_the_middle_it_goes_on_as_if_nothing_had_been(
    assembly: Assembly, items: list[Item], tmp_path: Path
) -> None:
    """kill -9 thrice, at any moment: what was acknowledged is there; the end is that of an uninterrupted run."""
    log, database = tmp_path / "log.jsonl", tmp_path / "killed.db"
    log.write_bytes(b"".join(log_line(item) for item in items))
    command = [sys.executable, "-m", "tests.unit.streams.crashing", str(database), str(log)]
    for batches in (1, 6, 11):
        with subprocess.Popen(command, cwd=TREE, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            acknowledged = [int(process.stdout.readline()) for _ in range(batches)][-1]
            process.kill()
        with read_only(database) as db:
            position, taken = (
                db.execute("SELECT position FROM feeds").fetchone()[0],
                db.execute("SELECT count(*) FROM log").fetchone()[0],
            )
        assert position == taken >= acknowledged
    subprocess.run(command, cwd=TREE, check=True, stdout=subprocess.DEVNULL)
    alone = Embedded(tmp_path / "alone.db", assembly)
    alone.apply(items)
    alone.close()
    with read_only(database) as killed, read_only(tmp_path / "alone.db") as uninterrupted:
        assert answers(killed) == answers(uninterrupted)
        assert answers(killed).books


def test_a_batch_that_fails_leaves_neither_disk_nor_memory_changed(engine: Embedded) -> None:
    """All or nothing: after it the same batch is taken as if for the first time."""
    with sqlite3.connect(engine.path) as other:
        other.execute("CREATE TRIGGER full BEFORE INSERT ON feeds BEGIN SELECT RAISE(ABORT, 'disk full'); END")
    before = engine.applied
    with pytest.raises(sqlite3.IntegrityError, match="disk full"):
        engine.apply([OPENING, Tick(s.at("day 3 00:00")), Received(b"x", "p", 0)], Feed("log:x", 3))
    assert (engine.applied, engine.time, engine.log.position("log:x"), engine.quarantined()) == (before, None, 0, 0)
    with sqlite3.connect(engine.path) as other:
        other.execute("DROP TRIGGER full")
    outcome = engine.apply([OPENING], Feed("log:x", 1))[0]
    assert str(outcome.standing) == "taken"
    assert engine.log.position("log:x") == 1
    engine.close()


def test_what_is_stopped_between_batches_goes_on_equal(
    assembly: Assembly, items: list[Item], tmp_path: Path
) -> None:
    """Law 6: opened anew after every batch, it ends where one does that never closed."""
    whole = Embedded(tmp_path / "whole.db", assembly)
    whole.apply(items)
    whole.close()
    for start in range(0, len(items), 150):
        engine = Embedded(tmp_path / "parts.db", assembly)
        engine.apply(items[start : start + 150])
        engine.close()
    with read_only(tmp_path / "whole.db") as one, read_only(tmp_path / "parts.db") as other:
        assert answers(one) == answers(other)


def test_a_newer_database_is_left_alone(assembly: Assembly, tmp_path: Path) -> None:
    """An older hazflow refuses it, and changes nothing."""
    path = tmp_path / "newer.db"
    with closing(sqlite3.connect(path)) as db:
        db.execute(f"PRAGMA user_version={FORMAT + 1}")
    before = path.read_bytes()
    with pytest.raises(CannotOpen, match="newer hazflow"):
        Embedded(path, assembly)
    assert path.read_bytes() == before


def test_what_is_no_database_is_said_to_be_none(assembly: Assembly, tmp_path: Path) -> None:
    """One line with the path, for whatever stands in the way."""
    (tmp_path / "text.db").write_text("these are no books" * 100)
    with pytest.raises(CannotOpen, match=r"text\.db.*file is not a database"):
        Embedded(tmp_path / "text.db", assembly)
    (tmp_path / "folder.db").mkdir()
    with pytest.raises(CannotOpen, match=r"folder\.db"):
        Embedded(tmp_path / "folder.db", assembly)
    with pytest.raises(CannotOpen, match=r"hazflow\.db"):
        Embedded(tmp_path / "text.db" / "hazflow.db", assembly)


def test_a_policy_that_cannot_be_read_is_refused_with_its_own_bytes(engine: Embedded) -> None:
    """What was in force stays in force, the next publication is taken, and a restart changes nothing of it."""
    before = engine._lane.world.policy(s.at("day 3 00:00"))
    bad = s.registry(PolicyEntry(digest="bad", text="[B2\n"), valid_from="day 2 00:00")
    outcome = engine.apply([s.received(bad, when="day 2 00:00", provider=PUBLISHER)])[0]
    assert (str(outcome.standing), str(outcome.reason), outcome.field) == ("refused", "invalid_value", "entry.text")
    assert engine._lane.world.policy(s.at("day 3 00:00")) == before
    with read_only(engine.path) as db:
        (refusal,) = Quarantine(db).page()
        assert refusal.raw == encode(bad)
    text = rule_policies(TREE / "policies") + "\n# again\n"
    good = s.registry(PolicyEntry(digest="good", text=text), valid_from="day 2 00:00", id="good")
    assert str(engine.apply([s.received(good, when="day 2 00:00", provider=PUBLISHER)])[0].standing) == "taken"
    after = engine._lane.world.policy(s.at("day 3 00:00"))
    assert after is not None
    assert after.text == text
    engine.close()


def test_every_report_can_be_asked_after(engine: Embedded) -> None:
    """A correction that came first, and its target: both are on record as taken, each under its own id."""
    event = s.opening("5 item", site="S2", goods="DET", when="day 1 08:00", id="e1")
    engine.apply([s.received(s.correct(event, quantity=s.quantity("7 item"))), s.received(event)])
    with read_only(engine.path) as db:
        found = dict(db.execute("SELECT event_id, standing FROM reports WHERE home='site:S2'"))
    assert found == {"e1": "taken", "e1-r1": "taken"}
    engine.close()


def test_a_plan_for_ever_can_be_warned_of(engine: Embedded) -> None:
    """Times beyond the calendar are shown as its end: one odd report stops no batch."""
    plan = s.plan("C1", {"DET": "5 item"}, depart="day 1 08:00", arrive_by="day 1 12:00")
    raw = encode(plan).replace(b"2026-05-04T12:00:00+08:00", b"9999-12-31T23:59:59Z")
    sent = s.issue("5 item", site="S1", goods="DET", when="day 1 08:00", consignment="C1")
    fixes = [s.position(s.along(n / 10), when=f"day 1 08:{n:02d}", loaded=True) for n in range(0, 30, 2)]
    engine.apply([Received(raw, "teller", s.at("day 1 07:00")), *s.log(sent, *fixes)])
    engine.apply([Tick(s.at(f"day {day} 00:00")) for day in range(2, 30)])
    with read_only(engine.path) as db:
        assert db.execute("SELECT count(*) FROM warnings").fetchone()[0] > 0
    engine.close()
