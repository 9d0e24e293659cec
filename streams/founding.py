"""What an empty installation is told first: the rule policies that it goes by, and the models.

Law kept: policies and models reach keys as registry entries like any other, so that a replay has them too.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from events.identity import EVERYONE
from events.intake import PUBLISHER, encode
from events.log import Received
from events.registry import Category, ModelEntry
from events.report import Registry
from events.time import Instant, moment
from streams.assembly import policy_entry

PROVIDER: Final = PUBLISHER
"""The provider of what hazflow itself publishes."""


def founding(policies: str, received_at: Instant, models: Mapping[Category, str]) -> list[Received]:
    """The first records of an installation: rule policies (their joined text), then a model's digest a category.

    All are in force from ``received_at``: for a log, when its first record was received.
    """
    entries = [policy_entry(policies, received_at, received_at)]
    entries += [model_entry(category, digest, received_at, received_at) for category, digest in models.items()]
    return [Received(encode(entry), PROVIDER, received_at) for entry in entries]


def model_entry(category: Category, digest: str, effective_from: Instant, recorded_at: Instant) -> Registry:
    """The registry entry that puts a forest in force for a category."""
    return Registry(
        version=1,
        id=f"model-{category}-{digest}-{effective_from}",
        occurred_at=moment(recorded_at),
        unit=EVERYONE,
        valid_from=moment(effective_from),
        entry=ModelEntry(digest=digest, category=category),
    )
