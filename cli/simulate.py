"""``hazflow simulate``: a simulated province on disk, with its labels."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from collections import Counter
from pathlib import Path

from cli.verb import Exit, Refused, Verb


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--preset", choices=("tiny", "sample"), help="预设规模 · a size by name (tiny)")
    parser.add_argument("--counties", type=int, metavar="N", help="县数 · how many counties, with no preset")
    parser.add_argument("--units-per-county", type=int, default=9, metavar="N", help="每县单位数 · units in each")
    parser.add_argument("--days", type=int, default=7, metavar="N", help="天数 · how many days")
    parser.add_argument("--seed", type=int, help="随机种子 · the only source of chance")
    parser.add_argument("--clean", action="store_true", help="不含异常 · nothing staged, as models are trained on")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="输出文件夹 · the folder to write")
    parser.add_argument("--json", action="store_true", help="输出 JSON · print JSON")


def run(arguments: Namespace) -> int:
    """Simulate, write, and say what is in it."""
    import msgspec

    import simulator
    from cli.show import print_json, table
    from events.log import Received
    from simulator.config import SEED

    if arguments.preset and arguments.counties:
        raise Refused("--preset 与 --counties 只能选一", "either --preset or --counties")
    areas = simulator.known_areas()
    seed = SEED if arguments.seed is None else arguments.seed
    config = simulator.tiny(areas, seed)
    if arguments.preset == "sample":
        config = simulator.sample(areas, seed)
    elif arguments.counties:
        if not 1 <= arguments.counties <= len(areas) or arguments.units_per_county < 1 or arguments.days < 1:
            raise Refused(
                f"县数 1 至 {len(areas)},其余至少 1", f"1 to {len(areas)} counties, 1 or more of the rest"
            )
        config = simulator.of_size(
            areas, counties=arguments.counties, units_per_county=arguments.units_per_county, days=arguments.days,
            seed=seed,
        )  # fmt: skip
    if arguments.clean:
        config = simulator.clean(config, seed)
    print(f"模拟 · simulating {len(config.areas)} counties, {config.days} days, seed {seed}", file=sys.stderr)
    simulation = simulator.simulate(config)
    simulator.write(simulation, arguments.out)
    kinds = Counter(
        msgspec.json.decode(line.raw)["kind"] if isinstance(line, Received) else "tick" for line in simulation.log
    )
    staged = Counter(label.kind for label in simulation.labels)
    if arguments.json:
        print_json({"out": str(arguments.out), "seed": seed, "kinds": dict(kinds), "labels": dict(staged)})
    else:
        print(table(("kind", "count"), sorted([*kinds.items(), *staged.items()])))
        print(f"→ {arguments.out}/log.jsonl.gz, labels.json")
    return Exit.OK


VERB = Verb(
    "simulate",
    ("生成模拟省份的日志与标签", "make a simulated province: its log and its labels"),
    (
        "simulate --preset tiny --out var/tiny",
        "simulate --counties 10 --units-per-county 9 --days 3 --seed 7 --out var/ten",
    ),
    _arguments,
    run,
)
