"""Shelves: a home's events by their days, a few together.

Law: an event stays on its shelf while its day does not change; a shelf goes with its last event.
"""

from __future__ import annotations

from events.time import DAY, civil_day, day_start
from ledger.held import Held
from ledger.reference import FOREVER
from ledger.shelves import ROOM, Shelf, Shelves
from tests.detector_kit import at

MONDAY, TUESDAY = at("day 1 08:00"), at("day 2 08:00")


def filled(number: int, when: int = MONDAY) -> tuple[Shelves, list[Held]]:
    """So many events of one day."""
    shelves, events = Shelves(), [Held(f"e{nth}", when) for nth in range(number)]
    for held in events:
        shelves.put(held)
    return shelves, events


def test_fifteen_events_of_a_day_stand_together_and_the_next_on_another_shelf() -> None:
    """Each knows its shelf; every shelf that changed is named."""
    shelves, events = filled(ROOM + 1)
    day = civil_day(MONDAY)
    assert [held.shelf for held in events] == [f"{day}.0"] * ROOM + [f"{day}.1"]
    assert shelves.changed == set(shelves.named) == {f"{day}.0", f"{day}.1"}
    assert ROOM == 15


def test_an_event_moves_with_its_day_and_stays_otherwise() -> None:
    """What was written of a shelf that changed is void."""
    shelves, (one, other) = filled(2)
    shelf = shelves.named[one.shelf]
    shelf.written, shelf.count = b"bytes", 2
    shelves.changed.clear()
    one.at = MONDAY + 60
    shelves.touch(one)
    assert (one.shelf, shelf.written, shelf.count, shelves.changed) == (other.shelf, b"", 0, {shelf.name})
    one.at = TUESDAY
    shelves.touch(one)
    assert one.shelf == f"{civil_day(TUESDAY)}.0"
    assert shelves.named[other.shelf].held == [other]


def test_a_shelf_goes_with_its_last_event_and_its_number_is_not_used_again_that_day() -> None:
    """So that what a store holds under a name is never mistaken; a day without shelves begins anew."""
    shelves, (held,) = filled(1)
    shelves.drop(held)
    assert not shelves.named
    shelves.put(held)
    assert held.shelf == f"{civil_day(MONDAY)}.1"
    shelves.drop(held)
    shelves.forget()
    shelves.put(held)
    assert held.shelf == f"{civil_day(MONDAY)}.0"


def test_clearing_nothing_changes_nothing() -> None:
    """And clearing some leaves the others in their order."""
    shelves, events = filled(4)
    shelf = shelves.named[events[0].shelf]
    shelf.written, shelf.count = b"bytes", 4
    shelves.changed.clear()
    shelves.clear(shelf, ())
    assert (shelf.written, shelves.changed) == (b"bytes", set())
    shelves.clear(shelf, events[1:3])
    assert (shelf.held, shelf.written, shelf.count) == ([events[0], events[3]], b"", 0)
    assert shelves.changed == {shelf.name}


def test_the_later_half_of_a_shelf_moves_to_a_new_one() -> None:
    """Of five two stay; the others know where they went."""
    shelves, events = filled(5)
    shelf = shelves.named[events[0].shelf]
    other = shelves.halve(shelf)
    assert (shelf.held, other.held) == (events[:2], events[2:])
    assert {held.shelf for held in other.held} == {other.name} != {shelf.name}
    assert (shelf.written, shelf.count) == (b"", 0)


def test_shelves_that_were_kept_go_on_where_they_were() -> None:
    """The last of a day takes the next event; a lower number that is restored later opens nothing."""
    shelves, day = Shelves(), civil_day(MONDAY)
    kept = {name: [Held(name, MONDAY)] for name in (f"{day}.3", f"{day}.1")}
    for name, held in kept.items():
        shelves.restore(name, held)
    new = Held("new", MONDAY)
    shelves.put(new)
    assert new.shelf == f"{day}.3"
    shelves.close(shelves.named[f"{day}.3"])
    another = Held("another", MONDAY)
    shelves.put(another)
    assert another.shelf == f"{day}.4"


def test_shelves_are_found_by_what_closes() -> None:
    """Strictly before a horizon; what lasts longer than its day closes when it is over."""
    shelves, (one,) = filled(1)
    shelves.put(Held("later", TUESDAY))
    assert not shelves.closing(MONDAY)
    assert [shelf.day for shelf in shelves.closing(MONDAY + 1)] == [civil_day(MONDAY)]
    assert len(shelves.closing(TUESDAY + 1)) == 2
    assert (shelves.first(), shelves.first_close()) == (day_start(civil_day(MONDAY)), MONDAY)
    one.until = TUESDAY + DAY
    shelves.touch(one)
    assert [shelf.day for shelf in shelves.closing(TUESDAY + 1)] == [civil_day(TUESDAY)]
    assert shelves.first_close() == TUESDAY


def test_when_a_shelf_closes_is_reckoned_anew_with_all_that_changes_it() -> None:
    """What is put there, what goes, what moves to another shelf."""
    shelves, (one, other) = filled(2, TUESDAY)
    assert shelves.first_close() == TUESDAY
    earlier = Held("earlier", TUESDAY - 5)
    shelves.put(earlier)
    assert shelves.first_close() == TUESDAY - 5
    shelves.drop(earlier)
    assert shelves.first_close() == TUESDAY
    one.until = other.until = TUESDAY + 7
    shelves.touch(one)
    shelves.touch(other)
    third = Held("third", TUESDAY + 9)
    shelves.put(third)
    half = shelves.halve(shelves.named[one.shelf])
    assert shelves.named[one.shelf].first_close() == half.first_close() == TUESDAY + 7
    shelves.drop(other)
    assert half.first_close() == TUESDAY + 9
    assert Shelves().first() == Shelves().first_close() == FOREVER


def test_what_is_named_must_be_written_and_what_is_gone_is_named_too() -> None:
    """So that the store forgets a shelf that was cleared; the half that moved and the half that stayed are new."""
    shelves, events = filled(4)
    shelf = shelves.named[events[0].shelf]
    shelves.changed.clear()
    other = shelves.halve(shelf)
    assert shelves.named == {shelf.name: shelf, other.name: other}
    shelves.changed.clear()
    shelves.drop(events[0])
    assert shelves.changed == {shelf.name}
    shelves.drop(events[1])
    assert (shelves.named, shelves.changed) == ({other.name: other}, {shelf.name})


def test_after_a_shelf_was_halved_the_next_event_of_its_day_joins_the_later_half() -> None:
    """The half that moved is the day's last shelf, until that is closed; closing the other changes nothing."""
    shelves, events = filled(4)
    shelf = shelves.named[events[0].shelf]
    other = shelves.halve(shelf)
    shelves.close(shelf)
    next_, last = Held("next", MONDAY), Held("last", MONDAY)
    shelves.put(next_)
    assert next_.shelf == other.name
    shelves.close(other)
    shelves.put(last)
    assert last.shelf == f"{civil_day(MONDAY)}.2"


def test_a_day_whose_shelves_are_full_opens_another_though_an_earlier_one_has_room() -> None:
    """An event stays where it was put; room that was made on an older shelf is not filled again."""
    shelves, events = filled(ROOM + 1)
    shelves.drop(events[0])
    another = Held("another", MONDAY)
    shelves.put(another)
    assert another.shelf == events[-1].shelf != events[1].shelf
    assert len(shelves.named[events[1].shelf].held) == ROOM - 1


def test_numbers_of_days_that_still_have_shelves_are_remembered() -> None:
    """Forgetting concerns the days that have none any more."""
    shelves, (held,) = filled(1)
    shelves.put(Held("other", TUESDAY))
    shelves.forget()
    shelves.drop(held)
    shelves.close(shelves.named[f"{civil_day(TUESDAY)}.0"])
    tuesday, monday = Held("tuesday", TUESDAY), Held("monday", MONDAY)
    shelves.forget()
    for one in (tuesday, monday):
        shelves.put(one)
    assert tuesday.shelf == f"{civil_day(TUESDAY)}.1"
    assert monday.shelf == f"{civil_day(MONDAY)}.0"


def test_what_is_restored_is_as_it_was_kept_and_need_not_be_written() -> None:
    """Its day is in its name; a lone first shelf goes on taking events, beside those that it holds."""
    day = civil_day(MONDAY)
    shelves, held = Shelves(), [Held("kept", MONDAY, shelf=f"{day}.0")]
    shelves.restore(f"{day}.0", held)
    assert shelves.named == {f"{day}.0": Shelf(f"{day}.0", day, held, b"", 0)}
    assert shelves.changed == set()
    new = Held("new", MONDAY)
    shelves.put(new)
    assert new.shelf == f"{day}.0"
    assert [one.identity for one in shelves.named[new.shelf].held] == ["kept", "new"]
