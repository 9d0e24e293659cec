"""The regulators' page names every address of the API and every filter."""

from __future__ import annotations

from pathlib import Path

from starlette.routing import Route

from desk.pages import FIELDS
from tests.unit.desk.fakes import Bench

PAGE = (Path(__file__).parents[3] / "docs" / "regulators.md").read_text(encoding="utf-8")


def test_the_page_names_every_address_and_every_filter(bench: Bench) -> None:
    """No route of the API and no filter goes undocumented."""
    paths = {route.path for route in bench.app.routes if isinstance(route, Route) and route.path.startswith("/v1/")}
    assert {path for path in paths if path not in PAGE} == set()
    assert set(FIELDS) <= set(PAGE.split("`area ")[1].partition("`")[0].split()) | {"area"}
