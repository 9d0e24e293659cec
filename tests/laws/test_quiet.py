"""That quiet keys are dropped can be told by nothing but their bytes: laws 3, 4, 6 and 11 over years."""

from __future__ import annotations

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from events.log import Received, Tick
from streams.holdings import Holdings
from tests.laws.lanes import Lanes, run
from tests.laws.quiet import end_of, paper_logs, permit_logs, quiet_logs, with_sparse_ticks

tried = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


@tried
@given(quiet_logs(), st.integers(0, 2**16))
def test_dropping_what_is_quiet_is_unobservable(log: list[Received], seed: int) -> None:
    """Laws 3 and 11: dropped between its uses or held whole, in any order: the same books and findings."""
    live = run(with_sparse_ticks(log), batch=random.Random(seed).choice((1, 7, 1_000)))
    shuffled = list(log)
    random.Random(seed).shuffle(shuffled)
    assert live == run([*log, Tick(end_of(log))])
    assert live == run([*shuffled, Tick(end_of(log))])


@tried
@given(quiet_logs(), st.integers(1, 4), st.integers(0, 2**16))
def test_lanes_and_restarts_are_unobservable_over_years(log: list[Received], lanes: int, seed: int) -> None:
    """Laws 4, 6 and 11: any lanes, each restored between batches, some with nothing left in memory."""
    draw = random.Random(seed)
    house = Lanes(lanes, live=draw.choice((None, 0, 3)))
    house.publish()
    told = with_sparse_ticks(log)
    house.run_restarted(told, draw, (3, 20, 60))
    assert house.outcome() == run(told)


@tried
@given(quiet_logs(), st.sampled_from((5, 40, 10_000)))
def test_a_batch_over_years_tells_what_many_tell(log: list[Received], batch: int) -> None:
    """Laws 4 and 11: a key that is dropped and used again within one batch is as one dropped between two."""
    told = with_sparse_ticks(log)
    caught_up = Lanes()
    caught_up.publish()
    caught_up.run_across(told, batch)
    assert caught_up.outcome() == run(told)


@tried
@given(paper_logs(changed=True), st.integers(1, 3), st.sampled_from((1, 7, 1_000)))
def test_dropping_superseded_entries_is_unobservable(log: list[Received], lanes: int, batch: int) -> None:
    """Laws 2 and 11: entries renewed, told again, corrected or taken back years later: as if all had been held."""
    told = with_sparse_ticks(log)
    dropping = run(told, lanes=lanes, batch=batch)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Holdings, "drop_superseded", lambda *_: None)
        assert dropping == run(told, lanes=lanes, batch=batch)


@tried
@given(paper_logs(changed=False), st.integers(0, 2**16))
def test_the_order_of_entries_is_unobservable_over_months(log: list[Received], seed: int) -> None:
    """Laws 3 and 11: dropped as time goes on, or all held at once and in any order: one answer."""
    shuffled = list(log)
    random.Random(seed).shuffle(shuffled)
    assert run(with_sparse_ticks(log)) == run([*shuffled, Tick(end_of(log))])


@tried
@given(permit_logs(), st.integers(1, 3), st.integers(0, 2**16))
def test_letting_permits_for_one_time_go_is_unobservable(log: list[Received], lanes: int, seed: int) -> None:
    """Laws 2, 3 and 11: used late, told late, otherwise or again, and let go of: as if all of them were held."""
    shuffled = list(log)
    random.Random(seed).shuffle(shuffled)
    live = run(with_sparse_ticks(log), lanes=lanes, batch=random.Random(seed).choice((1, 7, 1_000)))
    assert live == run([*shuffled, Tick(end_of(log))])


@tried
@given(quiet_logs())
def test_of_what_is_over_nothing_but_numbers_is_left(log: list[Received]) -> None:
    """Law 11: what nothing stands of is gone, but for the last revisions of what it found."""
    house = Lanes()
    house.publish()
    house.run(with_sparse_ticks(log))
    for key in house.stores[0]:
        if key.startswith(("consignment:", "permit:")):
            parts = house.stores[0].parts(key)
            subject = house.lanes[0]._held.subject(key, house.lanes[0].time)
            stands = any(said.status.value == "open" for said in subject.said.values())
            assert stands or (set(parts) == {"head"} and subject.spent and not subject.said), (key, subject.said)
