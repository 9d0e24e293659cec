"""``hazflow policy``: is it sound; put it in force. A publication is a registry entry: a replay has it too."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from cli.installation import database_argument, database_path, existing, now, open_engine, parse_at, settings
from cli.show import json_argument, print_json
from cli.verb import Exit, Refused, Verb

if TYPE_CHECKING:
    from events.time import Instant


def _arguments(parser: ArgumentParser) -> None:
    common = ArgumentParser(add_help=False)
    common.add_argument("folder", nargs="?", type=Path, metavar="FOLDER", help="办法文件夹 · the policies' folder")
    json_argument(common)
    below = parser.add_subparsers(dest="what", required=True, metavar="check|publish")
    below.add_parser("check", parents=[common], help="检查 · read all, prove the routing; changes nothing")
    publish = below.add_parser("publish", parents=[common], help="发布规则办法 · put the rules' policies in force")
    publish.add_argument(
        "--effective-from", type=parse_at, metavar="INSTANT", help="生效时间,不早于现在 · not before now (now)"
    )
    database_argument(publish)


def run(arguments: Namespace) -> int:
    """Check, or check and publish."""
    from detectors.policy import read_policy
    from routing.policy_load import load_policy
    from streams.assembly import (
        detector_ids,
        read_areas,
        read_leading_policy,
        rule_parameters,
        rule_policies,
    )

    folder = arguments.folder or Path(settings().policies)
    if not folder.is_dir():
        raise Refused(f"没有文件夹 {folder}", f"there is no folder {folder}")
    text = rule_policies(folder)
    policy = read_policy(text, rule_parameters())
    routing = load_policy((folder / "routing.toml").read_text(), read_areas(), detector_ids())
    read_leading_policy(folder)
    told: dict[str, object] = {"digest": policy.digest, "rules": sorted(policy.rules), "routing": routing.version}
    if arguments.what == "publish":
        told |= _publish(arguments, text)
    if arguments.json:
        print_json(told)
    else:
        print("\n".join(f"{name}: {_words(value)}" for name, value in told.items()))
    return Exit.FOUND if told.get("standing") == "refused" else Exit.OK


def _words(value: object) -> str:
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)


def _publish(arguments: Namespace, text: str) -> dict[str, object]:
    from events.intake import encode
    from events.log import Received
    from events.time import format_instant
    from streams.assembly import policy_entry
    from streams.founding import PROVIDER

    engine = open_engine(existing(database_path(arguments)))
    try:
        at: Instant = now(engine)
        effective = at if arguments.effective_from is None else arguments.effective_from
        if effective < at:
            raise Refused(
                f"不得早于现在 {format_instant(at)}",
                f"that is before now, {format_instant(at)}",
                Exit.FOUND,
            )
        entry = policy_entry(text, effective, at)
        outcome = engine.apply([Received(encode(entry), PROVIDER, at)])[0]
    finally:
        engine.close()
    told: dict[str, object] = {
        "entry": entry.id, "effective_from": format_instant(effective), "standing": outcome.standing.value,
    }  # fmt: skip
    return told | ({"reason": f"{outcome.reason} {outcome.detail}"} if outcome.reason else {})


VERB = Verb(
    "policy",
    ("检查、发布办法", "check policies, and put them in force"),
    (
        "policy check",
        "policy check new-policies --json",
        "policy publish new-policies --effective-from 2026-12-01T00:00:00+08:00",
    ),
    _arguments,
    run,
)
