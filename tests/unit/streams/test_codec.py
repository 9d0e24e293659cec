"""State of subjects as bytes: parts of bounded size, only what changed, and the same after a restore.

Laws: what is restored is what was kept; a newer hazflow's state is refused, never guessed at.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.subject import Subject
from events.report import SerialRange
from events.time import DAY, Instant, civil_day
from ledger.account import Book
from ledger.fact import Fact
from simulator.stories.relative import at
from streams.codec import (
    CHUNK,
    LARGEST_PART,
    VERSION,
    NewerState,
    SubjectCodec,
    read_head,
)
from streams.effects import StatePart
from streams.store import MemoryStore
from tests.detector_kit import movement

KEY = "book:S1/DET"
DAY_1 = civil_day(at("day 1 12:00"))


def one(number: int, *, version: int = 1, day: int = 1, serials: int = 0) -> Fact:
    """A movement under its own id."""
    ranges = tuple(SerialRange(maker="m" * 100, type="t" * 100, first=n, last=n) for n in range(serials))
    return movement("issue", "1 item", when=f"day {day} 08:00", id=f"e{number}", version=version, serials=ranges)


def later(number: int, *, version: int = 1) -> Fact:
    """The movement of a second of the day."""
    when = f"day 1 08:{number // 60:02}:{number % 60:02}"
    return movement("issue", "1 item", when=when, id=f"e{number}", version=version)


def kept(store: MemoryStore, parts: Iterable[StatePart]) -> list[str]:
    """The names of the parts that a batch writes, taken into the store; None of data in brackets."""
    written = list(parts)
    store.keep(written)
    return [part.part if part.data is not None else f"({part.part})" for part in written]


def test_a_batch_writes_only_what_changed() -> None:
    """A head each time; of the days only those that a fact moved in."""
    codec, store, subject = SubjectCodec(()), MemoryStore(), Subject(KEY)
    subject.put(one(1, day=1))
    subject.put(one(2, day=2))
    assert kept(store, codec.changed(subject)) == [f"{DAY_1}.0", f"{DAY_1 + 1}.0", "head"]
    subject.put(one(3, day=2))
    assert kept(store, codec.changed(subject)) == [f"{DAY_1 + 1}.0", "head"]
    assert kept(store, codec.changed(subject)) == ["head"]


def test_chunks_grow_and_shrink_with_a_day() -> None:
    """Parts that a day no longer fills are dropped, also by a codec that was restored in between."""
    codec, store, subject = SubjectCodec(()), MemoryStore(), Subject(KEY)
    for number in range(CHUNK + 1):
        subject.put(one(number))
    assert kept(store, codec.changed(subject)) == [f"{DAY_1}.0", f"{DAY_1}.1", "head"]
    restored = SubjectCodec(())
    again = restored.restore(KEY, store.parts(KEY))
    assert (again.facts, again.order) == (subject.facts, subject.order)
    again.drop_before(at("day 2 00:00"))
    again.put(one(0, day=2))
    assert kept(store, restored.changed(again)) == [f"({DAY_1}.0)", f"({DAY_1}.1)", f"{DAY_1 + 1}.0", "head"]
    assert set(store.parts(KEY)) == {f"{DAY_1 + 1}.0", "head"}


def test_of_a_full_day_only_the_parts_behind_a_change_are_written() -> None:
    """A fact that comes last costs a part; one in the middle those behind it too; after a restore all, once."""
    codec, store, subject = SubjectCodec(()), MemoryStore(), Subject(KEY)
    for number in range(3 * CHUNK - 1):
        subject.put(later(number))
    assert kept(store, codec.changed(subject)) == [f"{DAY_1}.0", f"{DAY_1}.1", f"{DAY_1}.2", "head"]
    subject.put(later(3 * CHUNK))
    assert kept(store, codec.changed(subject)) == [f"{DAY_1}.2", "head"]
    subject.put(later(3 * CHUNK + 1))
    assert kept(store, codec.changed(subject)) == [f"{DAY_1}.3", "head"]
    subject.put(later(CHUNK, version=2))
    assert kept(store, codec.changed(subject)) == [f"{DAY_1}.1", f"{DAY_1}.2", f"{DAY_1}.3", "head"]
    restored = SubjectCodec(())
    again = restored.restore(KEY, store.parts(KEY))
    assert (again.facts, again.order) == (subject.facts, subject.order)
    again.put(later(3 * CHUNK + 2))
    assert len(kept(store, restored.changed(again))) == 5
    again.put(later(3 * CHUNK + 3))
    assert kept(store, restored.changed(again)) == [f"{DAY_1}.3", "head"]


@given(
    st.lists(
        st.tuples(st.integers(0, 3 * CHUNK), st.integers(1, 3), st.integers(1, 2), st.sampled_from((0, 0, 0, 900))),
        max_size=6 * CHUNK,
    ),
    st.integers(1, 9),
)
def test_whatever_was_written_when_is_restored_whole(puts: list[tuple[int, int, int, int]], every: int) -> None:
    """Law: what is restored is what was kept, in whatever batches it came, moved to another day or not."""
    codec, store, subject = SubjectCodec(()), MemoryStore(), Subject(KEY)
    for place, (number, version, day, serials) in enumerate(puts):
        subject.put(one(number, version=version, day=day, serials=serials))
        if place % every == 0:
            store.keep(codec.changed(subject))
    store.keep(codec.changed(subject))
    again = SubjectCodec(()).restore(KEY, store.parts(KEY))
    assert (again.facts, again.order) == (subject.facts, subject.order)


def test_a_part_is_bounded_whatever_a_fact_holds() -> None:
    """Facts with a thousand serial ranges each: parts stay small, or hold one fact alone; nothing is lost."""
    codec, store, subject = SubjectCodec(()), MemoryStore(), Subject(KEY)
    facts = [one(number, serials=1_000 if number % 3 == 0 else 50) for number in range(20)]
    for fact in facts:
        subject.put(fact)
    store.keep(codec.changed(subject))
    parts = {part: data for part, data in store.parts(KEY).items() if part != "head"}
    for data in parts.values():
        held = msgspec.msgpack.decode(data, type=tuple[Fact, ...])
        assert len(data) <= LARGEST_PART or len(held) == 1
    assert SubjectCodec(()).restore(KEY, store.parts(KEY)).facts == subject.facts


def test_what_closed_time_adds_up_to_is_restored() -> None:
    """The base survives with its account; the horizon and the wake with the head."""
    codec, store, subject = SubjectCodec(()), MemoryStore(), Subject(KEY)
    subject.base = msgspec.structs.replace(subject.base, account=Book(balance=7, opening=7))
    subject.base_changed, subject.horizon, subject.wake = True, at("day 2 00:00"), at("day 9 00:00")
    assert kept(store, codec.changed(subject)) == ["base", "head"]
    again = SubjectCodec(()).restore(KEY, store.parts(KEY))
    assert again.base.account == Book(balance=7, opening=7)
    assert (again.horizon, again.wake) == (subject.horizon, subject.wake)


def test_state_of_a_newer_version_is_refused() -> None:
    """Whatever fields it has; the text says what to do."""
    wake: Instant | None = DAY
    newer = msgspec.msgpack.encode((VERSION + 1, 0, wake, {}, (), {}, {}, None, "", "a field of then"))
    with pytest.raises(NewerState, match="upgrade"):
        read_head(newer)
