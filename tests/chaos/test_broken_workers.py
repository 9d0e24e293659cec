"""Tests of the test: workers broken on purpose and killed at the worst moment are caught on a real broker."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from deploy.local import KafkaBroker
from events.log import Received, Tick
from events.time import MINUTE
from streams.broker.process import environment
from tests.chaos.comparing import parted
from tests.chaos.oracle import Oracle, answer
from tests.chaos.real.breaking import NOTHING
from tests.chaos.real.cast import Member
from tests.chaos.real.verdict import Committed
from tests.kafka.engine import Engine, last_tick, province, settings_for

Stop = tuple[str, str, int]
"""How it stops itself, at which moment of a commit, the how manieth."""
TRIES = (3, 4, 2, 5)
"""At which batch a broken worker is stopped: one stop may hit where, by luck, nothing was at stake."""
NEVER: Stop = ("kill", "never", 1)


ENDS = last_tick(province(1)) + MINUTE
"""One tick more, when all others may be lost."""


@cache
def right() -> Oracle:
    """What must be said to the log."""
    return answer([*province(1), Tick(ENDS)])


class Breaking(Engine):
    """An engine whose workers stop themselves."""

    def __init__(self, *arguments: object) -> None:
        super().__init__(*arguments)  # type: ignore[arg-type]  # passed on
        self.members: list[Member] = []

    def start(self, broken: str, stop: Stop) -> Member:
        """One worker more."""
        how, moment, nth = stop
        number = len(self.members)
        command = (sys.executable, "-m", "tests.chaos.real.breaking", broken, how, moment, str(nth))
        member = Member(
            f"worker {number}", self.folder / f"worker-{number}.log", command, environment(self.settings)
        )
        self.members.append(member)
        member.begin()
        return member

    def stop(self) -> None:
        """End all."""
        for member in self.members:
            member.stop()

    def wrong(self) -> list[str]:
        """What is wrong once time has come to its end."""
        self.feed([Tick(ENDS)])
        said = self.until(ENDS)
        return [*parted(right(), said), *Committed(self.settings).faults()]

    def _told(self) -> str:
        return "\n".join(
            f"{'ended' if member.pid is None else 'runs'}: {member.last_words()}" for member in self.members
        )


@pytest.fixture
def engines(kafka_broker: KafkaBroker, tmp_path: Path) -> Iterator[Callable[[], Breaking]]:
    """Fresh applications on the shared broker, their logs produced, nobody at work."""
    made: list[Breaking] = []

    def fresh() -> Breaking:
        folder = tmp_path / str(len(made))
        folder.mkdir()
        made.append(Breaking(settings_for(kafka_broker.address, folder, batch_records=100), folder))
        made[-1].feed(province(1))
        return made[-1]

    yield fresh
    for one in made:
        one.stop()


@pytest.fixture
def engine(engines: Callable[[], Breaking]) -> Breaking:
    """One of them."""
    return engines()


def stopped(engine: Breaking, broken: str, *stops: Stop) -> None:
    """Workers that stop themselves, one after the other, and one that goes on to the end."""
    for stop in stops:
        first = engine.start(broken, stop)
        engine.wait_until(lambda: first.pid is None)  # noqa: B023 - waited for at once
    engine.start(broken, NEVER)


def frozen(engine: Breaking, broken: str) -> Member:
    """A worker that freezes before it commits, and wakes up once another has come to the end."""
    first = engine.start(broken, ("freeze", "before", 2))
    engine.wait_until(lambda: _is_stopped(first))
    engine.start(broken, NEVER)
    engine.until(last_tick(province(1)))
    first.thaw()
    return first


def test_a_right_worker_survives_every_one_of_the_moments(engine: Breaking) -> None:
    """Law 6: killed with all sent, behind a commit, lingering over one: whoever comes next goes on rightly."""
    stopped(engine, NOTHING, ("kill", "sent", 3), ("kill", "committed", 2), ("linger", "before", 2))
    assert not engine.wrong()


def test_a_right_worker_that_wakes_up_too_late_is_shut_out(engine: Breaking) -> None:
    """Law 6: it ends, and its batch never was."""
    first = frozen(engine, NOTHING)
    engine.wait_until(lambda: first.pid is None)
    assert not engine.wrong()


@pytest.mark.parametrize(
    ("broken", "stop"),
    [
        ("acknowledges_first", ("linger", "before")),
        ("keeps_its_position_apart", ("kill", "before")),
        ("reads_uncommitted", ("kill", "sent")),
        ("forgets_its_positions", ("kill", "committed")),
    ],
)
def test_a_broken_worker_is_caught(engines: Callable[[], Breaking], broken: str, stop: tuple[str, str]) -> None:
    """Law: what the right worker survives every time, it does not survive every time."""
    for nth in TRIES:
        engine = engines()
        stopped(engine, broken, (*stop, nth))
        if engine.wrong():
            return
        engine.stop()
    pytest.fail(f"{broken} got through {len(TRIES)} times")


def test_workers_that_shut_nobody_out_are_caught(engine: Breaking) -> None:
    """Law: who wakes up too late writes over what came after it, and that is seen."""
    frozen(engine, "never_fences")
    engine.wait_until(lambda: bool(Committed(engine.settings).faults()))
    assert engine.wrong()


def test_the_log_is_large_enough() -> None:
    """Law: there is enough to lose."""
    assert sum(isinstance(item, Received) for item in province(1)) > 1_000


def _is_stopped(member: Member) -> bool:
    return (
        member.pid is not None and Path(f"/proc/{member.pid}/stat").read_text("ascii").rpartition(")")[2][1] == "T"
    )
