"""A province-year in parts: each has counties, trade, roads, scenarios and a seed of its own; counts add up.

    python -m benchmarks.year_parts --parts 5 --counties 8 --days 365 --folder var/year [--processes 2] [--json]

One part is drafted in memory as a whole, so a province of ten million events does not fit into one. A part that was
finished is not run again; one that was cut off goes on where it stopped.
"""

from __future__ import annotations

import subprocess
import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from benchmarks.figure import machine
from benchmarks.year import SEED, Year, as_text
from simulator.evaluate import Evaluation, FalseCount, Mistaken, Score


class _Told(Struct):
    """What ``benchmarks.year --json`` prints."""

    year: Year


def part(number: int, words: Sequence[str], folder: Path) -> Year:
    """One part, run by a process of its own; its progress is in ``part-N.log``."""
    told = folder / f"part-{number}.json"
    if not told.exists():
        command = [
            sys.executable,
            "-m",
            "benchmarks.year",
            *words,
            "--folder",
            str(folder / f"part-{number}"),
            "--json",
        ]
        with (folder / f"part-{number}.log").open("ab") as log:
            ran = subprocess.run(command, stdout=subprocess.PIPE, stderr=log, check=False)
        if ran.returncode:
            raise SystemExit(f"part {number} ended with {ran.returncode}: see {folder / f'part-{number}.log'}")
        told.write_bytes(ran.stdout)
    return msgspec.json.decode(told.read_bytes(), type=_Told).year


def summed(parts: Sequence[Year]) -> Year:
    """The parts as one year; labels, counties and late findings bear their part's seed."""
    counties, days, false = sum(one.counties for one in parts), parts[0].days, sum(one.false for one in parts)
    in_time = sum(round(one.found_within * one.expected) for one in parts)
    return Year(
        counties=counties,
        days=days,
        seed=parts[0].seed,
        events=sum(one.events for one in parts),
        seconds=sum(one.seconds for one in parts),
        resident=max(one.resident for one in parts),
        warnings=sum(one.warnings for one in parts),
        expected=(expected := sum(one.expected for one in parts)),
        found_within=in_time / max(expected, 1),
        false=false,
        false_a_county_and_week=false / counties / (days / 7),
        worst_county_week=max(one.worst_county_week for one in parts),
        most_for_one=max(one.most_for_one for one in parts),
        late=tuple(replace(late, label=f"{one.seed}/{late.label}") for one in parts for late in one.late),
        evaluation=_together(parts),
    )


def _together(parts: Sequence[Year]) -> Evaluation:
    scores: dict[str, Score] = {}
    for one in parts:
        for score in one.evaluation.scores:
            caught, missed = (
                tuple(f"{one.seed}/{name}" for name in names) for names in (score.caught, score.missed)
            )
            known = scores.get(score.detector, Score(score.detector, (), (), (), 0))
            scores[score.detector] = Score(
                score.detector, known.caught + caught, known.missed + missed, known.false + score.false,
                known.allowed + score.allowed,
            )  # fmt: skip
    return Evaluation(
        scores=tuple(scores[name] for name in sorted(scores)),
        false_by_county_and_week=tuple(
            FalseCount(f"{one.seed}/{count.area}", count.week, count.number)
            for one in parts
            for count in one.evaluation.false_by_county_and_week
        ),
        mistaken=tuple(
            Mistaken(f"{one.seed}/{made.label}", made.finding_id, made.detector)
            for one in parts
            for made in one.evaluation.mistaken
        ),
    )


def main(given: Sequence[str] | None = None) -> int:
    """Run the parts, so many at a time, and print what came of all."""
    parser = ArgumentParser("python -m benchmarks.year_parts", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--parts", type=int, default=5)
    parser.add_argument("--counties", type=int, default=8, help="of each part")
    parser.add_argument("--units-per-county", type=int, default=9)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--seed", type=int, default=SEED, help="of the first part; the others follow")
    parser.add_argument("--processes", type=int, default=2, help="parts at a time: some two gigabytes each")
    parser.add_argument("--folder", type=Path, required=True, help="where parts are kept; to go on with")
    parser.add_argument("--json", action="store_true", help="print JSON")
    asked = parser.parse_args(given)
    asked.folder.mkdir(parents=True, exist_ok=True)
    sized = (f"--counties={asked.counties}", f"--units-per-county={asked.units_per_county}", f"--days={asked.days}")
    with ThreadPoolExecutor(asked.processes) as pool:
        running = [
            pool.submit(part, number, (*sized, f"--seed={asked.seed + number}"), asked.folder)
            for number in range(asked.parts)
        ]
        parts = [one.result() for one in running]
    year = summed(parts)
    if asked.json:
        sys.stdout.write(msgspec.json.encode({"machine": machine(), "year": year}).decode() + "\n")
    else:
        print(f"{asked.parts} parts; seconds are of all parts together\n{as_text(year)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
