"""In transit: what an operation on a consignment says of the goods under way.

Law kept: sent = received + declared lost + in transit, to the last base unit, for each goods of each consignment.
An unresolved difference of shipper and receiver stays in transit, on either side of nothing.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Final


class Side(enum.StrEnum):
    """What a movement on a consignment adds to."""

    SENT = "sent"
    RECEIVED = "received"
    LOST = "lost"


ON_THE_ROAD: Final[Mapping[str, Side]] = {
    "issue": Side.SENT,
    "receive": Side.RECEIVED,
    "return": Side.RECEIVED,
    "declare_loss": Side.LOST,
}
"""The operations that may name a consignment. Goods that come back are received."""


def in_transit(*, sent: int, received: int, lost: int) -> int:
    """Base units still under way, or the unresolved difference; negative where more arrived than was sent.

    >>> in_transit(sent=100, received=90, lost=4), in_transit(sent=0, received=5, lost=0)
    (6, -5)
    """
    return sent - received - lost
