"""Policies and models among the records: laws 3 and 4 where thresholds change while facts are judged."""

from __future__ import annotations

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from detectors.policy import join_files
from events.intake import PUBLISHER, encode
from events.log import Received, Tick
from events.registry import PersonEntry
from events.time import DAY
from simulator import stories as s
from streams.assembly import policy_entry
from tests.detector_kit import policy_texts
from tests.laws.histories import with_ticks
from tests.laws.lanes import Lanes, run
from tests.laws.publications import logs

tried = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


@tried
@given(logs(), st.integers(1, 120), st.integers(0, 2**16))
def test_a_publication_judges_alike_whenever_it_comes(log: list[Received], days: int, seed: int) -> None:
    """Law 3: read behind what happened in its time, or before, as time went or all at once: the same end."""
    told = with_ticks(log, DAY // 2, until=log[-1].received_at + days * DAY)
    shuffled = list(log)
    random.Random(seed).shuffle(shuffled)
    assert run(told) == run([*shuffled, told[-1]], batch=random.Random(seed).choice((1, 7, 1_000)))


@tried
@given(logs(), st.integers(2, 4), st.integers(0, 2**16))
def test_a_publication_reaches_the_keys_of_every_lane(log: list[Received], lanes: int, seed: int) -> None:
    """Laws 4 and 6: any lanes, each restored between batches, some with nothing left in memory."""
    draw = random.Random(seed)
    told = with_ticks(log, DAY // 2, until=log[-1].received_at + 20 * DAY)
    house = Lanes(lanes, live=draw.choice((None, 0, 3)))
    house.publish()
    house.run_restarted(told, draw, (3, 20, 60))
    assert house.outcome() == run(told)


@pytest.mark.parametrize("restarted", [False, True])
def test_papers_of_a_quiet_unit_go_by_what_will_be_in_force_when_they_end(restarted: bool) -> None:
    """Published ahead: a longer notice is given at once, though nothing was reported of the unit for weeks."""
    texts = dict(policy_texts())
    for shipped, wanted in (("last_percent = 33", "last_percent = 66"), ("yellow_d = 90", "yellow_d = 200")):
        texts["A9"] = texts["A9"].replace(shipped, wanted)
    at = s.at("day 10 00:00")
    longer = Received(encode(policy_entry(join_files(texts), at + 30 * DAY, at)), PUBLISHER, at)
    held = s.registry(PersonEntry(person="P1", role="custodian"), unit="U2", valid_to="day 130 00:00")
    log = [*map(s.received, s.world()), s.received(held)]
    house = Lanes()
    house.publish()
    house.run([*log, Tick(at)])
    if restarted:
        house.restart(0)
    house.run([longer, Tick(at + DAY), Tick(at + 30 * DAY)])
    (said,) = house.findings
    assert (said.detector, said.claim.since) == ("A9", s.at("day 24 09:36"))
    assert house.outcome() == run([*log, longer, Tick(at + 30 * DAY)])


def test_what_was_published_before_anything_happened_judges_all_of_it() -> None:
    """The founding publication speaks for what happened before it was received too."""
    late = s.issue("5 item", site="S2", goods="DET", when="day -3 10:00")
    log = [*map(s.received, s.world()), s.received(late, when="day 1 00:00")]
    assert {one.detector for one in run([*log, Tick(s.at("day 2 00:00"))]).findings.values()} >= {"B2"}
