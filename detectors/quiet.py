"""Quiet keys: how long after their last fact a consignment and a permit count as over, and begin anew.

Law kept: state is bounded (11), and dropping it is unobservable: that a key begins anew is decided by its facts in
event order, whether what came before is still held or has been dropped.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from events.registry import PermitEntry
from events.time import DAY, Instant
from ledger.reference import Reference, Registered

QUIET_FOR: Final[Mapping[str, Instant]] = {"consignment": 100 * DAY, "permit": 1_100 * DAY}
"""How long a kind of key must have been quiet. Goods are under way for days, a delivery in parts for weeks, and a
unit's numbers may begin again with the year: a hundred days are beyond the first two and within the third. A permit
is issued for three years at most before it is renewed: 1,100 days are those, and what is reported late."""


def remembered(entry: Registered, at: Instant) -> bool:
    """Whether a permit's entry still says something at an instant: it does for as long after its end."""
    return entry.valid_to is None or at < entry.valid_to + QUIET_FOR["permit"]


def spoken_out_from(reference: Reference) -> Instant | None:
    """From when on nothing that is registered for a permit says anything; None where something does for ever."""
    over = 0
    for entry in reference.entries.values():
        if isinstance(entry.entry, PermitEntry):
            if entry.valid_to is None:
                return None
            over = max(over, entry.valid_to + QUIET_FOR["permit"])
    return over
