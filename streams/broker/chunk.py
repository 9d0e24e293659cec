"""A chunk: records of one partition that travel through Faust as one message.

Law kept: the chunks of a partition join without a gap: each begins where the one before it ended.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec import Struct


class Chunk(Struct, frozen=True):
    """Records of one partition in offset order; ``begins`` is where the chunk before it ended (None: not known).

    ``more``: when it was fetched, the partition was known to go on behind it.

    What lies between two records of a chunk, or between ``begins`` and its first, is no record (control records,
    aborted transactions), so that applying the chunk applies all of ``begins`` up to ``ends``.
    """

    topic: str
    partition: int
    begins: int | None
    records: Sequence[Any]
    more: bool = False

    @property
    def ends(self) -> int:
        """The position behind the last record."""
        return int(self.records[-1].offset) + 1
