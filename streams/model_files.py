"""Model files: artefacts in folders, named by their digest, loaded once when first asked for.

Law kept: a model is what its digest says: the content is digested again on loading, and another is refused.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from events.registry import Category
from streams.assembly import TREE

if TYPE_CHECKING:
    from models.artefact import Model

SHIPPED: Final = TREE / "models" / "shipped"
"""The models that the tree ships, for the sample."""
SUFFIX: Final = ".skops"
LISTING: Final = "models.toml"
"""Beside the files: which category each is for, and the command that made them."""


class NoSuchModel(Exception):
    """A model is in force, but no folder holds its file: names the digest and where it was looked for."""


def model_loader(folders: Sequence[Path]) -> Callable[[str], Model]:
    """What gives the model of a digest, out of the first folder that has it; each is loaded once."""
    loaded: dict[str, Model] = {}

    def model(digest: str) -> Model:
        found = loaded.get(digest)
        if found is None:
            from models.artefact import load  # the forest's libraries load only where a model is asked for

            found = loaded[digest] = load(find(digest, folders).read_bytes(), digest=digest)
        return found

    return model


def load_ahead(model: Callable[[str], Model], folders: Sequence[Path]) -> None:
    """Load what the folders' listings name, as far as it is there.

    The libraries and a forest take more than a second: a lane would stand still for it at its first month's end.
    What cannot be loaded is told where it is asked for.
    """
    from models.artefact import ArtefactRefused

    listed = {digest for folder in folders for digest in shipped(folder).values()}
    for path in model_files(folders):
        if path.stem in listed:
            with suppress(ArtefactRefused):
                model(path.stem)


def find(digest: str, folders: Sequence[Path]) -> Path:
    """The file of a digest."""
    for folder in folders:
        path = folder / f"{digest}{SUFFIX}"
        if path.is_file():
            return path
    places = ", ".join(str(folder) for folder in folders)
    raise NoSuchModel(f"no {digest}{SUFFIX} in {places}: copy it there, or publish another model")


def model_files(folders: Sequence[Path]) -> tuple[Path, ...]:
    """Every model file there is, by name."""
    found = {path.stem: path for folder in reversed(folders) for path in folder.glob(f"*{SUFFIX}")}
    return tuple(found[digest] for digest in sorted(found))


def shipped(folder: Path = SHIPPED) -> dict[Category, str]:
    """The digest of each category's model, as a folder's listing has it."""
    listed = folder / LISTING
    if not listed.is_file():
        return {}
    return msgspec.convert(tomllib.loads(listed.read_text())["models"], dict[Category, str])


def save(folder: Path, made: Mapping[Category, tuple[str, bytes]], command: Callable[[Category], str]) -> None:
    """Write each category's (digest, file), and the listing with each one's command; others stay."""
    folder.mkdir(parents=True, exist_ok=True)
    listing = folder / LISTING
    known = listing.read_text().splitlines() if listing.is_file() else []
    lines = {line.partition(" = ")[0]: line for line in known if " = " in line}
    for category, (digest, packed) in made.items():
        (folder / f"{digest}{SUFFIX}").write_bytes(packed)
        lines[category] = f'{category} = "{digest}"  # {command(category)}'
    listing.write_text("[models]\n" + "\n".join(lines[category] for category in sorted(lines)) + "\n")
