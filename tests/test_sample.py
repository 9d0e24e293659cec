"""A province with every scenario in it, under the shipped policies and models: all is caught, nobody is accused.

Law kept: every rule speaks where it must and keeps silent where it must not, on a log that was made without it: the
simulator shares no line with the detectors.
"""

from __future__ import annotations

import msgspec
import pytest
from msgspec import Struct
from scipy.stats import poisson

import simulator
from detectors.catalogue import catalogue
from detectors.claim import Finding
from detectors.e2_frequency_structuring import FrequencyStructuring as Frequency
from detectors.e7_peer_outlier import PeerOutlier
from detectors.policy import read_policy
from events.log import Received
from models.features import STANDARD, rows
from simulator.evaluate import Evaluation, Raised, evaluate
from simulator.scenarios import DIVERSIONS, LOOK_ALIKES
from streams.assembly import assemble, read_places, rule_parameters, rule_policies
from streams.founding import founding
from streams.model_files import SHIPPED, model_loader, shipped
from streams.training import histories
from tests.laws.lanes import POLICIES, Lanes

RULES = {detector.card.id for detector in catalogue()}
SURELY = 0.99
"""E2 and E7 are statistics that err at a stated rate: their policies bear so many false alarms of so many clean
weeks of buying a goods, and unit-days. Of as many as are scored here, no more may be raised in error than a Poisson
number of that mean keeps within, this surely. All others are arithmetic, or (B11 to B13, C4, E1, E5) set so that no
false word is to be expected in a week."""


class Told(Struct, frozen=True):
    """A province's labels, what was found last of each finding, how that answers the labels, what E7 may err."""

    labels: tuple[simulator.Label, ...]
    findings: tuple[Finding, ...]
    evaluation: Evaluation
    borne: dict[str, float]


@pytest.fixture(scope="module")
def told() -> Told:
    """A week of sixty-six counties, with a history for the sites whose statistics need one, through one lane."""
    sized = simulator.of_size(simulator.known_areas(), counties=66, units_per_county=4, days=7)
    simulation = simulator.simulate(
        msgspec.structs.replace(sized, trips_per_day=100, long_history=30, short_history=6)
    )
    since = min(line.received_at for line in simulation.log if isinstance(line, Received))
    house = Lanes(assembly=assemble(POLICIES, model_loader((SHIPPED,))))
    house.run([*founding(rule_policies(POLICIES), since, shipped()), *simulation.log], batch=5_000)
    latest = {finding.id: finding for finding in house.findings}
    evaluation = evaluate(simulation.labels, [_raised(finding) for finding in latest.values()])
    return Told(tuple(simulation.labels), tuple(latest.values()), evaluation, _borne(simulation))


def _borne(simulation: simulator.Simulation) -> dict[str, float]:
    """How many false alarms the policies bear: E7's of unit-days with a row, E2's of weeks of buying a goods."""
    found, policy = (
        histories(simulation.log, read_places()),
        read_policy(rule_policies(POLICIES), rule_parameters()),
    )
    model, digests = model_loader((SHIPPED,)), shipped()
    scored = {
        "E7": sum(
            len(list(rows(one.days, model(digests[category]).card.peers.of(one.segment), STANDARD)))
            for category, own in found.by_category.items()
            for one in own
        ),
        "E2": sum(len(habits.orders) for habits in found.habits.values()),
    }
    return {
        rule: count * _rate(policy.terms(rule, "chemicals", (), "").parameters) for rule, count in scored.items()
    }


def _rate(parameters: Struct | None) -> float:
    assert isinstance(parameters, PeerOutlier.Parameters | Frequency.Parameters)
    return parameters.alarms_per_week / parameters.scored_per_week


def _raised(finding: Finding) -> Raised:
    claim = finding.claim
    return Raised(
        finding_id=finding.id, detector=finding.detector, subject=finding.subject, since=claim.since,
        until=claim.until, status=finding.status.value, unit=claim.unit, site=claim.site, goods=claim.goods,
        area=claim.area,
    )  # fmt: skip


def test_every_scenario_is_staged(told: Told) -> None:
    """The province is large enough for each of them."""
    staged = {label.scenario for label in told.labels}
    assert staged == {scenario.__name__ for scenario in (*DIVERSIONS, *LOOK_ALIKES)}


def test_every_diversion_is_caught_by_every_rule_that_should(told: Told) -> None:
    """Every rule, each with a labelled case of its own."""
    assert {score.detector for score in told.evaluation.scores if score.caught} == RULES
    assert [label for score in told.evaluation.scores for label in score.missed] == []


def test_no_look_alike_is_raised(told: Told) -> None:
    """What looks like it and is in order is left alone, E7's hints included."""
    assert told.evaluation.mistaken == ()


def test_nothing_else_is_raised_but_a_hint_or_two(told: Told) -> None:
    """Who has done nothing is not accused: only two statistics may err, within what their policies bear."""
    wrong = {score.detector: len(score.false) for score in told.evaluation.scores if score.false}
    assert wrong.keys() <= told.borne.keys()
    assert all(number <= poisson.ppf(SURELY, told.borne[rule]) for rule, number in wrong.items()), (
        wrong,
        told.borne,
    )


def test_no_rule_falls_over_and_every_finding_names_its_rules_version(told: Told) -> None:
    """A finding that stands says by which policy; none is incomplete."""
    assert {finding.version for finding in told.findings} != {""}
    assert all(not finding.incomplete for finding in told.findings)
