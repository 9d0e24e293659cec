"""B15: a week with far more destroyed, adjusted or corrected than is the unit's habit."""

from __future__ import annotations

from fractions import Fraction
from math import comb

import pytest
from msgspec.structs import replace

from detectors.b15_excess_disposal import Habit, Week, _learned, tail
from detectors.claim import Status
from events.registry import Category, UnitEntry
from events.time import parse_instant
from ledger.fact import Fact
from tests.checks.folding import fold, steps, view_of
from tests.detector_kit import Bench, History, at, detector_of, movement, register, watch


def day(number: int, operations: str, *, corrected: int = 0) -> list[Fact]:
    """One day's movements from eight on, a minute apart: ``i`` an issue, ``d`` destroyed, ``a`` adjusted."""
    names = {"i": "issue", "d": "destroy", "a": "adjust", "r": "receive"}
    made = []
    for place, letter in enumerate(operations):
        fact = movement(names[letter], "1 item", when=f"day {number} 08:{place:02}", id=f"d{number}-{place}")
        made.append(replace(fact, revision=1, version=2) if place < corrected else fact)
    return made


def weeks(number: int, operations: str = "iiiiii") -> list[Fact]:
    """So many weeks before week 5 (days 29 to 35), five days each."""
    return [fact for week in range(5 - number, 5) for n in range(5) for fact in day(7 * week - 6 + n, operations)]


def history() -> History:
    """Four weeks of thirty issues, then a week of thirty movements of which nine are destroyed."""
    return History(
        rule="B15",
        key="unit:U1",
        facts=(*weeks(4), *day(29, "iiiiiiiddd"), *day(30, "iiiiiiiddd"), *day(31, "iiiiiiiddd"), *day(36, "ii")),
        now=at("day 52 00:00"),
    )


def told(*facts: Fact, **changes: object) -> History:
    """Other facts."""
    return replace(history(), facts=facts, **changes)


def test_a_week_beyond_all_habit_is_claimed_once_it_is_over() -> None:
    """Nine of thirty, where two of a hundred were supposed and none of 120 seen: 2/220 is usual."""
    (finding,) = watch(history())
    claim = finding.claim
    assert (claim.since, claim.until, finding.status) == (at("day 29 00:00"), at("day 36 00:00"), Status.CLOSED)
    assert claim.speaks_at == at("day 36 00:30")
    assert claim.numbers["chance"] == pytest.approx(tail(9, 30, like=2.0, unlike=218.0), rel=1e-2)
    names = ("week", "events", "excess_events", "destroyed", "usual_share")
    assert {name: claim.numbers[name] for name in names} == {
        "week": "2026-06-01", "events": 30, "excess_events": 9, "destroyed": 9, "usual_share": round(2 / 220, 6),
    }  # fmt: skip
    assert (claim.unit, claim.area, claim.category) == ("U1", "350102", Category.EXPLOSIVES)
    assert claim.refs[0].id == history().facts[127].id
    assert claim.ref_count == len(claim.refs) == 9


def test_the_tail_is_that_of_the_beta_binomial_distribution() -> None:
    """Held against exact fractions of whole earlier events."""

    def exactly(found: int, of: int, like: int, unlike: int) -> Fraction:
        def rising(start: int, times: int) -> int:
            product = 1
            for step in range(times):
                product *= start + step
            return product

        whole = rising(like + unlike, of)
        return sum(
            (Fraction(comb(of, k) * rising(like, k) * rising(unlike, of - k), whole) for k in range(found, of + 1)),
            Fraction(0),
        )

    for found, of, like, unlike in (
        (1, 1, 1, 1),
        (9, 30, 2, 218),
        (3, 40, 5, 95),
        (40, 40, 3, 7),
        (1, 900, 1, 999),
    ):
        near = pytest.approx(float(exactly(found, of, like, unlike)), rel=1e-9)
        assert tail(found, of, like=like, unlike=unlike) == near
    assert tail(0, 9, like=1, unlike=1) == 1.0
    assert tail(90, 900, like=1e6, unlike=9e6) == pytest.approx(0.5, abs=0.03)
    assert tail(1, 3000, like=2.0, unlike=98.0) <= 1.0


def test_seven_are_too_few_and_eight_are_not() -> None:
    """The floor: a small unit's handful is let be."""
    eight = (*weeks(4), *day(29, "dddd"), *day(30, "dddd"))
    assert len(watch(told(*eight))) == 1
    assert not watch(told(*eight[:-1]))


def test_a_unit_that_always_destroys_its_waste_is_let_be() -> None:
    """The look-alike: nine of thirty, week after week."""
    usual = (*weeks(4, "iiiidd"), *history().facts[120:])
    assert not watch(told(*usual))


def test_nothing_is_said_while_the_habit_is_not_known() -> None:
    """Three weeks are none; weeks without a movement do not count."""
    assert not watch(told(*weeks(3), *history().facts[120:]))
    early = [replace(fact, at=fact.at - at("day 60 00:00") + at("day 1 00:00")) for fact in weeks(4)]
    assert len(watch(told(*early, *history().facts[120:]))) == 1


def test_corrections_and_adjustments_count_too() -> None:
    """Whatever its operation, a movement that was corrected; one that is both counts once."""
    facts = (*weeks(4), *day(29, "iiiii", corrected=5), *day(30, "aaa"), *day(31, "dd", corrected=2))
    (finding,) = watch(told(*facts))
    numbers = finding.claim.numbers
    assert (numbers["corrected"], numbers["adjusted"], numbers["destroyed"], numbers["excess_events"]) == (
        7,
        3,
        2,
        10,
    )
    named: dict[str, list[str]] = {"operations": []}
    (only,) = watch(told(*facts, *day(32, "i", corrected=1), parameters=named))
    assert only.claim.numbers["excess_events"] == 8
    assert (only.claim.numbers["destroyed"], only.claim.numbers["adjusted"]) == (0, 0)


def test_a_destruction_taken_back_withdraws_it() -> None:
    """What is voided is gone; a correction into an issue remains a corrected one."""
    bench = Bench(told(*weeks(4), *day(29, "dddd"), *day(30, "dddd")))
    for fact in bench_facts():
        bench.put(fact)
    bench.look(at("day 36 01:00"))
    assert len(bench.standing()) == 1
    bench.put(replace(day(30, "dddd")[3], version=2, revision=1, body=None))
    bench.look(at("day 36 02:00"))
    assert not bench.standing()


def bench_facts() -> list[Fact]:
    """Four weeks, and eight destroyed in the fifth."""
    return [*weeks(4), *day(29, "dddd"), *day(30, "dddd")]


def test_time_alone_says_it_when_the_week_is_over() -> None:
    """Nothing before Monday and half an hour; asked before, the week under way says nothing."""
    detector, view = detector_of("B15", "unit"), view_of(told(*bench_facts()))
    *_, last = fold(detector, list(steps(told(*bench_facts()))), view)
    assert not detector.at(last.after, at("day 36 00:00") - 1, view)
    assert len(detector.at(last.after, at("day 36 00:00"), view)) == 1
    assert list(detector.wakes(last.after, view)) == [at("day 36 00:00")]
    bench = Bench(told(*bench_facts()))
    for fact in bench_facts():
        bench.put(fact)
    bench.look(at("day 36 00:29:59"))
    assert not bench.standing()
    bench.look(at("day 36 00:30"))
    assert len(bench.standing()) == 1


def test_a_raised_week_teaches_nothing() -> None:
    """The same again is raised again, by the habit before both."""
    again = [fact for n in (36, 37, 38) for fact in day(n, "iiiiiiiddd")]
    first, second = watch(told(*history().facts[:-2], *again))
    assert first.claim.numbers["usual_share"] == second.claim.numbers["usual_share"]
    calm = [fact for n in (36, 37, 38) for fact in day(n, "iiiiiiiiii")]
    (only,) = watch(
        told(*history().facts[:120], *calm, *[fact for n in (43, 44, 45) for fact in day(n, "iiiiiiiddd")])
    )
    assert only.claim.numbers["usual_share"] == round(2 / 250, 6)


def test_only_the_units_own_reports_count() -> None:
    """What others report of it is theirs."""
    foreign = [replace(fact, body=movement("destroy", "1 item", site="S2", when="day 30 10:00").body)
               for fact in day(29, "iiiiiiiii")]  # fmt: skip
    assert not watch(told(*weeks(4), *foreign))


def test_the_units_own_county_handles_it() -> None:
    """Where it is registered; else where the first of them was."""
    home = register(UnitEntry(name="U1", area="350302"), unit="U1")
    (finding,) = watch(replace(history(), reference=(home,)))
    assert finding.claim.area == "350302"


def test_of_twenty_thousand_events_old_ones_count_half() -> None:
    """A habit of years may change."""
    full = Habit(90, 19_990, 400, Week(3_000, 20, 4))
    assert _learned(full, 3_001, raised=False) == Habit(91, 10_005, 202, Week(3_001))
    assert _learned(replace(full, events=19_980), 3_001, raised=False).events == 20_000
    assert _learned(full, 3_001, raised=True) == replace(full, week=Week(3_001))


def test_it_says_how_many_of_how_many() -> None:
    """And what is usual."""
    (finding,) = watch(history())
    said = detector_of("B15", "unit").explain(finding, "en")
    assert said.startswith(
        "In the week of 2026-06-01 9 of the 30 movements of U1 were out of the ordinary: 9 destroyed"
    )
    assert "Its usual share is 0.91%" in said
    assert finding.claim.since == parse_instant("2026-06-01T00:00:00+08:00")
    assert "合计 9 笔" in detector_of("B15", "unit").explain(finding, "zh")


def test_the_first_deed_that_counts_says_of_which_goods_the_week_is() -> None:
    """Whatever else was moved before it, or destroyed after it."""
    first = movement("destroy", "1 L", goods="ACE", when="day 29 08:30", id="first")
    rest = (fact for number in (30, 31, 32) for fact in day(number, "iiiiiiiddd"))
    facts = (*weeks(4), *day(29, "iiiiiii"), first, *rest)
    (finding,) = watch(told(*facts))
    assert finding.claim.category is Category.CHEMICALS


def test_the_county_at_the_weeks_end_is_told() -> None:
    """A unit that moves on the Sunday is the new county's matter; one that moves at midnight is not yet."""
    for since, area in (("day 35 23:59", "350111"), ("day 36 00:00", "350302")):
        entries = (
            register(UnitEntry(name="甲", area="350302", roles=("use",)), unit="U1", id="one"),
            register(UnitEntry(name="甲", area="350111", roles=("use",)), unit="U1", valid_from=since, id="two"),
        )
        (finding,) = watch(told(*history().facts, reference=entries))
        assert finding.claim.area == area
