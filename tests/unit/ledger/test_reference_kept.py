"""What reference data keeps, for how long, and what it lets go with the next entry.

Laws: a day is judged by what was heard of before it closed; state is bounded, and what is let go changes no answer.
"""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest
from msgspec import structs

from events.quantity import Measure
from events.registry import (
    CalendarEntry,
    CapacityEntry,
    Category,
    Entry,
    GoodsEntry,
    HazardFilingEntry,
    IncompatibilityEntry,
    InstrumentEntry,
    LicenceEntry,
    ModelEntry,
    PermitEntry,
    PermitReturnEntry,
    PersonEntry,
    PolicyEntry,
    QuotaEntry,
    RestrictedAreaEntry,
    ShiftEntry,
    SiteEntry,
    SourceEntry,
    TradeFilingEntry,
    UnitEntry,
    VehicleEntry,
    YieldEntry,
)
from events.time import DAY, HOUR, Instant, moment
from ledger import reference as reference_of
from ledger.reference import (
    FOREVER,
    REACH,
    REACH_ON_ROADS,
    Reference,
    Registered,
    about,
    asked_until,
    closes,
    held_until,
    subject_of,
)
from simulator.stories.relative import at, quantity
from tests.detector_kit import GOODS

PLACE = SiteEntry(site="S1", name="", area="350102")
PERMIT = PermitEntry(permit="P1", purpose="purchase", goods=())
BOX = ((119.0, 26.0), (119.1, 26.0), (119.1, 26.1))


def put(entry: Entry | None, *, id: str = "e", version: int = 1, heard: str = "day 1 00:00",
        since: str = "day 1 00:00", until: str | None = None, unit: str = "U1",
        unsaid: str | None = None) -> Registered:  # fmt: skip
    """An entry as a key holds it, with its receipt."""
    return Registered(
        id, version, unit, at(since), at(since), None if until is None else at(until), entry, at(heard),
        None if unsaid is None else at(unsaid),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("entry", "subject"),
    [
        (UnitEntry(name="U1", area="3"), "self"),
        (PLACE, "S1"),
        (LicenceEntry(licence="L", category=Category.CHEMICALS, activities=()), "L"),
        (PERMIT, "P1"),
        (PersonEntry(person="X", role="driver"), "X/driver"),
        (InstrumentEntry(instrument="I", site="S1", random=0.0, systematic=0.0), "I"),
        (CapacityEntry(site="S1", goods="DET", quantity=quantity("1 item")), "S1/DET"),
        (QuotaEntry(quota="Q", activity="sell", goods="DET", quantity=quantity("1 item")), "Q"),
        (VehicleEntry(vehicle="V1", rated=quantity("1 t"), categories=()), "V1"),
        (ShiftEntry(shift="A", site="S1"), "A"),
        (YieldEntry(consumed="EXP", produced="DET", low=0.0, high=1.0), "EXP/DET"),
        (SourceEntry(maker="M", model="T", serial=7, goods="CS137", site="S1", activity=quantity("1 Bq"),
                     measured_at=moment(0)), "M/T/7"),
        (TradeFilingEntry(site="S1", event="e1"), "e1"),
        (HazardFilingEntry(site="S1"), "S1"),
        (PermitReturnEntry(permit="P1"), "P1"),
        (RestrictedAreaEntry(restricted_area="A", name="", outline=BOX), "A"),
        (IncompatibilityEntry(one="8", other="1.1"), "1.1/8"),
        (CalendarEntry(year=2026, holidays=(date(2026, 1, 1),)), "2026"),
        (GOODS["DET"], "DET"),
        (PolicyEntry(digest="d", text=""), "policy"),
        (ModelEntry(digest="d", category=Category.CHEMICALS), "chemicals"),
    ],
    ids=lambda one: one if isinstance(one, str) else type(one).__name__,
)  # fmt: skip
def test_entries_about_the_same_thing_of_one_kind_supersede_each_other(entry: Entry, subject: str) -> None:
    """What each kind is about: two classes that do not go together, whichever is named first."""
    assert subject_of(entry) == subject
    assert about(entry) == (type(entry), subject)


def test_a_day_closes_a_week_and_an_hour_after_it_ended_and_on_the_road_after_twenty_five_hours() -> None:
    """Whatever hour of the day is asked for."""
    for hour in ("00:00", "23:59"):
        assert closes(at(f"day 1 {hour}")) == at("day 9 01:00")
        assert closes(at(f"day 1 {hour}"), REACH_ON_ROADS) == at("day 3 01:00")
    assert (REACH, REACH_ON_ROADS) == (7 * DAY + HOUR, 25 * HOUR)


def test_an_entry_speaks_of_the_days_that_had_not_closed_when_it_was_heard_of() -> None:
    """To the microsecond, and of any instant after its receipt; what is unsaid, of what had closed by then."""
    closed = at("day 9 01:00")
    heard = put(PLACE)
    for heard_at, speaks in ((closed - 1, True), (closed, False)):
        assert structs.replace(heard, heard_at=heard_at).in_force(at("day 1 12:00")) is speaks
    assert structs.replace(heard, heard_at=at("day 30 12:00")).in_force(at("day 30 12:00"))
    for unsaid_at, speaks in ((closed - 1, False), (closed, True)):
        assert structs.replace(heard, unsaid_at=unsaid_at).in_force(at("day 1 12:00")) is speaks
    assert not structs.replace(heard, unsaid_at=at("day 30 12:00")).in_force(at("day 30 12:00"))
    for when, valid in ((at("day 1 00:00") - 1, False), (at("day 1 00:00"), True),
                        (at("day 5 00:00") - 1, True), (at("day 5 00:00"), False)):  # fmt: skip
        assert put(PLACE, until="day 5 00:00").valid(when) is valid


@pytest.mark.parametrize("reach", [REACH, REACH_ON_ROADS])
def test_between_its_bounds_an_entry_does_not_change_its_mind(reach: Instant) -> None:
    """Asked hour by hour; each bound but the first is one at which it does."""
    entry = put(PLACE, heard="day 12 10:00", since="day 2 05:00", until="day 40 07:00", unsaid="day 30 10:00")
    hours = [at("day 1 00:00") + hour * HOUR for hour in range(45 * 24)]
    turns = [
        after for before, after in pairwise(hours)
        if entry.in_force(before, reach) is not entry.in_force(after, reach)
    ]  # fmt: skip
    assert set(turns) <= set(entry.bounds(reach))
    assert len(turns) == 2
    assert put(PLACE).bounds() == (at("day 1 00:00"), at("day -7 00:00"))


FOR_EVER: list[Entry] = [
    PLACE, UnitEntry(name="", area="3"), LicenceEntry(licence="L", category=Category.CHEMICALS, activities=()),
    HazardFilingEntry(site="S1"), GOODS["DET"],
]  # fmt: skip


def test_how_long_an_entry_can_be_asked_for() -> None:
    """A deal's filing 130 days, a permit and its return 1,100 after its end or receipt, a shift till its end."""
    end, heard = "day 5 00:00", at("day 9 00:00")
    cases: tuple[tuple[Entry, str | None, Instant], ...] = (
        (TradeFilingEntry(site="S1", event="e"), None, heard + 130 * DAY),
        (PermitReturnEntry(permit="P1"), None, heard + 1_100 * DAY),
        (ShiftEntry(shift="A", site="S1"), end, heard),
        (ShiftEntry(shift="A", site="S1"), "day 20 00:00", at("day 20 00:00")),
        (ShiftEntry(shift="A", site="S1"), None, FOREVER),
        (PERMIT, end, heard + 1_100 * DAY),
        (PERMIT, "day 20 00:00", at("day 20 00:00") + 1_100 * DAY),
        (PERMIT, None, FOREVER),
        *((one, end, FOREVER) for one in FOR_EVER),
    )
    for entry, until, asked in cases:
        told = put(entry, heard="day 9 00:00", until=until)
        assert asked_until(told) == asked, entry
        assert held_until(told) == asked, entry
    once = structs.replace(PERMIT, one_time=True)
    assert held_until(put(once, heard="day 9 00:00", until=end)) == heard + 130 * DAY
    assert held_until(put(once, heard="day 9 00:00")) == FOREVER


@pytest.mark.parametrize(
    ("entry", "until", "gone"),
    [
        (PERMIT, "day 5 00:00", "day 1105 00:00"),
        (PermitReturnEntry(permit="P1"), None, "day 1101 00:00"),
        (TradeFilingEntry(site="S1", event="e"), None, "day 131 00:00"),
        (ShiftEntry(shift="A", site="S1"), "day 5 00:00", "day 5 00:00"),
    ],
    ids=["permit", "return", "filing", "shift"],
)
def test_what_nobody_can_ask_for_any_more_is_let_go_with_the_next_of_its_kind(
    entry: Entry, until: str | None, gone: str
) -> None:
    """Not at the last instant, but behind it; what speaks longer stays, and another kind lets nothing go."""
    lasting = put(entry, id="lasting", heard="day 2000 00:00", until=until and "day 3000 00:00")
    for horizon, dropped in ((at(gone), []), (at(gone) + 1, ["old"])):
        known = Reference((put(entry, id="old", until=until), lasting))
        assert known.put(put(PLACE, id="p"))
        assert known.drop_superseded(known.entries["p"], horizon) == []
        assert known.drop_superseded(lasting, horizon) == dropped
        assert set(known.entries) == {"old", "lasting", "p"} - set(dropped)
        assert [one.id for one in known.of_kind(type(entry))] == [
            name for name in ("old", "lasting") if name not in dropped
        ]
        assert known.drop_superseded(lasting, horizon) == []


def test_what_another_speaks_in_place_of_is_let_go_once_and_a_site_is_kept() -> None:
    """Only of kinds that closed time does not ask for; a permit that is over and superseded is named once."""
    old = put(PERMIT, id="old", until="day 5 00:00")
    new = put(PERMIT, id="new", since="day 2 00:00", until="day 1200 00:00")
    known = Reference((old, new))
    assert known.drop_superseded(new, at("day 2 00:00") - 1) == []
    assert known.drop_superseded(put(None, id="gone"), at("day 2 00:00")) == []
    assert known.drop_superseded(new, at("day 2 00:00")) == ["old"]
    assert list(known.entries) == ["new"]
    over = Reference((old, new))
    assert over.drop_superseded(new, at("day 1150 00:00")) == ["old"]
    places = Reference((put(PLACE, id="a"), put(PLACE, id="b", since="day 2 00:00")))
    assert places.drop_superseded(places.entries["b"], at("day 900 00:00")) == []
    assert list(places.entries) == ["a", "b"]


def test_an_edition_tells_of_what_reports_are_judged_by_alone() -> None:
    """Units, sites and goods, put, changed or gone; not permits, nor what is known already."""
    known = Reference()
    editions = []
    for told in (
        put(PLACE, id="p"), put(PLACE, id="p"), put(PERMIT, id="q"), put(None, id="p", version=2),
        put(None, id="p", version=3), put(PLACE, id="p", version=4), put(UnitEntry(name="", area="3"), id="u"),
        put(GoodsEntry(goods="G", name="", name_en="", category=Category.CHEMICALS, measure=Measure.MASS), id="g"),
    ):  # fmt: skip
        known.put(told)
        editions.append(known.edition)
    assert editions == [1, 1, 1, 2, 2, 3, 4, 5]


def test_what_is_taken_back_is_as_if_it_had_not_been() -> None:
    """The older version speaks again; a gone one is forgotten; what was never put changes nothing."""
    first, second = put(PLACE, id="p"), put(structs.replace(PLACE, area="350111"), id="p", version=2)
    known = Reference((first, second))
    known.take_back(second, first)
    assert known.entries == {"p": first}
    assert known.in_force(SiteEntry, "S1", at("day 2 00:00")) == PLACE
    known.take_back(first, None)
    known.take_back(first, None)
    assert (known.entries, list(known.of_kind(SiteEntry)), known.subjects(SiteEntry)) == ({}, [], ())
    gone = put(None, id="p", version=2, heard="day 1 00:00")
    known.put(gone)
    known.take_back(gone, None)
    assert known.drop_superseded(put(None, id="other"), at("day 9 00:00")) == []


def test_an_entry_that_comes_back_is_not_dropped_as_gone() -> None:
    """Taken back by one correction, told again by the next."""
    known = Reference((put(PLACE, id="p"), put(None, id="p", version=2), put(PLACE, id="p", version=3)))
    assert known.drop_superseded(known.entries["p"], at("day 900 00:00")) == []
    assert known.in_force(SiteEntry, "S1", at("day 2 00:00")) == PLACE


def test_what_is_known_without_a_break_goes_back_over_several_tellings() -> None:
    """Three tellings, each unsaid when the next was heard; one that was not valid then does not count."""
    told = [
        put(PLACE, id="a", version=1, heard="day 2 00:00", unsaid="day 20 00:00"),
        put(PLACE, id="b", heard="day 20 00:00", unsaid="day 40 00:00"),
        put(PLACE, id="c", heard="day 40 00:00"),
    ]
    asked = at("day 50 00:00")
    assert Reference(tuple(told)).known_from(SiteEntry, "S1", asked) == at("day 2 00:00")
    ended = structs.replace(told[0], valid_to=at("day 45 00:00"))
    assert Reference((ended, *told[1:])).known_from(SiteEntry, "S1", asked) == at("day 20 00:00")
    assert Reference((told[1],)).known_from(SiteEntry, "S1", asked) == 0


def test_answers_are_forgotten_all_together_where_there_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """Law 11: so many questions, then each is asked anew; up to then none is."""
    monkeypatch.setattr(reference_of, "MOST_LASTING", 3)
    known, asked = Reference((put(PLACE),)), list[str]()
    for name in ("a", "b", "c", "a", "b", "c", "d", "a"):
        known.lasting(SiteEntry, name, at("day 2 00:00"), lambda _: asked.append(name))  # noqa: B023 - asked at once
    assert asked == ["a", "b", "c", "d", "a"]


def test_all_about_one_thing_are_listed_by_their_dates() -> None:
    """The oldest first, whatever came first; of another thing, or kind, none."""
    later, first = put(PLACE, id="a", since="day 2 00:00"), put(PLACE, id="b")
    known = Reference(
        (later, first, put(structs.replace(PLACE, site="S2"), id="c"), put(HazardFilingEntry(site="S1"), id="d"))
    )
    assert list(known.about(SiteEntry, "S1")) == [first, later]
    assert list(known.about(SiteEntry, "S9")) == []
    assert known.subjects(SiteEntry) == ("S1", "S2")
