"""Pending: reports that are accepted, kept for good in the embedded engine's log, and not applied yet.

Law kept: whoever was told *accepted* finds it so when asking, however far behind the steps are (12).
"""

from __future__ import annotations

import msgspec
from msgspec import Struct

from desk.asking import Projected, Standing
from events.intake import Arrival, Record, read
from events.rejection import Source

ACCEPTED = "accepted"
_WAITING = (
    'SELECT "offset", received_at, raw FROM log WHERE "offset" >= (SELECT position FROM applied) AND provider=? '
    "AND (instr(raw, ?) OR instr(raw, x'5c')) ORDER BY \"offset\""  # its id as it is, or escaped in some way
)


class _Named(Struct):
    id: str = ""


def pending(projected: Projected, provider: str, event_id: str) -> tuple[Standing, ...]:
    """A provider's reports of that id that are accepted and not applied; another engine's file tells none."""
    if not projected.rows("SELECT 1 FROM sqlite_master WHERE name='applied'"):
        return ()
    found: list[Standing] = []
    for offset, received_at, raw in projected.rows(_WAITING, (provider, event_id.encode())):
        if _id(raw) == event_id:
            decided = read(Record(raw, provider, received_at, Source("log", 0, offset)))
            home = decided.home if isinstance(decided, Arrival) else ""
            found.append(Standing(event_id, provider, home or "", ACCEPTED, None, None, "", received_at))
    return tuple(found)


def _id(raw: bytes) -> str | None:
    try:
        return msgspec.json.decode(raw, type=_Named).id
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
