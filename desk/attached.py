"""Attached: which warnings of a list belong under which, as the leading policy and what stands say now.

Law kept: worked out when it is asked for, from the latest revisions alone: the same warnings are grouped the same,
whatever came first. Nothing is left out of a list that its lead is not in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, TypeAlias

from routing.leading import Leading, opened_by
from routing.notice import WarningNotice, decode_notice

_AT_ONCE: Final = 400
"""Values of one query."""
Rows: TypeAlias = Callable[[str, Sequence[object]], list[tuple[Any, ...]]]
"""All rows of one query over the projection."""


class Attached:
    """Leads and what is attached to them, by the policy ``leading``."""

    def __init__(self, rows: Rows, leading: Leading) -> None:
        self._ask, self._leading = rows, leading

    def leads(self, notices: Iterable[WarningNotice]) -> dict[str, WarningNotice]:
        """Finding → the warning that leads it in the end; those that stand by themselves are left out."""
        asked = list(notices)
        direct: dict[str, WarningNotice | None] = {}
        while asked and self._leading.together:
            citing = self._citing({opened_by(one) for one in asked})
            for one in asked:
                direct[one.finding] = self._leading.lead(one, citing.get(opened_by(one), ()))
            found = {one.finding: one for one in direct.values() if one is not None}
            asked = [one for name, one in found.items() if name not in direct]
        return {name: _last(lead, direct) for name, lead in direct.items() if lead is not None}

    def under(self, notices: Iterable[WarningNotice]) -> dict[str, tuple[WarningNotice, ...]]:
        """Finding → the warnings that it leads, those that go first first; none are left out."""
        leads = list(notices)
        known: dict[str, WarningNotice] = {}
        asked = leads
        while asked and self._leading.together:
            opened = self._opened({fact.id for one in asked for fact in one.facts})
            asked = [one for one in opened if one.finding not in known]
            known |= {one.finding: one for one in asked}
        of = self.leads(known.values())
        return {
            lead.finding: tuple(
                sorted(
                    (known[name] for name, root in of.items() if name in known and root.finding == lead.finding),
                    key=self._leading.order,
                )
            )
            for lead in leads
        }

    def _citing(self, facts: set[str]) -> dict[str, list[WarningNotice]]:
        """Fact → the standing warnings that cite it."""
        found: dict[str, list[WarningNotice]] = {}
        for fact, data in self._rows("", facts):
            found.setdefault(fact, []).append(decode_notice(data))
        return found

    def _opened(self, facts: set[str]) -> list[WarningNotice]:
        """The standing warnings that one of the facts opened."""
        return [decode_notice(data) for _, data in self._rows("AND c.opens", facts)]

    def _rows(self, more: str, facts: set[str]) -> Iterable[tuple[str, bytes]]:
        named = sorted(facts - {""})
        for start in range(0, len(named), _AT_ONCE):
            some = named[start : start + _AT_ONCE]
            yield from self._ask(
                "SELECT c.fact, w.notice FROM cited c JOIN warnings w ON w.finding = c.finding "
                f"WHERE c.fact IN ({','.join('?' * len(some))}) {more} AND w.status <> 'withdrawn'",
                some,
            )


def _last(lead: WarningNotice, direct: dict[str, WarningNotice | None]) -> WarningNotice:
    """The lead that is led by none: each goes before what it leads, so there is one."""
    above = direct.get(lead.finding)
    return lead if above is None else _last(above, direct)
