"""D1: a lorry drives loaded for an hour and no consignment was ever filed for it."""

from simulator import stories as s
from tests.stories.telling import Warned, tell

DRIVE = [
    s.position(s.along(minute / 60), when=f"day 1 09:{minute:02}", speed_kmh=20, loaded=True)
    for minute in range(60)
]
PLAN = s.plan("C1", {"ACE": "900 L"}, depart="day 1 09:00", arrive_by="day 1 10:30")


def test_a_loaded_drive_without_a_plan_is_warned_of_after_the_day() -> None:
    """The county where it was last seen handles; what it carried nobody knows."""
    heard = tell(*DRIVE, until="day 2 12:00")
    transport = "Transport, Gulou District, Fuzhou City"
    assert heard.words() == [
        Warned(
            "D1", "closed", "red", since="day 1 09:00", told="day 2 00:30", handler=transport, due="day 2 01:30"
        ),
    ]
    assert "it drove for 60 minutes" in heard.says


def test_a_plan_uploaded_the_next_day_takes_it_back() -> None:
    """Filed an hour before departure; its upload hung until the morning."""
    heard = tell(*DRIVE, s.received(PLAN, when="day 2 08:00"), until="day 2 12:00")
    assert [(word.status, word.told) for word in heard.of("D1").words()] == [
        ("closed", "day 2 00:30"),
        ("withdrawn", "day 2 08:00"),
    ]


def test_a_plan_uploaded_that_evening_raises_nothing() -> None:
    """The day's uploads are waited for."""
    assert not tell(*DRIVE, s.received(PLAN, when="day 1 20:00"), until="day 2 12:00").notices
