"""Trips that do not go from one store to another in one piece: split, merged, refused, sent again, transhipped.

Law: what is in order raises nothing, however it was reported; what is missing of it is still found.
"""

from __future__ import annotations

from typing import Any

import pytest

from events.log import Received
from events.report import Consignment, Counterparty, Event, Flow
from simulator import stories as s
from tests.stories.telling import Heard, tell

RULES = ("B3", "B4", "B5", "D1", "D7", "D8", "D10")
FULL = s.opening("800 item", site="S1", goods="DET", when="day 1 07:00")
ARRIVED = s.stage("C1", "arrive", when="day 1 10:50")
PLAN = s.plan("C1", {"DET": "100 item"}, depart="day 1 09:00", arrive_by="day 1 12:00")


def heard(*told: Event | Received, until: str = "day 5 00:00") -> list[tuple[str, str]]:
    """What the rules of trips say in the end: rule and status of each finding that was not withdrawn."""
    all_: Heard = tell(FULL, *told, until=until)
    last = {notice.finding: (notice.detector, str(notice.status)) for notice in all_.notices}
    return sorted(one for one in last.values() if one[0] in RULES and one[1] != "withdrawn")


def out(amount: str, when: str, *, site: str = "S1", to: str = "S2", trip: str = "C1") -> Flow:
    """An issue on a trip."""
    return s.issue(amount, site=site, goods="DET", when=when, consignment=trip,
                   counterparty=Counterparty(unit=s.OWNER[to], site=to))  # fmt: skip


def into(amount: str, when: str, *, site: str = "S2", trip: str = "C1") -> Flow:
    """A receipt on a trip."""
    return s.receive(amount, site=site, goods="DET", when=when, consignment=trip,
                     counterparty=Counterparty(unit="U1", site="S1"))  # fmt: skip


def back(amount: str, when: str, *, trip: str = "C1") -> Flow:
    """What came back to the store at S1."""
    return s.give_back(amount, site="S1", goods="DET", when=when, consignment=trip)


def again(name: str, made: str, **fields: Any) -> Consignment:
    """The plan of C1 made anew, at an instant."""
    planned = s.plan("C1", {"DET": "100 item"}, filed=made, **fields)
    return s.correct(planned, id=name, corrects=None)


def drive(vehicle: str, start: str, minutes: int, *, loaded: bool = True) -> list[Event]:
    """Minutes of a vehicle on the road from S1 to S2, one fix each, loaded unless said."""
    day, clock = start.rsplit(" ", 1)
    first = int(clock[:2]) * 60 + int(clock[3:])
    return [
        s.position(s.along(n % 60 / 60), when=f"{day} {(first + n) // 60:02}:{(first + n) % 60:02}",
                   vehicle=vehicle, speed_kmh=20, loaded=loaded)
        for n in range(minutes)
    ]  # fmt: skip


def test_a_delivery_in_parts_over_two_days_is_in_order() -> None:
    """Sixty arrive and are taken in; the other forty leave on the same waybill the next morning."""
    parts = (
        PLAN, out("60 item", "day 1 09:00"), ARRIVED, into("60 item", "day 1 11:00"),
        out("40 item", "day 2 09:00"),
    )  # fmt: skip
    assert heard(*parts, into("40 item", "day 2 11:00")) == []
    assert heard(*parts) == [("B3", "open")]
    assert heard(*parts, until="day 2 20:00") == [], "until the second part is due it is under way"


def test_one_receipt_of_what_left_in_two_loads_is_in_order() -> None:
    """Loaded in two parts; and two waybills on one lorry, each received by itself."""
    assert (
        heard(PLAN, out("60 item", "day 1 09:00"), out("40 item", "day 1 09:20"), into("100 item", "day 1 11:00"))
        == []
    )
    second = s.plan("C2", {"DET": "50 item"}, depart="day 1 09:00", arrive_by="day 1 12:00")
    both = (PLAN, second, out("100 item", "day 1 09:00"), out("50 item", "day 1 09:10", trip="C2"))
    assert heard(*both, into("100 item", "day 1 11:00"), into("50 item", "day 1 11:10", trip="C2")) == []
    assert heard(*both, into("150 item", "day 1 11:00")) == [("B3", "open"), ("B4", "open")], "merged on paper"


@pytest.mark.parametrize("taken", [0, 60])
def test_what_was_refused_and_came_back_is_in_order(taken: int) -> None:
    """All of it, or what the consignee had no room for."""
    some = [into(f"{taken} item", "day 1 11:00")] if taken else []
    assert (
        heard(PLAN, out("100 item", "day 1 09:00"), ARRIVED, *some, back(f"{100 - taken} item", "day 1 16:00"))
        == []
    )


def test_what_was_refused_and_sent_again_the_next_day_is_under_way_again() -> None:
    """The first arrival says nothing of it; what then never comes is missing."""
    round_ = (
        PLAN, out("100 item", "day 1 09:00"), ARRIVED, back("100 item", "day 1 16:00"),
        out("100 item", "day 2 09:00"),
    )  # fmt: skip
    anew = again("plan-anew", "day 2 08:00", depart="day 2 09:00", arrive_by="day 3 12:00")
    assert heard(*round_, anew, into("100 item", "day 3 10:00"), until="day 4 00:00") == []
    assert heard(*round_) == [("B3", "open")]


def test_goods_transhipped_on_one_waybill_leave_the_first_vehicle() -> None:
    """V1 breaks down half way; planned anew for V2 they go on. V1 driving on loaded is another matter."""
    moved = again("plan-V2", "day 1 09:40", depart="day 1 09:45", arrive_by="day 1 13:00", vehicle="V2")
    drives = (*drive("V1", "day 1 09:00", 30), *drive("V2", "day 1 09:50", 30))
    told = (PLAN, moved, out("100 item", "day 1 09:00"), *drives,
            s.stage("C1", "arrive", when="day 1 10:30"), into("100 item", "day 1 11:00"))  # fmt: skip
    assert heard(*told) == []
    assert heard(*told, *drive("V1", "day 1 10:00", 20)) == [("D1", "closed")]


def test_goods_transhipped_at_a_store_go_on_a_second_waybill() -> None:
    """The first is planned anew to end there; without that the store is not where they were to go."""
    first = (PLAN, out("100 item", "day 1 09:00"), into("100 item", "day 1 11:00", site="S3"))
    second = s.plan(
        "C2", {"DET": "100 item"}, depart="day 1 14:00", arrive_by="day 1 18:00", ends=("S3", "S2"), vehicle="V2"
    )
    on = (second, out("100 item", "day 1 14:00", site="S3", trip="C2"), into("100 item", "day 1 16:00", trip="C2"))
    there = again("plan-S3", "day 1 09:30", depart="day 1 09:00", arrive_by="day 1 12:00", ends=("S1", "S3"))
    assert heard(*first, there, *on) == []
    assert heard(*first, *on) == [("D7", "open")]


def test_a_vehicle_that_brings_refused_goods_home_needs_a_plan_for_it() -> None:
    """Planned anew from S2 back to S1 it drives home on the same waybill, though the trip had arrived."""
    there = (
        PLAN,
        out("100 item", "day 1 09:00"),
        *drive("V1", "day 1 09:00", 60),
        s.stage("C1", "arrive", when="day 1 10:10"),
    )
    home = drive("V1", "day 1 11:30", 40)
    returned = back("100 item", "day 1 13:00")
    assert heard(*there, *home, returned) == [("D1", "closed")]
    anew = again("plan-home", "day 1 11:00", depart="day 1 11:30", arrive_by="day 1 14:00", ends=("S2", "S1"))
    assert heard(*there, anew, *home, returned) == []


def test_a_trip_called_off_and_planned_again_may_drive() -> None:
    """Called off at eight, planned anew at half past: the call-off was of the first plan."""
    off = s.stage("C1", "cancel", when="day 1 08:10")
    anew = again("plan-anew", "day 1 08:30", depart="day 1 09:00", arrive_by="day 1 12:00")
    sent = (out("100 item", "day 1 09:00"), into("100 item", "day 1 11:00"))
    assert heard(PLAN, off, anew, *sent, *drive("V1", "day 1 09:00", 60)) == []
    assert heard(PLAN, off, *sent, *drive("V1", "day 1 09:00", 60)) == [("D1", "closed")]
