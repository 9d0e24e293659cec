"""The world: what concerns every key: goods, policies and models in force, areas.

Law kept: entries that concern everyone are dated too; each is judged as of the fact's instant.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, Protocol

from detectors.policy import Policy, Terms, read_policy
from events.registry import GoodsEntry, ModelEntry, PolicyEntry, RestrictedAreaEntry
from events.time import DAY, Instant, civil_day, day_start
from ledger.reference import REACH_ON_ROADS, Reference, Registered

if TYPE_CHECKING:  # the forest's libraries load only where a model is scored
    from models.artefact import Model

MOST_TERMS = 100_000
"""For how many rules, categories, areas and units the terms of a day are kept."""
_ON_ROADS: Final = (GoodsEntry, RestrictedAreaEntry)


class Areas(Protocol):
    """What the detectors need to know of areas; the dated table behind it is the routing's."""

    def chain(self, code: str, at: Instant) -> tuple[str, ...]:
        """The area codes from this one up to the province, nearest first."""
        ...

    def county(self, lon: float, lat: float) -> str | None:
        """The county code at a point (WGS-84 degrees), None outside the table."""
        ...

    def distance_km(self, one: str, other: str, at: Instant) -> float | None:
        """Kilometres from the middle of one county to that of another, None where one is on no map."""
        ...


class World:
    """Goods, policies, models and areas; changed only by entries that concern everyone."""

    __slots__ = (
        "_chains",
        "_parameters",
        "_policies",
        "_readings",
        "_starts",
        "_terms",
        "areas",
        "models",
        "noted",
        "on_roads",
        "reference",
    )

    def __init__(
        self,
        areas: Areas,
        parameters: Mapping[str, type[Any]],
        models: Callable[[str], Model] | None = None,
    ) -> None:
        self.areas = areas
        self.reference = Reference()
        self.on_roads = Reference(reach=REACH_ON_ROADS)
        """What positions are judged by: their days close sooner."""
        self.models = models
        self._parameters = parameters
        self._starts: list[Instant] = []
        self._policies: list[Policy] = []
        self._readings: dict[str, Policy] = {}
        self._chains: dict[tuple[str, Instant], tuple[str, ...]] = {}
        self._terms: dict[tuple[str, str, str, str], tuple[Instant, Instant, Terms[Any]]] = {}
        self.noted: dict[str, object] = {}
        """What was worked out of all policies, by who did; forgotten when one more is published."""

    def put(self, registered: Registered) -> bool:
        """Take an entry that concerns everyone; False where it changes nothing.

        ``PolicyFault`` where it publishes a policy that cannot be read: then nothing was taken.
        """
        if isinstance(registered.entry, PolicyEntry):
            self._reading(registered.entry.text)
        if not self.reference.put(registered):
            return False
        if registered.entry is None or isinstance(registered.entry, _ON_ROADS):
            self.on_roads.put(registered)
        if isinstance(registered.entry, PolicyEntry) or registered.entry is None:
            self._date_policies()
        return True

    def goods(self, goods: str, at: Instant) -> GoodsEntry | None:
        """The catalogue entry of a goods in force at an instant."""
        return self.reference.in_force(GoodsEntry, goods, at)

    def policy(self, at: Instant) -> Policy | None:
        """The policy in force at an instant; the first one also speaks for what came before it."""
        if not self._policies:
            return None
        return self._policies[max(bisect_right(self._starts, at) - 1, 0)]

    def policies(self) -> tuple[Policy, ...]:
        """All policies that are in force at some time."""
        return tuple(self._policies)

    def terms(self, detector: str, at: Instant, *, category: str, area: str, unit: str) -> Terms[Any]:
        """One rule's terms in force at an instant for a category, area and unit; what holds for the day is kept."""
        key = (detector, category, area, unit)
        known = self._terms.get(key)
        if known is not None and known[0] <= at < known[1]:
            return known[2]
        policy = self.policy(at)
        if policy is None:
            raise LookupError("no policy is published: the registry needs an entry of type policy")
        day = day_start(civil_day(at))
        found = policy.terms(detector, category, self._chain(area, day), unit)
        place = max(bisect_right(self._starts, at), 1)
        since = max(day, self._starts[place - 1]) if place > 1 else day
        until = min((day + DAY, *self._starts[place : place + 1]))
        if len(self._terms) >= MOST_TERMS:
            self._terms.clear()
        self._terms[key] = (since, until, found)
        return found

    def _chain(self, area: str, day: Instant) -> tuple[str, ...]:
        found = self._chains.get((area, day))
        if found is None:
            if len(self._chains) >= MOST_TERMS:
                self._chains.clear()
            found = self._chains[area, day] = self.areas.chain(area, day)
        return found

    def model(self, category: str, at: Instant) -> Model | None:
        """The forest in force at an instant for a category."""
        entry = self.reference.in_force(ModelEntry, category, at)
        return None if entry is None or self.models is None else self.models(entry.digest)

    def _date_policies(self) -> None:
        dated = []
        for registered in self.reference.entries.values():
            if isinstance(registered.entry, PolicyEntry):
                order = (registered.valid_from, registered.recorded_at, registered.id)
                dated.append((order, registered.entry.text))
        dated.sort(key=lambda pair: pair[0])
        self._starts = [order[0] for order, _ in dated]
        self._terms.clear()
        self._policies = [self._reading(text) for _, text in dated]
        self._readings = {policy.text: policy for policy in self._policies}
        self.noted.clear()

    def _reading(self, text: str) -> Policy:
        """The policy of a text, read once."""
        found = self._readings.get(text)
        if found is None:
            found = self._readings[text] = read_policy(text, self._parameters, published=True)
        return found
