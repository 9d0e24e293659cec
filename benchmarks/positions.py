"""Positions a second, in the lane alone and through Kafka: vehicles that report every 10 to 30 s, on trips with
corridors: D1, D2, D6.

It counts positions alone against all that was done, plans and ticks (one a second, as live) included, and gives no
figure unless the rules raised exactly those who were sent out to break them.
"""

from __future__ import annotations

import gc
import logging
from concurrent.futures import ProcessPoolExecutor
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from benchmarks import lane
from benchmarks.figure import Figure, WrongAnswer
from benchmarks.fleet import Fleet, fleet
from benchmarks.lane import Ran
from benchmarks.peers.course import course
from benchmarks.peers.race import OURS, run
from benchmarks.province import assembled, with_policies
from deploy.local import KafkaBroker
from detectors.claim import Status
from events.log import Received
from events.report import Consignment, Event, Position
from streams.assembly import Assembly
from streams.collecting import collect_seldom

_EVENT = msgspec.json.Decoder(Event)


def measure(*, quick: bool = False) -> list[Figure]:
    """Few vehicles for a day and more, so that a whole day is held; then many for two hours.

    Each in a process of its own: what another benchmark gave back of memory would not be asked for again.
    """
    if quick:
        return _measured(40, 100)[:-1]
    return [*_alone(100, 26 * 60), *_alone(1_000, 120)]


def measure_through_kafka(*, quick: bool = False) -> list[Figure]:
    """One worker catches up with topics that were filled beforehand, as the peers' race is run."""
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # a topic made just now has no leader yet: it says so
    vehicles, minutes = (40, 100) if quick else (1_000, 120)
    told, assembly = fleet(vehicles, minutes), assembled()
    log = with_policies(told.log)
    ran = lane.in_memory(log, assembly)
    _check(told, ran)
    on = course(log, ran)
    with TemporaryDirectory() as folder, KafkaBroker(Path(folder) / "kafka") as broker:
        assert broker.pid is not None
        pace = run(OURS, on, broker.address, Path(folder) / OURS, broker=broker.pid)
    says = (
        f"{vehicles:,} vehicles, {minutes / 60:.0f} h, one in 10 to 30 s; one worker, 4 partitions, durable; the "
        f"broker's work besides: {pace.broker / on.events * 1e6:,.0f} µs a position; findings those of the lane"
    )
    return [
        Figure("positions through Kafka", on.events / pace.cpu, "positions/s", f"CPU; {says}"),
        Figure("positions through Kafka, wall", on.events / pace.wall, "positions/s"),
    ]


def _alone(vehicles: int, minutes: int) -> list[Figure]:
    with ProcessPoolExecutor(1, get_context("spawn"), collect_seldom) as process:
        return process.submit(_measured, vehicles, minutes).result()


def _measured(vehicles: int, minutes: int) -> list[Figure]:
    told, assembly = fleet(vehicles, minutes), assembled()
    log = with_policies(told.log)
    _walk_the_map(told, assembly)
    gc.collect()
    gc.freeze()  # the log is the benchmark's, not the lane's: it is not looked through for garbage
    ran = lane.in_memory(log, assembly)
    gc.unfreeze()
    _check(told, ran)
    trips = sum(b'"stage":"plan"' in item.raw[:400] for item in log if isinstance(item, Received))
    says = (
        f"CPU; {vehicles:,} vehicles, {told.positions:,} positions of {minutes / 60:.1f} h, one in 10 to 30 s, "
        f"{trips:,} trips; {ran.keys / ran.batches:,.0f} keys a batch, "
        f"{len(told.wrongs)} findings, none missed, none false"
    )
    name = f"positions in the lane, {minutes / 60:.0f} h held"
    return [
        Figure(name, told.positions / ran.cpu, "positions/s", says),
        Figure(f"{name}: state", ran.state_bytes / told.positions, "B/position", "written, once a batch"),
        Figure(f"{name}: memory", ran.resident / vehicles / 1024, "KiB/vehicle", "resident, stored parts too"),
    ]


def _check(told: Fleet, ran: Ran) -> None:
    """Who broke a rule was found, nobody else."""
    standing = (found for found in ran.findings.values() if found.status is not Status.WITHDRAWN)
    found = {(one.detector, one.subject.partition(":")[2]) for one in standing}
    if found != told.wrongs:
        missed, false = sorted(told.wrongs - found), sorted(found - told.wrongs)
        raise WrongAnswer(f"of {len(told.wrongs)} wrongs missed {missed[:5]}, and told of {false[:5]} besides")


def _walk_the_map(told: Fleet, assembly: Assembly) -> None:
    """Ask for the county of every place beforehand: what the map remembers is no cost of a position."""
    county = assembly.places.county
    for item in told.log:
        event = _EVENT.decode(item.raw) if isinstance(item, Received) else None
        if isinstance(event, Position):
            county(event.lon, event.lat)
        elif isinstance(event, Consignment) and event.plan is not None:
            for route in event.plan.routes:
                for (x0, y0), (x1, y1) in pairwise(route.line):
                    county(x0, y0)
                    county((x0 + x1) / 2, (y0 + y1) / 2)
