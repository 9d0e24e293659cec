"""The peers: the same steps, log, partitions and broker on plain Faust, Quix Streams, Bytewax and hazflow.

All run one after the other in one run. Ratios of work (CPU) are what to read: on a busy machine the clock says
more of the neighbours. A day is too short for Bytewax to snapshot (every ten seconds), so it runs for twenty too,
and so does hazflow again. Law kept: every contestant's books and standing findings are the lane's in memory, or no
figure is given.
"""

from __future__ import annotations

import logging
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from benchmarks.figure import Figure
from benchmarks.lane import Ran, in_memory
from benchmarks.peers.course import PARTITIONS, Course, course
from benchmarks.peers.race import OURS, Pace, run
from benchmarks.peers.venvs import PEERS, environment_of
from benchmarks.province import Log, mix, province, small
from deploy.local import KafkaBroker
from streams.feeding import STRETCH

STEADY: Final = "bytewax"
"""Who runs the long course too."""
DAYS: Final = 20
"""Of the long course: most of the short one is what a province registers first."""
_NAMED: Final = {"faust": "plain Faust", "quix": "Quix Streams", "bytewax": "Bytewax", OURS: "hazflow"}


def measure(*, quick: bool = False) -> list[Figure]:
    """Every contestant over the same course, then two of our workers."""
    for peer in PEERS:
        environment_of(peer)
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # a topic made just now has no leader yet: it says so
    short, about = _laid_out(small() if quick else province(12, 1))
    long, long_about = _laid_out(small() if quick else province(12, DAYS))
    with TemporaryDirectory() as folder, KafkaBroker(Path(folder) / "kafka") as broker:
        pid = broker.pid
        assert pid is not None

        def pace(name: str, on: Course, place: str, workers: int = 1) -> Pace:
            return run(name, on, broker.address, Path(folder) / place, broker=pid, workers=workers)

        paces = {name: pace(name, short, name) for name in (OURS, *PEERS)}
        steady = {name: pace(name, long, f"{name}-long") for name in (OURS, STEADY)}
        pair = pace(OURS, short, "pair", workers=2)
    figures = _figures(short, paces, about)
    figures += _figures(long, steady, long_about, f", {DAYS} days")
    two = paces[OURS].wall / pair.wall
    return [*figures, Figure("two workers : one", two, "×", "hazflow, by the clock, on these cores")]


def _laid_out(log: Log) -> tuple[Course, str]:
    """A log as a course, and what is in it."""
    ran = in_memory(log)
    return course(log, ran), _about(log, ran)


def _about(log: Log, ran: Ran) -> str:
    return (
        f"{mix(log)}; {ran.facts / ran.events:.1f} facts an event, {ran.keys / ran.batches:,.0f} keys a batch of "
        f"{STRETCH:,}, all detectors on, {PARTITIONS} partitions, one worker"
    )


def _figures(on: Course, paces: dict[str, Pace], about: str, words: str = "") -> list[Figure]:
    ours, figures = paces[OURS], []
    for name, pace in paces.items():
        says = f"CPU; the broker's besides: {pace.broker / on.events * 1e6:,.0f} µs an event"
        figures.append(Figure(f"{_NAMED[name]}{words}", on.events / pace.cpu, "events/s", says))
        figures.append(Figure(f"{_NAMED[name]}{words}, wall", on.events / pace.wall, "events/s"))
    figures[0] = Figure(f"{_NAMED[OURS]}{words}", on.events / ours.cpu, "events/s", f"{figures[0].says}; {about}")
    for name, pace in paces.items():
        if name != OURS:
            clock, all_ = pace.wall / ours.wall, _all(pace) / _all(ours)
            says = f"CPU; by the clock {clock:.2f} ×, with the broker's work {all_:.2f} ×"
            figures.append(Figure(f"hazflow : {_NAMED[name]}{words}", pace.cpu / ours.cpu, "×", says))
    return figures


def _all(pace: Pace) -> float:
    return pace.cpu + pace.broker
