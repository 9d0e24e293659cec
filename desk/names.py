"""The names of things as registered, and the areas: what pages say instead of ids.

Law kept: read from the projection like everything else; what nobody registered has no name, and is shown by its id.
"""

from __future__ import annotations

from typing import Final, Literal, final

from desk.asking import Projected
from events.time import Instant
from routing.areas import Areas
from routing.notice import Text


@final
class RegisteredNames:
    """The latest name of each unit, site and goods; the capacity in force at an instant."""

    def __init__(self, projected: Projected, areas: Areas) -> None:
        self._projected: Final = projected
        self._areas: Final = areas

    @property
    def areas(self) -> Areas:
        """The dated table of areas."""
        return self._areas

    def known(self, kind: Literal["unit", "site", "goods"], id: str) -> Text | None:
        """The registered name; None where there is none."""
        rows = self._projected.rows(
            "SELECT zh, en FROM registered WHERE kind=? AND id=? ORDER BY valid_from DESC, entry DESC LIMIT 1",
            (kind, id),
        )
        return Text(*rows[0]) if rows else None

    def capacity(self, site: str, goods: str, at: Instant) -> int | None:
        """How much of the goods the site may hold, in base units; None where nothing says so."""
        rows = self._projected.rows(
            "SELECT base FROM registered WHERE kind='capacity' AND id=? AND goods=? AND valid_from <= ? "
            "AND (valid_to IS NULL OR valid_to > ?) ORDER BY valid_from DESC, entry DESC LIMIT 1",
            (site, goods, at, at),
        )
        return None if not rows or rows[0][0] is None else int(rows[0][0])
