"""What people read about a rule, from its card and its policy file: docs/catalogue.md is made here.

Law kept: nothing is said twice by hand. Predicate and limits are the card's, values, units and legal bases the
policy's, so a page that is current cannot disagree with what runs.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec
from msgspec import Struct

from detectors.claim import Severity
from detectors.detector import Detector
from detectors.policy import Basis, Override, RulePolicy
from events.registry import CATEGORY_NAMES

_SEVERITIES: Final = {Severity.RED: "红 red", Severity.ORANGE: "橙 orange", Severity.YELLOW: "黄 yellow",
                      Severity.BLUE: "蓝 blue"}  # fmt: skip
_KEYS: Final = {"site": "仓库 site", "book": "台账 book", "unit": "单位 unit", "permit": "许可证 permit",
                "serial": "编码段 serial block", "consignment": "运单 consignment",
                "vehicle": "车辆 vehicle"}  # fmt: skip
_PLACES: Final = {
    "site": "货物所在仓库所在地 · where the site that holds the goods is",
    "shipper": "发货仓库所在地 · where the shipper's site is",
    "receiver": "收货仓库所在地 · where the receiver's site is",
    "last_fix": "最后有效定位所在县 · the county of the last good fix",
    "unit": "单位所在地 · where the unit is",
}
_INFORM: Final = {
    "now": "立即 · now",
    "after_disposal": "处置后（以免惊动内部人员） · after disposal, so as not to tip off an insider",
    "never": "不告知 · never",
}
_FINDS_MORE: Final = {"lower": "越低 lower", "higher": "越高 higher"}
_HEAD: Final = """# The rules 检出规则

**中文摘要。** 本页由各规则的说明卡和 `policies/` 中的办法文件生成（`hazflow docs`），请勿手改。每条规则依次为:
判据、级别、何时发声、主体、主办地、是否告知单位、参数及其单位、法律依据（注明是否已核对原文）、证据、查不出什么、
模拟场景。

Made by `hazflow docs` from the cards of the rules and the files in `policies/`: do not edit it. Quantities in
parameters are base units (mg, µL, items, Bq). "Finds more" says in which direction a threshold finds more; a test
proves it. A legal basis is *verified* only where somebody read the article at its source; every warning says
which is which. *Evidence* are the names under which a finding's numbers stand in the API and in files. *Simulated*
are the scenarios in which the rule must speak, and those that look like it and in which it must not.
"""
_CLOCKS: Final = """## 上报时限 / Reporting clocks

法定与办法规定的各项时限一览；要改，改各规则的办法文件。

What must be reported, filed, handed back or counted by when: all clocks at one look. They stand in the rules'
policy files, for everybody and by category, and are changed there.
"""
_KEY_VALUE: Final = re.compile(r"^(?P<name>\w+)\s*=(?P<rest>.*)$")
_TRAILING: Final = re.compile(r"\s#\s*(?P<said>[^\"#]*)$")


class Shown(Struct, frozen=True):
    """What the page shows beside card and policy: (name, zh, en) of evidence; (scenario, what it does)."""

    evidence: tuple[tuple[str, str, str], ...] = ()
    diversions: tuple[tuple[str, str], ...] = ()
    look_alikes: tuple[tuple[str, str], ...] = ()


def page(detectors: Sequence[Detector], policies: Mapping[str, str], shown: Mapping[str, Shown]) -> str:
    """The whole page; ``policies`` are the policy files' texts, and ``shown`` what else, by the rules' names."""
    by_rule: dict[str, list[Detector]] = {}
    for detector in detectors:
        by_rule.setdefault(rule_name(detector), []).append(detector)
    rows = [_index_row(own[0], policies[name]) for name, own in by_rule.items()]
    index = "\n".join(["| rule | | | severity |", "|---|---|---|---|", *rows])
    sections = (paragraph(own, policies[name], shown[name]) for name, own in by_rule.items())
    clocks = "\n".join([_CLOCKS.strip(), "", *_clock_rows(by_rule, policies)])
    return "\n\n".join([_HEAD.strip(), index, clocks, *sections]) + "\n"


def _clock_rows(by_rule: Mapping[str, Sequence[Detector]], policies: Mapping[str, str]) -> Iterator[str]:
    """The rules' clocks, as their policies set them for everybody and for some."""
    yield from ("| rule | | 参数 parameter | 时限 clock | 另行规定 differs for |", "|---|---|---|---|---|")
    for name, own in by_rule.items():
        rule, card = _rule(policies[name]), own[0].card
        said, _ = _comments(policies[name])
        for clock in getattr(own[0], "clocks", ()):
            others = [one for one in rule.override if clock in one.parameters]
            differs = "; ".join(f"{_whom(one)}: {_value(one.parameters[clock])}" for one in others)
            about = said.get(clock, "")
            value = _value(rule.parameters[clock])
            yield f"| {card.id} | {card.title[0]} | `{clock}` | {value} — {about} | {differs} |"


def _index_row(detector: Detector, text: str) -> str:
    card = detector.card
    link = f"[{card.id}](#{_anchor(card.id, card.title)})"
    return f"| {link} | {card.title[0]} | {card.title[1]} | {_SEVERITIES[_rule(text).severity]} |"


def rule_name(detector: Detector) -> str:
    """The name that file, policy, test and paragraph of a rule share."""
    return type(detector).__module__.rpartition(".")[2]


def paragraph(detectors: Sequence[Detector], text: str, shown: Shown) -> str:
    """One rule's section. A rule that lives on several kinds of key has a detector for each, under one id."""
    first, rule, name = detectors[0].card, _rule(text), rule_name(detectors[0])
    lines = [f"## {first.id} {first.title[0]} / {first.title[1]}", ""]
    for card in (detector.card for detector in detectors):
        lines += [f"**{_KEYS[card.key]}.** {card.predicate[0]}。<br>", f"{_sentence(card.predicate[1])}", ""]
    lines += [*_terms(detectors, rule, name), ""]
    lines += _parameters(detectors[0], text)
    lines += ["法律依据 Legal basis:", "", *(f"- {_basis(basis)}" for basis in rule.basis), ""]
    lines += _evidence(shown.evidence)
    lines += ["查不出 Does not catch:", "", f"- {first.misses[0]}。", f"- {_sentence(first.misses[1])}", ""]
    lines += _simulated(shown)
    return "\n".join(lines)


def _rule(text: str) -> RulePolicy:
    return msgspec.convert(tomllib.loads(text), RulePolicy)


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."


def _anchor(id_: str, title: tuple[str, str]) -> str:
    """The heading's anchor as GitHub makes it."""
    kept = re.sub(r"[^\w\- ]", "", f"{id_} {title[0]} / {title[1]}".lower())
    return kept.replace(" ", "-")


def _terms(detectors: Sequence[Detector], rule: RulePolicy, name: str) -> Iterator[str]:
    yield from ("| | |", "|---|---|")
    yield f"| 级别 severity | {'; '.join([_SEVERITIES[rule.severity], *map(_differs, rule.override)])} |"
    yield f"| 何时发声 settle | {_settle(rule)} |"
    places = dict.fromkeys(_PLACES[detector.card.place] for detector in detectors)
    yield f"| 主办地 place | {'; '.join(places)} |"
    yield f"| 告知单位 inform_unit | {_INFORM[rule.inform_unit]} |"
    files = (
        f"detectors/{name}.py", f"policies/{name}.toml", f"tests/unit/detectors/test_{name}.py",
        f"tests/stories/test_{name}.py",
    )  # fmt: skip
    yield f"| 文件 files | {'<br>'.join(f'[`{file}`](../{file})' for file in files)} |"


def _differs(override: Override) -> str:
    """What an override says, after whom it says it of."""
    said = [] if override.severity is None else [_SEVERITIES[override.severity]]
    said += [] if override.enabled is None else ["on" if override.enabled else "off"]
    said += [f"`{name}` {_value(value)}" for name, value in override.parameters.items()]
    return f"{_whom(override)}: {', '.join(said)}"


def _whom(override: Override) -> str:
    return ", ".join(word for word in (override.category, override.area, override.unit) if word)


def _settle(rule: RulePolicy) -> str:
    if rule.settle == "now":
        return "立即（或时限一到） · at once, or at the deadline itself"
    slack = rule.settle_slack_min
    return f"当日结束后 {slack} 分钟 · {slack} minutes after the end of the day"


def _parameters(detector: Detector, text: str) -> Iterator[str]:
    """The table of thresholds with what the policy file says beside them; nothing where there are none."""
    values = dict(_flat(_rule(text).parameters))
    said, note = _comments(text)
    if values:
        yield from ("| 参数 parameter | 值 value | 含义 meaning | 更严 finds more |", "|---|---|---|---|")
        for name, value in values.items():
            more = _FINDS_MORE.get(detector.stricter.get(name, ""), "")
            yield f"| `{name}` | {_value(value)} | {said.get(name, '')} | {more} |"
        yield ""
    if note and values:
        yield from (note, "")


def _evidence(names: Sequence[tuple[str, str, str]]) -> Iterator[str]:
    if names:
        told = "; ".join(f"`{name}` {zh} {en}" for name, zh, en in names)
        yield from ("证据 Evidence:", "", f"- {told}", "")


def _simulated(shown: Shown) -> Iterator[str]:
    yield from ("模拟场景 Simulated:", "")
    yield from (f"- 违规 `{name}`: {what}" for name, what in shown.diversions)
    yield from (f"- 相似而合法 look-alike `{name}`: {what}" for name, what in shown.look_alikes)


def _flat(parameters: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in parameters.items():
        if isinstance(value, dict) and value:
            yield from ((f"{name}.{below}", deeper) for below, deeper in value.items())
        else:
            yield name, value


def _value(value: Any) -> str:
    if isinstance(value, list | dict):
        return ", ".join(map(str, value)) or "—"
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def _comments(text: str) -> tuple[dict[str, str], str]:
    """What the file says of each parameter, beside or above it; and what stands above the parameters."""
    said: dict[str, str] = {}
    notes: list[str] = []
    table, above = "", ""
    for line in text.splitlines():
        if line.startswith("#"):
            above = f"{above} {line.lstrip('# ')}".strip()
        elif line.startswith("["):
            table = line.strip("[] ")
            if table.partition(".")[0] == "parameters" and above:
                notes.append(above)
            above = ""
        elif (found := _KEY_VALUE.match(line)) and table.partition(".")[0] == "parameters":
            beside = _TRAILING.search(found["rest"])
            above = "" if beside else above
            said[f"{table}.{found['name']}".removeprefix("parameters.")] = (
                beside["said"].strip() if beside else above
            )
        elif not line.strip():
            above = ""
    return said, " ".join(notes)


def _basis(basis: Basis) -> str:
    """One article: what it is about, when it was law, and whether anybody read it."""
    about = f" ({'、'.join(CATEGORY_NAMES[one][0] for one in basis.categories)})" if basis.categories else ""
    dates = "".join(
        f", {word} {day}" for word, day in (("自 from", basis.valid_from), ("至 until", basis.valid_to)) if day
    )
    mark = "已核对原文 verified" if basis.verified else "条文待核实 not verified"
    mark += "，国外同类规定，仅供参照 law elsewhere, for comparison" if basis.abroad else ""
    return f"{basis.law} {basis.article}{about}{dates} — {mark}"
