"""``hazflow doctor``: what is wrong with this installation, and how to mend each thing."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from cli.installation import model_folders, settings
from cli.show import json_argument, lang_argument, print_json
from cli.verb import Exit, Verb

if TYPE_CHECKING:
    from operating.checks import Check

_MARKS = {"ok": "✓", "watch": "!", "wrong": "✗"}


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--kafka", action="store_true", help="亦检查 Kafka、主题与 Redis · the broker, its topics and Redis as well"
    )
    json_argument(parser)
    lang_argument(parser)


def run(arguments: Namespace) -> int:
    """Check everything; exit 1 if anything is wrong."""
    from operating.checks import Check
    from streams.health import check_machine
    from streams.settings import SettingFault
    from streams.writer import wall_clock

    try:
        found = settings()
    except SettingFault as fault:
        mend = "改正该设置;见 docs/operations.md", "correct the setting: docs/operations.md"
        checks: list[Check] = [Check("settings", "wrong", (str(fault), str(fault)), mend)]
    else:
        checks = [Check("settings", "ok", (f"HAZFLOW_HOME {found.home}", f"HAZFLOW_HOME {found.home}"))]
        checks += check_machine(found, model_folders(Path(found.home)), wall_clock())
        if arguments.kafka:
            from streams.broker.health import check_servers

            checks += check_servers(found)
    if arguments.json:
        print_json(checks)
    else:
        for check in checks:
            print(_line(check, zh=arguments.lang == "zh"))
    return Exit.FOUND if any(check.verdict == "wrong" for check in checks) else Exit.OK


def _line(check: Check, *, zh: bool) -> str:
    at = 0 if zh else 1
    told = f"{_MARKS[check.verdict]} {check.name:<12} {check.what[at]}"
    return f"{told}\n  → {check.mend[at]}" if check.mend[at] else told


VERB = Verb(
    "doctor",
    ("检查本安装有何问题、如何处理", "say what is wrong with this installation, and how to mend it"),
    ("doctor", "doctor --kafka", "doctor --lang zh", "doctor --json"),
    _arguments,
    run,
)
