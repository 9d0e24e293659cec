"""Whether somebody was certified for a role at an instant, and if not, what was wrong."""

from __future__ import annotations

from typing import Any

import pytest

from detectors.certificates import Role, Standing, standing
from events.registry import PersonEntry
from events.time import DAY
from ledger.reference import Reference, Registered
from tests.detector_kit import at, register


def held(person: str, role: Role, **dates: Any) -> Registered:
    return register(PersonEntry(person=person, role=role), unit="U1", **dates)


UNTIL_FIVE = held("P1", "driver", valid_from="day 1 00:00", valid_to="day 5 00:00")


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ("day 1 00:00", Standing()),
        ("day 4 23:59:59", Standing()),
        ("day 5 00:00", Standing("expired", at("day 5 00:00"))),
    ],
)
def test_a_certificate_holds_from_its_first_instant_to_before_its_last(when: str, expected: Standing) -> None:
    """And it is said when it ended."""
    assert standing(Reference((UNTIL_FIVE,)), at(when), ("P1",), ("driver",), 0) == expected


def test_one_of_several_people_or_roles_is_enough() -> None:
    """Else what was wrong with the first is said."""
    reference = Reference((UNTIL_FIVE, held("P2", "escort")))
    assert standing(reference, at("day 9 00:00"), ("P1", "P2"), ("driver", "escort"), 0) == Standing()
    assert standing(reference, at("day 9 00:00"), ("P1", "P2"), ("driver",), 0).reason == "expired"
    assert standing(reference, at("day 9 00:00"), ("P2", "P1"), ("driver",), 0) == Standing("other_role")
    assert standing(reference, at("day 9 00:00"), ("P3", "P1"), ("driver",), 0) == Standing("unknown")


def test_days_of_grace_are_let_pass_after_the_end() -> None:
    """Not a second more."""
    reference = Reference((UNTIL_FIVE,))
    for when, reason in (("day 7 23:59:59", None), ("day 8 00:00", "expired")):
        assert standing(reference, at(when), ("P1",), ("driver",), 3 * DAY).reason == reason


def test_of_two_that_ended_the_later_is_said_and_one_to_come_is_not_valid_yet() -> None:
    """What begins only later was no certificate then."""
    early = held("P1", "driver", valid_from="day -9 00:00", valid_to="day -1 00:00", id="early")
    both = Reference((early, UNTIL_FIVE))
    assert standing(both, at("day 9 00:00"), ("P1",), ("driver",), 0).ended == at("day 5 00:00")
    to_come = Reference((held("P1", "driver", valid_from="day 9 00:00", recorded="day 1 00:00"),))
    assert standing(to_come, at("day 8 00:00"), ("P1",), ("driver",), 0) == Standing("not_yet_valid")
