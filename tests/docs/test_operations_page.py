"""The operators' page names every setting, topic, reason code and check."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest

from events.rejection import MEND, Reason
from streams.broker.topics import Topics
from streams.health import check_machine
from streams.settings import PREFIX, Settings

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "operations.md").read_text("utf-8")


def rows(text: str) -> set[str]:
    """The first cells of a page's tables."""
    return set(re.findall(r"^\| `([^`]+)`", text, re.M))


def test_every_setting_has_a_row_with_its_default() -> None:
    """Law: whatever may be set is in the table, and nothing else is."""
    named = {name for name in rows(PAGE) if name.startswith(PREFIX)}
    fields = msgspec.structs.fields(Settings)
    assert named == {PREFIX + field.name.upper() for field in fields}
    for field in fields:
        default = getattr(Settings(), field.name)
        if isinstance(default, str | int) and not isinstance(default, bool):
            assert f"| `{PREFIX}{field.name.upper()}` | `{default}` |" in PAGE


def test_every_topic_has_a_row() -> None:
    """Law: an operator finds each topic of the broker on the page."""
    topics = Topics("hazflow")
    assert {topics.word(name) for name in topics.every} <= rows(PAGE)


@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_code_has_a_heading_with_how_to_mend_it(reason: Reason) -> None:
    """Law: a refusal has a way back (7), and the page says it in the words of the refusal itself."""
    (section,) = re.findall(rf"^### {reason.value}\n(.*?)(?=^#|\Z)", PAGE, re.M | re.S)
    zh, en = MEND[reason]
    assert zh in section
    assert en[1:] in section


def test_every_check_of_the_doctor_is_on_the_page(tmp_path: Path) -> None:
    """Law: what doctor may complain of is explained."""
    policies = str(DOCS.parent / "policies")
    checks = check_machine(Settings(home=str(tmp_path), policies=policies), [], 0)
    table = PAGE.partition("## Is it well")[2].partition("\n## ")[0]
    assert {check.name for check in checks} <= set(re.findall(r"\w+", table))
