"""A scene: who of the drafted province plays in one scenario, and the label that says so.

Law kept: a unit plays in one scenario at most, so that what is found at it has one cause.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Literal, TypedDict, Unpack

from events.quantity import quantity_of
from events.registry import PermittedGoods
from events.report import Counterparty
from events.time import DAY, MINUTE, Instant
from simulator.chance import chance
from simulator.drafts import Book, Move, Site, Trip, World
from simulator.goods import CATALOGUE, counted
from simulator.labels import Label
from simulator.work import SUPPLIERS, rounded


class Subject(TypedDict, total=False):
    """What a label is about, beyond its scenario and its times."""

    may: tuple[str, ...]
    unit: str
    site: str
    goods: str
    consignment: str
    permit: str
    vehicle: str
    area: str
    also: tuple[str, ...]
    quantity: int


class Scene:
    """One staging of one scenario: its own chance, its number, and the cast that it takes."""

    __slots__ = ("draw", "kind", "name", "number", "world")

    def __init__(self, world: World, kind: Literal["diversion", "look_alike"], name: str, number: int) -> None:
        self.world = world
        self.kind = kind
        self.name = name
        self.number = number
        self.draw = chance(world.config.seed, kind, name, str(number))

    def at(self, day: int, clock: str) -> Instant:
        """A time of the week: ``at(2, "09:30")`` is on its third day."""
        hour, minute = clock.split(":")
        return self.world.config.starts + day * DAY + (int(hour) * 60 + int(minute)) * MINUTE

    def lasts(self, day: int) -> bool:
        """Whether the week has this day (0 is the first)."""
        return day < self.world.config.days

    def site(self, *trades: str, fits: Callable[[Site], bool] = lambda _: True, quiet: bool = True) -> Site | None:
        """A site of one of the trades whose unit is free (and, if quiet, has no trips); the unit is taken."""
        ends = (end for trip in self._trips() for end in (trip.shipper, trip.consignee) if quiet)
        busy = {self.world.sites[end].unit for end in ends}
        found = [
            site for site in self.world.sites.values()
            if site.unit not in self.world.taken and site.unit not in busy
            and self.world.owner(site.id).trade_key in trades and fits(site)
        ]  # fmt: skip
        if not found:
            return None
        chosen = found[int(self.draw.integers(len(found)))]
        self.world.taken.add(chosen.unit)
        return chosen

    def trip(self, fits: Callable[[Trip], bool], *, spare: bool = False) -> Trip | None:
        """A trip between two free units; both are then taken. ``spare``: of those that others miss least."""
        taken, sites = self.world.taken, self.world.sites
        found = [
            trip for trip in self._trips()
            if sites[trip.shipper].unit not in taken and sites[trip.consignee].unit not in taken and fits(trip)
        ]  # fmt: skip
        if not found:
            return None
        if spare:
            lost = [sum(_trips(self, sites[end]) for end in (trip.shipper, trip.consignee)) for trip in found]
            found = [trip for trip, missed in zip(found, lost, strict=True) if missed == min(lost)]
        chosen = found[int(self.draw.integers(len(found)))]
        self.take(chosen)
        return chosen

    def _trips(self) -> list[Trip]:
        """The trips of the days that scenes play in (of a year: one week of it)."""
        config = self.world.config
        return [trip for trip in self.world.trips if config.starts <= trip.depart < config.ends]

    def take(self, trip: Trip) -> None:
        """Take both units of a trip."""
        self.world.taken |= {self.world.sites[trip.shipper].unit, self.world.sites[trip.consignee].unit}

    def book(self, site: Site, fits: Callable[[str], bool] = counted) -> Book | None:
        """One of the site's books whose goods fit and that has some work in it."""
        found = [book for book in self.world.books_of(site.id) if fits(book.goods) and len(book.moves) > 3]
        return found[int(self.draw.integers(len(found)))] if found else None

    def label(
        self,
        expected: Iterable[str],
        span: tuple[Instant, Instant],
        notes: tuple[str, str],
        *,
        deed_at: Instant | None = None,
        **subject: Unpack[Subject],
    ) -> Label:
        """The label of what was staged; notes in Chinese and English."""
        return Label(
            id=f"{'D' if self.kind == 'diversion' else 'L'}-{self.name}-{self.number}",
            kind=self.kind,
            scenario=self.name,
            expected=tuple(expected),
            begins_at=span[0],
            ends_at=span[1],
            note_zh=notes[0],
            note_en=notes[1],
            deed_at=deed_at,
            **subject,
        )

    def at_book(self, book: Book) -> Subject:
        """The subject of a label about a book."""
        site = self.world.sites[book.site]
        return Subject(unit=site.unit, site=book.site, goods=book.goods, area=site.area)

    def at_unit(self, site: Site) -> Subject:
        """The subject of a label about a whole unit, all its stores included."""
        return Subject(unit=site.unit, site=site.id, area=site.area, also=self.stores_of(site.unit))

    def stores_of(self, unit: str) -> tuple[str, ...]:
        """The keys of a unit's sites."""
        return tuple(f"site:{site}" for site in self.world.units[unit].sites)

    def on_trip(self, trip: Trip) -> Subject:
        """The subject of a label about a trip; the consignee's side is named too."""
        sites = self.world.sites
        shipper, consignee = sites[trip.shipper], sites[trip.consignee]
        return Subject(unit=shipper.unit, site=shipper.id, goods=trip.goods, area=shipper.area,
                       consignment=trip.id, vehicle=trip.vehicle,
                       also=(f"site:{consignee.id}", f"unit:{consignee.unit}"))  # fmt: skip

    def day_of(self, trip: Trip) -> int:
        """On which day of the week a trip departs."""
        return (trip.depart - self.world.config.starts) // DAY

    @property
    def ends(self) -> Instant:
        """When the simulated time ends."""
        return self.world.config.ends


def low(book: Book, since: Instant, until: Instant = 2**62) -> int:
    """The least that the book holds between two instants."""
    times, after = book.running()
    later = [base for at, base in zip(times, after, strict=True) if since <= at <= until]
    return min((*later, book.balance(since)))


def bought(at: Instant, base: int, permit: str | None = None) -> Move:
    """Something received from outside the platform."""
    return Move(at=at, operation="receive", base=base, permit=permit,
                counterparty=Counterparty(outside=SUPPLIERS[0]))  # fmt: skip


def part(book: Book, share: float, of: int) -> int:
    """A share of a quantity as it would be reported in this book."""
    return rounded(of * share, book.goods)


def allowed(goods: str, base: int) -> PermittedGoods:
    """A line of a permit."""
    return PermittedGoods(goods, quantity_of(base, CATALOGUE[goods].measure))


def spared(scene: Scene, trades: tuple[str, ...], fits: Callable[[Site], bool]) -> Site | None:
    """A site of one of the trades whose unit is free, and which the scenarios of the road miss least."""
    world = scene.world
    free = [site for site in world.sites.values() if site.unit not in world.taken]
    found = [site for site in free if world.owner(site.id).trade_key in trades and fits(site)]
    least = min((_trips(scene, site) for site in found), default=0)
    return scene.site(*trades, quiet=False, fits=lambda one: one in found and _trips(scene, one) == least)


def _trips(scene: Scene, site: Site) -> int:
    """How many trips between free units would be lost to other scenarios with this unit."""
    world = scene.world
    ends = [(world.sites[trip.shipper].unit, world.sites[trip.consignee].unit) for trip in world.trips]
    return sum(site.unit in pair and not world.taken.intersection(pair) for pair in ends)


def with_may(subject: Subject, *rules: str) -> Subject:
    """A subject, where these rules may rightly speak as well."""
    more: Subject = {**subject, "may": rules}
    return more
