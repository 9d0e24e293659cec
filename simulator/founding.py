"""Founding: which units there are, where their sites stand, which of them report from earlier on.

Law kept: every county has units, every category has several, and each site has its own size and pace.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle, islice
from math import ceil, cos, sin
from typing import Final

from events.time import DAY, civil_day
from simulator.chance import chance
from simulator.config import Area, Config
from simulator.drafts import Site, Unit, World
from simulator.trades import CYCLE, TRADES

_METRES_OUT = 9_000.0
_DEGREE = 111_195.0


def found(config: Config) -> World:
    """The province with units and sites, and nothing happening yet."""
    world = World(config)
    trades = cycle(CYCLE)
    for area in config.areas:
        for number, trade in enumerate(islice(trades, config.units_per_county), 1):
            _settle_unit(world, area, number, trade)
    _give_history(world)
    return world


def _settle_unit(world: World, area: Area, number: int, trade_key: str) -> None:
    trade = TRADES[trade_key]
    unit_id = f"U{area.code}{number:02}"
    draw = chance(world.config.seed, "founding", unit_id)
    unit = Unit(
        id=unit_id,
        name=f"{area.name}第{number}{trade.name}",
        area=area.code,
        trade_key=trade_key,
        sites=[],
        vehicles=[f"闽{unit_id[1:]}-{n}" for n in (1, 2)] if trade.ships else [],
        lists=bool(draw.random() < 0.6),
    )
    world.units[unit_id] = unit
    for letter in "AB"[: trade.stores]:
        angle, metres = draw.random() * 6.283, _METRES_OUT * draw.random()
        site = Site(
            id=f"S{unit_id[1:]}{letter}",
            unit=unit_id,
            name=f"{unit.name}{letter}库",
            area=area.code,
            lon=round(area.lon + metres * cos(angle) / (_DEGREE * 0.9), 6),
            lat=round(area.lat + metres * sin(angle) / _DEGREE, 6),
            first_day=civil_day(world.config.starts),
            scale=float(draw.lognormal(0.0, 0.35)),
            pace=float(draw.lognormal(0.0, 0.15)),
            bias=float(draw.uniform(-1.0, 1.0)),
            count_minute=float(draw.uniform(18.2 * 60, 19.8 * 60)),
        )
        world.sites[site.id] = site
        unit.sites.append(site.id)


_LONG: Final = (
    "chemical_plant", "plating_works", "chlorine_works", "explosives_maker", "chemical_dealer", "blasting",
)  # fmt: skip


def _give_history(world: World) -> None:
    """Some chemicals and explosives sites a long history, as many of each trade; others a short one.

    Of the former every third, if it works all week, counts weekly.
    """
    config, short = world.config, 0
    long = dict.fromkeys(_LONG, 0)
    for site in _spread(world):
        trade = world.owner(site.id).trade
        if trade.key in long and long[trade.key] < ceil(config.long_history / len(_LONG)):
            site.first_day -= config.long_days
            site.count_every = 7 if long[trade.key] % 3 == 2 and trade.weekend >= 1.0 else 1
            long[trade.key] += 1
        elif short < config.short_history:
            site.first_day -= config.short_days
            short += 1


def _spread(world: World) -> Iterator[Site]:
    """All sites, in an order that does not go county by county."""
    draw = chance(world.config.seed, "history")
    sites = list(world.sites.values())
    return (sites[int(at)] for at in draw.permutation(len(sites)))


def days_of(site: Site, config: Config) -> range:
    """The civil days on which a site reports."""
    return range(site.first_day, civil_day(config.ends - DAY) + 1)
