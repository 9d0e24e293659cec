"""``hazflow models what-if``: what other terms of E7 would have raised, from scored unit-days, without a replay."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from cli.installation import settings
from cli.show import json_argument, lang_argument, print_json
from cli.verb import Exit, Refused

if TYPE_CHECKING:
    from detectors.policy import Policy
    from simulator.labels import Label

LISTED = 20
"""How many warnings gained and lost are listed, the strangest first."""


def arguments_of_what_if(what_if: ArgumentParser) -> None:
    """What ``what-if`` takes."""
    what_if.add_argument("file", type=Path, metavar="FILE", help="models score 的输出 · what models score wrote")
    what_if.add_argument(
        "--policies", type=Path, required=True, metavar="A", help="拟议的办法文件夹 · the policies proposed"
    )
    what_if.add_argument(
        "--against",
        type=Path,
        metavar="B",
        help="对照的办法 · the policies held against (those of this installation)",
    )
    what_if.add_argument(
        "--labels", type=Path, metavar="LABELS", help="标签 · a simulation's labels, or its folder"
    )
    what_if.add_argument(
        "--by", choices=("county", "prefecture", "category"), default="county", help="分列 · lines (%(default)s)"
    )
    what_if.add_argument(
        "--list", type=int, default=LISTED, metavar="N", dest="listed",
        help="列出增减的预警数 · how many gained and lost to list (%(default)s)",
    )  # fmt: skip
    json_argument(what_if)
    lang_argument(what_if)


def run_what_if(arguments: Namespace) -> int:
    """Ask both sets of terms, and say what differs."""
    from cli.what_if_text import as_text
    from cli.what_if_told import Question, tell
    from detectors.outlier_terms import OutlierTerms
    from streams.scored_file import read_scored

    now, then = _policy(arguments.against or Path(settings().policies)), _policy(arguments.policies)
    scored, digest = read_scored(arguments.file)
    labels = None if arguments.labels is None else _labels(arguments.labels)
    question = Question(digest, now.digest, then.digest, arguments.by, arguments.listed, labels)
    try:
        told = tell(scored, OutlierTerms(now), OutlierTerms(then), question)
    except ValueError as fault:
        raise Refused(f"E7 的预算不可用:{fault}", f"E7's budget cannot be used: {fault}") from fault
    if arguments.json:
        print_json(told)
    else:
        print(as_text(told, arguments.lang))
    return Exit.OK


def _policy(folder: Path) -> Policy:
    from detectors.policy import read_policy
    from streams.assembly import rule_parameters, rule_policies

    if not folder.is_dir():
        raise Refused(f"没有文件夹 {folder}", f"there is no folder {folder}")
    return read_policy(rule_policies(folder), rule_parameters())


def _labels(path: Path) -> tuple[Label, ...]:
    import msgspec

    from simulator.files import LABELS
    from simulator.labels import Label

    return msgspec.json.decode((path / LABELS if path.is_dir() else path).read_bytes(), type=tuple[Label, ...])
