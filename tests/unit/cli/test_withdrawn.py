"""A withdrawn warning says on the command line what took it back."""

from __future__ import annotations

from msgspec.structs import replace

from cli.warnings import in_full
from routing.notice import FactRef
from tests.unit.desk.world import notice


def test_a_withdrawn_warning_names_the_report_or_the_entry_that_took_it_back() -> None:
    """A report with where its record stands, an entry by its id."""
    told = replace(notice(2), status="withdrawn")
    by_report = replace(told, withdrawn_by=FactRef("p|S1|late", "flow", 3, 41))
    assert "Taken back by the report: p|S1|late  flow/3/41" in in_full(by_report, "en")
    by_entry = replace(told, withdrawn_by=FactRef("registry|unit:U1|L7", "", 0, 0))
    assert "撤回依据（登记）: registry|unit:U1|L7\n" in in_full(by_entry, "zh")
    by_policy = replace(told, withdrawn_by=FactRef("policy|0a1b", "", 0, 0))
    assert "No longer claimed under the policy: policy|0a1b\n" in in_full(by_policy, "en")
    by_code = replace(told, withdrawn_by=FactRef("code|77", "", 0, 0))
    assert "新版规则不再认定: code|77\n" in in_full(by_code, "zh")
    assert "Taken back by" not in in_full(told, "en")
