"""Claims and findings: what a detector says, and what is told about it.

Law kept: a claim is a function of facts and time, never of how they arrived. One episode is one claim with
one anchor; versions are content, not identity.
"""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache
from hashlib import blake2b

import msgspec
from msgspec import Struct

from events.quantity import Measure
from events.registry import Category
from events.time import Instant
from ledger.fact import Ref

_BYTES = msgspec.msgpack.Encoder()
Number = int | float | str
"""One value of the evidence. Quantities are base units; texts name things."""
MOST_REFS = 20
"""How many facts a claim cites singly; more are counted."""


class Severity(StrEnum):
    """红橙黄蓝: how bad it is."""

    RED = "red"
    ORANGE = "orange"
    YELLOW = "yellow"
    BLUE = "blue"


class Status(StrEnum):
    """Where a finding stands."""

    OPEN = "open"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


class Claim(Struct, frozen=True, array_like=True, gc=False):
    """What one detector claims about one subject.

    ``anchor`` is the id of the anchoring event, obligation, or the episode's first event in event order.
    ``since`` and ``until`` bound the episode in event time; ``until`` is None while it is open.
    ``speaks_at`` is when it may be said (the rule's settle). ``numbers`` are the evidence, by name.
    """

    anchor: str
    since: Instant
    speaks_at: Instant
    refs: tuple[Ref, ...]
    numbers: dict[str, Number]
    area: str
    unit: str
    category: Category
    until: Instant | None = None
    site: str | None = None
    goods: str | None = None
    informed_areas: tuple[str, ...] = ()
    severity: Severity | None = None
    ref_count: int = 0

    @property
    def status(self) -> Status:
        """Open while it lasts."""
        return Status.OPEN if self.until is None else Status.CLOSED


class Finding(Struct, frozen=True, gc=False):
    """检出: a claim as it is told: identified, numbered by revision, stamped with its rule's version.

    ``raised_at`` is the lane's time at the first revision, ``told_at`` at this one; both depend on arrival
    and are no part of what *equal* means. Of a withdrawn one ``superseded_by`` names the finding that took its
    place, ``withdrawn_by`` what took it back: a fact, a registry entry, a policy, or a version of the rules.
    """

    id: str
    revision: int
    detector: str
    version: str
    subject: str
    status: Status
    severity: Severity
    claim: Claim
    raised_at: Instant
    told_at: Instant
    superseded_by: str | None = None
    incomplete: tuple[str, ...] = ()
    withdrawn_by: Ref | None = None


@lru_cache(maxsize=65_536)
def finding_id(detector: str, subject: str, anchor: str) -> str:
    """The id of a finding: rule + subject + anchor, short and safe in an address.

    >>> finding_id("B2", "book:S1/G1", "p|S1|e1") == finding_id("B2", "book:S1/G1", "p|S1|e1")
    True
    """
    text = f"{detector}\x1f{subject}\x1f{anchor}".encode()
    return f"{detector}-{blake2b(text, digest_size=10).hexdigest()}"


def cite(refs: tuple[Ref, ...], more: Ref) -> tuple[Ref, ...]:
    """The citations with one more, as long as there is room."""
    return refs if len(refs) >= MOST_REFS else (*refs, more)


def measure_of(claim: Claim) -> Measure:
    """The measure that a claim's quantities are in (its evidence names it)."""
    return Measure(str(claim.numbers["measure"]))
