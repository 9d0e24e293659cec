"""D3: a lorry with detonators stands at the roadside for three quarters of an hour."""

from msgspec.structs import replace

from events.log import Received
from events.report import Event, Stop
from simulator import stories as s
from tests.stories.road import STRAIGHT, filed
from tests.stories.telling import JINAN, Warned, tell

LAY_BY = s.along(0.25)


def drive(stands_for: int) -> list[Received]:
    """A quarter of the way, a stop, on, and arrived: a fix each half minute at forty kilometres an hour."""
    arrives = f"day 1 {(573 + stands_for) // 60:02}:{(573 + stands_for) % 60:02}"
    told = [s.received(s.stage("C1", "arrive", when=arrives))]
    for half in range(2 * (32 + stands_for)):
        driven = min(half, 16) + max(half - 16 - 2 * stands_for, 0)
        standing = 16 <= half < 16 + 2 * stands_for
        when = f"day 1 {9 + half // 120:02}:{half // 2 % 60:02}:{30 * (half % 2):02}"
        fix = s.position(s.along(driven / 64), when=when, speed_kmh=0 if standing else 40, loaded=True)
        told.append(s.received(fix, when=when))
    return told


def test_a_stop_at_the_roadside_is_warned_of_after_half_an_hour() -> None:
    """While it still stands there; closed when it has gone on for three minutes."""
    heard = tell(*filed(STRAIGHT), *drive(45), until="day 1 12:00")
    first, last = heard.words()[0], heard.words()[-1]
    assert first == Warned(
        "D3", "open", "orange", since="day 1 09:08", told="day 1 09:38", handler=JINAN, due="day 1 11:38"
    )
    assert (last.rule, last.status, last.told) == ("D3", "closed", "day 1 09:56")
    assert "stood outside its permitted stops" in heard.says
    assert "it stood for 45 minutes" in heard.says


def test_a_stop_that_the_plan_names_raises_nothing() -> None:
    """The same three quarters of an hour, at a permitted place."""
    opened, plan, sent = filed(STRAIGHT)
    assert not tell(opened, _stopping(plan), sent, *drive(45), until="day 1 12:00").notices


def test_a_quarter_of_an_hour_raises_nothing() -> None:
    """Filling up."""
    assert not tell(*filed(STRAIGHT), *drive(15), until="day 1 12:00").notices


def _stopping(event: Event) -> Event:
    plan = getattr(event, "plan", None)
    assert plan is not None
    return replace(event, plan=replace(plan, stops=(Stop(at=LAY_BY),)))
