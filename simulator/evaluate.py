"""Evaluation: what was caught, what was missed, what was raised falsely, per detector, county and week.

Law kept: a warning answers a label if the label expects its detector (or allows it), they touch a common
key, name no different goods, and their times overlap within a tolerance. Whatever stands and answers no
diversion is false; one that answers a look-alike is false and says which.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

import msgspec
from msgspec import Struct

from events.identity import site_key, unit_key
from events.time import DAY, Instant, moment
from simulator.labels import Label

BEFORE: Final = DAY
"""How much earlier than its label a warning may begin."""
AFTER: Final = 2 * DAY
"""How much later than its label a warning may begin: deadlines and days' ends come after the deed."""
GONE: Final = frozenset({"withdrawn", "superseded"})
"""A finding of such a status equals one never raised."""


class Raised(Struct, frozen=True, kw_only=True):
    """A warning, as far as evaluation needs it. ``subject`` is the key that the finding is about."""

    finding_id: str
    detector: str
    subject: str
    since: Instant
    status: str = "open"
    unit: str | None = None
    site: str | None = None
    goods: str | None = None
    area: str | None = None
    until: Instant | None = None

    def keys(self) -> frozenset[str]:
        """Every key that the warning touches; a book's key also stands for its site."""
        named = {self.subject}
        if self.subject.startswith("book:"):
            named.add(site_key(self.subject.removeprefix("book:").partition("/")[0]))
        if self.unit:
            named.add(unit_key(self.unit))
        if self.site:
            named.add(site_key(self.site))
        return frozenset(named)


class Score(Struct, frozen=True):
    """One detector: label ids caught and missed, finding ids raised falsely, diversions' allowed extras."""

    detector: str
    caught: tuple[str, ...]
    missed: tuple[str, ...]
    false: tuple[str, ...]
    allowed: int


class FalseCount(Struct, frozen=True):
    """How many were raised falsely in one county and ISO week."""

    area: str
    week: str
    number: int


class Mistaken(Struct, frozen=True):
    """A look-alike that was raised."""

    label: str
    finding_id: str
    detector: str


class Evaluation(Struct, frozen=True):
    """What a run of detectors made of a labelled log."""

    scores: tuple[Score, ...]
    false_by_county_and_week: tuple[FalseCount, ...]
    mistaken: tuple[Mistaken, ...]

    @property
    def caught(self) -> int:
        """How many expected findings were raised."""
        return sum(len(score.caught) for score in self.scores)

    @property
    def missed(self) -> int:
        """How many expected findings were not raised."""
        return sum(len(score.missed) for score in self.scores)

    @property
    def false(self) -> int:
        """How many standing findings answer no diversion."""
        return sum(len(score.false) for score in self.scores)


def evaluate(labels: Iterable[Label], warnings: Iterable[Raised]) -> Evaluation:
    """Hold the warnings that stand against the labels."""
    every = list(labels)
    standing = [warning for warning in warnings if warning.status not in GONE]
    diversions = [label for label in every if label.kind == "diversion"]
    innocent = [label for label in every if label.kind == "look_alike"]
    caught: dict[str, set[str]] = {}
    false: dict[str, list[Raised]] = {}
    allowed: Counter[str] = Counter()
    mistaken: list[Mistaken] = []
    for warning in standing:
        met = [label for label in diversions if answers(warning, label)]
        expected = [label.id for label in met if warning.detector in label.expected]
        caught.setdefault(warning.detector, set()).update(expected)
        if met:
            allowed[warning.detector] += not expected
            continue
        alike = [label for label in innocent if answers(warning, label)]
        if alike and not any(warning.detector in label.expected for label in alike):
            allowed[warning.detector] += 1
            continue
        false.setdefault(warning.detector, []).append(warning)
        mistaken += [Mistaken(label.id, warning.finding_id, warning.detector) for label in alike]
    named = {name for label in every for name in label.expected} | caught.keys()
    scores = [_score(name, diversions, caught, false, allowed[name]) for name in sorted(named)]
    return Evaluation(tuple(scores), _by_county(false), tuple(mistaken))


def answers(warning: Raised, label: Label) -> bool:
    """Whether a warning is about what the label did."""
    if warning.detector not in label.expected and warning.detector not in label.may:
        return False
    if warning.goods and label.goods and warning.goods != label.goods:
        return False
    if not warning.keys() & label.keys():
        return False
    until = warning.since if warning.until is None else warning.until
    return warning.since <= label.ends_at + AFTER and until >= label.begins_at - BEFORE


def as_json(evaluation: Evaluation) -> bytes:
    """The evaluation as one JSON object."""
    return msgspec.json.format(msgspec.json.encode(evaluation), indent=1)


def as_table(evaluation: Evaluation, names: dict[str, str] | None = None) -> str:
    """The evaluation as plain text; ``names`` may give counties' names by code."""
    lines = [f"{'detector':<9}{'caught':>8}{'missed':>8}{'false':>8}{'allowed':>9}  missed labels"]
    lines += [
        f"{s.detector:<9}{len(s.caught):>8}{len(s.missed):>8}{len(s.false):>8}{s.allowed:>9}  {' '.join(s.missed)}"
        for s in evaluation.scores
    ]
    lines.append(f"{'total':<9}{evaluation.caught:>8}{evaluation.missed:>8}{evaluation.false:>8}")
    if evaluation.mistaken:
        lines += ["", "look-alikes raised:"]
        lines += [f"  {m.label}: {m.detector} {m.finding_id}" for m in evaluation.mistaken]
    if evaluation.false_by_county_and_week:
        lines += ["", "false by county and week:"]
        known = names or {}
        lines += [
            f"  {entry.area} {known.get(entry.area, '')} {entry.week}  {entry.number}"
            for entry in evaluation.false_by_county_and_week
        ]
    return "\n".join(lines) + "\n"


def _score(
    name: str,
    diversions: Sequence[Label],
    caught: dict[str, set[str]],
    false: dict[str, list[Raised]],
    allowed: int,
) -> Score:
    met = caught.get(name, set())
    due = [label.id for label in diversions if name in label.expected]
    return Score(
        detector=name,
        caught=tuple(label for label in due if label in met),
        missed=tuple(label for label in due if label not in met),
        false=tuple(warning.finding_id for warning in false.get(name, [])),
        allowed=allowed,
    )


def _by_county(false: dict[str, list[Raised]]) -> tuple[FalseCount, ...]:
    found: Counter[tuple[str, str]] = Counter(
        (warning.area or "?", week_of(warning.since)) for raised in false.values() for warning in raised
    )
    return tuple(FalseCount(area, week, number) for (area, week), number in sorted(found.items()))


def week_of(at: Instant) -> str:
    """The ISO week of an instant's civil day in Shanghai.

    >>> week_of(0)
    '1970-W01'
    """
    year, week, _ = moment(at).isocalendar()
    return f"{year}-W{week:02}"
