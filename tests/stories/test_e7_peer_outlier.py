"""E7: fourteen pairs in and out after midnight, with strangers, at a maker that works by day."""

import msgspec

from events.intake import PUBLISHER
from events.registry import ModelEntry, UnitEntry
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
