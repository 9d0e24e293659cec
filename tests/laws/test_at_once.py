"""What is taken at once, or not judged again, is as if everything had been looked at closely each time."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.log import Received, Tick
from ledger.home import Home
from ledger.judges import SiteJudge, UnitJudge
from streams.effects import Effects
from tests.laws.histories import logs, with_ticks
from tests.laws.lanes import Lanes
from tests.laws.test_laws import shuffled, tried


class Watched(Lanes):
    """Lanes that keep all that they did but the state of what is watched."""

    def __init__(self) -> None:
        super().__init__(2)
        self.did: list[Sequence[object]] = []

    def _commit(self, number: int) -> None:
        lane = self.lanes[number]
        effects: Effects = lane.finish()
        self.did += [effects.told, effects.lines, effects.refusals, effects.passing, effects.findings]
        self.did.append(sorted((one.key, one.part, one.data) for one in effects.states if one.key[:5] == "home|"))
        finish, lane.finish = lane.finish, lambda: effects  # type: ignore[method-assign]  # already finished
        super()._commit(number)
        lane.finish = finish  # type: ignore[method-assign]


def did(log: Sequence[Received | Tick], batch: int) -> list[Sequence[object]]:
    """All that two lanes do with a log, batch by batch."""
    house = Watched()
    house.publish()
    house.run(log, batch)
    return house.did


@tried
@given(logs(), st.integers(0, 2**16), st.sampled_from((1, 7, 1_000)))
def test_a_report_taken_at_once_is_as_one_looked_at_closely(log: list[Received], seed: int, batch: int) -> None:
    """Word for word: standings, lines, facts, findings, and the home's own bytes."""
    told: Sequence[Received | Tick] = with_ticks(log) if seed % 2 else shuffled(log, seed)
    at_once = did(told, batch)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Home, "first", lambda *_: None)
        closely = did(told, batch)
    assert at_once == closely


@tried
@given(logs(), st.integers(0, 2**16), st.sampled_from((1, 7, 1_000)))
def test_what_is_not_judged_again_would_say_the_same(log: list[Received], seed: int, batch: int) -> None:
    """As if every word made the home judge everything anew, with nothing remembered.

    In which order a batch says it may differ: who judges all anew comes to some of it sooner.
    """
    told: Sequence[Received | Tick] = with_ticks(log) if seed % 2 else shuffled(log, seed)
    sparing = did(told, batch)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(UnitJudge, "leans", lambda *_: True)
        patch.setattr(SiteJudge, "ground", SiteJudge._found)
        patch.setattr(Home, "settled", property(lambda _: None, lambda *_: None))
        eager = did(told, batch)
    assert [sorted(map(repr, said)) for said in sparing] == [sorted(map(repr, said)) for said in eager]
