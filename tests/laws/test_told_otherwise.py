"""Entries that are corrected or taken back after days that they speak of have closed: laws 3 and 4."""

from __future__ import annotations

import random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from events.log import Received, Tick
from events.registry import Category, LicenceEntry
from events.report import Registry
from events.time import DAY
from simulator import stories as s
from tests.laws.lanes import run

tried = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def world() -> list[Received]:
    """The little world, in which U9 has a store of its own."""
    entries = [entry for entry in s.world() if not (isinstance(entry.entry, LicenceEntry) and entry.unit == "U2")]
    return [s.received(entry) for entry in entries]


@st.composite
def told_otherwise(draw: st.DrawFn) -> list[Received]:
    """A licence, told, told otherwise and taken back, and what is used up in between, on days far apart."""
    log = world()
    first = s.registry(
        LicenceEntry(licence="L9", category=Category.EXPLOSIVES, activities=("store", "use", "purchase")),
        unit="U2", valid_from="day -20 00:00",
    )  # fmt: skip
    told_on = draw(st.sampled_from((-19, 3, 14)))
    log.append(s.received(first, when=f"day {told_on} 05:00"))
    changes: list[Registry] = [
        s.correct(first, 1, valid_to=None),
        s.correct(first, 2, entry=LicenceEntry(licence="L9", category=Category.EXPLOSIVES, activities=("sell",))),
        s.void(first, 3),
    ]
    for change in draw(st.lists(st.sampled_from(changes), unique_by=lambda one: one.id, max_size=3)):
        # One that comes before what it corrects waits, but not for days: it is refused then, and can be sent again.
        log.append(s.received(change, when=f"day {draw(st.integers(max(2, told_on), 40))} 05:30"))
    log.append(s.received(s.opening("500 item", site="S2", goods="DET", when="day 1 07:00")))
    for day in draw(st.lists(st.integers(1, 40), min_size=1, max_size=5, unique=True)):
        log.append(s.received(s.consume("1 item", site="S2", goods="DET", when=f"day {day} 10:00")))
    return sorted(log, key=lambda line: line.received_at)


def live(log: list[Received]) -> list[Received | Tick]:
    """Time moves twice a day."""
    told: list[Received | Tick] = []
    at = s.at("day 1 00:00")
    for line in log:
        while at < line.received_at:
            told.append(Tick(at))
            at += DAY // 2
        told.append(line)
    return [*told, Tick(at + 30 * DAY)]


@tried
@given(told_otherwise(), st.integers(0, 2**16))
def test_an_entry_speaks_of_a_day_as_it_was_told_when_that_closed(log: list[Received], seed: int) -> None:
    """Told otherwise on the way or all at once, in any order: the same findings."""
    shuffled = list(log)
    random.Random(seed).shuffle(shuffled)
    end = live(log)[-1]
    assert run(live(log)) == run([*shuffled, end])
