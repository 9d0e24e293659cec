"""Law 6 in memory: every interleaving that can be drawn, every crash point; and engines broken on purpose."""

from __future__ import annotations

import time

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import run_state_machine_as_test

from events.log import Received, Tick
from events.report import Event
from events.time import DAY
from simulator import stories as s
from tests.chaos.comparing import parted
from tests.chaos.histories import chaotic
from tests.chaos.oracle import answer
from tests.chaos.simulation.broken import (
    BROKEN,
    AcknowledgesFirst,
    AppliesAgain,
    KeepsPositionApart,
    KeepsPositionFirst,
    NeverFences,
    ReadsUncommitted,
)
from tests.chaos.simulation.machine import Interleavings
from tests.chaos.simulation.owner import Owner
from tests.chaos.simulation.scenarios import CrashPoints, handed_out_again, zombie
from tests.engines import Answers, in_memory
from tests.laws.histories import LAST, logs, with_ticks
from tests.laws.lanes import published

_slow = [HealthCheck.too_slow, HealthCheck.data_too_large]
thorough = settings(max_examples=100, stateful_step_count=40, deadline=None, suppress_health_check=_slow)
until_caught = settings(
    thorough,
    max_examples=1_500,
    phases=[Phase.generate],
    database=None,
    derandomize=True,
    report_multiple_bugs=False,
)


def story() -> list[Received | Tick]:
    """A few days of one goods: sent, received in part, counted, corrected, told twice; a rule or two speak."""
    sent = s.issue("40 item", site="S1", goods="DET", when="day 1 10:00", consignment="C1")
    told: list[Event] = [
        s.opening("100 item", site="S1", goods="DET", when="day 1 08:00"),
        sent,
        s.receive("30 item", site="S2", goods="DET", when="day 1 12:00", consignment="C1"),
        s.count("55 item", site="S1", goods="DET", when="day 1 18:00"),
        s.issue("90 item", site="S1", goods="DET", when="day 2 09:00"),
        s.correct(sent, quantity=s.quantity("45 item")),
        s.count("30 item", site="S2", goods="DET", when="day 2 18:00"),
    ]
    log = [*(s.received(one) for one in (*s.world(), *told)), s.received(told[0], when="day 3 08:00")]
    return with_ticks(sorted(log, key=lambda line: line.received_at), every=DAY)


@pytest.fixture(scope="module")
def answers() -> Answers:
    """What an uninterrupted run says to the story."""
    found = in_memory([published(), *story()])
    assert found.warnings
    return found


def test_every_interleaving_ends_where_an_uninterrupted_run_does() -> None:
    """Law 6: sent, committed, acknowledged, crashed, handed out again, taken over, woken up: in any order."""
    run_state_machine_as_test(Interleavings, settings=thorough)


@settings(thorough, max_examples=15)
@given(logs(), st.integers(1, 3), st.sampled_from((1, 7, 40, 200)))
def test_a_crash_at_any_point_leaves_what_stood_before_or_after_the_batch(
    log: list[Received], lanes: int, size: int
) -> None:
    """Law 6: after every single move; and a lane taken up anew after every batch ends in the same answers."""
    told = with_ticks(log)
    assert not CrashPoints(told, Owner, lanes, size).wrong(in_memory([published(), *told]))


@settings(thorough, max_examples=25)
@given(chaotic(), st.integers(1, 3), st.sampled_from((7, 40)))
def test_a_lane_taken_up_anew_after_every_batch_says_what_the_oracle_says(
    log: list[Received | Tick], lanes: int, size: int
) -> None:
    """Law 6: with a register that comes late, too: what was said before a crash is taken back behind it."""
    points = CrashPoints(log, Owner, lanes, size)
    said = in_memory(log)
    assert not points.wrong(said)
    assert not parted(answer(log), said)


def test_thousands_of_crash_points_are_looked_at(answers: Answers) -> None:
    """Law: one small story alone has so many; how many a second is printed, not asserted."""
    points = CrashPoints([*story(), Tick(LAST + 1)], Owner, 3, 1)
    began = time.process_time()
    assert not points.wrong(answers)
    took = time.process_time() - began
    print(f"{points.points} crash points, {points.points / took:.0f} a second")
    assert points.points > 1_000


@pytest.mark.parametrize("moves", [1, 2, 5])
def test_who_was_replaced_writes_nothing(answers: Answers, moves: int) -> None:
    """Law 6: frozen in the middle of a batch and woken after somebody else went on."""
    assert not zombie(story(), Owner, answers, moves)


def test_what_is_handed_out_again_is_not_applied_again(answers: Answers) -> None:
    """Law 2: a record that the state has is passed over by its position."""
    assert not handed_out_again(story(), Owner, answers)


@pytest.mark.parametrize("engine", [AcknowledgesFirst, KeepsPositionApart, KeepsPositionFirst, ReadsUncommitted])
def test_an_engine_that_a_crash_leaves_half_done_is_caught(engine: type[Owner], answers: Answers) -> None:
    """Law: the look at every crash point sees what it is for."""
    assert CrashPoints(story(), engine).wrong(answers)


def test_an_engine_that_shuts_nobody_out_is_caught(answers: Answers) -> None:
    """Law: without fencing a zombie takes the lane's position back, and that is seen."""
    assert zombie(story(), NeverFences, answers, 1)  # the broker itself ends a transaction that hangs


def test_an_engine_that_does_not_know_what_it_applied_is_caught(answers: Answers) -> None:
    """Law: the homes forgive what is applied twice; it is seen all the same."""
    assert handed_out_again(story(), AppliesAgain, answers)


@pytest.mark.parametrize("engine", BROKEN, ids=lambda engine: engine.__name__)
def test_the_interleavings_find_every_broken_engine(engine: type[Owner]) -> None:
    """Law: what is drawn is enough to find each of them, by a wrong answer or a fault."""
    broken = type(engine.__name__, (Interleavings,), {"engine": engine, "told": story()})
    with pytest.raises((AssertionError, KeyError)):  # half a key's state, restored, is not even a state
        run_state_machine_as_test(broken, settings=until_caught)
