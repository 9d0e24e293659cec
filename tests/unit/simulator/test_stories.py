"""The words of the stories keep the contract and mean the same instant for ever."""

import pytest

from events.intake import Arrival, Record, home_key, read
from events.log import Received, Tick
from events.rejection import Source
from events.report import Event
from events.time import DAY, MINUTE, instant
from simulator import stories as s

EVERY_WORD: tuple[Event, ...] = (
    *s.world(),
    s.opening("800 item", site="S1", goods="DET", when="day 1 08:00"),
    s.receive("100 item", site="S2", goods="DET", when="day 1 12:00", consignment="C1", permit="P1"),
    s.issue("100 item", site="S1", goods="DET", when="day 1 09:00", consignment="C1"),
    s.produce("20 kg", site="S1", goods="EXP", when="day 1 09:10"),
    s.consume("10 item", site="S2", goods="DET", when="day 1 15:00", shift="SH1"),
    s.give_back("1 item", site="S2", goods="DET", when="day 1 17:00", shift="SH1"),
    s.destroy("1 item", site="S2", goods="DET", when="day 1 17:30"),
    s.declare_loss("1 item", site="S2", goods="DET", when="day 1 17:40"),
    s.adjust("1 item", site="S2", goods="DET", when="day 1 17:50", direction="out"),
    s.count("88 item", site="S2", goods="DET", when="day 1 18:00"),
    s.gauge("900.5 L", site="S1", goods="ACE", when="day 1 18:00"),
    s.plan("C1", {"DET": "100 item"}, depart="day 1 09:00", arrive_by="day 1 13:00"),
    s.stage("C1", "depart", when="day 1 09:05"),
    s.position(s.along(0.5, aside_m=250), when="day 1 10:00", loaded=True, alarms=1 << 4),
)


@pytest.mark.parametrize("event", EVERY_WORD, ids=lambda event: type(event).__name__)
def test_every_word_of_a_story_keeps_the_contract(event: Event) -> None:
    """What a story says is what intake takes."""
    line = s.received(event)
    taken = read(Record(line.raw, line.provider, line.received_at, Source("story", 0, 0)))
    assert isinstance(taken, Arrival), taken
    assert taken.event == event


def test_relative_time_is_the_same_instant_for_ever() -> None:
    """Day 1 is Monday 2026-05-04 in Shanghai."""
    assert s.tick("day 1 00:00") == Tick(s.DAY_ONE)
    assert s.at("day 3 00:00:30") == s.DAY_ONE + 2 * DAY + MINUTE // 2
    assert s.at("day -1 00:00") == s.DAY_ONE - 2 * DAY


def test_a_log_stands_in_the_order_of_receipt_with_ticks_behind() -> None:
    """A tick says that everything received before it stands before it."""
    early = s.issue("1 item", site="S1", goods="DET", when="day 1 08:00")
    late = s.issue("2 item", site="S1", goods="DET", when="day 1 07:00")
    told = s.log(s.tick("day 1 08:05"), s.received(late, when="day 1 09:00"), early)
    kinds = [line.raw if isinstance(line, Received) else "tick" for line in told]
    assert kinds == [s.received(early).raw, "tick", s.received(late).raw]


def test_a_correction_keeps_its_targets_time_home_and_names_it() -> None:
    """A correction that moves its target is still decided where the target was reported."""
    wrong = s.receive("10 item", site="S2", goods="DET", when="day 1 08:00")
    moved = s.correct(wrong, site="S3")
    assert moved.occurred_at == wrong.occurred_at
    assert home_key(moved) == home_key(wrong) == "site:S2"
    assert s.void(wrong, 2).corrects is not None
    assert s.arrival(s.void(wrong)).at == instant(wrong.occurred_at)
