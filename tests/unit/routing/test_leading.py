"""Which of several warnings that one event made true leads the others."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path

import pytest

from events.time import HOUR
from routing.leading import NOBODY_LEADS, Leading, opened_by, read_leading
from routing.notice import FactRef, WarningNotice
from routing.unusable import Unusable
from streams.assembly import detector_ids
from tests.unit.desk.world import notice

ROOT = Path(__file__).parents[3]
SHIPPED = read_leading((ROOT / "policies" / "leading.toml").read_text("utf-8"), detector_ids())


def told(rule: str, *facts: str, opened: str = "", severity: str = "orange", **more: object) -> WarningNotice:
    """A warning of one rule that cites these facts, opened by the first unless said."""
    cited = tuple(FactRef(fact, "flow", 0, 0) for fact in facts)
    given = {"finding": f"{rule}-1", "status": "open", "until": None, **more}
    return notice(
        0, "ST-101", detector=rule, severity=severity, facts=cited,
        opened_by=opened or (facts[0] if facts else ""), **given,
    )  # fmt: skip


EXPIRED, OVER = told("A5", "m3"), told("A3", "m1", "m2", "m3", opened="m3")


def lead_of(one: WarningNotice, *others: WarningNotice, by: Leading = SHIPPED) -> str | None:
    """The finding that a warning is attached to."""
    lead = by.lead(one, others)
    return None if lead is None else lead.finding


def test_an_expired_permit_that_is_also_over_its_quantity_is_one_matter() -> None:
    """The paper that is not in force leads; that more was booked on it is attached."""
    assert lead_of(OVER, EXPIRED) == EXPIRED.finding
    assert lead_of(EXPIRED, OVER) is None


def test_the_worst_leads_whatever_the_order_says() -> None:
    """A red warning is never hidden under an orange one."""
    red = told("A3", "m1", "m2", "m3", opened="m3", severity="red")
    assert lead_of(EXPIRED, red) == red.finding
    assert lead_of(red, EXPIRED) is None


@pytest.mark.parametrize(
    "other",
    [
        told("A5", "m9"),
        told("A5", "m3", status="withdrawn"),
        told("B1", "m3"),
        told("A3", "m3", finding="A3-2"),
        told("A5", "m3", status="closed", since=EXPIRED.since - 9 * HOUR, until=EXPIRED.since - HOUR),
        told("A5", "m3", recipients=notice(1, "ST-205").recipients),
    ],
    ids=[
        "another event",
        "withdrawn",
        "no table has both",
        "the same rule",
        "at another time",
        "another authority",
    ],
)
def test_what_does_not_belong_together_stands_by_itself(other: WarningNotice) -> None:
    """Each condition by itself keeps two warnings apart."""
    assert lead_of(OVER, other) is None


def test_an_event_that_the_lead_cites_later_counts_and_one_that_opened_only_the_lead_does_not() -> None:
    """The attached one is what began by an event that the lead is about as well."""
    goes_on = told("A5", "m1", "m2", "m3")
    assert lead_of(OVER, goes_on) == goes_on.finding
    assert lead_of(told("A3", "m0", "m3", opened="m0"), EXPIRED) is None


def test_who_leads_does_not_depend_on_who_came_first() -> None:
    """Of several the first in order leads, in whatever order they are held against it."""
    others = (EXPIRED, told("A1", "m3"), told("A2", "m3"))
    assert {lead_of(OVER, *order) for order in permutations(others)} == {"A1-1"}
    assert lead_of(OVER, *others, by=NOBODY_LEADS) is None


def test_a_warning_without_facts_is_attached_to_nothing() -> None:
    """A licence near its end was opened by no event."""
    assert opened_by(told("A9")) == ""
    assert lead_of(told("A9"), EXPIRED) is None


def test_an_older_notice_was_opened_by_the_first_that_it_cites() -> None:
    """Notices of before say nothing of it."""
    assert opened_by(notice(0, "ST-101")) == notice(0, "ST-101").facts[0].id


def test_a_policy_that_names_no_rule_or_one_twice_is_refused() -> None:
    """With its line and the way to mend it."""
    page = '[[together]]\nzh = "x"\nen = "x"\norder = ["A1", "Z9", "A1"]\n'
    with pytest.raises(Unusable, match="there is no rule 'Z9'") as refused:
        read_leading(page, detector_ids())
    assert len(refused.value.problems) == 2
    with pytest.raises(Unusable):
        read_leading("together = 5", detector_ids())
    with pytest.raises(Unusable):
        read_leading("[[together", detector_ids())
