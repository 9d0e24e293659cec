"""The alarm bits of JT/T 808 that the rules of the road read, by their numbers in the standard."""

from __future__ import annotations

from detectors.roads.alarms import (
    AREA_ALARM,
    BLINDING,
    NO_SATELLITES,
    OVERTIME_STOP,
    SECTION_TIME,
    alarm_names,
    blinding,
)


def test_four_bits_say_that_a_terminal_is_blind_or_without_power() -> None:
    """Receiver, antenna, and the main power low or cut; whatever else is reported is left out."""
    assert [bit for bit in range(32) if blinding(1 << bit)] == [4, 5, 7, 8] == [*BLINDING]
    assert blinding(2**32 - 1) == 1 << 4 | 1 << 5 | 1 << 7 | 1 << 8
    assert blinding(1 << 6 | 1 << 18) == 0


def test_the_bits_have_the_numbers_of_the_standard() -> None:
    """Without satellites no position is to be believed; a low battery takes away none."""
    assert [bit for bit in range(32) if NO_SATELLITES >> bit & 1] == [4, 5]
    assert (OVERTIME_STOP, AREA_ALARM, SECTION_TIME) == (1 << 19, 1 << 20, 1 << 22)


def test_what_blinds_is_named_in_both_languages_in_order_of_the_bits() -> None:
    """Nothing else is named."""
    assert alarm_names(2**32 - 1, "zh") == "卫星定位模块故障、卫星天线断开、主电源欠压、主电源断开"
    assert alarm_names(2**32 - 1, "en") == (
        "satellite receiver fault, satellite antenna cut, main power low, main power cut"
    )
    assert [alarm_names(1 << bit, "zh") for bit in (3, 4, 6, 8)] == ["", "卫星定位模块故障", "", "主电源断开"]
