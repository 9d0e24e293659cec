"""``hazflow rejected``: what was refused and why; mend a copy; send it in again with its own receipt."""

from __future__ import annotations

import sqlite3
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from cli.installation import database_argument, database_path, existing, open_engine
from cli.show import json_argument, lang_argument, print_json, table
from cli.verb import Exit, Refused, Verb

if TYPE_CHECKING:
    from streams.quarantine import Quarantine, Refusal


def _arguments(parser: ArgumentParser) -> None:
    common = ArgumentParser(add_help=False)
    database_argument(common)
    json_argument(common)
    lang_argument(common)
    below = parser.add_subparsers(dest="what", required=True, metavar="list|show|mend|replay")
    listing = below.add_parser("list", parents=[common], help="列表 · the latest first")
    listing.add_argument("--reason", metavar="CODE", help="原因代码 · the reason code")
    listing.add_argument("--provider", metavar="NAME", help="提供者 · who reported it")
    listing.add_argument("--standing", choices=("kept", "mended", "replayed"), help="状态 · how far it is")
    listing.add_argument("--limit", type=int, default=100, metavar="N", help="最多几条 · at most (%(default)s)")
    show = below.add_parser("show", parents=[common], help="一条的全部,含原始字节 · one in full, with its bytes")
    show.add_argument("id", metavar="ID")
    mend = below.add_parser("mend", parents=[common], help="改正副本 · mend a copy; the original stays")
    mend.add_argument("id", metavar="ID")
    mend.add_argument(
        "--set", action="append", default=[], metavar="FIELD=TEXT", dest="changes",
        help="改字段:FIELD=文字,FIELD:=JSON · a text, or FIELD:=JSON; such as quantity.unit=kg",
    )  # fmt: skip
    mend.add_argument("--unset", action="append", default=[], metavar="FIELD", help="删字段 · leave a field out")
    mend.add_argument("--raw", type=Path, metavar="FILE", help="以文件内容替换 · the whole record, from a file")
    replay = below.add_parser("replay", parents=[common], help="重新接收 · send in again, mended where mended")
    replay.add_argument("ids", nargs="*", metavar="ID")
    replay.add_argument(
        "--all", action="store_true", help="凡已改正或缺登记者 · all that were mended, or lacked an entry"
    )


def run(arguments: Namespace) -> int:
    """List, show, mend or replay."""
    path = existing(database_path(arguments))
    if arguments.what == "replay":
        return _replay(arguments, path)
    from streams.quarantine import Quarantine

    mode = "rw" if arguments.what == "mend" else "ro"
    database = sqlite3.connect(f"file:{path.resolve()}?mode={mode}", uri=True, timeout=10, isolation_level=None)
    try:
        quarantine = Quarantine(database)
        match arguments.what:
            case "list":
                return _list(arguments, quarantine)
            case "show":
                return _show(arguments, _get(quarantine, arguments.id))
            case _:
                return _mend(arguments, quarantine)
    finally:
        database.close()


def _get(quarantine: Quarantine, id_: str) -> Refusal:
    refusal = quarantine.get(id_)
    if refusal is None:
        raise Refused(f"没有被拒记录 {id_}", f"nothing was refused as {id_}; see list", Exit.FOUND)
    return refusal


def _list(arguments: Namespace, quarantine: Quarantine) -> int:
    from events.time import format_instant

    found = quarantine.page(
        reason=arguments.reason, provider=arguments.provider, standing=arguments.standing, most=arguments.limit
    )
    if arguments.json:
        print_json([_plain(one) for one in found])
        return Exit.OK
    rows = [
        (
            one.id, one.standing, one.reason, one.field, one.provider, one.event_id,
            format_instant(one.received_at), one.detail[:60],
        )
        for one in found
    ]  # fmt: skip
    print(table(("id", "standing", "reason", "field", "provider", "event", "received", "detail"), rows))
    print(", ".join(f"{standing} {count}" for standing, count in sorted(quarantine.counts().items())) or "0")
    return Exit.OK


def _show(arguments: Namespace, refusal: Refusal) -> int:
    from events.rejection import MEND, Reason
    from events.time import format_instant

    if arguments.json:
        print_json(_plain(refusal))
        return Exit.OK
    zh = arguments.lang == "zh"
    how = MEND[Reason(refusal.reason)][0 if zh else 1]
    lines = [
        f"{refusal.id}  {refusal.standing}",
        f"{refusal.reason} {refusal.field}: {refusal.detail}",
        f"{'如何改正' if zh else 'to mend'}: {how}",
        f"{refusal.provider} {refusal.event_id or ''} {refusal.home or ''} {format_instant(refusal.received_at)}",
        f"{refusal.topic}/{refusal.partition}/{refusal.offset}",
        _text(refusal.raw),
    ]
    if refusal.mended is not None:
        lines += ["已改为" if zh else "mended to", _text(refusal.mended)]
    print("\n".join(lines))
    return Exit.OK


def _mend(arguments: Namespace, quarantine: Quarantine) -> int:
    from cli.mending import mended
    from events.intake import Arrival, Record, read
    from events.rejection import MEND, Source

    refusal = _get(quarantine, arguments.id)
    if arguments.raw is not None:
        if arguments.changes or arguments.unset:
            raise Refused("--raw 与 --set/--unset 只能选一", "either --raw or --set and --unset")
        raw = arguments.raw.read_bytes().strip()
    else:
        raw = mended(refusal.mended or refusal.raw, arguments.changes, arguments.unset)
    source = Source(refusal.topic, refusal.partition, refusal.offset)
    decided = read(Record(raw, refusal.provider, refusal.received_at, source))
    if not isinstance(decided, Arrival):
        zh, en = MEND[decided.reason]
        why = f"{decided.reason} {decided.field} {decided.detail}"
        raise Refused(f"仍不合契约:{why};{zh}", f"it would be refused again: {why}; {en}", Exit.FOUND)
    if not quarantine.mend(refusal.id, raw):
        raise Refused("已重新接收,不能再改", "it went back in already: report a correction instead", Exit.FOUND)
    if arguments.json:
        print_json(_plain(_get(quarantine, refusal.id)))
    else:
        print(f"{refusal.id} mended; hazflow rejected replay {refusal.id}")
    return Exit.OK


def _replay(arguments: Namespace, path: Path) -> int:
    from ledger.held import Standing
    from streams.quarantine import REPLAYED, Quarantine

    if bool(arguments.ids) == arguments.all:
        raise Refused("请给出 ID,或 --all", "name IDs, or --all")
    ids: Sequence[str] = arguments.ids
    database = sqlite3.connect(f"file:{path.resolve()}?mode=ro", uri=True, timeout=10)
    try:
        quarantine = Quarantine(database)
        if arguments.all:
            ids = quarantine.waiting()
        for id_ in () if arguments.all else ids:
            if _get(quarantine, id_).standing == REPLAYED:
                raise Refused(f"{id_} 已重新接收", f"{id_} went back in already", Exit.FOUND)
        followed = quarantine.follows_kafka()
    finally:
        database.close()
    if followed:
        return _replay_on_kafka(arguments, path, ids)
    engine = open_engine(path)
    try:
        outcomes = engine.replay_refused(ids)
    finally:
        engine.close()
    told = [
        {"id": id_, "standing": one.standing.value, "reason": one.reason, "field": one.field, "detail": one.detail}
        for id_, one in outcomes
    ]
    if arguments.json:
        print_json(told)
    else:
        print(table(("id", "standing", "reason", "field"), [(o["id"], o["standing"], o["reason"], o["field"])
                                                            for o in told]))  # fmt: skip
    again = any(outcome.standing is Standing.REFUSED for _, outcome in outcomes)
    return Exit.FOUND if again else Exit.OK


def _replay_on_kafka(arguments: Namespace, path: Path, ids: Sequence[str]) -> int:
    """Send them through the door again, then note it: sent twice by a crash between, they change nothing."""
    import asyncio

    from cli.installation import settings
    from events.log import Received
    from streams.broker.door import KafkaDoor
    from streams.quarantine import Quarantine
    from streams.writer import wall_clock

    async def send(records: Sequence[Received]) -> None:
        door = KafkaDoor(settings())
        await door.start()
        try:
            await door.put(records)
        finally:
            await door.stop()

    database = sqlite3.connect(f"file:{path.resolve()}?mode=rw", uri=True, timeout=10, isolation_level=None)
    try:
        quarantine = Quarantine(database)
        again = {id_: quarantine.again(id_, wall_clock()) for id_ in dict.fromkeys(ids)}
        sent = {id_: record for id_, record in again.items() if record is not None}
        asyncio.run(send(list(sent.values())))
        quarantine.replayed(list(sent))
    finally:
        database.close()
    told = [{"id": id_, "standing": "sent" if id_ in sent else "no bytes here: mend --raw"} for id_ in again]
    if arguments.json:
        print_json(told)
    else:
        print(table(("id", "standing"), [(one["id"], one["standing"]) for one in told]))
    return Exit.OK if len(sent) == len(again) else Exit.FOUND


def _plain(refusal: Refusal) -> dict[str, object]:
    import msgspec

    from events.time import format_instant

    told: dict[str, object] = msgspec.structs.asdict(refusal)
    return told | {
        "received_at": format_instant(refusal.received_at),
        "raw": _text(refusal.raw),
        "mended": None if refusal.mended is None else _text(refusal.mended),
    }


def _text(raw: bytes | None) -> str:
    return "" if raw is None else raw.decode("utf-8", "backslashreplace")


VERB = Verb(
    "rejected",
    ("被拒记录:查看、改正、重新接收", "refused records: see, mend, send in again"),
    (
        "rejected list --reason unknown_unit",
        "rejected show log/0/1204",
        "rejected mend log/0/1204 --set quantity.unit=kg --set version:=1",
        "rejected replay log/0/1204",
        "rejected replay --all",
    ),
    _arguments,
    run,
)
