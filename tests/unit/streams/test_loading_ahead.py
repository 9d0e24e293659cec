"""Models are loaded before they are asked for: as far as they are there, and whatever state they are in."""

from __future__ import annotations

import shutil
from pathlib import Path

from models.artefact import Model
from streams.model_files import LISTING, SHIPPED, SUFFIX, load_ahead, model_loader, shipped


def test_every_listed_model_is_loaded_ahead() -> None:
    """A step never waits for one of them: the loader has been asked for each."""
    asked: list[str] = []
    load = model_loader((SHIPPED,))

    def noting(digest: str) -> Model:
        asked.append(digest)
        return load(digest)

    load_ahead(noting, (SHIPPED,))
    assert set(asked) == set(shipped().values())


def test_a_model_that_is_gone_or_damaged_is_told_where_it_is_asked_for(tmp_path: Path) -> None:
    """Loading ahead never keeps a worker from starting."""
    digests = sorted(set(shipped().values()))
    shutil.copy(SHIPPED / LISTING, tmp_path / LISTING)
    (tmp_path / f"{digests[0]}{SUFFIX}").write_bytes(b"damaged")
    load_ahead(model_loader((tmp_path,)), (tmp_path,))
