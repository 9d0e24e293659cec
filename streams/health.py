"""Health of an installation on this machine: what is checked, what was found, and how to mend it.

Law kept: checking changes nothing; each thing found wrong says how to mend it. A running process asks the same of
itself (``/readyz``), where it makes sense there.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

from detectors.policy import PolicyFault, read_policy
from events.days_off import SOON_DAYS, days_left, last_year
from events.identity import EVERYONE
from events.registry import CalendarEntry, ModelEntry
from events.time import SECOND, Instant, format_instant
from operating.checks import STANDS_STILL_S, Check, disk
from routing.policy_load import load_policy
from routing.unusable import Unusable
from streams.assembly import (
    detector_ids,
    read_areas,
    read_leading_policy,
    rule_parameters,
    rule_policies,
)
from streams.codec import restore_registered
from streams.database import FORMAT
from streams.embedded import SqliteStore
from streams.feeding import LOG_FEED
from streams.holdings import REFERENCE
from streams.model_files import NoSuchModel, find
from streams.providers import FILE, Providers, ProvidersFault
from streams.settings import Settings


def check_machine(settings: Settings, models: list[Path], now: Instant) -> Iterator[Check]:
    """Everything about the embedded engine and what both engines share; ``now`` is this machine's time."""
    yield from _policies(Path(settings.policies))
    home = Path(settings.home)
    yield disk(home)
    yield _providers(home)
    database = home / "hazflow.db"
    if not database.is_file():
        text = f"{database} 尚不存在", f"{database} is not there yet"
        mend = "make run 或 hazflow ingest", "make run, or hazflow ingest"
        yield Check("database", "watch", text, mend)
        return
    try:
        connection = sqlite3.connect(f"file:{database.resolve()}?mode=ro", uri=True, timeout=5)
        try:
            yield from _database(connection, settings, models, now)
        finally:
            connection.close()
    except sqlite3.Error as error:
        text = f"{database}：{error}", f"{database}: {error}"
        mend = "从备份恢复，或在另一目录重放日志", "restore a backup, or replay its log into another HAZFLOW_HOME"
        yield Check("database", "wrong", text, mend)


def _policies(folder: Path) -> Iterator[Check]:
    try:
        policy = read_policy(rule_policies(folder), rule_parameters())
        count = len(policy.rules)
        text = f"{count} 条规则，版本 {policy.digest}", f"{count} rules, version {policy.digest}"
        yield Check("policies", "ok", text)
    except PolicyFault as fault:
        mend = "按提示改正该文件，再 hazflow policy check", "correct the file named, then hazflow policy check"
        yield Check("policies", "wrong", (str(fault), str(fault)), mend)
    try:
        areas = read_areas()
        yield Check("areas", "ok", (f"区划表 {areas.version}", f"table {areas.version}"))
        routing = load_policy((folder / "routing.toml").read_text(), areas, detector_ids())
        read_leading_policy(folder)
        yield Check("routing", "ok", (f"已证明 {routing.version}", f"proven: {routing.version}"))
    except (Unusable, OSError) as fault:
        said = (fault.text("zh"), fault.text("en")) if isinstance(fault, Unusable) else (str(fault), str(fault))
        mend = "按提示改正，再 hazflow routes prove", "correct it, then hazflow routes prove"
        yield Check("routing", "wrong", said, mend)


def _providers(home: Path) -> Check:
    path = home / FILE
    try:
        in_use = [one.name for one in Providers(home).all() if one.until is None]
    except ProvidersFault as fault:
        mend = "从备份恢复该文件", "restore the file from a backup"
        return Check("providers", "wrong", (str(fault), str(fault)), mend)
    if in_use and path.stat().st_mode & 0o077:
        text = f"{path} 他人可读", f"{path} can be read by others"
        return Check("providers", "wrong", text, (f"chmod 600 {path}", f"chmod 600 {path}"))
    return Check("providers", "ok", (f"{len(in_use)} 个有效令牌", f"{len(in_use)} tokens in use"))


def _database(db: sqlite3.Connection, settings: Settings, models: list[Path], now: Instant) -> Iterator[Check]:
    if db.execute("SELECT 1 FROM sqlite_master WHERE name='followed'").fetchone():
        records = int(db.execute("SELECT count(*) FROM book_lines").fetchone()[0])
        yield Check("database", "ok", (f"Kafka 查询库，{records} 行", f"of a Kafka desk, {records} lines"))
        yield _time(db, now)
        yield _incomplete(db)
        yield _quarantine(db, settings)
        return
    found = int(db.execute("PRAGMA user_version").fetchone()[0])
    if found > FORMAT:
        text = f"数据库格式 {found}，本版本读 {FORMAT}", f"database format {found}, this hazflow reads {FORMAT}"
        yield Check("database", "wrong", text, ("用写下它的版本打开", "open it with the version that wrote it"))
        return
    yield _records(db)
    yield _time(db, now)
    yield from _models(db, models)
    yield _calendar(db, now)
    yield _incomplete(db)
    yield _quarantine(db, settings)


def _records(db: sqlite3.Connection) -> Check:
    records = int(db.execute('SELECT coalesce(max("offset"), -1) + 1 FROM log').fetchone()[0])
    if not db.execute("SELECT 1 FROM sqlite_master WHERE name='applied'").fetchone():
        text = (
            f"{records} 条记录，较早的格式，打开时升级",
            f"{records} records, an earlier format: opening it upgrades it",
        )
        return Check("database", "ok", text)
    behind = records - int(db.execute("SELECT position FROM applied").fetchone()[0])
    if not behind:
        return Check("database", "ok", (f"{records} 条记录", f"{records} records"))
    text = f"{records} 条记录，其中 {behind} 条尚未应用", f"{records} records, {behind} of them not applied yet"
    mend = (
        "服务会继续应用；未运行则启动它，或 hazflow ingest",
        "the service goes on with them; if none runs, start it, or hazflow ingest",
    )
    return Check("database", "watch", text, mend)


def _time(db: sqlite3.Connection, now: Instant) -> Check:
    row = db.execute("SELECT min(at) FROM clock").fetchone()
    if row[0] is None or row[0] < 0:
        mend = "启动 hazflow run --live，或 hazflow ingest", "start hazflow run --live, or hazflow ingest"
        return Check("time", "watch", ("尚无时间", "no tick yet"), mend)
    at = int(row[0])
    if _of_a_log(db):
        return Check("time", "ok", (f"日志时间 {format_instant(at)}", f"a log's time: {format_instant(at)}"))
    behind = (now - at) // SECOND
    text = (
        f"时间停在 {format_instant(at)}，落后 {behind} s",
        f"time stands at {format_instant(at)}, {behind} s behind",
    )
    if behind < STANDS_STILL_S:
        return Check("time", "ok", text)
    mend = (
        "服务未运行或不再写入：重启并看其日志",
        "the service is down or no longer writes: restart it, read its log",
    )
    return Check("time", "wrong", text, mend)


def _of_a_log(db: sqlite3.Connection) -> bool:
    """Whether the database lives in the time of a log that was replayed into it."""
    if not db.execute("SELECT 1 FROM sqlite_master WHERE name='feeds'").fetchone():
        return False
    return db.execute("SELECT 1 FROM feeds WHERE name LIKE ? LIMIT 1", (f"{LOG_FEED}%",)).fetchone() is not None


def _models(db: sqlite3.Connection, folders: list[Path]) -> Iterator[Check]:
    held = [restore_registered(data).entry for data in SqliteStore(db).parts(REFERENCE + EVERYONE).values()]
    digests = sorted({entry.digest for entry in held if isinstance(entry, ModelEntry)})
    for digest in digests:
        yield _model(digest, folders)
    if not digests:
        text = "未发布模型：E7 不作判断", "no model is published: E7 says nothing"
        yield Check(
            "models", "watch", text, ("hazflow models train，再 publish", "hazflow models train, then publish")
        )


def _calendar(db: sqlite3.Connection, now: Instant) -> Check:
    """Whether the calendars of days off last: of a year without one, weekends alone are known."""
    held = [restore_registered(data).entry for data in SqliteStore(db).parts(REFERENCE + EVERYONE).values()]
    years = {entry.year for entry in held if isinstance(entry, CalendarEntry)}
    last, left = last_year(years, now), days_left(years, now)
    mend = (
        "下一年的放假安排公布后 hazflow reference import，见 docs/reference.md",
        "once the next year's is published: hazflow reference import, see docs/reference.md",
    )
    if left is None:
        return Check(
            "calendar", "watch", ("未导入节假日：只按周末计算", "no days off are known but weekends"), mend
        )
    text = f"节假日已导入至 {last} 年", f"days off are known until the end of {last}"
    if left < 0:
        return Check("calendar", "wrong", (f"{text[0]}，已过期", f"{text[1]}, which is past"), mend)
    if left < SOON_DAYS:
        return Check("calendar", "watch", (f"{text[0]}，余 {left} 天", f"{text[1]}, in {left} days"), mend)
    return Check("calendar", "ok", text)


def _model(digest: str, folders: list[Path]) -> Check:
    from models.artefact import ArtefactRefused, load  # the forest's libraries load only here

    name = f"model {digest[:12]}"
    try:
        model = load(find(digest, folders).read_bytes(), digest=digest)
    except (NoSuchModel, ArtefactRefused, OSError) as fault:
        mend = "从备份取回该文件，或发布另一模型", "bring the file back from a backup, or publish another model"
        return Check(name, "wrong", (str(fault), str(fault)), mend)
    return Check(name, "ok", (f"{model.card.trees} 棵树", f"{model.card.trees} trees"))


def _incomplete(db: sqlite3.Connection) -> Check:
    rows = db.execute("SELECT detector, count(*), min(reason) FROM incomplete GROUP BY detector").fetchall()
    if not rows:
        return Check("detectors", "ok", ("均完整", "none is incomplete"))
    text = "; ".join(f"{detector} × {count}: {reason}" for detector, count, reason in rows)
    mend = "升级到修正该规则的版本；重启后自动重算", "take a version that mends the rule; it is judged again then"
    return Check("detectors", "wrong", (text, text), mend)


def _quarantine(db: sqlite3.Connection, settings: Settings) -> Check:
    held = int(db.execute("SELECT count(*) FROM refusals WHERE standing<>'replayed'").fetchone()[0])
    text = (
        f"{held} 条被拒，上限 {settings.quarantine_total}",
        f"{held} refused of {settings.quarantine_total} at most",
    )
    if held < settings.quarantine_total // 2:
        return Check("quarantine", "ok", text)
    mend = "hazflow rejected list，改正并重新接收", "hazflow rejected list: mend and replay"
    return Check("quarantine", "wrong" if held >= settings.quarantine_total else "watch", text, mend)
