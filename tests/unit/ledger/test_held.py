"""What a home holds of one event: which telling is which, and until when its content can be asked for.

Law: equal content is the same event, however it was written; what takes an event back has no content.
"""

from __future__ import annotations

from events.intake import decode
from events.registry import SiteEntry
from events.report import Flow
from ledger.held import Held, Telling, lasts_until, telling_of
from simulator import stories as s

OPENING = s.opening("100 item", site="S1", goods="DET", when="day 1 08:00", id="e1")


def told(event: Flow, when: str = "day 1 09:00") -> Telling:
    """The telling that the arrival of an event makes."""
    arrival = s.arrival(s.received(event, when=when))
    assert isinstance(arrival.event, Flow)
    return telling_of(arrival, arrival.event)


def test_an_original_is_revision_0_and_a_correction_bears_its_own() -> None:
    """Each keeps its bytes; what takes back keeps none, and is told apart by a digest."""
    first, second = told(OPENING), told(s.correct(OPENING, revision=2, quantity=s.quantity("80 item")))
    gone, again = told(s.void(OPENING, revision=3)), told(s.void(OPENING, revision=3), "day 2 09:00")
    assert (first.revision, second.revision, gone.revision) == (0, 2, 3)
    assert first.event() == OPENING
    assert gone.event() is None
    assert gone.raw is None
    assert gone.digest == again.digest != b""
    assert gone.content() == gone.digest
    assert first.content() == told(OPENING, "day 2 09:00").content() != second.content()
    assert (first.received_at, first.event_id) == (s.at("day 1 09:00"), "e1")


def test_the_telling_of_a_revision_is_found_by_it() -> None:
    """None where nobody told it."""
    first, third = told(OPENING), told(s.correct(OPENING, revision=3))
    held = Held("e1", s.at("day 1 08:00"), (first, third))
    assert (held.telling(0), held.telling(3), held.telling(1)) == (first, third, None)


def test_an_event_is_held_until_its_day_and_its_content_are_over() -> None:
    """The later of both."""
    assert Held("e1", 5, until=3).closes_at() == 5
    assert Held("e1", 5, until=9).closes_at() == 9


def test_content_is_asked_for_as_long_as_it_speaks() -> None:
    """A plan until it should have arrived, an entry for ever; a movement no longer than it happened."""
    plan = s.plan("C1", {"DET": "5 item"}, depart="day 1 08:00", arrive_by="day 3 12:00")
    entry = s.registry(SiteEntry(site="S1", name="S1", area="350102"), unit="U1")
    assert lasts_until(plan) == s.at("day 3 12:00")
    assert lasts_until(entry) > s.at("day 9999 00:00")
    assert lasts_until(OPENING) == 0
    assert lasts_until(None) == 0
    assert isinstance(OPENING, Flow)
    assert decode(told(OPENING).raw or b"") == OPENING
