"""A6: a driver whose certificate ended on Tuesday at midnight is to drive detonators on Wednesday morning."""

from events.registry import PersonEntry
from events.report import Consignment, Registry
from simulator import stories as s
from tests.stories.telling import GULOU, Warned, tell

STAYS = s.registry(PersonEntry(person="E1", role="escort"), unit="U1")
DRIVER = PersonEntry(person="D1", role="driver")
ENDING = s.registry(DRIVER, unit="U1", valid_to="day 3 00:00")


def trip(*, driver: str = "D1") -> Consignment:
    """A hundred detonators from S1 to S2, filed the evening before."""
    return s.plan("C1", {"DET": "100 item"}, depart="day 3 09:00", arrive_by="day 3 13:00", filed="day 2 20:00",
                  driver=driver, escort="E1", carrier="U1")  # fmt: skip


def renewed(entered: str) -> Registry:
    """A new certificate that begins where the old one ended."""
    return s.registry(DRIVER, unit="U1", valid_from="day 3 00:00", entered=entered, id="renewed")


def test_an_expired_driver_is_warned_of_when_the_trip_is_to_depart() -> None:
    """Not when it was planned: until then he may be replaced, his certificate renewed, the trip called off."""
    heard = tell(STAYS, ENDING, trip(), until="day 5 00:00").of("A6")
    assert heard.words() == [
        Warned("A6", "open", "orange", since="day 3 09:00", told="day 3 09:00", handler=GULOU, due="day 3 11:00"),
    ]
    assert (
        "by a driver without a certificate in force, first on consignment C1; named were D1 (expired)" in heard.says
    )


def test_a_renewal_that_is_registered_late_takes_it_back() -> None:
    """Renewed in time; the registry hears of it the day after."""
    heard = tell(STAYS, ENDING, trip(), renewed("day 4 10:00"), until="day 5 00:00").of("A6")
    assert [(word.status, word.told) for word in heard.words()] == [
        ("open", "day 3 09:00"),
        ("withdrawn", "day 4 10:05"),
    ]


def test_a_trip_called_off_a_driver_replaced_and_a_certificate_renewed_raise_nothing() -> None:
    """Each of them before nine o'clock."""
    off = s.stage("C1", "cancel", when="day 3 08:00")
    assert not tell(STAYS, ENDING, trip(), off, until="day 5 00:00").of("A6").notices
    other = s.registry(PersonEntry(person="D2", role="driver"), unit="U1")
    planned = trip()
    replaced = s.received(s.correct(planned, plan=trip(driver="D2").plan), when="day 3 07:00")
    assert not tell(STAYS, ENDING, other, planned, replaced, until="day 5 00:00").of("A6").notices
    assert not tell(STAYS, ENDING, trip(), renewed("day 2 16:00"), until="day 5 00:00").of("A6").notices
