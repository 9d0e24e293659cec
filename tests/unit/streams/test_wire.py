"""What travels over the topics reads back as it was written, in order, in records of bounded size."""

from msgspec import Struct

from events.identity import site_key
from events.rejection import Source
from events.time import parse_instant
from streams.broker.wire import (
    PAGE,
    UNKNOWN,
    Headers,
    LaneTime,
    LinesPage,
    Passed,
    Reader,
    Stray,
    line_pages,
    pages,
    read_lines,
    read_page,
    report_headers,
    state_key,
    state_names,
    tick_of,
    tick_value,
)
from streams.effects import LaneTick, StatePart
from streams.settings import Settings

AT = parse_instant("2026-05-04T08:00:00+08:00")
HERE = Source("t-flow", 1, 7)


class Arrived(Struct):
    """A record as the clients hand it out; ``timestamp`` in milliseconds."""

    value: bytes | None
    headers: Headers = ()
    offset: int = 7
    timestamp: int = AT // 1_000


def test_pages_keep_order_and_stay_small() -> None:
    """Law: many items are few records, none above the broker's limit, nothing lost on the way."""
    heavy = Stray(b"x" * 200_000, "p", AT, HERE)
    items: list[Passed] = [*(LaneTick(0, AT + n, 1) for n in range(PAGE + 1)), heavy, heavy, LaneTick(1, AT)]
    written = list(pages(items))
    assert [item for page in written for item in read_page(page)] == items
    assert len(written) == 5
    assert max(map(len, written)) < 900_000


def test_the_time_of_a_lane_stands_behind_its_lines() -> None:
    """Law: who has read a lane's time has read what came before it."""
    *_, last = line_pages(LinesPage(time=LaneTime(3, AT)))
    assert read_lines(last).time == LaneTime(3, AT)


def test_a_state_record_names_its_part() -> None:
    """Law: compaction keeps the last of each part; a part that is no more is a tombstone."""
    part = StatePart(f"home|{site_key('S1')}", "20577.0", None)
    assert state_names(state_key(part)) == (part.key, part.part)


def test_a_tick_is_no_report() -> None:
    """Law: only ticks move time: a report that talks of one does not."""
    assert tick_of(tick_value(AT)) == AT
    assert tick_of(b'{"kind":"flow","tick":"2026-05-04T08:00:00+08:00"}') is None
    assert tick_of(b'{"tick":"yesterday"}') is None
    assert tick_of(None) is None


def test_the_door_is_believed_where_settings_say_so() -> None:
    """Law: the provider comes from the credential; received_at was stamped by whoever first held the bytes."""
    record = Arrived(b"{}", report_headers("p1", AT - 5))
    told = Reader(Settings()).report("flow", HERE, record)
    assert (told.provider, told.received_at) == ("p1", AT - 5)
    doubted = Reader(Settings(trust_provider_header=False)).report("flow", HERE, record)
    assert (doubted.provider, doubted.received_at) == (UNKNOWN, AT)


def test_a_directly_fed_topic_belongs_to_its_provider() -> None:
    """Law: on a topic assigned to a provider nobody else can speak, whatever the record says of itself."""
    settings = Settings(topic_providers={"flow": "gateway"})
    told = Reader(settings).report("flow", HERE, Arrived(b"{}", report_headers("p1", AT - 5)))
    assert (told.provider, told.received_at) == ("gateway", AT)
