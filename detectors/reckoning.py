"""Reckoning: what several detectors of one kind of key rest on, folded once for all of them.

Law kept: one idea, one place. What a reckoning makes of a fact is a function of its own state, the fact and the
view, as a detector's claims are; the detectors that rest on it see the facts of which it made something, no others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from msgspec import Raw, Struct

if TYPE_CHECKING:
    from detectors.detector import Detector, Step, View
    from ledger.fact import Body


class Reckoning(Protocol):
    """A fold that detectors share; ``name`` is its state's beside theirs, ``sees`` the bodies that it wants.

    It falls over for all detectors that rest on it at once, and begins anew when one of them is tried again.
    """

    name: ClassVar[str]
    State: ClassVar[type[Struct]]
    sees: ClassVar[frozenset[type[Body]]]

    def start(self) -> Any:
        """The state before any fact."""
        ...

    def see(self, state: Any, step: Step, view: View) -> tuple[Any, Any]:
        """The state after one more fact, and what it made of it for the detectors; None where nothing."""
        ...

    def taken_over(self, states: dict[str, Raw]) -> dict[str, Raw]:
        """States as a version kept them that knew no reckonings: what must be read instead, by name."""
        ...


def reckoning_of(detector: Detector) -> Reckoning | None:
    """What a detector rests on, which its class names as ``rests_on``; None where it rests on nothing."""
    found: Reckoning | None = getattr(type(detector), "rests_on", None)
    return found
