"""B16: a testing firm's iridium source is not in its store at the evening count."""

from events.quantity import Measure, Quantity
from events.registry import Category, GoodsEntry, SourceEntry
from events.report import Event, SerialRange
from events.time import moment
from simulator import stories as s
from tests.stories.telling import Heard, tell

GOODS = GoodsEntry(goods="IR", name="铱-192 密封源", name_en="iridium-192 source", category=Category.RADIOACTIVE,
                   measure=Measure.COUNT, half_life_s=6_378_653.0)  # fmt: skip


def number(first: int, last: int | None = None) -> tuple[SerialRange, ...]:
    """Sources by their numbers."""
    return (SerialRange(maker="MK", type="IR192", first=first, last=last or first),)


def source(serial: int, site: str = "S2", **dates: str) -> Event:
    """A source's paper: 3.7 TBq when it was measured on day -20."""
    entry = SourceEntry(
        maker="MK", model="IR192", serial=serial, goods="IR", site=site, activity=Quantity("3.7", "TBq"),
        measured_at=moment(s.at("day -20 00:00")),
    )  # fmt: skip
    return s.registry(entry, unit="U2", id=f"source-{serial}-{site}", **dates)


KNOWN = (s.registry(GOODS), source(1), source(2))
OPENED = s.opening("2 item", site="S2", goods="IR", when="day 1 08:00", serials=number(1, 2))


def told(*reports: Event, until: str) -> Heard:
    """What B16 says, with two sources registered at S2 and opened there."""
    return tell(*KNOWN, OPENED, *reports, until=until).of("B16")


def test_a_source_that_is_not_counted_is_warned_of_at_the_end_of_the_day() -> None:
    """Red, to the ecology authority; two days later it is found."""
    short = s.count("1 item", site="S2", goods="IR", when="day 2 18:00", serials=number(1))
    again = s.count("2 item", site="S2", goods="IR", when="day 4 18:00", serials=number(1, 2))
    heard = told(short, again, until="day 6 00:00")
    assert [(word.status, word.severity, word.since, word.told) for word in heard.words()] == [
        ("open", "red", "day 2 18:00", "day 3 00:30"),
        ("closed", "red", "day 2 18:00", "day 4 18:05"),
    ]
    assert "cology" in heard.words()[0].handler
    assert "MK/IR192/2" in heard.says


def test_a_source_in_the_field_over_night_raises_nothing() -> None:
    """The shift took it, by its number, and brings it back in the morning."""
    out = s.issue("1 item", site="S2", goods="IR", when="day 2 14:00", shift="N", serials=number(2))
    short = s.count("1 item", site="S2", goods="IR", when="day 2 18:00", serials=number(1))
    back = s.give_back("1 item", site="S2", goods="IR", when="day 3 08:00", shift="N", serials=number(2))
    whole = s.count("2 item", site="S2", goods="IR", when="day 3 18:00", serials=number(1, 2))
    assert not told(out, short, back, whole, until="day 6 00:00").notices


def test_a_source_that_is_lent_to_another_store_must_be_registered_there_within_twenty_days() -> None:
    """Taken in at S3 on day 2: warned of on day 23, unless its paper follows it."""
    sent = s.issue("1 item", site="S2", goods="IR", when="day 2 09:00", serials=number(2))
    came = s.receive("1 item", site="S3", goods="IR", when="day 2 11:00", serials=number(2))
    counted = [
        s.count("1 item", site="S3", goods="IR", when=f"day {day} 18:00", serials=number(2)) for day in (2, 9, 16)
    ]
    heard = told(sent, came, *counted, until="day 25 00:00")
    assert [(word.status, word.since, word.told) for word in heard.words()] == [
        ("open", "day 2 11:00", "day 23 00:30"),
    ]
    paper = source(2, "S3", valid_from="day 15 00:00")
    assert not told(sent, came, *counted, paper, until="day 25 00:00").notices


def test_a_source_that_measures_half_of_what_it_should_is_another() -> None:
    """3.7 TBq of day -20 are some 3.0 on day 2; a weak one bears its number."""
    for activity, warned in (("3.01", 0), ("1.2", 1)):
        reading = s.count("1 item", site="S2", goods="IR", when="day 2 10:00", serials=number(2),
                          activity=Quantity(activity, "TBq"))  # fmt: skip
        out = s.issue("1 item", site="S2", goods="IR", when="day 2 08:00", shift="N", serials=number(1))
        assert len(told(out, reading, until="day 3 12:00").notices) == warned
