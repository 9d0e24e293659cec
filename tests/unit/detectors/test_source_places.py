"""Where sealed sources belong, from when on, and what they should still measure."""

from __future__ import annotations

from functools import cache
from typing import Unpack

import pytest
from msgspec.structs import replace

from detectors.claim import Claim
from detectors.detector import View
from detectors.source_places import (
    Astray,
    Sources,
    among,
    expected_activity,
    registered,
    settled_at,
    settles,
    stands,
)
from detectors.world import World
from events.quantity import Quantity
from events.registry import Category, SourceEntry
from events.time import DAY, Instant, moment
from ledger.reference import FOREVER, Reference, Registered
from tests.detector_kit import at, register, world
from tests.detector_words import Dates

HALF_LIFE = 10.0 * 86_400
"""Ten days, in seconds."""


def source(serial: int, site: str = "S1", *, model: str = "T1", activity: str = "8 TBq") -> SourceEntry:
    """A source as it was measured on the morning of day 1."""
    value, unit = activity.split()
    return SourceEntry(
        maker="M1", model=model, serial=serial, goods="IR192", site=site, activity=Quantity(value, unit),
        measured_at=moment(at("day 1 08:00")),
    )  # fmt: skip


def paper(serial: int, site: str = "S1", **dates: Unpack[Dates]) -> Registered:
    """A source's entry."""
    told = dates.copy()
    told.setdefault("id", f"{serial}/{site}")
    return register(source(serial, site), unit="U1", **told)


def view_of(*papers: Registered) -> View:
    """A block's key with these entries."""
    return View("serial:M1/T1/0", Reference(papers), surroundings())


@cache
def surroundings() -> World:
    """The small world."""
    return world()


def test_sources_are_known_as_they_are_registered_then() -> None:
    """Each by maker, type and number; before its entry and after its end it is not known."""
    view = view_of(
        paper(1, valid_from="day 1 00:00", valid_to="day 9 00:00"),
        paper(2, valid_from="day 1 00:00"),
        paper(2, "S2", valid_from="day 5 00:00"),
    )
    days = ("day 0 23:59", "day 1 00:00", "day 5 00:00", "day 9 00:00", "day 1 00:00")
    found = [{key[2]: entry.site for key, entry in registered(view, at(day)).items()} for day in days]
    both = {1: "S1", 2: "S1"}
    assert found == [{}, both, {1: "S1", 2: "S2"}, {2: "S2"}, both]
    assert registered(view, at("day 1 00:00"))["M1", "T1", 2] == source(2)


NUMBERS = (3, 5, 7, 8, 20)
MANY: Sources = {("M1", model, one): source(one, model=model) for model in ("T1", "T2") for one in NUMBERS}


@pytest.mark.parametrize("first", range(2, 10))
@pytest.mark.parametrize("last", [*range(2, 12), 20, 21, 10**12])
def test_the_sources_among_some_numbers_are_those_of_the_maker_and_type(first: int, last: int) -> None:
    """In the order of their numbers, however long the run is."""
    for model in ("T1", "T2", "T3"):
        looked_for = ((first, last),) if first <= last else ()
        found = [(one.model, one.serial) for one in among(MANY, ("M1", model), looked_for)]
        assert found == [(model, nth) for nth in NUMBERS if model != "T3" and first <= nth <= last]


def test_several_runs_are_looked_through_one_after_another() -> None:
    """A number between them is not among them."""
    found = among(MANY, ("M1", "T1"), ((3, 3), (6, 7), (9, 30)))
    assert [one.serial for one in found] == [3, 7, 20]
    assert list(among({}, ("M1", "T1"), ((1, 9),))) == []


NOON = at("day 3 12:00")


@pytest.mark.parametrize(
    ("entries", "since"),
    [
        ((), FOREVER),
        ((paper(1, "S2", valid_from="day 5 00:00"),), at("day 5 00:00")),
        (
            (paper(1, "S2", valid_from="day 5 00:00"), paper(1, "S2", id="b", valid_from="day 4 00:00")),
            at("day 4 00:00"),
        ),
        ((paper(1, "S3", valid_from="day 5 00:00"),), FOREVER),
        ((paper(2, "S2", valid_from="day 5 00:00"),), FOREVER),
        ((paper(1, "S2", valid_from="day 1 00:00"),), FOREVER),
        ((paper(1, "S2", valid_from="day 3 12:00"),), FOREVER),
        ((paper(1, "S2", valid_from="day 1 00:00", valid_to="day 3 12:00"),), FOREVER),
        ((paper(1, "S2", valid_from="day 5 00:00", valid_to="day 9 00:00"),), at("day 5 00:00")),
    ],
)
def test_a_source_belongs_where_it_was_seen_once_it_is_registered_there(
    entries: tuple[Registered, ...], since: Instant
) -> None:
    """From the first entry on that begins to say so after it was seen; one that spoke then is no news."""
    view = view_of(paper(1, "S1", valid_from="day 1 00:00"), *entries)
    assert settled_at(view, ("M1", "T1", 1), "S2", NOON) == since


def test_an_entry_that_is_heard_of_too_late_settles_when_it_is_heard_of() -> None:
    """It holds from a day that is closed already: what was said of that day stands until then."""
    heard = at("day 20 09:00")
    late = replace(paper(1, "S2", valid_from="day 2 00:00"), heard_at=heard)
    after = replace(paper(1, "S2", valid_from="day 5 00:00"), heard_at=heard)
    early = replace(paper(1, "S2", valid_from="day 19 00:00"), heard_at=heard)
    found = [settled_at(view_of(one), ("M1", "T1", 1), "S2", NOON) for one in (late, after, early)]
    assert found == [heard, heard, at("day 19 00:00")]


@pytest.mark.parametrize(
    ("day", "left"),
    [("day 1 08:00", 8e12), ("day 11 08:00", 4e12), ("day 31 08:00", 1e12), ("day -9 08:00", 16e12)],
)
def test_a_source_halves_with_each_half_life(day: str, left: float) -> None:
    """A0·2^(−Δt/T½), before it was measured too."""
    assert expected_activity(source(1), HALF_LIFE, at(day)) == left


def test_what_a_source_should_measure_is_always_a_number() -> None:
    """However long ago or ahead; none where the entry states no activity."""
    assert expected_activity(source(1), 1e-6, at("day 9 08:00")) == 8e12 * 2.0**-1000
    assert expected_activity(source(1), 1e-6, at("day -9 08:00")) == 8e12 * 2.0**60
    assert expected_activity(source(1, activity="1 parsec"), HALF_LIFE, at("day 9 08:00")) is None


def astray(reason: str, speaks_at: Instant) -> Astray:
    """A source that was seen at S2."""
    numbers = {"maker": "M1", "type": "T1"}
    claim = Claim("a", NOON, speaks_at, (), dict(numbers), "350111", "U2", Category.RADIOACTIVE, site="S2")
    return Astray(1, reason, claim)


def test_a_claim_stands_until_the_source_is_registered_where_it_is() -> None:
    """Put in its place by the time it may be said, it is never said; later, it is over then."""
    settled, soon = at("day 5 00:00"), astray("site", at("day 4 00:30"))
    view = view_of(paper(1, valid_from="day 1 00:00"), paper(1, "S2", valid_from="day 5 00:00"))
    assert settles(soon, view) == settled
    assert [stands(soon, view, settled - 1), stands(soon, view, settled)] == [
        soon.claim, replace(soon.claim, until=settled),
    ]  # fmt: skip
    assert stands(astray("site", settled - 1), view, settled + DAY) is not None
    assert stands(astray("site", settled), view, settled + DAY) is None
    assert stands(astray("site", settled + 1), view, settled) is None
    nowhere = view_of(paper(1, valid_from="day 1 00:00"))
    assert stands(soon, nowhere, at("day 900 00:00")) == soon.claim


def test_what_a_source_does_not_measure_no_paper_puts_right() -> None:
    """Its place has nothing to do with it."""
    weak = astray("activity", at("day 4 00:30"))
    view = view_of(paper(1, "S2", valid_from="day 4 00:00"))
    assert stands(weak, view, at("day 9 00:00")) == weak.claim
