"""``hazflow docs``: the page of the rules from their cards and policies; ``--check`` says whether it is current."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from cli.verb import Exit, Verb


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--check", action="store_true", help="只核对 · write nothing; exit 1 where it is not current"
    )
    parser.add_argument("--out", type=Path, metavar="FILE", help="输出文件 · the file to write (docs/catalogue.md)")


def run(arguments: Namespace) -> int:
    """Write the page, or say that it is not current."""
    from cli.docs_shown import shown
    from detectors.catalogue import catalogue, rule_names
    from detectors.paragraph import page

    tree = Path(__file__).parents[1]
    path = arguments.out or tree / "docs" / "catalogue.md"
    policies = {name: (tree / "policies" / f"{name}.toml").read_text("utf-8") for name in rule_names()}
    content = page(catalogue(), policies, shown())
    current = path.is_file() and path.read_text("utf-8") == content
    if arguments.check:
        if not current:
            print(f"不是最新 · not current: {path}; hazflow docs", file=sys.stderr)
        return Exit.OK if current else Exit.FOUND
    if not current:
        path.write_text(content, "utf-8")
        print(path)
    return Exit.OK


VERB = Verb(
    "docs",
    ("由规则及其办法生成 docs/catalogue.md", "write docs/catalogue.md from the rules and their policies"),
    ("docs", "docs --check"),
    _arguments,
    run,
)
