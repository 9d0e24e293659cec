"""Laws 1 to 5 and 7 over generated histories, with *equal* as the design defines it."""

from __future__ import annotations

import random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from events.log import Received, Tick
from events.time import DAY
from ledger.fact import Movement
from ledger.posting import BOOK, posting
from streams.effects import BookLine
from tests.laws.histories import LAST, logs, with_ticks
from tests.laws.lanes import Lanes, run, words

tried = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


def shuffled(log: list[Received], seed: int) -> list[Received]:
    """Another arrival order of the same records."""
    other = list(log)
    random.Random(seed).shuffle(other)
    return other


@tried
@given(logs())
def test_what_is_taken_from_one_account_is_given_to_another(log: list[Received]) -> None:
    """Law 1: at every instant of event time the accounts of one goods sum to nothing, to the last milligram."""
    house = Lanes()
    house.publish()
    house.run(with_ticks(log))
    latest: dict[tuple[str, str], BookLine] = {}
    for line in house.lines:
        latest[(line.key, line.fact.id)] = max(
            latest.get((line.key, line.fact.id), line), line, key=lambda one: one.fact.version
        )
    accounts: dict[tuple[str, str], int] = {}
    for line in sorted(latest.values(), key=lambda one: one.fact.order):
        moved = line.fact.body
        if not isinstance(moved, Movement):
            continue
        debit, credit = posting(moved)
        for account, sign in ((debit, -1), (credit, 1)):
            name = line.key if account == BOOK else account
            key = (moved.goods, name)
            accounts[key] = accounts.get(key, 0) + sign * moved.amount
        for goods in {goods for goods, _ in accounts}:
            assert sum(n for (of, _), n in accounts.items() if of == goods) == 0
    books = house.outcome().books
    for (_, name), balance in accounts.items():
        if name.startswith("book:"):
            assert books.get(name, 0) == balance


@tried
@given(logs(), st.integers(0, 2**16))
def test_redelivery_changes_nothing(log: list[Received], seed: int) -> None:
    """Law 2: any records delivered again, at any time, in any batch: same books, findings and refusals."""
    once = run(with_ticks(log))
    draw = random.Random(seed)
    again: list[Received | Tick] = []
    for item in with_ticks(log):
        again.append(item)
        if isinstance(item, Received) and draw.random() < 0.5:
            again.append(item)
            if draw.random() < 0.3:
                again.append(draw.choice([line for line in again if isinstance(line, Received)]))
    twice = run(again, batch=draw.choice((1, 7, 1_000)))
    assert (once.books, once.lines, once.findings) == (twice.books, twice.lines, twice.findings)


@tried
@given(logs(), st.integers(0, 2**16))
def test_order_does_not_matter_within_lateness(log: list[Received], seed: int) -> None:
    """Law 3: any arrival order, registry included, ends in the same books and the same findings."""
    live = run([*log, Tick(LAST)])
    other = run([*shuffled(log, seed), Tick(LAST)], batch=random.Random(seed).choice((1, 5, 1_000)))
    assert live == other


@tried
@given(logs())
def test_the_moments_of_time_do_not_matter(log: list[Received]) -> None:
    """Law 3: told as it happened, with ticks between, or all at once with time at the end: the same end."""
    live, at_once = run(with_ticks(log)), run([*log, Tick(LAST)])
    assert live == at_once


@tried
@given(logs(), st.integers(2, 5), st.sampled_from((1, 3, 50)))
def test_lanes_and_batches_are_unobservable(log: list[Received], lanes: int, batch: int) -> None:
    """Law 4: any number of lanes, any batch size: the result is that of facts applied one by one."""
    assert run(with_ticks(log)) == run(with_ticks(log), lanes=lanes, batch=batch)


@tried
@given(logs(), st.sampled_from((7, 40, 10_000)))
def test_ticks_within_a_batch_are_unobservable(log: list[Received], batch: int) -> None:
    """Law 4: a batch that spans hours tells what hourly ones tell, each at its own time.

    Only what was said and unsaid again within the batch may be missing: it equals what was never said.
    """
    told = with_ticks(log)
    live, caught_up = Lanes(), Lanes()
    for house in (live, caught_up):
        house.publish()
    live.run(told, batch=1)
    caught_up.run_across(told, batch)
    assert live.outcome() == caught_up.outcome()
    one_by_one, at_once = words(live), words(caught_up)
    for name, said in one_by_one.items():
        contents = [repr(content) for content, _, _ in said]
        withdrawn = any(content.status == "withdrawn" for content, _, _ in said)
        if not withdrawn and len(set(contents)) == len(contents):
            assert at_once[name] == said


@tried
@given(logs(), st.integers(0, 2**16))
def test_a_restart_between_batches_is_unobservable(log: list[Received], seed: int) -> None:
    """Laws 4 and 6: a lane restored from what it committed goes on as if nothing had been."""
    draw = random.Random(seed)
    house = Lanes(2)
    house.publish()
    told = with_ticks(log)
    house.run_restarted(told, draw, (1, 3, 20))
    assert house.outcome() == run(told)


@tried
@given(logs(), st.sampled_from((0, 1, 5)), st.sampled_from((1, 3, 50)))
def test_letting_keys_go_from_memory_is_unobservable(log: list[Received], live: int, batch: int) -> None:
    """Law 11: keys not touched lately are bytes until they are: the result is that of keeping them all."""
    house = Lanes(2, live=live)
    house.publish()
    house.run(with_ticks(log), batch)
    assert house.outcome() == run(with_ticks(log))


@tried
@given(logs())
def test_a_replay_is_the_live_run(log: list[Received]) -> None:
    """Law 5: replaying the log merged by received_at, with its ticks, tells the same again, word for word."""
    told = []
    for _ in range(2):
        house = Lanes()
        house.publish()
        house.run(with_ticks(log), batch=10)
        told.append(house.findings)
    assert told[0] == told[1]


@tried
@given(logs(), st.lists(st.binary(max_size=200), max_size=5))
def test_every_refusal_is_kept_with_its_bytes_or_position(log: list[Received], junk: list[bytes]) -> None:
    """Law 7: each refused record has a reason and a way back, and none stops the good ones beside it."""
    bad = [Received(raw, "junk", LAST - DAY) for raw in junk]
    house = Lanes()
    house.publish()
    house.run([*log, *bad, Tick(LAST)])
    refused = {refusal.source.offset for refusal in house.refusals}
    first_bad = 1 + len(log)
    for number, line in enumerate(bad):
        offset = first_bad + number
        assert offset in refused, f"{line.raw!r} was lost"
    for refusal in house.refusals:
        assert refusal.raw is not None or refusal.source.topic
    clean = run([*log, Tick(LAST)])
    assert house.outcome().findings == clean.findings
    assert house.outcome().books == clean.books
