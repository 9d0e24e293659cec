"""What a batch does: one transaction's worth of states, facts for other keys, findings, lines and refusals.

Law kept: a batch is all or nothing. Nothing in here has happened until the engine commits it whole.
"""

from __future__ import annotations

from msgspec import Struct, field

from detectors.claim import Finding
from events.rejection import Rejection
from events.time import Instant
from ledger.fact import Fact
from ledger.home import Told
from ledger.reference import Registered


class Delivery(Struct, frozen=True, array_like=True, tag="fact", gc=False):
    """A fact on its way to a key."""

    key: str
    fact: Fact


class Enrolment(Struct, frozen=True, array_like=True, tag="registered", gc=False):
    """A registry entry on its way to a key."""

    key: str
    registered: Registered


class LaneTick(Struct, frozen=True, array_like=True, tag="tick", gc=False):
    """A lane's own inputs have come to ``at``; said to every lane behind all that it emitted before.

    ``hop`` 0 speaks of its inputs; hop n of what reached it by hop n - 1, once every lane has said that.
    """

    lane: int
    at: Instant
    hop: int = 0


Passing = Delivery | Enrolment | LaneTick
"""Anything that travels through ``facts``."""


class BookLine(Struct, frozen=True, array_like=True, gc=False):
    """One line of a book as it now stands; a fact without body has left the book."""

    key: str
    fact: Fact


class Incomplete(Struct, frozen=True, array_like=True, gc=False):
    """A detector fell over at a key: its findings there are incomplete until a newer version takes over.

    Without a reason: it has, and they are complete again.
    """

    detector: str
    key: str
    reason: str
    at: Instant


class StatePart(Struct, frozen=True, gc=False):
    """One record of the state: a part of a key's state, or None where it is no more."""

    key: str
    part: str
    data: bytes | None


class Effects(Struct):
    """All that one batch did, in order of happening."""

    states: list[StatePart] = field(default_factory=list)
    passing: list[tuple[int, Passing]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    lines: list[BookLine] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    refusals: list[Rejection] = field(default_factory=list)
    incomplete: list[Incomplete] = field(default_factory=list)

    def extend(self, other: Effects) -> None:
        """All of another's behind these."""
        for name in self.__struct_fields__:
            getattr(self, name).extend(getattr(other, name))
