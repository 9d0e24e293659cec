"""Histories in which policies and models are published: some days of work, and thresholds that change meanwhile.

Law kept: a publication is in force no earlier than it is received; what it says of each rule may be anything that
the rule allows.
"""

from __future__ import annotations

import re
from functools import cache
from random import Random
from typing import Final

from hypothesis import strategies as st

from detectors.policy import PolicyFault, join_files, read_policy
from events.intake import PUBLISHER, encode
from events.log import Received
from events.registry import Category, LicenceEntry, PersonEntry
from events.time import DAY, HOUR, Instant, instant
from simulator import stories as s
from streams.assembly import policy_entry, rule_parameters
from streams.founding import model_entry
from tests.detector_kit import policy_texts
from tests.laws.histories import events

_LINE: Final = re.compile(r"^(?P<name>\w+) = (?P<number>[0-9][0-9.e_-]*)(?P<rest>\s*(#.*)?)$", re.MULTILINE)
_FACTORS: Final = (0.2, 0.5, 2.0, 5.0)


@cache
def policy(seed: int) -> str:
    """A publication drawn from the shipped one: in some rules other thresholds, severity or wait, or silence."""
    draw = Random(seed)
    texts = dict(policy_texts())
    for rule in sorted(texts):
        if draw.random() < 0.4:
            changed = _changed(texts[rule], draw)
            if _sound(rule, changed):
                texts[rule] = changed
    return join_files(texts)


def others_of(rule: str, most: int) -> list[str]:
    """Publications that differ from the shipped one in this rule alone."""
    texts, found = dict(policy_texts()), set[str]()
    for seed in range(most * 10):
        changed = _changed(texts[rule], Random(seed))
        if len(found) < most and changed != texts[rule] and _sound(rule, changed):
            found.add(join_files({**texts, rule: changed}))
    return sorted(found)


def _changed(text: str, draw: Random) -> str:
    match draw.randrange(6):
        case 0:
            return "enabled = false\n" + text
        case 1:
            return re.sub(r'^severity = "\w+"', f'severity = "{draw.choice(("blue", "red"))}"', text, flags=re.M)
        case 2:
            return re.sub(r'^settle = "\w+"', f'settle = "{draw.choice(("now", "day_end"))}"', text, flags=re.M)
    head, mark, parameters = text.partition("[parameters]")
    return head + mark + _LINE.sub(lambda found: _scaled(found, draw), parameters)


def _scaled(found: re.Match[str], draw: Random) -> str:
    if draw.random() < 0.5:
        return found[0]
    number, factor = found["number"].replace("_", ""), draw.choice(_FACTORS)
    scaled = max(1, round(int(number) * factor)) if number.isdigit() else float(number) * factor
    return f"{found['name']} = {scaled}{found['rest']}"


def _sound(rule: str, text: str) -> bool:
    try:
        read_policy(join_files({rule: text}), {rule: rule_parameters()[rule]})
    except PolicyFault:
        return False
    return True


def published(seed: int, effective_from: Instant, received_at: Instant) -> Received:
    """A drawn policy, in force from some instant on."""
    return Received(encode(policy_entry(policy(seed), effective_from, received_at)), PUBLISHER, received_at)


@st.composite
def publications(draw: st.DrawFn) -> list[Received]:
    """Up to three policies and two models, each received some time and in force then or later."""
    found = []
    for seed in draw(st.lists(st.integers(0, 40), max_size=3, unique=True)):
        at = s.at(f"day {draw(st.integers(-1, 45))} {draw(st.sampled_from((0, 8, 23))):02}:00")
        found.append(published(seed, at + draw(st.sampled_from((0, 0, HOUR, 3 * DAY, 20 * DAY))), at))
    for digest in draw(st.lists(st.sampled_from(("one", "two")), max_size=2, unique=True)):
        at = s.at(f"day {draw(st.integers(-1, 30))} 09:00")
        entry = model_entry(Category.EXPLOSIVES, digest, at + draw(st.sampled_from((0, DAY))), at)
        found.append(Received(encode(entry), PUBLISHER, at))
    return found


@st.composite
def papers(draw: st.DrawFn) -> list[Received]:
    """Licences and certificates that end, so that time alone makes warnings of them."""
    log = []
    for number in range(draw(st.integers(0, 2))):
        ends = f"day {draw(st.sampled_from((3, 20, 50, 130)))} 00:00"
        held = (
            LicenceEntry(licence=f"L{number}", category=Category.CHEMICALS, activities=("produce",)),
            PersonEntry(person=f"P{number}", role="custodian"),
        )
        entry = s.registry(held[draw(st.integers(0, 1))], unit="U2", valid_to=ends, id=f"paper{number}")
        log.append(s.received(entry))
    return log


@st.composite
def logs(draw: st.DrawFn) -> list[Received]:
    """Three busy days and some more, papers that end, and what is published meanwhile, in order of receipt."""
    log = [s.received(entry) for entry in s.world()] + draw(papers()) + draw(publications())
    told = draw(events(8))
    for day in draw(st.lists(st.integers(4, 40), max_size=5, unique=True)):
        goods, unit = draw(st.sampled_from((("DET", "item"), ("EXP", "kg"))))
        site, when = draw(st.sampled_from(("S1", "S2"))), f"day {day} 10:00"
        amount = f"{draw(st.integers(1, 40))} {unit}"
        deed = draw(st.sampled_from((s.consume, s.receive, s.issue, None)))
        if deed is None:
            told.append(s.count(amount, site=site, goods=goods, when=when, id=f"d{day}"))
        else:
            told.append(deed(amount, site=site, goods=goods, when=when, id=f"d{day}"))
    for event in told:
        first = s.received(event)
        late = draw(st.sampled_from((0, HOUR, 15 * HOUR, 5 * DAY)))
        if getattr(event, "vehicle", None) is not None:
            late = min(late, 15 * HOUR)
        log.append(Received(first.raw, first.provider, instant(event.occurred_at) + late))
    return sorted(log, key=lambda line: line.received_at)
