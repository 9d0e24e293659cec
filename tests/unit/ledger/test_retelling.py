"""Retelling: an entry told otherwise speaks of the days that had closed by then as it was told until then.

Law: what was heard before the next telling is kept, and only that, from when it was heard to when it was unsaid.
"""

from __future__ import annotations

from events.intake import encode
from events.registry import SiteEntry
from events.rejection import Reason, Source
from events.time import Instant, instant
from ledger.held import Held, Telling
from ledger.retelling import earlier_tellings, gone_of
from ledger.speech import Entered, Report, Speech, Wait
from simulator import stories as s

OPENING = s.opening("100 item", site="S1", goods="DET", when="day 1 08:00", id="e1")


class Names:
    """A judge that understands every entry but those whose site is called "unclear"."""

    edition = (0, 0)

    def __call__(self, event: Report, at: Instant) -> Speech | Wait:
        """An entry as it travels to the key of its unit."""
        entry = getattr(event, "entry", None)
        if not isinstance(entry, SiteEntry) or entry.name == "unclear":
            return Wait(Reason.UNKNOWN_UNIT, "unit", "")
        return Speech(("unit:U1",), Entered("U1", 0, 0, None, entry))

    def hear(self, identity: str, event: Report | None, received_at: Instant) -> bool:
        """Nothing leans on anything."""
        return False

    def leans(self, identity: str) -> bool:
        """Nothing leans on anything."""
        return False


def named(revision: int, name: str | None, heard: str) -> Telling:
    """The entry under a telling name; None takes it back."""
    event = s.registry(SiteEntry(site="S1", name=name or "", area="350102"), unit="U1", id="e1")
    raw = None if name is None else encode(event)
    return Telling(revision, f"e1-{revision}", "teller", s.at(heard), Source("registry", 0, revision), b"", raw)


def before(*tellings: Telling) -> list[tuple[int, str, Instant, Instant]]:
    """What was said before the highest revision: revision, name, when heard and when unsaid."""
    told = []
    for one in earlier_tellings(Held("e1", 0, tellings), Names()):
        assert isinstance(one.entered.entry, SiteEntry)
        told.append((one.revision, one.entered.entry.name, one.heard_at, one.unsaid_at))
    return told


def test_each_telling_speaks_from_when_it_was_heard_until_the_next_was() -> None:
    """Of three tellings the first two, each with its time; of one alone nothing came before."""
    first, second = named(0, "first", "day 1 08:00"), named(1, "second", "day 2 08:00")
    third = named(2, "third", "day 3 08:00")
    assert before(first) == []
    assert before(first, second, third) == [
        (0, "first", s.at("day 1 08:00"), s.at("day 2 08:00")),
        (1, "second", s.at("day 2 08:00"), s.at("day 3 08:00")),
    ]


def test_what_was_never_heard_before_the_next_never_spoke() -> None:
    """Overtaken: a correction that comes before, or with, what it corrects leaves nothing to be said of that."""
    late = named(1, "second", "day 3 08:00")
    assert before(named(0, "first", "day 2 08:00"), late, named(2, "third", "day 2 08:00")) == []
    assert before(named(0, "first", "day 1 08:00"), late, named(2, "third", "day 2 08:00")) == [
        (0, "first", s.at("day 1 08:00"), s.at("day 2 08:00"))
    ]


def test_nothing_is_heard_before_the_original_is() -> None:
    """A correction that waits for its target speaks from the target's receipt on; without one nothing speaks."""
    original, early = named(0, "first", "day 2 08:00"), named(1, "second", "day 1 08:00")
    assert before(original, early, named(2, "third", "day 4 08:00")) == [
        (1, "second", s.at("day 2 08:00"), s.at("day 4 08:00"))
    ]
    assert before(early, named(2, "third", "day 4 08:00")) == []


def test_what_could_not_be_judged_or_was_taken_back_did_not_speak() -> None:
    """Nor does a report of goods: only the registry's entries are asked for what they said before."""
    last = named(2, "third", "day 4 08:00")
    assert before(named(0, "unclear", "day 1 08:00"), last) == []
    assert before(named(0, "first", "day 1 08:00"), named(1, None, "day 2 08:00"), last) == [
        (0, "first", s.at("day 1 08:00"), s.at("day 2 08:00"))
    ]
    moved = Telling(0, "e1", "teller", instant(OPENING.occurred_at), Source("flow", 0, 0), b"", encode(OPENING))
    assert before(moved, last) == []


def test_an_entry_taken_back_says_only_how_it_was_told_before() -> None:
    """Its last content, its last receipt; nothing where nothing had been said."""
    held = Held("e1", 7, (named(0, "first", "day 1 08:00"), named(1, None, "day 2 08:00")))
    told = earlier_tellings(held, Names())
    gone = gone_of(held, told)
    assert gone is not None
    assert (gone.keys, gone.body, gone.revision) == ((), told[-1].entered, 1)
    assert (gone.received_at, gone.at, gone.before) == (s.at("day 2 08:00"), 7, told)
    assert gone_of(held, ()) is None
    twice = (named(0, "first", "day 1 08:00"), named(1, "second", "day 2 08:00"), named(2, None, "day 3 08:00"))
    told = earlier_tellings(Held("e1", 7, twice), Names())
    last = gone_of(Held("e1", 7, twice), told)
    assert last is not None
    assert last.body == told[1].entered != told[0].entered
