"""The proof on load: no cell without its one handler, no loop, no slip of the pen."""

from __future__ import annotations

import re

import pytest

from routing.areas_load import load_areas
from routing.policy import in_force
from routing.policy_load import load_policy
from routing.proof import Hole, Proof, prove
from routing.seat import Flaw
from routing.unusable import SHOWN, Unusable
from tests.unit.routing.world import (
    DETECTORS,
    NOW,
    POLICY_TEXT,
    area,
    areas_text,
    day,
    fujian,
    policy,
    small_policy,
)

LEADS = re.findall(r"^\[route\.(\w+)\]$", POLICY_TEXT, re.M)


def refusal(text: str) -> Unusable:
    """Why the shipped table refuses a policy."""
    with pytest.raises(Unusable) as refused:
        load_policy(text, fujian(), DETECTORS)
    return refused.value


def without(section: str) -> str:
    """The shipped policy without one section and what stands below it."""
    kept = re.split(r"(?m)^(?=\[)", POLICY_TEXT)
    name = re.compile(r"\[" + re.escape(section) + r"[\].]")
    return "".join(part for part in kept if not name.match(part))


def test_the_shipped_policy_is_proven_for_every_cell() -> None:
    """94 areas × 6 categories × 53 detectors, each with exactly one handler."""
    found = prove(policy(), fujian(), DETECTORS, NOW)
    assert isinstance(found, Proof)
    assert found.cells == 94 * 6 * 53
    assert len(LEADS) == 6


@pytest.mark.parametrize("category", LEADS)
def test_deleting_a_categorys_rule_is_refused_and_names_the_cells(category: str) -> None:
    """A hole is every cell of the category; ten are named, the rest are counted."""
    refused = refusal(without(f"route.{category}"))
    areas_then = len(fujian().all_in_force(day("2017-07-17")))
    assert len(refused.problems) == areas_then * len(DETECTORS)
    assert f"350102 × {category} × A1: nobody handles it" in str(refused)
    assert f"and {areas_then * len(DETECTORS) - SHOWN} more" in str(refused)
    assert "没有主办机关" in refused.text("zh")


def test_without_pingtans_clause_its_radioactive_cells_are_holes() -> None:
    """Pingtan has no prefecture above it: without acts_as nobody of that level is there."""
    refused = refusal(without("acts_as.350128"))
    assert len(refused.problems) == len(DETECTORS)
    assert all("350128 × radioactive" in p.what[1] for p in refused.problems)


def test_without_kinmens_redirect_its_cells_are_holes() -> None:
    """An area without addressee needs an explicit redirect."""
    refused = refusal(without("redirect.350527"))
    assert {p.what[1].split(" × ")[0] for p in refused.problems} == {"350527"}
    assert "no office to write to" in str(refused)


def test_two_neighbours_that_match_one_cell_are_refused() -> None:
    """Order must not decide, so an overlap is a fault."""
    extra = '[route.firearms.red]\nmatch = { severity = ["red"] }\nlead = "ecology"\nzh = "红色"\nen = "Red"\n'
    refused = refusal(POLICY_TEXT + extra)
    assert "two neighbouring rules match" in str(refused)
    assert "350102 × firearms × D1 × red" in "".join(p.what[1] for p in refused.problems)


def test_a_rule_that_no_warning_can_meet_is_refused() -> None:
    """A dead rule is a slip of the pen."""
    extra = '[route.firearms.odd]\nmatch = { category = ["fireworks"] }\nlead = "ecology"\nzh = "怪"\nen = "Odd"\n'
    assert "no warning can ever meet this rule" in str(refusal(POLICY_TEXT + extra))


def test_redirects_in_a_circle_are_refused() -> None:
    """Redirecting two areas to each other would never arrive."""
    text = areas_text(
        area("350000", "province", "", "no_addressee = true"),
        area("a", "prefecture", "350000", "no_addressee = true"),
    )
    circle = """
[redirect.350000]
to = "a"
zh = "甲"
en = "a"
[redirect.a]
to = "350000"
zh = "乙"
en = "b"
"""
    with pytest.raises(Unusable, match="go in a circle"):
        load_policy(small_policy("350000", extra=circle), load_areas(text), DETECTORS)


def test_superiors_in_a_circle_are_refused() -> None:
    """A province that hands back to its own city would escalate for ever."""
    table = load_areas(
        areas_text(
            area("350000", "province", "", "no_addressee = true"),
            area("p", "prefecture", "350000"),
            area("c", "county", "p"),
        )
    )
    back = '[redirect.350000]\nto = "p"\nzh = "退回"\nen = "back"\n'
    with pytest.raises(Unusable, match="go in a circle"):
        load_policy(small_policy("p", extra=back), table, DETECTORS)


def test_a_redirect_to_a_stranger_is_refused() -> None:
    """Nobody outside the place and its superiors may become its handler."""
    elsewhere = POLICY_TEXT.replace('to = "350000"', 'to = "350200"')
    assert "neither of the area nor above it" in str(refusal(elsewhere))


def test_an_agency_without_offices_high_enough_is_refused() -> None:
    """A county-only agency cannot lead at prefecture level."""
    low = POLICY_TEXT.replace(
        'en = "Ecology and environment"\nlevels = ["county", "prefecture", "province"]',
        'en = "Ecology and environment"\nlevels = ["county"]',
    )
    assert "no office at that level or above" in str(refusal(low))


def test_a_missing_level_is_refused_or_climbed_as_the_policy_says() -> None:
    """4190: no prefecture. ``refuse`` names the cells, ``up`` gives them to the province."""
    table = load_areas(areas_text(area("410000", "province"), area("419001", "county", "410000")))
    with pytest.raises(Unusable, match="419001 × radioactive × A1"):
        load_policy(small_policy("410000", missing_level="refuse"), table, DETECTORS)
    assert load_policy(small_policy("410000"), table, DETECTORS).missing_level == "up"


def test_a_policy_is_proven_again_at_every_later_change_of_areas() -> None:
    """An area born years after the policy begins must have a handler too."""
    table = load_areas(
        areas_text(
            area("350000", "province"),
            area("c", "county", "350000", 'life = "2020-01-01..", no_addressee = true'),
        )
    )
    with pytest.raises(Unusable, match="as of 2020-01-01"):
        load_policy(small_policy("350000"), table, DETECTORS)


def test_prove_returns_holes_as_values() -> None:
    """A hole names its cell, its flaw and its rule."""
    found = prove(policy(), load_areas(areas_text(area("x", "county", "y"), area("y", "province"))), ("A1",), NOW)
    assert isinstance(found, tuple)
    radioactive = next(hole for hole in found if hole.category == "radioactive")
    assert isinstance(radioactive, Hole)
    assert (radioactive.flaw, radioactive.cell()) == (Flaw.LEVEL_MISSING, "x × radioactive × A1")


@pytest.mark.parametrize(
    ("old", "new", "line_text", "named"),
    [
        ('lead = "transport"', 'laed = "transport"', "laed", "unknown key 'laed'"),
        ('lead = "transport"', 'lead = "customs"', 'lead = "customs"', "unknown value 'customs'"),
        ('category = ["firearms"]', 'category = ["firearm"]', "[route.firearms]", "unknown value 'firearm'"),
        ('"E*"]', '"F1"]', "[route.chemicals.diversion]", "unknown value 'F1'"),
        ('{ category = ["fireworks"] }', '{ categry = ["fireworks"] }', "[route.fireworks]", "'categry'"),
        ('{ category = ["fireworks"] }', "{ severity = [] }", "match = { severity", "match is empty"),
        ('{ category = ["fireworks"] }', '{ severity = ["pink"] }', "[route.fireworks]", "'pink'"),
        ('{ category = ["fireworks"] }', '{ area = ["350182"] }', "[route.fireworks]", "has ended"),
        ('{ category = ["fireworks"] }', '{ area = ["999999"] }', "[route.fireworks]", "not in the table"),
        ('red = "1 h"', 'red = "soon"', 'red = "soon"', "is no length"),
        ('red = "1 h"', 'red = "3 h"', 'red = "3 h"', "red is given longer than orange"),
        ('blue = "24 h"\n', "", "[clock.sign]", "missing"),
        ('clocks = ["sign", "dispose"]', 'clocks = ["dispose"]', 'clocks = ["dispose"]', "exactly one clock"),
        ('channels = ["kafka", "redis", "sse"]', 'channels = ["fax"]', 'channels = ["fax"]', "'fax'"),
        ('level = "prefecture"', 'level = "village"', 'level = "village"', "'village'"),
        ('informed = ["ecology@county"]', 'informed = ["ecology@moon"]', "ecology@moon", "'ecology@moon'"),
        ("co_handlers = []", 'co_handlers = "transport"', 'co_handlers = "transport"', "not a list"),
        ('along = ["public_security"]', 'along = ["transport", "transport"]', "along = ", "twice"),
        ("verified = false\nco", 'verified = "no"\nco', 'verified = "no"', "neither true nor false"),
        ("effective_from = 2017-07-17", 'effective_from = "soon"', "effective_from", "not a date"),
        ("[agency.transport]", "[agency.unit]", "[agency.unit]", "cannot be an agency's name"),
        ("[fallback]", "[fallbakc]", "[fallbakc]", "unknown key 'fallbakc'"),
        ('match = { category = ["firearms"] }\n', "", "[route.firearms]", "a rule without match"),
        ("[redirect.350527]", "[redirect.350182]", "[redirect.350182]", "use its successor 350112"),
        ('zh = "烟花爆竹由应急管理部门主管"\n', "", "[route.fireworks]", "missing"),
    ],
)
def test_a_slip_of_the_pen_is_refused_with_line_field_and_remedy(
    old: str, new: str, line_text: str, named: str
) -> None:
    """Unknown keys and words, wrong lengths and dead references: each is told where and how to mend it."""
    assert old in POLICY_TEXT
    text = POLICY_TEXT.replace(old, new, 1)
    refused = refusal(text)
    problem = next(p for p in refused.problems if named in p.text("en"))
    assert problem.line is not None
    assert line_text in text.splitlines()[problem.line - 1]
    assert problem.mend[0]
    assert problem.mend[1]


def test_all_faults_are_told_at_once() -> None:
    """Reading goes on after a fault."""
    text = POLICY_TEXT.replace('lead = "transport"', 'laed = "x"').replace('red = "1 h"', 'red = "one"')
    assert len(refusal(text).problems) == 2


def test_what_is_not_toml_is_refused() -> None:
    """A broken file is refused as a whole."""
    assert "unreadable" in str(refusal("[policy"))


def test_the_version_is_the_text() -> None:
    """Any change of the text is another version; line ends are not."""
    assert policy().version == policy(POLICY_TEXT.replace("\n", "\r\n")).version
    assert policy().version != policy(POLICY_TEXT + "\n# a remark\n").version


def test_the_policy_in_force_is_the_last_begun() -> None:
    """Policies are effective-dated; before the first there is none."""
    later = policy(POLICY_TEXT.replace("effective_from = 2017-07-17", "effective_from = 2027-01-01"))
    both = (later, policy())
    assert in_force(both, NOW) is policy()
    assert in_force(both, day("2027-01-01")) is later
    assert in_force(both, day("2017-01-01")) is None
