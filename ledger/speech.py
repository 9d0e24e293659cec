"""What a home says of an event: its meaning at which keys, in the ledger's words.

Law kept: what a site's event means is a function of the event and of what it was judged by (`Seen`), so the home
need keep no more than that of what it said.
"""

from __future__ import annotations

from typing import TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from events.identity import book_key, consignment_key, permit_key, site_key, unit_key
from events.quantity import Amount, Quantity, parse_quantity
from events.registry import Category, Entry
from events.rejection import Reason, Source
from events.report import Consignment, Flow, Inventory, Registry
from events.time import Instant, instant
from ledger.fact import Count, Detail, Fact, Leg, Movement
from ledger.serials import by_block

Report: TypeAlias = Flow | Inventory | Consignment | Registry
"""What a home can hold: all kinds of event but positions."""


_NOTHING = (None,) * 6


class Entered(Struct, frozen=True, array_like=True, tag="entered", gc=False):
    """A registry entry as it travels to the keys that it concerns."""

    unit: str
    recorded_at: Instant
    valid_from: Instant
    valid_to: Instant | None
    entry: Entry


class Earlier(Struct, frozen=True, array_like=True, gc=False):
    """How a registry entry was told before it was told otherwise: heard at ``heard_at``, unsaid at ``unsaid_at``.

    Days that had closed by then go on being judged by it.
    """

    revision: int
    keys: tuple[str, ...]
    entered: Entered
    heard_at: Instant
    unsaid_at: Instant


class Speech(Struct, frozen=True, array_like=True, tag="speech", gc=False):
    """What a home key says of one event: its meaning, the keys that it concerns, where it was reported, and when
    it occurred; of a registry entry also how it was told ``before``."""

    keys: tuple[str, ...]
    body: Movement | Count | Leg | Entered
    received_at: Instant = 0
    source: Source = Source("", 0, 0)
    revision: int = 0
    at: Instant = 0
    before: tuple[Earlier, ...] = ()


class Seen(Struct, frozen=True, array_like=True, tag="seen", gc=False):
    """What the reference data lent to the speech of a site's event; the event itself says the rest."""

    area: str
    category: Category
    tier: str | None = None


class Wait(Struct, frozen=True, array_like=True, gc=False):
    """Why an event cannot be understood yet: what it will be refused for if nothing comes."""

    reason: Reason
    field: str
    detail: str


def seen_in(speech: Speech) -> Speech | Seen:
    """What must be kept of a speech while the event that it is of is kept."""
    body = speech.body
    if isinstance(body, Movement):
        return Seen(body.area, body.category, body.more.tier)
    return Seen(body.area, body.category) if isinstance(body, Count) else speech


def said_of(event: Flow | Inventory, seen: Seen) -> Speech:
    """The speech of a site's event, judged by this: its keys and its body."""
    amount = amount_of(event.quantity)
    if isinstance(event, Inventory):
        own = (site_key(event.site), book_key(event.site, event.goods))
        return Speech(counted_at(event, own), count(event, amount, seen))
    keys = (site_key(event.site), book_key(event.site, event.goods), unit_key(event.unit))
    return Speech(concerned(event, keys), movement(event, amount, seen))


def concerned(event: Flow, own: tuple[str, str, str]) -> tuple[str, ...]:
    """The keys that a movement concerns: its ``own`` site, book and unit first."""
    keys: tuple[str, ...] = own
    party = event.counterparty
    if party is not None and party.unit is not None and party.unit != event.unit:
        keys += (unit_key(party.unit),)
    if event.permit is not None:
        keys += (permit_key(event.permit),)
    if event.consignment is not None:
        keys += (consignment_key(event.consignment),)
    if event.serials:
        keys += tuple(by_block(event.serials))
    return keys


def counted_at(event: Inventory, own: tuple[str, ...]) -> tuple[str, ...]:
    """The keys that a count concerns: its ``own`` site and book first."""
    return (*own, *by_block(event.serials)) if event.serials else own


def parted(fact: Fact) -> dict[str, Fact]:
    """What the blocks of serial numbers that a fact concerns are told: it holds only their own part of the runs."""
    body = fact.body
    if not isinstance(body, Movement | Count) or not body.serials:
        return {}
    return {
        key: replace(fact, body=replace(body, serials=serials)) for key, serials in by_block(body.serials).items()
    }


def movement(event: Flow, amount: Amount, seen: Seen) -> Movement:
    """What a flow event moves."""
    other = event.counterparty
    if other is None:
        return Movement(
            event.operation, amount.base, amount.measure, seen.category, event.goods, event.site, event.unit,
            seen.area, None, None, None, False,
            event.consignment, event.permit, event.shift, event.instrument, event.direction, event.approver,
            event.custodians, event.payment, event.serials, detail(event, seen, None),
        )  # fmt: skip
    return Movement(
        event.operation, amount.base, amount.measure, seen.category, event.goods, event.site, event.unit, seen.area,
        other.unit, other.site, other.outside, other.natural_person,
        event.consignment, event.permit, event.shift, event.instrument, event.direction, event.approver,
        event.custodians, event.payment, event.serials, detail(event, seen, other.area),
    )  # fmt: skip


def detail(event: Flow, seen: Seen, counterparty_area: str | None) -> Detail | None:
    """What a flow event says beside the usual; None where that is nothing."""
    said = (event.room, event.use, event.identified, event.discovered_at, counterparty_area, seen.tier)
    if said == _NOTHING:
        return None
    found = None if event.discovered_at is None else instant(event.discovered_at)
    return Detail(event.room, event.use, event.identified, found, counterparty_area, seen.tier)


def count(event: Inventory, amount: Amount, seen: Seen) -> Count:
    """What an inventory event counted."""
    return Count(
        amount.base, amount.measure, seen.category, event.goods, event.site, event.unit, seen.area,
        event.method, event.instrument, event.estimated, event.serials,
        None if event.activity is None else amount_of(event.activity).base,
    )  # fmt: skip


def amount_of(quantity: Quantity) -> Amount:
    """The exact amount of a quantity that intake let through."""
    amount = parse_quantity(quantity.value, quantity.unit)
    if not isinstance(amount, Amount):
        raise TypeError(f"intake let a bad quantity through: {quantity}")
    return amount
