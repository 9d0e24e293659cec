"""The regulator's page says what the shipped policy does."""

from __future__ import annotations

import re

import pytest

from routing.clocks import Clock
from routing.policy_rules import RULE_KEYS
from tests.unit.routing.world import POLICY_TEXT, ROOT, policy

PAGE = (ROOT / "docs" / "routing.md").read_text(encoding="utf-8")


def test_the_page_names_every_rule_and_every_key() -> None:
    """No rule and no key of a rule goes undocumented."""
    for rule in policy().root.walk():
        assert f"`{rule.id}`" in PAGE or rule.id == "route"
    for key in RULE_KEYS:
        assert f"`{key}`" in PAGE


def test_the_page_gives_the_shipped_lengths() -> None:
    """The table of clocks agrees with the policy."""
    clocks: dict[str, Clock] = policy().clocks
    for severity in ("red", "orange", "yellow", "blue"):
        sign, dispose = (clocks[c].lengths[severity].text()[1] for c in ("sign", "dispose"))
        assert re.search(rf"\| {severity} . \| {sign} \| {dispose} \|", PAGE)


def test_the_pages_python_runs(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """The example is executed as printed."""
    monkeypatch.chdir(ROOT)
    (block,) = re.findall(r"```python\n(.*?)```", PAGE, re.S)
    exec(compile(block, "docs/routing.md", "exec"), {})
    assert "主办：厦门市生态环境部门" in capsys.readouterr().out


def test_the_pages_policy_example_is_accepted() -> None:
    """The example rule can be pasted into the shipped policy as it stands, but for the road."""
    (block,) = re.findall(r"```toml\n(.*?)```", PAGE, re.S)
    assert policy(POLICY_TEXT + block).root.children
