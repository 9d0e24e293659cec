"""What a /metrics answer says, as numbers by metric; and which metrics moved between two answers.

Law kept: a metric has moved where any of its series changed, came or went; a histogram by its count.
"""

from __future__ import annotations

import re

from operating.metrics import SPECS, Metric

Series = dict[str, float]
_LINE = re.compile(rb"^(\w+)(\{[^}]*\})? (\S+)$", re.M)


def series(shown: bytes) -> dict[Metric, Series]:
    """The series of each metric of ours, by their labels as written."""
    found: dict[Metric, Series] = {}
    for name, labels, value in _LINE.findall(shown):
        text = name.decode()
        metric = next((one for one in SPECS if text in (one.value, f"{one.value}_count")), None)
        if metric is not None:
            found.setdefault(metric, {})[labels.decode()] = float(value)
    return found


def moved(before: bytes, after: bytes) -> set[Metric]:
    """The metrics whose series differ."""
    then, now = series(before), series(after)
    return {metric for metric in now.keys() | then.keys() if now.get(metric) != then.get(metric)}


def value(shown: bytes, metric: Metric, *labels: str) -> float:
    """The sum of a metric's series whose labels have all these values."""
    kept = series(shown).get(metric, {})
    return sum(number for text, number in kept.items() if all(f'"{label}"' in text for label in labels))
