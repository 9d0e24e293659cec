"""The contract's documents say what the types say: what intake takes they accept, what they accept is well-formed.

Law: the types are the contract; documents that drift from them would mislead every provider.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator

import simulator
from events.contract import KINDS, asyncapi, documents, schema
from events.log import Received
from events.rejection import Reason
from routing.notice import WarningNotice


@pytest.fixture(scope="module")
def events() -> list[dict[str, Any]]:
    """A simulated day, as reported."""
    log = simulator.simulate(simulator.tiny(simulator.known_areas())).log
    return [json.loads(line.raw) for line in log if isinstance(line, Received)]


@pytest.mark.parametrize("kind", KINDS)
def test_a_schema_is_valid_and_takes_every_report_of_its_kind(kind: str, events: list[dict[str, Any]]) -> None:
    """What the simulator reports, and intake takes, the published schema accepts."""
    Draft202012Validator.check_schema(schema(kind))
    validator = Draft202012Validator(schema(kind))
    mine = [event for event in events if event["kind"] == kind]
    assert mine
    for event in mine:
        assert not list(validator.iter_errors(event))


@pytest.mark.parametrize("kind", KINDS)
def test_a_schema_refuses_unknown_fields_and_other_kinds(kind: str, events: list[dict[str, Any]]) -> None:
    """As strict as intake: a misspelt field is not let through in silence."""
    validator = Draft202012Validator(schema(kind))
    event = next(event for event in events if event["kind"] == kind)
    assert not validator.is_valid(event | {"quantiy": 1})
    assert not validator.is_valid(event | {"kind": "theft"})
    assert not validator.is_valid({name: value for name, value in event.items() if name != "occurred_at"})


def test_the_asyncapi_document_leaves_no_reference_open() -> None:
    """AsyncAPI 3: every $ref leads somewhere, every operation names a channel, every channel a message."""
    document = asyncapi({"warnings": WarningNotice})
    assert document["asyncapi"] == "3.0.0"
    for ref in _refs(document):
        at: Any = document
        for step in ref.removeprefix("#/").split("/"):
            at = at[step]
        assert at
    assert set(document["channels"]) == {*KINDS, "warnings"}
    channels = {operation["channel"]["$ref"] for operation in document["operations"].values()}
    assert channels == {f"#/channels/{name}" for name in document["channels"]}
    for kind in KINDS:
        said = document["operations"][f"take_{kind}"]["description"]
        assert all(f"- {reason}: " in said for reason in Reason)


def test_the_same_types_give_the_same_bytes() -> None:
    """The documents are a function of the types: regenerating changes nothing."""
    assert documents({"warnings": WarningNotice}) == documents({"warnings": WarningNotice})


def _refs(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from _refs(value)
    elif isinstance(node, list):
        for value in node:
            yield from _refs(value)
