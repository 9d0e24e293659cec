"""B10: detonators that a store still holds turn up at another blasting firm's."""

from events.report import Counterparty, SerialRange
from simulator import stories as s
from tests.stories.telling import CHENGXIANG, GULOU, JINAN, Warned, tell

BOX = (SerialRange(maker="MA", type="D8", first=30_001, last=30_100),)
FEW = (SerialRange(maker="MA", type="D8", first=30_011, last=30_020),)
MADE = s.produce("100 item", site="S1", goods="DET", when="day 1 08:00", serials=BOX)
SENT = s.issue("100 item", site="S1", goods="DET", when="day 1 10:00", consignment="C1", serials=BOX,
               counterparty=Counterparty(unit="U2", site="S2"))  # fmt: skip
GOT = s.receive("100 item", site="S2", goods="DET", when="day 1 13:00", consignment="C1", serials=BOX)
ELSEWHERE = s.opening("10 item", site="S3", goods="DET", when="day 2 09:00", serials=FEW)
HANDED = s.issue("10 item", site="S2", goods="DET", when="day 2 08:30", serials=FEW,
                 counterparty=Counterparty(unit="U2", site="S3"))  # fmt: skip


def test_ten_detonators_in_two_stores_are_warned_of_at_the_end_of_the_day() -> None:
    """Where they turned up handles it; where they should be is informed; the unit is not tipped off."""
    heard = tell(MADE, SENT, GOT, ELSEWHERE, until="day 4 00:00").of("B10")
    assert heard.words() == [
        Warned(
            "B10", "open", "red", since="day 2 09:00", told="day 3 00:30", handler=CHENGXIANG, due="day 3 01:30"
        ),
    ]
    assert "10 number(s) of MA/D8, 30011-30020, that had not left another place" in heard.says
    assert heard.held == ["unit@U2"]


def test_the_same_numbers_with_the_movement_between_the_stores_raise_nothing() -> None:
    """Its report may come late in the evening."""
    assert not tell(MADE, SENT, GOT, ELSEWHERE, HANDED, until="day 4 00:00").of("B10").notices


def test_a_movement_that_is_reported_after_the_warning_takes_it_back() -> None:
    """Two days late: the matter was never one."""
    late = s.received(HANDED)
    late = type(late)(late.raw, late.provider, s.at("day 4 10:00"))
    heard = tell(MADE, SENT, GOT, ELSEWHERE, late, until="day 5 00:00").of("B10")
    assert [(word.status, word.told) for word in heard.words()] == [
        ("open", "day 3 00:30"),
        ("withdrawn", "day 4 10:00"),
    ]


def test_a_number_that_production_left_out_is_warned_of_after_three_days() -> None:
    """Produced 30001 to 30100 and 30102 on: where is 30101?"""
    on = (SerialRange(maker="MA", type="D8", first=30_102, last=30_200),)
    more = s.produce("99 item", site="S1", goods="DET", when="day 1 16:00", serials=on)
    heard = tell(MADE, more, until="day 7 00:00").of("B10")
    assert [(word.told, word.handler) for word in heard.words()] == [("day 5 00:30", GULOU)]
    assert "30101, that production left out" in heard.says
    missing = (SerialRange(maker="MA", type="D8", first=30_101, last=30_101),)
    found = s.produce("1 item", site="S1", goods="DET", when="day 3 09:00", serials=missing)
    assert not tell(MADE, more, found, until="day 7 00:00").of("B10").notices


def test_used_up_twice() -> None:
    """The firm reports the same ten as used on two days: ten more are somewhere."""
    used = [s.consume("10 item", site="S2", goods="DET", when=f"day {day} 11:00", serials=FEW) for day in (2, 3)]
    heard = tell(MADE, SENT, GOT, *used, until="day 5 00:00").of("B10")
    assert [(word.since, word.handler) for word in heard.words()] == [("day 3 11:00", JINAN)]
    assert "had been used up, destroyed or lost" in heard.says
