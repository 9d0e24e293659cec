"""Leading: of several warnings that one event made true, which one leads; the others are attached to it.

Law kept: a pure function of the warnings that stand, whatever came first: findings stay independent. A warning is
attached only to one that cites what opened it, that the same authority handles, and that is at least as bad; of
those the worst leads, then the one that the policy names first.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterable
from typing import Final

import msgspec
from msgspec import Struct

from events.time import Instant
from routing.notice import WarningNotice
from routing.unusable import Problem, Unusable, line_of

_SEVERITIES: Final = ("red", "orange", "yellow", "blue")
_NEVER: Final[Instant] = 2**62


class Together(Struct, frozen=True, forbid_unknown_fields=True):
    """Rules that one event may make true together: ``order`` names them, the one that leads first."""

    zh: str
    en: str
    order: tuple[str, ...]


class _Page(Struct, frozen=True, forbid_unknown_fields=True):
    together: tuple[Together, ...] = ()


class Leading(Struct, frozen=True):
    """The policy: which rules belong together, in which order."""

    together: tuple[Together, ...] = ()

    def order(self, notice: WarningNotice) -> tuple[int, int, Instant, str]:
        """Who goes before whom: the worse, the one named first, the one that began first, the lesser id."""
        named = [rule for group in self.together for rule in group.order]
        place = named.index(notice.detector) if notice.detector in named else len(named)
        worst = _SEVERITIES.index(notice.severity) if notice.severity in _SEVERITIES else len(_SEVERITIES)
        return (worst, place, notice.since, notice.finding)

    def lead(self, one: WarningNotice, others: Iterable[WarningNotice]) -> WarningNotice | None:
        """Which of the others a warning is attached to; None where it stands by itself."""
        mine = self.order(one)
        before = [other for other in others if self._leads(other, one) and self.order(other) < mine]
        return min(before, key=self.order, default=None)

    def _leads(self, lead: WarningNotice, one: WarningNotice) -> bool:
        if "withdrawn" in (lead.status, one.status) or lead.detector == one.detector:
            return False
        if opened_by(one) not in {fact.id for fact in lead.facts} or handler_of(lead) != handler_of(one):
            return False
        apart = _ends(lead) < one.since or _ends(one) < lead.since
        both = {lead.detector, one.detector}
        return not apart and any(both <= set(group.order) for group in self.together)


NOBODY_LEADS: Final = Leading()
"""Every warning stands by itself."""


def opened_by(notice: WarningNotice) -> str:
    """The fact that opened a warning's episode; "" where it cites none."""
    return notice.opened_by or (notice.facts[0].id if notice.facts else "")


def handler_of(notice: WarningNotice) -> str:
    """The one authority that handles a warning."""
    return notice.recipients[0].authority.id


def read_leading(text: str, rules: Collection[str]) -> Leading:
    """The policy of a text; ``Unusable`` says what is wrong with it and where. ``rules`` are those there are."""
    try:
        page = msgspec.convert(tomllib.loads(text), _Page)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        mend = "见文件开头的说明", "see how to read it, at the top of the file"
        raise Unusable("leading.toml", [Problem(None, "together", (str(error), str(error)), mend)]) from error
    problems = [_fault(text, rule) for group in page.together for rule in group.order if rule not in rules]
    for group in page.together:
        if len(set(group.order)) < len(group.order):
            what = "同一规则列了两次", "names a rule twice"
            mend = "删去重复者", "remove the repetition"
            problems.append(Problem(line_of(text, "together"), group.en, what, mend))
    if problems:
        raise Unusable("leading.toml", problems)
    return Leading(page.together)


def _fault(text: str, rule: str) -> Problem:
    what = f"没有规则 {rule}", f"there is no rule {rule!r}"
    return Problem(line_of(text, "together"), "order", what, ("用目录中的编号", "use an id of the catalogue"))


def _ends(notice: WarningNotice) -> Instant:
    return _NEVER if notice.until is None else notice.until
