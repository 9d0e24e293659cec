"""E7: a unit's strange day is said when it is over; no model, no history or an ordinary day: nothing."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from random import Random

import pytest
from msgspec.structs import replace

from detectors.claim import Finding, Status
from events.registry import Category, ModelEntry, UnitEntry
from ledger.fact import Fact
from models.artefact import Model, assemble
from models.baseline import EVERYBODY
from models.fit import Growth, fit
from models.fit import History as Clean
from models.unit_day import UnitDay, observe
from tests.detector_kit import Bench, History, at, detector_of, movement, register, watch

IN_FORCE = (register(ModelEntry(digest="tiny", category=Category.EXPLOSIVES)),)


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
