"""What a lane says in passing: a home's message to a key, and the refusal of what came after a close."""

from __future__ import annotations

from msgspec.structs import replace

from events.intake import Arrival
from events.rejection import Reason, Rejection
from ledger.fact import STANDING, Fact, Leg, rank_of
from ledger.held import Held
from ledger.reference import Registered
from ledger.speech import Earlier, Entered, Speech


def message(held: Held, speech: Speech, *, gone: bool = False) -> Fact | Registered:
    """What the home sends to a key: the fact or registry entry, or that it is gone from there."""
    body = speech.body
    if isinstance(body, Entered):
        return Registered(
            held.identity, held.version, body.unit, body.recorded_at, body.valid_from, body.valid_to,
            None if gone else body.entry, speech.received_at,
        )  # fmt: skip
    return Fact(
        held.identity, held.at, rank_of(body), held.version, speech.revision, speech.received_at,
        speech.source, None if gone else body,
    )  # fmt: skip


def standing(key: str, fact: Fact) -> Fact:
    """A trip's stage as a vehicle holds it, or that it is gone: before its cells, whenever it came.

    A plan that names another vehicle takes the trip off this one.
    """
    leg = fact.body
    if isinstance(leg, Leg) and leg.stage == "plan" and leg.vehicle != key.partition(":")[2]:
        leg = Leg("cancel", leg.consignment, leg.vehicle)
    return replace(fact, rank=STANDING, body=leg)


def told_before(held: Held, earlier: Earlier, *, gone: bool = False) -> Registered:
    """What the home sends of how an entry was told before; ``gone`` where that was never heard, as is now known."""
    body = earlier.entered
    return Registered(
        f"{held.identity}#{earlier.revision}", held.version, body.unit, body.recorded_at, body.valid_from,
        body.valid_to, None if gone else body.entry, earlier.heard_at, earlier.unsaid_at,
    )  # fmt: skip


def too_late(arrival: Arrival) -> Rejection:
    """A position of a day that its vehicle has closed; its bytes stay in the input log."""
    return Rejection(
        id=str(arrival.source),
        reason=Reason.AFTER_CLOSE,
        field="occurred_at",
        detail="",
        provider=arrival.provider,
        source=arrival.source,
        received_at=arrival.received_at,
        home=arrival.home,
    )


def not_booked(key: str, fact: Fact, detail: str) -> Rejection:
    """A fact that the books cannot take at a key, which something else has brought there."""
    return Rejection(
        id=f"{fact.source}@{key}",
        reason=Reason.BOOKS_CANNOT_TAKE,
        field="",
        detail=detail,
        provider=fact.id.partition("|")[0],
        source=fact.source,
        received_at=fact.received_at,
        event_id=fact.id.rpartition("|")[2],
        home=key,
    )


def after_close(key: str, fact: Fact) -> Rejection:
    """A fact that reached a key whose day is closed."""
    return Rejection(
        id=f"{fact.source}@{key}",
        reason=Reason.AFTER_CLOSE,
        field="occurred_at",
        detail=f"{key} has closed that day",
        provider=fact.id.partition("|")[0],
        source=fact.source,
        received_at=fact.received_at,
        event_id=fact.id.rpartition("|")[2],
        home=key,
    )
