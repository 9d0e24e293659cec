"""预警: a finding routed to the authorities who must act or know, as it leaves hazflow.

Law kept: a warning explains itself (law 10): its facts with their positions, its numbers, its rule and
version, its law, why this authority, why due then. It is plain data: whoever reads it needs nothing else.
"""

from __future__ import annotations

from typing import Final, Literal

import msgspec
from msgspec import Struct

from events.time import Instant, format_instant
from routing.question import Recipient, Why

SOURCE: Final = "hazflow"
TYPE: Final = "hazflow.warning.v1"


class FactRef(Struct, frozen=True):
    """One cited fact: its identity, and the topic, partition and offset of its record."""

    id: str
    topic: str
    partition: int
    offset: int


class Law(Struct, frozen=True):
    """法律依据: one article as it was in force; ``verified``: somebody read it at the source.

    ``abroad``: law elsewhere, for comparison only.
    """

    law: str
    article: str
    verified: bool
    abroad: bool = False


class Text(Struct, frozen=True):
    """The same words in Chinese and English."""

    zh: str
    en: str


class WarningNotice(Struct, frozen=True, kw_only=True):
    """One revision of one warning. Times are instants (µs since 1970 UTC); ``numbers`` are in base units.

    ``opened_by`` is the cited fact that opened the episode, where one did: warnings that one event opened belong
    together. ``status`` is open, closed or withdrawn; ``superseded_by`` names the finding that took its place, and
    ``withdrawn_by`` the fact that took it back, or, with no topic, the registry entry, the policy (``policy|…``) or
    the version of the rules (``code|…``).
    ``incomplete`` names detectors that fell over at this key.
    """

    finding: str
    revision: int
    detector: str
    title: Text
    explanation: Text
    misses: Text
    status: str
    severity: str
    category: str
    subject: str
    area: str
    area_name: Text
    unit: str
    site: str | None
    goods: str | None
    since: Instant
    until: Instant | None
    raised_at: Instant
    told_at: Instant
    numbers: dict[str, int | float | str]
    facts: tuple[FactRef, ...]
    fact_count: int
    basis: tuple[Law, ...]
    rule_version: str
    routing_version: str
    recipients: tuple[Recipient, ...]
    held: tuple[Recipient, ...] = ()
    why: tuple[Why, ...] = ()
    superseded_by: str | None = None
    incomplete: tuple[str, ...] = ()
    opened_by: str = ""
    withdrawn_by: FactRef | None = None

    @property
    def taken_back_by(self) -> Literal["", "fact", "entry", "policy", "code"]:
        """What kind of thing took the warning back; empty where nothing did, or only time."""
        by = self.withdrawn_by
        if by is None:
            return ""
        if by.topic:
            return "fact"
        return "policy" if by.id.startswith("policy|") else "code" if by.id.startswith("code|") else "entry"

    @property
    def id(self) -> str:
        """The CloudEvents id: finding.revision."""
        return f"{self.finding}.{self.revision}"


class CloudEvent(Struct, frozen=True, rename={"content_type": "datacontenttype"}):
    """CloudEvents 1.0, structured mode; in Kafka's binary mode the same attributes are ``ce_`` headers."""

    id: str
    source: str
    type: str
    subject: str
    time: str
    data: WarningNotice
    specversion: str = "1.0"
    content_type: str = "application/json"


def cloud_event(notice: WarningNotice) -> CloudEvent:
    """The notice in its envelope: ``id`` is finding.revision, ``subject`` the finding."""
    return CloudEvent(notice.id, SOURCE, TYPE, notice.finding, format_instant(notice.told_at), notice)


def headers(notice: WarningNotice) -> list[tuple[str, bytes]]:
    """The Kafka headers of CloudEvents' binary mode; the value is the notice as JSON."""
    event = cloud_event(notice)
    attributes = {
        "ce_specversion": event.specversion,
        "ce_id": event.id,
        "ce_source": event.source,
        "ce_type": event.type,
        "ce_subject": event.subject,
        "ce_time": event.time,
        "content-type": event.content_type,
    }
    return [(name, value.encode()) for name, value in attributes.items()]


encode_notice: Final = msgspec.json.Encoder().encode
"""A notice as JSON bytes."""
decode_notice: Final = msgspec.json.Decoder(WarningNotice).decode
"""The notice of JSON bytes."""
