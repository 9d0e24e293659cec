"""Reference data: dated entries; what was in force when it happened decides.

Law: entries are a set; which came first does not matter.
"""

from __future__ import annotations

from itertools import permutations

import pytest
from msgspec import structs

from events.registry import CapacityEntry, SiteEntry, TradeFilingEntry, UnitEntry
from ledger.reference import Reference, Registered
from simulator.stories.relative import at, quantity
from tests.detector_kit import register


def site(name: str, *, unit: str = "U1", **dates: str) -> Registered:
    """An entry about S1 under a telling name."""
    return register(SiteEntry(site="S1", name=name, area="350102"), unit=unit, id=name, **dates)  # type: ignore[arg-type]  # drawn words


OLD = site("old", valid_from="day 1 00:00")
NEW = site("new", valid_from="day 5 00:00", valid_to="day 8 00:00")
MENDED = site("mended", valid_from="day 5 00:00", valid_to="day 7 00:00", recorded="day 6 00:00")


def speaks(reference: Reference, when: str, unit: str | None = None) -> str | None:
    """The name of the entry about S1 in force."""
    found = reference.in_force(SiteEntry, "S1", at(when), unit)
    return None if found is None else found.name


@pytest.mark.parametrize("entries", list(permutations((OLD, NEW, MENDED))))
def test_the_latest_valid_from_speaks_then_the_latest_record(entries: tuple[Registered, ...]) -> None:
    """Whatever the order of arrival; what has expired gives way to what is still in force."""
    reference = Reference(entries)
    days = ("day 0 23:59", "day 1 00:00", "day 4 23:59", "day 5 00:00", "day 7 00:00", "day 8 00:00")
    assert [speaks(reference, day) for day in days] == [None, "old", "old", "mended", "new", "old"]


def test_a_site_that_changed_units_answers_each_for_its_time() -> None:
    """Asked for a unit, only that unit's entries count."""
    reference = Reference((OLD, site("sold", unit="U2", valid_from="day 5 00:00")))
    assert (speaks(reference, "day 6 00:00"), speaks(reference, "day 6 00:00", "U1")) == ("sold", "old")
    assert speaks(reference, "day 4 00:00", "U2") is None


def test_a_newer_version_takes_the_place_of_an_older() -> None:
    """Never the other way round; the same again changes nothing."""
    moved = site("old", version=2, valid_from="day 3 00:00")  # type: ignore[arg-type]  # drawn words
    reference = Reference((OLD,))
    assert reference.put(moved)
    assert not reference.put(moved)
    assert not reference.put(OLD)
    assert (speaks(reference, "day 2 00:00"), speaks(reference, "day 3 00:00")) == (None, "old")


def test_an_entry_that_is_gone_speaks_no_more() -> None:
    """It stays known, so that its older versions cannot come back."""
    reference = Reference((OLD,))
    gone = Registered("old", 2, "U1", 0, OLD.valid_from, None, None)
    assert reference.put(gone)
    assert speaks(reference, "day 2 00:00") is None
    assert not reference.put(OLD)


def test_entries_about_different_things_do_not_supersede_each_other() -> None:
    """A capacity is about one goods at one site; each subject has its own in force, and a kind only its own."""
    entries = [
        register(CapacityEntry(site="S1", goods=goods, quantity=quantity(most)), unit="U1", id=f"{goods}{most}")
        for goods, most in (("EXP", "5 kg"), ("DET", "9 item"), ("DET", "7 item"))
    ]
    reference = Reference((*entries, register(UnitEntry(name="U", area="350102"), unit="U1")))
    assert reference.subjects(CapacityEntry) == ("S1/DET", "S1/EXP")
    found = [reference.in_force(CapacityEntry, about, at("day 1 00:00")) for about in ("S1/DET", "S1/EXP")]
    assert [entry and entry.goods for entry in found] == ["DET", "EXP"]
    assert sorted(entry.id for entry in reference.of_kind(CapacityEntry)) == ["DET7 item", "DET9 item", "EXP5 kg"]


def test_an_entry_that_is_gone_is_of_no_kind() -> None:
    """What a kind lists is what has content; a newer version stands in its older one's place."""
    gone = Registered(OLD.id, 2, "U1", OLD.recorded_at, OLD.valid_from, None, None)
    reference = Reference((OLD, NEW))
    assert [entry.id for entry in reference.of_kind(SiteEntry)] == ["old", "new"]
    reference.put(gone)
    assert [entry.id for entry in reference.of_kind(SiteEntry)] == ["new"]
    assert not list(reference.of_kind(UnitEntry))


def test_an_entry_that_was_told_otherwise_speaks_of_the_days_that_had_closed_by_then() -> None:
    """A day closes a week and an hour after it ended; what is put is taken back as if it had not been."""
    told = structs.replace(site("told", valid_from="day 1 00:00"), unsaid_at=at("day 20 00:00"))
    now = structs.replace(site("now", valid_from="day 1 00:00"), heard_at=at("day 20 00:00"))
    reference = Reference((told, now))
    days = ("day 1 00:00", "day 11 23:00", "day 12 00:00", "day 30 00:00")
    assert [speaks(reference, day) for day in days] == ["told", "told", "now", "now"]
    reference.take_back(now, None)
    assert [speaks(reference, day) for day in days] == ["told", "told", None, None]


def test_filings_of_long_ago_are_let_go_with_the_next() -> None:
    """No rule asks for a deal's filing after a hundred days: thousands a month must not be kept for ever."""
    entry = TradeFilingEntry(site="S1", event="e1")
    old = structs.replace(register(entry, id="old"), heard_at=at("day 1 00:00"))
    new = structs.replace(register(entry, id="new"), heard_at=at("day 130 00:00"))
    reference = Reference((old, new))
    assert reference.drop_superseded(new, at("day 131 00:00")) == []
    assert reference.drop_superseded(new, at("day 131 00:01")) == ["old"]
    assert list(reference.entries) == ["new"]


def test_an_answer_is_asked_anew_when_its_kind_changes_and_no_other() -> None:
    """An answer that lasts; an edition tells of its own kind alone."""
    asked: list[str] = []
    reference = Reference((OLD,))

    def answers() -> None:
        reference.lasting(SiteEntry, "name", at("day 2 00:00"), lambda then: asked.append("lasting"))

    answers()
    before = reference.editions(SiteEntry, UnitEntry)
    reference.put(register(UnitEntry(name="U1", area="350102"), unit="U1"))
    answers()
    assert asked == ["lasting"]
    reference.put(NEW)
    answers()
    assert asked[1:] == ["lasting"]
    now = reference.editions(SiteEntry, UnitEntry)
    assert [new > old for old, new in zip(before, now, strict=True)] == [True, True]
    reference.take_back(NEW, None)
    answers()
    assert asked[2:] == ["lasting"]


def test_an_index_holds_what_was_put_before_and_after_it_was_asked_for_and_nothing_that_went() -> None:
    """Under one name are all entries that bear it, by id; a name that nothing bears any more is forgotten."""

    def named(entry: TradeFilingEntry) -> str:
        return entry.event

    one, two, other = (
        register(TradeFilingEntry(site="S1", event=event), id=id_)
        for id_, event in (("1", "e"), ("2", "e"), ("3", "f"))
    )
    reference = Reference((one,))
    index = reference.indexed(TradeFilingEntry, named)
    reference.put(two)
    reference.put(other)
    assert {name: set(found) for name, found in index.items()} == {"e": {"1", "2"}, "f": {"3"}}
    moved = structs.replace(two, version=two.version + 1, entry=TradeFilingEntry(site="S1", event="f"))
    reference.put(moved)
    reference.put(structs.replace(other, version=other.version + 1, entry=None))
    reference.take_back(one, None)
    assert index == {"f": {"2": moved}}
    assert reference.indexed(TradeFilingEntry, named) is index


def test_an_entry_is_superseded_once_another_for_the_same_unit_lasts_as_long() -> None:
    """From when that one holds and was heard of; one that ends sooner, or is another unit's, supersedes nothing."""
    reference = Reference((OLD, NEW))
    assert not reference.superseded(OLD, at("day 9 00:00"))
    assert not reference.superseded(NEW, at("day 9 00:00"))
    last = structs.replace(site("last", valid_from="day 5 00:00"), heard_at=at("day 6 00:00"))
    reference.put(last)
    assert not reference.superseded(OLD, at("day 6 00:00") - 1)
    assert reference.superseded(OLD, at("day 6 00:00"))
    foreign = Reference((OLD, site("foreign", unit="U2", valid_from="day 5 00:00")))
    assert not foreign.superseded(OLD, at("day 9 00:00"))
    as_long = Reference((site("a", valid_from="day 1 00:00", valid_to="day 8 00:00"), NEW))
    assert as_long.superseded(as_long.entries["a"], at("day 5 00:00"))
    unsaid = structs.replace(OLD, unsaid_at=at("day 3 00:00"))
    assert not Reference((unsaid,)).superseded(unsaid, at("day 3 00:00") - 1)
    assert Reference((unsaid,)).superseded(unsaid, at("day 3 00:00"))
    gone = structs.replace(OLD, entry=None)
    assert not Reference((gone,)).superseded(gone, at("day 9 00:00"))


def test_nothing_begins_or_ends_to_speak_within_a_span() -> None:
    """From one bound to the next, the first instant included; for ever where there is none."""
    reference = Reference((structs.replace(NEW, heard_at=at("day 5 00:00")),))
    begin, end = at("day 5 00:00"), at("day 8 00:00")
    assert reference.span(SiteEntry, begin) == (begin, end)
    assert reference.span(SiteEntry, end - 1) == (begin, end)
    assert reference.span(SiteEntry, end)[0] == end
    assert reference.span(SiteEntry, begin - 1)[1] == begin
    low, high = Reference().span(SiteEntry, begin)
    assert low < at("day -9999 00:00")
    assert high > at("day 9999 00:00")


def test_an_answer_holds_to_the_end_of_its_span_and_no_longer() -> None:
    """Asked again at the instant at which an entry begins to speak."""
    asked: list[int] = []
    reference = Reference((NEW,))
    for when in ("day 4 23:59", "day 5 00:00", "day 7 23:59", "day 8 00:00"):
        reference.lasting(SiteEntry, "name", at(when), asked.append)
    assert asked == [at("day 4 23:59"), at("day 5 00:00"), at("day 8 00:00")]


def test_what_was_known_without_a_break_is_known_since_it_was_first_heard() -> None:
    """An entry told anew when the old telling was unsaid goes on from the old one's receipt; a gap begins anew."""
    first = structs.replace(OLD, heard_at=at("day 2 00:00"), unsaid_at=at("day 30 00:00"))
    anew = structs.replace(site("anew", valid_from="day 1 00:00"), heard_at=at("day 30 00:00"))
    assert Reference((first, anew)).known_from(SiteEntry, "S1", at("day 40 00:00")) == at("day 2 00:00")
    later = structs.replace(anew, heard_at=at("day 31 00:00"))
    assert Reference((first, later)).known_from(SiteEntry, "S1", at("day 40 00:00")) == at("day 31 00:00")
    assert Reference((first,)).known_from(SiteEntry, "S9", at("day 40 00:00")) == 0


def test_a_gone_entry_is_dropped_once_closed_time_alone_could_ask_for_it() -> None:
    """A gone entry goes once its receipt is behind the horizon; the others stay."""
    reference = Reference((OLD, structs.replace(OLD, id="gone", entry=None, heard_at=at("day 4 00:00"))))
    assert reference.drop_superseded(OLD, at("day 4 00:00")) == []
    assert reference.drop_superseded(OLD, at("day 4 00:01")) == ["gone"]
    assert list(reference.entries) == ["old"]
