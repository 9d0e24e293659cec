"""A share that never varied in clean history still counts when it varies: working at night where nobody did.

Law: a forest sees every share; rows that make one visible calibrate nothing.
"""

import numpy as np
from msgspec.structs import replace

from models.artefact import assemble
from models.baseline import Trailing, absorb
from models.features import STANDARD
from models.fit import Growth, fit, with_silent
from models.judge import score_day
from models.unit_day import UnitDay
from tests.unit.models.clean import WINDOW, clean_histories

HISTORIES = clean_histories()
NIGHT = STANDARD.names.index("night_share")


def test_a_day_moved_wholly_into_the_night_is_stranger_than_the_same_day() -> None:
    """Nobody works at night in the clean histories; a day that does so, all else equal, scores higher."""
    model = assemble(fit(HISTORIES, window=WINDOW, growth=Growth(seed=1)))
    stranger = 0
    for history in HISTORIES:
        trailing = Trailing()
        for day in history.days[:-1]:
            trailing = absorb(trailing, day)
        scores = [
            score_day(model, day, trailing=trailing, segment=history.segment)
            for day in (history.days[-1], _at_night(history.days[-1]))
        ]
        assert scores[0] is not None
        assert scores[1] is not None
        stranger += scores[1] > scores[0]
    assert stranger == len(HISTORIES)


def test_only_silent_shares_are_spread_and_all_else_stays() -> None:
    """A column that varies is left alone; the added rows differ from rows of the table in one share each."""
    draw = np.random.default_rng(1)
    table = draw.uniform(size=(300, len(STANDARD.names)))
    assert np.array_equal(with_silent(table, STANDARD), table)
    table[:, NIGHT] = 0.0
    grown = with_silent(table, STANDARD)
    assert np.array_equal(grown[:300], table)
    assert grown[300:, NIGHT].tolist() == [0.5 / 3, 1.5 / 3, 2.5 / 3]
    others = [column for column in range(len(STANDARD.names)) if column != NIGHT]
    assert all(any(np.array_equal(row[others], known[others]) for known in table) for row in grown[300:])


def test_what_makes_a_share_visible_calibrates_nothing() -> None:
    """The number of clean scores and the usual row are those of the histories alone."""
    artefact = fit(HISTORIES, window=WINDOW, growth=Growth(seed=1))
    assert artefact.usual[NIGHT] == 0.0
    scored = sum(day.day - history.days[0].day >= STANDARD.span for history in HISTORIES for day in history.days)
    assert artefact.card.rows == len(artefact.clean) == scored


def _at_night(day: UnitDay) -> UnitDay:
    return replace(day, night=day.count)
