"""A database that an older hazflow wrote goes on working: read at once, and given its indices when it is opened."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from desk.asking import Asking
from desk.books import Book, Books
from streams.assembly import TREE, Assembly, assemble
from streams.broker.projector import Projector
from streams.database import FORMAT
from streams.embedded import Embedded
from streams.projection import SCHEMA
from streams.settings import Settings
from tests.engines import Held
from tests.unit.desk.world import Written, fill

NEW = ("book_lines_by_consignment", "book_lines_by_destination", "warnings_by_subject")


@pytest.fixture
def older(tmp_path: Path) -> Path:
    """A desk's file as format 1 first had it: without what asking for consignments needs to be quick."""
    path = tmp_path / "hazflow.db"
    written = Written(path)
    fill(written)
    written.close()
    with closing(sqlite3.connect(path)) as db:
        for name in NEW:
            db.execute(f"DROP INDEX {name}")
    return path


@pytest.fixture(scope="module")
def assembly() -> Assembly:
    """The shipped policies."""
    return assemble(TREE / "policies")


def book(path: Path) -> Book | None:
    """One book with consignments."""
    return Books(Asking(path).projected).book("ST-101", "DET-E")


def indices(path: Path) -> set[str]:
    """The indices that it has."""
    with closing(sqlite3.connect(path)) as db:
        return {row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type='index'")}


def test_an_older_database_answers_before_and_after_it_is_opened(older: Path, assembly: Assembly) -> None:
    """Law: the same answer. From then on it is of this version's format, and an older hazflow refuses it."""
    asked = book(older)
    assert asked is not None
    assert len(asked.transit.open) == 4
    assert not indices(older) & set(NEW)
    Embedded(older, assembly).close()
    assert indices(older) >= set(NEW)
    assert book(older) == asked
    with closing(sqlite3.connect(older)) as db:
        assert db.execute("PRAGMA user_version").fetchone()[0] == FORMAT


def test_the_projector_gives_an_older_desk_its_indices(older: Path) -> None:
    """Law: the same on Kafka."""
    Projector(older, Settings(policies=str(TREE / "policies"))).close()
    assert indices(older) >= set(NEW)


def test_asking_for_a_book_reads_no_other_books(older: Path) -> None:
    """Law 11 in small: the questions are answered by indices, however many lines others have."""
    with closing(sqlite3.connect(older)) as db:
        db.executescript(SCHEMA)
        asked: list[str] = []
        db.set_trace_callback(asked.append)
        Books(Held(db)).book("ST-101", "DET-E")
        db.set_trace_callback(None)
        plans = [
            row[3] for sql in asked if sql.startswith("SELECT") for row in db.execute(f"EXPLAIN QUERY PLAN {sql}")
        ]
    assert {name for name in NEW if any(name in plan for plan in plans)} == set(NEW)
    assert not [plan for plan in plans if plan.startswith("SCAN") and "json_each" not in plan]
