"""What stands in a database's way: said in both languages, with the file and what to do; over when it is over.

Law: acknowledged means kept (12); what cannot be used is left as it is.
"""

from __future__ import annotations

import ctypes
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from cli.__main__ import main
from cli.verb import Exit
from events.intake import encode
from events.log import Received, Tick
from simulator import stories as s
from streams.assembly import TREE, Assembly, assemble, rule_policies
from streams.database import FORMAT, CannotOpen, CannotWrite, DatabaseFault
from streams.embedded import Embedded
from streams.founding import founding
from streams.writer import Writer
from tests.durability.disk import Disk, watched
from tests.engines import Answers, answers

NOBODY = 65534


@pytest.fixture(scope="module")
def assembly() -> Assembly:
    """The tree's own parts."""
    return assemble(TREE / "policies")


@pytest.fixture
def disk() -> Iterator[Disk]:
    """A disk that can be full."""
    with watched() as made:
        yield made


@pytest.fixture
def engine(assembly: Assembly, disk: Disk, tmp_path: Path) -> Iterator[Embedded]:
    """An engine that knows the small world, on a disk that can be full, and is not patient."""
    made = Embedded(tmp_path / "hazflow.db", assembly, patience_s=0.05)
    made.apply(
        [
            *founding(rule_policies(TREE / "policies"), s.at("day -30 00:00"), {}),
            *(s.received(entry) for entry in s.world()),
            Tick(s.at("day 1 12:00")),
        ]
    )
    yield made
    made.close()


def report(number: int) -> Received:
    """An opening of one piece, each under its own id."""
    return s.received(s.opening("1 item", site="S2", goods="DET", when="day 1 08:00", id=f"e{number}"))


def said(path: Path) -> Answers:
    """What a database says."""
    with closing(sqlite3.connect(path)) as db:
        return answers(db)


def well_said(fault: DatabaseFault, path: Path, *words: str) -> bool:
    """Whether it names the file, in Chinese and English, and says these words."""
    text = str(fault)
    return str(path) in text and fault.zh in text and fault.en in text and all(word in text for word in words)


@contextmanager
def held_by_another(path: Path) -> Iterator[None]:
    """Another connection that writes and does not come to an end."""
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield
        other.execute("ROLLBACK")


@contextmanager
def not_root() -> Iterator[None]:
    """Files are opened as somebody whom permissions bind: root is nobody meanwhile, for files alone."""
    if os.geteuid() != 0:
        yield
        return
    change = ctypes.CDLL(None).setfsuid
    change(NOBODY)
    try:
        yield
    finally:
        change(0)


def test_a_full_disk_takes_nothing_and_goes_on_when_there_is_room(engine: Embedded, disk: Disk) -> None:
    """ENOSPC, as SQLite sees it: neither accepted nor half applied; afterwards as if it had never been."""
    engine.log.append([report(1)])
    disk.full = True
    with pytest.raises(CannotWrite) as full:
        engine.log.append([report(2)])
    assert well_said(full.value, engine.path, "磁盘已满", "the disk is full", "goes on by itself")
    with pytest.raises(CannotWrite):
        engine.advance()
    applied, end = engine.applied, engine.log.end
    disk.full = False
    assert [one.event_id for one in engine.advance()] == ["e1"]
    assert (engine.applied, engine.log.end) == (applied + 1, end)
    assert [one.event_id for one in engine.apply([report(2)])] == ["e2"]
    assert sum(said(engine.path).books.values()) == 2


def test_the_service_takes_reports_again_once_there_is_room(engine: Embedded, disk: Disk) -> None:
    """Without a restart: who posts meanwhile is told that nothing was kept, who was answered finds it kept."""
    writer = Writer(engine, None, per_provider=100, total=100)
    writer.start()
    kept = []
    for number in range(6):
        disk.full = number % 2 == 1
        answer = writer.post("teller", [encode_of(number)])
        if disk.full:
            with pytest.raises(CannotWrite):
                answer.result(20)
        else:
            kept += answer.result(20)
    disk.full = False
    writer.feed([]).result(20)
    writer.stop()
    assert [one.event_id for one in kept] == ["e0", "e2", "e4"]
    with closing(sqlite3.connect(engine.path)) as db:
        booked = db.execute("SELECT fact FROM book_lines ORDER BY fact").fetchall()
    assert booked == [("teller|S2|e0",), ("teller|S2|e2",), ("teller|S2|e4",)]


def test_whoever_was_answered_is_answered_although_the_steps_cannot_be_kept(engine: Embedded) -> None:
    """The log is what was promised; the state follows once it can, and no answer waits for that."""
    with closing(sqlite3.connect(engine.path)) as other:
        other.execute("CREATE TRIGGER no BEFORE INSERT ON book_lines BEGIN SELECT RAISE(ABORT, 'no'); END")
    writer = Writer(engine, None, per_provider=100, total=100)
    writer.start()
    (outcome,) = writer.post("teller", [encode_of(1)]).result(20)
    assert not outcome.applied
    with closing(sqlite3.connect(engine.path)) as other:
        other.execute("DROP TRIGGER no")
    writer.feed([]).result(20)
    writer.stop()
    assert sum(said(engine.path).books.values()) == 1


def test_a_file_that_another_process_holds_is_tried_again(engine: Embedded, assembly: Assembly, disk: Disk) -> None:
    """Locked: neither accepts nor applies, and opening says so; released, everything goes on."""
    engine.log.append([report(1)])
    with held_by_another(engine.path):
        for refused in (lambda: engine.log.append([report(2)]), engine.advance):
            with pytest.raises(CannotWrite) as locked:
                refused()
            assert well_said(locked.value, engine.path, "另一进程", "another process holds it", "fuser")
        with pytest.raises(CannotOpen) as locked_out:
            Embedded(engine.path, assembly, patience_s=0.05)
        assert well_said(locked_out.value, engine.path, "database is locked")
    engine.apply([report(2)])
    assert sum(said(engine.path).books.values()) == 2


@pytest.mark.parametrize("which", ["file", "folder"])
def test_what_is_read_only_is_refused_and_left_as_it_is(assembly: Assembly, tmp_path: Path, which: str) -> None:
    """A file that may not be written, a folder where no write-ahead log can be made: permissions bind."""
    folder = tmp_path / "home"
    path = folder / "hazflow.db"
    Embedded(path, assembly).close()
    before = path.read_bytes()
    if os.geteuid() == 0:
        for one in (*tmp_path.parents, tmp_path):
            if one.stat().st_uid == 0 and "pytest" in str(one):
                one.chmod(0o755)
        os.chown(folder, NOBODY, NOBODY)
        os.chown(path, NOBODY, NOBODY)
    (path if which == "file" else folder).chmod(0o444 if which == "file" else 0o555)
    try:
        with not_root(), pytest.raises(CannotOpen) as refused:
            Embedded(path, assembly)
    finally:
        folder.chmod(0o755)
        path.chmod(0o644)
    assert well_said(refused.value, path)
    assert "read-only" in refused.value.en or "folder" in refused.value.en
    assert path.read_bytes() == before
    Embedded(path, assembly).close()


def test_the_folders_made_for_a_database_survive_a_power_cut(
    assembly: Assembly, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each is synced in the folder above it, before anything in it is acknowledged."""
    synced: list[Path] = []
    sync = os.fsync

    def noted(file: int) -> None:
        synced.append(Path(f"/proc/self/fd/{file}").readlink())
        sync(file)

    monkeypatch.setattr(os, "fsync", noted)
    Embedded(tmp_path / "var" / "home" / "hazflow.db", assembly).close()
    assert synced == [tmp_path, tmp_path / "var"]


def damaged(path: Path) -> None:
    """A disk gave back other bytes than it was given: the table of tables is gone."""
    with path.open("r+b") as file:
        file.seek(100)
        file.write(os.urandom(3_996))


def newer(path: Path) -> None:
    """A later hazflow wrote it."""
    with closing(sqlite3.connect(path)) as db:
        db.execute(f"PRAGMA user_version={FORMAT + 1}")


def foreign(path: Path) -> None:
    """Somebody's address book."""
    path.unlink()
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE people (name TEXT)")


def text(path: Path) -> None:
    """No database at all."""
    path.write_text("these are no books" * 100)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (damaged, ("已损坏", "is damaged", "restore a backup")),
        (newer, ("更新版本", "newer hazflow", "open it with the version that wrote it")),
        (foreign, ("其他程序", "another program's database", "move it away")),
        (text, ("不是数据库", "file is not a database", "move it away")),
    ],
)
def test_what_cannot_be_used_is_said_and_left_as_it_is(
    assembly: Assembly,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    spoil: Callable[[Path], None],
    words: tuple[str, ...],
) -> None:
    """By the engine and on the command line: exit code 3, one line, no traceback, no byte changed."""
    path = tmp_path / "hazflow.db"
    Embedded(path, assembly).close()
    spoil(path)
    before = path.read_bytes()
    with pytest.raises(CannotOpen) as refused:
        Embedded(path, assembly)
    assert well_said(refused.value, path, *words)
    (tmp_path / "none.jsonl").write_text("")
    assert main(["ingest", str(tmp_path / "none.jsonl"), "--database", str(path)]) == Exit.UNAVAILABLE
    told = capsys.readouterr().err
    assert str(path) in told
    assert "Traceback" not in told
    assert path.read_bytes() == before


def test_what_an_earlier_hazflow_wrote_is_taken_up_as_applied(assembly: Assembly, engine: Embedded) -> None:
    """Format 1 applied what it took in the same transaction: nothing of it is applied again."""
    engine.apply([report(1)])
    before, end = said(engine.path), engine.log.end
    engine.close()
    with closing(sqlite3.connect(engine.path)) as db:
        db.executescript("DROP TABLE applied; PRAGMA user_version=1;")
    again = Embedded(engine.path, assembly)
    assert (again.applied, again.advance()) == (end, [])
    again.apply([report(2)])
    assert sum(said(engine.path).books.values()) == sum(before.books.values()) + 1
    again.close()


def encode_of(number: int) -> bytes:
    """The bytes of a report."""
    return encode(s.opening("1 item", site="S2", goods="DET", when="day 1 08:00", id=f"e{number}"))
