"""Keys, homes and lanes.

Law: one key, one home; its lane is the partition that Kafka's own default partitioner gives the home id.
"""

from __future__ import annotations

import pytest
from aiokafka.partitioner import DefaultPartitioner
from hypothesis import given
from hypothesis import strategies as st

from events.identity import book_key, home_of, kind_of, lane_of, murmur2, permit_key, serial_key, site_key


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("21", -973932308),
        ("foobar", -790332482),
        ("a-little-bit-long-string", -985981536),
        ("a-little-bit-longer-string", -1486304829),
        ("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971),
        ("abc", 479470107),
    ],
)
def test_murmur2_is_kafkas(text: str, expected: int) -> None:
    """The vectors of Kafka's own test of its Java implementation."""
    assert murmur2(text.encode()) == expected % 2**32


@given(st.text(min_size=1, max_size=40), st.integers(1, 24))
def test_a_lane_is_the_partition_that_a_producer_chooses(home: str, lanes: int) -> None:
    """Anything that writes with the default partitioner of the Java client's kind lands in the key's own lane."""
    partitions = list(range(lanes))
    assert lane_of(home, lanes) == DefaultPartitioner()(home.encode(), partitions, partitions)


def test_a_book_lives_where_its_site_lives() -> None:
    """A book hashes by its site, so that both are judged by the same reference data."""
    assert home_of(book_key("S1", "G9")) == home_of(site_key("S1")) == "S1"
    assert home_of(serial_key("M1", "T1", 3)) == "M1/T1/3"
    assert (kind_of(book_key("S1", "G9")), kind_of(permit_key("P7"))) == ("book", "permit")
