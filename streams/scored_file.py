"""Scored unit-days as a file: numpy's .npz, uncompressed and without pickles; the same content, the same bytes.

Law kept: a file is what its digest says: the content is digested again on reading, and another is refused.
"""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Final

import numpy as np

from models.scored import COLUMNS, Scored, ScoredRefused, checked

DIGEST: Final = "digest"
"""The one member beside the columns."""


def write_scored(path: Path, scored: Scored) -> str:
    """Write the columns and their digest, which is returned; a file is there whole or not at all."""
    digest = scored.digest
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(path.name + ".part")
    with beside.open("wb") as file:
        np.savez(file, allow_pickle=False, **scored.columns(), **{DIGEST: np.array([digest])})
    beside.replace(path)
    return digest


def read_scored(path: Path) -> tuple[Scored, str]:
    """The columns of a file and their digest; ScoredRefused where they are not what was written."""
    try:
        with np.load(path, allow_pickle=False) as file:
            if not isinstance(file, np.lib.npyio.NpzFile):
                raise ScoredRefused("not a file of several columns")
            columns = {name: file[name] for name in file.files}
    except (ValueError, EOFError, KeyError, zipfile.BadZipFile) as fault:
        raise ScoredRefused(f"{path} holds no scored unit-days: {fault}") from fault
    digest = columns.pop(DIGEST, np.array([""]))
    found = checked({name: columns[name] for name in COLUMNS if name in columns} | columns)
    if digest.tolist() != [found.digest]:
        raise ScoredRefused(f"{path}: the content is {found.digest}, not {digest.tolist()}")
    return found, found.digest
