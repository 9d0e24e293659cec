"""JT/T 808 alarm bits that say the terminal itself is blind or without power."""

from __future__ import annotations

from typing import Final, Literal

BLINDING: Final = {
    4: ("卫星定位模块故障", "satellite receiver fault"),
    5: ("卫星天线断开", "satellite antenna cut"),
    7: ("主电源欠压", "main power low"),
    8: ("主电源断开", "main power cut"),
}
"""Bit → what it says (zh, en)."""
NO_SATELLITES: Final = 1 << 4 | 1 << 5
"""Bits under which a position is not to be believed."""
OVERTIME_STOP: Final = 1 << 19
"""The terminal itself says that the vehicle has been standing for too long."""
AREA_ALARM: Final = 1 << 20
"""The terminal itself says that the vehicle went into or out of an area."""
SECTION_TIME: Final = 1 << 22
"""The terminal itself says that a section of the road took too little or too much time."""
_ANY: Final = sum(1 << bit for bit in BLINDING)


def blinding(alarms: int) -> int:
    """The blinding bits among a minute's alarm bits.

    >>> blinding(0b1_0010_0001), blinding(0b1)
    (288, 0)
    """
    return alarms & _ANY


def alarm_names(alarms: int, lang: Literal["zh", "en"]) -> str:
    """What the blinding bits say.

    >>> alarm_names(1 << 5 | 1 << 8, "en")
    'satellite antenna cut, main power cut'
    """
    names = [pair[0] if lang == "zh" else pair[1] for bit, pair in BLINDING.items() if alarms >> bit & 1]
    return ("、" if lang == "zh" else ", ").join(names)
