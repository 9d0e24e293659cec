"""Reports made ready to post from the demo's page: a theft, a short count, a bad record, goods nobody may have.

Law kept: each says what to expect and by when, in the demo's own time.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

from msgspec import json

from desk.asking import Projected
from desk.ports import ReadyMade
from events.quantity import Measure, quantity_of, show_quantity
from events.time import DAY, MINUTE, Instant, civil_day, day_start, format_instant
from routing.notice import Text

PROVIDER: Final = "demo"
_SETTLES: Final = 30 * MINUTE
_RICHEST: Final = (
    "SELECT site, goods, unit, measure FROM book_lines WHERE category=? AND measure=? AND kind='movement' "
    "GROUP BY book HAVING sum(delta) > ? ORDER BY sum(delta) DESC, book LIMIT 1"
)


class Place:
    """A book of the sample that the reports are about."""

    def __init__(self, projected: Projected, row: tuple[Any, ...]) -> None:
        self._projected = projected
        self.site, self.goods, self.unit = str(row[0]), str(row[1]), str(row[2])
        self.measure = Measure(row[3])

    def balance(self) -> int:
        """What the book holds now, in base units."""
        rows = self._projected.rows(
            "SELECT coalesce(sum(delta), 0) FROM book_lines WHERE site=? AND goods=?", (self.site, self.goods)
        )
        return int(rows[0][0])


class ReadyReports:
    """The reports, for whatever time the demo has."""

    def __init__(self, projected: Projected) -> None:
        self._projected = projected
        self._find = lru_cache(maxsize=8)(self._richest)

    def at(self, now: Instant) -> tuple[ReadyMade, ...]:
        """The reports to post at an instant; none before the sample has the books they are about."""
        counted = self._find("explosives", Measure.COUNT.value, 50)
        bulk = self._find("chemicals", Measure.MASS.value, 10**9)
        shop = self._find("fireworks", Measure.COUNT.value, 0)
        if counted is None or bulk is None or shop is None:
            self._find.cache_clear()
            return ()
        return (_theft(counted, now), _short_count(bulk, now), _unlicensed(shop, counted, now), _bad(counted, now))

    def _richest(self, category: str, measure: str, least: int) -> Place | None:
        rows = self._projected.rows(_RICHEST, (category, measure, least))
        return Place(self._projected, rows[0]) if rows else None


def _theft(place: Place, now: Instant) -> ReadyMade:
    left = place.balance() * 4 // 10
    shown = show_quantity(left, place.measure)
    book = show_quantity(place.balance(), place.measure)
    return ReadyMade(
        Text("盗窃：雷管少了六成", "A theft: six in ten detonators are gone"),
        _text(place, now, "inventory", left, method="count"),
        Text(
            f"盘点得 {shown}，账面为 {book}:B1 账物不符。当日上传仍可解释，故于 {_answer(now)} 发出。",
            f"Counted {shown}, the book says {book}: B1. A report due today may still explain it, so the warning "
            f"comes at {_answer(now)}: press “to the end of the day”, then “one hour on”.",
        ),
    )


def _short_count(place: Place, now: Instant) -> ReadyMade:
    left = place.balance() * 95 // 100
    shown = show_quantity(left, place.measure)
    return ReadyMade(
        Text("盘亏：散装化学品少百分之五", "A short count: a bulk chemical is five per cent short"),
        _text(place, now, "inventory", left, method="gauge"),
        Text(
            f"读数 {shown}，差额超出计量误差 3σ:B1,{_answer(now)} 发出。",
            f"The gauge reads {shown}, beyond three sigma of its error: B1, at {_answer(now)}.",
        ),
    )


def _unlicensed(shop: Place, explosive: Place, now: Instant) -> ReadyMade:
    place = Place.__new__(Place)
    place.site, place.goods, place.unit, place.measure = shop.site, explosive.goods, shop.unit, explosive.measure
    return ReadyMade(
        Text("烟花店购入雷管：当即预警", "A fireworks shop buys detonators: warned at once"),
        _text(place, now, "flow", 20, operation="receive", counterparty={"outside": "?"}),
        Text(
            "A1 单位无资质：事后任何上报都不能使其合法，故当即发出。",
            "A1, no licence: no later report can excuse it, so the warning appears at once.",
        ),
    )


def _bad(place: Place, now: Instant) -> ReadyMade:
    text = _text(place, now, "flow", 5, operation="issue").replace('"value": "5"', '"value": "-5"')
    return ReadyMade(
        Text("错误记录：数量为负", "A bad record: a negative quantity"),
        text,
        Text(
            "当即拒收，注明字段、原因与改正办法；原文保留在“拒收记录”。",
            "Refused at once, naming the field, the reason and the mend; its bytes are kept under “refused”.",
        ),
    )


def _text(place: Place, now: Instant, kind: str, base: int, **fields: object) -> str:
    quantity = quantity_of(base, place.measure)
    event = {
        "kind": kind,
        "version": 1,
        "id": f"try-{kind}-{place.site}-{base}-{now // MINUTE}",
        "occurred_at": format_instant(now - 5 * MINUTE),
        "unit": place.unit,
        "site": place.site,
        "goods": place.goods,
        "quantity": {"value": quantity.value, "unit": quantity.unit},
        **fields,
    }
    return json.format(json.encode(event), indent=2).decode()


def _answer(now: Instant) -> str:
    """When what waits for the end of the reporting day may be said."""
    return format_instant(day_start(civil_day(now - 5 * MINUTE)) + DAY + _SETTLES)[:16].replace("T", " ")
