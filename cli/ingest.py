"""``hazflow ingest``: files of events, one a line, received now; each file once, however often it is named."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from cli.installation import database_argument, database_path, now, open_engine, settings
from cli.progress import progress
from cli.show import json_argument, print_json
from cli.verb import Exit, Verb

if TYPE_CHECKING:
    from streams.embedded import Embedded

_SHOWN = 20
_FEED = "file:"


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("files", type=Path, nargs="+", metavar="FILE", help="JSONL(可 gzip)· JSONL, gzip or plain")
    parser.add_argument("--provider", default="file", help="提供者 · whose reports these are (%(default)s)")
    parser.add_argument("--no-tick", action="store_true", help="不推进时间 · leave time where it stands")
    database_argument(parser)
    json_argument(parser)


def run(arguments: Namespace) -> int:
    """Ingest the files, then tell time behind them; exit 1 if anything was refused."""
    from events.log import Tick
    from streams.assembly import rule_policies
    from streams.founding import founding
    from streams.model_files import shipped

    engine = open_engine(database_path(arguments))
    counts: Counter[str] = Counter()
    try:
        if engine.log.empty:
            engine.apply(founding(rule_policies(Path(settings().policies)), now(engine), shipped()))
        for path in arguments.files:
            counts.update(_ingest(engine, path, arguments.provider))
        if not arguments.no_tick:
            engine.apply([Tick(now(engine))])
    finally:
        engine.close()
    if arguments.json:
        print_json(dict(counts))
    else:
        print(", ".join(f"{standing} {number}" for standing, number in sorted(counts.items())) or "0")
    return Exit.FOUND if counts["refused"] else Exit.OK


def _ingest(engine: Embedded, path: Path, provider: str) -> Counter[str]:
    from events.log import Received
    from ledger.held import Standing
    from streams.feeding import feed_name, open_lines, stretches
    from streams.log import Feed

    name = feed_name(path, f"{_FEED}{provider}:")
    start = engine.log.position(name)
    counts: Counter[str] = Counter()
    with open_lines(path) as (lines, beneath), progress(path.name, path.stat().st_size) as advance:
        # Received at 0 until its stretch is taken: each stretch is stamped when it is.
        bare = (Received(line.strip(), provider, 0) for line in lines if line.strip())
        number = start
        for stretch, reached in stretches(iter(bare), start):
            at = now(engine)
            stamped = [Received(one.raw, provider, at) for one in stretch if isinstance(one, Received)]
            for outcome in engine.apply(stamped, Feed(name, reached)):
                number += 1
                counts[outcome.standing.value] += 1
                if outcome.standing is Standing.REFUSED and counts["refused"] <= _SHOWN:
                    why = f"{outcome.reason} {outcome.field} {outcome.detail}".rstrip()
                    print(f"{path.name}: {number}. {why} [{outcome.source}]", file=sys.stderr)
            advance(beneath.tell())
    if start:
        print(f"{path}: 此前已接收 {start} 条 · {start} were taken before", file=sys.stderr)
    return counts


VERB = Verb(
    "ingest",
    ("接收 JSONL 文件中的上报(每行一条)", "take reports from JSONL files, one event a line, received now"),
    (
        "ingest reports.jsonl --provider plant-17",
        "ingest monday.jsonl.gz tuesday.jsonl.gz --provider plant-17 --json",
    ),
    _arguments,
    run,
)
