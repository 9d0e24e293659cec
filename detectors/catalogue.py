"""The catalogue: every detector there is, found by reflection over this folder.

Law kept: adding a rule is adding its file; nothing else lists it. File, class, policy, test and paragraph share
one name, which begins with the rule's id.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from functools import lru_cache

import detectors
from detectors.detector import Detector

_RULE_FILE = re.compile(r"[a-e]\d{1,2}_\w+")


@lru_cache(maxsize=1)
def catalogue() -> tuple[Detector, ...]:
    """One instance of every detector, in the order of their ids."""
    found: list[Detector] = []
    for name in rule_names():
        module = importlib.import_module(f"detectors.{name}")
        found.extend(
            thing()
            for thing in vars(module).values()
            if isinstance(thing, type) and thing.__module__ == module.__name__ and hasattr(thing, "card")
        )
    return tuple(sorted(found, key=lambda detector: (detector.card.id[0], int(detector.card.id[1:]))))


def rule_names() -> tuple[str, ...]:
    """The names of the rule files, such as ``b2_negative_balance``."""
    return tuple(sorted(m.name for m in pkgutil.iter_modules(detectors.__path__) if _RULE_FILE.fullmatch(m.name)))
