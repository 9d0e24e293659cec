"""The page of the rules is what cards and policies say; what it is made of is read rightly."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cli.docs_shown import evidence_of, shown
from desk.labels import LABELS
from detectors.catalogue import catalogue, rule_names
from detectors.paragraph import page, paragraph, rule_name
from tests.checks.histories import history_of
from tests.detector_kit import watch

TREE = Path(__file__).parents[2]


def policies() -> dict[str, str]:
    """The shipped policy files by the rules' names."""
    return {name: (TREE / "policies" / f"{name}.toml").read_text("utf-8") for name in rule_names()}


def section(name: str, text: str | None = None) -> str:
    """One rule's section, with its shipped policy or another."""
    return paragraph(
        [one for one in catalogue() if rule_name(one) == name], text or policies()[name], shown()[name]
    )


def test_the_committed_page_is_current() -> None:
    """Law: docs/catalogue.md cannot disagree with the code. To mend it: bin/hazflow docs."""
    assert (TREE / "docs" / "catalogue.md").read_text("utf-8") == page(catalogue(), policies(), shown()), (
        "docs/catalogue.md is not current: run `bin/hazflow docs` and commit what it writes"
    )


@pytest.mark.parametrize("name", rule_names())
def test_every_rule_has_a_section_with_all_its_parameters(name: str) -> None:
    """Law: id, both titles, key, files, every parameter and what is not caught stand in the section."""
    told = section(name)
    card = next(one.card for one in catalogue() if rule_name(one) == name)
    assert told.startswith(f"## {card.id} {card.title[0]} / {card.title[1]}\n")
    for field in (one for one in catalogue() if rule_name(one) == name):
        for parameter in field.Parameters.__struct_fields__:
            assert f"| `{parameter}" in told
    for word in (f"detectors/{name}.py", f"policies/{name}.toml", f"test_{name}.py", card.misses[0]):
        assert word in told


def test_what_the_policy_says_beside_or_above_a_parameter_is_its_meaning() -> None:
    """Law: units stand in the policy file, once; a comment above several parameters speaks for each."""
    told = section("b3_sr_difference")
    assert "| `grace_h` | 12.0 | hours after the planned arrival until a shortage is one |" in told
    assert "| `uncertainty_neq` | 0.0015 | Relative standard uncertainty of one weighing" in told


def test_all_that_a_rule_says_of_a_finding_is_listed_as_its_evidence() -> None:
    """Law: the names are read from the sources; what a rule says in its own history is among them."""
    for detector in catalogue():
        listed = {re.sub(r"\d+$", "", name) for name in evidence_of(rule_name(detector))}
        said = {name for finding in watch(history_of(detector)) for name in finding.claim.numbers}
        missing = {re.sub(r"\d+$", "", name) for name in said} - listed - {"measure"}
        assert not missing, f"{detector.card.id}: {missing}"


def test_every_number_of_the_evidence_has_a_label() -> None:
    """Law: what a rule's source can say is called something in both languages, and not by its name in the code."""
    for rule in rule_names():
        unnamed = [name for name in evidence_of(rule) if re.sub(r"_\d+$", "", name) not in LABELS]
        assert not unnamed, f"{rule}: {unnamed}"


def test_the_scenarios_that_play_a_rule_stand_in_its_section() -> None:
    """Law: one that it must find and one that it must not raise, from the scenarios' own words."""
    told = section("e3_combination")
    assert (
        "- 违规 `precursor_set`: a user of one acid buys hydrogen peroxide and acetone within three days." in told
    )
    assert "look-alike `school_laboratory`" in told
    assert "tests/stories/test_e3_combination.py" in told


def test_a_changed_policy_changes_the_section() -> None:
    """Law: value, severity, settle and the mark of a verified article are the policy's."""
    text = policies()["b2_negative_balance"].replace("tolerance = 0", "tolerance = 7")
    text = text.replace('severity = "orange"', 'severity = "red"').replace('"day_end"', '"now"')
    told = section("b2_negative_balance", text.replace("verified = false", "verified = true"))
    assert "| `tolerance` | 7 |" in told
    assert "| 级别 severity | 红 red |" in told
    assert "at once" in told
    assert "已核对原文 verified" in told
    assert "not verified" not in told


def test_what_differs_by_category_is_said() -> None:
    """Law: overrides stand beside the value that they override."""
    assert "explosives: 红 red" in section("b1_book_physical")
    assert "radioactive: `unstated_random` 0.02" in section("b1_book_physical")
