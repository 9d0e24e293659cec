"""``hazflow models score``: every unit-day of a log with its score, written as columns for ``models what-if``."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from cli.installation import model_folders, settings
from cli.log_items import log_items
from cli.show import json_argument, print_json
from cli.verb import Exit, Refused

if TYPE_CHECKING:
    from events.registry import Category


def arguments_of_score(score: ArgumentParser) -> None:
    """What ``score`` takes."""
    score.add_argument("--log", type=Path, required=True, metavar="LOG", help="日志 · a log, or its folder")
    score.add_argument(
        "--model", action="append", metavar="[C=]DIGEST",
        help="代替生效模型(可多次) · stands for the one in force for its category; repeat for several",
    )  # fmt: skip
    score.add_argument("--out", type=Path, required=True, metavar="FILE", help="输出文件 · where to (.npz)")
    json_argument(score)


def run_score(arguments: Namespace) -> int:
    """Score and write; exit 1 where there was nothing to score."""
    from events.time import format_instant
    from streams.assembly import read_places
    from streams.model_files import model_loader, shipped
    from streams.scored_file import write_scored
    from streams.scoring import scored, with_models

    folders = model_folders(Path(settings().home))
    named = dict(_named(one, folders) for one in arguments.model or ())
    with log_items(arguments.log) as items:
        found = scored(with_models(items, shipped()), read_places(), model_loader(folders), named)
    told = {
        "file": str(arguments.out),
        "digest": write_scored(arguments.out, found),
        "unit_days": len(found),
        "strands": len(found.strand_unit),
        "models": sorted(set(found.model_digest.tolist())),
        "until": format_instant(int(found.until[0])),
    }
    if arguments.json:
        print_json(told)
    else:
        words = {name: " ".join(value) if isinstance(value, list) else value for name, value in told.items()}
        print("\n".join(f"{name}: {value}" for name, value in words.items()))
    return Exit.OK if len(found) else Exit.FOUND


def _named(asked: str, folders: list[Path]) -> tuple[Category, str]:
    """The category and digest of ``chemicals=3f2a`` or, where a listing tells the category, of ``3f2a``."""
    from events.registry import Category
    from streams.model_files import model_files, shipped

    category, _, digest = asked.rpartition("=")
    fitting = [path.stem for path in model_files(folders) if path.stem.startswith(digest)]
    if len(fitting) != 1:
        there = len(fitting)
        raise Refused(f"{digest} 对应 {there} 个模型", f"{digest} fits {there} models; see list", Exit.FOUND)
    if category:
        if category not in list(Category):
            raise Refused(
                f"没有类别 {category}", f"there is no category {category}; there are {', '.join(Category)}"
            )
        return Category(category), fitting[0]
    for folder in folders:
        for listed, one in shipped(folder).items():
            if one == fitting[0]:
                return listed, one
    raise Refused(
        f"未列明 {asked} 的类别:请写 类别={asked}", f"no listing says what {asked} is for: write CATEGORY={asked}"
    )
