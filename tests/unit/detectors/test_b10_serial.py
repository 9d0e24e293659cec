"""B10: numbers that are there twice, from nowhere, after their end, in two places, left out, or not there."""

from __future__ import annotations

from msgspec.structs import replace

from detectors.claim import Finding, Status
from ledger.fact import Fact
from tests.detector_kit import Bench, History, at, count, detector_of, movement, watch
from tests.detector_words import run

BLOCK = "serial:M1/T1/0"
MADE = movement("produce", "100 item", when="day 1 08:00", serials=(run(1, 100),))
SENT = movement("issue", "60 item", when="day 1 10:00", consignment="C1", serials=(run(1, 60),))
GOT = movement("receive", "60 item", site="S2", when="day 1 14:00", consignment="C1", serials=(run(1, 60),))


def history() -> History:
    """A maker leaves one out and makes some twice; a user uses some up twice, and more turn up elsewhere."""
    return History(
        rule="B10",
        key=BLOCK,
        facts=(
            MADE,
            SENT,
            GOT,
            movement("produce", "99 item", when="day 2 08:00", serials=(run(102, 200),)),
            movement("produce", "20 item", when="day 2 10:00", serials=(run(91, 110),)),
            movement("consume", "10 item", site="S2", when="day 3 08:00", serials=(run(1, 10),)),
            movement("consume", "2 item", site="S2", when="day 3 09:00", serials=(run(10, 11),)),
            movement("receive", "5 item", site="S3", when="day 4 08:00", serials=(run(21, 25),)),
            movement("receive", "1 item", site="S3", when="day 4 09:00", serials=(run(900),)),
            movement("receive", "3 item", site="S3", when="day 4 10:00", serials=(run(150, 151), run(151, 152))),
            movement("produce", "10 item", when="day 5 10:00", serials=(run(220, 229),)),
        ),
        now=at("day 30 00:00"),
    )


def history_of_a_book() -> History:
    """Of five guns one is missing at the count, with another's in its place, and is found."""
    return History(
        rule="B10",
        key="book:S1/GUN",
        facts=(
            movement("open", "5 item", goods="GUN", when="day 1 08:00", serials=(run(1, 5),)),
            count("5 item", goods="GUN", when="day 1 18:00", serials=(run(1, 5),)),
            count("5 item", goods="GUN", when="day 2 18:00", serials=(run(1, 4), run(77))),
            count("4 item", goods="GUN", when="day 3 18:00", serials=(run(1, 4),)),
            count("5 item", goods="GUN", when="day 4 18:00", serials=(run(1, 5),)),
        ),
        now=at("day 8 00:00"),
    )


def said(*facts: Fact, now: str = "day 9 00:00", **parameters: float) -> dict[str, Finding]:
    """What stands of some facts at the block, by reason."""
    told = History(rule="B10", key=BLOCK, facts=facts, now=at(now), parameters=parameters)
    found = watch(told)
    assert len({finding.claim.numbers["reason"] for finding in found}) == len(found)
    return {str(finding.claim.numbers["reason"]): finding for finding in found}


def test_each_reason_is_one_matter_with_its_numbers() -> None:
    """What is wrong in the same way at one site is one warning, with the ranges and their total."""
    found = {
        (finding.claim.numbers["reason"], finding.claim.site): (
            finding.claim.numbers["serials"],
            finding.claim.numbers["total"],
        )
        for finding in watch(history())
    }
    assert found == {
        ("duplicate", "S1"): ("91-100, 102-110", 19),
        ("after_end", "S2"): ("10", 1),
        ("two_places", "S3"): ("21-25, 150-152", 8),
        ("never_produced", "S3"): ("900", 1),
        ("listed_twice", "S3"): ("151", 1),
        ("gap", "S1"): ("201-219", 19),
    }


def test_a_box_from_the_maker_to_the_shift_and_back_is_in_order() -> None:
    """The life that most numbers lead raises nothing, in whatever parts."""
    out = movement("issue", "20 item", site="S2", when="day 2 08:00", shift="A", serials=(run(1, 20),))
    used = movement("consume", "15 item", site="S2", when="day 2 11:00", shift="A", serials=(run(1, 15),))
    back = movement("return", "5 item", site="S2", when="day 2 17:00", shift="A", serials=(run(16, 20),))
    seen = count("45 item", site="S2", when="day 2 18:00", serials=(run(16, 60),))
    sold = movement("issue", "5 item", site="S2", when="day 3 08:00", outside="X", serials=(run(16, 20),))
    again = movement("receive", "5 item", site="S2", when="day 5 08:00", outside="X", serials=(run(16, 20),))
    gone = movement("destroy", "5 item", site="S2", when="day 6 08:00", serials=(run(16, 20),))
    assert not said(MADE, SENT, GOT, out, used, back, seen, sold, again, gone)


def test_what_was_left_out_accuses_nobody() -> None:
    """A receiver without numbers, a maker who is not on the platform, an opening of what nobody knows."""
    unheard = movement("receive", "5 item", site="S2", when="day 1 08:00", serials=(run(1, 5),))
    opened = movement("open", "5 item", site="S3", when="day 1 08:00", serials=(run(11, 15),))
    used = movement("consume", "60 item", site="S2", when="day 2 08:00", serials=(run(1, 60),))
    back = movement("return", "3 item", when="day 2 08:00", serials=(run(61, 63),))
    assert not said(unheard, opened)
    assert not said(MADE, SENT, used, back)


def test_never_produced_is_from_the_first_one_made_on() -> None:
    """Numbers from before the maker joined are let be; by policy a number is expected of every maker."""
    joined = movement("produce", "100 item", when="day 1 08:00", serials=(run(500, 599),))
    old = movement("receive", "2 item", site="S2", when="day 2 08:00", serials=(run(498, 499),))
    new = movement("receive", "2 item", site="S3", when="day 2 08:00", serials=(run(600, 601),))
    assert said(joined, old, new)["never_produced"].claim.numbers["serials"] == "600-601"
    assert not said(joined, old)
    assert not said(joined, new, least_produced=101)
    assert said(old, least_produced=0)["never_produced"].claim.site == "S2"


def test_production_that_is_booked_behind_the_first_movement_explains_it() -> None:
    """A day's production is booked when the shift ends: half a day behind is in order, a day is not."""
    first = movement("produce", "1 item", when="day 1 07:00", serials=(run(1),))
    sent = movement("issue", "10 item", when="day 1 10:00", outside="X", serials=(run(2, 11),))
    booked = movement("produce", "10 item", when="day 1 17:00", serials=(run(2, 11),))
    late = movement("produce", "10 item", when="day 3 17:00", serials=(run(2, 11),))
    assert not said(first, sent, booked)
    assert set(said(first, sent, late)) == {"never_produced", "duplicate"}


def test_a_second_place_is_one_until_the_first_says_that_they_left() -> None:
    """An issue recorded ten minutes behind the receipt explains it, and so does one that is reported late."""
    there = movement("receive", "5 item", site="S3", when="day 2 10:00", serials=(run(1, 5),))
    left = movement("issue", "5 item", site="S2", when="day 2 10:10", serials=(run(1, 5),))
    before = movement("issue", "5 item", site="S2", when="day 2 09:00", serials=(run(1, 5),))
    two = said(MADE, SENT, GOT, there)["two_places"]
    assert two.status is Status.OPEN
    assert (two.claim.numbers["others"], two.claim.informed_areas) == ("S2", ("350111",))
    assert [ref.id for ref in two.claim.refs] == [GOT.id, there.id]
    assert not said(MADE, SENT, GOT, there, left)
    assert not said(MADE, SENT, GOT, there, before)
    day_after = movement("issue", "5 item", site="S2", when="day 3 10:10", serials=(run(1, 5),))
    assert {f.claim.site for f in watch(History(rule="B10", key=BLOCK, facts=(MADE, SENT, GOT, there, day_after),
                                                now=at("day 9 00:00")))} == {"S2", "S3"}  # fmt: skip


def test_a_count_that_shows_what_is_elsewhere_or_ended() -> None:
    """Every day's count shows it again: that is one matter, cited once."""
    counts = tuple(count("5 item", site="S3", when=f"day {day} 18:00", serials=(run(1, 5),)) for day in (3, 4, 5))
    (found,) = said(MADE, SENT, GOT, *counts).values()
    assert (found.claim.numbers["reason"], found.claim.numbers["operation"]) == ("two_places", "count")
    assert found.claim.ref_count == 2
    used = movement("consume", "1 item", site="S2", when="day 2 08:00", serials=(run(1),))
    assert set(said(MADE, SENT, GOT, used, *counts)) == {"two_places", "after_end"}


def test_what_was_lost_and_turns_up_elsewhere_is_after_its_end() -> None:
    """Found at its own place it is let be; so is an approved adjustment, which also puts a matter right."""
    lost = movement("declare_loss", "1 item", site="S2", when="day 2 08:00", serials=(run(1),))
    here = movement("return", "1 item", site="S2", when="day 4 08:00", serials=(run(1),))
    there = movement("receive", "1 item", site="S3", when="day 4 08:00", serials=(run(1),))
    mended = movement("adjust", "1 item", site="S3", when="day 6 08:00", direction="out", serials=(run(1),))
    assert not said(MADE, SENT, GOT, lost, here)
    assert said(MADE, SENT, GOT, lost, there)["after_end"].status is Status.OPEN
    closed = said(MADE, SENT, GOT, lost, there, mended)["after_end"]
    assert (closed.status, closed.claim.until) == (Status.CLOSED, mended.at)


def test_a_gap_may_be_filled_for_some_days_and_a_new_series_is_none() -> None:
    """Production out of order, and a second line with numbers of its own, are in order."""
    on = movement("produce", "99 item", when="day 1 12:00", serials=(run(102, 200),))
    fills = movement("produce", "1 item", when="day 3 12:00", serials=(run(101),))
    series = movement("produce", "10 item", when="day 1 13:00", serials=(run(5_000, 5_009),))
    assert said(MADE, on)["gap"].claim.numbers["serials"] == "101"
    assert not said(MADE, on, now="day 4 00:00")
    assert not said(MADE, on, fills)
    assert not said(MADE, series)
    late = movement("produce", "1 item", when="day 8 12:00", serials=(run(101),))
    assert said(MADE, on, late)["gap"].claim.until == late.at


def test_a_correction_takes_it_back() -> None:
    """The number was mistyped: said right, nothing stands."""
    wrong = movement("receive", "1 item", site="S3", when="day 2 08:00", serials=(run(5),))
    right = replace(wrong, version=2, body=movement("receive", "1 item", site="S3", when="day 2 08:00").body)
    bench = Bench(History(rule="B10", key=BLOCK, facts=(), now=0))
    for fact in (MADE, SENT, GOT, wrong):
        bench.put(fact)
    bench.look(at("day 3 08:00"))
    assert [finding.status for finding in bench.standing()] == [Status.OPEN]
    bench.put(right)
    bench.look(at("day 3 09:00"))
    assert not bench.standing()
    assert bench.told[-1].status is Status.WITHDRAWN


def test_a_matter_that_nobody_puts_right_is_let_be_some_day() -> None:
    """A state that is bounded: ninety days from when it was said."""
    twice = movement("produce", "1 item", when="day 3 08:00", serials=(run(5),))
    found = said(MADE, twice, now="day 200 00:00")["duplicate"]
    assert (found.status, found.claim.until) == (Status.CLOSED, at("day 94 00:30"))


def test_an_issue_is_not_made_twice() -> None:
    """Sold once and sold again without having come back; to a shift it may go every day."""
    again = movement("issue", "1 item", when="day 2 10:00", outside="X", serials=(run(60),))
    assert said(MADE, SENT, again)["duplicate"].claim.numbers["serials"] == "60"
    out = [movement("issue", "1 item", when=f"day {day} 08:00", shift="A", serials=(run(60),)) for day in (1, 2, 3)]
    assert not said(MADE, *out)


def test_the_number_that_is_not_counted_is_named() -> None:
    """From the first count that lacks it to the one that has it; another number in its place is no excuse."""
    (found,) = watch(history_of_a_book())
    assert found.claim.numbers == {"reason": "not_counted", "serials": "M1/T1 5", "total": 1}
    assert (found.claim.since, found.claim.until) == (at("day 2 18:00"), at("day 4 18:00"))


def test_a_count_that_does_not_list_everything_says_nothing() -> None:
    """Nor does one at a book from which something went without its number."""
    told = history_of_a_book()
    opened = told.facts[0]
    part = count("5 item", goods="GUN", when="day 2 18:00", serials=(run(1, 3),))
    unlisted = movement("issue", "1 item", goods="GUN", when="day 2 08:00", outside="X")
    after = count("4 item", goods="GUN", when="day 2 18:00", serials=(run(1, 4),))
    listed = movement("issue", "1 item", goods="GUN", when="day 2 08:00", outside="X", serials=(run(5),))
    assert not watch(replace(told, facts=(opened, part)))
    assert not watch(replace(told, facts=(opened, unlisted, after, replace(after, id="b", at=at("day 3 18:00")))))
    assert not watch(replace(told, facts=(opened, listed, after)))
    (found,) = watch(replace(told, facts=(opened, after)))
    assert found.claim.numbers["serials"] == "M1/T1 5"


def test_a_gap_is_up_to_twenty_numbers_in_a_row_and_more_are_another_series() -> None:
    """Twenty left out are missed, twenty-one are let be; an old gap is not told again by what is made behind it."""
    for first, numbers in ((121, "101-120"), (122, None)):
        on = movement("produce", "10 item", when="day 1 12:00", serials=(run(first, first + 9),))
        found = said(MADE, on)
        assert (found["gap"].claim.numbers["serials"] if found else None) == numbers, first
    on = movement("produce", "10 item", when="day 1 12:00", serials=(run(121, 130),))
    more = movement("produce", "10 item", when="day 9 12:00", serials=(run(131, 140),))
    assert said(MADE, on, more, now="day 20 00:00")["gap"].claim.ref_count == 1


def test_two_records_of_one_handover_may_stand_in_the_wrong_order_by_twelve_hours() -> None:
    """To the second; then the same numbers are in two places, or made twice."""
    for when, found in (("day 2 02:00", set()), ("day 2 02:00:01", {"two_places"})):
        seen = count("5 item", site="S3", when=when, serials=(run(1, 5),))
        assert set(said(MADE, SENT, GOT, seen)) == found, when
    there = movement("receive", "5 item", site="S3", when="day 2 10:00", serials=(run(1, 5),))
    for when, found in (("day 2 22:00", set()), ("day 2 22:00:01", {"two_places"})):
        left = movement("issue", "5 item", site="S2", when=when, serials=(run(1, 5),))
        closed = watch(History(rule="B10", key=BLOCK, facts=(MADE, SENT, GOT, there, left), now=at("day 9 00:00")))
        assert {f.claim.numbers["reason"] for f in closed if f.claim.site == "S3"} == found, when


def test_as_many_must_have_been_made_as_policy_asks() -> None:
    """A maker that reported exactly so many reports its production; one fewer, and nothing is expected of it."""
    new = movement("receive", "2 item", site="S3", when="day 2 08:00", serials=(run(600, 601),))
    assert set(said(MADE, new, least_produced=100)) == {"never_produced"}
    assert not said(MADE, new, least_produced=101)


def test_the_sentence_says_where_they_were_before_and_when_it_was_put_right() -> None:
    """What nobody said before is not made up; another place is named, its own is named where there is no other."""
    rule = detector_of("B10", "serial")
    there = movement("receive", "5 item", site="S3", when="day 2 10:00", serials=(run(1, 5),))
    twice = movement("produce", "1 item", when="day 3 08:00", serials=(run(99),))
    strange = movement("receive", "1 item", site="S3", when="day 4 09:00", serials=(run(900),))
    found = said(MADE, SENT, GOT, there, twice, strange)
    assert "reported at S2 (" in rule.explain(found["two_places"], "en")
    assert "此前记录在 S2（" in rule.explain(found["two_places"], "zh")
    assert "reported at S1 (" in rule.explain(found["duplicate"], "en")
    assert "；此前记录（" in rule.explain(found["duplicate"], "zh")
    assert "Before" not in rule.explain(found["never_produced"], "en")
    assert "此前" not in rule.explain(found["never_produced"], "zh")
    shelf, told = detector_of("B10", "book"), history_of_a_book()
    (ended,), (stands,) = watch(told), watch(replace(told, facts=told.facts[:3], now=at("day 3 00:30")))
    assert "It ended at" in shelf.explain(ended, "en")
    assert "已了结" in shelf.explain(ended, "zh")
    assert "It ended" not in shelf.explain(stands, "en")
    assert "已了结" not in shelf.explain(stands, "zh")


def test_of_too_many_open_matters_the_oldest_is_closed() -> None:
    """State is bounded: eight stand for one block, the ninth closes the first, at its own instant."""
    sites = [f"S{number}" for number in range(20, 29)]
    facts = tuple(
        movement("receive", "1 item", site=site, when=f"day {nth} 08:00", serials=(run(900 + nth),))
        for nth, site in enumerate(sites, 2)
    )
    found = watch(History(rule="B10", key=BLOCK, facts=(MADE, *facts), now=at("day 30 00:00")))
    assert [finding.claim.site for finding in found if finding.claim.until is None] == sites[1:]
    assert [finding.claim.until for finding in found if finding.claim.site == "S20"] == [facts[-1].at]
    assert len(watch(History(rule="B10", key=BLOCK, facts=(MADE, *facts[:8]), now=at("day 30 00:00")))) == 8
