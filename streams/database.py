"""The embedded engine's database: one SQLite file, two connections to it, and in words what stands in its way.

Laws kept: committed means fsynced (12): a write-ahead log, ``synchronous=FULL``, and the folders made for it. What
cannot be used is left as it is; what cannot be written now has nothing of the batch, and can be tried again.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from streams.projection import SCHEMA

FORMAT: Final = 2
"""1 had nothing accepted that was not applied; opened, it becomes 2."""
PATIENCE_S: Final = 10.0
"""How long another process may hold the file before that is said."""
_TABLES: Final = """
CREATE TABLE IF NOT EXISTS log (  -- every record in the order accepted; a tick has no raw
    "offset" INTEGER PRIMARY KEY, received_at INTEGER NOT NULL, provider TEXT, raw BLOB, tick INTEGER);
CREATE TABLE IF NOT EXISTS applied (  -- one row: how many records of the log the state holds
    lane INTEGER PRIMARY KEY, position INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS state (
    key TEXT NOT NULL, part TEXT NOT NULL, data BLOB NOT NULL, PRIMARY KEY (key, part)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS feeds (name TEXT PRIMARY KEY, position INTEGER NOT NULL) WITHOUT ROWID;
INSERT OR IGNORE INTO applied SELECT 0, coalesce(max("offset"), -1) + 1 FROM log;
"""
_OURS: Final = frozenset(("log", "book_lines"))

_WRONG: Final[dict[int, tuple[str, str]]] = {
    sqlite3.SQLITE_FULL: (
        "磁盘已满；请腾出空间，随后自动继续",
        "the disk is full; free some space, and it goes on by itself",
    ),
    sqlite3.SQLITE_IOERR: (
        "读写失败；请检查磁盘空间、配额与磁盘本身",
        "it cannot be read or written; see to the disk's room, the quota, the disk itself",
    ),
    sqlite3.SQLITE_READONLY: (
        "文件或其目录为只读；请放开写权限，或以可写方式挂载",
        "the file or its folder is read-only; let its owner write both, or mount it for writing",
    ),
    sqlite3.SQLITE_BUSY: (
        "被另一进程占用；请等它结束或结束它（fuser 可查）",
        "another process holds it (database is locked); wait for it or end it: fuser tells which",
    ),
    sqlite3.SQLITE_CORRUPT: (
        "文件已损坏；请从备份恢复，或把日志重放到另一个 HAZFLOW_HOME",
        "the file is damaged; restore a backup, or replay its log into another HAZFLOW_HOME",
    ),
    sqlite3.SQLITE_NOTADB: (
        "该文件不是数据库；请移走它，或另设 HAZFLOW_HOME",
        "file is not a database; move it away, or name another HAZFLOW_HOME",
    ),
    sqlite3.SQLITE_CANTOPEN: (
        "无法打开；请检查路径及目录权限",
        "it cannot be opened; see to the path, and that its folder can be read and written",
    ),
}
_WRONG_TOO: Final = {
    sqlite3.SQLITE_LOCKED: sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_PERM: sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PROTOCOL: sqlite3.SQLITE_BUSY,
}


class DatabaseFault(Exception):
    """What stands in the way of a database: the file, what is wrong and what to do, in both languages."""

    def __init__(self, path: Path, zh: str, en: str) -> None:
        super().__init__(f"{path}：{zh} · {en}")
        self.zh, self.en = zh, en


class CannotOpen(DatabaseFault):
    """The database cannot be used as it is. Nothing in it was changed."""


class CannotWrite(DatabaseFault):
    """The database cannot be written now. Nothing of the batch was kept; the same may be tried again."""


class Database:
    """One file: through the connection ``log`` records are accepted, through ``lane`` what they do is kept.

    Whoever writes holds the one lock of this process; SQLite keeps other processes apart.
    """

    def __init__(self, path: Path, patience_s: float = PATIENCE_S) -> None:
        self.path = path
        self.log = _open(path, patience_s)
        try:
            self.lane = _connect(path, patience_s)
        except sqlite3.Error as error:
            self.log.close()
            raise _fault(CannotOpen, path, error) from error
        self._writing = threading.Lock()

    @contextmanager
    def writing(self, db: sqlite3.Connection) -> Iterator[None]:
        """A transaction, all or nothing; ``CannotWrite`` where the world stands in its way."""
        with self._writing, self.said(CannotWrite):
            try:
                db.execute("BEGIN IMMEDIATE")
                yield
                db.execute("COMMIT")
            finally:
                undo(db)

    @contextmanager
    def said(self, kind: type[DatabaseFault]) -> Iterator[None]:
        """What the world does to SQLite meanwhile, said as ``kind``; a mistake of ours stays SQLite's own error."""
        try:
            yield
        except sqlite3.Error as error:
            if _primary(error) not in _WRONG:
                raise
            raise _fault(kind, self.path, error) from error

    def close(self) -> None:
        """Let go of the file; everything committed is in it."""
        self.log.close()
        self.lane.close()


def undo(db: sqlite3.Connection) -> None:
    """Roll back what is open. SQLite may have done so itself, and a disk that fails may fail here too."""
    with suppress(sqlite3.Error):
        if db.in_transaction:
            db.execute("ROLLBACK")


def _open(path: Path, patience_s: float) -> sqlite3.Connection:
    """A connection to a database that is there and of this format, made where there was none."""
    try:
        _make_folder(path.parent)
    except OSError as error:
        zh, en = f"无法建立目录：{error.strerror}", f"its folder cannot be made: {error.strerror}"
        raise CannotOpen(path, zh, en) from error
    db: sqlite3.Connection | None = None
    try:
        db = _connect(path, patience_s)
        _ours(path, db)
        db.execute("PRAGMA journal_mode=WAL")
        db.executescript(f"BEGIN IMMEDIATE; {_TABLES} {SCHEMA} PRAGMA user_version={FORMAT}; COMMIT;")
    except BaseException as error:
        if db is not None:
            undo(db)
            db.close()
        if isinstance(error, sqlite3.Error):
            raise _fault(CannotOpen, path, error) from error
        raise
    return db


def _connect(path: Path, patience_s: float) -> sqlite3.Connection:
    db = sqlite3.connect(path, isolation_level=None, timeout=patience_s, check_same_thread=False)
    db.execute("PRAGMA synchronous=FULL")
    return db


def _ours(path: Path, db: sqlite3.Connection) -> None:
    """Refuse what is not an embedded engine's, or is one's of a later time, before anything in it is changed."""
    found = int(db.execute("PRAGMA user_version").fetchone()[0])
    tables = {row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type='table'")}
    if "followed" in tables:
        raise CannotOpen(
            path,
            "这是 Kafka 安装的查询库；请经其接入口上报，或另指定数据库",
            "it is what the desk of a Kafka installation reads; send reports through its door, or name another "
            "database",
        )
    if found > FORMAT:
        raise CannotOpen(
            path,
            f"由更新版本的 hazflow 写成（格式 {found}，本版本读至 {FORMAT}）；请用写它的版本打开",
            f"it was written by a newer hazflow (format {found}, this one reads {FORMAT}); open it with the "
            "version that wrote it",
        )
    if tables and not tables & _OURS:
        raise CannotOpen(
            path,
            "这是其他程序的数据库；请移走它，或另设 HAZFLOW_HOME",
            "it is another program's database; move it away, or name another HAZFLOW_HOME",
        )


def _make_folder(folder: Path) -> None:
    """Make a folder and those above it, durably: no power cut takes the folder of what was acknowledged."""
    missing = [one for one in (folder, *folder.parents) if not one.exists()]
    for one in reversed(missing):
        one.mkdir(exist_ok=True)
        above = os.open(one.parent, os.O_RDONLY)
        try:
            os.fsync(above)
        finally:
            os.close(above)
    if not folder.is_dir():
        folder.mkdir()  # says what stands there


def _primary(error: sqlite3.Error) -> int:
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    return _WRONG_TOO.get(code, code)


def _fault(kind: type[DatabaseFault], path: Path, error: sqlite3.Error) -> DatabaseFault:
    zh, en = _WRONG.get(_primary(error), (f"无法使用：{error}", f"it cannot be used: {error}"))
    return kind(path, zh, en)
