"""Put the pure parts together: detectors, watch, areas, policies, models. The same for both engines."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from detectors.catalogue import catalogue
from detectors.policy import join_files, read_policy
from detectors.watch import Watch
from detectors.world import World
from events.registry import PolicyEntry
from events.report import Registry
from events.structs import made_ready
from events.time import DAY, HOUR, Instant, moment, parse_instant
from routing.areas import Areas
from routing.areas_load import load_areas
from routing.counties import Counties
from routing.leading import Leading, read_leading
from routing.policy import Policy
from routing.policy_load import load_policy
from streams.holdings import Store
from streams.lane import Lane
from streams.warn import Warner

if TYPE_CHECKING:
    from models.artefact import Model

LATENESS: Final[Mapping[str, Instant]] = {
    "site": 7 * DAY,
    "book": 7 * DAY,
    "unit": 7 * DAY,
    "permit": 7 * DAY,
    "serial": 7 * DAY,
    "consignment": 7 * DAY,
    "vehicle": 24 * HOUR,
}
"""How late an event may come, by the kind of its home key."""

MAPPED: Final = parse_instant("2026-01-01T00:00:00+08:00")
"""As of when the shipped map of counties is."""

FAMILIES: Final[Mapping[str, int]] = {"A": 11, "B": 16, "C": 9, "D": 10, "E": 7}
"""The catalogue's families and how many anomalies each has."""

_RULE_POLICY: Final = re.compile(r"[a-e]\d{1,2}_\w+")
TREE: Final = Path(__file__).parents[1]


class Places:
    """The dated table of areas and the county polygons, as the detectors ask for them."""

    def __init__(self, areas: Areas, counties: Counties) -> None:
        self._areas, self._counties = areas, counties

    def chain(self, code: str, at: Instant) -> tuple[str, ...]:
        """The codes from a place up to the province."""
        place = self._areas.place(code, at)
        if place is None:
            return (code,)
        return tuple(above.code(at) or above.id for above in self._areas.chain(place.id, at))

    def county(self, lon: float, lat: float) -> str | None:
        """The county code at a point."""
        return self._counties.county(lon, lat)

    def distance_km(self, one: str, other: str, at: Instant) -> float | None:
        """Kilometres between two counties by their codes then; the map has the heirs of those that ended."""
        return self._counties.distance_km(self._mapped(one, at), self._mapped(other, at))

    def _mapped(self, code: str, at: Instant) -> str:
        place = self._areas.place(code, at)
        heir = None if place is None else self._areas.successor(place.id, MAPPED)
        return code if heir is None else heir.code(MAPPED) or code


class Assembly(Struct, frozen=True):
    """What every lane and every warning is made with."""

    areas: Areas
    places: Places
    watch: Watch
    routing: tuple[Policy, ...]
    models: Callable[[str], Model] | None

    def world(self) -> World:
        """A world of its own: each lane takes what concerns everyone from its own log."""
        return World(self.places, rule_parameters(), self.models)

    def lane(self, number: int, lanes: int, store: Store) -> Lane:
        """One lane over a store."""
        return Lane(number, lanes, self.world(), self.watch, store)

    def warner(self, world: World) -> Warner:
        """What turns the findings of a lane into warnings."""
        return Warner(world, self.areas, self.routing)


def rule_parameters() -> dict[str, type[Struct]]:
    """Rule id → the type of its parameters."""
    return {detector.card.id: detector.Parameters for detector in catalogue()}


def assemble(policies: Path, models: Callable[[str], Model] | None = None) -> Assembly:
    """Read the areas and policies of a folder; a policy that does not prove is refused."""
    areas = read_areas()
    routing = load_policy((policies / "routing.toml").read_text(), areas, detector_ids())
    watch = Watch(catalogue(), LATENESS, code_version())
    made_ready()  # lanes are taken up side by side, in threads
    return Assembly(areas, read_places(), watch, (routing,), models)


@lru_cache(maxsize=1)
def code_version() -> str:
    """What stands for the code that judges: detectors that fell over are tried again where it is another."""
    digest = blake2b(digest_size=8)
    for path in sorted((*(TREE / "detectors").rglob("*.py"), *(TREE / "ledger").rglob("*.py"))):
        digest.update(path.read_bytes())
    return digest.hexdigest()


@lru_cache(maxsize=1)
def read_areas() -> Areas:
    """The dated table of areas that the tree ships."""
    return load_areas((TREE / "routing" / "areas.toml").read_text())


def read_places() -> Places:
    """The areas and county polygons that the tree ships, as detectors ask for them."""
    return Places(read_areas(), Counties.load((TREE / "routing" / "counties.geojson").read_text()))


def detector_ids() -> tuple[str, ...]:
    """The ids of the whole catalogue: routing must know where each would go before its detector is written."""
    return tuple(f"{family}{number}" for family, most in FAMILIES.items() for number in range(1, most + 1))


def rule_policies(folder: Path) -> str:
    """The text of all rule policies of a folder, proven readable."""
    files = {path.stem: path.read_text() for path in folder.glob("*.toml") if _RULE_POLICY.fullmatch(path.stem)}
    text = join_files(files)
    read_policy(text, rule_parameters())
    return text


def read_leading_policy(folder: Path) -> Leading:
    """Which warning leads which, as a folder's policy says; none does where it says nothing of it."""
    file = folder / "leading.toml"
    return read_leading(file.read_text(), detector_ids()) if file.is_file() else Leading()


def policy_entry(text: str, effective_from: Instant, recorded_at: Instant) -> Registry:
    """The registry entry that publishes rule policies: effective not before it is recorded."""
    digest = read_policy(text, rule_parameters()).digest
    return Registry(
        version=1,
        id=f"policy-{digest}-{effective_from}",
        occurred_at=moment(recorded_at),
        unit="*",
        valid_from=moment(effective_from),
        entry=PolicyEntry(digest=digest, text=text),
    )
