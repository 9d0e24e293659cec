"""What is registered at a key, as the state in a database holds it.

Law kept: read-only; a database that has no state of its own (the projection of a Kafka installation) knows nothing,
which is not the same as nothing being registered.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ledger.reference import Reference


def registered_at(path: Path, key: str) -> Reference | None:
    """The entries of a key, such as ``site:S1`` or ``*``; None where the database holds no state."""
    from ledger.reference import Reference
    from streams.codec import restore_registered
    from streams.embedded import SqliteStore
    from streams.holdings import REFERENCE

    if not path.is_file():
        return None
    connection = sqlite3.connect(f"file:{path.resolve()}?mode=ro", uri=True, timeout=5)
    try:
        if not connection.execute("SELECT 1 FROM sqlite_master WHERE name='state'").fetchone():
            return None
        parts = SqliteStore(connection).parts(REFERENCE + key)
        return Reference(restore_registered(data) for data in parts.values())
    finally:
        connection.close()
