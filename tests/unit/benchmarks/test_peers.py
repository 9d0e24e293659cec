"""The steps that peers run are ours: over any store that gets and sets, one event at a time, the lane's answer."""

from __future__ import annotations

from benchmarks.lane import Ran, in_memory
from benchmarks.peers.course import LANES, PARTITIONS, Entry, course, in_order
from benchmarks.peers.steps import FACTS, INPUT, LINES, WARNINGS, Out, Shelf, Steps, Taken, lane_names
from benchmarks.province import assembled, small
from detectors.claim import Status
from events.identity import lane_of
from events.log import Received
from routing.notice import WarningNotice, decode_notice
from streams.broker.wire import read_lines
from streams.settings import Settings


class Host:
    """The least of a peer: dicts for state, facts handed on at once, outputs kept."""

    def __init__(self) -> None:
        self.kept: list[dict[str, bytes]] = [{} for _ in LANES]
        self.warned: dict[str, WarningNotice] = {}
        self.ran = Ran()
        self._settings, self._assembly = Settings(application="x", partitions=PARTITIONS), assembled()
        self.start()

    def start(self) -> None:
        """Take every lane up from what was kept."""
        self._lanes = [
            Steps(number, self._settings, self._assembly, Shelf(self.kept[number].get)) for number in LANES
        ]

    def take(self, offset: int, entry: Entry) -> None:
        """One record, and all that it sets off."""
        word, number, value, headers = entry
        self._step(number, word, Taken(offset, 0, value, headers))

    def _step(self, number: int, word: str, taken: Taken) -> None:
        self._lanes[number].take(word, taken)
        writes, outs = self._lanes[number].done()
        for name, data in writes:
            if data is None:
                self.kept[number].pop(name, None)
            else:
                self.kept[number][name] = data
        for out in outs:
            self._out(out)

    def _out(self, out: Out) -> None:
        if out.word == FACTS:
            self._step(lane_of(out.key.decode(), PARTITIONS), FACTS, Taken(0, 0, out.value, ()))
        elif out.word == LINES:
            self.ran.lines.update(((line.key, line.fact.id), line.fact) for line in read_lines(out.value).lines)
        elif out.word == WARNINGS:
            notice = decode_notice(out.value)
            self.warned[notice.finding] = notice

    def standing(self) -> frozenset[str]:
        """The findings that stand."""
        return frozenset(name for name, told in self.warned.items() if told.status != Status.WITHDRAWN.value)


def test_steps_restored_from_their_shelf_end_in_the_lanes_answer() -> None:
    """Event by event over dicts, all lanes taken up anew halfway: books and findings are the lane's alone."""
    log = small()
    on, host = in_order(course(log, in_memory(log)), INPUT), Host()
    entries = [*on.preface, *on.rest]
    for offset, entry in enumerate(entries):
        if offset == len(entries) // 2:
            host.start()
        host.take(offset, entry)
    assert on.standing
    assert host.standing() == on.standing
    assert host.ran.books() == on.books


def test_a_course_is_the_log_whoever_reads_it() -> None:
    """In one topic or five, every report stands once on each of its partitions; only ticks are fewer in one."""
    log = small()
    five = course(log, Ran())
    one = in_order(five, INPUT)
    reports = [entry[1:] for entry in (*five.preface, *five.rest) if entry[3]]
    assert reports == [entry[1:] for entry in (*one.preface, *one.rest) if entry[3]]
    assert {raw for _, raw, _ in reports} == {item.raw for item in log if isinstance(item, Received)}
    assert {word for word, *_ in (*one.preface, *one.rest)} == {INPUT}


def test_each_lane_has_a_name_that_kafka_puts_there() -> None:
    """A record keyed by a lane's name stands on that lane's partition, whoever writes it."""
    assert [lane_of(name.decode(), 7) for name in lane_names(7)] == list(range(7))
