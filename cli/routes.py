"""``hazflow routes``: why a warning went where it went; the proof; what a new policy would change; who there is."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from cli.installation import asking, database_argument, settings
from cli.show import json_argument, lang_argument, print_json, table
from cli.verb import Exit, Refused, Verb

if TYPE_CHECKING:
    from routing.notice import WarningNotice
    from routing.policy import Policy
    from routing.question import Answer


def _arguments(parser: ArgumentParser) -> None:
    common = ArgumentParser(add_help=False)
    lang_argument(common)
    json_argument(common)
    below = parser.add_subparsers(dest="what", required=True, metavar="why|prove|diff|authorities")
    why = below.add_parser("why", parents=[common], help="为何派给他 · why a warning went where it went")
    why.add_argument("warning", metavar="WARNING", help="检出编号 · the finding's id")
    why.add_argument("--office", metavar="ID", help="某机关的角度 · one office's part: public_security@350102")
    database_argument(why)
    prove = below.add_parser("prove", parents=[common], help="证明分派完整且唯一 · prove total and single-headed")
    prove.add_argument("policy", nargs="?", type=Path, metavar="FILE", help="分派办法 · a policy (the present)")
    diff = below.add_parser("diff", parents=[common], help="两版之差 · what a new policy would change")
    diff.add_argument("before", type=Path, metavar="A.toml")
    diff.add_argument("after", type=Path, metavar="B.toml")
    below.add_parser("authorities", parents=[common], help="所有机关 · every office there is, with its stream")


def run(arguments: Namespace) -> int:
    """Answer one question about routing."""
    match arguments.what:
        case "why":
            return _why(arguments)
        case "prove":
            return _prove(arguments)
        case "diff":
            return _diff(arguments)
        case _:
            return _authorities(arguments)


def answer_of(notice: WarningNotice) -> Answer:
    """The routing that a notice bears."""
    from routing.question import Answer
    from streams.assembly import read_areas

    return Answer(
        notice.finding, notice.recipients, notice.held, notice.routing_version, read_areas().version, notice.why
    )


def _why(arguments: Namespace) -> int:
    from routing.explain import explain, explain_office

    found = asking(arguments).warning(arguments.warning)
    if found is None:
        raise Refused(f"没有预警 {arguments.warning}", f"there is no warning {arguments.warning}", Exit.FOUND)
    answer = answer_of(found.notice)
    if arguments.json:
        print_json(answer)
    elif arguments.office:
        print(explain_office(answer, arguments.office, arguments.lang))
    else:
        print(explain(answer, arguments.lang))
    return Exit.OK


def _read(path: Path) -> Policy:
    from routing.policy_load import load_policy
    from streams.assembly import detector_ids, read_areas

    return load_policy(path.read_text(), read_areas(), detector_ids())


def _prove(arguments: Namespace) -> int:
    from events.time import format_instant
    from routing.proof import Proof, prove
    from streams.assembly import detector_ids, read_areas

    areas = read_areas()
    policy = _read(arguments.policy or Path(settings().policies) / "routing.toml")
    instants = (policy.effective_from, *(at for at in areas.changes if at > policy.effective_from))
    proofs = [proof for proof in (prove(policy, areas, detector_ids(), at) for at in instants)
              if isinstance(proof, Proof)]  # fmt: skip
    if arguments.json:
        print_json(proofs)
        return Exit.OK
    for proof in proofs:
        print(
            f"{policy.version} {format_instant(proof.at)}: {proof.cells} 格各有唯一主办,{proof.handlers} 个机关"
            if arguments.lang == "zh"
            else f"{policy.version} as of {format_instant(proof.at)}: {proof.cells} cells, one handler each, "
            f"{proof.handlers} offices, no loop"
        )
    return Exit.OK


def _diff(arguments: Namespace) -> int:
    from routing.diff import diff
    from streams.assembly import detector_ids, read_areas

    found = diff(_read(arguments.before), _read(arguments.after), read_areas(), detector_ids())
    if arguments.json:
        print_json(found)
    else:
        print(found.text(arguments.lang))
    return Exit.OK


def _authorities(arguments: Namespace) -> int:
    from routing.seat import authority
    from streams.assembly import read_areas

    areas = read_areas()
    policy = _read(Path(settings().policies) / "routing.toml")
    at = max((policy.effective_from, *areas.changes))
    offices = [
        authority(agency.id, area, at, policy=policy, areas=areas)
        for agency in policy.agencies.values()
        for area in areas.all_in_force(at)
        if area.addressee and area.level in agency.levels
    ]
    if arguments.json:
        print_json([{"id": one.id, "stream": one.stream, "zh": one.name[0], "en": one.name[1]} for one in offices])
    else:
        name = 0 if arguments.lang == "zh" else 1
        print(table(("id", "stream", "name"), [(one.id, one.stream, one.name[name]) for one in offices]))
    return Exit.OK


VERB = Verb(
    "routes",
    ("分派:为何派给他、证明、两版之差、机关名单", "routing: why, the proof, what a change would do, the offices"),
    (
        "routes why B2-0123456789abcdef0123 --lang zh",
        "routes prove",
        "routes diff policies/routing.toml new.toml",
        "routes authorities --json",
    ),
    _arguments,
    run,
)
