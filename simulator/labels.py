"""Labels: what the simulator did on purpose, and what a detector should make of it.

Law kept: whatever in a simulated log is not in order has a label; everything without one is clean.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from events.identity import consignment_key, permit_key, site_key, unit_key, vehicle_key
from events.time import Instant


class Label(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One staged diversion, or one look-alike that is innocent.

    ``expected`` are the detectors that should raise it (for a look-alike: that must not). ``may`` are
    detectors that a diversion can rightly set off as well; they count neither as caught nor as false.
    ``also`` names further keys that it touches. ``quantity`` is in base units. ``deed_at`` is when the deed began,
    where the label begins before it, so that a warning ahead of it is no false one.
    """

    id: str
    kind: Literal["diversion", "look_alike"]
    scenario: str
    expected: tuple[str, ...]
    begins_at: Instant
    ends_at: Instant
    note_zh: str
    note_en: str
    may: tuple[str, ...] = ()
    unit: str | None = None
    site: str | None = None
    goods: str | None = None
    consignment: str | None = None
    permit: str | None = None
    vehicle: str | None = None
    area: str | None = None
    also: tuple[str, ...] = ()
    quantity: int | None = None
    deed_at: Instant | None = None

    @property
    def deed(self) -> Instant:
        """From when on it could be found."""
        return self.begins_at if self.deed_at is None else self.deed_at

    def keys(self) -> frozenset[str]:
        """Every key that the label touches.

        >>> Label(id="L", kind="diversion", scenario="theft", expected=("B1",), begins_at=0, ends_at=1,
        ...       note_zh="", note_en="", site="S1").keys()
        frozenset({'site:S1'})
        """
        named = (
            (unit_key, self.unit),
            (site_key, self.site),
            (consignment_key, self.consignment),
            (permit_key, self.permit),
            (vehicle_key, self.vehicle),
        )
        return frozenset(key(value) for key, value in named if value) | frozenset(self.also)
