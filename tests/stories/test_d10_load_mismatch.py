"""D10: a lorry registered for chemicals carries detonators; another's load is more than its waybill says."""

from events.quantity import Quantity
from events.registry import Category, VehicleEntry
from events.report import Counterparty
from simulator import stories as s
from tests.stories.telling import GULOU, Warned, tell

FOR_CHEMICALS = s.registry(
    VehicleEntry(vehicle="V1", rated=Quantity("10", "t"), categories=(Category.CHEMICALS,)), unit="U1"
)
FILLED = s.opening("800 item", site="S1", goods="DET", when="day 1 08:00")
PLANNED = s.plan("C1", {"DET": "100 item"}, depart="day 1 09:00", arrive_by="day 1 13:00")
TAKEN = Counterparty(unit="U2", site="S2")


def test_goods_on_a_vehicle_that_may_not_carry_them_are_warned_of_after_the_day() -> None:
    """Until then the waybill may be put right."""
    heard = tell(FOR_CHEMICALS, PLANNED, until="day 2 12:00")
    assert heard.words() == [
        Warned("D10", "closed", "red", since="day 1 09:00", told="day 2 00:30", handler=GULOU, due="day 2 01:30"),
    ]
    assert "carries DET on consignment C1" in heard.says


def test_a_lorry_registered_for_both_raises_nothing() -> None:
    """Its entry was widened the week before."""
    wider = VehicleEntry(
        vehicle="V1", rated=Quantity("10", "t"), categories=(Category.CHEMICALS, Category.EXPLOSIVES)
    )
    assert not tell(FOR_CHEMICALS, s.registry(wider, unit="U1", valid_from="day -5 00:00", id="wider"), PLANNED,
                    until="day 2 12:00").notices  # fmt: skip


def test_more_loaded_than_the_waybill_says_is_the_shippers_matter() -> None:
    """A hundred declared, a hundred and twenty loaded and received: both ends agree, the waybill does not."""
    out = s.issue("120 item", site="S1", goods="DET", when="day 1 08:50", consignment="C1", counterparty=TAKEN)
    into = s.receive("120 item", site="S2", goods="DET", when="day 1 12:00", consignment="C1",
                     counterparty=Counterparty(unit="U1", site="S1"))  # fmt: skip
    heard = tell(FILLED, PLANNED, out, into, until="day 3 00:00")
    assert heard.words() == [
        Warned("D10", "open", "red", since="day 1 08:50", told="day 2 00:30", handler=GULOU, due="day 2 01:30"),
    ]
    assert "S1 loaded 120 item of DET on consignment C1, whose plan declares 100 item" in heard.says


def test_a_load_that_was_refused_and_sent_again_raises_nothing() -> None:
    """Out, back, and out again on the same waybill: never more than a hundred are on the road."""
    out = s.issue("100 item", site="S1", goods="DET", when="day 1 09:00", consignment="C1", counterparty=TAKEN)
    back = s.give_back("100 item", site="S1", goods="DET", when="day 1 15:00", consignment="C1")
    again = s.issue("100 item", site="S1", goods="DET", when="day 1 16:00", consignment="C1", counterparty=TAKEN)
    into = s.receive("100 item", site="S2", goods="DET", when="day 1 18:00", consignment="C1",
                     counterparty=Counterparty(unit="U1", site="S1"))  # fmt: skip
    assert not tell(FILLED, PLANNED, out, back, again, into, until="day 3 00:00").notices
