"""What one unit did on one civil day (Asia/Shanghai), as counts, integer sums and one bounded set.

Law: `observe` commutes. Every field is a sum, a maximum or the smallest members of a set, and quantities
are integers, so any order of the same events gives the same bits. Quantities of different measures never
mix: whoever keeps unit-days keeps one for each unit and measure.
"""

from __future__ import annotations

from functools import lru_cache
from hashlib import blake2b
from typing import Final, Literal, TypeAlias, get_args

import msgspec

Direction: TypeAlias = Literal["in", "out", "consume", "produce", "other"]
DIRECTIONS: Final[tuple[Direction, ...]] = get_args(Direction)

PARTIES = 64
"""Most counterparties told apart in a day; of more, the 64 smallest fingerprints are kept ("64 or more")."""
Five: TypeAlias = tuple[int, int, int, int, int]


class UnitDay(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One unit's day: `day` counts civil days from 1970-01-01; `events` and `totals` follow `DIRECTIONS`.

    Totals and `largest` are base units of one measure; `night`, `corrected`, `late` and `rounded` count
    events; `parties` are fingerprints in ascending order.
    """

    day: int
    events: Five = (0, 0, 0, 0, 0)
    totals: Five = (0, 0, 0, 0, 0)
    largest: int = 0
    night: int = 0
    corrected: int = 0
    late: int = 0
    rounded: int = 0
    parties: tuple[int, ...] = ()

    @property
    def count(self) -> int:
        """Events of all directions."""
        return sum(self.events)

    @property
    def throughput(self) -> int:
        """Everything that moved, whatever its direction, in base units."""
        return sum(self.totals)


def observe(
    day: UnitDay,
    *,
    direction: Direction,
    quantity: int,
    hour: int,
    counterparty: str | None,
    corrected: bool,
    late: bool,
) -> UnitDay:
    """The day with one more event: quantity in base units, hour 0 to 23 in Shanghai, None for no counterparty.

    >>> day = observe(UnitDay(20_000), direction="in", quantity=25_000_000, hour=23,
    ...               counterparty="unit-7", corrected=False, late=True)
    >>> day.events, day.totals[0], day.night, day.late, day.rounded, len(day.parties)
    ((1, 0, 0, 0, 0), 25000000, 1, 1, 1, 1)
    """
    if quantity < 0 or not 0 <= hour < 24:
        raise ValueError(f"a quantity is not negative and an hour is 0 to 23: {quantity}, {hour}")
    at = DIRECTIONS.index(direction)
    parties = day.parties
    if counterparty is not None and (party := fingerprint(counterparty)) not in parties:
        parties = tuple(sorted((*parties, party))[:PARTIES])
    return UnitDay(
        day.day, _added(day.events, at, 1), _added(day.totals, at, quantity),
        quantity if quantity > day.largest else day.largest,
        day.night + (hour >= 22 or hour < 6), day.corrected + corrected, day.late + late,
        day.rounded + is_round(quantity), parties,
    )  # fmt: skip


def is_round(quantity: int) -> bool:
    """Whether at most two leading digits differ from 0, as people write estimates.

    >>> is_round(25_000_000), is_round(12_500_000), is_round(7), is_round(0)
    (True, False, True, False)
    """
    return 0 < quantity < 100 or (quantity > 0 and quantity % 10 ** (len(str(quantity)) - 2) == 0)


@lru_cache(maxsize=65_536)
def fingerprint(counterparty: str) -> int:
    """63 bits of a counterparty's name; the same in every process, unlike `hash`."""
    return int.from_bytes(blake2b(counterparty.encode(), digest_size=8).digest()) >> 1


def _added(five: Five, at: int, amount: int) -> Five:
    return (*five[:at], five[at] + amount, *five[at + 1 :])  # type: ignore[return-value]  # as many as before
