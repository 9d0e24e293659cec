"""What is wrong with how a vehicle was driven: every loaded fix against the plan that was under way."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from math import cos, hypot, radians
from typing import TypeAlias

from events.report import Plan, Position
from events.time import HOUR, MINUTE, Instant

Fault: TypeAlias = tuple[str, str, Instant]
_POST_M = 500.0


def on_the_road(
    vehicle: str, span: tuple[Instant, Instant], plan: Plan, fixes: list[tuple[Instant, Position]]
) -> Iterator[Fault]:
    """D2, D3, D5 (arrived too early), D6, D9 of one trip."""
    times = [span[0], *(at for at, _ in fixes), span[1]]
    for before, after in pairwise(times):
        if after - before > 10 * MINUTE:
            yield "D6", f"vehicle:{vehicle}", before
    if fixes:
        (at, fix), ends = fixes[-1], [route.line[-1] for route in plan.routes]
        left = min(_away((fix.lon, fix.lat), (end, end)) for end in ends) - 500
        if left / 1000 / ((span[1] - at + 10 * MINUTE) / HOUR) > 120:
            yield "D5", f"vehicle:{vehicle}", span[1]
    yield from _order(vehicle, plan, fixes)
    yield from _pace(vehicle, plan, fixes)
    yield from _stops(vehicle, plan, fixes)
    off: Instant | None = None
    for at, fix in fixes:
        if fix.alarms & (0b11 << 4 | 0b11 << 7):
            yield "D6", f"vehicle:{vehicle}", at
        away = min(_away((fix.lon, fix.lat), route.line) - route.half_width_m for route in plan.routes)
        off = None if away <= 100 else at if off is None else off
        if off is not None and at - off >= 5 * MINUTE:
            yield "D2", f"vehicle:{vehicle}", at


def _order(vehicle: str, plan: Plan, fixes: list[tuple[Instant, Position]]) -> Iterator[Fault]:
    """D2: five minutes more than a kilometre back on its only road, or never seen by three kilometres of it that no
    silence is long enough to have driven."""
    line = plan.routes[0].line
    if len(plan.routes) > 1 or not fixes:
        return
    since: Instant | None = None
    farthest = 0.0
    for at, fix in fixes:
        places = _along((fix.lon, fix.lat), line)
        m = min(places, key=lambda one: abs(one - farthest), default=farthest)
        farthest = max(farthest, m)
        since = None if farthest - m < 1_000 else at if since is None else since
        if since is not None and at - since >= 5 * MINUTE:
            yield "D2", f"vehicle:{vehicle}", at
    silence = max((after - before for (before, _), (after, _) in pairwise(fixes)), default=0)
    seen = [(fix.lon, fix.lat) for _, fix in fixes]
    unseen = 0.0
    for post in _posts(line):
        if min(_away(post, (at, at)) for at in seen) > 1_000:
            unseen += _POST_M
            continue
        if unseen >= max(3_000, 120_000 * silence / HOUR + 1_000):
            yield "D2", f"vehicle:{vehicle}", fixes[-1][0]
        unseen = 0.0


def _posts(line: tuple[tuple[float, float], ...]) -> Iterator[tuple[float, float]]:
    """Places along a line, half a kilometre from the next."""
    for a, b in pairwise(line):
        posts = max(1, round(_away(a, (b, b)) / _POST_M))
        for nth in range(posts):
            yield a[0] + (b[0] - a[0]) * nth / posts, a[1] + (b[1] - a[1]) * nth / posts


def _along(place: tuple[float, float], line: tuple[tuple[float, float], ...]) -> list[float]:
    """Metres along a line to where its parts come within 400 metres of a place, on a plane."""
    behind, found = 0.0, []
    for a, b in pairwise(line):
        step = _away(a, (b, b))
        away = _away(place, (a, b))
        if away <= 400:
            found.append(behind + min(max(_away(place, (a, a)) ** 2 - away**2, 0.0) ** 0.5, step))
        behind += step
    return found


def _pace(vehicle: str, plan: Plan, fixes: list[tuple[Instant, Position]]) -> Iterator[Fault]:
    """D9: five ways between fixes, each too fast on the ground, or driven at a minute that is not permitted."""
    wrong = 0
    for (before, a), (after, b) in pairwise(fixes):
        way = hypot((b.lon - a.lon) * cos(radians(a.lat)), b.lat - a.lat) * 111_195
        kmh = min(way / ((after - before) / HOUR) / 1000, b.speed_kmh)
        minute = (after + 8 * HOUR) // MINUTE % 1_440
        first, last = plan.hours or (0, 1_440)
        timely = first <= minute < last if first < last else minute >= first or minute < last
        wrong += kmh > (plan.speed_limit_kmh or 80) + 8 or (kmh > 10 and not timely)
        if wrong >= 5:
            yield "D9", f"vehicle:{vehicle}", after


def _stops(vehicle: str, plan: Plan, fixes: list[tuple[Instant, Position]]) -> Iterator[Fault]:
    """D3: for half an hour nowhere near a permitted place, and never far from where that began."""
    allowed = [(stop.at, stop.radius_m) for stop in plan.stops]
    allowed += [(end, 500.0) for route in plan.routes for end in (route.line[0], route.line[-1])]
    since: tuple[Instant, tuple[float, float]] | None = None
    for at, fix in fixes:
        here = (fix.lon, fix.lat)
        if any(_away(here, (place, place)) <= reach for place, reach in allowed):
            since = None
        elif since is None or _away(here, (since[1], since[1])) > 400:
            since = (at, here)
        elif at - since[0] >= 32 * MINUTE:
            yield "D3", f"vehicle:{vehicle}", at


def _away(place: tuple[float, float], line: tuple[tuple[float, float], ...]) -> float:
    """Metres from a place to a line, on a plane."""
    east = cos(radians(place[1]))
    points = [((x - place[0]) * east * 111_195, (y - place[1]) * 111_195) for x, y in line]
    best = 1e12
    for (x0, y0), (x1, y1) in pairwise(points):
        dx, dy = x1 - x0, y1 - y0
        t = max(0.0, min(1.0, -(x0 * dx + y0 * dy) / ((dx * dx + dy * dy) or 1.0)))
        best = min(best, hypot(x0 + t * dx, y0 + t * dy))
    return best
