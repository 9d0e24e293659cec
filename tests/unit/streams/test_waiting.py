"""What waits for a lane is handed on in order, each record once, and no topic ahead of the others' ticks."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from events.time import MINUTE
from streams.broker.chunk import Chunk
from streams.broker.waiting import CHUNKS, Waiting
from streams.broker.wire import tick_of, tick_value

TOPICS = ("flow", "inventory", "registry")
FACTS = "facts"


def record(offset: int, tick: int | None) -> Any:
    return SimpleNamespace(offset=offset, value=b"{}" if tick is None else tick_value(tick * MINUTE))


def chunk(topic: str, begins: int, ticks: list[int | None], *, more: bool = False) -> Chunk:
    return Chunk(topic, 0, begins, [record(begins + place, tick) for place, tick in enumerate(ticks)], more)


def new() -> Waiting:
    return Waiting((*TOPICS, FACTS), untimed=FACTS)


def offsets(chunks: list[Chunk]) -> dict[str, list[int]]:
    return {one.topic: [one_record.offset for one_record in one.records] for one in chunks}


def nothing() -> None:
    pass


@st.composite
def logs(draw: st.DrawFn) -> dict[str, list[list[int | None]]]:
    """For each topic chunks of records, some of them ticks that rise by one."""
    found: dict[str, list[list[int | None]]] = {}
    for topic in TOPICS:
        number = 0
        found[topic] = []
        for _ in range(draw(st.integers(0, 3))):
            ticks: list[int | None] = []
            for is_tick in draw(st.lists(st.booleans(), min_size=1, max_size=6)):
                number += is_tick
                ticks.append(number if is_tick else None)
            found[topic].append(ticks)
    found[FACTS] = [[None] * draw(st.integers(1, 3)) for _ in range(draw(st.integers(0, 2)))]
    return found


@given(logs(), st.integers(1, 12), st.booleans())
def test_every_record_once_in_order_and_joined_without_a_gap(
    log: dict[str, list[list[int | None]]], most: int, patient: bool
) -> None:
    waiting, ended = new(), list[tuple[str, int]]()
    ends = {}
    for topic, chunks in log.items():
        at = 0
        for number, ticks in enumerate(chunks):
            waiting.put(chunk(topic, at, ticks), lambda name=(topic, number): ended.append(name))  # type: ignore[misc]
            at += len(ticks)
        ends[topic] = at
    reached = dict.fromkeys(log, 0)
    while (cut := waiting.take(most, patient=patient) or waiting.take(most, patient=False)) is not None:
        assert len({one.topic for one in cut.chunks}) == len(cut.chunks)
        assert 0 < sum(len(one.records) for one in cut.chunks) <= most
        for one in cut.chunks:
            assert one.begins == reached[one.topic] == one.records[0].offset
            assert [one_record.offset for one_record in one.records] == list(range(one.begins, one.ends))
            reached[one.topic] = one.ends
        for done in cut.done:
            done()
        for topic, number in ended:
            assert reached[topic] >= sum(map(len, log[topic][: number + 1])), "said to be done before it was"
    assert reached == ends
    assert sorted(ended) == sorted(
        (topic, number) for topic, chunks in log.items() for number in range(len(chunks))
    )


@given(logs())
def test_nobody_runs_ahead_of_a_tick_that_another_has_waiting(log: dict[str, list[list[int | None]]]) -> None:
    waiting = new()
    for topic, chunks in log.items():
        at = 0
        for ticks in chunks:
            waiting.put(chunk(topic, at, ticks), nothing)
            at += len(ticks)
    left = {topic: [tick for ticks in log[topic] for tick in ticks] for topic in TOPICS}
    come = dict.fromkeys(TOPICS, 0)
    while (cut := waiting.take(1, patient=False)) is not None:
        (one,) = cut.chunks
        if one.topic == FACTS:
            continue
        behind = [come[topic] for topic in TOPICS if left[topic]]
        assert come[one.topic] == min(behind)
        del left[one.topic][0]
        tick = tick_of(one.records[0].value)
        come[one.topic] = come[one.topic] if tick is None else tick // MINUTE


def test_facts_come_first_and_all() -> None:
    waiting = new()
    waiting.put(chunk("flow", 0, [1, None]), nothing)
    waiting.put(chunk(FACTS, 7, [None, None, None]), nothing)
    cut = waiting.take(4, patient=True)
    assert cut is not None
    assert offsets(cut.chunks) == {FACTS: [7, 8, 9], "flow": [0]}


def test_who_is_ahead_waits_for_a_topic_that_has_more() -> None:
    waiting = new()
    waiting.put(chunk("registry", 0, [2]), nothing)
    waiting.put(chunk("flow", 0, [1, None], more=True), nothing)
    waiting.put(chunk("inventory", 0, [1, None, 2, None]), nothing)
    first = waiting.take(100, patient=True)
    assert first is not None
    assert offsets(first.chunks) == {"registry": [0], "flow": [0, 1], "inventory": [0, 1, 2]}
    assert waiting.take(100, patient=True) is None
    assert waiting
    waiting.put(chunk("flow", 2, [2, None]), nothing)
    then = waiting.take(100, patient=True)
    assert then is not None
    assert offsets(then.chunks) == {"flow": [2, 3], "inventory": [3]}
    assert not waiting


def test_patience_ends() -> None:
    waiting = new()
    waiting.put(chunk("flow", 0, [1], more=True), nothing)
    waiting.put(chunk("inventory", 0, [2, None]), nothing)
    assert waiting.take(100, patient=True) is not None
    assert waiting.take(100, patient=True) is None
    late = waiting.take(100, patient=False)
    assert late is not None
    assert offsets(late.chunks) == {"inventory": [1]}


def test_far_ahead_nobody_runs_while_there_is_patience() -> None:
    """Of what one fetch brought the first chunk comes before the others: nothing is known of these yet."""
    waiting = new()
    for topic in TOPICS:
        waiting.put(chunk(topic, 0, [1]), nothing)
    assert waiting.take(100, patient=True) is not None
    waiting.put(chunk("inventory", 1, [None, 6, None, 7, None]), nothing)
    first = waiting.take(100, patient=True)
    assert first is not None
    assert offsets(first.chunks) == {"inventory": [1, 2, 3, 4]}
    assert waiting.take(100, patient=True) is None
    then = waiting.take(100, patient=False)
    assert then is not None
    assert offsets(then.chunks) == {"inventory": [5]}


def test_a_topic_at_its_end_holds_up_nobody() -> None:
    waiting = new()
    for topic in TOPICS:
        waiting.put(chunk(topic, 0, [0]), nothing)
    assert waiting.take(100, patient=True) is not None
    waiting.put(chunk("flow", 0, [1]), nothing)
    waiting.put(chunk("inventory", 0, [2, None, 3, None]), nothing)
    cut = waiting.take(100, patient=True)
    assert cut is not None
    assert offsets(cut.chunks) == {"flow": [0], "inventory": [0, 1, 2, 3]}


def test_what_is_known_of_begins_is_kept() -> None:
    waiting = new()
    waiting.put(Chunk("flow", 0, None, [record(5, None), record(9, None)]), nothing)
    first, second = waiting.take(1, patient=True), waiting.take(1, patient=True)
    assert first is not None
    assert second is not None
    assert [cut.chunks[0].begins for cut in (first, second)] == [None, 6]


def test_what_comes_again_after_a_seek_is_a_chunk_of_its_own() -> None:
    """Else who applies it could not skip it: by its first record it would be new."""
    waiting = new()
    waiting.put(chunk("flow", 3, [None, None]), nothing)
    waiting.put(chunk("flow", 3, [None, None]), nothing)
    waiting.put(chunk("flow", 5, [None]), nothing)
    cut = waiting.take(10, patient=True)
    assert cut is not None
    assert [(one.begins, one.ends) for one in cut.chunks] == [(3, 5), (3, 6)]


def test_a_gap_is_not_hidden() -> None:
    waiting = new()
    waiting.put(chunk("flow", 0, [None]), nothing)
    waiting.put(chunk("flow", 4, [None]), nothing)
    cut = waiting.take(10, patient=True)
    assert cut is not None
    assert [(one.begins, one.ends) for one in cut.chunks] == [(0, 1), (4, 5)]


def test_of_each_topic_so_much_waits() -> None:
    waiting = new()
    for number in range(CHUNKS):
        assert waiting.has_room("flow")
        waiting.put(chunk("flow", number, [None]), nothing)
    assert not waiting.has_room("flow")
    assert waiting.has_room("inventory")
    waiting.take(1, patient=True)
    assert waiting.has_room("flow")
