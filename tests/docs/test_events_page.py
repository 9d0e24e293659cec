"""The contract's page: each example is taken by intake; nothing of the contract goes unnamed."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import get_args

import pytest

from events.contract import KINDS
from events.intake import Arrival, Record, read
from events.quantity import UNITS
from events.registry import Entry
from events.rejection import Source
from events.report import Operation
from events.time import parse_instant

PAGE = (Path(__file__).parents[2] / "docs" / "events.md").read_text("utf-8")
EXAMPLES = re.findall(r"```json\n(.*?)```", PAGE, re.S)
RECEIVED = parse_instant("2026-05-05T00:00:00+08:00")


@pytest.mark.parametrize("example", EXAMPLES, ids=[json.loads(one).get("id", "position") for one in EXAMPLES])
def test_every_example_is_taken(example: str) -> None:
    """Law: what the page shows can be posted as it stands."""
    taken = read(Record(example.encode(), "docs", RECEIVED, Source("docs", 0, 0)))
    assert isinstance(taken, Arrival), taken


def test_every_kind_has_an_example_and_a_heading() -> None:
    """Law: no kind goes without either."""
    assert {json.loads(one)["kind"] for one in EXAMPLES} == set(KINDS)
    assert set(KINDS) <= set(re.findall(r"^## (\w+)", PAGE, re.M))


def test_every_operation_entry_type_and_unit_code_is_in_a_table() -> None:
    """Law: nothing that may be written on the wire is left to guess."""
    rows = "\n".join(re.findall(r"^\|.*$", PAGE, re.M))
    tags = {str(entry.__struct_config__.tag) for entry in get_args(Entry)}
    words = {*get_args(Operation), *tags, *UNITS}
    assert {word for word in words if f"`{word}`" not in rows} == set()
