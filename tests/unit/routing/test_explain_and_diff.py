"""Explaining one routing, and comparing two policies."""

from __future__ import annotations

from msgspec.structs import replace

from routing.diff import diff
from routing.explain import explain, explain_office
from routing.question import Role
from routing.route import route
from tests.unit.routing.world import BASE, DETECTORS, NOW, POLICY_TEXT, fujian, policy


def test_the_explanation_names_office_rule_article_due_time_and_doubt() -> None:
    """What an officer asks, in both languages, with nothing passed off as verified."""
    question = replace(BASE, category="chemicals", detector="D2", inform_unit="after_disposal")
    answer = route(question, policy(), fujian())
    zh, en = explain(answer, "zh"), explain(answer, "en")
    for word in ("主办：福州市鼓楼区交通运输部门", "签收截止 2026-11-24T09:00:00+08:00", "待核实", "同上",
                 "管理办法第十八条", "route.chemicals.road", "处置后告知"):  # fmt: skip
        assert word in zh
    for word in ("handler: Transport, Gulou District", "sign by 2026-11-24T09:00:00+08:00", "unverified",
                 "local policy", "masked fields", "told after disposal: unit U1"):  # fmt: skip
        assert word in en


def test_an_office_can_ask_why_me_and_why_not_me() -> None:
    """A recipient gets its own reasons; a stranger learns who handles and by which rule; a unit held back, that."""
    answer = route(replace(BASE, inform_unit="after_disposal"), policy(), fujian())
    assert "handled at county level" in explain_office(answer, "public_security@350102", "en")
    stranger = explain_office(answer, "ecology@350102", "en")
    assert "not a recipient" in stranger
    assert "public_security@350102" in stranger
    assert "route.firearms" in stranger
    assert "不是收件人" in explain_office(answer, "ecology@350102", "zh")
    assert "only after disposal" in explain_office(answer, "unit@U1", "en")


def test_a_policy_compared_with_itself_changes_nothing() -> None:
    """No difference, said in words."""
    same = diff(policy(), policy(), fujian(), DETECTORS)
    assert same.shifts == ()
    assert same.clocks == ()
    assert "no change" in same.text("en")
    assert "无变化" in same.text("zh")


def test_the_difference_names_who_gains_and_who_loses_every_cell() -> None:
    """Moving the road rule of chemicals from transport to public security, and one clock."""
    text = POLICY_TEXT.replace('lead = "transport"', 'lead = "public_security"', 1)
    after = policy(text.replace('yellow = "8 h"', 'yellow = "12 h"', 1))
    changed = diff(policy(), after, fujian(), DETECTORS, at=NOW)
    assert changed.cells == 94 * 6 * 53
    by_office = {(s.role, s.authority): s for s in changed.shifts}
    lost = by_office[Role.HANDLER, "transport@350102"].lost
    gained = by_office[Role.HANDLER, "public_security@350102"].gained
    assert lost == gained == tuple(f"350102 × chemicals × D{n}" for n in range(1, 11))
    assert (Role.HANDLER, "emergency_management@350102") not in by_office
    assert [(m.clock, m.severity, m.before, m.after) for m in changed.clocks] == [("sign", "yellow", "8 h", "12 h")]
    assert "-10 transport@350102 (handler) chemicals 10" in changed.text("en")
