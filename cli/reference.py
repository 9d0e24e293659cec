"""``hazflow reference``: official lists in force: goods, incompatibilities, calendars, restricted areas.

Law kept: of a file with a fault nothing is entered, nor what is in force already; the rest goes through intake like
any other registry event. Old events are judged by what was in force when they happened.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cli.installation import database_argument, database_path, existing, now, open_engine, parse_at
from cli.show import json_argument, lang_argument, print_json, table
from cli.verb import Exit, Refused, Verb

if TYPE_CHECKING:
    from cli.reference_tables import Table, Wrong
    from events.registry import Entry
    from events.report import Registry
    from events.time import Instant
    from ledger.reference import Reference

PROVIDER = "reference"
_SHOWN = 40
_STRETCH = 2_000


def _arguments(parser: ArgumentParser) -> None:
    common = ArgumentParser(add_help=False)
    database_argument(common)
    json_argument(common)
    lang_argument(common)
    below = parser.add_subparsers(dest="what", required=True, metavar="import|show")
    takes = below.add_parser("import", parents=[common], help="导入目录(CSV、XLSX、GeoJSON) · enter a list")
    takes.add_argument("files", type=Path, nargs="+", metavar="FILE", help="CSV, XLSX, GeoJSON")
    takes.add_argument("--table", help="表名,文件未写明时 · what it is of, where the file does not say: goods, …")
    takes.add_argument(
        "--dry-run", action="store_true", help="只列出将变更什么 · say what would change, enter nothing"
    )
    takes.add_argument(
        "--valid-from", type=parse_at, metavar="INSTANT", help="生效时间(默认现在) · in force from then on (now)"
    )
    takes.add_argument(
        "--out",
        type=Path,
        metavar="FILE",
        help="写成上报文件(Kafka 用),不入库 · write events instead, as for Kafka",
    )
    shows = below.add_parser("show", parents=[common], help="列出在用目录 · list what is in force")
    shows.add_argument("--table", help="表名 · of one kind: goods, incompatibility, calendar, restricted_area")
    shows.add_argument("--at", type=parse_at, metavar="INSTANT", help="某时在用 · in force at that instant (now)")


def run(arguments: Namespace) -> int:
    """Import files, or show what is in force."""
    if arguments.what == "show":
        return _show(arguments)
    return _import(arguments)


def _import(arguments: Namespace) -> int:
    from cli.geojson import SUFFIXES
    from cli.reference_areas import read_areas
    from cli.reference_tables import read_table
    from events.time import format_instant

    at = _time(arguments)
    valid_from = at if arguments.valid_from is None else arguments.valid_from
    known = _in_force(arguments)
    told: list[dict[str, Any]] = []
    events: list[Registry] = []
    for path in arguments.files:
        read = read_areas(path) if path.suffix.lower() in SUFFIXES else read_table(path, arguments.table)
        changes, faults, same = _changes(read, known, valid_from, at, given=arguments.valid_from is not None)
        events += [event for event, _ in changes]
        counts = {
            "file": str(path), "table": read.kind,
            **{name: read.says.get(name, "") for name in ("source", "date", "verified", "marks")},
            "new": sum(not was for _, was in changes), "changed": sum(bool(was) for _, was in changes),
            "same": same, "faults": sorted(faults, key=lambda one: one.line),
            "changes": [_words(event.entry, was) for event, was in changes],
        }  # fmt: skip
        told.append(counts)
    wrong = any(counts["faults"] for counts in told)
    done = "refused" if wrong else "dry_run" if arguments.dry_run else _enter(arguments, events, at)
    answer = {"valid_from": format_instant(valid_from), "done": done, "files": told}
    if arguments.json:
        print_json(answer)
    else:
        _print(answer, zh=arguments.lang == "zh")
    return Exit.FOUND if done == "refused" else Exit.OK


def _changes(
    read: Table, known: Reference, valid_from: Instant, at: Instant, *, given: bool
) -> tuple[list[tuple[Registry, Entry | None]], list[Wrong], int]:
    """What a table would enter, each with what it would supersede; its faults; how many entries stand already."""
    from cli.reference_entries import entries_of
    from cli.reference_tables import Wrong
    from events.intake import Record, encode
    from events.intake import read as take
    from events.placed import entry_in_wgs84
    from events.rejection import Rejection, Source
    from events.time import format_instant
    from ledger.reference import subject_of

    changes: list[tuple[Registry, Entry | None]] = []
    faults: list[Wrong] = []
    seen: dict[str, int] = {}
    same = 0
    for made in entries_of(read):
        if isinstance(made, Wrong):
            faults.append(made)
            continue
        line, entry = made
        subject = subject_of(entry)
        if subject in seen:
            first = seen[subject]
            zh, en = f"{subject} 已见于第 {first} 行", f"{subject} stands in line {first} already"
            faults.append(Wrong(line, "", zh, en))
            continue
        seen[subject] = line
        # An entry that reaches back speaks of no day that had closed when it was heard: what counts is from now on.
        stands = known.registered(type(entry), subject, max(valid_from, at))
        before = None if stands is None else stands.entry
        if before == entry_in_wgs84(entry):
            same += 1
            continue
        begins = valid_from
        if stands is not None and (stands.valid_from, stands.recorded_at) >= (valid_from, at):
            if given:
                since = format_instant(stands.valid_from)
                zh, en = (
                    f"自 {since} 起另有在用条目,须更晚生效",
                    f"another entry speaks from {since} on: begin later",
                )
                faults.append(Wrong(line, "", zh, en))
                continue
            begins = stands.valid_from + 1  # a replayed log's time stands still
        event = _event(entry, begins, at)
        judged = take(Record(encode(event), PROVIDER, at, Source("reference", 0, line)))
        if isinstance(judged, Rejection):
            why = f"{judged.reason} {judged.detail}"
            faults.append(Wrong(line, judged.field.removeprefix("entry."), why, why))
        else:
            changes.append((event, before))
    return changes, faults, same


def _event(entry: Entry, valid_from: Instant, at: Instant) -> Registry:
    """The registry event of an entry, under an id of its own."""
    import msgspec

    from events.report import Registry
    from events.time import moment

    content = msgspec.json.encode(entry) + f"{valid_from}/{at}".encode()
    name = f"reference-{entry.__struct_config__.tag}-{blake2b(content, digest_size=10).hexdigest()}"
    return Registry(
        version=1, id=name, occurred_at=moment(at), unit="*", valid_from=moment(valid_from), entry=entry
    )


def _enter(arguments: Namespace, events: Sequence[Registry], at: Instant) -> str:
    """Write the events to a file, or take them as reports."""
    from events.intake import encode
    from events.log import Received

    if arguments.out is not None:
        arguments.out.write_bytes(b"".join(encode(event) + b"\n" for event in events))
        return "written"
    if not events:
        return "nothing"
    engine = open_engine(existing(database_path(arguments)))
    try:
        for start in range(0, len(events), _STRETCH):
            records = [Received(encode(event), PROVIDER, at) for event in events[start : start + _STRETCH]]
            for outcome in engine.apply(records):
                if outcome.standing.value == "refused":
                    print(f"{outcome.event_id}: {outcome.reason} {outcome.detail}", file=sys.stderr)
                    return "refused"
    finally:
        engine.close()
    return "entered"


def _time(arguments: Namespace) -> Instant:
    """When the entries are received: the installation's time; this machine's where nothing is entered in it."""
    from streams.writer import wall_clock

    if arguments.dry_run or arguments.out is not None:
        return wall_clock()
    engine = open_engine(existing(database_path(arguments)))
    try:
        return now(engine)
    finally:
        engine.close()


def _in_force(arguments: Namespace) -> Reference:
    """What concerns everyone, as the installation holds it; nothing where it has no state of its own."""
    from cli.registered import registered_at
    from events.identity import EVERYONE
    from ledger.reference import Reference

    return registered_at(database_path(arguments), EVERYONE) or Reference()


def _words(entry: Entry, was: Entry | None) -> dict[str, Any]:
    """What changes: the whole of a new entry, the fields that differ of a changed one."""
    import msgspec

    from ledger.reference import subject_of

    new = msgspec.to_builtins(entry)
    old = {} if was is None else msgspec.to_builtins(was)
    differs = {name: [old.get(name), new.get(name)] for name in {**old, **new} if old.get(name) != new.get(name)}
    return {"subject": subject_of(entry), "was": None if was is None else "in force", "fields": differs}


def _print(answer: dict[str, Any], *, zh: bool) -> None:
    for counts in answer["files"]:
        said = ("新增", "变更", "不变", "有误") if zh else ("new", "changed", "same", "wrong")
        numbers = (counts["new"], counts["changed"], counts["same"], len(counts["faults"]))
        summary = ", ".join(f"{word} {number}" for word, number in zip(said, numbers, strict=True))
        print(f"{counts['file']} [{counts['table']}] {summary}")
        if counts["source"]:
            print(f"  {counts['source']} ({counts['date'] or '?'})")
        print(f"  {_checked(counts, zh=zh)}")
        for wrong in counts["faults"][:_SHOWN]:
            print(f"  {wrong.line}: {wrong.column} {wrong.zh if zh else wrong.en}")
        for change in counts["changes"][:_SHOWN]:
            print(f"  {_line(change)}")
        left = max(0, len(counts["changes"]) - _SHOWN) + max(0, len(counts["faults"]) - _SHOWN)
        if left:
            print(f"  … {left}")
    print(f"{answer['done']}; valid_from {answer['valid_from']}")


def _checked(counts: dict[str, Any], *, zh: bool) -> str:
    """Whether a table was held against its source, and how each of its columns was checked."""
    if counts["verified"] == "true":
        return "已核对原文" if zh else "held against its source"
    marks = f": {counts['marks']}" if counts["marks"] else ""
    return f"{'待核实' if zh else 'UNVERIFIED'}{marks}"


def _line(change: dict[str, Any]) -> str:
    if change["was"] is None:
        return f"+ {change['subject']}"
    fields = ", ".join(f"{name} {_short(old)} → {_short(new)}" for name, (old, new) in change["fields"].items())
    return f"~ {change['subject']}: {fields}"


def _short(value: Any) -> str:
    if isinstance(value, dict) and value.keys() == {"value", "unit"}:
        return f"{value['value']} {value['unit']}"
    text = "—" if value is None else " ".join(map(str, value)) if isinstance(value, list) else str(value)
    return text if len(text) <= 60 else f"{text[:57]}…"


def _show(arguments: Namespace) -> int:
    import msgspec

    from cli.reference_tables import KINDS
    from events.registry import CalendarEntry, GoodsEntry, IncompatibilityEntry, RestrictedAreaEntry
    from events.time import format_instant

    kinds: dict[str, type[Any]] = {
        "goods": GoodsEntry, "incompatibility": IncompatibilityEntry, "calendar": CalendarEntry,
        "restricted_area": RestrictedAreaEntry,
    }  # fmt: skip
    if arguments.table is not None and arguments.table not in kinds:
        raise Refused(f"没有此表 {arguments.table}:{', '.join(KINDS)}", f"no such table: {arguments.table}")
    from streams.writer import wall_clock

    existing(database_path(arguments))
    at = wall_clock() if arguments.at is None else arguments.at
    reference = _in_force(arguments)
    found = []
    for name, kind in kinds.items() if arguments.table is None else [(arguments.table, kinds[arguments.table])]:
        for subject in reference.subjects(kind):
            one = reference.registered(kind, subject, at)
            if one is not None:
                fields = msgspec.to_builtins(one.entry)
                cited = {"origin": fields.pop("origin", None)}
                del fields["type"]
                found.append(
                    {"table": name, "subject": subject, "valid_from": format_instant(one.valid_from), **fields}
                    | cited
                )
    if arguments.json:
        print_json(found)
    else:
        print(table(("table", "subject", "valid_from", "", "origin (? unverified)"), map(_shown, found)))
    return Exit.OK


def _shown(one: dict[str, Any]) -> Sequence[object]:
    rest = [
        f"{name} {_short(value)}"
        for name, value in one.items()
        if name not in ("table", "subject", "valid_from", "origin")
    ]
    origin = one["origin"]
    whence = (
        "—" if origin is None else f"{'✓' if origin.get('verified') else '?'} {origin['dated']} {origin['source']}"
    )
    return one["table"], one["subject"], one["valid_from"], "; ".join(rest), _short(whence)


VERB = Verb(
    "reference",
    ("导入、查看品种目录等参考数据", "enter official lists (goods, incompatibilities, calendars), and show them"),
    (
        "reference import reference/goods.csv --dry-run",
        "reference import reference/goods.csv reference/nuclides.csv --valid-from 2026-01-01T00:00:00+08:00",
        "reference import official.xlsx --table goods --json",
        "reference import restricted.geojson --dry-run",
        "reference import reference/calendar.csv --out entries.jsonl",
        "reference show --table calendar",
    ),
    _arguments,
    run,
)
