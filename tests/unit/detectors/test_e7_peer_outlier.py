"""E7: a unit's strange day is said when it is over; no model, no history or an ordinary day: nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from functools import cache
from random import Random

import pytest
from msgspec.structs import replace

from detectors.cause import entry_news
from detectors.claim import Finding, Status
from events.registry import CalendarEntry, Category, ModelEntry, UnitEntry
from events.time import civil_day
from ledger.fact import Fact
from ledger.reference import Registered
from models.artefact import Model, assemble
from models.baseline import EVERYBODY
from models.fit import Growth, fit
from models.fit import History as Clean
from models.unit_day import UnitDay, observe
from tests.detector_kit import Bench, History, at, detector_of, movement, register, watch

IN_FORCE = (register(ModelEntry(digest="tiny", category=Category.EXPLOSIVES)),)
SPRING = register(
    CalendarEntry(year=2026, holidays=tuple(date(2026, 2, 15) + timedelta(nth) for nth in range(9))),
    valid_from="day -400 00:00",
)
"""Nine days off from day -77 on: the run-up of 45 days begins on day -122."""


@cache
def tiny(digest: str) -> Model:
    """A forest on twenty units that take in and use some dozens of items a day; seed 7."""
    assert digest == "tiny"
    chance = Random(7)
    histories = []
    for unit in range(20):
        days = []
        for number in range(20_000, 20_028):
            day = UnitDay(number)
            for direction, hour in (("in", 9), ("out", 14)):
                amount = chance.randint(40, 60)
                day = observe(
                    day, direction="in" if direction == "in" else "out", quantity=amount, hour=hour,
                    counterparty="U2", corrected=False, late=False,
                )  # fmt: skip
            days.append(day)
        histories.append(Clean(unit=f"C{unit}", segment=EVERYBODY, days=tuple(days)))
    return assemble(fit(histories, window=(0, 1), growth=Growth(seed=7, trees=50, psi=128)))


def usual(day: int) -> tuple[Fact, ...]:
    """In at nine, out at two, some fifty items."""
    return (
        movement("receive", f"{47 + day % 5} item", when=f"day {day} 09:00", counterparty_unit="U2"),
        movement("issue", f"{45 + day % 7} item", when=f"day {day} 14:00", counterparty_unit="U2"),
    )


def strange(day: int) -> tuple[Fact, ...]:
    """A night's dozen of large issues to strangers."""
    return tuple(
        movement("issue", "3000 item", when=f"day {day} 23:{10 + n}", outside=f"stranger {n}") for n in range(12)
    )


def of(*facts: Fact, now: str, **parameters: float) -> History:
    return History(
        "E7", "unit:U1", facts, at(now), world=IN_FORCE, parameters=dict(parameters), models=tiny,
    )  # fmt: skip


def days(*ordinary: int, odd: tuple[int, ...] = ()) -> list[Fact]:
    """The movements of the days named, in order."""
    return [fact for day in sorted((*ordinary, *odd)) for fact in (strange(day) if day in odd else usual(day))]


def found(*facts: Fact, now: str, **parameters: float) -> list[Finding]:
    return watch(of(*facts, now=now, **parameters))


def history() -> History:
    """Seventeen ordinary days, a strange one, two ordinary ones."""
    return of(*days(*range(-8, 9), 10, 11, odd=(9,)), now="day 20 00:00")


def test_a_strange_day_is_one_finding_with_what_made_it_so() -> None:
    """Score above threshold, three features, when the day is over; closed by the ordinary day after it."""
    (finding,) = watch(history())
    claim = finding.claim
    assert finding.status is Status.CLOSED
    assert claim.anchor == "U1/explosives/count/2026-05-12"
    assert (claim.since, claim.until) == (at("day 9 00:00"), at("day 10 00:00"))
    assert claim.speaks_at == at("day 10 00:30")
    assert float(claim.numbers["score"]) > float(claim.numbers["threshold"])
    assert (claim.numbers["events"], claim.numbers["days"], claim.ref_count) == (12, 1, 12)
    assert {"feature_1", "feature_2", "feature_3", "adds_3"} <= set(claim.numbers)
    assert (claim.area, claim.unit, claim.category) == ("350102", "U1", "explosives")


def test_ordinary_days_are_silent() -> None:
    """Three weeks of fifty in and fifty out."""
    assert not found(*days(*range(1, 22)), now="day 25 00:00")


def test_it_is_said_when_the_day_is_over_though_nothing_comes_any_more() -> None:
    """Time alone ends the day, and later the run."""
    facts = days(*range(-8, 9), odd=(9,))
    assert not found(*facts, now="day 10 00:29")
    (finding,) = found(*facts, now="day 10 00:30")
    assert finding.status is Status.OPEN
    (finding,) = found(*facts, now="day 20 00:00")
    assert finding.claim.until == at("day 10 00:00")


def test_neighbouring_strange_days_are_one_finding_over_idle_days_only() -> None:
    """Friday and Monday belong together; an ordinary day between makes two."""
    (finding,) = found(*days(*range(-8, 9), odd=(9, 10, 12)), now="day 30 00:00")
    assert (finding.claim.numbers["days"], finding.claim.until) == (3, at("day 13 00:00"))
    assert finding.claim.ref_count == 36
    assert len(found(*days(*range(-8, 9), 10, odd=(9, 11)), now="day 30 00:00")) == 2
    assert len(found(*days(*range(-8, 9), odd=(9, 14)), now="day 30 00:00")) == 2


@pytest.mark.parametrize("before", [(), (-10, -9, 1, 4), range(-8, 5)])
def test_nothing_is_said_while_the_unit_is_warming_up(before: Sequence[int]) -> None:
    """None, never 0: too few days of its own, or all of them within two weeks."""
    assert not found(*days(*before, odd=(5,)), now="day 20 00:00")
    assert found(*days(-9, *range(-7, 5), odd=(5,)), now="day 20 00:00")


def test_without_a_model_in_force_nothing_is_said() -> None:
    """None in force, one for another category, or one that comes into force later."""
    told = history()
    assert not watch(replace(told, world=()))
    other = (register(ModelEntry(digest="tiny", category=Category.CHEMICALS)),)
    assert not watch(replace(told, world=other))
    later = (register(ModelEntry(digest="tiny", category=Category.EXPLOSIVES), valid_from="day 10 00:00"),)
    assert not watch(replace(told, world=later))


def test_a_late_ordinary_correction_takes_it_back() -> None:
    """The twelve night issues were typed wrong: voided within the week, nothing stands (law 3)."""
    told = history()
    bench = Bench(told)
    for fact in told.facts:
        bench.put(fact)
    bench.look(at("day 12 00:00"))
    assert bench.standing()
    for fact in strange(9):
        bench.put(replace(fact, version=2, body=None))
    for fact in usual(9):
        bench.put(fact)
    bench.look(at("day 12 01:00"))
    assert not bench.standing()


def test_what_a_partner_reports_is_not_the_unit_s_day() -> None:
    """Movements of others that name the unit count for them, not for it."""
    foreign = [
        movement("issue", "3000 item", site="S2", when=f"day 9 23:{10 + n}", counterparty_unit="U1")
        for n in range(12)
    ]
    assert not found(*days(*range(-8, 9), 10), *foreign, now="day 20 00:00")


def test_measures_and_categories_keep_days_of_their_own() -> None:
    """Litres never add to items; a category without a model says nothing."""
    bulk = [
        movement("issue", "9000 L", goods="ACE", when=f"day {n} 10:00", counterparty_unit="U2")
        for n in range(1, 12)
    ]
    (finding,) = found(*days(*range(-8, 9), 10, odd=(9,)), *bulk, now="day 20 00:00")
    assert finding.claim == watch(history())[0].claim


def test_the_unit_s_registered_county_handles() -> None:
    """The place is where the unit is registered, wherever its sites are."""
    told = replace(history(), reference=(register(UnitEntry(name="甲", area="350302"), unit="U1"),))
    (finding,) = watch(told)
    assert finding.claim.area == "350302"


def test_the_model_in_force_at_a_days_end_judges_it() -> None:
    """One that is published that evening does; from the next midnight on it does not."""
    for since, said in (("day 9 23:59", 1), ("day 10 00:00", 0)):
        model = register(ModelEntry(digest="tiny", category=Category.EXPLOSIVES), valid_from=since)
        assert len(watch(replace(history(), world=(model,)))) == said


def test_the_sentence_gives_each_of_the_three_reasons_with_what_is_usual() -> None:
    """So that an officer knows what to look at first."""
    (finding,) = watch(history())
    n = finding.claim.numbers
    for lang in ("zh", "en"):
        said = detector_of("E7", "unit").explain(finding, lang)
        for number in (1, 2, 3):
            value, usual = (f"{float(n[f'{name}_{number}']):.3g}" for name in ("value", "usual"))
            assert f"{value} (usually {usual})" in said or f"{value}(通常 {usual})" in said


def busy(day: int, times: int = 5, hour: int = 9) -> tuple[Fact, ...]:
    """So many times the usual entries and quantity, in the usual hours."""
    return tuple(
        movement(
            operation, f"{44 + (day + nth) % 9} item", when=f"day {day} {hour + (nth > times):02}:{10 + nth:02}",
            counterparty_unit="U2",
        )
        for operation in ("receive", "issue")
        for nth in range(times)
    )  # fmt: skip


def in_winter(*odd: Fact, terms: dict[str, float], calendars: tuple[Registered, ...] = (SPRING,)) -> History:
    """Three ordinary weeks before the first odd fact, whenever that is."""
    begins = min(civil_day(fact.at) for fact in odd) - civil_day(at("day 1 00:00")) + 1
    facts = (*days(*range(begins - 21, begins)), *odd)
    in_force = (register(ModelEntry(digest="tiny", category=Category.EXPLOSIVES), valid_from="day -400 00:00"),)
    told = of(*facts, now=f"day {begins + 30} 00:00", **terms)
    return replace(told, world=(*in_force, *calendars))


LAX = {"alarms_per_week": 60.0}
"""Three times its usual is above the limit that this sets."""
FESTIVE = {**LAX, "festival_factor": 8.0, "festival_days": 45, "after_festival": 30, "days_off_factor": 1.0}
REST = {"festival_factor": 1.0, "days_off_factor": 4.0, "before_days_off": 5, "after_days_off": 10}
NONE = {**LAX, "festival_factor": 1.0, "days_off_factor": 1.0}


def test_a_run_up_to_the_spring_festival_is_no_wonder_and_the_same_jump_in_july_is() -> None:
    """Five times the usual on day after day."""
    run_up = [fact for day in range(-100, -95) for fact in busy(day)]
    assert watch(in_winter(*run_up, terms=NONE))
    assert not watch(in_winter(*run_up, terms=FESTIVE))
    july = watch(in_winter(*(fact for day in range(60, 65) for fact in busy(day)), terms=FESTIVE))
    assert july
    assert july[0].claim.numbers.keys().isdisjoint({"season_factor", "times_usual"})


def test_more_than_the_season_allows_is_judged_as_it_is_and_says_what_was_allowed() -> None:
    """Eight times may be, ten may not."""
    assert not watch(in_winter(*busy(-101, 7), terms=FESTIVE))
    (finding,) = watch(in_winter(*busy(-101, 10), terms=FESTIVE))
    numbers = finding.claim.numbers
    assert (numbers["season_factor"], numbers["season_by"]) == (8.0, "calendar")
    assert float(numbers["times_usual"]) > 8.0
    assert float(numbers["score"]) > float(numbers["threshold"]) >= float(numbers["score_even"])


def test_a_night_in_the_run_up_stays_strange() -> None:
    """What a season takes off is how much: strangers at eleven at night are told of, whatever is allowed."""
    (finding,) = watch(in_winter(*strange(-101), terms={**FESTIVE, "festival_factor": 500.0}))
    assert float(finding.claim.numbers["score_even"]) > float(finding.claim.numbers["threshold"])


def test_days_after_a_rest_go_by_what_a_rest_allows() -> None:
    """Three times the usual on the second day back; three weeks later it is strange again."""
    assert watch(in_winter(*busy(-66, 3), terms=NONE))
    assert not watch(in_winter(*busy(-66, 3), terms={**LAX, **REST}))
    assert watch(in_winter(*busy(-52, 3), terms={**LAX, **REST}))


def test_without_a_calendar_any_day_that_the_festival_can_have_counts() -> None:
    """22 January is in the run-up of any festival; the evidence says by what."""
    assert not watch(in_winter(*busy(-101, 5), calendars=(), terms=FESTIVE))
    (finding,) = watch(in_winter(*busy(-101, 10), calendars=(), terms=FESTIVE))
    assert finding.claim.numbers["season_by"] == "any_date"


def test_a_calendar_says_which_days_are_the_festival_s() -> None:
    """18 December is in the run-up of a festival as early as can be, not in that of 15 February."""
    assert not watch(in_winter(*busy(-136, 5), calendars=(), terms=FESTIVE))
    assert watch(in_winter(*busy(-136, 5), terms=FESTIVE))


def test_a_calendar_that_comes_late_takes_back_what_it_explains() -> None:
    """Told on the next day; the calendar with the nine days off comes a day later, and is what took it back."""
    soon = replace(in_winter(*busy(-66, 3), calendars=(), terms={**LAX, **REST}), now=at("day -64 00:00"))
    bench = Bench(soon)
    for fact in soon.facts:
        bench.put(fact)
    bench.look(soon.now)
    assert bench.standing()
    bench.view.world.reference.put(SPRING)
    bench.subject.unfold()
    bench.subject.news.append(entry_news(SPRING, None))
    bench.look(at("day -63 00:00"))
    assert not bench.standing()
    cause = bench.told[-1].withdrawn_by
    assert cause is not None
    assert cause.id == SPRING.id
