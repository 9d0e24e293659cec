"""Episodes: one run of facts is one claim, from the fact that opens it to the one that ends it."""

from __future__ import annotations

from detectors.claim import MOST_REFS, Claim
from detectors.episode import Episode, Lasting, begin, end, go_on
from events.registry import Category
from ledger.fact import Movement
from tests.detector_kit import movement

FACTS = [movement("issue", "5 item", site="S2", when=f"day 1 {hour:02d}:{minute:02d}")
         for hour in (8, 9) for minute in range(0, 60, 5)]  # fmt: skip
OPENING = FACTS[0]


def opened(*before: int) -> Claim:
    """An episode that begins with the first fact, after these of the others."""
    assert isinstance(OPENING.body, Movement)
    return begin(OPENING, OPENING.body, 7, {"n": 1}, tuple(FACTS[number].ref for number in before))


def test_an_episode_begins_with_its_first_fact_where_that_happened() -> None:
    """It may cite what came before, and counts it."""
    assert opened() == Claim(
        OPENING.id, OPENING.at, 7, (OPENING.ref,), {"n": 1}, "350111", "U2", Category.EXPLOSIVES, None, "S2", "DET",
        ref_count=1,
    )  # fmt: skip
    cited = opened(5, 6)
    assert [ref.id for ref in cited.refs] == [FACTS[5].id, FACTS[6].id, OPENING.id]
    assert (cited.ref_count, cited.anchor) == (3, OPENING.id)
    assert Episode().open is None


def test_it_goes_on_with_its_numbers_as_they_are_and_ends_with_a_fact_of_its_own() -> None:
    """Anchor, place and beginning stay; all facts are counted, and cited while there is room."""
    claim = opened()
    for number, fact in enumerate(FACTS[1:], 2):
        claim = go_on(claim, fact, {"n": number})
        assert (claim.ref_count, claim.numbers, claim.until) == (number, {"n": number}, None)
        assert [ref.id for ref in claim.refs] == [one.id for one in FACTS[: min(number, MOST_REFS)]]
    last = movement("receive", "5 item", site="S3", when="day 2 08:00")
    over = end(claim, last)
    assert (over.until, over.ref_count, over.refs) == (last.at, claim.ref_count + 1, claim.refs)
    assert (over.anchor, over.since, over.speaks_at, over.site, over.numbers) == (
        OPENING.id, OPENING.at, 7, "S2", {"n": len(FACTS)},
    )  # fmt: skip
    assert end(opened(), last).refs == (OPENING.ref, last.ref)


def test_an_episode_that_lasts_is_over_at_the_end_of_its_rest() -> None:
    """To the microsecond, and it waits for that; while none rests nothing is over, whatever the time."""
    ended = end(opened(), FACTS[1])
    resting = Lasting(opened(), ended, 100)
    assert [resting.by(now) for now in (99, 100, 101)] == [None, ended, ended]
    assert resting.resting() == (100,)
    for at_work in (Lasting(), Lasting(opened())):
        assert (at_work.by(10**18), at_work.resting(), at_work.ended) == (None, (), None)
