"""Policies: which thresholds hold for whom, and since when.

Laws: what was in force at the fact's instant decides; the most specific override wins; a wrong policy is refused
with the rule's name.
"""

from __future__ import annotations

from itertools import product

import pytest
from msgspec import Struct

from detectors.claim import Severity
from detectors.policy import Basis, PolicyFault, Terms, join_files, read_policy
from events.registry import Category
from events.time import MINUTE
from simulator.stories.relative import at


class Parameters(Struct, frozen=True, forbid_unknown_fields=True):
    """What the rule of these tests goes by."""

    most_items: int
    over_min: int = 5


HEAD = 'severity = "yellow"\ninform_unit = "now"\n'
RULE = HEAD + "[parameters]\nmost_items = 10\n"
OVERRIDES = tuple(
    (matcher, most)
    for most, matcher in enumerate(
        (
            'unit = "U7"\narea = "350102"',
            'unit = "U7"\ncategory = "explosives"',
            'unit = "U7"',
            'area = "350102"\ncategory = "explosives"',
            'area = "350102"',
            'area = "350100"',
            'area = "350000"\ncategory = "explosives"',
            'area = "350000"',
            'category = "explosives"',
            "",
        )
    )
)
"""From the most specific to the least."""
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
    for taken, (_, wins) in enumerate(OVERRIDES):
        left = [one for one in rotated if OVERRIDES.index(one) >= taken]
        text = RULE + "".join(override(matcher, most) for matcher, most in left)
        assert terms(text, unit="U7").parameters.most_items == wins


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


def test_each_parameter_is_the_nearest_override_that_says_it() -> None:
    """Layer upon layer: severity from one, a parameter from another, enabled again by a third."""
    text = "enabled = false\n" + RULE
    text += '[[override]]\nunit = "U7"\nenabled = true\n[override.parameters]\nover_min = 1\n'
    text += (
        '[[override]]\narea = "350100"\nseverity = "blue"\n[override.parameters]\nover_min = 2\nmost_items = 2\n'
    )
    text += '[[override]]\ncategory = "explosives"\nseverity = "red"\nenabled = false\n'
    found, others = terms(text, unit="U7"), terms(text)
    assert (found.severity, found.enabled, found.parameters) == (Severity.BLUE, True, Parameters(2, 1))
    assert (others.severity, others.enabled, others.parameters) == (Severity.BLUE, False, Parameters(2, 2))
    elsewhere = read_policy(policy_of(text), KNOWN).terms("X1", "explosives", ("350302", "350300", "350000"), "U1")
    assert (elsewhere.severity, elsewhere.parameters) == (Severity.RED, Parameters(10, 5))


def test_one_policy_answers_alike_however_often_it_is_asked() -> None:
    """Each category, county and unit has its own answer, kept for the next report."""
    said = ('category = "chemicals"', 'area = "350302"', 'unit = "U7"')
    text = RULE + "".join(override(matcher, most) for most, matcher in enumerate(said, start=1))
    policy = read_policy(policy_of(text), KNOWN)
    asked = list(product(("fireworks", "chemicals"), (AREAS, ("350302", "350000")), ("U1", "U7")))
    told = [policy.terms("X1", *one).parameters.most_items for one in asked]
    assert told == [10, 3, 2, 3, 1, 3, 2, 3]
    assert [policy.terms("X1", *one).parameters.most_items for one in asked] == told
    assert all(policy.terms("X1", *one) is policy.terms("X1", *one) for one in asked)


BASIS = RULE + '[[basis]]\nlaw = "law"\narticle = "1"\n'


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (HEAD + "[parameters]\nmost_item = 1\n", "Object contains unknown field `most_item`, in parameters"),
        (
            HEAD + '[parameters]\nmost_items = "ten"\n',
            "Expected `int`, got `str` - at `$.most_items`, in parameters",
        ),
        (HEAD + "[parameters]\n", "Object missing required field `most_items`, in parameters"),
        (HEAD, "Object missing required field `most_items`, in parameters"),
        (
            RULE + override('unit = "U7"', 1) + override('unit = "U8"', 1).replace("most_items", "most"),
            "Object contains unknown field `most`, in override[1].parameters",
        ),
        (RULE + override('unt = "U7"', 1), "Object contains unknown field `unt` - at `$.override[0]`"),
        (
            RULE + override('category = "chemical"', 1),
            "Invalid enum value 'chemical' - at `$.override[0].category`",
        ),
        (RULE + override("area = 350102", 1), "Expected `str | null`, got `int` - at `$.override[0].area`"),
        (RULE.replace('"yellow"', '"pink"'), "Invalid enum value 'pink' - at `$.severity`"),
        (RULE.replace('inform_unit = "now"', ""), "Object missing required field `inform_unit`"),
        (RULE.replace('"now"', '"later"'), "Invalid enum value 'later' - at `$.inform_unit`"),
        ('settle = "noon"\n' + RULE, "Invalid enum value 'noon' - at `$.settle`"),
        ("settle_slack_min = -1\n" + RULE, "Expected `int` >= 0 - at `$.settle_slack_min`"),
        ('sevirity = "red"\n' + RULE, "Object contains unknown field `sevirity`"),
        (BASIS.replace('article = "1"', ""), "Object missing required field `article` - at `$.basis[0]`"),
        (
            BASIS + 'categories = ["chemical"]\n',
            "Invalid enum value 'chemical' - at `$.basis[0].categories[0]`",
        ),
        (BASIS + 'valid_from = "May"\n', "a day is written as 2026-05-01, not May - at `$.basis[0]`"),
        (BASIS + 'valid_to = "2026-02-30"\n', "a day is written as 2026-05-01, not 2026-02-30 - at `$.basis[0]`"),
        (
            BASIS + 'valid_from = "2026-05-01"\nvalid_to = "2026-05-01"\n',
            "valid_to is the first day on which it is law no more: 2026-05-01 is not after 2026-05-01"
            " - at `$.basis[0]`",
        ),
    ],
)
@pytest.mark.parametrize("published", [False, True])
def test_a_wrong_policy_is_refused_naming_rule_and_field(text: str, fault: str, published: bool) -> None:
    """None is guessed at, wherever it stands: whoever wrote it reads what to mend, at home and as published."""
    with pytest.raises(PolicyFault) as refused:
        read_policy(policy_of(text), KNOWN, published=published)
    assert str(refused.value) == f"policies: rule X1: {fault}"


class Least(Struct, frozen=True, forbid_unknown_fields=True):
    """Two parameters that hang together: the least is no more than the most."""

    most: int = 10
    least: int = 0

    def __post_init__(self) -> None:
        if self.least > self.most:
            raise ValueError(f"least {self.least} is more than most {self.most}")


MEETING = (
    ('area = "350100"', 'unit = "U7"'),
    ('area = "350100"', 'area = "350102"'),
    ('category = "chemicals"', 'area = "350100"'),
    ('category = "chemicals"\nunit = "U7"', 'unit = "U7"'),
    ("", 'unit = "U7"'),
)
APART = (
    ('category = "chemicals"', 'category = "fireworks"'),
    ('unit = "U7"', 'unit = "U8"'),
    ('unit = "U7"\ncategory = "chemicals"', 'unit = "U8"\ncategory = "chemicals"'),
)


def least(*said: tuple[str, str]) -> str:
    """The text of a rule whose overrides say these parameters under these matchers."""
    told = (f"[[override]]\n{matcher}\n[override.parameters]\n{given}\n" for matcher, given in said)
    return policy_of(HEAD + "".join(told))


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("pair", MEETING + APART)
def test_parameters_hold_under_any_two_overrides_that_may_meet(pair: tuple[str, str], turned: bool) -> None:
    """Each good by itself, bad together: refused with both named, unless no report is of both."""
    one, other = (pair[1], pair[0]) if turned else pair
    text = least((one, "most = 5"), ("unit = 'U9'\ncategory = 'firearms'", "most = 20"), (other, "least = 7"))
    if pair in APART:
        read_policy(text, {"X1": Least})
        return
    with pytest.raises(PolicyFault) as fault:
        read_policy(text, {"X1": Least})
    place = "in override[0].parameters with override[2].parameters"
    assert str(fault.value) == f"policies: rule X1: least 7 is more than most 5, {place}"


def test_parameters_hold_whichever_of_two_overrides_is_the_nearer() -> None:
    """What is good where the second has the last word may be bad where the first has it."""
    farther, nearer = 'area = "350100"', 'unit = "U7"'
    good = read_policy(least((farther, "most = 5\nleast = 5"), (nearer, "most = 6\nleast = 6")), {"X1": Least})
    assert good.terms("X1", "chemicals", AREAS, "U7").parameters == Least(6, 6)
    with pytest.raises(PolicyFault, match=r"least 6 is more than most 5, in override\[1\].* with override\[0\]"):
        read_policy(least((nearer, "most = 5"), (farther, "most = 9\nleast = 6")), {"X1": Least})


def test_what_a_rule_may_go_by_is_its_own_and_each_override() -> None:
    """So that what is kept is kept long enough for all of them."""
    found = read_policy(least(('unit = "U7"', "most = 5"), ('area = "350100"', "least = 3")), {"X1": Least})
    assert found.allowed("X1") == (Least(), Least(most=5), Least(least=3))


def refused(text: str, *, published: bool = False) -> str:
    """How a policy of the rules X1 and X2 is refused."""
    with pytest.raises(PolicyFault) as fault:
        read_policy(text, {"X2": Parameters, "X1": Parameters}, published=published)
    return str(fault.value)


def test_a_policy_is_for_all_rules_and_no_others() -> None:
    """At home it must be whole; as published by another version what is not shared is left out."""
    assert refused("") == "policies: no table for rules ['X1', 'X2']; tables for unknown rules []"
    assert refused("[X4]\n[X3]\n").endswith("; tables for unknown rules ['X3', 'X4']")
    both = policy_of(RULE) + join_files({"x2_.toml": RULE})
    assert refused(both + "[X3]\n") == "policies: no table for rules []; tables for unknown rules ['X3']"
    assert refused("[X1\n", published=True).startswith("policies: not TOML: ")
    shared = read_policy("[X3]\n" + policy_of(RULE), KNOWN | {"X2": Parameters}, published=True)
    assert shared.rules.keys() == {"X1"}
    assert shared.terms("X1", "explosives", AREAS, "U1").parameters.most_items == 10
    with pytest.raises(LookupError) as missing:
        shared.terms("X2", "explosives", AREAS, "U1")
    assert missing.value.args == (f"the policy in force ({shared.digest}) has no table for X2: publish one",)


def test_rule_files_are_joined_under_their_ids() -> None:
    """By name, whatever order they were read in; what begins no line is no table."""
    files = {
        "x2_other.toml": 'severity = "red"\nnames = ["[a]",\n  "[b]"]\n',
        "x10_more_words.toml": RULE + override('unit = "U7"', 1),
    }
    assert join_files(files) == (
        '[X10]\nseverity = "yellow"\ninform_unit = "now"\n[X10.parameters]\nmost_items = 10\n'
        '[[X10.override]]\nunit = "U7"\n[X10.override.parameters]\nmost_items = 1\n'
        '\n[X2]\nseverity = "red"\nnames = ["[a]",\n  "[b]"]\n'
    )
    assert join_files(dict(reversed(files.items()))) == join_files(files)


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
    """From inclusive, to exclusive, in Shanghai days; what it leaves out it does not limit."""
    both = Basis("law", "1", (Category.EXPLOSIVES,), valid_from="2026-05-04", valid_to="2026-05-06")
    since, until = Basis("law", "1", valid_from="2026-05-04"), Basis("law", "1", valid_to="2026-05-06")
    days = [at(day) for day in ("day 0 23:59:59", "day 1 00:00", "day 2 23:59:59", "day 3 00:00")]
    assert [both.covers(day, Category.EXPLOSIVES) for day in days] == [False, True, True, False]
    assert [since.covers(day, Category.FIREARMS) for day in days] == [False, True, True, True]
    assert [until.covers(day, Category.FIREARMS) for day in days] == [True, True, True, False]
    assert all(Basis("law", "1").covers(day, Category.FIREARMS) for day in days)
    assert not both.covers(days[1], Category.CHEMICALS)
    assert (both.verified, both.abroad) == (False, False)
