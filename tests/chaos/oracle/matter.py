"""A matter: what a rule says happened, from when to when, with what in evidence."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from events.time import Instant
from ledger.fact import Fact, Movement

MOST_FACTS = 20


class Matter(Struct, frozen=True):
    """One episode of one rule at one key."""

    anchor: str
    since: Instant
    speaks_at: Instant
    facts: tuple[str, ...]
    fact_count: int
    numbers: dict[str, int | float | str]
    area: str
    unit: str
    category: str
    site: str | None
    goods: str | None
    until: Instant | None = None
    informed_areas: tuple[str, ...] = ()
    severity: str | None = None

    def more(self, fact: Fact, **numbers: int | float | str) -> Matter:
        """With one more fact in evidence."""
        facts = (*self.facts, fact.id) if len(self.facts) < MOST_FACTS else self.facts
        return replace(self, facts=facts, fact_count=self.fact_count + 1, numbers={**self.numbers, **numbers})

    def ended(self, fact: Fact) -> Matter:
        """Ended by a fact, which is in evidence too."""
        return replace(self.more(fact), until=fact.at)


def begun(fact: Fact, moved: Movement, speaks_at: Instant, **numbers: int | float | str) -> Matter:
    """A matter that begins with a movement."""
    return Matter(
        fact.id, fact.at, speaks_at, (fact.id,), 1, numbers, moved.area, moved.unit, moved.category.value,
        moved.site, moved.goods,
    )  # fmt: skip
