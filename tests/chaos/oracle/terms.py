"""Terms: what a rule's policy says for a place, a category and a unit, read plainly from the published text."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from hashlib import blake2b
from typing import Any

from msgspec import Struct

from events.time import DAY, HOUR, MINUTE, Instant


class Terms(Struct, frozen=True):
    """What one rule goes by."""

    severity: str
    enabled: bool
    inform_unit: str
    at_day_end: bool
    slack_min: int
    parameters: dict[str, Any]

    def speaks(self, at: Instant) -> Instant:
        """When something of an instant may be said."""
        if not self.at_day_end:
            return at
        midnight = ((at + 8 * HOUR) // DAY + 1) * DAY - 8 * HOUR
        return midnight + self.slack_min * MINUTE


class Book:
    """All published policies. ``chain``: an area's code and its superiors' at an instant, nearest first."""

    def __init__(self, texts: list[tuple[Instant, str]], chain: Callable[[str, Instant], tuple[str, ...]]) -> None:
        self._policies = [(at, tomllib.loads(text), text) for at, text in texts]
        self._chain = chain

    def version(self, at: Instant) -> str:
        """The digest of the policy in force."""
        return blake2b(self._in_force(at)[1].encode(), digest_size=8).hexdigest()

    def of(self, rule: str, at: Instant, *, category: str, area: str, unit: str) -> Terms:
        """One rule's terms: what is said for a category, over it for an area, over it for a unit."""
        table = self._in_force(at)[0][rule]
        areas = self._chain(area, at)
        fitting = [
            one
            for one in table.get("override", ())
            if one.get("category", category) == category
            and one.get("area", area) in (area, *areas)
            and one.get("unit", unit) == unit
        ]

        def strength(one: dict[str, Any]) -> tuple[bool, int, bool]:
            near = -areas.index(one["area"]) if "area" in one else -len(areas)
            return ("unit" in one, near, "category" in one)

        said: dict[str, Any] = {**table, "parameters": dict(table.get("parameters", {}))}
        for one in sorted(fitting, key=strength):
            said |= {name: one[name] for name in ("severity", "enabled") if name in one}
            said["parameters"] |= one.get("parameters", {})
        return Terms(
            said["severity"], said.get("enabled", True), said["inform_unit"], said.get("settle") == "day_end",
            said.get("settle_slack_min", 30), said["parameters"],
        )  # fmt: skip

    def _in_force(self, at: Instant) -> tuple[dict[str, Any], str]:
        """The latest one that begins not after an instant; the first also speaks for what came before it."""
        begun = [one for one in self._policies if one[0] <= at]
        _, table, text = begun[-1] if begun else self._policies[0]
        return table, text
