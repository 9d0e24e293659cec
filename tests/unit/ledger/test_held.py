"""What a home holds of one event: which telling is which, and until when its content can be asked for.

Law: equal content is the same event, however it was written; what takes an event back has no content.
"""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from events.intake import decode, encode
from events.registry import PermitReturnEntry, ShiftEntry, SiteEntry, TradeFilingEntry
from events.report import Flow
from events.time import DAY
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


def test_a_record_is_kept_as_it_came_unless_it_is_long() -> None:
    """Up to 2,048 bytes; a longer one is written anew without its white space, and says the same."""
    plain = encode(OPENING)
    for length, kept in ((2_048, 2_048), (2_049, len(plain))):
        spaced = plain.replace(b"{", b"{" + b" " * (length - len(plain)), 1)
        arrival = replace(s.arrival(OPENING), raw=spaced)
        told = telling_of(arrival, OPENING)
        assert len(told.raw or b"") == kept
        assert told.event() == OPENING
        assert told.digest == b""
        assert told.content() == telling_of(s.arrival(OPENING), OPENING).content()


def test_what_takes_back_is_told_apart_by_its_content() -> None:
    """Two that differ have two digests: one under the other's id is refused."""
    one, other = told(s.void(OPENING)), told(replace(s.void(OPENING), goods="EXP"))
    assert one.content() != other.content()
    assert (one.revision, one.event_id) == (other.revision, other.event_id) == (1, "e1-r1")


def test_a_position_is_no_telling() -> None:
    """A broken invariant, not bad data: minutes are merged."""
    fix = encode(s.position((119.3, 26.1), when="day 1 08:00"))
    with pytest.raises(TypeError, match="positions keep no ids"):
        replace(told(OPENING), raw=fix).event()


def test_an_entry_of_one_deal_or_trip_is_held_as_long_as_it_is_asked_for() -> None:
    """From when it was entered, or until it ends; a stage of a trip no longer than it happened."""
    entered = s.at("day 3 00:00")
    for entry, dates, until in (
        (TradeFilingEntry(site="S1", event="e"), {}, entered + 130 * DAY),
        (PermitReturnEntry(permit="P1"), {}, entered + 1_100 * DAY),
        (ShiftEntry(shift="A", site="S1"), {"valid_to": "day 9 00:00"}, s.at("day 9 00:00")),
        (ShiftEntry(shift="A", site="S1"), {"valid_to": "day 2 00:00"}, entered),
    ):
        event = s.registry(entry, unit="U1", entered="day 3 00:00", **dates)
        assert lasts_until(event) == until, entry
    assert lasts_until(s.stage("C1", "depart", when="day 1 08:00")) == 0
    assert Held("e1", 5).closes_at() == 5
