"""D4: a lorry with detonators takes the road through the old town, which is closed to such loads by day."""

from msgspec.structs import replace

from events.log import Received
from events.registry import RestrictedAreaEntry
from events.report import Event, Registry
from events.time import moment
from simulator import stories as s
from tests.stories.road import ARRIVED, STRAIGHT, drive, filed
from tests.stories.telling import Warned, tell

MAWEI = "Public security, Mawei District, Fuzhou City"
OUTLINE = ((119.40, 26.0), (119.45, 26.0), (119.45, 26.15), (119.40, 26.15))


def closed(*hours: tuple[int, int]) -> Registry:
    """The old town, between hours of the day."""
    town = RestrictedAreaEntry(restricted_area="OLD-TOWN", name="老城区", outline=OUTLINE, hours=hours)
    since = moment(s.at("day 0 00:00"))
    return Registry(version=1, id="old-town", occurred_at=since, unit="*", valid_from=since, entry=town)


def through() -> list[Received]:
    """Twenty kilometres in an hour; in the old town from half past nine to a quarter to ten."""
    return drive(lambda minute: s.along(minute / 60))


def test_a_passage_by_day_is_warned_of_in_its_fourth_minute() -> None:
    """One warning, closed by the way out."""
    heard = tell(closed((7 * 60, 22 * 60)), *filed(STRAIGHT), *through(), *ARRIVED, until="day 2 12:00")
    first, last = heard.words()[0], heard.words()[-1]
    assert first == Warned(
        "D4", "open", "orange", since="day 1 09:31", told="day 1 09:34", handler=MAWEI, due="day 1 11:34"
    )
    assert (last.rule, last.status) == ("D4", "closed")
    assert "inside the restricted area OLD-TOWN" in heard.says


def test_an_approval_on_the_plan_raises_nothing() -> None:
    """The permit names the area."""
    opened, plan, sent = filed(STRAIGHT)
    told = (opened, _approved(plan), sent)
    assert not tell(closed((7 * 60, 22 * 60)), *told, *through(), *ARRIVED, until="day 2 12:00").notices


def test_an_area_that_is_closed_at_night_raises_nothing_by_day() -> None:
    """From ten in the evening to six in the morning."""
    assert not tell(closed((22 * 60, 6 * 60)), *filed(STRAIGHT), *through(), *ARRIVED, until="day 2 12:00").notices


def _approved(event: Event) -> Event:
    plan = getattr(event, "plan", None)
    assert plan is not None
    return replace(event, plan=replace(plan, areas=("OLD-TOWN",)))
