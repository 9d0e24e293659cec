"""``hazflow evaluate``: what was caught, missed and raised falsely, held against a simulation's labels."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from cli.installation import asking, database_argument
from cli.show import json_argument
from cli.verb import Exit, Verb


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("labels", type=Path, metavar="LABELS", help="标签 · labels.json, or its folder")
    database_argument(parser)
    json_argument(parser)


def run(arguments: Namespace) -> int:
    """Hold the warnings of a database against labels."""
    import msgspec

    import simulator
    from simulator import Label
    from simulator.evaluate import Raised, as_json, as_table, evaluate
    from simulator.files import LABELS

    path: Path = arguments.labels
    labels = msgspec.json.decode((path / LABELS if path.is_dir() else path).read_bytes(), type=tuple[Label, ...])
    rows = asking(arguments).projected.rows(
        "SELECT finding, detector, subject, since, until, status, unit, site, goods, area FROM warnings"
    )
    raised = [
        Raised(
            finding_id=finding, detector=detector, subject=subject, since=since, until=until, status=status,
            unit=unit, site=site, goods=goods, area=area,
        )
        for finding, detector, subject, since, until, status, unit, site, goods, area in rows
    ]  # fmt: skip
    found = evaluate(labels, raised)
    if arguments.json:
        print(as_json(found).decode())
    else:
        print(as_table(found, {area.code: area.name for area in simulator.known_areas()}), end="")
    return Exit.OK


VERB = Verb(
    "evaluate",
    (
        "对照标签:查获、漏报、误报,按规则、县、周",
        "caught, missed and false against labels: by rule, county and week",
    ),
    (
        "evaluate var/tiny/labels.json",
        "evaluate var/tiny/labels.json --database var/backtest.db --json",
    ),
    _arguments,
    run,
)
