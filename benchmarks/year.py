"""A year of a province through the embedded engine: what each detector caught, missed and raised falsely.

    python -m benchmarks.year --counties 4 --days 365 --folder var/year [--json]

The year is drafted once and reported stretch by stretch, so that only a stretch of reports is in memory;
scenarios are staged anew every four weeks, with units that played in none before. The engine keeps how far it
came: the same command goes on where it stopped, and the same seed gives the same year.
"""

from __future__ import annotations

import sqlite3
import sys
import time
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from benchmarks.figure import machine, resident
from benchmarks.province import assembled
from events.intake import encode
from events.log import Received, Tick
from events.time import DAY, Instant, day_text
from simulator import Config, Label, known_areas, of_size
from simulator.counting import count
from simulator.drafts import World
from simulator.evaluate import GONE, Evaluation, Raised, answers, as_table, evaluate
from simulator.filing import filings
from simulator.founding import found
from simulator.numbering import number
from simulator.papers import papers
from simulator.province import REGISTRAR, ticks
from simulator.scenarios import stage
from simulator.settling import settle
from simulator.tracks import trip_reports
from simulator.trips import dispatch
from simulator.upload import site_reports
from simulator.work import labour
from streams.assembly import TREE, rule_policies
from streams.collecting import collect_seldom, restoring
from streams.embedded import Embedded
from streams.feeding import STRETCH
from streams.founding import founding
from streams.model_files import shipped

SEED: Final = 20_260_504
SCENES_EVERY: Final = 28
"""Days from one staging of all scenarios to the next."""
SCENE_DAYS: Final = 7
TURNS: Final = 5
"""Seeds in a row that begin with other scenarios."""
SLACK: Final = 3 * DAY
"""A report is received within this time of what it is about, or a scenario has made it later on purpose."""
FOUND_WITHIN: Final = 7 * DAY


class Late(Struct, frozen=True):
    """An expected finding that took longer than seven days from the deed; ``days`` is None if it never came."""

    label: str
    rule: str
    days: float | None


class Year(Struct, frozen=True, kw_only=True):
    """What was asked, and what came of it. ``found_within`` is the share of expected findings within seven days;
    ``most_for_one`` how many warnings of one rule stand for one label, where most do."""

    counties: int
    days: int
    seed: int
    events: int
    seconds: float
    resident: int
    warnings: int
    expected: int
    found_within: float
    false: int
    false_a_county_and_week: float
    worst_county_week: int
    late: tuple[Late, ...]
    most_for_one: int
    evaluation: Evaluation


def config_of(counties: int, units_per_county: int, days: int, seed: int) -> Config:
    """The year's province; scenarios are staged apart."""
    sized = of_size(known_areas(), counties=counties, units_per_county=units_per_county, days=days, seed=seed)
    return replace(sized, tick_minutes=60)


def draft_year(config: Config) -> World:
    """The year in draft: scenarios in a week of every four, each time with a seed of its own.

    Where units are few, what is staged first finds some: the seed says with which scenarios to begin. What a
    scenario leaves wrong to the end of its week is wrong to the end of the year.
    """
    world, turn = found(config), config.seed % TURNS / TURNS
    labour(world)
    dispatch(world)
    settle(world)
    for nth, day in enumerate(range(0, max(config.days - SCENE_DAYS + 1, 1), SCENES_EVERY)):
        known = len(world.labels)
        week = min(SCENE_DAYS, config.days)
        world.config = replace(config, starts=config.starts + day * DAY, days=week, seed=config.seed + nth)
        stage(world, turn)
        ends = world.config.ends
        world.labels[known:] = [
            replace(label, id=f"{label.id}@{nth}", ends_at=config.ends if _lasts(label, ends) else label.ends_at)
            for label in world.labels[known:]
        ]
    world.config = config
    count(world)
    number(world)
    return world


def _lasts(label: Label, ends: Instant) -> bool:
    return label.kind == "diversion" and label.ends_at >= ends


def reports(world: World) -> Iterator[Received | Tick]:
    """Everything that is reported, in the order of receipt, with ticks; a stretch of days at a time."""
    config = world.config
    filed = sorted(papers(world), key=lambda one: one.received_at)
    begins = min(filed[0].received_at, *(line.received_at for line in founded(world)))
    yield from founded(world)
    sources = [_Source(site_reports(world, site)) for site in world.sites.values()]
    trips = sorted(world.trips, key=lambda trip: trip.filed, reverse=True)
    waiting: list[Received] = [Received(encode(one.event), REGISTRAR, one.received_at) for one in filed]
    waiting += filings(world, REGISTRAR)
    times = ticks(world)
    until = begins
    while times:
        until += SCENES_EVERY * DAY
        for source in sources:
            waiting += source.up_to(until + SLACK)
        while trips and trips[-1].filed <= until + SLACK:
            waiting += trip_reports(world, trips.pop())
        now = [line for line in waiting if line.received_at <= until]
        waiting = [line for line in waiting if line.received_at > until]
        stretch = [at for at in times if at <= until]
        times = times[len(stretch) :]
        yield from _merged(now, stretch)
    assert config.ends <= until


def founded(world: World) -> list[Received]:
    """The shipped policies and models, in force before anything is reported."""
    first = min(one.received_at for one in papers(world))
    return founding(rule_policies(TREE / "policies"), first - DAY, shipped())


class _Source:
    """One site's reports, drawn as far as they are asked for."""

    __slots__ = ("_lines", "_next")

    def __init__(self, lines: Iterator[Received]) -> None:
        self._lines = lines
        self._next = next(lines, None)

    def up_to(self, until: Instant) -> Iterator[Received]:
        """The reports drafted up to one that is received later."""
        while self._next is not None:
            line = self._next
            if line.received_at > until:
                return
            self._next = next(self._lines, None)
            yield line


def _merged(lines: list[Received], times: Sequence[Instant]) -> Iterator[Received | Tick]:
    items: list[tuple[Instant, int, Received | Tick]] = [(line.received_at, 0, line) for line in lines]
    items += [(at, 1, Tick(at)) for at in times]
    items.sort(key=lambda item: item[:2])
    yield from (item for _, _, item in items)


def run(config: Config, folder: Path) -> Year:
    """Take the year through the engine in a folder, from where it stopped; evaluate what was warned of."""
    begun = time.perf_counter()
    collect_seldom()
    with restoring():
        world = draft_year(config)
    print(f"drafted: {len(world.units)} units, {len(world.labels)} labels, seed {config.seed}", file=sys.stderr)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "year.db"
    engine = Embedded(path, assembled())
    done, taken, batch = engine.log.end, 0, list[Received | Tick]()
    shown = done
    for taken, item in enumerate(reports(world), 1):
        if taken <= done:
            continue
        batch.append(item)
        if len(batch) == STRETCH:
            engine.apply(batch)
            batch.clear()
            if taken - shown >= 100_000:
                shown = taken
                _progress(taken, engine.time or 0, time.perf_counter() - begun)
    engine.apply(batch)
    engine.close()
    return told(config, world.labels, path, events=taken, seconds=time.perf_counter() - begun)


def told(config: Config, labels: Sequence[Label], path: Path, *, events: int, seconds: float) -> Year:
    """What the warnings in a database are, held against the labels."""
    db = sqlite3.connect(path)
    rows = db.execute(
        "SELECT finding, detector, subject, since, until, status, unit, site, goods, area, raised_at FROM warnings"
    ).fetchall()
    db.close()
    raised = [Raised(finding_id=row[0], detector=row[1], subject=row[2], since=row[3], until=row[4], status=row[5],
                     unit=row[6], site=row[7], goods=row[8], area=row[9]) for row in rows]  # fmt: skip
    at = {row[0]: int(row[10]) for row in rows}
    found_ = evaluate(labels, raised)
    took, crowds = delays(labels, raised, at), crowded(labels, raised)
    late = tuple(
        Late(label, rule, None if delay is None else round(delay / DAY, 2))
        for (label, rule), delay in took.items()
        if delay is None or delay > FOUND_WITHIN
    )
    weeks = config.days / 7
    return Year(
        counties=len(config.areas), days=config.days, seed=config.seed, events=events, seconds=seconds,
        resident=resident(), warnings=len(raised), expected=len(took),
        found_within=(len(took) - len(late)) / max(len(took), 1), late=late, false=found_.false,
        false_a_county_and_week=found_.false / len(config.areas) / weeks,
        worst_county_week=max((one.number for one in found_.false_by_county_and_week), default=0),
        most_for_one=max(crowds.values(), default=0),
        evaluation=found_, )  # fmt: skip


def crowded(labels: Iterable[Label], raised: Iterable[Raised]) -> Counter[tuple[str, str]]:
    """How many warnings of each rule stand for each diversion that expects it."""
    standing = [one for one in raised if one.status not in GONE]
    return Counter(
        (label.id, one.detector)
        for label in labels
        if label.kind == "diversion"
        for one in standing
        if one.detector in label.expected and answers(one, label)
    )


def delays(
    labels: Iterable[Label], raised: Iterable[Raised], at: Mapping[str, Instant]
) -> dict[tuple[str, str], Instant | None]:
    """From a diversion's deed to the first warning that answers it (µs), by label and rule; None: never."""
    standing: dict[str, list[Raised]] = {}
    for one in raised:
        if one.status not in GONE:
            standing.setdefault(one.detector, []).append(one)
    return {
        (label.id, rule): min(
            (at[one.finding_id] - label.deed for one in standing.get(rule, ()) if answers(one, label)),
            default=None,
        )
        for label in labels
        if label.kind == "diversion"
        for rule in label.expected
    }


def _progress(number: int, at: Instant, seconds: float) -> None:
    day = day_text((at + 8 * 3_600_000_000) // DAY)
    rate = number / seconds
    print(f"{number:>12,} events, {day}, {rate:,.0f}/s, {resident() / 1e6:,.0f} MB", file=sys.stderr, flush=True)


def as_text(year: Year) -> str:
    """What came of a year, for people."""
    lines = [
        f"seed {year.seed}: {year.events:,} events of {year.counties} counties in {year.days} days, "
        f"{year.seconds:,.0f} s, {year.warnings:,} warnings",
        as_table(year.evaluation).rstrip("\n"),
        f"found within 7 days: {100 * year.found_within:.1f} % of {year.expected} expected findings",
    ]
    took = ((late, "never" if late.days is None else f"{late.days} days") for late in year.late)
    lines += [f"  later: {late.rule} of {late.label}, {days}" for late, days in took]
    often = f"{year.false_a_county_and_week:.2f} a county and week, worst {year.worst_county_week}"
    lines += [
        f"false: {year.false}, {often}",
        f"for one label at most {year.most_for_one} warnings of one rule",
    ]
    return "\n".join(lines)


def main(given: Sequence[str] | None = None) -> int:
    """Run the year and print what came of it."""
    parser = ArgumentParser("python -m benchmarks.year", description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--counties", type=int, default=4)
    parser.add_argument("--units-per-county", type=int, default=9)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument(
        "--folder", type=Path, required=True, help="where the engine keeps its database; to go on with"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    asked = parser.parse_args(given)
    year = run(config_of(asked.counties, asked.units_per_county, asked.days, asked.seed), asked.folder)
    if asked.json:
        sys.stdout.write(msgspec.json.encode({"machine": machine(), "year": year}).decode() + "\n")
        return 0
    print(as_text(year))
    return 0


if __name__ == "__main__":
    sys.exit(main())
