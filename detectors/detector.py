"""The one interface of every detector: rule, sequential test or forest.

Law kept: a detector is a fold. ``see`` takes its carried state and one fact in event order; ``at`` says what time
alone makes true. Both are pure, so folding a prefix first changes nothing, and late facts just fold again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Literal, Protocol

from msgspec import Struct

from detectors.claim import Claim, Finding
from detectors.policy import Terms
from detectors.world import World
from events.time import Instant
from ledger.account import Account
from ledger.fact import Body, Fact
from ledger.reference import Reference

Kind = Literal["site", "book", "unit", "permit", "serial", "consignment", "vehicle"]


class Card(Struct, frozen=True):
    """What a detector is, for people: its id never changes.

    ``place`` says who handles: the area of the site that holds the goods, of the shipper's or the receiver's
    site, or the county of the last good fix. ``misses`` says what it does not catch. Pairs are (zh, en).
    """

    id: str
    name: str
    title: tuple[str, str]
    predicate: tuple[str, str]
    misses: tuple[str, str]
    key: Kind
    place: Literal["site", "shipper", "receiver", "last_fix", "unit"]


class View(Struct, frozen=True):
    """What a detector may look at beside the facts: its key, the key's reference data, and the world."""

    key: str
    reference: Reference
    world: World

    def terms(self, detector: str, at: Instant, *, category: str, area: str, unit: str) -> Terms[Any]:
        """The rule's parameters, severity and settle in force at an instant for this category, area and unit."""
        return self.world.terms(detector, at, category=category, area=area, unit=unit)


class Step(Struct, frozen=True, gc=False):
    """One fact in event order, the key's account before and after it; ``made``: what the reckoning makes of it."""

    fact: Fact
    before: Account
    after: Account
    made: Any = None


class Detector(Protocol):
    """A rule, a sequential test or a forest over one kind of key.

    ``State`` is a frozen, array-like Struct: what the detector carries from fact to fact, bounded by what is
    open. ``sees`` are the fact bodies that it wants; a class that has ``deeds`` (a frozenset of operations) wants
    movements of these alone. ``Terms`` parameters are a Struct of the policy file's ``[parameters]``, with units in
    their names; ``stricter`` says for each in which way it finds more. One with a ``rests_on``, a ``Reckoning``
    shared with others, sees only the facts of which that makes something. One whose class says ``by_papers = True``
    speaks of what is registered: ``at`` is asked at keys without any fact too.
    """

    card: ClassVar[Card]
    State: ClassVar[type[Struct]]
    Parameters: ClassVar[type[Struct]]
    stricter: ClassVar[dict[str, Literal["lower", "higher"]]]
    sees: ClassVar[frozenset[type[Body]]]

    def start(self) -> Any:
        """The state before any fact."""
        ...

    def see(self, state: Any, step: Step, view: View) -> tuple[Any, Sequence[Claim]]:
        """The state after one more fact, and the claims that it makes or changes (the last word per anchor)."""
        ...

    def at(self, state: Any, now: Instant, view: View) -> Sequence[Claim]:
        """The claims that stand because time has come to ``now``; the same until a fact or deadline changes it."""
        ...

    def wakes(self, state: Any, view: View) -> Sequence[Instant]:
        """The instants at which ``at`` changes its mind if no fact comes; those already past are ignored."""
        ...

    def explain(self, finding: Finding, lang: Literal["zh", "en"]) -> str:
        """The finding in one or two sentences with its actual numbers."""
        ...


class Rule:
    """What most detectors share: nothing is said by time alone."""

    __slots__ = ()

    def at(self, state: Any, now: Instant, view: View) -> Sequence[Claim]:
        """Time alone makes nothing true."""
        return ()

    def wakes(self, state: Any, view: View) -> Sequence[Instant]:
        """Nothing to wait for."""
        return ()
