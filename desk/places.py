"""Areas for choosing from: prefectures with their counties, and the codes that a choice stands for.

Law kept: no code is cut to find a superior. Choosing an area finds its cases under every code that it,
the areas under it and those that they took over ever bore.
"""

from __future__ import annotations

from msgspec import Struct

from events.time import Instant
from routing.area import Area, Level
from routing.areas import Areas
from routing.notice import Text


class Choice(Struct, frozen=True):
    """A prefecture (or a county that answers to the province) and the counties under it."""

    id: str
    name: Text
    counties: tuple[tuple[str, Text], ...]


def choices(areas: Areas, at: Instant) -> tuple[Choice, ...]:
    """What there is to choose from, as of now."""
    counties: dict[str, list[Area]] = {}
    heads: list[Area] = []
    for area in areas.all_in_force(at):
        above = areas.parent(area.id, at)
        if area.level is Level.COUNTY and above is not None and above.level is Level.PREFECTURE:
            counties.setdefault(above.id, []).append(area)
        elif area.level is not Level.PROVINCE:
            heads.append(area)
    return tuple(
        Choice(
            head.id,
            Text(head.zh, head.en),
            tuple((county.id, Text(county.zh, county.en)) for county in counties.get(head.id, ())),
        )
        for head in heads
    )


def codes_of(areas: Areas, area_id: str, at: Instant) -> tuple[str, ...] | None:
    """Every code that stands for the area and all under it; None for an area that nobody knows."""
    chosen = areas.area(area_id)
    if chosen is None:
        return None
    found = [chosen] + [
        area for area in areas.all_in_force(at) if any(above.id == area_id for above in areas.chain(area.id, at))
    ]
    codes: dict[str, None] = {}
    while found:
        area = found.pop()
        codes[area.id] = None
        codes.update((code.value, None) for code in area.codes)
        found += [old for old in map(areas.area, areas.predecessors(area.id)) if old is not None]
    return tuple(sorted(codes))
