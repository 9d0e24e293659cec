"""Ordinary cells are ridden over: what is told is, to the letter, what the rules say that look at each of them."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.subject import Subject
from detectors.vehicle import Vehicle, subject_of
from tests.detector_kit import world
from tests.laws.riding import Key, waking, without_cursor
from tests.laws.tracks import AREAS, BEGINS, KEY, Told, track

tried = settings(max_examples=60, deadline=None)


@tried
@given(st.integers(0, 2**32), st.sampled_from((1, 3, 10)), st.sampled_from((0, 5)))
def test_what_is_ridden_over_is_told_as_if_looked_at(seed: int, gap: int, minutes: int) -> None:
    """Finding for finding, revision for revision, look for look; restarts on the way change nothing."""
    overrides = {"D6": {"max_gap_min": gap}, "D2": {"min_minutes": minutes}}
    exact, riding = (Key(one, world(AREAS, overrides=overrides)) for one in (Subject(KEY), subject_of(KEY)))
    for one, told in waking(exact, track(seed)):
        assert riding.hear(one) == told
        if one.restart:
            riding.restart()
    assert riding.subject.said == exact.subject.said
    assert without_cursor(riding.subject.base) == without_cursor(exact.subject.base)


@tried
@given(st.integers(0, 2**32))
def test_the_fold_of_what_was_ridden_over_is_the_exact_one(seed: int) -> None:
    """States, claims and account at the last cell are those of looking at each, wherever the track is cut."""
    exact, riding = (Key(one, world(AREAS)) for one in (Subject(KEY), subject_of(KEY)))
    facts = [fact for told in track(seed) for fact in told.facts]
    for start in range(0, len(facts), 40):
        told = Told(tuple(facts[start : start + 40]), BEGINS)
        assert riding.hear(told) == exact.hear(told)
        assert isinstance(riding.subject, Vehicle)
        tail = riding.watch.advance(riding.subject, riding.view)
        assert without_cursor(tail) == without_cursor(exact.subject.tail)
