"""Papers: everything that the registry is told about the province, before or while it works.

Law kept: every clean unit has every paper that its work needs, in force throughout. Standing papers are
entered and received before the first report; dated ones when their draft says.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Literal

from msgspec import Struct

from events.quantity import Measure, quantity_of
from events.registry import (
    Entry,
    HazardFilingEntry,
    IncompatibilityEntry,
    InstrumentEntry,
    LicenceEntry,
    PersonEntry,
    SiteEntry,
    UnitEntry,
    VehicleEntry,
)
from events.report import Registry
from events.time import DAY, HOUR, MINUTE, Instant, day_start, moment
from simulator.counting import uncertainty
from simulator.drafts import Dated, Site, Unit, World
from simulator.goods import APART, CATALOGUE, CRITICAL, KG, counted
from simulator.season import calendar
from simulator.settling import PAPERS_FROM
from simulator.trips import SCALE_RANDOM, SCALE_SYSTEMATIC

ENTERED_BEFORE: Final = 6 * DAY
"""How long before the first report the standing papers are entered (site data: five days before use)."""
RATED: Final = 30_000 * KG
"""What a vehicle may carry unless a scenario says otherwise."""


class Filed(Struct, frozen=True):
    """A registry event and when it was received."""

    event: Registry
    received_at: Instant


def papers(world: World) -> list[Filed]:
    """All registry events of the province."""
    first = min((site.first_day for site in world.sites.values()), default=0)
    entered = day_start(first) - ENTERED_BEFORE + 10 * HOUR
    standing = [Dated(unit=unit, entry=entry, valid_from=world.config.starts + PAPERS_FROM, valid_to=until,
                      entered=_entered(world, entry))
                for unit, entry, until in _standing(world)]  # fmt: skip
    return [_file(paper, number, entered) for number, paper in enumerate([*standing, *world.dated])]


def _file(paper: Dated, number: int, standing: Instant) -> Filed:
    entered = standing if paper.entered is None else paper.entered
    event = Registry(
        version=1,
        id=f"R{number:06}",
        occurred_at=moment(entered),
        unit=paper.unit,
        valid_from=moment(paper.valid_from),
        valid_to=None if paper.valid_to is None else moment(paper.valid_to),
        entry=paper.entry,
    )
    return Filed(event, paper.received or entered + MINUTE + number * 1000)


def _entered(world: World, entry: Entry) -> Instant | None:
    """When a site was registered by itself; None where it was with all other papers."""
    return world.sites[entry.site].entered if isinstance(entry, SiteEntry) else None


def _standing(world: World) -> Iterator[tuple[str, Entry, Instant | None]]:
    # Nobody renews: what no scenario ends is not near its end either, however long it goes on.
    outlast = world.config.ends + 120 * DAY
    for entry in CATALOGUE.values():
        yield "*", entry, None
    if (off := calendar(world.config)) is not None:
        yield "*", off, None
    for one, other in APART:
        yield "*", IncompatibilityEntry(one=one, other=other), None
    for unit in world.units.values():
        yield unit.id, UnitEntry(name=unit.name, area=unit.area, roles=unit.trade.roles, tier=unit.trade.tier), None
        yield unit.id, licence(unit), world.licence_ends.get(unit.id, max(world.config.starts + 400 * DAY, outlast))
        for name in people(unit):
            until = world.person_ends.get(name, max(world.config.starts + 500 * DAY, outlast))
            yield unit.id, PersonEntry(person=name, role=_role(name)), until
        for vehicle in unit.vehicles:
            rated = quantity_of(RATED, Measure.MASS)
            yield unit.id, VehicleEntry(vehicle=vehicle, rated=rated, categories=(unit.trade.category,)), None
        for site in unit.sites:
            for placed in _site(world, world.sites[site], unit):
                yield unit.id, placed, None
            if any(book.goods in CRITICAL for book in world.books_of(site)):
                yield unit.id, HazardFilingEntry(site=site), world.filing_ends.get(site)


def licence(unit: Unit) -> LicenceEntry:
    """What a unit may do: its trade's activities, with its trade's goods or the whole category."""
    return LicenceEntry(
        licence=f"L-{unit.id}",
        category=unit.trade.category,
        activities=unit.trade.roles,
        goods=tuple(line.goods for line in unit.trade.lines) if unit.lists else (),
    )


def people(unit: Unit) -> list[str]:
    """A unit's custodians, and a driver and an escort for each of its vehicles."""
    named = [f"{unit.id}-K1", f"{unit.id}-K2"]
    for vehicle in unit.vehicles:
        named += [f"{unit.id}-D{vehicle[-1]}", f"{unit.id}-E{vehicle[-1]}"]
    return named if unit.trade.key != "blasting" else [*named, f"{unit.id}-B1"]


def _role(name: str) -> Literal["custodian", "driver", "escort", "blaster"]:
    match name[-2]:
        case "D":
            return "driver"
        case "E":
            return "escort"
        case "B":
            return "blaster"
        case _:
            return "custodian"


def _site(world: World, site: Site, unit: Unit) -> Iterator[SiteEntry | InstrumentEntry]:
    yield SiteEntry(site=site.id, name=site.name, area=site.area, site_kind=unit.trade.site_kind,
                    lon=site.lon, lat=site.lat)  # fmt: skip
    bulk = [book.goods for book in world.books_of(site.id) if not counted(book.goods)]
    if bulk:
        random, systematic = uncertainty(bulk[0])
        yield InstrumentEntry(instrument=gauge(site.id), site=site.id, random=random, systematic=systematic)
        yield InstrumentEntry(
            instrument=scale(site.id), site=site.id, random=SCALE_RANDOM, systematic=SCALE_SYSTEMATIC
        )


def gauge(site: str) -> str:
    """The instrument that a site's counts of bulk goods are read from."""
    return f"GAUGE-{site}"


def scale(site: str) -> str:
    """The instrument that a site's movements of bulk goods are weighed by."""
    return f"SCALE-{site}"
