"""The page of the rules, on two small rules: every word of it is the card's, the policy's, or shown beside them.

Law: nothing is said twice by hand.
"""

from __future__ import annotations

from typing import Any, cast

import pytest

from detectors.detector import Card, Detector
from detectors.paragraph import Shown, page, paragraph, rule_name


def detector(name: str, key: str, place: str, **more: Any) -> Detector:
    """A detector of the rule file of this name."""
    title, predicate = ("甲则", f"The {key}'s (rule)"), (f"{key} 为甲", f"{key} is so")
    misses, id_ = (f"{key} 之外", f"what is no {key}"), name.partition("_")[0].upper()
    card = Card(id_, name, title, predicate, misses, key, place)  # type: ignore[arg-type]  # named by the test
    body = {"__module__": f"detectors.{name}", "card": card, "stricter": {}, **more}
    return cast(Detector, type("Ruled", (), body)())


RULES = (
    detector("x1_first", "site", "site", stricter={"grace_h": "lower", "most.a": "higher"}, clocks=("grace_h",)),
    detector("x1_first", "vehicle", "last_fix"),
    detector("x2_other", "unit", "unit"),
)
FIRST = """# What the file is
severity = "red"
inform_unit = "after_disposal"
settle = "now"  # not a parameter: grace_h

# Above all parameters,
# two lines.
[parameters]
grace_h = 4.5   # hours of grace
grace_h_b = 2   # hours of another
# Two that are alike:
on = true
off = false
names = ["x", "y"]
none = []

plain = "a # b"
[parameters.most]
a = 3           # of a
b = 4

[[override]]
category = "explosives"
severity = "orange"
enabled = false
[override.parameters]
grace_h = 1     # not said

[[override]]
area = "350100"
unit = "U1"
enabled = true
parameters = { names = [] }

[[basis]]
law = "甲法"
article = "1, 2"
categories = ["explosives", "fireworks"]
valid_from = "2014-07-29"
valid_to = "2020-01-01"
verified = true

[[basis]]
law = "Law"
article = "§ 3"
abroad = true
"""
OTHER = """severity = "blue"
inform_unit = "never"
settle = "day_end"
settle_slack_min = 45
# Not shown.
[parameters]
"""
POLICIES = {"x1_first": FIRST, "x2_other": OTHER}
SHOWN = {
    "x1_first": Shown(
        (("sent", "发出", "sent"), ("due", "到期", "due")), (("gone", "it goes."),), (("stays", "it stays."),)
    ),
    "x2_other": Shown(),
}


def files(name: str) -> str:
    """The row of a rule's files."""
    places = ("detectors/{}.py", "policies/{}.toml", "tests/unit/detectors/test_{}.py", "tests/stories/test_{}.py")
    named = (place.format(name) for place in places)
    return f"| 文件 files | {'<br>'.join(f'[`{one}`](../{one})' for one in named)} |"


INDEX = """
| rule | | | severity |
|---|---|---|---|
| [X1](#x1-甲则--the-sites-rule) | 甲则 | The site's (rule) | 红 red |
| [X2](#x2-甲则--the-units-rule) | 甲则 | The unit's (rule) | 蓝 blue |

## 上报时限 / Reporting clocks
"""
CLOCKS = """
| rule | | 参数 parameter | 时限 clock | 另行规定 differs for |
|---|---|---|---|---|
| X1 | 甲则 | `grace_h` | 4.5 — hours of grace | explosives: 1 |
"""
FIRST_SAYS = f"""## X1 甲则 / The site's (rule)

**仓库 site.** site 为甲。<br>
Site is so.

**车辆 vehicle.** vehicle 为甲。<br>
Vehicle is so.

| | |
|---|---|
| 级别 severity | 红 red; explosives: 橙 orange, off, `grace_h` 1; 350100, U1: on, `names` — |
| 何时发声 settle | 立即（或时限一到） · at once, or at the deadline itself |
| 主办地 place | 货物所在仓库所在地 · where the site that holds the goods is; 最后有效定位所在县 · the county of \
the last good fix |
| 告知单位 inform_unit | 处置后（以免惊动内部人员） · after disposal, so as not to tip off an insider |
{files("x1_first")}

| 参数 parameter | 值 value | 含义 meaning | 更严 finds more |
|---|---|---|---|
| `grace_h` | 4.5 | hours of grace | 越低 lower |
| `grace_h_b` | 2 | hours of another |  |
| `on` | yes | Two that are alike: |  |
| `off` | no | Two that are alike: |  |
| `names` | x, y | Two that are alike: |  |
| `none` | — | Two that are alike: |  |
| `plain` | a # b |  |  |
| `most.a` | 3 | of a | 越高 higher |
| `most.b` | 4 |  |  |

Above all parameters, two lines.

法律依据 Legal basis:

- 甲法 1, 2 (民用爆炸物品、烟花爆竹), 自 from 2014-07-29, 至 until 2020-01-01 — 已核对原文 verified
- Law § 3 — 条文待核实 not verified，国外同类规定，仅供参照 law elsewhere, for comparison

证据 Evidence:

- `sent` 发出 sent; `due` 到期 due

查不出 Does not catch:

- site 之外。
- What is no site.

模拟场景 Simulated:

- 违规 `gone`: it goes.
- 相似而合法 look-alike `stays`: it stays.
"""
OTHER_SAYS = f"""## X2 甲则 / The unit's (rule)

**单位 unit.** unit 为甲。<br>
Unit is so.

| | |
|---|---|
| 级别 severity | 蓝 blue |
| 何时发声 settle | 当日结束后 45 分钟 · 45 minutes after the end of the day |
| 主办地 place | 单位所在地 · where the unit is |
| 告知单位 inform_unit | 不告知 · never |
{files("x2_other")}

法律依据 Legal basis:


查不出 Does not catch:

- unit 之外。
- What is no unit.

模拟场景 Simulated:

"""


def test_a_section_says_what_card_policy_and_scenarios_say() -> None:
    """A rule on two kinds of key has a paragraph for each; what is not there has no heading but the law's."""
    assert paragraph(RULES[:2], FIRST, SHOWN["x1_first"]) == FIRST_SAYS.removesuffix("\n")
    assert paragraph(RULES[2:], OTHER, Shown()) == OTHER_SAYS.removesuffix("\n")


def test_the_page_begins_with_an_index_and_all_clocks() -> None:
    """Each rule once, in the order given."""
    told = page(RULES, POLICIES, SHOWN)
    assert told.startswith("# The rules 检出规则\n")
    assert INDEX in told
    assert told.endswith(f"{CLOCKS}\n{FIRST_SAYS}\n{OTHER_SAYS}")


def test_a_rule_is_named_by_its_file() -> None:
    """Whatever the class is called."""
    assert [rule_name(one) for one in RULES] == ["x1_first", "x1_first", "x2_other"]


@pytest.mark.parametrize(
    ("line", "meaning"),
    [
        ("grace_h = 4 # hours", "hours"),
        ("grace_h=4   #hours", "hours"),
        ('grace_h = 4 # said "so"', ""),
        ("grace_h = 4#hours", ""),
        ("# above\ngrace_h = 4", "above"),
        ("# above\n\ngrace_h = 4", ""),
        ("# above\ngrace_h = 4 # beside", "beside"),
        ("# one\n# two\ngrace_h = 4", "one two"),
        ("other = 1 # its\ngrace_h = 4", ""),
    ],
)
def test_what_stands_beside_a_parameter_or_above_it_is_its_meaning(line: str, meaning: str) -> None:
    """An empty line parts what stands above from it; a sign within a text is none."""
    policy = f'severity = "red"\ninform_unit = "now"\n[parameters]\n{line}\n'
    assert f"\n| `grace_h` | 4 | {meaning} | 越低 lower |\n" in paragraph(RULES[:1], policy, Shown())
