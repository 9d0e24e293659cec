"""A scored log holds what E7 sees live, and "what if" says what a replay under the other policy would."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
import pytest
from msgspec import Struct
from msgspec.structs import replace

import simulator
from detectors import e7_peer_outlier as e7
from detectors.catalogue import catalogue
from detectors.claim import Status
from detectors.detector import View
from detectors.outlier_terms import OutlierTerms
from detectors.policy import read_policy
from detectors.unit_days import anchor
from detectors.watch import Watch
from events.identity import home_of
from events.intake import encode
from events.log import Received, Tick
from events.registry import Category, UnitEntry
from events.report import Registry
from events.time import Instant, moment
from models.artefact import Model
from models.baseline import Trailing
from models.episode import episodes
from models.judge import score_day
from models.scored import Scored, ScoredRefused
from models.unit_day import UnitDay
from models.whatif import population, raise_under
from streams.assembly import LATENESS, assemble, policy_entry, read_places, rule_parameters, rule_policies
from streams.founding import PROVIDER, model_entry
from streams.model_files import SHIPPED, model_loader, shipped
from streams.scored_file import read_scored, write_scored
from streams.scoring import scored, with_models
from tests.laws.lanes import POLICIES, Lanes

Log = list[Received | Tick]
Verdict = tuple[str, str, str, int]
"""Unit, category, measure, day."""
ELSEWHERE = ("350302", "350300", "350000")
"""A county of another prefecture, with its superiors."""
SHIPPED_TEXT = rule_policies(POLICIES)


def changed(unit: str) -> str:
    """The shipped policies with laxer terms of E7: everybody's, a silenced county's, a category's, a unit's own."""
    lax = SHIPPED_TEXT.replace("alarms_per_week = 1.0\nscored", "alarms_per_week = 150.0\nscored")
    return (
        lax.replace("bridge_days = 3", "bridge_days = 2")
        + f"""
[[E7.override]]
area = "350103"
enabled = false

[[E7.override]]
category = "explosives"
[E7.override.parameters]
alarms_per_week = 60.0
bridge_days = 4
festival_factor = 2.5
after_festival = 100

[[E7.override]]
unit = "{unit}"
[E7.override.parameters]
alarms_per_week = 400.0
bridge_days = 5
"""
    )


class Live(Struct, frozen=True):
    """What E7 made of a log live: every score, None while warming up, and the warnings that stand in the end."""

    scores: dict[Verdict, float | None]
    warned: set[tuple[str, Instant, Instant | None, str, int]]


@pytest.fixture(scope="module")
def log() -> Log:
    """Some days of five counties with all that goes wrong, a quarter of history for some sites; one of the units
    is registered in another prefecture, for other activities, from the middle on."""
    sized = simulator.of_size(simulator.known_areas(), counties=5, units_per_county=6, days=3)
    made = list(simulator.simulate(replace(sized, long_history=8, short_history=8, trips_per_day=4)).log)
    place = len(made) // 2
    at = next(item.received_at for item in made[place:] if isinstance(item, Received))
    entry = Registry(
        version=1, id="moved-away", occurred_at=moment(at), unit=mover(made), valid_from=moment(at),
        entry=UnitEntry(name="迁", area=ELSEWHERE[0], roles=("store",)),
    )  # fmt: skip
    return [*made[:place], Received(encode(entry), PROVIDER, at), *made[place:]]


def mover(log: Log) -> str:
    """The unit that the first movement of a log is of: one with a history."""
    flows = (item.raw for item in log if isinstance(item, Received) and b'"kind":"flow"' in item.raw)
    return str(msgspec.json.decode(next(flows))["unit"])


@pytest.fixture(scope="module")
def columns(log: Log) -> Scored:
    """The log's unit-days, scored by the shipped models."""
    return scored(with_models(log, shipped()), read_places(), model_loader((SHIPPED,)), {})


@pytest.fixture(scope="module")
def policy(columns: Scored) -> str:
    """The changed policies, with the unit of the last strand by its own terms."""
    return changed(str(columns.strand_unit[-1]))


@pytest.fixture(scope="module")
def live(log: Log, policy: str) -> Live:
    """The same log through a lane with E7 alone on watch, under the changed policy."""
    return in_a_lane(log, policy)


def in_a_lane(log: Log, policy: str) -> Live:
    scores: dict[Verdict, float | None] = {}
    at: list[Verdict] = []
    judged: Callable[[e7.Days, View], object] = e7._judged

    def noted(days: e7.Days, view: View) -> object:
        at[:] = [(home_of(view.key), days.category.value, days.measure.value, days.today.day)]
        return judged(days, view)

    def kept(model: Model, day: UnitDay, *, trailing: Trailing, segment: str) -> float | None:
        found = scores[at[0]] = score_day(model, day, trailing=trailing, segment=segment)
        return found

    assembly = assemble(POLICIES, model_loader((SHIPPED,)))
    house = Lanes(
        assembly=replace(assembly, watch=Watch([one for one in catalogue() if one.card.id == "E7"], LATENESS))
    )
    since = next(item.received_at for item in log if isinstance(item, Received))
    house.run([Received(encode(policy_entry(policy, since, since)), PROVIDER, since)])
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(e7, "_judged", noted)
        patched.setattr(e7, "score_day", kept)
        house.run_across(list(with_models(log, shipped())), batch=4_000)
    latest = {finding.id: finding for finding in house.findings}
    claims = [finding.claim for finding in latest.values() if finding.status is not Status.WITHDRAWN]
    return Live(scores, {(c.anchor, c.since, c.until, c.area, int(c.numbers["days"])) for c in claims})


def test_every_score_has_the_bits_that_e7_saw_live(columns: Scored, live: Live) -> None:
    """Law: the same days, no more and no fewer, with the same bits; a day of a unit warming up has no row."""
    rows = {
        (str(columns.strand_unit[s]), str(columns.strand_category[s]), str(columns.strand_measure[s]), day): score
        for s, day, score in zip(columns.strand.tolist(), columns.day.tolist(), columns.score.tolist(), strict=True)
    }
    assert rows == {of: score for of, score in live.scores.items() if score is not None}
    assert len(rows) > 500
    assert None in live.scores.values()


def test_what_if_says_what_a_replay_under_the_other_policy_raises(columns: Scored, live: Live, policy: str) -> None:
    """Law: the changed policy's warnings, overrides and all, to the anchor, the end and the number of days."""
    terms = OutlierTerms(read_policy(policy, rule_parameters()))
    raised = raise_under(columns, terms, population(columns))
    found = {
        (anchor(one.unit, one.category, one.measure, one.first), one.since, one.until, one.area, one.days)
        for one in episodes(columns, raised)
    }
    assert found == live.warned
    assert len(found) > 20
    assert max(days for *_, days in found) > 1
    assert "350103" in {str(areas)[:6] for areas in columns.cell_chain}
    assert "350103" not in {area for _, _, _, area, _ in found}
    assert {name.partition("/")[0] for name, *_ in found} >= terms.units


def test_a_day_belongs_to_the_county_and_the_peers_of_that_day(log: Log, columns: Scored) -> None:
    """Law: areas and peers are dated: what a unit moves to later says nothing of its days before."""
    own = np.flatnonzero(columns.strand_unit[columns.strand] == mover(log))
    strand = own[columns.strand[own] == columns.strand[own[0]]]
    there = columns.cell_chain[columns.cell[strand]] == "/".join(ELSEWHERE)
    assert {False, True} == set(there.tolist())
    assert (np.diff(there.astype(int)) >= 0).all()
    segments = columns.cell_segment[columns.cell[strand]]
    assert {str(name).partition("/")[2] for name in segments[there]} == {"store"}
    assert "store" not in {str(name).partition("/")[2] for name in segments[~there]}


def test_batches_and_the_order_within_a_day_leave_no_trace(log: Log, columns: Scored) -> None:
    """Law: repeated reports and other stretches give the same columns to the bit."""
    twice = [copy for item in log for copy in ((item, item) if isinstance(item, Received) else (item,))]
    again = scored(with_models(twice, shipped()), read_places(), model_loader((SHIPPED,)), {})
    assert again.digest == columns.digest


def test_a_file_has_the_same_bytes_again_and_is_refused_once_damaged(columns: Scored, tmp_path: Path) -> None:
    """Law: deterministic, without pickles, and what its digest says."""
    one, two = tmp_path / "one.npz", tmp_path / "two.npz"
    assert write_scored(one, columns) == write_scored(two, columns) == columns.digest
    assert one.read_bytes() == two.read_bytes()
    again, digest = read_scored(one)
    assert digest == columns.digest
    assert all(np.array_equal(column, again.columns()[name]) for name, column in columns.columns().items())
    forged = {**columns.columns(), "score": columns.score + 0.001, "digest": np.array([digest])}
    np.savez(two, **forged)  # type: ignore[arg-type]  # its keywords are all arrays
    with pytest.raises(ScoredRefused, match="the content is"):
        read_scored(two)
    two.write_bytes(one.read_bytes()[:-100])
    with pytest.raises(ScoredRefused, match="no scored unit-days"):
        read_scored(two)


def test_a_named_model_stands_for_the_one_in_force(log: Log, columns: Scored) -> None:
    """Law: the named model scores its category; the other categories go by what is in force."""
    digests = shipped()
    named = {Category.CHEMICALS: digests[Category.EXPLOSIVES]}
    found = scored(with_models(log, digests), read_places(), model_loader((SHIPPED,)), named)
    assert set(found.model_digest.tolist()) == set(columns.model_digest.tolist()) - {digests[Category.CHEMICALS]}
    assert len(found) == len(columns)


def test_a_day_goes_by_the_model_in_force_when_it_ended(log: Log, columns: Scored) -> None:
    """Law: a publication speaks from its date on, and never before."""
    digests = shipped()
    middle = int(np.median(columns.day))
    at = (middle * 24 - 8) * 3_600_000_000
    published = model_entry(Category.EXPLOSIVES, digests[Category.CHEMICALS], at, at)
    entry = Received(encode(published), PROVIDER, at)
    place = next(n for n, item in enumerate(log) if isinstance(item, Received) and item.received_at >= at)
    changed = [*log[:place], entry, *log[place:]]
    found = scored(with_models(changed, digests), read_places(), model_loader((SHIPPED,)), {})
    of = found.cell_category[found.cell] == "explosives"
    models = found.model_digest[found.cell_model[found.cell]]
    assert set(models[of & (found.day < middle)].tolist()) == {digests[Category.EXPLOSIVES]}
    assert set(models[of & (found.day >= middle)].tolist()) == {digests[Category.CHEMICALS]}
