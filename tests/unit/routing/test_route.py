"""Route: who handles, who helps, who knows, why, due when."""

from __future__ import annotations

import msgspec
import pytest
from msgspec.structs import replace

from events.time import HOUR
from routing.areas_load import load_areas
from routing.policy_load import load_policy
from routing.question import Answer, InformUnit, Question, Reason, Role
from routing.route import route
from tests.unit.routing.world import (
    BASE,
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


def ask(**changes: object) -> Answer:
    """The shipped policy's answer to the base question with some changes."""
    return route(replace(BASE, **changes), policy(), fujian())


def told(answer: Answer) -> list[tuple[str, str]]:
    """Roles and ids, in order."""
    return [(str(r.role), r.authority.id) for r in answer.recipients]


def reasons(answer: Answer) -> set[Reason]:
    """All the reasons given for the handler and for the warning."""
    return {w.reason for w in (*answer.why, *answer.handler.why)}


def test_the_county_authority_handles_and_the_unit_is_told() -> None:
    """Article 18: the county handles; article 15: the unit disposes of warnings too."""
    assert told(ask()) == [("handler", "public_security@350102"), ("unit", "unit@U1")]


@pytest.mark.parametrize(
    ("category", "detector", "handler"),
    [
        ("firearms", "A2", "public_security@350102"),
        ("explosives", "B9", "public_security@350102"),
        ("chemicals", "B6", "emergency_management@350102"),
        ("chemicals", "D2", "transport@350102"),
        ("radioactive", "B16", "ecology@350100"),
        ("radioactive", "D2", "ecology@350100"),
        ("fireworks", "A8", "emergency_management@350102"),
        ("fireworks", "D1", "public_security@350102"),
        ("controlled_implements", "B1", "public_security@350102"),
    ],
)
def test_the_agency_follows_category_and_detector(category: str, detector: str, handler: str) -> None:
    """The shipped mapping, one line a case."""
    assert ask(category=category, detector=detector).handler.authority.id == handler


def test_radioactive_goods_go_to_the_prefecture_and_the_county_is_told_masked() -> None:
    """Article 18's exception; the county's ecology office knows, without sensitive fields."""
    answer = ask(category="radioactive", detector="A1", area="350203")
    assert told(answer)[:2] == [("handler", "ecology@350200"), ("informed", "ecology@350203")]
    assert answer.recipients[1].masked
    assert not answer.handler.masked


def test_pingtan_handles_its_own_radioactive_included() -> None:
    """350128 reports to the province and acts as its own prefecture."""
    for category in ("firearms", "radioactive"):
        answer = ask(category=category, area="350128")
        assert answer.handler.authority.id.endswith("@350128")
    assert Reason.ACTS_AS in reasons(answer)
    assert told(answer) == [
        ("handler", "ecology@350128"),
        ("co_handler", "public_security@350128"),
        ("unit", "unit@U1"),
    ]


@pytest.mark.parametrize("category", ["firearms", "chemicals", "radioactive"])
def test_kinmens_warnings_go_to_the_province_by_explicit_policy(category: str) -> None:
    """350527 has no addressee; the redirect says so and names its line."""
    answer = ask(category=category, area="350527")
    assert answer.handler.authority.id.endswith("@350000")
    assert Reason.REDIRECTED in reasons(answer)


def test_an_old_code_is_routed_to_the_heir_and_says_so() -> None:
    """A finding about 2016 in 350182 is Changle District's today; raised then, it was Changle City's."""
    then = day("2017-08-01")
    now = ask(area="350182", at=day("2016-05-01"))
    assert now.handler.authority.id == "public_security@350112"
    assert Reason.SUCCEEDED in reasons(now)
    old = ask(area="350182", at=day("2016-05-01"), raised_at=then)
    assert old.handler.authority.id == "public_security@350182"


def test_origin_transit_and_destination_are_told_once_each_and_masked() -> None:
    """The way's authorities are informed; the handler itself is not told twice; strangers' go to the province."""
    answer = ask(
        category="explosives", detector="D2", informed_areas=("350102", "350203", "350203", "440305", "350128")
    )
    informed = [r for r in answer.recipients if r.role is Role.INFORMED]
    assert [r.authority.id for r in informed] == [
        "public_security@350203",
        "transport@350203",
        "public_security@350000",
        "transport@350000",
        "public_security@350128",
        "transport@350128",
    ]
    assert all(r.masked and not r.obligations for r in informed)
    assert any(w.reason is Reason.UNKNOWN_PLACE for w in informed[2].why)


def test_an_unknown_stop_on_the_way_tells_nobody() -> None:
    """An empty code is no place: the province is not told of every trip whose transit nobody knows."""
    assert ask(informed_areas=("", "350102")) == ask(informed_areas=("350102",))


def test_a_place_outside_the_table_falls_to_the_consignors_county() -> None:
    """Off the map, the unit's own county handles, and the answer says why."""
    answer = ask(category="explosives", detector="D2", area="440305", unit_area="350681", at=day("2020-01-01"))
    assert answer.handler.authority.id == "public_security@350604"
    assert Reason.OUTSIDE_TABLE in reasons(answer)


@pytest.mark.parametrize(
    "changes",
    [
        {"area": "nowhere", "unit_area": ""},
        {"area": "", "unit_area": "nowhere"},
        {"area": "350112", "at": day("2016-01-01"), "raised_at": day("2016-01-01")},
    ],
)
def test_what_no_rule_can_place_still_has_one_handler(changes: dict[str, object]) -> None:
    """The office of last resort: routing is total at run time too."""
    answer = ask(**changes)
    assert answer.handler.authority.id == "public_security@350000"
    assert Reason.NO_RULE in reasons(answer)


def test_unknown_words_still_have_one_handler() -> None:
    """An unknown category meets the office of last resort; an unknown severity is treated as red."""
    assert ask(category="perfume").handler.authority.id == "public_security@350000"
    assert ask(severity="pink").handler.due_at == ask(severity="red").handler.due_at
    assert ask(detector="Z9").handler.authority.id == "public_security@350102"


@pytest.mark.parametrize(("severity", "hours"), [("red", 1), ("orange", 2), ("yellow", 8), ("blue", 24)])
def test_signing_is_due_by_severity_from_when_it_was_raised(severity: str, hours: int) -> None:
    """The clock starts when raised, not when it happened, and says that it is local policy."""
    for recipient in ask(severity=severity, at=day("2026-11-01")).recipients:
        assert recipient.due_at == NOW + hours * HOUR
        assert "本地规定" in recipient.due_basis
        assert "local policy" in recipient.due_basis_en
        assert policy().version in recipient.due_basis


def test_disposal_starts_with_signing() -> None:
    """Whoever must act has a later obligation; whoever only knows has none."""
    (dispose,) = ask().handler.obligations
    assert (dispose.clock, dispose.starts, dispose.length) == ("dispose", "signed", "4 h")


@pytest.mark.parametrize(("inform", "now", "held"), [("now", 1, 0), ("after_disposal", 0, 1), ("never", 0, 0)])
def test_an_insider_is_not_tipped_off(inform: InformUnit, now: int, held: int) -> None:
    """The unit is among those told now only if the rule says so; else it is held back, or never told."""
    answer = ask(inform_unit=inform)
    assert sum(r.role is Role.UNIT for r in answer.recipients) == now
    assert len(answer.held) == held
    assert all(r.due_at is None for r in answer.held)


def test_severity_and_kind_of_site_can_choose_the_rule() -> None:
    """Matchers on severity and site kind refine a category."""
    extra = (
        '[route.firearms.shop]\nmatch = { site_kind = ["shop"], severity = ["red"], detector = ["A*"] }\n'
        'lead = "transport"\nzh = "店"\nen = "Shops"\n'
    )
    changed = policy(POLICY_TEXT + extra)
    shop = replace(BASE, site_kind="shop", detector="A1")
    assert route(shop, changed, fujian()).handler.authority.id == "transport@350102"
    for other in (replace(shop, severity="blue"), replace(shop, site_kind="store"), BASE):
        assert route(other, changed, fujian()).handler.authority.id == "public_security@350102"


def test_an_area_in_a_rule_means_all_that_lies_in_it() -> None:
    """A rule for Xiamen covers its districts, and Fuzhou's rule does not cover Pingtan."""
    extra = """
[route.firearms.cities]
match = { area = ["350200", "350100"], detector = ["A*"] }
level = "prefecture"
zh = "两市"
en = "Two cities"
"""
    changed = policy(POLICY_TEXT + extra)

    def handler(code: str) -> str:
        return route(replace(BASE, area=code, detector="A1"), changed, fujian()).handler.authority.id

    assert handler("350203") == "public_security@350200"
    assert handler("350182") == "public_security@350100"
    assert handler("350128") == "public_security@350128"
    assert handler("350302") == "public_security@350302"


def test_a_city_without_counties_handles_at_its_own_level() -> None:
    """441900: the place itself stands above the asked level."""
    table = load_areas(areas_text(area("440000", "province"), area("441900", "prefecture", "440000")))
    answer = route(replace(BASE, area="441900"), load_policy(small_policy("440000"), table, DETECTORS), table)
    assert answer.handler.authority.id == "police@441900"
    assert Reason.PLACE_ABOVE_LEVEL in reasons(answer)


def test_where_no_prefecture_exists_the_province_takes_radioactive_goods() -> None:
    """419001: the level is missing, the next one above takes it, and the answer says so."""
    table = load_areas(areas_text(area("410000", "province"), area("419001", "county", "410000")))
    small = load_policy(small_policy("410000"), table, DETECTORS)
    answer = route(replace(BASE, area="419001", category="radioactive"), small, table)
    assert answer.handler.authority.id == "police@410000"
    assert Reason.LEVEL_MISSING in reasons(answer)


def test_every_recipient_says_why_and_every_answer_by_which_policy() -> None:
    """Rule, line and article of the shipped mapping; unverified says unverified."""
    answer = ask(category="chemicals", detector="D2", informed_areas=("350203",))
    assert answer.policy_version == policy().version
    assert answer.areas_version == fujian().version
    assert all(r.why for r in answer.recipients)
    lead = answer.handler.why[0]
    assert lead.rule == "route.chemicals.road"
    assert lead.line is not None
    assert POLICY_TEXT.splitlines()[lead.line - 1] == "[route.chemicals.road]"
    assert not lead.verified
    assert any(w.article == "管理办法第十八条" for w in answer.handler.why)


def test_names_of_streams_are_stable() -> None:
    """An office's id and stream are its agency and area id; the unit has its own."""
    answer = ask()
    assert [r.authority.stream for r in answer.recipients] == [
        "warnings:public_security@350102",
        "warnings:unit@U1",
    ]
    assert answer.handler.authority.name == ("福州市鼓楼区公安机关", "Public security, Gulou District, Fuzhou City")


def test_an_answer_survives_the_wire() -> None:
    """Question and answer are values of the wire: JSON there and back changes nothing."""
    answer = ask(category="chemicals", detector="D2", informed_areas=("350203",), inform_unit="after_disposal")
    assert msgspec.json.decode(msgspec.json.encode(answer), type=Answer) == answer
    assert msgspec.json.decode(msgspec.json.encode(BASE), type=Question) == BASE
