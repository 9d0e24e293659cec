"""The quarantine: every refusal with its bytes, its reason, and its way back: kept → mended → replayed.

Law kept: a refusal has a reason and a way back (7). Mending changes a copy; the original bytes stay.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Final

import msgspec
from msgspec import Struct

from events.log import Received
from events.rejection import Reason
from events.time import Instant

KEPT: Final = "kept"
MENDED: Final = "mended"
REPLAYED: Final = "replayed"
_COLUMNS: Final = (
    "id, reason, field, detail, provider, event_id, home, received_at, topic, partition, "
    '"offset", standing, raw, mended'
)

_FOR_WANT: Final = (
    Reason.UNKNOWN_PROVIDER, Reason.UNKNOWN_SITE, Reason.UNKNOWN_GOODS, Reason.UNKNOWN_UNIT, Reason.NOT_UNITS_SITE,
    Reason.UNKNOWN_TARGET, Reason.WRONG_MEASURE, Reason.BOOKS_CANNOT_TAKE,
)  # fmt: skip
"""What entries or a version that came since may have mended; the same bytes are refused alike for the rest."""


class _Kind(Struct):
    kind: str = ""


class Refusal(Struct, frozen=True):
    """One refusal as it stands. ``raw`` is what came, ``mended`` what an operator made of it."""

    id: str
    reason: str
    field: str
    detail: str
    provider: str
    event_id: str | None
    home: str | None
    received_at: Instant
    topic: str
    partition: int
    offset: int
    standing: str
    raw: bytes | None
    mended: bytes | None

    def again(self, at: Instant) -> Received | None:
        """The record to take again at an instant, with its own provider; None if it was, or has no bytes here.

        A report's receipt is its first, so it is no later than the original. A registry entry's is ``at``: days
        are judged by what was heard of before they closed, and until now nobody had heard of it.
        """
        raw = self.raw if self.mended is None else self.mended
        if raw is None or self.standing == REPLAYED:
            return None
        return Received(raw, self.provider, max(self.received_at, at) if _registers(raw) else self.received_at)


class Quarantine:
    """The refusals of one installation's database. Replaying them is the engine's: it takes records."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def get(self, id_: str) -> Refusal | None:
        """One refusal."""
        row = self._db.execute(f"SELECT {_COLUMNS} FROM refusals WHERE id=?", (id_,)).fetchone()
        return None if row is None else Refusal(*row)

    def again(self, id_: str, at: Instant) -> Received | None:
        """The record of a refusal to take again at an instant; None if there is none, or it went back already."""
        refusal = self.get(id_)
        return None if refusal is None else refusal.again(at)

    def page(
        self,
        *,
        reason: str | None = None,
        provider: str | None = None,
        standing: str | None = None,
        most: int = 100,
    ) -> tuple[Refusal, ...]:
        """The latest refusals that match, latest first."""
        wanted = [(name, value) for name, value in _named(reason, provider, standing) if value is not None]
        where = " AND ".join(f"{name}=?" for name, _ in wanted) or "1"
        rows = self._db.execute(
            f'SELECT {_COLUMNS} FROM refusals WHERE {where} ORDER BY received_at DESC, "offset" DESC LIMIT ?',
            (*(value for _, value in wanted), most),
        )
        return tuple(Refusal(*row) for row in rows)

    def counts(self) -> dict[str, int]:
        """How many of each standing there are."""
        return dict(self._db.execute("SELECT standing, count(*) FROM refusals GROUP BY standing").fetchall())

    def waiting(self) -> tuple[str, ...]:
        """The ids of all that may fare better now, in the order received: mended, or for want of reference data."""
        rows = self._db.execute(
            "SELECT id FROM refusals WHERE coalesce(mended, raw) IS NOT NULL AND "
            f"(standing=? OR (standing=? AND reason IN ({','.join('?' * len(_FOR_WANT))}))) "
            'ORDER BY received_at, partition, "offset"',
            (MENDED, KEPT, *_FOR_WANT),
        )
        return tuple(row[0] for row in rows)

    def follows_kafka(self) -> bool:
        """Whether these are the refusals of a Kafka installation, which takes records through its door alone."""
        return self._db.execute("SELECT 1 FROM sqlite_master WHERE name='followed'").fetchone() is not None

    def mend(self, id_: str, mended: bytes) -> bool:
        """Keep mended bytes beside the original; False if it is not there, or was replayed already."""
        done = self._db.execute(
            "UPDATE refusals SET mended=?, standing=? WHERE id=? AND standing<>?", (mended, MENDED, id_, REPLAYED)
        )
        return done.rowcount == 1

    def replayed(self, ids: Sequence[str]) -> None:
        """Note, in the transaction that takes them again, that these went back in."""
        self._db.executemany("UPDATE refusals SET standing=? WHERE id=?", [(REPLAYED, id_) for id_ in ids])


def _registers(raw: bytes) -> bool:
    """Whether a record is a registry entry, as far as it can be read."""
    try:
        return msgspec.json.decode(raw, type=_Kind).kind == "registry"
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False


def _named(reason: str | None, provider: str | None, standing: str | None) -> tuple[tuple[str, str | None], ...]:
    return ("reason", reason), ("provider", provider), ("standing", standing)
