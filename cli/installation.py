"""The installation that a verb works on: its settings, its database, its engine, its time.

Law kept: whoever only asks opens the database read-only; whoever writes does so through the engine.
"""

from __future__ import annotations

import os
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from cli.verb import Exit, Refused

if TYPE_CHECKING:
    from desk.asking import Asking
    from events.time import Instant
    from streams.embedded import Embedded
    from streams.observing import Observer
    from streams.settings import Settings

DATABASE = "hazflow.db"
TREE = Path(__file__).parents[1]


def database_argument(parser: ArgumentParser) -> None:
    """``--database PATH``: another database than the installation's, as for a backtest."""
    parser.add_argument(
        "--database", type=Path, metavar="PATH", help="另一个数据库(如回测) · another database, as of a backtest"
    )


def settings() -> Settings:
    """The settings of this environment; paths are the tree's, wherever the command is called from."""
    from msgspec.structs import replace

    from streams.settings import read_settings

    found = read_settings(os.environ)
    return replace(found, home=str(TREE / found.home), policies=str(TREE / found.policies))


def database_path(arguments: Namespace) -> Path:
    """The database that a verb works on."""
    asked: Path | None = getattr(arguments, "database", None)
    return asked if asked is not None else Path(settings().home) / DATABASE


def model_folders(home: Path) -> list[Path]:
    """Where models are looked for: the installation's own, then the shipped ones."""
    from streams.model_files import SHIPPED

    return [home / "models", SHIPPED]


def open_engine(path: Path, observer: Observer | None = None) -> Embedded:
    """The embedded engine over a database, made if it is not there."""
    from streams.assembly import assemble
    from streams.collecting import collect_seldom
    from streams.embedded import Embedded
    from streams.model_files import model_loader
    from streams.observing import SILENT

    found = settings()
    collect_seldom()
    assembly = assemble(Path(found.policies), model_loader(model_folders(Path(found.home))))
    return Embedded(path, assembly, observer or SILENT, after_fault=found.after_fault)


def existing(path: Path) -> Path:
    """A database that is there; refused where there is none, so that asking never makes one."""
    if not path.is_file():
        raise Refused(
            f"没有数据库 {path}:请先 make run、hazflow ingest 或 hazflow replay",
            f"there is no database {path}: first make run, hazflow ingest or hazflow replay",
            Exit.UNAVAILABLE,
        )
    return path


def asking(arguments: Namespace) -> Asking:
    """The questions that can be asked of the database that a verb works on, read-only."""
    from desk.asking import Asking
    from streams.assembly import read_leading_policy

    return Asking(existing(database_path(arguments)), read_leading_policy(Path(settings().policies)))


def parse_at(text: str) -> Instant:
    """An instant named on the command line: RFC 3339, a Shanghai time where it names no zone.

    >>> parse_at("1970-01-01T08:00") == parse_at("1970-01-01T00:00:00Z") == 0
    True
    """
    from datetime import datetime

    from events.time import SHANGHAI, instant

    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        example = "2026-05-08T18:00:00+08:00"
        raise Refused(f"无法识别的时间 {text!r}", f"no time: {text!r}; an example: {example}") from None
    return instant(moment if moment.tzinfo else moment.replace(tzinfo=SHANGHAI))


def now(engine: Embedded) -> Instant:
    """The time that a record is received at: of a replayed log where one was, else this machine's, never behind."""
    from streams.feeding import LOG_FEED
    from streams.writer import wall_clock

    reached = max(engine.time or 0, engine.log.last_tick or 0)
    in_a_log = any(name.startswith(LOG_FEED) for name in engine.log.feeds())
    return reached if in_a_log and reached else max(reached, wall_clock())
