"""What makes each detector speak: the ``history()`` of its own test module, found by reflection.

Law kept: nothing lists the detectors; one without a history fails the checks. A rule that lives on two kinds of
key has a second history under a name of its own that begins with ``history``.
"""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Iterator

from detectors.detector import Detector
from events.identity import kind_of
from tests.detector_kit import History


def rule_name(detector: Detector) -> str:
    """The name that a detector's file, policy and test share, such as ``b2_negative_balance``."""
    return type(detector).__module__.rpartition(".")[2]


def history_of(detector: Detector) -> History:
    """The history in which this detector speaks."""
    for found in histories_of(detector):
        return found
    name = rule_name(detector)
    raise LookupError(f"tests/unit/detectors/test_{name}.py has no history() on a {detector.card.key} key")


def histories_of(detector: Detector) -> Iterator[History]:
    """All of them by name: a parameter that is off as shipped is turned on in a later one."""
    module = importlib.import_module(f"tests.unit.detectors.test_{rule_name(detector)}")
    for word, tell in sorted(vars(module).items()):
        if word.startswith("history") and inspect.isfunction(tell) and not inspect.signature(tell).parameters:
            found = tell()
            if isinstance(found, History) and kind_of(found.key) == detector.card.key:
                yield found
