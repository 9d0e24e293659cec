"""A trained model as bytes that can be kept for years, and as the value that scores.

Law: the digest is that of the content (forest, features, peers, clean scores, window, data, seed), so the
same training gives the same digest wherever and whenever it runs, although skops writes other bytes each
time. Loading takes exactly the types that a forest of ours consists of, and runs no code of the file.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from models.baseline import EVERYBODY, Peers
from models.calibrate import Dependence
from models.features import FeatureSpec
from models.forest import Flat, flatten
from models.habits import Habits

if TYPE_CHECKING:
    from sklearn.ensemble import IsolationForest

Floats = NDArray[np.float64]

FORMAT: Final = 1
MOST_BYTES: Final = 64 * 1024 * 1024
"""Largest artefact, unpacked; a forest of 100 trees has about 3 MiB."""
MOST_FILES: Final = 20_000
NODES: Final = frozenset(
    {
        ("builtins.dict", "DictNode"),
        ("builtins.list", "ListNode"),
        ("builtins.str", "JsonNode"),
        ("builtins.str", "TypeNode"),
        ("builtins.tuple", "TupleNode"),
        ("numpy.ndarray", "NdArrayNode"),
        ("sklearn.ensemble._iforest.IsolationForest", "ObjectNode"),
        ("sklearn.tree._classes.ExtraTreeRegressor", "ObjectNode"),
        ("sklearn.tree._tree.Tree", "TreeNode"),
    }
)
"""Every (type, skops loader) that an artefact may contain. All plain values are JSON nodes."""
TREE: Final = "sklearn.tree._tree.Tree"
"""The one type of these that skops does not trust by itself: a forged tree could be followed out of its
arrays. `flatten` proves every tree sound, and nothing else of a loaded forest is ever called."""


class ArtefactRefused(ValueError):
    """These bytes are not a model that this program takes; the message says why."""


class Card(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What a model is, for people and for the digest.

    `window` is the training time [from, until) in microseconds since 1970, `data` the digest of the
    histories, `rows` how many rows grew the forest. `habits` are what buying is usual, where the log showed it.
    `dependence` is by stratum, everybody's included; models of old have none, and take each score for one.
    """

    format: int
    spec: FeatureSpec
    peers: Peers
    window: tuple[int, int]
    data: str
    rows: int
    seed: int
    trees: int
    psi: int
    habits: Habits | None = None
    dependence: tuple[tuple[str, Dependence], ...] = ()


@dataclass(frozen=True, slots=True)
class Artefact:
    """What training yields: forest, card, clean scores in ascending order, usual (median) row.

    `strata` are the clean scores of each segment that has enough of its own, ascending too.
    """

    forest: IsolationForest
    card: Card
    clean: Floats
    usual: Floats
    strata: Mapping[str, Floats] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Model:
    """What scoring needs; `digest` names it in every finding."""

    digest: str
    flat: Flat
    card: Card
    clean: Floats
    usual: Floats
    strata: Mapping[str, Floats] = field(default_factory=dict)

    def stratum(self, segment: str) -> str:
        """Whose clean scores a segment's threshold rests on: its own, or everybody's where it has too few."""
        return segment if segment in self.strata else EVERYBODY

    def clean_of(self, segment: str) -> Floats:
        """The clean scores that a segment's threshold rests on, in ascending order."""
        return self.strata.get(self.stratum(segment), self.clean)

    def dependence(self, segment: str) -> Dependence:
        """How those clean scores hang together."""
        known = dict(self.card.dependence).get(self.stratum(segment))
        return Dependence(len(self.clean_of(segment)), 1.0) if known is None else known


def assemble(artefact: Artefact) -> Model:
    """The scoring value of a trained artefact; refuses parts that do not fit each other."""
    card, clean, usual = artefact.card, artefact.clean, artefact.usual
    strata = dict(sorted(artefact.strata.items()))
    if card.format != FORMAT:
        raise ArtefactRefused(f"format {card.format} is not known here, only {FORMAT}")
    try:
        flat = flatten(artefact.forest)
    except BROKEN as fault:
        raise ArtefactRefused(f"the forest is damaged: {fault}") from fault
    width = len(card.spec.features)
    fitting = (
        flat.features == width
        and usual.shape == (width,)
        and flat.trees == card.trees
        and usual.dtype == np.dtype(np.float64)
        and bool(np.isfinite(usual).all())
        and all(_ascending(scores) for scores in (clean, *strata.values()))
        and all(effect >= 1.0 for _, one in card.dependence for effect in one.effects)
    )
    if not fitting:
        raise ArtefactRefused("forest, features, clean scores and usual row do not fit each other")
    digest = blake2b(digest_size=16)
    for part in (*_canonical(flat, card, clean, usual), *_named(strata)):
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return Model(digest.hexdigest(), flat, card, clean, usual, strata)


def dump(artefact: Artefact) -> bytes:
    """The artefact as a skops file (a zip of JSON and arrays, no pickle)."""
    import skops.io

    assemble(artefact)
    parts = {
        "forest": artefact.forest,
        "card": msgspec.json.encode(artefact.card).decode(),
        "clean": artefact.clean,
        "usual": artefact.usual,
        **({"strata": dict(artefact.strata)} if artefact.strata else {}),
    }
    packed = skops.io.dumps(parts, compression=zipfile.ZIP_DEFLATED)
    return bytes(packed)


def load(packed: bytes, *, digest: str | None = None) -> Model:
    """The model in these bytes; with `digest`, only if it is that one. Raises ArtefactRefused."""
    import skops.io
    from skops.io.exceptions import UntrustedTypesFoundException

    try:
        _require_known_types(packed)
        parts = skops.io.loads(packed, trusted=[TREE])
        card = msgspec.json.decode(parts["card"], type=Card)
        forest, clean, usual = parts["forest"], np.asarray(parts["clean"]), np.asarray(parts["usual"])
        strata = {str(name): np.asarray(scores) for name, scores in parts.get("strata", {}).items()}
    except ArtefactRefused:
        raise
    except (*BROKEN, zipfile.BadZipFile, UntrustedTypesFoundException) as fault:
        raise ArtefactRefused(f"not a readable model: {fault}") from fault
    model = assemble(Artefact(forest, card, clean, usual, strata))
    if digest is not None and model.digest != digest:
        raise ArtefactRefused(f"the content is {model.digest}, not {digest}")
    return model


BROKEN: Final = (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, RecursionError)
"""What reading a damaged file may end in, beside a damaged zip; a full disk or memory is not among them."""


def _require_known_types(packed: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        entries = archive.infolist()
        if len(entries) > MOST_FILES or sum(entry.file_size for entry in entries) > MOST_BYTES:
            raise ArtefactRefused(f"more than {MOST_FILES} files or {MOST_BYTES} bytes: no model of ours")
        schema = json.loads(archive.read("schema.json"))
    strangers = sorted({f"{name} ({loader})" for name, loader in _nodes(schema)} - {f"{n} ({k})" for n, k in NODES})
    if strangers:
        raise ArtefactRefused(f"it contains what no model of ours does: {', '.join(strangers)}")


def _nodes(schema: Any) -> Iterator[tuple[str, str]]:
    """Every (type, loader) that a skops schema names, at any depth."""
    waiting = [schema]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            if "__class__" in node or "__loader__" in node:
                yield f"{node.get('__module__')}.{node.get('__class__')}", str(node.get("__loader__"))
            waiting.extend(node.values())
        elif isinstance(node, list):
            waiting.extend(node)


def _ascending(scores: Floats) -> bool:
    """Whether these are clean scores as they are kept."""
    if scores.ndim != 1 or scores.dtype != np.dtype(np.float64):
        return False
    return bool(np.isfinite(scores).all() and (np.diff(scores) >= 0).all())


def _named(strata: Mapping[str, Floats]) -> Iterator[bytes]:
    for name, scores in strata.items():
        yield name.encode()
        yield scores.astype("<f8").tobytes()


def _canonical(flat: Flat, card: Card, clean: Floats, usual: Floats) -> Iterator[bytes]:
    """The content in an order and a byte order that no machine changes."""
    yield msgspec.json.encode(card)
    yield flat.identity.encode()
    for array in (clean, usual):
        yield array.astype("<f8").tobytes()
