"""``python -m benchmarks [NAME…] [--quick] [--json]``: the project's figures, each checked before it is printed."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

import msgspec

from benchmarks import (
    buying,
    calibration,
    false_alarms,
    forest,
    intake,
    kafka,
    ladder,
    lane,
    latency,
    new_units,
    positions,
    restart,
    what_if,
)  # fmt: skip
from benchmarks.figure import Figure, machine, table
from benchmarks.peers import compare
from streams.collecting import collect_seldom

BENCHMARKS: Final[dict[str, Callable[..., list[Figure]]]] = {
    "forest": forest.figures,
    "calibration": calibration.measure,
    "new-units": new_units.measure,
    "buying": buying.measure,
    "lane": lane.measure,
    "positions": positions.measure,
    "positions-kafka": positions.measure_through_kafka,
    "latency": latency.measure,
    "intake": intake.measure,
    "kafka": kafka.measure,
    "ladder": ladder.measure,
    "restart": restart.measure,
    "takeover": restart.measure_takeover,
    "what-if": what_if.measure,
    "false-alarms": false_alarms.measure,
    "peers": compare.measure,
}


def main(given: Sequence[str] | None = None) -> int:
    """Run what is named, or all of it; print a table, or JSON."""
    parser = ArgumentParser("python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"which ({', '.join(BENCHMARKS)}); all of them")
    parser.add_argument("--quick", action="store_true", help="small logs: whether it works, not how fast it is")
    parser.add_argument(
        "--rate", type=int, action="append", help="reports a second: the ladder's rungs, one each time it is given"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    arguments = parser.parse_args(given)
    unknown = set(arguments.names) - BENCHMARKS.keys()
    if unknown:
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}")
    benchmarks: dict[str, Callable[..., list[Figure]]] = {
        **BENCHMARKS,
        "ladder": partial(ladder.measure, rates=arguments.rate or ()),
    }
    collect_seldom()  # as the engines do
    about, found = machine(), []
    for name in arguments.names or benchmarks:
        print(f"{name} …", file=sys.stderr, flush=True)
        found += benchmarks[name](quick=arguments.quick)
    if arguments.json:
        document = {"machine": about, "quick": arguments.quick, "figures": found}
        sys.stdout.write(msgspec.json.encode(document).decode() + "\n")
    else:
        print(", ".join(f"{name} {value}" for name, value in about.items()), table(found), sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
