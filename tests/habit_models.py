"""Models whose table of habits a test says itself, over a forest that nobody asks."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from functools import cache
from random import Random
from typing import cast

from msgspec import Struct
from msgspec.structs import replace

from events.registry import Category, ModelEntry
from ledger.reference import Registered
from models.artefact import Model, assemble
from models.baseline import EVERYBODY
from models.fit import Growth, fit
from models.fit import History as Clean
from models.habits import Habits
from models.unit_day import UnitDay, observe
from tests.detector_words import register


def in_force(*categories: Category) -> tuple[Registered, ...]:
    """The test's model in force for these categories."""
    return tuple(register(ModelEntry(digest="habits", category=category)) for category in categories)


def with_habits(habits: Habits) -> Callable[[str], Model]:
    """What gives a model with this table, whatever digest is asked for."""
    model = dataclasses.replace(_forest(), card=replace(_forest().card, habits=habits))
    return lambda _: model


def table_alone(habits: Habits | None, digest: str = "habits") -> Model:
    """A model of which nobody asks more than its table and its name."""
    return cast(Model, _Published(digest, _Card(habits)))


class _Card(Struct, frozen=True):
    habits: Habits | None


class _Published(Struct, frozen=True):
    digest: str
    card: _Card


@cache
def _forest() -> Model:
    draw = Random(1)
    histories = []
    for unit in range(3):
        days = [
            observe(UnitDay(day), direction="in", quantity=draw.randint(1, 9), hour=9, counterparty="U2",
                    corrected=False, late=False)
            for day in range(20_000, 20_040)
        ]  # fmt: skip
        histories.append(Clean(f"C{unit}", EVERYBODY, tuple(days)))
    return assemble(fit(histories, window=(0, 1), growth=Growth(seed=1, trees=2, psi=16)))
