"""Relative time and the places of a story.

Law kept: "day 1 08:00" is the same instant for ever; day 1 is Monday 2026-05-04 in Shanghai.
"""

from __future__ import annotations

from typing import Final

from events.quantity import Quantity
from events.registry import Point
from events.report import Route
from events.time import DAY, HOUR, MINUTE, SECOND, Instant, parse_instant

DAY_ONE: Final = parse_instant("2026-05-04T00:00:00+08:00")
"""The first instant of "day 1", a Monday."""

OWNER: Final = {"S1": "U1", "S2": "U2", "S3": "U2"}
"""Site → its unit: U1 sells from S1; U2 keeps goods at S2 and uses them at S3."""
HOME: Final[dict[str, Point]] = {"S1": (119.30, 26.08), "S2": (119.50, 26.08), "S3": (119.50, 25.90)}
AREA: Final = {"S1": "350102", "S2": "350111", "S3": "350302"}


def at(when: str) -> Instant:
    """The instant of "day N HH:MM" or "day N HH:MM:SS"; day 0 and below lie before the story.

    >>> at("day 2 08:00") - at("day 1 07:30") == DAY + 30 * MINUTE
    True
    """
    word, day, clock = when.split()
    if word != "day":
        raise ValueError(f'a story\'s time reads "day 1 08:00", not {when!r}')
    hour, minute, *second = (int(part) for part in clock.split(":"))
    return DAY_ONE + (int(day) - 1) * DAY + hour * HOUR + minute * MINUTE + sum(second) * SECOND


def quantity(text: str) -> Quantity:
    """A quantity of "12.5 kg".

    >>> quantity("12.5 kg")
    Quantity(value='12.5', unit='kg')
    """
    value, unit = text.split()
    return Quantity(value, unit)


def straight(origin: str = "S1", destination: str = "S2", half_width_m: float = 300.0) -> Route:
    """The straight corridor between two sites of the world (S1 to S2 runs due east along 26.08° N)."""
    return Route(line=(HOME[origin], HOME[destination]), half_width_m=half_width_m)


def along(fraction: float, *, aside_m: float = 0.0, ends: tuple[str, str] = ("S1", "S2")) -> Point:
    """The place ``fraction`` of the way between two sites, moved ``aside_m`` metres northward.

    >>> along(0.5)
    (119.4, 26.08)
    """
    (x0, y0), (x1, y1) = HOME[ends[0]], HOME[ends[1]]
    return (round(x0 + (x1 - x0) * fraction, 6), round(y0 + (y1 - y0) * fraction + aside_m / 111_195, 6))


def named(*parts: str, when: str) -> str:
    """A provider's id out of what is told, the same for the same words."""
    day = when.split()[1]
    clock = (at(when) - at(f"day {day} 00:00")) // SECOND
    return "-".join((*parts, f"d{day}t{clock // 3600:02}{clock // 60 % 60:02}{clock % 60:02}"))
