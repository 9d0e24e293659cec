"""D8: a lorry rated for five tonnes leaves with four of explosive, and two more join it on a second waybill."""

from typing import Any

from events.quantity import Quantity
from events.registry import Category, VehicleEntry
from events.report import Consignment
from simulator import stories as s
from tests.stories.telling import Heard, Warned, tell

POLICE = "Public security, Gulou District, Fuzhou City"
FIVE_TONNES = s.registry(
    VehicleEntry(vehicle="V1", rated=Quantity("5", "t"), categories=(Category.EXPLOSIVES,)), unit="U1"
)


def trip(name: str, load: str, depart: str, **fields: Any) -> Consignment:
    """A plan of the lorry's, six hours long."""
    hour = int(depart[:2])
    return s.plan(name, {"EXP": load}, depart=f"day 1 {depart}", arrive_by=f"day 1 {hour + 6:02}:00", **fields)


def told(*plans: Any, until: str = "day 2 12:00") -> Heard:
    """What D8 says of these plans."""
    return tell(FIVE_TONNES, *plans, until=until).of("D8")


def test_one_load_too_heavy_is_warned_of_as_it_departs() -> None:
    """Six tonnes on five: filed at eight it may still be changed; at nine it is on the road."""
    heard = told(trip("C1", "6 t", "09:00"))
    assert heard.words() == [
        Warned("D8", "open", "red", since="day 1 09:00", told="day 1 09:00", handler=POLICE, due="day 1 10:00"),
        Warned("D8", "closed", "red", since="day 1 09:00", told="day 1 15:00", handler=POLICE, due="day 1 10:00"),
    ]
    assert "it carried 6000 kg by its consignment(s) C1; it is rated for 5000 kg: 1000 kg too much" in heard.says


def test_two_waybills_together_are_warned_of_after_the_day() -> None:
    """Four and two tonnes; the first may yet turn out to have arrived."""
    heard = told(trip("C1", "4 t", "09:00"), trip("C2", "2 t", "10:00"))
    assert [(word.since, word.told) for word in heard.words()] == [("day 1 10:00", "day 2 00:30")]
    assert "C1,C2" in heard.says


def test_a_first_trip_that_had_arrived_raises_nothing() -> None:
    """Unloaded at 09:50; its arrival reached the platform in the evening."""
    arrived = s.received(s.stage("C1", "arrive", when="day 1 09:50"), when="day 1 20:00")
    assert not told(trip("C1", "4 t", "09:00"), trip("C2", "2 t", "10:00"), arrived).notices


def test_a_load_put_on_a_larger_lorry_before_it_left_raises_nothing() -> None:
    """Planned for V1, and planned anew for V2 half an hour before departure."""
    larger = s.registry(
        VehicleEntry(vehicle="V2", rated=Quantity("10", "t"), categories=(Category.EXPLOSIVES,)),
        unit="U1",
        id="vehicle-V2",
    )
    again = s.correct(
        trip("C1", "6 t", "09:00", vehicle="V2"),
        id="plan-C1-again", corrects=None, occurred_at=s.stage("C1", "depart", when="day 1 08:30").occurred_at,
    )  # fmt: skip
    assert not told(larger, trip("C1", "6 t", "09:00"), again).notices
