"""Rows are pure, finite, named in two languages, and absent while a unit is not yet known."""

import datetime
import math

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.baseline import CROWD, DAYS, EVERYBODY, KNOWN, Peers, Spread, Trailing, absorb, publish
from models.features import COLUMNS, STANDARD, Baseline, Feature, FeatureSpec, rows, vector
from models.unit_day import UnitDay, fingerprint
from tests.unit.models.test_unit_day import Event, deal, events, told


def usual(day: int) -> UnitDay:
    return UnitDay(day, events=(2, 1, 0, 0, 0), totals=(600, 400, 0, 0, 0), largest=400, parties=(7, 9))


def known(days: int) -> Trailing:
    trailing = Trailing()
    for day in range(days):
        trailing = absorb(trailing, usual(day))
    return trailing


PEERS = publish([("store", usual(day)) for day in range(CROWD)] + [("quarry", usual(1))])
PEER = PEERS.of("store")


def value(name: str, day: UnitDay, trailing: Trailing | None = None) -> float:
    row = vector(day, Baseline(known(DAYS) if trailing is None else trailing, PEER), STANDARD)
    assert row is not None
    return float(row[STANDARD.names.index(name)])


def test_a_unit_with_too_few_days_has_no_row() -> None:
    """None while warming up, never a row of zeros; none for an idle day either."""
    for days in range(STANDARD.warm):
        assert vector(usual(99), Baseline(known(days), PEER), STANDARD) is None
    assert vector(usual(99), Baseline(known(STANDARD.warm), PEER), STANDARD) is not None
    assert vector(UnitDay(99), Baseline(known(DAYS), PEER), STANDARD) is None


def test_a_unit_known_for_less_than_two_weeks_has_no_row() -> None:
    """Its first weekends would be held against working days alone."""
    assert vector(usual(STANDARD.span - 1), Baseline(known(STANDARD.span - 1), PEER), STANDARD) is None
    assert vector(usual(STANDARD.span), Baseline(known(STANDARD.warm), PEER), STANDARD) is not None


@given(st.lists(events, min_size=1, max_size=20))
def test_every_row_is_finite_in_float32(many: list[Event]) -> None:
    """Whatever a unit did, the forest can score it."""
    row = vector(told(many), Baseline(known(DAYS), PEER), STANDARD)
    assert row is not None
    assert row.dtype == np.float64
    assert row.shape == (len(STANDARD.features),)
    assert np.isfinite(row.astype(np.float32)).all()


def test_an_ordinary_day_is_at_its_own_baseline() -> None:
    """A day like all the others has ratios of 1 (logarithm 0), no new counterparty, and no distance to peers."""
    for name in (
        "own_median",
        "own_mean",
        "own_events",
        "peer_quantity",
        "peer_events",
        "peer_parties",
        "first_time",
    ):
        assert value(name, usual(99)) == 0.0


def test_what_is_unusual_shows_in_its_column() -> None:
    """Ten times the usual quantity, new counterparties, and the days of a week."""
    big = UnitDay(99, events=(1, 0, 0, 0, 0), totals=(10_009, 0, 0, 0, 0), largest=10_009, parties=(9, 11, 12))
    assert value("own_median", big) == pytest.approx(math.log(10))
    assert value("first_time", big) == 2.0
    assert value("net_share", big) == 1.0
    assert value("largest_share", big) == 1.0
    assert value("peer_quantity", big) > 3.0
    for day in range(99, 106):
        weekday = (datetime.date(1970, 1, 1) + datetime.timedelta(days=day)).weekday()
        assert value("weekend", usual(day)) == float(weekday >= 5)


def test_the_baseline_is_bounded() -> None:
    """28 days and 128 counterparties, whatever a unit does; idle days leave no trace."""
    trailing = Trailing()
    for day in range(200):
        many = told([deal(f"{day}-{i}") for i in range(40)])
        trailing = absorb(trailing, msgspec.structs.replace(many, day=2 * day))
        assert absorb(trailing, UnitDay(2 * day + 1)) == trailing
    assert len(trailing.days) == DAYS
    assert len(trailing.parties) == KNOWN
    assert fingerprint("199-0") in trailing.parties
    assert fingerprint("0-0") not in trailing.parties


def test_days_are_absorbed_in_order_only() -> None:
    """A day that is not after the last one is a broken fold, not a late fact."""
    with pytest.raises(ValueError):
        absorb(known(3), usual(2))


def test_small_segments_are_judged_by_everybody() -> None:
    """A segment of one unit-day has no line of its own, and an unknown one neither."""
    assert [name for name, _ in PEERS.segments] == [EVERYBODY, "store"]
    assert PEERS.of("quarry") == PEERS.of("never heard of") == PEERS.of(EVERYBODY)
    with pytest.raises(ValueError):
        publish([])


def test_a_segment_of_equal_days_makes_no_infinite_distance() -> None:
    """MAD = 0 is common (ten identical days); distances stay finite and cut."""
    flat = Spread(5.0, 0.0)
    assert flat.distance(5.0) == 0.0
    assert flat.distance(5.05) == pytest.approx(1.0)
    assert flat.distance(500.0) == 20.0


def test_training_rows_see_only_earlier_days() -> None:
    """The row of a day equals the one computed live, from the days before it."""
    history = [usual(day) for day in range(20)]
    made = list(rows(history, PEER, STANDARD))
    assert [day.day for day, _ in made] == list(range(STANDARD.span, 20))
    live = vector(history[17], Baseline(known(17), PEER), STANDARD)
    assert live is not None
    assert {day.day: row.tobytes() for day, row in made}[17] == live.tobytes()


def test_every_feature_is_named_in_both_languages() -> None:
    """Warnings name features to officers: none without a Chinese and an English name and a unit."""
    assert set(STANDARD.names) == set(COLUMNS)
    assert all(feature.zh and feature.en and feature.unit for feature in STANDARD.features)
    assert len({feature.zh for feature in STANDARD.features}) == len(STANDARD.features)


def test_a_specification_this_program_cannot_compute_is_refused() -> None:
    """A model from a newer version says so at loading, not by a wrong number at scoring."""
    with pytest.raises(ValueError, match="phase_of_the_moon"):
        FeatureSpec("x", 5, (Feature("phase_of_the_moon", "rad", "月相", "moon"),))


def test_specification_and_peers_survive_json() -> None:
    """Both travel inside the model as canonical JSON."""
    for thing in (STANDARD, PEERS, known(9), usual(3)):
        assert msgspec.json.decode(msgspec.json.encode(thing), type=type(thing)) == thing
    assert isinstance(PEERS, Peers)
