"""B16: a source elsewhere than its paper says, not there at the count, or not as active as it should be."""

from __future__ import annotations

from datetime import date

from msgspec.structs import replace

from detectors.claim import Finding, Status
from events.quantity import Quantity
from events.registry import Origin, SourceEntry
from events.time import DAY, moment
from ledger.fact import Fact
from ledger.reference import Registered
from tests.detector_kit import GOODS, Bench, History, at, count, detector_of, movement, register, watch
from tests.detector_words import run

BLOCK = "serial:M1/T1/0"
TBQ = 10**12
SHORT_LIVED = register(
    replace(GOODS["IR192"], half_life_s=100.0 * 86_400), valid_from="day -100 00:00", id="half-life"
)  # fmt: skip


def paper(serial: int, site: str = "S1", **dates: str) -> Registered:
    """A source's entry: one TBq as measured on day 1."""
    entry = SourceEntry(
        maker="M1", model="T1", serial=serial, goods="IR192", site=site, activity=Quantity("1", "TBq"),
        measured_at=moment(at("day 1 00:00")),
    )  # fmt: skip
    return register(entry, unit="U1", **dates)  # type: ignore[arg-type]  # dates by name


def seen(serial: int, site: str, when: str, **fields: int) -> Fact:
    """One source is counted."""
    return count("1 item", site=site, goods="IR192", when=when, serials=(run(serial),), **fields)  # type: ignore[arg-type]


def history() -> History:
    """One source is counted elsewhere, one taken in elsewhere and not registered anew, one is far too weak."""
    return History(
        rule="B16",
        key=BLOCK,
        facts=(
            movement("receive", "1 item", site="S2", goods="IR192", when="day 2 08:00", serials=(run(2),)),
            seen(1, "S2", "day 2 18:00"),
            seen(3, "S1", "day 3 18:00", activity=TBQ // 2),
            seen(1, "S1", "day 5 18:00"),
            seen(3, "S1", "day 60 18:00", activity=TBQ * 66 // 100),
        ),
        reference=(paper(1), paper(2), paper(3)),
        world=(SHORT_LIVED,),
        now=at("day 61 00:00"),
    )


def history_of_a_book() -> History:
    """Two sources are registered here, and one of them is not counted until it is found."""
    return History(
        rule="B16",
        key="book:S1/IR192",
        facts=(
            movement("open", "2 item", goods="IR192", when="day 1 08:00", serials=(run(1, 2),)),
            count("2 item", goods="IR192", when="day 1 18:00", serials=(run(1, 2),)),
            count("1 item", goods="IR192", when="day 2 18:00", serials=(run(1),)),
            count("2 item", goods="IR192", when="day 3 18:00", serials=(run(1), run(9))),
            count("2 item", goods="IR192", when="day 4 18:00", serials=(run(1, 2),)),
        ),
        reference=(paper(1), paper(2), paper(7, "S2")),
        now=at("day 6 00:00"),
    )


def by_source(findings: list[Finding]) -> dict[str, Finding]:
    """Findings by the source's number."""
    return {str(finding.claim.numbers["serial"]): finding for finding in findings}


def test_each_source_astray_is_a_matter_of_its_own() -> None:
    """Counted elsewhere: from the end of that day, until it is counted at home. Taken in: twenty days later."""
    found = by_source(watch(history()))
    assert {name: (one.claim.numbers["reason"], one.claim.site, one.status) for name, one in found.items()} == {
        "1": ("elsewhere", "S2", Status.CLOSED),
        "2": ("elsewhere", "S2", Status.OPEN),
        "3": ("activity", "S1", Status.CLOSED),
    }
    assert found["1"].claim.until == at("day 5 18:00")
    assert (found["1"].claim.speaks_at, found["2"].claim.speaks_at) == (at("day 3 00:30"), at("day 23 00:30"))


def test_a_source_is_registered_anew_within_twenty_days_or_too_late() -> None:
    """In time nothing is said; on the twenty-fifth day the matter ends then."""
    came = movement("receive", "1 item", site="S2", goods="IR192", when="day 2 08:00", serials=(run(2),))
    told = replace(history(), facts=(came, seen(2, "S2", "day 2 18:00"), seen(2, "S2", "day 30 18:00")))
    in_time = paper(2, "S2", valid_from="day 20 00:00")
    late = paper(2, "S2", valid_from="day 26 00:00")
    assert not watch(replace(told, reference=(paper(2), in_time)))
    (found,) = watch(replace(told, reference=(paper(2), late)))
    assert found.claim.until == at("day 26 00:00")
    (open_,) = watch(replace(told, reference=(paper(2),)))
    assert open_.status is Status.OPEN


def test_an_entry_that_reaches_back_takes_it_back() -> None:
    """Filed on the twenty-fourth day as from the day that it came."""
    came = movement("receive", "1 item", site="S2", goods="IR192", when="day 18 08:00", serials=(run(2),))
    bench = Bench(replace(history(), facts=(), reference=(paper(2),), parameters={"register_days": 2.0}))
    bench.put(came)
    bench.look(at("day 22 00:00"))
    assert [one.status for one in bench.standing()] == [Status.OPEN]
    bench.enter(replace(paper(2, "S2", valid_from="day 18 08:00"), heard_at=at("day 22 10:00")))
    bench.look(at("day 22 12:00"))
    assert not bench.standing()


def test_work_in_the_field_and_what_nobody_registered_is_let_be() -> None:
    """Out with a shift and back; a source without a paper; one whose paper is of another number."""
    out = movement("issue", "1 item", goods="IR192", when="day 2 08:00", shift="A", serials=(run(1),))
    back = movement("return", "1 item", goods="IR192", when="day 2 20:00", shift="A", serials=(run(1),))
    assert not watch(replace(history(), facts=(out, back, seen(1, "S1", "day 2 21:00"))))
    assert not watch(replace(history(), facts=(seen(9, "S3", "day 2 18:00"),)))


def test_decay_is_not_a_loss() -> None:
    """Half after a half-life, within a fifth either way; the boundary itself is in order."""
    half = TBQ // 2
    measured = {half: False, half * 12 // 10: False, half * 8 // 10: False, half * 79 // 100: True, TBQ: True}
    for activity, wrong in measured.items():
        once = seen(3, "S1", "day 101 00:00", activity=activity)
        told = replace(history(), facts=(once,), now=at("day 103 00:00"))
        assert bool(watch(told)) is wrong, activity
    unknown = replace(history(), facts=(seen(3, "S1", "day 101 00:00", activity=1),), world=())
    assert not watch(replace(unknown, now=at("day 103 00:00")))


def test_it_cites_the_list_that_the_half_life_is_from() -> None:
    """Of a source that is not as active as it should be; without an origin nothing is cited."""
    origin = Origin("ICRP 107", date(2026, 11, 26), verified=True)
    listed = register(
        replace(GOODS["IR192"], half_life_s=100.0 * 86_400, origin=origin),
        valid_from="day -100 00:00",
        id="half-life",
    )
    weak = (seen(3, "S1", "day 3 18:00", activity=TBQ // 2),)
    cited = {
        finding.claim.numbers.get("by_list")
        for world in (SHORT_LIVED, listed)
        for finding in watch(replace(history(), facts=weak, world=(world,)))
    }
    assert cited == {None, "ICRP 107 (2026-11-26, 已核对原文 verified)"}


def test_several_sources_measured_together_say_nothing() -> None:
    """Nor does a reading that was estimated."""
    two = count("2 item", goods="IR192", when="day 2 18:00", serials=(run(2, 3),), activity=1)
    guessed = count("1 item", goods="IR192", when="day 2 18:00", serials=(run(3),), activity=1, estimated=True)
    assert not watch(replace(history(), facts=(two,)))
    assert not watch(replace(history(), facts=(guessed,)))


def test_the_source_that_is_not_counted_is_named() -> None:
    """A foreign number in its place is no excuse; the count that has it again ends the matter."""
    (found,) = watch(history_of_a_book())
    assert (found.claim.numbers["serials"], found.claim.numbers["total"]) == ("M1/T1/2", 1)
    assert (found.claim.since, found.claim.until) == (at("day 2 18:00"), at("day 4 18:00"))


def test_what_went_out_with_its_number_is_not_missed() -> None:
    """On loan, with a shift over night, or handed on; out without its number, the book says fewer."""
    told = history_of_a_book()
    opened, less = told.facts[0], told.facts[2]
    for fields in ({"shift": "A"}, {"outside": "calibration"}):
        out = movement("issue", "1 item", goods="IR192", when="day 2 08:00", serials=(run(2),), **fields)  # type: ignore[arg-type]
        assert not watch(replace(told, facts=(opened, out, less)))
    unlisted = movement("issue", "1 item", goods="IR192", when="day 2 08:00", outside="X")
    assert not watch(replace(told, facts=(opened, unlisted, less)))
    part = count("2 item", goods="IR192", when="day 2 18:00", serials=(run(1),))
    assert not watch(replace(told, facts=(opened, part)))
    nothing = count("0 item", goods="IR192", when="day 2 18:00")
    (found,) = watch(replace(told, facts=(opened, nothing)))
    assert found.claim.numbers["total"] == 2


def test_a_source_moved_on_paper_is_looked_for_where_it_belongs() -> None:
    """From the day of the new entry on the old site is not asked for it."""
    moved = paper(2, "S2", valid_from="day 2 00:00")
    told = history_of_a_book()
    assert not watch(replace(told, facts=told.facts[:3], reference=(*told.reference, moved)))
    assert at("day 2 00:00") < told.facts[2].at < at("day 2 00:00") + DAY


def test_what_was_taken_in_rightly_and_assigned_elsewhere_later_has_its_twenty_days() -> None:
    """A count shows it where it should not be: the days run from when it came, and not where it never came."""
    papers = (paper(2, "S2"), paper(2, "S1", valid_from="day 3 00:00"))
    came = movement("receive", "1 item", site="S2", goods="IR192", when="day 2 08:00", serials=(run(2),))
    told = replace(history(), reference=papers)
    (found,) = watch(replace(told, facts=(came, seen(2, "S2", "day 4 18:00"))))
    assert (found.claim.since, found.claim.speaks_at) == (at("day 4 18:00"), at("day 23 00:30"))
    (unheard,) = watch(replace(told, facts=(seen(2, "S2", "day 4 18:00"),)))
    assert unheard.claim.speaks_at == at("day 5 00:30")


def test_the_same_source_missed_again_is_nothing_new_and_another_one_is() -> None:
    """Cited are the counts that tell something."""
    told = history_of_a_book()
    again = replace(told.facts[2], id="again", at=at("day 2 20:00"))
    (once,) = watch(replace(told, facts=(*told.facts[:3], again)))
    assert (once.claim.ref_count, once.claim.numbers["total"]) == (1, 1)
    none = count("0 item", goods="IR192", when="day 2 21:00")
    (more,) = watch(replace(told, facts=(*told.facts[:3], again, none)))
    assert (more.claim.ref_count, more.claim.numbers["total"]) == (2, 2)


def test_the_sentence_says_what_was_measured_or_where_it_belongs_and_when_it_ended() -> None:
    """Three matters, in both languages."""
    rule, shelf = detector_of("B16", "serial"), detector_of("B16", "book")
    found = by_source(watch(history()))
    assert "is registered at S1, but was at S2" in rule.explain(found["2"], "en")
    assert "登记在 S1" in rule.explain(found["2"], "zh")
    assert "measured 500000 MBq" in rule.explain(found["3"], "en")
    assert "测得 500000 MBq" in rule.explain(found["3"], "zh")
    assert "It ended at" in rule.explain(found["3"], "en")
    assert "It ended at" not in rule.explain(found["2"], "en")
    (missed,) = watch(history_of_a_book())
    assert "M1/T1/2" in shelf.explain(missed, "en")
    assert "已了结" in shelf.explain(missed, "zh")


def test_a_source_held_at_home_and_counted_elsewhere_is_said_that_evening() -> None:
    """No movement brought it there: there is nothing to be registered within twenty days."""
    home = movement("open", "1 item", site="S1", goods="IR192", when="day 1 08:00", serials=(run(2),))
    (found,) = watch(replace(history(), facts=(home, seen(2, "S2", "day 2 18:00"))))
    assert found.claim.speaks_at == at("day 3 00:30")
    came = movement("receive", "1 item", site="S2", goods="IR192", when="day 2 08:00", serials=(run(2),))
    gone = movement("issue", "1 item", site="S2", goods="IR192", when="day 2 09:00", serials=(run(2),))
    (found,) = watch(replace(history(), facts=(came, gone, seen(2, "S2", "day 2 18:00"))))
    assert found.claim.speaks_at == at("day 3 00:30")


def test_an_estimate_or_a_reading_misses_no_source() -> None:
    """Who did not look at each of them accuses nobody; who did, does."""
    told = history_of_a_book()
    opened, full = told.facts[:2]
    for short, missed in (
        (count("1 item", goods="IR192", when="day 2 18:00", serials=(run(1),)), 1),
        (count("1 item", goods="IR192", when="day 2 18:00", serials=(run(1),), estimated=True), 0),
        (count("1 Bq", goods="IR192", when="day 2 18:00", serials=(run(1),)), 0),
    ):
        assert len(watch(replace(told, facts=(opened, full, short)))) == missed


def test_a_reading_of_two_sources_together_says_nothing_of_the_first() -> None:
    """Whether it is given as activity or beside a number of pieces."""
    weak = count("1 Bq", site="S1", goods="IR192", when="day 3 18:00", serials=(run(3, 4),))
    assert not watch(replace(history(), facts=(weak,), reference=(paper(3), paper(4))))
    alone = count("1 Bq", site="S1", goods="IR192", when="day 3 18:00", serials=(run(3),))
    assert watch(replace(history(), facts=(alone,), reference=(paper(3), paper(4))))
