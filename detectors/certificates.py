"""Certificates against people: whether somebody was certified for a role at an instant, and if not, why not.

Law kept: judged by the certificates in force at the instant itself, and by nothing else.
"""

from __future__ import annotations

from typing import Final, Literal

from msgspec import Struct

from events.registry import PersonEntry
from events.time import Instant
from ledger.reference import Reference

Role = Literal["custodian", "driver", "escort", "blaster"]
ROLES: Final[dict[str, tuple[str, str]]] = {
    "custodian": ("保管员", "custodian"),
    "driver": ("驾驶员", "driver"),
    "escort": ("押运员", "escort"),
    "blaster": ("爆破员", "blaster"),
}
REASONS: Final[dict[str, tuple[str, str]]] = {
    "expired": ("已过有效期", "expired"),
    "not_yet_valid": ("尚未生效", "not yet valid"),
    "other_role": ("持其他岗位证件", "certified for another role"),
    "unknown": ("未登记", "not registered"),
}


class Standing(Struct, frozen=True, gc=False):
    """How people stand to a role: ``reason`` is None where one of them is certified; else what was wrong with the
    first, and when that one's certificate ended, if it did."""

    reason: Literal["expired", "not_yet_valid", "other_role", "unknown"] | None = None
    ended: Instant | None = None


def standing(
    reference: Reference, at: Instant, people: tuple[str, ...], roles: tuple[Role, ...], grace: Instant
) -> Standing:
    """Whether one of the people held a certificate for one of the roles, or had until ``grace`` before."""

    def find(then: Instant) -> Standing:
        for person in people:
            for role in roles:
                for asked in (then, then - grace):
                    if reference.in_force(PersonEntry, f"{person}/{role}", asked) is not None:
                        return Standing()
        return _wanting(reference, then, people[0], roles)

    if grace:  # what is asked for then does not last until the next certificate begins or ends
        return find(at)
    return reference.lasting(PersonEntry, (people, roles), at, find)


def _wanting(reference: Reference, at: Instant, person: str, roles: tuple[Role, ...]) -> Standing:
    held = [
        (entry, entry.entry)
        for entry in reference.of_kind(PersonEntry)
        if isinstance(entry.entry, PersonEntry) and entry.entry.person == person and entry.heard_of(at)
    ]
    for_it = [entry for entry, certificate in held if certificate.role in roles]
    ended = [entry.valid_to for entry in for_it if entry.valid_to is not None and entry.valid_to <= at]
    if ended:
        return Standing("expired", max(ended))
    if for_it:
        return Standing("not_yet_valid")
    return Standing("other_role" if held else "unknown")
