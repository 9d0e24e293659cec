"""The peers: the same steps, log, partitions and broker on plain Faust, Quix Streams, Bytewax and hazflow.

All run one after the other in one run. Ratios of work (CPU) are what to read: on a busy machine the clock says
more of the neighbours. Law kept: every contestant's books and standing findings are the lane's in memory, or no
figure is given.
"""

from __future__ import annotations

import logging
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.figure import Figure
from benchmarks.lane import Ran, in_memory
from benchmarks.peers.course import PARTITIONS, Course, course
from benchmarks.peers.race import OURS, Pace, run
from benchmarks.peers.venvs import PEERS, environment_of
from benchmarks.province import Log, mix, province, small
from deploy.local import KafkaBroker
from streams.feeding import STRETCH

_NAMED = {"faust": "plain Faust", "quix": "Quix Streams", "bytewax": "Bytewax", OURS: "hazflow"}


def measure(*, quick: bool = False) -> list[Figure]:
    """Every contestant over the same course, then two of our workers."""
    for peer in PEERS:
        environment_of(peer)
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # a topic made just now has no leader yet: it says so
    log = small() if quick else province(12, 1)
    ran = in_memory(log)
    on = course(log, ran)
    with TemporaryDirectory() as folder, KafkaBroker(Path(folder) / "kafka") as broker:
        assert broker.pid is not None
        paces = {
            name: run(name, on, broker.address, Path(folder) / name, broker=broker.pid) for name in (OURS, *PEERS)
        }
        pair = run(OURS, on, broker.address, Path(folder) / "pair", broker=broker.pid, workers=2)
    return _figures(on, paces, pair, _about(log, ran))


def _about(log: Log, ran: Ran) -> str:
    return (
        f"{mix(log)}; {ran.facts / ran.events:.1f} facts an event, {ran.keys / ran.batches:,.0f} keys a batch of "
        f"{STRETCH:,}, all detectors on, {PARTITIONS} partitions, one worker"
    )


def _figures(on: Course, paces: dict[str, Pace], pair: Pace, about: str) -> list[Figure]:
    ours, figures = paces[OURS], []
    for name, pace in paces.items():
        says = f"CPU; the broker's besides: {pace.broker / on.events * 1e6:,.0f} µs an event"
        figures.append(Figure(_NAMED[name], on.events / pace.cpu, "events/s", says))
        figures.append(Figure(f"{_NAMED[name]}, wall", on.events / pace.wall, "events/s"))
    figures[0] = Figure(_NAMED[OURS], on.events / ours.cpu, "events/s", f"{figures[0].says}; {about}")
    for name in PEERS:
        pace = paces[name]
        clock, all_ = pace.wall / ours.wall, _all(pace) / _all(ours)
        says = f"CPU; by the clock {clock:.2f} ×, with the broker's work {all_:.2f} ×"
        figures.append(Figure(f"hazflow : {_NAMED[name]}", pace.cpu / ours.cpu, "×", says))
    figures.append(Figure("two workers : one", ours.wall / pair.wall, "×", "hazflow, by the clock, on these cores"))
    return figures


def _all(pace: Pace) -> float:
    return pace.cpu + pace.broker
