"""A unit of which nothing but papers is known is watched like any other: woken in time, restored, told once."""

from __future__ import annotations

from events.log import Received, Tick
from events.registry import Category, LicenceEntry, UnitEntry
from events.time import DAY
from simulator import stories as s
from tests.laws.lanes import Lanes, run

HELD = LicenceEntry(licence="L-7", category=Category.EXPLOSIVES, activities=("store", "use"))


def log(*, renewed: bool) -> list[Received | Tick]:
    """A licence of U7 that ends on day 93, renewed on day 5 or never; a tick every third day for two years."""
    papers = [
        s.registry(UnitEntry(name="北峰采石场", area="350111"), unit="U7", valid_from="day -700 00:00",
                   entered="day -30 00:00"),
        s.registry(HELD, unit="U7", valid_from="day -700 00:00", valid_to="day 93 00:00", entered="day -30 00:00"),
    ]  # fmt: skip
    if renewed:
        papers.append(s.registry(HELD, unit="U7", valid_from="day 93 00:00", entered="day 5 10:00", id="renewed"))
    ticks = [Tick(s.at("day 1 00:00") + day * DAY) for day in range(0, 730, 3)]
    return s.log(*papers, *ticks)


def words(house: Lanes) -> list[tuple[str, str, int]]:
    """Status, severity and revision of what was told of it, in order."""
    return [(one.status.value, one.severity.value, one.revision) for one in house.findings if one.detector == "A9"]


def told(lines: list[Received | Tick], *, restarts: bool) -> Lanes:
    """The log through one lane, restored from what it committed after each line, or never."""
    house = Lanes()
    house.publish()
    for line in lines:
        house.run([line])
        if restarts:
            house.restart(0)
    return house


def test_it_is_told_at_each_deadline_though_nothing_is_reported() -> None:
    """Near its end, past it, and given up in the end; nothing is kept of it after that, and nothing said again."""
    expected = [("open", "yellow", 1), ("open", "red", 2), ("closed", "red", 3)]
    for restarts in (False, True):
        house = told(log(renewed=False), restarts=restarts)
        assert words(house) == expected
        subject = house.lanes[0]._held.subject("unit:U7", house.lanes[0].time)
        assert (subject.said, subject.wake) == ({}, None)


def test_a_renewal_ends_it_for_good() -> None:
    """Weeks later, when its day is closed, what was said stands: it is neither withdrawn nor told anew."""
    for restarts in (False, True):
        assert words(told(log(renewed=True), restarts=restarts)) == [("open", "yellow", 1), ("closed", "yellow", 2)]


def test_a_standstill_of_years_closes_what_was_over_meanwhile() -> None:
    """Time stood still while the licence ran out and was long forgotten: what was said is ended, not taken back."""
    lines = [line for line in log(renewed=False) if not isinstance(line, Tick)]
    expected = [("open", "yellow", 1), ("open", "red", 2), ("closed", "red", 3)]
    for restarts in (False, True):
        house = told([*lines, s.tick("day 20 00:00"), s.tick("day 2000 00:00")], restarts=restarts)
        assert words(house) == expected
        assert house.lanes[0]._held.subject("unit:U7", house.lanes[0].time).said == {}


def test_lanes_and_batches_make_no_difference() -> None:
    """Law 4: however the log is cut up, and however far a tick leaps."""
    for renewed in (False, True):
        lines = log(renewed=renewed)
        once = run(lines)
        assert run(lines, lanes=3, batch=7) == once
        leaping = [line for number, line in enumerate(lines) if isinstance(line, Received) or number % 40 == 0]
        assert run([*leaping, lines[-1]], batch=1) == once
