"""A home by itself: taking an ordinary report at once, closing its time, and what it says of what was corrected.

Laws: the quick way says what the long one does; a refusal has a reason, once; what closed time holds is forgotten.
"""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from events.intake import Arrival
from events.registry import CapacityEntry, SiteEntry, UnitEntry
from events.rejection import Reason
from events.report import Counterparty, Flow, Inventory
from events.serials import BLOCK
from events.time import DAY, Instant
from ledger.fact import COUNTED, INWARD, Count, Fact, Movement
from ledger.held import Held, Standing, Telling
from ledger.home import First, Home
from ledger.judges import Ground, SiteJudge, UnitJudge
from ledger.reference import FOREVER, Reference
from ledger.speech import Speech, parted
from simulator import stories as s
from tests.detector_kit import GOODS, register
from tests.detector_words import run

LATENESS = 7 * DAY
OPENING = s.opening("100 item", site="S2", goods="DET", when="day 1 08:00", id="e1")
SOLD = s.issue(
    "5 item", site="S2", goods="DET", when="day 1 09:00", id="e2", counterparty=Counterparty(unit="U1"),
    serials=(run(BLOCK - 2, BLOCK + 2),), consignment="C1",
)  # fmt: skip
COUNTED_ = s.count("5 item", site="S2", goods="DET", when="day 1 18:00", id="e3", serials=(run(1, 5),))


def judge() -> SiteJudge:
    """Of S2 and all goods."""
    own = (
        register(SiteEntry(site="S2", name="S2", area="350111"), unit="U2"),
        register(UnitEntry(name="U2", area="350111"), unit="U2"),
    )
    return SiteJudge("S2", Reference(own), Reference(tuple(map(register, GOODS.values()))))


def ground(event: Flow | Inventory, at: Instant) -> Ground:
    """On what a report is judged."""
    found = judge().ground(event.unit, event.goods, at)
    assert isinstance(found, Ground)
    return found


def home(*events: Flow | Inventory) -> Home:
    """S2's home, which took these by the long way."""
    made = Home("site:S2", 0)
    for number, event in enumerate(events):
        spoken(made, s.arrival(event, number))
    return made


def spoken(made: Home, arrival: Arrival) -> Sequence[Standing]:
    """What became of the reports that an arrival made the home speak of anew."""
    decision = made.take(arrival, LATENESS)
    standings = [told.standing for told in decision.told]
    for held in decision.respeak:
        speech, told = made.speak(held, judge())
        held.version, held.spoken, held.standing = held.version + 1, speech, told[-1].standing
        (made.waiting.add if speech is None else made.waiting.discard)(held.identity)
        standings += [one.standing for one in told]
    return standings


@pytest.mark.parametrize("event", [OPENING, SOLD, COUNTED_], ids=["opening", "numbered sale", "count"])
def test_an_ordinary_report_taken_at_once_is_what_it_is_by_the_long_way(event: Flow | Inventory) -> None:
    """The same fact for the same keys, each block with its own numbers, and the same standing for its provider."""
    arrival = s.arrival(event)
    quick, slow = Home("site:S2", 0), Home("site:S2", 0)
    first = quick.first(arrival, event, ground(event, arrival.at), LATENESS)
    assert first is not None
    (held,) = slow.take(arrival, LATENESS).respeak
    speech, (told,) = slow.speak(held, judge())
    assert speech is not None
    assert isinstance(speech.body, Movement | Count)
    rank = COUNTED if isinstance(event, Inventory) else first.fact.rank
    assert (first.keys, first.told) == (speech.keys, told)
    assert first.fact == Fact(
        f"teller|S2|{event.id}", arrival.at, rank, 1, 0, arrival.received_at, arrival.source, speech.body
    )
    assert dict(first.parts) == parted(first.fact)
    assert quick.held.keys() == slow.held.keys()
    assert quick.shelves.named.keys() == slow.shelves.named.keys()
    (kept,) = quick.held.values()
    assert (kept.at, kept.tellings, kept.version, kept.standing) == (held.at, held.tellings, 1, Standing.TAKEN)
    assert quick.spoken(kept) == speech


def test_an_opening_stands_before_what_goes_out_and_a_count_behind() -> None:
    """The rank that event order goes by is that of the movement."""
    ranks = []
    for event in (OPENING, COUNTED_):
        arrival = s.arrival(event)
        first = Home("site:S2", 0).first(arrival, event, ground(event, arrival.at), LATENESS)
        assert isinstance(first, First)
        ranks.append(first.fact.rank)
    assert ranks == [INWARD, COUNTED]


def test_what_is_not_ordinary_needs_a_closer_look_and_leaves_nothing_behind() -> None:
    """Late by a microsecond, of closed time, in another measure, a correction, or one that is known."""
    punctual = s.received(OPENING, when="day 8 08:00")
    late = Arrival(OPENING, "site:S2", s.at("day 1 08:00"), "teller", s.at("day 8 08:00") + 1,
                   s.arrival(punctual).source, punctual.raw, s.arrival(punctual).amount)  # fmt: skip
    asked = ground(OPENING, s.at("day 1 08:00"))
    heavy = s.arrival(s.opening("1 kg", site="S2", goods="DET", when="day 1 08:00"))
    corrected = s.arrival(s.correct(OPENING, quantity=s.quantity("8 item")))
    for horizon, arrival, taken in (
        (0, s.arrival(punctual), True),
        (0, late, False),
        (s.at("day 1 08:00"), s.arrival(OPENING), True),
        (s.at("day 1 08:00") + 1, s.arrival(OPENING), False),
        (0, heavy, False),
        (0, corrected, False),
    ):
        made = Home("site:S2", horizon)
        assert isinstance(arrival.event, Flow)
        first = made.first(arrival, arrival.event, asked, LATENESS)
        assert ((first is not None), len(made.held), len(made.shelves.named)) == (taken, taken, taken), arrival
    known = home(OPENING)
    assert known.first(s.arrival(OPENING, 7), OPENING, asked, LATENESS) is None
    assert [held.tellings[-1].source.offset for held in known.held.values()] == [0]


def test_what_is_late_is_refused_to_the_microsecond() -> None:
    """By its own record, or because its day has closed; an entry (no lateness) never is."""
    closed = s.at("day 1 08:00") + 1
    for horizon, when, lateness, refused in (
        (0, "day 8 08:00", LATENESS, False),
        (0, "day 8 08:00", LATENESS - 1, True),
        (closed - 1, "day 2 08:00", LATENESS, False),
        (closed, "day 2 08:00", LATENESS, True),
        (closed, "day 2 08:00", None, False),
    ):
        decision = Home("site:S2", horizon).take(s.arrival(s.received(OPENING, when=when)), lateness)
        assert (bool(decision.refusals), bool(decision.respeak)) == (refused, not refused), (when, lateness)


def test_a_refusal_is_told_under_its_position_and_not_under_what_its_id_stands_for() -> None:
    """The provider who asks what became of e1 is not answered with a later one's refusal."""
    decision = Home("site:S2", 0).take(s.arrival(s.received(OPENING, when="day 9 08:00"), 3), LATENESS)
    (refusal,), (told,) = decision.refusals, decision.told
    assert (refusal.reason, refusal.field, refusal.home) == (Reason.AFTER_CLOSE, "occurred_at", "site:S2")
    assert (told.identity, told.event_id, told.standing) == ("teller|S2|e1#story/0/3", "e1", Standing.REFUSED)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_of_two_contents_received_at_one_instant_the_same_one_wins_in_any_order(order: tuple[int, int]) -> None:
    """Neither was first: what is kept, and which is refused, must not depend on which came first."""
    other = s.opening("7 item", site="S2", goods="DET", when="day 1 08:00", id="e1")
    reports = [
        s.arrival(s.received(event, when="day 1 09:00"), number) for number, event in enumerate((OPENING, other))
    ]
    made = Home("site:S2", 0)
    spoken(made, reports[order[0]])
    decision = made.take(reports[order[1]], LATENESS)
    (held,) = made.held.values()
    kept = held.tellings[-1]
    assert kept.content() == min(told.content() for told in _tellings(reports))
    (refusal,) = decision.refusals
    assert (refusal.reason, refusal.field) == (Reason.ID_REUSED, "id")
    assert {refusal.source.offset, kept.source.offset} == {0, 1}
    assert refusal.detail == f"first received at {kept.source}"
    assert decision.told[0].identity == f"teller|S2|e1#{refusal.source}"
    assert bool(decision.respeak) is (kept.source == reports[order[1]].source)


def test_the_same_bytes_received_at_one_instant_are_known_and_change_nothing() -> None:
    """Whatever the position; an earlier receipt of the same takes its place."""
    made = home(OPENING)
    assert spoken(made, s.arrival(OPENING, 9)) == [Standing.KNOWN]
    (held,) = made.held.values()
    assert (held.version, held.tellings[0].source.offset) == (1, 0)
    earlier = s.arrival(s.received(OPENING, when="day 1 08:01"), 10)
    assert spoken(made, earlier) == [Standing.TAKEN]
    assert (held.version, held.tellings[0].source.offset) == (2, 10)


def test_what_was_last_said_is_said_again_of_the_last_telling() -> None:
    """The movement as corrected, heard of when the original was, from where the correction stands."""
    made = home(OPENING, s.correct(OPENING, quantity=s.quantity("80 item")))
    (held,) = made.held.values()
    speech = held.spoken
    assert isinstance(speech, Speech)
    assert (speech.revision, speech.source.offset) == (1, 1)
    assert speech.received_at == s.at("day 1 08:05")
    held.spoken = ground(OPENING, held.at).seen
    assert made.spoken(held) == speech


def test_closing_forgets_what_is_over_and_refuses_what_waits_in_event_order() -> None:
    """Up to the horizon, which never goes back; each telling of what waited is refused with what it waited for."""
    strange = [
        s.opening("1 item", site="S2", goods="NONE", when=f"day 1 {hour}", id=name)
        for hour, name in (("10:00", "a"), ("09:00", "c"), ("09:00", "b"))
    ]
    orphan = s.correct(s.opening("1 item", site="S2", goods="DET", when="day 1 07:00", id="z"))
    made = home(OPENING, *strange, orphan, s.opening("1 item", site="S2", goods="DET", when="day 3 08:00", id="l"))
    assert made.waiting == {"teller|S2|a", "teller|S2|b", "teller|S2|c", "teller|S2|z"}
    decision = made.close(s.at("day 1 10:00"), judge())
    assert [(one.event_id, one.reason, one.field) for one in decision.refusals] == [
        ("z-r1", Reason.UNKNOWN_TARGET, "corrects.id"),
        ("b", Reason.UNKNOWN_GOODS, "goods"),
        ("c", Reason.UNKNOWN_GOODS, "goods"),
    ]
    assert [(one.identity, one.standing, one.reason) for one in decision.told][1:] == [
        ("teller|S2|b", Standing.REFUSED, Reason.UNKNOWN_GOODS),
        ("teller|S2|c", Standing.REFUSED, Reason.UNKNOWN_GOODS),
    ]
    assert made.waiting == {"teller|S2|a"}
    assert made.held.keys() == {"teller|S2|a", "teller|S2|l"}
    assert made.horizon == s.at("day 1 10:00")
    made.close(s.at("day 1 09:00"), judge())
    assert made.horizon == s.at("day 1 10:00")
    assert made.close(s.at("day 4 00:00"), judge()).refusals[0].event_id == "a"
    assert (made.held, made.waiting, made.shelves.named) == ({}, set(), {})


def test_a_homes_first_close_is_that_of_what_is_over_first() -> None:
    """A site's by its days; another's by how long each is held; never where nothing is."""
    assert home().first_close() == FOREVER
    assert home(OPENING).first_close() == s.at("day 1 00:00")
    trip = Home("consignment:C1", 0)
    assert trip.first_close() == FOREVER
    for held in (Held("a", 5, until=9), Held("b", 7)):
        trip.shelves.put(held)
    assert trip.first_close() == 7


@pytest.mark.parametrize(("key", "judged_anew"), [("consignment:C1", True), ("unit:U1", False), ("site:S2", False)])
def test_only_a_trip_that_forgets_a_plan_judges_the_rest_anew(key: str, judged_anew: bool) -> None:
    """What a unit's home forgets, deals and shifts, nothing else leans on there; a stage alone is nobody's plan."""
    for until, expected in ((9, judged_anew), (0, False)):
        made, asked = Home(key, 0), UnitJudge()
        made.judge, made.settled = asked, (0, 0)
        held = Held("a", 5, until=until, standing=Standing.TAKEN)
        made.held = {"a": held}
        made.shelves.put(held)
        made.close(DAY, asked)
        assert not made.held
        assert (made.judge is None, made.settled is None) == (expected, expected), until


def test_an_entry_is_heard_of_when_both_the_original_and_what_it_now_says_were() -> None:
    """A correction that came first speaks from the original's receipt on; else from its own."""
    entry = s.registry(CapacityEntry(site="S2", goods="DET", quantity=s.quantity("5 item")), unit="U2", id="cap")
    mended = s.correct(entry, entry=CapacityEntry(site="S2", goods="DET", quantity=s.quantity("9 item")))
    for first, second, heard in (("day 2", "day 3", "day 3"), ("day 3", "day 2", "day 3")):
        made = Home("unit:U2", 0)
        for event, when in ((entry, first), (mended, second)):
            decision = made.take(s.arrival(s.received(event, when=f"{when} 08:00")), None)
        (held,) = decision.respeak
        speech, told = made.speak(held, UnitJudge())
        assert speech is not None
        assert (speech.received_at, speech.revision) == (s.at(f"{heard} 08:00"), 1)
        assert [(one.event_id, one.standing) for one in told] == [
            ("cap", Standing.TAKEN), ("cap-r1", Standing.TAKEN)
        ]  # fmt: skip


def test_positions_are_merged_and_never_told() -> None:
    """A broken invariant, not bad data."""
    position = s.arrival(s.position((119.3, 26.1), when="day 1 08:00"))
    with pytest.raises(TypeError, match="positions keep no ids"):
        Home("vehicle:V1", 0).take(position, LATENESS)


def _tellings(reports: Sequence[Arrival]) -> Sequence[Telling]:
    made: list[Telling] = []
    for report in reports:
        alone = Home("site:S2", 0)
        alone.take(report, LATENESS)
        made += [told for held in alone.held.values() for told in held.tellings]
    return made
