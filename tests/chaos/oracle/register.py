"""The register: who and what was registered, as of an instant and as heard of in time.

Law kept: of several entries about one thing in force at an instant the one valid from latest speaks; what is
heard of after a day has closed says nothing about that day.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from msgspec import Struct

from events.registry import (
    CapacityEntry,
    Entry,
    GoodsEntry,
    HazardFilingEntry,
    InstrumentEntry,
    LicenceEntry,
    PermitEntry,
    PermitReturnEntry,
    PolicyEntry,
    ShiftEntry,
    SiteEntry,
    SourceEntry,
    TradeFilingEntry,
    UnitEntry,
    VehicleEntry,
)
from events.report import Registry
from events.time import DAY, HOUR, Instant, instant
from tests.chaos.oracle.reports import Report

E = TypeVar("E", bound=Entry)
_SHANGHAI = 8 * HOUR


class Noted(Struct, frozen=True):
    """One entry with its dates, and when it was heard of."""

    id: str
    unit: str
    entry: Entry
    entered_at: Instant
    valid_from: Instant
    valid_to: Instant | None
    heard_at: Instant

    def speaks(self, at: Instant) -> bool:
        """Whether it was in force at an instant, and heard of before that instant's day had closed."""
        return self.valid_from <= at and (self.valid_to is None or at < self.valid_to) and self.heard_by(at)

    def heard_by(self, at: Instant) -> bool:
        """Whether it was heard of by an instant, or before that instant's day had closed."""
        return self.heard_at <= at or self.heard_at < day_closes(at)


class Register:
    """All entries that speak, by the key that they concern."""

    def __init__(self, reports: Iterable[Report]) -> None:
        self.by_key: dict[str, list[Noted]] = {}
        entries = [report for report in reports if report.home.startswith("unit:")]
        sites: dict[str, set[str]] = {}
        for report in entries:
            for told in report.tellings:
                if isinstance(told.event, Registry) and isinstance(told.event.entry, SiteEntry):
                    sites.setdefault(report.home, set()).add(told.event.entry.site)
        for report in entries:
            event = report.last.event
            if report.original is not None and isinstance(event, Registry):
                noted = _noted(report, event, report.original.at)
                for key in _concerned(event, sites.get(report.home, set())):
                    self.by_key.setdefault(key, []).append(noted)

    def at(self, key: str) -> list[Noted]:
        """The entries that a key was told of, latest valid first."""
        entries = self.by_key.get(key, [])
        return sorted(entries, key=lambda one: (one.valid_from, one.entered_at, one.id), reverse=True)

    def entry(self, key: str, kind: type[E], about: str, at: Instant, unit: str | None = None) -> E | None:
        """The entry about one thing that speaks of an instant at a key."""
        for noted in self.at(key):
            if isinstance(noted.entry, kind) and _about(noted.entry) == about and noted.speaks(at):
                if unit is None or noted.unit == unit:
                    return noted.entry
        return None

    def goods(self, goods: str, at: Instant) -> GoodsEntry | None:
        """The catalogue's entry of a goods."""
        return self.entry("*", GoodsEntry, goods, at)

    def goods_heard(self, goods: str, at: Instant) -> Instant:
        """When a goods that was in force at an instant was first heard of."""
        entries = [one for one in self.at("*") if isinstance(one.entry, GoodsEntry) and _about(one.entry) == goods]
        return min((one.heard_at for one in entries if one.speaks(at)), default=0)

    def policies(self) -> list[tuple[Instant, str]]:
        """Published policies: from when, and their text."""
        return [(one.valid_from, one.entry.text) for one in self.at("*") if isinstance(one.entry, PolicyEntry)][
            ::-1
        ]


def day_closes(at: Instant) -> Instant:
    """When the Shanghai day of an instant is closed to new reports: a week and an hour after it ends."""
    return ((at + _SHANGHAI) // DAY + 1) * DAY - _SHANGHAI + 7 * DAY + HOUR


def _noted(report: Report, event: Registry, entered_at: Instant) -> Noted:
    valid_to = None if event.valid_to is None else instant(event.valid_to)
    return Noted(
        report.identity, event.unit, event.entry, entered_at, instant(event.valid_from), valid_to,
        report.last.received_at,
    )  # fmt: skip


def _concerned(event: Registry, sites: Iterable[str]) -> list[str]:
    if event.unit == "*":
        return ["*"]
    own = f"unit:{event.unit}"
    match event.entry:
        case SiteEntry() | InstrumentEntry() | CapacityEntry() | ShiftEntry() | HazardFilingEntry():
            return [own, f"site:{event.entry.site}"]
        case TradeFilingEntry():
            return [f"site:{event.entry.site}"]
        case VehicleEntry():
            return [own, f"vehicle:{event.entry.vehicle}"]
        case UnitEntry() | LicenceEntry():
            return [own, *(f"site:{site}" for site in sites)]
        case SourceEntry() as source:
            block = f"serial:{source.maker}/{source.model}/{source.serial // 10_000}"
            return [own, block, *(f"site:{site}" for site in sites)]
        case PermitEntry() | PermitReturnEntry():
            return [own, f"permit:{event.entry.permit}"]
        case _:
            return [own]


def _about(entry: Entry) -> str:
    match entry:
        case UnitEntry():
            return "self"
        case GoodsEntry():
            return entry.goods
        case SiteEntry():
            return entry.site
        case PermitEntry():
            return entry.permit
        case _:
            return ""
