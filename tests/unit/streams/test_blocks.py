"""Blocks of serial numbers: what a report with numbers says at their keys, on one lane and over several.

Laws: a block holds its own part of the runs; a corrected report leaves the blocks that it no longer concerns; a
source's entry reaches its block and all sites of its unit, whenever they joined.
"""

from __future__ import annotations

from events.identity import home_of, lane_of, serial_key
from events.quantity import Quantity
from events.registry import SiteEntry, SourceEntry
from events.report import SerialRange
from events.time import moment
from ledger.fact import Count, Movement
from simulator import stories as s
from tests.laws.lanes import Lanes

BOXES = (SerialRange(maker="M1", type="T1", first=9_990, last=20_009),)
BLOCKS = {serial_key("M1", "T1", block): range_ for block, range_ in
          ((0, (9_990, 9_999)), (1, (10_000, 19_999)), (2, (20_000, 20_009)))}  # fmt: skip
OPENED = s.opening("10020 item", site="S1", goods="DET", when="day 1 08:00", serials=BOXES)
SOURCE = SourceEntry(
    maker="M1", model="T1", serial=12_345, goods="DET", site="S2", activity=Quantity("1", "MBq"),
    measured_at=moment(s.at("day -20 00:00")),
)  # fmt: skip


def house(count: int, *told: object) -> Lanes:
    """Some lanes that were told of this."""
    made = Lanes(count)
    made.publish()
    made.run(s.log(*s.world(), *told))  # type: ignore[arg-type]  # events and ticks, as log takes them
    return made


def held(made: Lanes, key: str) -> list[tuple[int, int]]:
    """The numbers of the facts that a block holds singly."""
    lane = made.lanes[lane_of(home_of(key), made.count)]
    bodies = [fact.body for fact in lane._held.subject(key, lane.time).facts.values()]
    return [(r.first, r.last) for body in bodies if isinstance(body, Movement | Count) for r in body.serials]


def test_each_block_is_told_its_own_part() -> None:
    """Ten thousand and twenty numbers over two borders: three blocks, one fact each, on any number of lanes."""
    for lanes in (1, 3):
        made = house(
            lanes, OPENED, s.count("10020 item", site="S1", goods="DET", when="day 1 18:00", serials=BOXES)
        )
        assert {key: held(made, key) for key in BLOCKS} == {key: [part, part] for key, part in BLOCKS.items()}


def test_a_corrected_report_leaves_the_blocks_that_it_no_longer_concerns() -> None:
    """Fewer numbers than was said first; then it is taken back whole."""
    fewer = (SerialRange(maker="M1", type="T1", first=9_995, last=10_004),)
    right = s.correct(OPENED, serials=fewer)
    parts = [[(9_995, 9_999)], [(10_000, 10_004)], []]
    for told in ((OPENED, right), (right, OPENED)):
        made = house(2, *told)
        assert [held(made, key) for key in BLOCKS] == parts
    made = house(2, OPENED, right, s.void(OPENED, revision=2))
    assert [held(made, key) for key in BLOCKS] == [[], [], []]


def test_a_movement_without_numbers_concerns_no_block() -> None:
    """The ordinary movement has no more keys than before."""
    made = house(1, s.opening("10 item", site="S1", goods="DET", when="day 1 08:00"))
    assert not [key for key, _ in made.stores[0].heads() if key.startswith("serial:")]


def test_a_sources_entry_reaches_its_block_and_the_sites_of_its_unit() -> None:
    """A site that joins later hears of it as well."""
    entry = s.registry(SOURCE, unit="U2")
    late = s.registry(SiteEntry(site="S9", name="S9", area="350111"), unit="U2", valid_from="day 2 00:00")
    made = house(2, entry, late)
    for key in (serial_key("M1", "T1", 1), "site:S2", "site:S3", "site:S9", "unit:U2"):
        lane = made.lanes[lane_of(home_of(key), 2)]
        assert lane.reference(key).in_force(SourceEntry, "M1/T1/12345", s.at("day 3 00:00")) == SOURCE, key
    assert not made.lanes[lane_of("S1", 2)].reference("site:S1").subjects(SourceEntry)
