"""Policies: which thresholds hold for whom, and since when.

Laws: what was in force at the fact's instant decides; the most specific override wins; a wrong policy is refused
with the rule's name.
"""

from __future__ import annotations

import pytest
from msgspec import Struct

from detectors.claim import Severity
from detectors.policy import Basis, PolicyFault, Terms, join_files, read_policy
from events.registry import Category, PolicyEntry
from events.time import MINUTE
from simulator.stories.relative import at
from tests.detector_kit import register, world


class Parameters(Struct, frozen=True, forbid_unknown_fields=True):
    """What the rule of these tests goes by."""

    most_items: int
    over_min: int = 5


HEAD = 'severity = "yellow"\ninform_unit = "now"\n'
RULE = HEAD + "[parameters]\nmost_items = 10\n"
OVERRIDES = (
    ("unit", 'unit = "U7"', 1),
    ("county", 'area = "350102"', 2),
    ("prefecture", 'area = "350100"', 3),
    ("category", 'category = "explosives"', 4),
)
KNOWN = {"X1": Parameters}
AREAS = ("350102", "350100", "350000")


def policy_of(text: str) -> str:
    """The published text of one rule's file."""
    return join_files({"x1_example": text})


def override(matcher: str, most: int) -> str:
    """One override of the example's parameter."""
    return f"[[override]]\n{matcher}\n[override.parameters]\nmost_items = {most}\n"


def terms(text: str, *, unit: str = "U1", category: str = "explosives") -> Terms[Parameters]:
    """The example's terms for a place in county 350102."""
    return read_policy(policy_of(text), KNOWN).terms("X1", category, AREAS, unit)


@pytest.mark.parametrize("first", range(len(OVERRIDES)))
def test_the_more_specific_override_wins_whatever_stands_first(first: int) -> None:
    """A unit over an area over a category; a nearer area over a farther."""
    rotated = OVERRIDES[first:] + OVERRIDES[:first]
    for taken in range(len(OVERRIDES)):
        left = [one for one in rotated if OVERRIDES.index(one) >= taken]
        text = RULE + "".join(override(matcher, most) for _, matcher, most in left)
        assert terms(text, unit="U7").parameters.most_items == OVERRIDES[taken][2]


def test_every_matcher_that_is_given_must_match() -> None:
    """Elsewhere, for other goods or another unit the rule's own parameters hold."""
    text = RULE + override('area = "350102"\ncategory = "chemicals"', 1) + override('unit = "U9"', 2)
    assert terms(text).parameters == Parameters(most_items=10)
    assert terms(text, category="chemicals").parameters.most_items == 1
    assert terms(text, unit="U9").parameters.most_items == 2


def test_what_an_override_leaves_out_stays() -> None:
    """Severity, being enabled and each parameter by itself."""
    text = RULE + '[[override]]\nunit = "U7"\nseverity = "red"\nenabled = false\n'
    found, others = terms(text, unit="U7"), terms(text)
    assert (found.severity, found.enabled, found.parameters.most_items) == (Severity.RED, False, 10)
    assert (others.severity, others.enabled) == (Severity.YELLOW, True)


@pytest.mark.parametrize(
    "text",
    [
        HEAD + "[parameters]\nmost_item = 10\n",
        HEAD + '[parameters]\nmost_items = "ten"\n',
        HEAD + "[parameters]\n",
        RULE + override('unit = "U7"', 1).replace("most_items", "most"),
        RULE.replace('"yellow"', '"pink"'),
        RULE.replace('inform_unit = "now"', ""),
        "sevirity = 'red'\n" + RULE,
    ],
)
def test_a_wrong_policy_is_refused_naming_the_rule(text: str) -> None:
    """An unknown parameter, a wrong type, a missing one, in an override too: none is guessed at."""
    with pytest.raises(PolicyFault, match="rule X1: "):
        read_policy(policy_of(text), KNOWN)


def test_a_policy_is_for_all_rules_and_no_others() -> None:
    """At home it must be whole; as published by another version what is not shared is left out."""
    with pytest.raises(PolicyFault, match="no table for rules"):
        read_policy("", KNOWN)
    with pytest.raises(PolicyFault, match="unknown rules"):
        read_policy(policy_of(RULE) + "[X2]\n", KNOWN)
    with pytest.raises(PolicyFault, match="not TOML"):
        read_policy("[X1\n", KNOWN, published=True)
    shared = read_policy("[X2]\n", KNOWN, published=True)
    with pytest.raises(LookupError, match="no table for X1"):
        shared.terms("X1", "explosives", AREAS, "U1")


def test_the_digest_stands_for_the_whole_text() -> None:
    """Equal text, equal version; a comment is a change too."""
    text = policy_of(RULE)
    assert read_policy(text, KNOWN).digest == read_policy(text, KNOWN).digest
    assert read_policy(text, KNOWN).digest != read_policy(text + "# why\n", KNOWN).digest


def test_a_rule_may_wait_for_the_end_of_the_day() -> None:
    """Settle: what an upload due by midnight may explain is said after it, with its slack."""
    at_once, waits = terms(RULE), terms('settle = "day_end"\n' + RULE)
    noon = at("day 1 12:00")
    assert at_once.speaks(noon) == noon
    assert waits.speaks(noon) == at("day 2 00:00") + 30 * MINUTE


def test_a_legal_basis_holds_for_its_days_and_goods() -> None:
    """From inclusive, to exclusive, in Shanghai days."""
    basis = Basis("law", "1", (Category.EXPLOSIVES,), valid_from="2026-05-04", valid_to="2026-05-06")
    days = ("day 0 23:59", "day 1 00:00", "day 2 23:59", "day 3 00:00")
    assert [basis.covers(at(day), Category.EXPLOSIVES) for day in days] == [False, True, True, False]
    assert not basis.covers(at("day 1 12:00"), Category.CHEMICALS)


def test_the_policy_in_force_when_it_happened_decides() -> None:
    """Publications are dated; which came first does not matter; the first also speaks for what was before."""
    shipped = world().policy(at("day 1 00:00"))
    assert shipped is not None
    later = register(PolicyEntry(digest="b", text=shipped.text + "# b\n"), valid_from="day 5 00:00", id="b")
    latest = register(PolicyEntry(digest="c", text=shipped.text + "# c\n"), valid_from="day 9 00:00", id="c")
    for entries in ((later, latest), (latest, later)):
        places = world(entries)
        found = [places.policy(at(f"day {day} 00:00")) for day in (-900, 4, 5, 8, 9)]
        endings = [one.text[-2] if one is not None else "" for one in found]
        assert endings == [shipped.text[-2], shipped.text[-2], "b", "b", "c"]


def test_a_policy_that_cannot_be_read_is_not_taken() -> None:
    """The ones before and after it stay good."""
    places = world()
    before = places.policy(at("day 9 00:00"))
    with pytest.raises(PolicyFault):
        places.put(register(PolicyEntry(digest="bad", text="["), valid_from="day 5 00:00", id="bad"))
    assert places.policy(at("day 9 00:00")) == before
    assert before is not None
    good = register(PolicyEntry(digest="good", text=before.text + "# good\n"), valid_from="day 5 00:00", id="good")
    assert places.put(good)
    after = places.policy(at("day 9 00:00"))
    assert after is not None
    assert after.text.endswith("# good\n")
