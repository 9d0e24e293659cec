"""Several processes on one database: an engine takes up what another wrote before it writes itself.

Law: acknowledged means kept (12), whoever acknowledged it; a way back for refusals doubles nothing (7).
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

import simulator
from events.intake import encode
from events.log import Received, Tick
from events.registry import PermitEntry
from simulator import stories as s
from streams.assembly import TREE, Assembly, assemble, rule_policies
from streams.embedded import Embedded
from streams.founding import founding
from streams.log import Feed, read_log_rows
from streams.quarantine import Quarantine
from streams.writer import Writer

Item = Received | Tick
TABLES = ("book_lines", "warnings", "reports")


@pytest.fixture(scope="module")
def assembly() -> Assembly:
    """The tree's own parts."""
    return assemble(TREE / "policies")


@pytest.fixture(scope="module")
def items() -> list[Item]:
    """A simulated day, founded."""
    log = simulator.simulate(simulator.tiny(simulator.known_areas())).log
    first = log[0]
    at = first.at if isinstance(first, Tick) else first.received_at
    return [*founding(rule_policies(TREE / "policies"), at, {}), *log]


def rows(path: Path) -> dict[str, list[object]]:
    """What the projection says, without positions in the input and without revisions."""
    columns = {
        "book_lines": "book, fact, at, kind, amount, delta",
        "warnings": "finding, status, severity, since, until",
        "reports": "identity, standing",
    }
    with sqlite3.connect(path) as database:
        return {
            name: database.execute(f"SELECT {columns[name]} FROM {name} ORDER BY 1, 2").fetchall()
            for name in TABLES
        }


def test_two_engines_that_take_turns_end_where_one_does(
    assembly: Assembly, items: list[Item], tmp_path: Path
) -> None:
    """A verb may write while the service runs: neither goes on from a memory that is not the database's."""
    alone = Embedded(tmp_path / "alone.db", assembly)
    one, two = Embedded(tmp_path / "shared.db", assembly), Embedded(tmp_path / "shared.db", assembly)
    for at in range(0, len(items), 300):
        alone.apply(items[at : at + 300])
        (one, two)[at // 300 % 2].apply(items[at : at + 300])
    assert one.advance() == two.advance() == []
    assert one.applied == two.applied == alone.applied
    assert rows(tmp_path / "shared.db") == rows(tmp_path / "alone.db")
    for engine in (alone, one, two):
        engine.close()


def test_a_verb_and_the_service_at_once_end_where_their_log_says(
    assembly: Assembly, items: list[Item], tmp_path: Path
) -> None:
    """Both accept and apply, each other's records too: whoever is overtaken drops its work."""
    path = tmp_path / "shared.db"
    service, verb = Embedded(path, assembly), Embedded(path, assembly)
    service.apply(items[:300])
    rest = [item for item in items[300:] if isinstance(item, Received)]
    writer = Writer(service, None, per_provider=1_000, total=1_000)
    writer.start()
    answered = 0
    for at in range(0, len(rest), 60):
        post = writer.post("another", [item.raw for item in rest[at : at + 30]])
        told = verb.apply(rest[at + 30 : at + 60])
        assert len(told) == len(rest[at + 30 : at + 60])
        answered += len(post.result(60))
    writer.feed([]).result(60)
    writer.stop()
    with sqlite3.connect(path) as database:
        log = [item for _, item in read_log_rows(database, 0, len(items) * 2)]
    assert len(log) == 300 + len(rest)
    assert answered == sum(len(rest[at : at + 30]) for at in range(0, len(rest), 60))
    alone = Embedded(tmp_path / "alone.db", assembly)
    alone.apply(log)
    assert rows(path) == rows(tmp_path / "alone.db")
    for engine in (service, verb, alone):
        engine.close()


def test_a_feed_is_named_once_it_was_taken_from(assembly: Assembly, items: list[Item], tmp_path: Path) -> None:
    """What was replayed here can be told from the database alone."""
    engine = Embedded(tmp_path / "fed.db", assembly)
    assert engine.log.feeds() == ()
    engine.apply(items[:10], Feed("log:0", 10))
    assert (engine.log.feeds(), engine.log.position("log:0")) == (("log:0",), 10)
    engine.close()


def test_refusals_go_back_in_once_with_their_own_receipt(
    assembly: Assembly, items: list[Item], tmp_path: Path
) -> None:
    """Marked in the same transaction: asking twice, for what is not there, or for what went back, takes nothing."""
    engine = Embedded(tmp_path / "refused.db", assembly)
    engine.apply(items[:50])
    outcome = engine.apply([Received(b"nonsense", "plant-17", 5)])[0]
    id_ = str(outcome.source)
    before = engine.applied
    replayed = engine.replay_refused([id_, id_, "log/0/999999"])
    assert [(name, str(one.reason)) for name, one in replayed] == [(id_, "not_json")]
    assert engine.replay_refused([id_]) == []
    assert engine.applied == before + 1
    with sqlite3.connect(tmp_path / "refused.db") as database:
        again = Quarantine(database).get(str(replayed[0][1].source))
        assert again is not None
        assert (again.received_at, again.provider, again.standing) == (5, "plant-17", "kept")
    engine.close()


def test_a_registry_entry_is_received_when_it_goes_back_in(assembly: Assembly, tmp_path: Path) -> None:
    """Law 3: days that closed before were judged without it; in another order they would be judged by it."""
    engine = Embedded(tmp_path / "mended.db", assembly)
    permit = PermitEntry(permit="P9", purpose="purchase", goods=())
    raw = encode(s.registry(permit, unit="U2", valid_from="day 1 00:00"))
    at = s.at("day 1 08:00")
    outcome = engine.apply([Received(raw.replace(b'"P9"', b"9"), "plant-17", at), s.tick("day 20 00:00")])[0]
    with sqlite3.connect(tmp_path / "mended.db") as database:
        assert Quarantine(database).mend(str(outcome.source), raw)
    ((_, again),) = engine.replay_refused([str(outcome.source)])
    assert str(again.standing) == "taken"
    (entry,) = engine._lane.reference("permit:P9").entries.values()
    assert entry.heard_at == s.at("day 20 00:00")
    engine.close()


def test_a_replay_that_fails_leaves_the_refusal_where_it_was(
    assembly: Assembly, items: list[Item], tmp_path: Path
) -> None:
    """All or nothing: a full disk in the middle of it loses neither the refusal nor the record."""
    engine = Embedded(tmp_path / "full.db", assembly)
    engine.apply(items[:50])
    id_ = str(engine.apply([Received(b"nonsense", "plant-17", 5)])[0].source)
    with sqlite3.connect(tmp_path / "full.db") as other:
        other.execute("CREATE TRIGGER full BEFORE INSERT ON log BEGIN SELECT RAISE(ABORT, 'disk full'); END")
    with pytest.raises(sqlite3.IntegrityError, match="disk full"):
        engine.replay_refused([id_])
    with sqlite3.connect(tmp_path / "full.db") as other:
        other.execute("DROP TRIGGER full")
        found = Quarantine(other).get(id_)
        assert found is not None
        assert found.standing == "kept"
    assert len(engine.replay_refused([id_])) == 1
    engine.close()
