"""``hazflow schemas``: the contract's documents from the types; ``--check`` says whether they are current."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from cli.verb import Exit, Verb


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--check", action="store_true", help="只核对 · write nothing; exit 1 where one is not current"
    )
    parser.add_argument("--out", type=Path, metavar="DIR", help="输出文件夹 · the folder to write to (events)")


def run(arguments: Namespace) -> int:
    """Write what is not current, or say so."""
    from events.contract import documents
    from routing.notice import WarningNotice

    folder = arguments.out or Path(__file__).parents[1] / "events"
    stale = []
    for name, content in documents({"warnings": WarningNotice}).items():
        path = folder / name
        if path.is_file() and path.read_bytes() == content:
            continue
        stale.append(name)
        if not arguments.check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            print(path)
    if arguments.check and stale:
        print(f"不是最新 · not current: {', '.join(stale)}; hazflow schemas", file=sys.stderr)
        return Exit.FOUND
    return Exit.OK


VERB = Verb(
    "schemas",
    ("由类型生成 JSON Schema 与 AsyncAPI 文档", "write the JSON Schema and AsyncAPI documents from the types"),
    ("schemas", "schemas --check", "schemas --out build/contract"),
    _arguments,
    run,
)
