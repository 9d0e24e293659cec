"""The laws that every detector keeps, over each one that the catalogue finds."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any, get_args

import msgspec
import pytest
from msgspec.structs import fields, replace

from detectors.catalogue import catalogue
from detectors.claim import Claim, Finding
from detectors.detector import Detector
from detectors.policy import PolicyFault, RulePolicy, read_policy
from events.report import Operation
from events.time import DAY, HOUR, SECOND
from ledger.fact import Movement
from tests.checks.folding import again, content, covers, fold, steps, view_of
from tests.checks.histories import histories_of, history_of, rule_name
from tests.detector_kit import LATENESS, POLICIES, Bench, History, watch

ROOT = Path(__file__).parents[2]
YEAR = 366 * DAY
LEAST_CITED = 3
"""So many records every claim cites, should it have them."""
DIGITS = re.compile(r"[A-Za-z0-9/:.|+-]*\d[A-Za-z0-9/:.|+-]*")
MOST_STATE = 16 * 1024
"""The most bytes that a detector may carry on one key."""
CHINESE = re.compile(r"[\u4e00-\u9fff]")

every_detector = pytest.mark.parametrize(
    "detector", catalogue(), ids=[f"{detector.card.id}-{detector.card.key}" for detector in catalogue()]
)


@every_detector
def test_speaks_in_its_own_history(detector: Detector) -> None:
    """A detector nobody has heard speak proves nothing: each has a history in which it does."""
    findings = watch(history_of(detector))
    assert findings
    assert {finding.detector for finding in findings} == {detector.card.id}


@every_detector
def test_the_same_input_twice_gives_the_same_output(detector: Detector) -> None:
    """Pure: equal state and step, equal answer; what was passed in is not changed."""
    history = history_of(detector)
    view = view_of(history)
    for done in fold(detector, list(steps(history)), view):
        state, account = msgspec.msgpack.encode(done.before), msgspec.msgpack.encode(done.step.after)
        after, claims = detector.see(done.before, done.step, view)
        assert (after, tuple(claims)) == (done.after, done.claims)
        assert msgspec.msgpack.encode(done.before) == state
        assert msgspec.msgpack.encode(done.step.after) == account


@every_detector
def test_a_deed_that_it_does_not_name_changes_nothing(detector: Detector) -> None:
    """``deeds`` spares the asking; whoever asks all the same is told nothing else."""
    history = history_of(detector)
    view = view_of(history)
    deeds = getattr(detector, "deeds", frozenset(get_args(Operation)))
    for done in fold(detector, list(steps(history)), view):
        fact, moved = done.step.fact, done.step.fact.body
        if not isinstance(moved, Movement):
            continue
        for deed in sorted(set(get_args(Operation)) - deeds):
            other = replace(fact, body=replace(moved, operation=deed))
            assert detector.see(done.after, replace(done.step, fact=other), view) == (done.after, ())


@every_detector
def test_a_state_survives_being_stored(detector: Detector) -> None:
    """A restored state goes on as the one that was stored, wherever the fold was cut."""
    history = history_of(detector)
    view = view_of(history)
    for done in fold(detector, list(steps(history)), view):
        stored = msgspec.msgpack.decode(msgspec.msgpack.encode(done.before), type=detector.State)
        assert stored == done.before
        after, claims = detector.see(stored, done.step, view)
        assert (after, tuple(claims)) == (done.after, done.claims)
        for claim in claims:
            assert msgspec.msgpack.decode(msgspec.msgpack.encode(claim), type=Claim) == claim


@every_detector
def test_any_order_ends_in_the_same_findings(detector: Detector) -> None:
    """Facts told one by one, in any order within lateness, end in what is told of them at once (law 3)."""
    history = history_of(detector)
    at_once = content(watch(history))
    places = list(range(len(history.facts)))
    for seed in range(3):
        assert content(watch(history, places)) == at_once, f"order {places} (seed {seed})"
        places = list(range(len(history.facts)))
        Random(seed).shuffle(places)


@every_detector
def test_folding_a_prefix_is_unobservable(detector: Detector) -> None:
    """What closed time holds is folded away day by day; the findings are those of folding everything at once."""
    history = history_of(detector)
    bench = Bench(history, lateness=dict.fromkeys(LATENESS, 0))
    for fact in sorted(history.facts, key=lambda fact: fact.order):
        bench.look(max(fact.at, bench.now))
        bench.put(fact)
    bench.look(history.now)
    assert content(bench.standing()) == content(watch(history))


@every_detector
def test_says_nothing_of_nothing(detector: Detector) -> None:
    """Before any fact (or entry, where papers alone make it speak) there is no claim, and nothing to wait for."""
    history = history_of(detector)
    if getattr(type(detector), "by_papers", False):
        history = replace(history, reference=())
    view = view_of(history)
    assert not watch(replace(history, facts=()))
    assert not detector.at(detector.start(), history.now, view)
    assert not detector.wakes(detector.start(), view)


@every_detector
def test_what_time_makes_true_changes_at_wakes_alone(detector: Detector) -> None:
    """Behind every fact, between two wakes ``at`` says the same: no tick is a revision, and no wake is missing."""
    history = history_of(detector)
    view = view_of(history)
    states = [(done.after, done.step.fact.at) for done in fold(detector, list(steps(history)), view)]
    for state, since in [*states, (detector.start(), history.now)]:
        wakes = sorted(wake for wake in detector.wakes(state, view) if wake > since)
        for instant in (since, *wakes):
            later = min((wake for wake in wakes if wake > instant), default=max(instant, history.now) + YEAR)
            told = list(detector.at(state, instant, view))
            assert told == list(detector.at(state, max(instant, later - SECOND), view)), (state, instant, later)


@every_detector
def test_a_stricter_threshold_never_uncovers_an_instant(detector: Detector) -> None:
    """Each threshold turned the way that finds more covers every instant that it covered before."""
    history = history_of(detector)
    assert set(detector.stricter) <= {field.name for field in fields(detector.Parameters)}
    for name, direction in detector.stricter.items():
        stating = next((one for one in histories_of(detector) if one.parameters.get(name)), history)
        found = [watch(tuned) for tuned in _tuned(detector, stating, name)]
        assert len(found) >= 2, f"no other value of {name} is allowed"
        if direction == "lower":
            found.reverse()
        marks = sorted({at for one in found for finding in one for at in _marks(finding.claim, history)})
        for laxer, stricter in pairwise(found):
            lost = [at for at in marks if covers(laxer, at) and not covers(stricter, at)]
            assert not lost, f"{name}: {lost}"


@every_detector
def test_explains_itself_in_both_languages(detector: Detector) -> None:
    """Each finding says what happened, with its numbers, in Chinese and in English."""
    for finding in watch(history_of(detector)):
        zh, en = detector.explain(finding, "zh"), detector.explain(finding, "en")
        assert CHINESE.search(zh)
        assert re.search(r"[a-z]{3} ", en)
        assert zh != en
        for text in (zh, en):
            assert re.search(r"\d", text), text
            assert not re.search(r"[{}]|\bNone\b|\bnan\b|\binf\b|Measure\.|Category\.", text), text
            assert text[-1] in "。.", text
            assert len(text) <= 600, text


@every_detector
def test_both_languages_say_the_same_numbers(detector: Detector) -> None:
    """Whatever stands in one sentence with a digit (amounts, times, keys) stands in the other, open and ended."""
    for finding in watch(history_of(detector)):
        for one in _open_and_ended(finding):
            zh, en = detector.explain(one, "zh"), detector.explain(one, "en")
            assert _said_in_digits(zh) == _said_in_digits(en), f"{zh}\n{en}"


@every_detector
def test_each_record_is_cited_once_and_what_is_cited_is_counted(detector: Detector) -> None:
    """A claim says how many records stand behind it; a few are all cited, of many the count is the greater."""
    history = history_of(detector)
    view = view_of(history)
    for done in fold(detector, list(steps(history)), view):
        for claim in (*done.claims, *detector.at(done.after, history.now, view)):
            cited = [ref.id for ref in claim.refs]
            assert len(set(cited)) == len(cited)
            assert claim.ref_count == len(cited) or claim.ref_count > len(cited) >= LEAST_CITED


@every_detector
def test_each_language_speaks_itself(detector: Detector) -> None:
    """But for names and units, no Chinese stands in an English sentence and no English word in a Chinese one."""
    for finding in watch(history_of(detector)):
        claim = finding.claim
        named = " ".join(str(one) for one in (*claim.numbers.values(), claim.site, claim.goods, claim.unit, "item"))
        zh, en = detector.explain(finding, "zh"), detector.explain(finding, "en")
        assert all(word in named for word in re.findall(r"[\u4e00-\u9fff]+", en)), en
        assert all(word in named for word in re.findall(r"[a-z]{4,}", zh)), zh


@every_detector
def test_an_end_is_said_beyond_what_stands(detector: Detector) -> None:
    """The sentence of a claim that ended says no less than while it stood; the standing one speaks of no end."""
    for finding in watch(history_of(detector)):
        for lang in ("zh", "en"):
            stands, ended = (detector.explain(one, lang) for one in _open_and_ended(finding))
            assert len(ended) >= len(stands), f"{stands}\n{ended}"


@every_detector
def test_its_card_names_it_for_people(detector: Detector) -> None:
    """Title, predicate and what it misses stand in both languages; file, policy and test share its name."""
    card, name = detector.card, rule_name(detector)
    assert name.partition("_")[0].upper() == card.id
    assert re.fullmatch(r"[A-Z]+(_[A-Z]+)*", card.name)
    for zh, en in (card.title, card.predicate, card.misses):
        assert CHINESE.search(zh)
        assert en
        assert not CHINESE.search(en)
    assert (POLICIES / f"{name}.toml").is_file()
    assert (ROOT / "tests" / "unit" / "detectors" / f"test_{name}.py").is_file()


@every_detector
def test_its_policy_says_every_parameter_and_its_legal_basis(detector: Detector) -> None:
    """A regulator reads all thresholds and at least one legal basis in the policy file."""
    text = (POLICIES / f"{rule_name(detector)}.toml").read_text(encoding="utf-8")
    rule = msgspec.convert(tomllib.loads(text), RulePolicy)
    assert rule.basis
    assert set(rule.parameters) == {field.name for field in fields(detector.Parameters)}
    msgspec.convert(rule.parameters, detector.Parameters)
    with pytest.raises(PolicyFault):
        read_policy(f"[{detector.card.id}]\nseverity = 'mauve'", {detector.card.id: detector.Parameters})


@every_detector
def test_its_state_stays_small(detector: Detector) -> None:
    """Two thousand facts leave no more behind than a few (law 11)."""
    history = history_of(detector)
    view = view_of(history)
    largest = 0
    for done in fold(detector, list(steps(history, again(history, 2_000))), view):
        largest = max(largest, len(msgspec.msgpack.encode(done.after)))
    assert largest <= MOST_STATE


def _open_and_ended(finding: Finding) -> tuple[Finding, Finding]:
    """A finding as if its claim stood, and as if it had ended."""
    claim = finding.claim
    until = claim.since + HOUR if claim.until is None else claim.until
    return replace(finding, claim=replace(claim, until=None)), replace(finding, claim=replace(claim, until=until))


def _said_in_digits(text: str) -> set[str]:
    found = DIGITS.findall(text.replace(",", ""))
    return {one.strip(".:").lstrip("0") for one in found}


def _tuned(detector: Detector, history: History, name: str) -> Iterator[History]:
    """The history under rising values of one parameter, those that the parameter's type allows."""
    text = (POLICIES / f"{rule_name(detector)}.toml").read_text(encoding="utf-8")
    shipped = tomllib.loads(text)["parameters"] | history.parameters
    value = shipped[name]
    assert isinstance(value, int | float), f"{name} is no threshold"
    others: list[Any] = (
        [value // 2, value, value * 2 + 1] if isinstance(value, int) else [value / 2, value, value * 2]
    )
    for other in sorted(set(others)):
        parameters = {**history.parameters, name: other}
        try:
            msgspec.convert(shipped | parameters, detector.Parameters)
        except msgspec.ValidationError:
            continue
        yield replace(history, parameters=parameters)


def _marks(claim: Claim, history: History) -> tuple[int, ...]:
    """Where coverage may change: at the ends of a claim, and just inside."""
    until = history.now if claim.until is None else claim.until
    return (claim.since, (claim.since + until) // 2, until)
