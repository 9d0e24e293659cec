"""The services at their edges as operations see them: intake over HTTP, ticks, and the checks of each.

Law: a post is counted by how it was answered, and waits until it is.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Final

import pytest

from cli.observed import ObservedIntake, Ticking, operated_door, readable
from desk.app import make_app
from desk.asking import Asking
from desk.ports import Disposition, Intake, Ports, TooMany, Unavailable
from events.log import Tick
from events.time import SECOND
from operating.meter import Meter
from operating.metrics import Metric, Role
from tests.metered import moved, value
from tests.unit.desk.caller import Caller
from tests.unit.desk.fakes import Door, Named, Tokens, serving
from tests.unit.desk.world import Written, fill

MOVED_AT_THE_DOOR: Final = frozenset(
    {
        Metric.INTAKE_RECORDS, Metric.INTAKE_POSTS, Metric.INTAKE_SECONDS, Metric.INTAKE_WAITING, Metric.TICKED,
        Metric.CHECK, Metric.DISK_FREE, Metric.SPOOL,
    }
)  # fmt: skip


class Slow(Intake):
    """A door that holds what it is given until it is let go."""

    def __init__(self) -> None:
        self.held, self.let_go = asyncio.Event(), asyncio.Event()

    async def post(self, provider: str, records: list[bytes]) -> list[Disposition]:
        """Accept all, in time."""
        self.held.set()
        await self.let_go.wait()
        return [Disposition("accepted") for _ in records]


@pytest.fixture
def meter() -> Meter:
    """The metrics of a door."""
    return Meter(Role.DOOR)


def test_every_metric_of_a_door_is_moved(meter: Meter, tmp_path: Path) -> None:
    """Law: each of them changes when what it speaks of happens."""
    before, ticking = meter.show(), Ticking(meter, lambda: 77)
    operated_door(meter, ticking, tmp_path)
    ticking.ticked(Tick(7 * SECOND))

    async def post() -> bytes:
        slow = Slow()
        posting = asyncio.create_task(ObservedIntake(slow, meter).post("plant", [b"{}", b"{}"]))
        await slow.held.wait()
        waiting = meter.show()
        slow.let_go.set()
        await posting
        return waiting

    waiting, after = asyncio.run(post()), meter.show()
    assert value(waiting, Metric.INTAKE_WAITING) == 2
    assert value(after, Metric.INTAKE_WAITING) == 0
    assert moved(before, waiting) | moved(before, after) == MOVED_AT_THE_DOOR
    assert value(after, Metric.TICKED) == 7
    assert value(after, Metric.INTAKE_RECORDS, "accepted") == 2


@pytest.mark.parametrize(
    ("raised", "answer"),
    [(TooMany(1), "too_many"), (Unavailable(1), "unavailable"), (ZeroDivisionError(), "failed")],
    ids=lambda given: str(given) if isinstance(given, str) else "",
)
def test_a_post_that_is_turned_away_is_counted_as_that(meter: Meter, raised: Exception, answer: str) -> None:
    """Law: by 429, 503 or a fault of our own; nothing waits any more, and no record counts as answered."""
    door = Door()
    door.raises = raised
    with pytest.raises(type(raised)):
        asyncio.run(ObservedIntake(door, meter).post("plant", [b"{}"]))
    shown = meter.show()
    assert value(shown, Metric.INTAKE_POSTS, answer) == 1
    assert value(shown, Metric.INTAKE_POSTS) == 1
    assert value(shown, Metric.INTAKE_WAITING) == 0
    assert value(shown, Metric.INTAKE_RECORDS) == 0


def test_the_desk_answers_operations_behind_its_token(meter: Meter, tmp_path: Path) -> None:
    """Law: /metrics needs the installation's token and is no page; health needs none and says both languages."""
    written = Written(tmp_path / "projection.db")
    fill(written, 3)
    asking = Asking(written.path)
    operated = operated_door(meter, Ticking(meter, lambda: 0), tmp_path)
    ports = Ports(ObservedIntake(Door(), meter), Tokens(), operated=operated)
    with serving(make_app(asking, ports, names=Named(), token="installation")) as base:
        asked = Caller(base)
        refused, shown = asked.get("/metrics"), asked.get("/metrics", authorization="Bearer installation")
        assert (refused.status, shown.status) == (401, 200)
        assert shown.headers["content-type"].startswith("text/plain")
        assert value(shown.body, Metric.CHECK, "ticks") == 1
        ready = asked.get("/readyz")
        assert (ready.status, ready.value["zh"], ready.value["en"]) == (200, "就绪", "ready")
        assert asked.get("/healthz").status == 200
    assert readable(asking)().verdict == "ok"
    assert readable(Asking(tmp_path / "gone.db"))().verdict == "wrong"
    written.close()
