"""C3: detonators arrive under a transport permit, and four days later the permit is still with the blaster."""

from events.registry import PermitReturnEntry
from simulator import stories as s
from tests.stories.telling import Warned, tell

MAWEI = "Public security, Mawei District, Fuzhou City"
"""By the table of areas the permitted road ends here."""

TRIP = (
    s.opening("800 item", site="S1", goods="DET", when="day 1 06:00"),
    s.plan("C1", {"DET": "100 item"}, depart="day 1 08:00", arrive_by="day 1 12:00", permit="P2"),
    s.issue("100 item", site="S1", goods="DET", when="day 1 07:50", consignment="C1"),
    s.stage("C1", "depart", when="day 1 08:00"),
    s.stage("C1", "arrive", when="day 1 11:00"),
    s.receive("100 item", site="S2", goods="DET", when="day 1 11:30", consignment="C1"),
)


def test_a_permit_that_is_not_back_by_the_end_of_the_third_day_is_warned_of() -> None:
    """The county where the road ends handles it; it ends when the permit is handed back."""
    back = s.registry(PermitReturnEntry(permit="P2"), unit="U2", valid_from="day 6 10:00")
    heard = tell(*TRIP, back, until="day 7 00:00")
    assert heard.words() == [
        Warned("C3", "open", "yellow", since="day 5 00:00", told="day 5 00:00", handler=MAWEI, due="day 5 08:00"),
        Warned("C3", "closed", "yellow", since="day 5 00:00", told="day 6 10:05", handler=MAWEI, due="day 5 08:00"),
    ]
    assert "transport permit P2" in heard.says


def test_handed_back_on_thursday_and_entered_on_saturday_takes_it_back() -> None:
    """It was in time: the office entered it late."""
    back = s.registry(PermitReturnEntry(permit="P2"), unit="U2", valid_from="day 4 16:00", entered="day 6 10:00")
    heard = tell(*TRIP, s.received(back, when="day 6 10:05"), until="day 7 00:00")
    assert [(word.status, word.told) for word in heard.words()] == [
        ("open", "day 5 00:00"),
        ("withdrawn", "day 6 10:05"),
    ]


def test_a_permit_back_within_three_days_raises_nothing() -> None:
    """And one whose lorry has not arrived has nothing to be handed back for."""
    back = s.registry(PermitReturnEntry(permit="P2"), unit="U2", valid_from="day 4 23:50")
    assert not tell(*TRIP, back, until="day 7 00:00").notices
    under_way = tell(*TRIP[:4], until="day 7 00:00")
    assert not under_way.of("C3").notices
