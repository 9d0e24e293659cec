"""E7: fourteen deals with strangers after midnight, at a maker that works by day and at a fireworks shop."""

from datetime import date, timedelta

import msgspec

from events.intake import PUBLISHER
from events.log import Received
from events.quantity import Measure
from events.registry import (
    Activity,
    CalendarEntry,
    CapacityEntry,
    Category,
    GoodsEntry,
    LicenceEntry,
    ModelEntry,
    UnitEntry,
)
from events.report import Counterparty, Event
from simulator import stories as s
from streams.model_files import shipped
from tests.stories.telling import GULOU, Warned, tell

QUARRY = Counterparty(outside="福清采石场")
FORESTS = [
    s.received(s.registry(ModelEntry(digest=digest, category=category)), when="day -30 00:00", provider=PUBLISHER)
    for category, digest in shipped().items()
]
UNIT = next(e for e in s.world() if e.unit == "U1" and isinstance(e.entry, UnitEntry))
PEERS = s.correct(UNIT, entry=msgspec.structs.replace(UNIT.entry, roles=("purchase", "store", "transport", "use")))
"""U1 as one of the many whose activities the shipped model has clean scores of."""
FORESTS.append(s.received(PEERS, when="day -8 00:00"))
STOCK = s.opening("500 kg", site="S1", goods="EXP", when="day -8 08:00")


def worked(day: int) -> list[Event]:
    """Some forty kilograms made, some forty sold."""
    return [
        s.produce(f"{40 + day % 5} kg", site="S1", goods="EXP", when=f"day {day} 09:10"),
        s.issue(f"{20 + day % 3} kg", site="S1", goods="EXP", when=f"day {day} 11:10", counterparty=QUARRY),
        s.issue(f"{18 + day % 4} kg", site="S1", goods="EXP", when=f"day {day} 15:40", counterparty=QUARRY),
    ]


def night(day: int) -> list[Event]:
    """A hundred kilograms in from a stranger and out to him two minutes later, fourteen times."""
    told: list[Event] = []
    for pair in range(14):
        who = Counterparty(outside=f"生面孔{pair}")
        told += [
            s.receive("100 kg", site="S1", goods="EXP", when=f"day {day} 01:{4 * pair:02}", counterparty=who),
            s.issue("100 kg", site="S1", goods="EXP", when=f"day {day} 01:{4 * pair + 2:02}", counterparty=who),
        ]
    return told


DAYS = [event for day in range(-8, 10) for event in worked(day)]


def test_a_night_unlike_every_day_before_is_hinted_at_when_the_day_is_over() -> None:
    """A hint, in yellow, with what made the day strange; the ordinary day after it closes it."""
    heard = tell(*FORESTS, STOCK, *DAYS, *night(10), *worked(11), until="day 13 00:00")
    assert heard.words() == [
        Warned(
            "E7", "open", "yellow", since="day 10 00:00", told="day 11 00:30", handler=GULOU, due="day 11 08:30"
        ),
        Warned(
            "E7", "closed", "yellow", since="day 10 00:00", told="day 12 00:00", handler=GULOU, due="day 11 08:30"
        ),
    ]
    assert "share at night (22–06) 1 (usually 0)" in heard.says
    assert "A score says rare, not unlawful." in heard.says


def test_the_unit_is_not_told_before_the_matter_is_disposed_of() -> None:
    """It may concern an insider."""
    assert tell(*FORESTS, STOCK, *DAYS, *night(10), until="day 12 00:00").held == ["unit@U1"]


def test_a_busy_day_raises_nothing() -> None:
    """Four more sales in working hours, as large as ever."""
    more = [
        s.issue(f"{20 + hour % 3} kg", site="S1", goods="EXP", when=f"day 10 {hour}:40", counterparty=QUARRY)
        for hour in range(10, 14)
    ]
    assert not tell(*FORESTS, STOCK, *DAYS, *worked(10), *more, *worked(11), until="day 13 00:00").notices


SELLS: tuple[Activity, ...] = ("purchase", "sell", "store", "transport")
NEW_YEAR = CalendarEntry(year=2027, holidays=tuple(date(2027, 2, 5) + timedelta(day) for day in range(9)))
"""The days off of the Spring Festival of 2027 begin on its eve."""
USER = next(e for e in s.world() if e.unit == "U2" and isinstance(e.entry, UnitEntry))
SHOP: list[Event | Received] = [
    s.received(s.correct(USER, entry=msgspec.structs.replace(USER.entry, roles=SELLS)), when="day -29 00:00"),
    *(
        s.received(s.registry(entry, unit="U2"), when="day -29 00:00")
        for entry in (
            LicenceEntry(licence="L-U2-FW", category=Category.FIREWORKS, activities=SELLS),
            CapacityEntry(site="S2", goods="CAKE", quantity=s.quantity("50000 item")),
        )
    ),
    s.registry(
        GoodsEntry(
            goods="CAKE", name="组合烟花", name_en="cakes", category=Category.FIREWORKS, measure=Measure.COUNT
        )
    ),
    s.registry(NEW_YEAR),
    s.opening("500 item", site="S2", goods="CAKE", when="day 232 08:00"),
]
"""U2 as a shop that deals in fireworks."""


def sold(day: int, *, sales: int = 4, cakes: int = 10) -> list[Event]:
    """Cakes in by the morning's lorry and out over the counter from nine to five."""
    wholesale, buyer = Counterparty(outside="福清烟花批发"), Counterparty(outside="散户登记购买")
    each = [cakes + (day + nth) % 3 for nth in range(sales)]
    received = f"{sum(each)} item"
    return [
        s.receive(received, site="S2", goods="CAKE", when=f"day {day} 08:10", counterparty=wholesale),
        *(
            s.issue(
                f"{one} item", site="S2", goods="CAKE", counterparty=buyer,
                when=f"day {day} {9 + 8 * nth // sales:02}:{10 + 37 * nth % 50:02}",
            )
            for nth, one in enumerate(each)
        ),
    ]  # fmt: skip


AUTUMN = [event for day in range(233, 258) for event in sold(day)]


def test_four_times_the_sales_three_weeks_before_the_spring_festival_raise_nothing() -> None:
    """And half as much again in each of them: fireworks are bought for the festival."""
    rush = [event for day in range(258, 263) for event in sold(day, sales=16, cakes=15)]
    assert not tell(*FORESTS, *SHOP, *AUTUMN, *rush, until="day 264 00:00").notices


def test_a_night_with_strangers_in_those_weeks_is_hinted_at_and_says_what_the_season_allows() -> None:
    """A season explains how much, not at what hour and to whom."""
    strangers = [
        deal(
            "200 item", site="S2", goods="CAKE", when=f"day 258 01:{4 * pair + late:02}",
            counterparty=Counterparty(outside=f"生面孔{pair}"),
        )
        for pair in range(14)
        for late, deal in ((0, s.receive), (2, s.issue))
    ]  # fmt: skip
    heard = tell(*FORESTS, *SHOP, *AUTUMN, *strangers, *sold(259), until="day 261 00:00").of("E7")
    assert [(word.status, word.since, word.told) for word in heard.words()] == [
        ("open", "day 258 00:00", "day 259 00:30"),
        ("closed", "day 258 00:00", "day 260 00:00"),
    ]
    assert "share at night (22–06) 1 (usually 0)" in heard.says
    assert "Days off are near: up to 12 times its usual is no wonder" in heard.says
