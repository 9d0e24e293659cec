"""Intake: bytes and contract alone decide whether a record is taken.

Law kept: a refusal names the reason and the field; what needs reference data is judged later, at the key.
Everything here is a function of the record and when it was received, so a replay decides alike.
"""

from __future__ import annotations

import re
from typing import Final

import msgspec
from msgspec import Struct

from events.contents import Wrong, consignment_fault, flow_fault, inventory_fault, named, registry_fault
from events.identifiers import Identifiers, to_the_letter
from events.identity import consignment_key, site_key, unit_key, vehicle_key
from events.placed import in_wgs84
from events.quantity import Amount, Fault, parse_quantity
from events.registry import ModelEntry, PolicyEntry
from events.rejection import Reason, Rejection, Source
from events.report import Consignment, Event, Flow, Inventory, Position, Registry
from events.time import MINUTE, Instant, format_instant, instant

LARGEST_RECORD: Final = 256 * 1024
FUTURE_TOLERANCE: Final = 5 * MINUTE
DEEPEST: Final = 32
PUBLISHER: Final = "hazflow"
"""The provider of what hazflow itself publishes: no token is ever issued for that name."""

_DECODER: Final = msgspec.json.Decoder(Event)
_TO_THE_LETTER: Final = msgspec.json.Decoder(to_the_letter(Event))
_MEASURED: Final = (Flow, Inventory)
_IDENTIFIERS: Final = {kind: Identifiers(kind) for kind in (Flow, Inventory, Position)}
"""Of the kinds that come in numbers; the others are decoded to the letter at once."""
_ENCODER: Final = msgspec.json.Encoder()
_AT: Final = re.compile(r" - at `\$\.?(?P<path>.*)`$")
_TEXT: Final = re.compile(r'"(?:[^"\\]|\\.)*"')
_NAMED: Final = re.compile(r"field `(?P<name>[^`]+)`")


class Record(Struct, frozen=True, gc=False):
    """One input record: its bytes, who sent it, when it was first durably held, where it stands."""

    raw: bytes
    provider: str
    received_at: Instant
    source: Source


class Arrival(Struct, frozen=True, gc=False):
    """A record that keeps the contract: the event with its provenance and its home key, and its own bytes.

    ``amount`` is the exact quantity of a flow or inventory event.
    """

    event: Event
    home: str
    at: Instant
    provider: str
    received_at: Instant
    source: Source
    raw: bytes
    amount: Amount | None = None


def read(record: Record) -> Arrival | Rejection:
    """Decode one record and hold it against the contract."""
    raw = record.raw
    if len(raw) > LARGEST_RECORD:
        return refuse(record, Reason.OVERSIZE, "", f"{len(raw)} bytes")
    try:
        event = _DECODER.decode(raw)
        identifiers = _IDENTIFIERS.get(type(event))
        if identifiers is None or not identifiers.sound(event):
            _TO_THE_LETTER.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _broken(record)
    at = instant(event.occurred_at)
    if at - record.received_at > FUTURE_TOLERANCE:
        return refuse(record, Reason.IN_FUTURE, "occurred_at", "later than received_at", event)
    amount = None
    if isinstance(event, _MEASURED):
        parsed = parse_quantity(event.quantity.value, event.quantity.unit)
        if isinstance(parsed, Fault):
            return refuse(record, *named(parsed, event.quantity, "quantity"), event)
        amount = parsed
        fault = flow_fault(event) if isinstance(event, Flow) else inventory_fault(event)
        home = site_key(event.site) if event.corrects is None else home_key(event)
    else:
        event = in_wgs84(event)
        fault, home = _content_fault(event, record), home_key(event)
    if fault is not None:
        return refuse(record, *fault, event)
    return Arrival(event, home, at, record.provider, record.received_at, record.source, raw, amount)


def home_key(event: Event) -> str:
    """The key at which an event is decided once to be new or known."""
    match event:
        case Flow() | Inventory():
            moved = event.corrects.home if event.corrects else None
            return site_key(moved or event.site)
        case Position():
            return vehicle_key(event.vehicle)
        case Consignment():
            moved = event.corrects.home if event.corrects else None
            return consignment_key(moved or event.consignment)
        case Registry():
            return unit_key(event.unit)


def event_id(event: Event) -> str | None:
    """The provider's id of an event; positions have none."""
    return None if isinstance(event, Position) else event.id


def decode(raw: bytes) -> Event:
    """The event that some bytes say which intake let through before, as it was taken then."""
    event: Event = _DECODER.decode(raw)
    return in_wgs84(event)


def encode(event: Event) -> bytes:
    """The canonical wire bytes of an event: equal content, equal bytes."""
    return _ENCODER.encode(event)


def refuse(record: Record, reason: Reason, field: str, detail: str, event: Event | None = None) -> Rejection:
    """The refusal of one record, with everything that is needed to mend it."""
    return Rejection(
        id=f"{record.source}",
        reason=reason,
        field=field,
        detail=detail,
        provider=record.provider,
        source=record.source,
        received_at=record.received_at,
        event_id=event_id(event) if event is not None else None,
        home=home_key(event) if event is not None else None,
        raw=record.raw,
    )


def _content_fault(event: Consignment | Position | Registry, record: Record) -> Wrong | None:
    """What the types cannot say."""
    match event:
        case Position():
            return None
        case Consignment():
            return consignment_fault(event)
        case Registry():
            return registry_fault(event) or _publication_fault(event, record)


def _publication_fault(event: Registry, record: Record) -> Wrong | None:
    """Whoever is watched does not set the thresholds: policies and models come from hazflow itself alone.

    They speak of nothing that happened before they were received, and what was published stands: so no day is ever
    judged by one that was not known then (ADR 0011).
    """
    if not isinstance(event.entry, PolicyEntry | ModelEntry):
        return None
    if record.provider != PUBLISHER:
        return Reason.INVALID_VALUE, "entry.type", "put in force by hazflow policy publish or models publish alone"
    if event.corrects is not None:
        return Reason.INVALID_VALUE, "corrects", "what was published stands: publish what shall be in force next"
    if instant(event.valid_from) < record.received_at:
        received = format_instant(record.received_at)
        return Reason.INVALID_VALUE, "valid_from", f"not before it is received, {received}: publish it for later"
    if isinstance(event.entry, PolicyEntry) and event.valid_to is not None:
        return Reason.INVALID_VALUE, "valid_to", "a policy is in force until the next one: leave it out"
    return None


def _broken(record: Record) -> Rejection:
    """The refusal of what cannot be decoded: the stricter types name what is wrong first."""
    try:
        _TO_THE_LETTER.decode(record.raw)
    except msgspec.ValidationError as error:
        return _broken_contract(record, str(error))
    except msgspec.DecodeError as error:
        return _broken_bytes(record, str(error))
    except UnicodeDecodeError as error:
        return refuse(record, Reason.INVALID_UTF8, "", f"byte {error.start}")
    except RecursionError:
        return refuse(record, Reason.TOO_DEEP, "", f"more than {DEEPEST} levels")
    raise AssertionError(f"{record.source}: refused by the contract's types, not by its stricter ones")


def _broken_contract(record: Record, message: str) -> Rejection:
    """Translate the decoder's message: which field, which reason."""
    at = _AT.search(message)
    path = at["path"] if at else ""
    text = message[: at.start()] if at else message
    named = _NAMED.search(text)
    if "missing required field" in text and named:
        name = f"{path}.{named['name']}" if path else named["name"]
        return refuse(record, Reason.MISSING_FIELD, name, text)
    if "unknown field" in text and named:
        name = f"{path}.{named['name']}" if path else named["name"]
        return refuse(record, Reason.UNKNOWN_FIELD, name, text)
    if path == "kind":
        return refuse(record, Reason.UNKNOWN_KIND, path, text)
    if path == "version":
        return refuse(record, Reason.UNKNOWN_VERSION, path, text)
    if "timezone" in text:
        return refuse(record, Reason.TIME_WITHOUT_ZONE, path, text)
    if text.startswith("Expected") and ", got " in text:
        return refuse(record, Reason.WRONG_TYPE, path, text)
    return refuse(record, Reason.INVALID_VALUE, path, text)


def _broken_bytes(record: Record, message: str) -> Rejection:
    try:
        text = record.raw.decode()
    except UnicodeDecodeError as error:
        return refuse(record, Reason.INVALID_UTF8, "", f"byte {error.start}")
    if re.search(r"[:\[,]\s*-?(NaN|Infinity|inf)\b", _TEXT.sub('""', text)):
        return refuse(record, Reason.NUMBER_NOT_FINITE, "", message)
    if depth(text) > DEEPEST:
        return refuse(record, Reason.TOO_DEEP, "", f"more than {DEEPEST} levels")
    return refuse(record, Reason.NOT_JSON, "", message)


def depth(text: str) -> int:
    """How deeply brackets nest, outside strings.

    >>> depth('[{"a": "[[["}]')
    2
    """
    deepest = level = 0
    for found in re.finditer(r'"(?:[^"\\]|\\.)*"|[\[{]|[\]}]', text):
        mark = found.group()
        level += 1 if mark in "[{" else -1 if mark in "]}" else 0
        deepest = max(deepest, level)
    return deepest
