"""Homes as bytes: shelves of a few events, only what changed, the same after a restore, and version 1 as well.

Laws: what is restored is what was kept; state of an older hazflow is read, a newer one's is refused.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from events.log import Received, Tick
from events.quantity import Measure
from events.registry import Category, GoodsEntry
from events.rejection import Source
from events.report import Event
from events.time import DAY, Instant, civil_day
from ledger.held import Held, Standing, Telling
from ledger.home import Home
from ledger.shelves import ROOM
from simulator import stories as s
from streams.codec import LARGEST_PART, NewerState
from streams.effects import StatePart
from streams.home_codec import HEAVY, VERSION, home_parts, home_wake, restore_home
from streams.store import MemoryStore
from tests.laws.lanes import Lanes

DAY_1 = civil_day(s.at("day 1 12:00"))
HOME = "home|site:S1"
BEFORE = Path(__file__).parent / "homes_v1.json"
"""The homes of `reports`, as version 1 kept them, with time at day 3 00:00."""


def held(number: int, *, day: int = 1, size: int = 10, standing: Standing = Standing.TAKEN) -> Held:
    """An event with one telling of some size."""
    telling = Telling(0, f"e{number}", "p", 0, Source("log", 0, number), b"", b"x" * size)
    return Held(f"p|S1|e{number}", s.at(f"day {day} 08:00"), (telling,), standing=standing)


def home_with(*events: Held) -> Home:
    """A home that holds these."""
    home = Home("site:S1", 0)
    for one in events:
        put(home, one)
    return home


def put(home: Home, one: Held) -> None:
    """One more event."""
    home.held[one.identity] = one
    home.shelves.put(one)


def kept(store: MemoryStore, parts: Iterable[StatePart]) -> list[str]:
    """The names of the parts that a batch writes, taken into the store; None of data in brackets."""
    written = list(parts)
    store.keep(written)
    return [part.part if part.data is not None else f"({part.part})" for part in written]


def test_a_home_is_restored_with_what_waits() -> None:
    """Held events, books and the wake; a shelf that emptied goes."""
    store, home = MemoryStore(), home_with(held(0), held(1, day=2, standing=Standing.WAITING))
    home.books.add("book:S1/DET")
    store.keep(home_parts(home, s.at("day 9 01:00")))
    parts = store.parts(HOME)
    again = restore_home("site:S1", parts)
    assert (again.held, again.books, again.waiting) == (home.held, home.books, {"p|S1|e1"})
    assert home_wake(parts["head"]) == s.at("day 9 01:00")
    again.shelves.drop(again.held.pop("p|S1|e0"))
    assert kept(store, home_parts(again, s.at("day 9 01:00"))) == [f"({DAY_1}.0)"]
    assert set(store.parts(HOME)) == {f"{DAY_1 + 1}.0", "head"}


def test_a_batch_writes_only_the_few_events_beside_a_new_one() -> None:
    """A full shelf is not written again, nor is a head that says the same."""
    store, home = MemoryStore(), home_with(*(held(number) for number in range(ROOM + 1)))
    assert kept(store, home_parts(home, None)) == [f"{DAY_1}.0", f"{DAY_1}.1", "head"]
    put(home, held(ROOM + 1))
    assert kept(store, home_parts(home, None)) == [f"{DAY_1}.1"]
    assert kept(store, home_parts(home, None)) == []
    assert restore_home("site:S1", store.parts(HOME)).held == home.held


@pytest.mark.parametrize("batch", [1, 2, 4, ROOM, 40])
def test_bytes_written_bit_by_bit_are_those_written_at_once(batch: int) -> None:
    """What a batch adds to a shelf is put behind the bytes of before; what changed there is encoded anew."""
    events = [held(number, day=1 + number % 2) for number in range(40)]
    store, home, whole = MemoryStore(), Home("site:S1", 0), MemoryStore()
    for start in range(0, len(events), batch):
        for one in events[start : start + batch]:
            put(home, one)
        changed = events[start // 2]
        changed.version += 1
        home.shelves.touch(changed)
        store.keep(home_parts(home, None))
    whole.keep(home_parts(home_with(*events), None))
    assert store.parts(HOME) == whole.parts(HOME)


def test_a_restored_home_goes_on_where_it_was() -> None:
    """Names are not used twice, whether shelves are full or not."""
    store, home = MemoryStore(), home_with(*(held(number) for number in range(ROOM + 2)))
    store.keep(home_parts(home, None))
    again = restore_home("site:S1", store.parts(HOME))
    for number in range(ROOM + 2, 3 * ROOM):
        put(again, held(number))
    assert kept(store, home_parts(again, None)) == [f"{DAY_1}.1", f"{DAY_1}.2"]
    assert restore_home("site:S1", store.parts(HOME)).held == again.held


def test_an_event_that_moves_to_another_day_stands_there_alone() -> None:
    """The original that comes after its correction says when: both days are written."""
    store, home = MemoryStore(), home_with(held(0), held(1))
    store.keep(home_parts(home, None))
    moved = home.held["p|S1|e0"]
    moved.at += DAY
    home.shelves.touch(moved)
    assert kept(store, home_parts(home, None)) == [f"{DAY_1}.0", f"{DAY_1 + 1}.0"]
    assert restore_home("site:S1", store.parts(HOME)).held == home.held


@pytest.mark.parametrize("size", [100, HEAVY, LARGEST_PART // 2, 3 * LARGEST_PART])
def test_a_part_is_bounded_whatever_an_event_holds(size: int) -> None:
    """At most 64 KiB, or one event alone; nothing is lost."""
    events = [held(number, size=size if number % 3 == 0 else 500) for number in range(2 * ROOM)]
    store, home = MemoryStore(), Home("site:S1", 0)
    for one in events:
        put(home, one)
        if len(home.held) % 4 == 0:
            store.keep(home_parts(home, None))
    store.keep(home_parts(home, None))
    for name, data in store.parts(HOME).items():
        assert name == "head" or len(data) <= LARGEST_PART or len(msgspec.msgpack.decode(data)) == 1
    assert restore_home("site:S1", store.parts(HOME)).held == home.held


def test_a_home_of_a_newer_version_is_refused() -> None:
    """The text says what to do."""
    wake: Instant | None = DAY
    newer = msgspec.msgpack.encode((VERSION + 1, 0, wake, (), "a field of then"))
    with pytest.raises(NewerState, match="upgrade"):
        home_wake(newer)
    with pytest.raises(NewerState, match="upgrade"):
        restore_home("site:S1", {"head": newer})


OPENING = s.opening("100 item", site="S2", goods="DET", when="day 1 08:00", id="e1")
ISSUE = s.issue(
    "5 item", site="S2", goods="DET", when="day 1 09:00", id="e2", custodians=("k1", "k2"), payment="bank"
)
LOST = s.issue("1 item", site="S2", goods="DET", when="day 1 10:00", id="e3")
MOVED = s.issue("2 item", site="S2", goods="DET", when="day 1 11:00", id="e4")
STRANGE = s.opening("1 item", site="S2", goods="X1", when="day 1 12:00", id="x1")
COUNT = s.count("93 item", site="S2", goods="DET", when="day 2 18:00", id="c1")


def reports() -> list[Event]:
    """Taken, corrected, taken back, moved to another site, waiting for goods and for what is corrected; a trip."""
    return [
        OPENING,
        ISSUE,
        s.correct(ISSUE, quantity=s.quantity("7 item")),
        LOST,
        s.void(LOST),
        MOVED,
        s.correct(MOVED, site="S3"),
        STRANGE,
        COUNT,
        s.correct(replace(COUNT, id="never"), quantity=s.quantity("1 item")),
        s.plan("C1", {"DET": "5 item"}, depart="day 2 08:00", arrive_by="day 3 12:00"),
        s.stage("C1", "depart", when="day 2 08:30"),
    ]


def lane_at_day_3() -> Lanes:
    """A lane that took the reports."""
    house = Lanes()
    house.publish()
    house.run([s.received(entry) for entry in s.world()])
    house.run([s.received(report) for report in reports()])
    house.run([s.tick("day 3 00:00")])
    return house


def of_version_1() -> Lanes:
    """The same lane, its homes as version 1 kept them."""
    house = lane_at_day_3()
    for key, parts in json.loads(BEFORE.read_bytes()).items():
        old = {name: base64.b64decode(text) for name, text in parts.items()}
        gone = house.stores[0].parts(key).keys() - old.keys()
        house.stores[0].keep(StatePart(key, name, None) for name in gone)
        house.stores[0].keep(StatePart(key, name, data) for name, data in old.items())
    house.restart(0)
    house.told.clear()
    house.lines.clear()
    return house


def test_homes_of_version_1_know_what_they_were_told() -> None:
    """Everything again, and the world too: nothing is new, nothing is said."""
    house = of_version_1()
    house.run([s.received(entry) for entry in s.world()])
    house.run([s.received(report) for report in reports()])
    assert {one.standing for one in house.told} == {Standing.KNOWN}
    assert len(house.told) == len(reports()) + len(s.world())
    assert house.lines == []
    assert house.refusals == []


def test_homes_of_version_1_go_on_as_if_nothing_had_been() -> None:
    """What waits is taken or refused, other content is id_reused, corrections speak with the next version."""
    missing = GoodsEntry(goods="X1", name="新", name_en="new", category=Category.EXPLOSIVES, measure=Measure.COUNT)
    later: list[Received | Tick] = [
        s.received(s.registry(missing)),
        s.received(replace(COUNT, quantity=s.quantity("94 item")), when="day 3 01:00"),
        s.received(s.correct(OPENING, quantity=s.quantity("80 item")), when="day 3 01:00"),
        s.received(s.correct(MOVED, revision=2, goods="EXP", quantity=s.quantity("2 kg")), when="day 3 01:00"),
        s.received(s.stage("C1", "arrive", when="day 3 11:00")),
        s.tick("day 10 02:00"),
    ]
    ends = []
    for house in (lane_at_day_3(), of_version_1()):
        house.told.clear()
        house.lines.clear()
        house.run(later)
        ends.append((house.told, house.lines, house.refusals))
    assert ends[0] == ends[1]
    assert {str(refusal.reason) for refusal in ends[1][2]} == {"id_reused", "unknown_target"}


def test_homes_of_version_1_are_written_anew_when_they_change() -> None:
    """Once touched, nothing of the old parts is left; untouched, nothing is written."""
    house = of_version_1()
    before = dict(house.stores[0].parts("home|site:S3"))
    house.run([s.received(s.issue("1 item", site="S2", goods="DET", when="day 2 12:00", id="e9"))])
    parts = house.stores[0].parts("home|site:S2")
    assert msgspec.msgpack.decode(parts["head"])[0] == VERSION
    again = restore_home("site:S2", parts)
    assert again.held == house.lanes[0]._home("site:S2").held
    assert {"teller|S2|e1", "teller|S2|e9", "teller|S2|x1"} <= set(again.held)
    assert house.stores[0].parts("home|site:S3") == before
