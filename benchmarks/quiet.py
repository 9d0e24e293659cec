"""A country's quiet books as state on a broker, written by the real codec, as lanes leave them.

Each book has a head and a base that closed time adds up to, none of its facts singly; each site a home that lists
its books, and the registry entries that it is judged by. What a lane keeps for everyone was kept by a real lane.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import chain, islice
from typing import Any, Final

import msgspec
from aiokafka import AIOKafkaProducer
from msgspec import Struct
from msgspec.structs import replace

from benchmarks.province import assembled, with_policies
from detectors.subject import Subject
from events.identity import EVERYONE, book_key, lane_of, site_key
from events.intake import Arrival, Record, read
from events.log import Received, Tick
from events.registry import SiteEntry, UnitEntry
from events.rejection import Source
from events.report import Event
from events.time import Instant
from ledger.account import Book
from ledger.home import Home
from simulator import stories as s
from streams.broker.clients import aiokafka
from streams.broker.topics import STATE, Topics, verified
from streams.broker.wire import Applied, encode_applied, state_key
from streams.codec import SubjectCodec, registered_part, restore_registered
from streams.effects import StatePart
from streams.holdings import REFERENCE
from streams.home_codec import home_parts
from streams.settings import Settings
from streams.store import MemoryStore

GOODS: Final = ("DET", *(f"G{number:02}" for number in range(1, 20)))
"""The goods of each site: a book each."""
SITE, UNIT = "S2", "U2"
_NOW: Final = "day 20 00:30"
_STRETCH: Final = 2_000


class Quiet(Struct, frozen=True):
    """How much state: so many books, and so many of their records written once more behind them all."""

    books: int
    again: int = 0

    @property
    def sites(self) -> int:
        """Sites that the books lie at."""
        return max(self.books // len(GOODS), 1)

    @property
    def records(self) -> int:
        """Records on the state topic that are about books and sites."""
        return self.sites * (2 * len(GOODS) + 3) + self.again


def first_event() -> Received:
    """A receipt at the first site, in time, as it comes in after the restart."""
    return s.received(s.receive("1 item", site=_site(0), goods="DET", when="day 19 12:00", unit=UNIT, id="first"))


def first_book() -> str:
    """The book that it is of."""
    return book_key(_site(0), "DET")


async def write(settings: Settings, quiet: Quiet) -> None:
    """Put the state of all lanes on the state topic."""
    found = await asyncio.to_thread(verified, settings)
    lanes, topics = settings.partitions, Topics(settings.application)
    applied = encode_applied(Applied({}, {name: found[name].id for name in topics.lane}, lanes))
    producer = AIOKafkaProducer(**aiokafka(settings), max_batch_size=900_000, linger_ms=5)
    await producer.start()
    try:
        everywhere = [StatePart("lane", "clock", _clock(topics, lanes)), StatePart("lane", "applied", applied)]
        everywhere += [StatePart(REFERENCE + EVERYONE, part, data) for part, data in _everyones().items()]
        ours = chain(
            ((lane, part) for lane in range(lanes) for part in everywhere),
            _of_sites(quiet, lanes),
            _over(quiet, lanes),
        )
        await _send(producer, topics.named(STATE), ours)
    finally:
        await producer.stop()


def _over(quiet: Quiet, lanes: int) -> Iterator[tuple[int, StatePart]]:
    """The books' records again and again, up to as many as are wanted."""
    rounds = -(-quiet.again // (2 * quiet.books))
    return islice(chain.from_iterable(_of_books(quiet, lanes) for _ in range(rounds)), quiet.again)


def _of_sites(quiet: Quiet, lanes: int) -> Iterator[tuple[int, StatePart]]:
    """Everything about each site, its books among it."""
    template = _left()
    held = map(restore_registered, template[REFERENCE + site_key(SITE)].values())
    entries = [one for one in held if isinstance(one.entry, UnitEntry | SiteEntry)]
    books = _of_books(quiet, lanes)
    for number in range(quiet.sites):
        site = _site(number)
        lane = lane_of(site, lanes)
        home = Home(site_key(site), s.at("day 12 00:00"))
        home.books = {book_key(site, goods) for goods in GOODS}
        for part in home_parts(home, None):
            yield lane, part
        for entry in entries:
            told = entry.entry
            here = replace(told, site=site) if isinstance(told, SiteEntry) else told
            yield lane, registered_part(site_key(site), replace(entry, entry=here))
        yield from islice(books, 2 * len(GOODS))


def _of_books(quiet: Quiet, lanes: int) -> Iterator[tuple[int, StatePart]]:
    """A base and a head for every book, each with a balance of its own."""
    template, detectors = _left(), assembled().watch.detectors["book"]
    left = SubjectCodec(detectors).restore(book_key(SITE, "DET"), template[book_key(SITE, "DET")])
    for number in range(quiet.sites):
        codec, site = SubjectCodec(detectors), _site(number)
        lane = lane_of(site, lanes)
        for place, goods in enumerate(GOODS):
            subject = Subject(book_key(site, goods), left.horizon)
            account = left.base.account
            assert isinstance(account, Book)
            subject.base = replace(left.base, account=replace(account, balance=1 + number + place))
            subject.base_changed = True
            for part in codec.changed(subject):
                yield lane, part


async def _send(producer: AIOKafkaProducer, topic: str, parts: Iterable[tuple[int, StatePart]]) -> None:
    """Records by lane, in their order."""
    builders: dict[int, Any] = {}
    for lane, part in parts:
        builder = builders.get(lane) or builders.setdefault(lane, producer.create_batch())
        if builder.append(key=state_key(part), value=part.data, timestamp=None) is None:
            await producer.send_batch(builder, topic, partition=lane)
            builder = builders[lane] = producer.create_batch()
            builder.append(key=state_key(part), value=part.data, timestamp=None)
    for lane, builder in builders.items():
        await producer.send_batch(builder, topic, partition=lane)
    await producer.flush()


@cache
def _left() -> dict[str, dict[str, bytes]]:
    """What a real lane keeps of a small world after three weeks: a quiet book, its site, and what concerns all."""
    store = MemoryStore()
    lane = assembled().lane(0, 1, store)
    lane.expect(("log",))
    moves: list[Event] = [
        s.receive("9 item", site=SITE, goods="DET", when=f"day {day} 08:00", unit=UNIT, id=f"in-{day}")
        for day in range(1, 5)
    ]
    for item in with_policies(
        [*(s.received(event) for event in (*s.world(), *moves)), s.tick("day 5 00:30"), s.tick(_NOW)]
    ):
        if isinstance(item, Tick):
            lane.tick("log", item.at)
            continue
        arrival = read(Record(item.raw, item.provider, item.received_at, Source("log", 0, 0)))
        assert isinstance(arrival, Arrival)
        lane.arrive(arrival)
    store.keep(lane.finish().states)
    keys = (book_key(SITE, "DET"), REFERENCE + site_key(SITE), REFERENCE + EVERYONE)
    return {key: dict(store.parts(key)) for key in keys}


def _everyones() -> dict[str, bytes]:
    return _left()[REFERENCE + EVERYONE]


def _clock(topics: Topics, lanes: int) -> bytes:
    at: Instant = s.at(_NOW)
    hops = dict.fromkeys(range(3 * lanes), at)
    return msgspec.msgpack.encode((dict.fromkeys(topics.inputs, at), hops, at))


def _site(number: int) -> str:
    return f"Q{number:06}"
