"""Every diversion is there to be found, every look-alike is innocent, and nothing else is wrong."""

from collections import defaultdict

import pytest

from detectors.catalogue import catalogue
from events.time import DAY, hour_of_day
from simulator import Label, Simulation, known_areas, sample, simulate
from simulator.evaluate import Evaluation, evaluate
from simulator.scenarios import DIVERSIONS, LOOK_ALIKES
from tests.unit.simulator.audit import Audit, base, raised

DETECTORS = {detector.card.id for detector in catalogue()}
BY_STATISTICS = {"B12", "B15", "E1", "E2", "E5", "E7"}
"""What no arithmetic of the auditor can see; their scenarios are measured below."""


@pytest.fixture(scope="module")
def told() -> tuple[Simulation, Audit]:
    """The shipped sample, and its audit."""
    simulation = simulate(sample(known_areas()))
    return simulation, Audit(simulation.log)


@pytest.fixture(scope="module")
def outcome(told: tuple[Simulation, Audit]) -> Evaluation:
    """The auditor's faults, held against the labels as if they were warnings."""
    simulation, audit = told
    return evaluate(simulation.labels, raised(audit.faults()))


def test_every_scenario_is_staged_in_the_sample(told: tuple[Simulation, Audit]) -> None:
    """No scenario is too large for the shipped province."""
    staged = {label.scenario for label in told[0].labels}
    assert staged == {scenario.__name__ for scenario in (*DIVERSIONS, *LOOK_ALIKES)}


@pytest.mark.parametrize("kind", ["diversion", "look_alike"])
def test_every_detector_has_a_label_of_each_kind(told: tuple[Simulation, Audit], kind: str) -> None:
    """One to catch and one that must not be raised."""
    assert {name for label in told[0].labels if label.kind == kind for name in label.expected} == DETECTORS


def test_an_audit_finds_every_diversion(outcome: Evaluation) -> None:
    """What is labelled is really in the bytes."""
    missed = {score.detector: score.missed for score in outcome.scores if score.missed}
    assert missed.keys() <= BY_STATISTICS


def test_an_audit_finds_nothing_without_a_label(outcome: Evaluation) -> None:
    """What is not labelled is clean, look-alikes included."""
    assert [name for score in outcome.scores for name in score.false] == []
    assert outcome.mistaken == ()


def test_a_unit_plays_in_one_scenario(told: tuple[Simulation, Audit]) -> None:
    """What is found at a unit has one cause."""
    players: dict[str, set[str]] = defaultdict(set)
    for label in told[0].labels:
        for key in sorted(label.keys()):
            if key.startswith("unit:"):
                players[key].add(label.id)
    assert all(len(labels) == 1 for labels in players.values())


def test_a_deed_begins_within_its_label(told: tuple[Simulation, Audit]) -> None:
    """What a label covers ahead of the deed is for warnings that may come before it; the deed is in the week."""
    simulation, _ = told
    ahead = [label for label in simulation.labels if label.deed != label.begins_at]
    assert {"licence_runs_out", "certificate_ran_out", "written_off"} <= {label.scenario for label in ahead}
    for label in ahead:
        assert simulation.config.starts <= label.deed < label.ends_at, label.id
        assert label.begins_at < label.deed, label.id


def test_skimming_is_small_each_day_and_large_in_the_end(told: tuple[Simulation, Audit]) -> None:
    """At most a standard deviation of the daily balance a day; far beyond the gauge's error in all."""
    simulation, audit = told
    for label in _labels(simulation, "skimming"):
        held = [base(c.quantity) for at, c in audit.counts if (c.site, c.goods) == (label.site, label.goods)]
        days = (label.ends_at - label.begins_at) / DAY
        sigma = 2**0.5 * (0.003**2 + 0.002**2) ** 0.5 * sum(held) / len(held)
        assert label.quantity is not None
        assert 0.15 < label.quantity / days / sigma < 1.5
        assert label.quantity > 7 * sigma


def test_night_work_lies_outside_all_other_work(told: tuple[Simulation, Audit]) -> None:
    """Hours in which nobody else of the province moves anything, in sizes beyond the unit's own."""
    simulation, audit = told
    labels = {label.unit: label for label in _labels(simulation, "night_work")}
    at_night = {flow.unit for at, _, flow in audit.flows.values() if hour_of_day(at) in range(1, 5)}
    assert at_night == labels.keys()


def _labels(simulation: Simulation, scenario: str) -> list[Label]:
    found = [label for label in simulation.labels if label.scenario == scenario]
    assert found
    return found
