"""One desk a module, served by a real server: reading it changes nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.unit.desk.caller import Caller
from tests.unit.desk.fakes import Bench, serving


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """The small province, written."""
    made = Bench(tmp_path_factory.mktemp("desk"))
    yield made
    made.written.close()


@pytest.fixture(scope="module")
def desk(bench: Bench) -> Iterator[Caller]:
    """The same, served."""
    with serving(bench.app) as base:
        yield Caller(base)
