"""How long after their last fact consignments and permits count as over: a hundred days, and three years."""

from __future__ import annotations

from detectors.quiet import QUIET_FOR, remembered, spoken_out_from
from events.registry import Category
from events.time import DAY
from ledger.reference import Reference
from tests.detector_kit import at, licences, permit

ENDS = at("day 9 00:00")
ENDED = permit("P1", ("DET", "1 item"), valid_to="day 9 00:00", id="ended")
SOONER = permit("P1", ("DET", "1 item"), valid_to="day 2 00:00", id="sooner")
FOR_EVER = permit("P1", ("DET", "1 item"), id="for ever")


def test_goods_are_under_way_for_weeks_and_permits_for_three_years() -> None:
    """Of other kinds of key nothing is ever over by being quiet."""
    assert dict(QUIET_FOR) == {"consignment": 100 * DAY, "permit": 1_100 * DAY}


def test_a_permit_says_something_for_three_years_after_its_end() -> None:
    """One without an end for ever."""
    assert [remembered(ENDED, ENDS + 1_100 * DAY - 1), remembered(ENDED, ENDS + 1_100 * DAY)] == [True, False]
    assert remembered(FOR_EVER, ENDS + 99_999 * DAY)


def test_all_papers_of_a_permit_must_have_spoken_out() -> None:
    """The latest counts, whatever else is registered; with none nothing ever spoke."""
    licence = licences(Category.EXPLOSIVES)
    for entries in ((ENDED, SOONER), (SOONER, licence, ENDED)):
        assert spoken_out_from(Reference(entries)) == ENDS + 1_100 * DAY
    assert spoken_out_from(Reference((SOONER, FOR_EVER, ENDED))) is None
    assert spoken_out_from(Reference((licence,))) == 0
