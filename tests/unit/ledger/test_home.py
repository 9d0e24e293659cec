"""The home of an event: new or known, waiting or refused, corrected, moved or taken back.

Laws: redelivery changes nothing (2); order does not matter (3); a refusal has a reason and a way back (7).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations

import pytest
from msgspec import structs
from msgspec.structs import replace

import ledger.home
from events.log import Received, Tick
from events.registry import CapacityEntry
from events.rejection import Reason
from events.report import Event, Registry
from events.time import moment
from ledger.fact import Movement
from ledger.held import Standing
from ledger.speech import Speech
from simulator import stories as s
from tests.laws.lanes import Lanes

OPENING = s.opening("100 item", site="S2", goods="DET", when="day 1 08:00", id="e1")


def told(*items: Event | Received | Tick, world: Sequence[Registry] = s.world()) -> Lanes:
    """A lane that knows the small world, after these reports in this very order."""
    house = Lanes()
    house.publish()
    house.run([s.received(entry) for entry in world])
    house.told.clear()
    house.run([item if isinstance(item, (Received, Tick)) else s.received(item) for item in items])
    return house


def standings(house: Lanes) -> dict[str, str]:
    """The last standing of every report, by its id."""
    return {one.event_id: one.standing.value for one in house.told if one.standing is not Standing.KNOWN}


def refusals(house: Lanes) -> list[tuple[str, str | None]]:
    """Reason and event id of every refusal."""
    return [(refusal.reason.value, refusal.event_id) for refusal in house.refusals]


def test_the_same_report_again_is_known_and_changes_nothing() -> None:
    """However often, however much later within its lateness."""
    again = s.received(OPENING, when="day 2 08:00")
    house = told(OPENING, OPENING, again)
    assert [one.standing for one in house.told] == [Standing.TAKEN, Standing.KNOWN, Standing.KNOWN]
    assert house.outcome().books == {"book:S2/DET": 100}
    assert len({(line.key, line.fact.version) for line in house.lines}) == 1


def test_of_one_event_received_twice_the_earlier_receipt_counts() -> None:
    """Whichever came first: C1 judges by when it was first durably held."""
    early, late = s.received(OPENING, when="day 1 09:00"), s.received(OPENING, when="day 3 09:00")
    for order in ((early, late), (late, early)):
        latest = told(*order).lines[-1]
        assert latest.fact.received_at == s.at("day 1 09:00")


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_of_two_contents_under_one_id_the_earlier_received_wins(order: tuple[int, int]) -> None:
    """The loser is refused as id_reused, whatever the order of arrival, also where it names another time."""
    first = s.received(OPENING, when="day 2 08:00")
    other = replace(OPENING, quantity=s.quantity("70 item"), occurred_at=moment(s.at("day 1 20:00")), goods="DET")
    reports = (first, s.received(other, when="day 2 09:00"))
    house = told(*(reports[index] for index in order))
    assert refusals(house) == [("id_reused", "e1")]
    assert house.refusals[0].received_at == reports[1].received_at
    assert house.outcome().books == {"book:S2/DET": 100}
    latest = max(house.lines, key=lambda line: line.fact.version)
    assert latest.fact.at == s.at("day 1 08:00")


def test_two_providers_may_use_the_same_id() -> None:
    """Identity is provider, home and id: another's e1 is another event."""
    house = told(OPENING, s.received(OPENING, provider="other"))
    assert house.outcome().books == {"book:S2/DET": 200}


def test_a_correction_waits_for_its_target() -> None:
    """Before it comes, nothing is known; then the highest revision speaks, and both reports are told so."""
    correction = s.correct(OPENING, quantity=s.quantity("80 item"))
    alone = told(correction)
    assert standings(alone) == {"e1-r1": "waiting"}
    assert alone.outcome().books == {}
    house = told(correction, OPENING)
    assert standings(house) == {"e1": "taken", "e1-r1": "taken"}
    assert house.outcome().books == {"book:S2/DET": 80}


def test_the_highest_revision_speaks_whatever_came_first() -> None:
    """Every order of an original and two corrections ends in the same book, line and instant."""
    second = s.correct(OPENING, revision=2, quantity=s.quantity("60 item"))
    # A correction that names another time than its target does not move it: the original says when.
    first = replace(s.correct(OPENING, quantity=s.quantity("80 item")), occurred_at=moment(s.at("day 2 10:00")))
    ends = set()
    for order in permutations((OPENING, first, second)):
        house = told(*(s.received(event, when="day 3 08:00") for event in order))
        latest = max(house.lines, key=lambda line: line.fact.version)
        ends.add((house.outcome().books["book:S2/DET"], latest.fact.at, latest.fact.revision))
    assert ends == {(60, s.at("day 1 08:00"), 2)}


def test_an_event_taken_back_leaves_nothing() -> None:
    """冲正: the line goes, and both reports stand as gone."""
    house = told(OPENING, s.void(OPENING))
    assert house.outcome().books == {}
    assert house.lines[-1].fact.body is None
    assert standings(house) == {"e1": "gone", "e1-r1": "gone"}


def test_a_report_moved_to_another_site_leaves_gone_behind() -> None:
    """The home keeps speaking for it: the old book loses the line, the new one has it."""
    house = told(OPENING, s.correct(OPENING, site="S3"))
    assert house.outcome().books == {"book:S3/DET": 100}
    latest = {line.key: line.fact for line in house.lines}
    assert latest["book:S2/DET"].body is None
    body = latest["book:S3/DET"].body
    assert isinstance(body, Movement)
    assert body.site == "S3"


@pytest.mark.parametrize(
    ("kind", "reason"), [("site", "unknown_site"), ("goods", "unknown_goods"), ("unit", "unknown_unit")]
)
def test_what_is_not_known_yet_is_waited_for(kind: str, reason: str) -> None:
    """Admitted when the entry arrives, with the receipt that it had; refused when its day closes if none does."""
    missing = [entry for entry in s.world() if _about(entry, kind)]
    rest = [entry for entry in s.world() if not _about(entry, kind)]
    waiting = told(OPENING, world=rest)
    assert [(one.standing, str(one.reason)) for one in waiting.told] == [(Standing.WAITING, reason)]
    waiting.run([s.received(entry) for entry in missing])
    assert waiting.outcome().books == {"book:S2/DET": 100}
    assert waiting.refusals == []
    assert standings(waiting)["e1"] == "taken"

    never = told(OPENING, Tick(s.at("day 9 00:59")), world=rest)
    assert refusals(never) == []
    never.run([Tick(s.at("day 9 01:00")), Tick(s.at("day 9 02:00"))])
    assert refusals(never) == [(reason, "e1")]
    assert standings(never) == {"e1": "refused"}


def test_another_units_site_and_a_wrong_measure_wait_with_their_own_reasons() -> None:
    """The reason says what would have to be registered, or reported anew."""
    foreign = s.opening("1 item", site="S2", goods="DET", when="day 1 08:00", unit="U1", id="foreign")
    heavy = s.opening("1 kg", site="S2", goods="DET", when="day 1 08:00", id="heavy")
    house = told(foreign, heavy)
    assert {(one.event_id, str(one.reason)) for one in house.told} == {
        ("foreign", "not_units_site"),
        ("heavy", "wrong_measure"),
    }


def test_a_target_that_never_comes_is_told_at_the_close() -> None:
    """The correction is refused as unknown_target when the day that it names closes."""
    house = told(s.correct(OPENING, quantity=s.quantity("80 item")), Tick(s.at("day 10 00:00")))
    assert refusals(house) == [("unknown_target", "e1-r1")]


def test_what_reaches_closed_time_is_refused_after_close() -> None:
    """Late by its own record, or by time having passed: kept apart, findings of closed time stand."""
    late = s.received(OPENING, when="day 8 08:01")
    assert refusals(told(late)) == [("after_close", "e1")]
    slow = s.received(OPENING, when="day 2 08:00")
    assert refusals(told(Tick(s.at("day 12 00:00")), slow)) == [("after_close", "e1")]
    assert refusals(told(s.received(OPENING, when="day 8 08:00"))) == []


def test_a_closed_day_is_forgotten_at_home() -> None:
    """Law 11: when its day closes, the home no longer holds the event; the book keeps what it added up to."""
    house = told(OPENING, Tick(s.at("day 9 02:00")))
    home = house.lanes[0]._held.home("site:S2", 0)
    assert home.held == {}
    assert home.books == {"book:S2/DET"}
    assert house.outcome().books == {"book:S2/DET": 100}


def test_only_what_must_wait_is_refused_where_many_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waiting is bounded; a site whose queue is full still takes what it understands."""
    monkeypatch.setattr(ledger.home, "MOST_WAITING", 2)
    strange = [
        s.opening("1 item", site="S2", goods=f"X{number}", when="day 1 08:00", id=f"x{number}")
        for number in range(4)
    ]
    house = told(*strange, OPENING)
    assert standings(house) == {"x0": "waiting", "x1": "waiting", "x2": "refused", "x3": "refused", "e1": "taken"}
    assert refusals(house) == [("unknown_goods", "x2"), ("unknown_goods", "x3")]
    assert house.outcome().books == {"book:S2/DET": 100}


def test_registry_entries_are_never_late() -> None:
    """One that reaches back a month is taken, and re-judges what is still held singly."""
    rest = [entry for entry in s.world() if not _about(entry, "goods")]
    entries = [s.received(entry, when="day 6 08:00") for entry in s.world() if _about(entry, "goods")]
    house = told(OPENING, *entries, world=rest)
    assert house.outcome().books == {"book:S2/DET": 100}
    assert house.refusals == []


def test_a_trip_and_a_site_of_one_name_may_use_one_event_id() -> None:
    """Numbers that providers count up from 1: the plan and the issue meet at the trip, and both are there."""
    trip = replace(s.plan("S1", {"DET": "5 item"}, depart="day 1 08:00", arrive_by="day 1 12:00"), id="1")
    sent = s.issue("5 item", site="S1", goods="DET", when="day 1 08:00", consignment="S1", id="1")
    lane = told(trip, sent).lanes[0]
    held = lane._held.subject("consignment:S1", lane.time).facts
    assert sorted(type(fact.body).__name__ for fact in held.values()) == ["Leg", "Movement"]


def test_every_refusal_names_the_position_of_its_bytes() -> None:
    """Law 7: the record can be found in the input."""
    house = told(s.received(OPENING, when="day 9 08:00"))
    refusal = house.refusals[0]
    assert refusal.reason is Reason.AFTER_CLOSE
    assert refusal.source.offset == len(s.world()) + 1


def _about(entry: Registry, kind: str) -> bool:
    return str(entry.entry.__struct_config__.tag) == kind


def test_a_count_is_told_as_the_first_version_of_its_revision() -> None:
    """What a site reports for the first time is version 1 of revision 0, whatever it is."""
    house = told(OPENING, s.count("90 item", site="S2", goods="DET", when="day 1 18:00"))
    assert {(line.fact.version, line.fact.revision) for line in house.lines} == {(1, 0)}


def test_a_trips_plan_is_held_until_it_should_have_arrived() -> None:
    """Its day closes long before: the trip's stages still ask for it; a short one goes with its day."""
    for arrive_by, held in (("day 30 12:00", True), ("day 1 12:00", False)):
        trip = s.plan("C1", {"DET": "5 item"}, depart="day 1 08:00", arrive_by=arrive_by)
        house = told(trip, Tick(s.at("day 12 00:00")))
        assert bool(house.lanes[0]._held.home("consignment:C1", 0).held) is held, arrive_by


def test_until_the_original_comes_the_earliest_correction_says_when() -> None:
    """Held as long as the day that any of them names; the original, once here, says it alone."""
    first = replace(s.correct(OPENING), occurred_at=moment(s.at("day 2 10:00")))
    second = replace(s.correct(OPENING, revision=2), occurred_at=moment(s.at("day 2 09:00")))
    third = replace(s.correct(OPENING, revision=3), occurred_at=moment(s.at("day 2 11:00")))
    house = told(*(s.received(one, when="day 3 08:00") for one in (first, second, third)))
    (held,) = house.lanes[0]._held.home("site:S2", 0).held.values()
    assert held.at == s.at("day 2 09:00")
    house.run([s.received(OPENING, when="day 3 08:00")])
    assert held.at == s.at("day 1 08:00")
    fourth = replace(s.correct(OPENING, revision=4), occurred_at=moment(s.at("day 1 07:00")))
    house.run([s.received(fourth, when="day 3 08:00")])
    assert held.telling(4) is not None
    assert held.at == s.at("day 1 08:00")


def test_an_entry_told_otherwise_is_said_with_how_it_was_told_before() -> None:
    """Days that had closed by then go on being judged by it; one that was told once has no before."""
    first = CapacityEntry(site="S2", goods="DET", quantity=s.quantity("500 item"))
    once = s.registry(first, unit="U2", id="once")
    entry = s.registry(first, unit="U2", id="mended")
    mended = s.correct(entry, entry=structs.replace(first, quantity=s.quantity("50 item")))
    house = told(once, s.received(entry, when="day 1 08:00"), s.received(mended, when="day 30 08:00"))
    held = house.lanes[0]._held.home("unit:U2", 0).held
    before = {}
    for identity in ("teller|unit:U2|once", "teller|unit:U2|mended"):
        spoken = held[identity].spoken
        assert isinstance(spoken, Speech)
        before[identity.rpartition("|")[2]] = [(one.entered.entry, one.unsaid_at) for one in spoken.before]
    assert before == {"once": [], "mended": [(first, s.at("day 30 08:00"))]}
