"""``hazflow providers``: who may report, by which token. A token is shown once and kept only as its digest."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from cli.installation import settings
from cli.show import json_argument, print_json, table
from cli.verb import Exit, Refused, Verb


def _arguments(parser: ArgumentParser) -> None:
    below = parser.add_subparsers(dest="what", required=True, metavar="add|list|revoke")
    add = below.add_parser("add", help="登记并发放令牌(仅显示一次)· issue a token, shown once")
    add.add_argument("name", metavar="NAME", help="提供者 · the provider")
    add.add_argument("--rotate", action="store_true", help="换发 · issue another, revoke the present one")
    listing = below.add_parser("list", help="名册 · the list, without tokens")
    json_argument(listing)
    revoke = below.add_parser("revoke", help="注销令牌 · take a provider's tokens out of use")
    revoke.add_argument("name", metavar="NAME")


def run(arguments: Namespace) -> int:
    """Issue, list or revoke."""
    from streams.providers import Providers
    from streams.writer import wall_clock

    providers = Providers(Path(settings().home))
    match arguments.what:
        case "add":
            # The token alone on stdout: `token=$(hazflow providers add NAME)`.
            print(providers.add(arguments.name, wall_clock(), rotate=arguments.rotate))
        case "revoke":
            if not providers.revoke(arguments.name, wall_clock()):
                raise Refused(f"{arguments.name} 没有有效令牌", f"{arguments.name} has no token in use", Exit.FOUND)
        case _:
            every = providers.all()
            if arguments.json:
                print_json([{"name": one.name, "since": one.since, "until": one.until} for one in every])
            else:
                rows = [(one.name, one.since, one.until) for one in every]
                print(table(("name", "since", "revoked"), rows))
    return Exit.OK


VERB = Verb(
    "providers",
    ("数据提供者及其令牌", "the providers of reports and their tokens"),
    (
        "providers add plant-17",
        "providers add plant-17 --rotate",
        "providers list --json",
        "providers revoke plant-17",
    ),
    _arguments,
    run,
)
