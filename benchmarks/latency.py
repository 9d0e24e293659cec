"""From report to warning, embedded: posted to the writer, until the warning can be read from the projection.

Open loop: reports are posted when they are due, however long earlier ones take, and each is timed from when it
was due, so that a stall counts for all who had to wait. Every timed report is an unlicensed receipt at a site of
its own (A1, which waits for nothing), among ordinary reports.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.figure import Figure, WrongAnswer, percentiles
from benchmarks.province import Log, assembled, with_policies
from events.log import Received
from events.registry import Category, LicenceEntry, SiteEntry, UnitEntry
from events.report import Flow, Registry
from routing.notice import decode_notice
from simulator import stories as s
from streams.embedded import Embedded
from streams.settings import Settings
from streams.writer import Writer

_PATIENCE_S = 30.0
_MAKERS = 300
"""Units that the ordinary reports come from: no book grows faster than a busy one would."""
_TOLD = "SELECT seq, notice FROM notices WHERE seq>? ORDER BY seq"


def measure(*, quick: bool = False) -> list[Figure]:
    """Latencies at a modest rate."""
    number, rate = (50, 50) if quick else (1_000, 50)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "hazflow.db"
        with writing(path, founded(number)) as writer:
            taken = _timed(writer, path, number, rate)
    says = (
        f"{number:,} unlicensed receipts at {rate}/s, each with nine ordinary reports, open loop; synchronous=FULL"
    )
    return percentiles("report → warning, embedded", taken, says)


def founded(number: int, number_of_makers: int = _MAKERS) -> Log:
    """A world with so many unlicensed units and so many makers, a site each, and time at a day's end."""
    units = [*_units(map(name_of, range(number))), *makers(number_of_makers)]
    return with_policies([*map(s.received, (*s.world(), *units)), s.tick("day 2 23:00")])


def makers(number: int = _MAKERS) -> list[Registry]:
    """The units that ordinary reports come from, a site and a licence each."""
    names = [maker_of(at) for at in range(number)]
    units = _units(names)
    for unit in names:
        licence = LicenceEntry(licence=f"L-{unit}", category=Category.EXPLOSIVES, activities=("produce", "store"))
        units.append(s.registry(licence, unit=unit))
    return units


def _units(names: Iterable[str]) -> list[Registry]:
    units: list[Registry] = []
    for unit in names:
        units.append(s.registry(UnitEntry(name=unit, area="350102", roles=("use",)), unit=unit))
        site = SiteEntry(site=f"S-{unit}", name=unit, area="350102", lon=119.3, lat=26.08)
        units.append(s.registry(site, unit=unit))
    return units


def unlicensed(number: int) -> Received:
    """The receipt of one of the unlicensed units."""
    unit = name_of(number)
    return s.received(s.receive("1 item", site=f"S-{unit}", goods="DET", when="day 2 12:00", unit=unit))


def ordinary(number: int, number_of_makers: int = _MAKERS) -> Received:
    """An ordinary event, received when it happened."""
    return s.received(ordinary_event(number, number_of_makers))


def ordinary_event(number: int, number_of_makers: int = _MAKERS) -> Flow:
    """A production of one detonator by one of the makers, licensed for it."""
    when = f"day 2 {number // 3600 % 24:02d}:{number // 60 % 60:02d}:{number % 60:02d}"
    unit = maker_of(number % number_of_makers)
    return s.produce("1 item", site=f"S-{unit}", goods="DET", when=when, unit=unit, id=f"made-{number}")


def name_of(number: int) -> str:
    """The name of an unlicensed unit."""
    return f"X{number:05d}"


def maker_of(number: int) -> str:
    """The name of a licensed unit."""
    return f"M{number:05d}"


@contextmanager
def writing(path: Path, log: Log) -> Iterator[Writer]:
    """A writer over a new database that has taken a log."""
    engine, found = Embedded(path, assembled()), Settings()
    engine.apply(log)
    writer = Writer(engine, None, per_provider=found.quarantine_per_provider, total=found.quarantine_total)
    writer.start()
    try:
        yield writer
    finally:
        writer.stop()
        engine.close()


def _timed(writer: Writer, path: Path, number: int, rate: int) -> list[float]:
    posts = [[unlicensed(i).raw, *(ordinary(9 * i + j).raw for j in range(9))] for i in range(number)]
    reading = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    due: dict[str, float] = {}
    seen: dict[str, float] = {}
    start = time.perf_counter() + 0.1
    at = last = 0
    while len(seen) < number:
        now = time.perf_counter()
        while at < number and start + at / rate <= now:
            due[name_of(at)] = start + at / rate
            writer.post("teller", posts[at])
            at += 1
        if len(seen) < at:
            told = reading.execute(_TOLD, (last,)).fetchall()
            read = time.perf_counter()
            for last, notice in told:  # noqa: B007 - where the next look goes on
                warning = decode_notice(notice)
                if warning.detector == "A1":
                    seen.setdefault(warning.unit, read)
        if now > start + number / rate + _PATIENCE_S:
            raise WrongAnswer(f"{number - len(seen)} of {number} unlicensed receipts raised no warning")
        time.sleep(0.001)
    reading.close()
    return [seen[unit] - since for unit, since in due.items()]
