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
