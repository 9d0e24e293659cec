"""Small clean histories for tests of models: seeded, half a year of a dozen units."""

import random

from models.fit import History
from models.unit_day import Direction, UnitDay, observe

MICROSECONDS_A_DAY = 86_400_000_000
WINDOW = (0, 180 * MICROSECONDS_A_DAY)


def clean_day(number: int, draw: random.Random, scale: int) -> UnitDay:
    """An ordinary day: some receipts, some issues, a few known partners, mostly by daylight."""
    day = UnitDay(number)
    for _ in range(draw.randrange(3, 9)):
        direction: Direction = draw.choice(("in", "out", "consume"))
        day = observe(
            day,
            direction=direction,
            quantity=round(scale * draw.lognormvariate(0, 0.4)),
            hour=draw.choice((8, 9, 10, 11, 14, 15, 16, 17)),
            counterparty=f"partner-{draw.randrange(6)}",
            corrected=draw.random() < 0.02,
            late=draw.random() < 0.03,
        )
    return day


def clean_histories(seed: int = 1, units: int = 12, days: int = 180) -> list[History]:
    """A dozen units in two segments, five days in seven."""
    made = []
    for unit in range(units):
        draw = random.Random(f"{seed}/{unit}")
        scale = 10 ** draw.randrange(6, 9)
        worked = tuple(clean_day(day, draw, scale) for day in range(days) if (day + 3) % 7 < 5)
        made.append(History(f"unit-{unit:02}", ("store", "quarry")[unit % 2], worked))
    return made
