"""B7: a dealer's tanks hold 620 m³ of acetone, of which 600 m³ are critical, and nobody was told."""

from events.quantity import Measure
from events.registry import CapacityEntry, Category, GoodsEntry, HazardFilingEntry
from events.report import Registry
from simulator import stories as s
from tests.stories.telling import Warned, tell

EMERGENCY = "Emergency management, Jin'an District, Fuzhou City"
ACETONE = s.registry(
    GoodsEntry(goods="ACE", name="丙酮", name_en="acetone", category=Category.CHEMICALS, measure=Measure.VOLUME,
               flags=("drug_precursor",), cas="67-64-1", critical=s.quantity("600 m3")),
    valid_from="day -20 00:00",
)  # fmt: skip
TANKS = s.registry(
    CapacityEntry(site="S2", goods="ACE", quantity=s.quantity("900 m3")), unit="U2", valid_from="day -20 00:00"
)
STOCK = s.opening("580 m3", site="S2", goods="ACE", when="day 1 08:00")
CAME = s.receive("40 m3", site="S2", goods="ACE", when="day 1 14:00")
BEFORE = (ACETONE, TANKS, STOCK)


def filed(*, since: str, entered: str) -> Registry:
    """The site's filing as a major hazard."""
    return s.registry(HazardFilingEntry(site="S2"), unit="U2", valid_from=since, entered=entered)


def test_a_site_past_the_critical_quantity_is_warned_of_until_it_is_filed() -> None:
    """The delivery makes it a major hazard; told after the day, over the moment the filing counts."""
    heard = tell(*BEFORE, CAME, filed(since="day 4 00:00", entered="day 3 16:00"), until="day 6 00:00")
    told = heard.of("B7")
    assert told.words() == [
        Warned(
            "B7", "open", "orange", since="day 1 14:00", told="day 2 00:30", handler=EMERGENCY, due="day 2 02:30"
        ),
        Warned(
            "B7", "closed", "orange", since="day 1 14:00", told="day 4 00:00", handler=EMERGENCY, due="day 2 02:30"
        ),
    ]
    assert "reached 1.03 (ACE 620000 L / 600000 L = 103.3 %)" in told.says
    assert "At 2026-05-07T00:00:00+08:00 it was filed." in told.says


def test_a_filing_that_was_in_force_and_entered_late_takes_it_back() -> None:
    """What counts is when it was filed, not when the platform heard of it."""
    heard = tell(*BEFORE, CAME, filed(since="day 1 00:00", entered="day 2 09:00"), until="day 4 00:00")
    assert [(word.status, word.told) for word in heard.of("B7").words()] == [
        ("open", "day 2 00:30"),
        ("withdrawn", "day 2 09:05"),
    ]


def test_tanks_a_little_below_raise_nothing() -> None:
    """580 m³ of acetone are 97 % of its critical quantity."""
    assert not tell(*BEFORE, until="day 6 00:00").of("B7").notices


def test_a_filed_site_raises_nothing() -> None:
    """The same delivery to a site that was filed before."""
    heard = tell(*BEFORE, filed(since="day -10 00:00", entered="day -10 00:00"), CAME, until="day 6 00:00")
    assert not heard.of("B7").notices
