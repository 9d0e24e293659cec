"""What is over goes: quiet consignments and permits, what was registered for them, superseded entries.

Law: state is bounded (11): each piece of it is cleared by an event that is named, and is then in no store.
"""

from __future__ import annotations

from typing import Literal

from events.log import Received
from events.registry import (
    Category,
    InstrumentEntry,
    PermitEntry,
    PermitReturnEntry,
    PermittedGoods,
    ShiftEntry,
    VehicleEntry,
)
from events.report import Registry
from events.time import DAY
from simulator import stories as s
from tests.laws.lanes import Lanes


def house() -> Lanes:
    """One lane over the small world."""
    made = Lanes()
    made.publish()
    made.run([s.received(entry) for entry in s.world()])
    return made


def used(day: int, *, received: str = "5 item", **papers: str) -> list[Received]:
    """A consignment, or a permit, used at both ends."""
    sent = s.issue("5 item", site="S1", goods="DET", when=f"day {day} 08:00", id=f"i{day}", **papers)  # type: ignore[arg-type]  # drawn words
    came = s.receive(received, site="S2", goods="DET", when=f"day {day} 12:00", id=f"r{day}", **papers)  # type: ignore[arg-type]  # drawn words
    return [s.received(sent), s.received(came)]


def kept(made: Lanes, key: str) -> list[str]:
    """The parts of a key that the store holds."""
    return sorted(made.stores[0].parts(key))


def test_a_quiet_consignment_is_gone_a_hundred_days_after_its_last_fact() -> None:
    """What clears it is the tick that closes the hundredth day; it is in memory no more either."""
    made = house()
    made.run([*used(1, consignment="C1"), s.tick("day 101 12:00"), s.tick("day 109 00:30")])
    assert kept(made, "consignment:C1") == ["base", "head"]
    made.run([s.tick("day 109 01:00")])
    assert kept(made, "consignment:C1") == []
    assert "consignment:C1" not in {subject.key for subject in made.lanes[0]._held._subjects.values()}


def test_a_consignment_of_which_something_stands_is_kept() -> None:
    """Goods that nobody received are owed for ever: their arrival in another year still settles it."""
    made = house()
    made.run([used(1, consignment="C1")[0], s.tick("day 9 12:00"), s.tick("day 400 12:00")])
    assert kept(made, "consignment:C1") == ["base", "head"]
    made.run([*used(401, consignment="C1")[1:], s.tick("day 420 12:00")])
    assert {f.detector: f.status.value for f in made.findings if f.subject == "consignment:C1"}["B4"] == "closed"
    made.run([s.tick("day 510 12:00")])
    assert kept(made, "consignment:C1") == ["head"]


def test_of_a_finding_only_its_last_revision_is_left_and_counted_on() -> None:
    """The same obligation, owed again after it was over, is told with the next number: no number comes twice."""
    made = house()
    for day in (1, 300):
        made.run([*used(day, received="4 item", consignment="C1"), s.tick(f"day {day + 9} 12:00")])
        made.run([s.received(s.receive("1 item", site="S2", goods="DET", when=f"day {day + 10} 12:00",
                  id=f"more{day}", consignment="C1")), s.tick(f"day {day + 20} 12:00")])  # fmt: skip
        made.run([s.tick(f"day {day + 200} 12:00")])
        assert kept(made, "consignment:C1") == ["head"]
    told = [finding.revision for finding in made.findings if finding.subject == "consignment:C1"]
    assert told == [1, 2, 3, 4]


def test_a_permit_goes_with_what_is_registered_of_it() -> None:
    """What clears it is the tick that closes the 1,100th day after its end, or after its last use."""
    made = house()
    made.run([*used(2, permit="P1", consignment="C1"), s.tick("day 20 12:00")])
    assert kept(made, "permit:P1") == ["base", "head"]
    assert len(kept(made, "ref|permit:P1")) == 1
    made.run([s.tick("day 1130 12:00")])
    assert kept(made, "ref|permit:P1") != []
    made.run([s.tick("day 1139 12:00")])
    assert (kept(made, "permit:P1"), kept(made, "ref|permit:P1")) == ([], [])


def test_what_is_registered_of_a_vehicle_stays_however_long_it_rests() -> None:
    """Its next trip is judged by that; of the vehicle itself nothing is kept meanwhile."""
    made = house()
    entry = VehicleEntry(vehicle="V1", rated=s.quantity("5 t"), categories=(Category.EXPLOSIVES,))
    made.run([s.received(s.registry(entry, unit="U1", id="lorry")), s.tick("day 40 12:00")])
    assert kept(made, "vehicle:V1") == []
    assert len(kept(made, "ref|vehicle:V1")) == 1
    heavy = s.plan("C1", {"EXP": "6 t"}, depart="day 41 09:00", arrive_by="day 41 12:00")
    made.run([s.received(heavy), s.tick("day 41 10:00")])
    assert [finding.detector for finding in made.findings if finding.subject == "vehicle:V1"] == ["D8"]


def scale(day: int, sigma: float) -> Registry:
    """S1's scale as it was calibrated on a day."""
    entry = InstrumentEntry(instrument="X1", site="S1", random=sigma, systematic=sigma)
    return s.registry(entry, unit="U1", valid_from=f"day {day} 00:00", id=f"scale-{day}")


def entries(made: Lanes, key: str = "ref|site:S1") -> set[str]:
    """The scale's entries that a key holds."""
    return {part.rpartition("|")[2] for part in kept(made, key) if "scale-" in part}


def test_a_superseded_entry_goes_once_closed_time_alone_could_ask_for_it() -> None:
    """What clears it is the next entry that comes to the key after the day at which its heir began has closed."""
    made = house()
    made.run([s.received(scale(1, 0.1)), s.received(scale(2, 0.2)), s.tick("day 3 12:00")])
    made.run([s.received(scale(4, 0.3)), s.tick("day 20 12:00")])
    assert entries(made) == {"scale-1", "scale-2", "scale-4"}
    made.run([s.received(scale(20, 0.4))])
    assert entries(made) == entries(made, "ref|unit:U1") == {"scale-4", "scale-20"}
    made.run([s.received(scale(1, 0.1), when="day 20 13:00")])
    assert entries(made) == {"scale-4", "scale-20"}


def test_what_an_entry_superseded_speaks_again_once_that_is_taken_back() -> None:
    """The unit's home forgets no entry: when the heir is voided, the key hears of the others anew.

    How a voided one was told before stays for the days that had closed, until these too are asked for no more.
    """
    made = house()
    made.run([s.received(scale(1, 0.1)), s.received(scale(4, 0.3)), s.tick("day 20 12:00")])
    made.run([s.received(scale(20, 0.4)), s.tick("day 40 12:00")])
    assert entries(made) == {"scale-4", "scale-20"}
    again = s.received(s.void(scale(4, 0.3)), when="day 40 13:00")
    made.run([again, s.received(s.void(scale(20, 0.4)), when="day 40 14:00")])
    assert entries(made) == {"scale-1", "scale-4#0", "scale-20#0"}
    reference = made.lanes[0].reference("site:S1")
    found = reference.in_force(InstrumentEntry, "X1", s.at("day 40 00:00") - DAY, "U1")
    assert found is not None
    assert found.random == 0.1
    closed = reference.in_force(InstrumentEntry, "X1", s.at("day 21 00:00"), "U1")
    assert closed is not None
    assert closed.random == 0.4
    made.run([s.tick("day 60 12:00"), s.received(scale(60, 0.5))])
    assert entries(made) == {"scale-1", "scale-60"}


def shift(day: int) -> Registry:
    """A shift of S1 on a day."""
    entry = ShiftEntry(shift=f"A{day}", site="S1")
    return s.registry(
        entry, unit="U1", valid_from=f"day {day} 07:00", valid_to=f"day {day} 19:00", id=f"scale-{day}"
    )


def held_at_home(made: Lanes, unit: str = "U1") -> set[str]:
    """The ids of what a unit's home holds."""
    return {held.rpartition("|")[2] for held in made.lanes[0]._home(f"unit:{unit}").held}


def test_a_shift_goes_once_its_day_has_closed() -> None:
    """What clears it at the site and the unit is the next shift that comes, at the unit's home the tick."""
    made = house()
    for day in range(1, 40):
        made.run([s.received(shift(day)), s.tick(f"day {day} 23:00")])
    late = {f"scale-{day}" for day in range(31, 40)}
    assert entries(made) == entries(made, "ref|unit:U1") == late
    assert {name for name in held_at_home(made) if name.startswith("scale-")} == late - {"scale-31"}
    made.run([s.received(shift(3), when="day 39 23:30"), s.tick("day 40 12:00")])
    assert "scale-3" not in held_at_home(made)
    made.run([s.tick("day 50 12:00"), s.received(shift(50))])
    assert entries(made) == entries(made, "ref|unit:U1") == {"scale-50"}


def test_what_was_filed_goes_from_the_units_home_and_its_keys() -> None:
    """130 days after the filing of a deal, 1,100 after a permit came back; what is standing stays."""
    made = house()
    permits = {name for name in held_at_home(made, "U2") if name.startswith("permit-")}
    standing = held_at_home(made, "U2") - permits
    deal = s.receive("1 item", site="S2", goods="DET", when="day 1 10:00", id="deal1")
    later = s.receive("1 item", site="S2", goods="DET", when="day 200 10:00", id="deal2")
    back = s.registry(PermitReturnEntry(permit="P2"), unit="U2", valid_from="day 2 09:00", id="back1")
    again = s.registry(PermitReturnEntry(permit="P1"), unit="U2", valid_from="day 1200 09:00", id="back2")
    made.run([s.received(deal), s.received(s.filing(deal)), s.received(back), s.tick("day 20 00:00")])
    assert held_at_home(made, "U2") == {*standing, *permits, "filed-S2-deal1", "back1"}
    made.run([s.tick("day 200 00:00"), s.received(later), s.received(s.filing(later))])
    assert held_at_home(made, "U2") - permits == {*standing, "filed-S2-deal2", "back1"}
    assert next(part for part in kept(made, "ref|site:S2") if "filed" in part).endswith("filed-S2-deal2")
    made.run([s.tick("day 1200 00:00"), s.received(again)])
    assert held_at_home(made, "U2") == {*standing, "back2"}
    assert not [part for part in kept(made, "ref|unit:U2") if "back" in part]


def permitted(day: int, *, one_time: bool = True) -> list[Registry]:
    """A permit for a day's transport, and that it was handed back; or one to buy for a month."""
    goods = (PermittedGoods("DET", s.quantity("5 item")),)
    purpose: Literal["transport", "purchase"] = "transport" if one_time else "purchase"
    entry = PermitEntry(permit=f"N{day}", purpose=purpose, goods=goods, one_time=one_time)
    until = f"day {day + (2 if one_time else 30)} 00:00"
    given = s.registry(entry, unit="U2", valid_from=f"day {day} 00:00", valid_to=until, id=f"scale-{day}")
    if not one_time:
        return [given]
    back = PermitReturnEntry(permit=f"N{day}")
    return [given, s.registry(back, unit="U2", valid_from=f"day {day} 20:00", id=f"back-{day}")]


def held_of(made: Lanes, unit: str = "U2") -> int:
    """How many bytes the store holds at a unit's key, of what is registered there, and at its home."""
    keys = (f"unit:{unit}", f"ref|unit:{unit}", f"home|unit:{unit}")
    return sum(len(data) for key in keys for data in made.stores[0].parts(key).values())


def test_permits_for_one_time_pile_up_nowhere() -> None:
    """A unit's key hears of none; its home lets one go with the tick that closes the 130th day after its end.

    At the permit's own key it is asked for until 1,100 days after its end: whether it had run out, or was used up.
    """
    made = house()
    before = set(kept(made, "ref|unit:U2"))
    sizes = []
    for day in range(1, 1_400, 5):
        moved = used(day, permit=f"N{day}", consignment=f"K{day}")
        made.run([*map(s.received, permitted(day)), *moved, s.tick(f"day {day + 1} 01:00")])
        assert set(kept(made, "ref|unit:U2")) == before
        held = {int(name.partition("-")[2]) for name in held_at_home(made, "U2") if name.startswith("scale-")}
        assert held == {one for one in range(1, day + 1, 5) if one > day - 140}
        if day > 1_150:
            sizes.append(held_of(made))
    assert max(sizes) - min(sizes) < 4_000
    papers = {key for key in made.stores[0] if key.startswith(("permit:N", "ref|permit:N"))}
    assert {int(key.partition("permit:N")[2]) for key in papers} == set(range(291, 1_400, 5))
    assert not {finding.detector for finding in made.findings if finding.subject.startswith("permit:N")}


def test_other_permits_that_end_go_from_the_unit_too() -> None:
    """What clears one at the unit's key is the next that comes there 1,100 days after its end; at home the tick."""
    made = house()
    for day in (1, 600, 1_200, 1_800, 1_900):
        made.run([*map(s.received, permitted(day, one_time=False)), s.tick(f"day {day + 9} 00:00")])
    late = {"scale-1200", "scale-1800", "scale-1900"}
    assert entries(made, "ref|unit:U2") == late
    assert {name for name in held_at_home(made, "U2") if "scale-" in name} == late
