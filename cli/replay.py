"""``hazflow replay``: a log with its own times, into an empty installation or a database of its own (backtest)."""

from __future__ import annotations

import sys
import time
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from cli.installation import database_argument, database_path, open_engine, settings
from cli.progress import progress
from cli.verb import Exit, Refused, Verb

if TYPE_CHECKING:
    from streams.embedded import Embedded


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("log", type=Path, metavar="LOG", help="日志(JSONL,可 gzip)· a log, gzip or plain")
    database_argument(parser)


def run(arguments: Namespace) -> int:
    """Replay, go on where an interrupted replay of the same log stood, or refuse."""
    from streams.feeding import feed_name

    name = feed_name(arguments.log)
    engine = open_engine(database_path(arguments))
    try:
        if not engine.log.empty and engine.log.position(name) == 0:
            raise Refused(
                f"{engine.path} 已有数据:回放只进入空库;回测请用 --database 另存",
                f"{engine.path} holds data already: a replay needs an empty one; name another by --database",
                Exit.FOUND,
            )
        began, before = time.monotonic(), engine.applied
        position = feed(engine, arguments.log, name)
        took = time.monotonic() - began
        print(f"{position} 条 · items; {engine.applied - before} in {took:.1f} s → {engine.path}")
    finally:
        engine.close()
    return Exit.OK


def feed(engine: Embedded, log: Path, name: str) -> int:
    """Feed a log from where its feed stands; the founding records go first, with the first stretch."""
    from events.log import Received, Tick, read_log
    from streams.assembly import rule_policies
    from streams.feeding import open_lines, stretches
    from streams.founding import founding
    from streams.log import Feed
    from streams.model_files import shipped

    position = engine.log.position(name)
    with open_lines(log) as (lines, beneath), progress(log.name, log.stat().st_size) as advance:
        for stretch, reached in stretches(read_log(lines), position):
            items: list[Received | Tick] = []
            if engine.log.empty:
                first = stretch[0]
                founded_at = first.at if isinstance(first, Tick) else first.received_at
                items += founding(rule_policies(Path(settings().policies)), founded_at, shipped())
            engine.apply([*items, *stretch], Feed(name, reached))
            position = reached
            advance(beneath.tell(), f"{reached} items")
    if position == 0:
        print("日志为空 · the log is empty", file=sys.stderr)
    return position


VERB = Verb(
    "replay",
    (
        "按日志自身的时间回放",
        "replay a log by its own times into an empty installation or a backtest",
    ),
    (
        "replay var/tiny/log.jsonl.gz",
        "replay var/tiny/log.jsonl.gz --database var/backtest.db",
    ),
    _arguments,
    run,
)
