"""rejected: law 7 on the command line: listed, mended, sent in again, once, with the first receipt."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import simulator
from cli.mending import mended
from cli.verb import Exit, Refused
from events.time import format_instant
from tests.unit.cli.installed import Installed, Ran, first_events, last_tick


@pytest.fixture
def refused(replayed: Installed, province: tuple[simulator.Simulation, Path], tmp_path: Path) -> Installed:
    """An installation that has refused a count in a wrong unit, and nonsense."""
    event = json.loads(first_events(province[0], "inventory", 1)[0])
    event |= {"id": "recount-1", "occurred_at": format_instant(last_tick(province[0]))}
    event["quantity"] = {"value": "3", "unit": "stone"}
    path = tmp_path / "reports.jsonl"
    path.write_text(json.dumps(event) + "\nnonsense\n")
    assert replayed("ingest", path, "--provider", "plant-17").code == Exit.FOUND
    return replayed


def listed(hazflow: Installed, *words: str) -> list[dict[str, Any]]:
    """The refusals listed."""
    found: list[dict[str, Any]] = hazflow("rejected", "list", "--json", *words).json
    return found


def mend_unit(hazflow: Installed, id_: str) -> Ran:
    """Mend the unit of the count to that of its goods."""
    unit = {"count": "item", "mass": "kg", "volume": "L", "activity": "MBq", "neq": "kg_neq"}
    raw = json.loads(hazflow("rejected", "show", id_, "--json").json["raw"])
    measure = hazflow("book", raw["site"], raw["goods"], "--json").json["measure"]
    return hazflow("rejected", "mend", id_, "--set", f"quantity.unit={unit[measure]}")


def test_a_refusal_is_kept_with_its_bytes_reason_field_and_position(refused: Installed) -> None:
    """What was refused can be seen as it came."""
    by_reason = {one["reason"]: one for one in listed(refused)}
    assert set(by_reason) == {"quantity_unit_unknown", "not_json"}
    assert by_reason["not_json"]["raw"] == "nonsense"
    assert by_reason["quantity_unit_unknown"]["field"] == "quantity.unit"
    text = refused("rejected", "show", by_reason["quantity_unit_unknown"]["id"]).out
    assert "kg, L, item" in text
    assert listed(refused, "--provider", "nobody") == []


def test_a_mended_record_goes_back_in_once_with_its_first_receipt(refused: Installed) -> None:
    """kept → mended → replayed: the book has the count, received when it was first received."""
    before = listed(refused, "--reason", "quantity_unit_unknown")[0]
    assert mend_unit(refused, before["id"]).code == Exit.OK
    ran = refused("rejected", "replay", before["id"], "--json")
    assert (ran.code, ran.json[0]["standing"]) == (Exit.OK, "taken")
    after = listed(refused, "--reason", "quantity_unit_unknown")[0]
    assert (after["standing"], after["raw"]) == ("replayed", before["raw"])
    event = json.loads(before["raw"])
    entries = refused("book", event["site"], event["goods"], "--json").json["entries"]
    lines = [entry["line"] for entry in entries if entry["line"]["fact"].endswith("|recount-1")]
    assert [format_instant(line["received_at"]) for line in lines] == [before["received_at"]]
    assert refused("rejected", "replay", before["id"]).code == Exit.FOUND
    assert refused("rejected", "mend", before["id"], "--set", "quantity.value=4").code == Exit.FOUND


def test_mending_that_leaves_the_contract_broken_is_refused_and_not_kept(refused: Installed) -> None:
    """Nothing is stored that would only be refused again for its bytes."""
    id_ = listed(refused, "--reason", "quantity_unit_unknown")[0]["id"]
    ran = refused("rejected", "mend", id_, "--set", "quantity.unit=pound")
    assert ran.code == Exit.FOUND
    assert "quantity_unit_unknown" in ran.err
    assert listed(refused, "--standing", "mended") == []


def test_bytes_that_are_no_json_are_mended_from_a_file(refused: Installed, tmp_path: Path) -> None:
    """--raw gives the whole record anew."""
    id_ = listed(refused, "--reason", "not_json")[0]["id"]
    assert refused("rejected", "mend", id_, "--set", "kind=flow").code == Exit.USAGE
    other = json.loads(listed(refused, "--reason", "quantity_unit_unknown")[0]["raw"])
    other |= {"id": "recount-2", "quantity": {"value": "3", "unit": "item"}}
    path = tmp_path / "mended.json"
    path.write_text(json.dumps(other))
    assert refused("rejected", "mend", id_, "--raw", path).code == Exit.OK
    assert refused("rejected", "show", id_).out.count("recount-2") == 1


def test_replay_all_takes_what_was_mended_and_leaves_what_would_fail_alike(refused: Installed) -> None:
    """Bytes that nobody mended are not sent round in circles."""
    id_ = listed(refused, "--reason", "quantity_unit_unknown")[0]["id"]
    mend_unit(refused, id_)
    ran = refused("rejected", "replay", "--all", "--json")
    assert [one["id"] for one in ran.json] == [id_]
    assert refused("rejected", "replay", "--all", "--json").json == []
    assert refused("rejected", "replay").code == Exit.USAGE


def test_an_unknown_refusal_is_said_so(refused: Installed) -> None:
    """Exit 1 with the id."""
    for words in (("show", "log/0/0"), ("mend", "log/0/0", "--set", "a=b"), ("replay", "log/0/0")):
        ran = refused("rejected", *words)
        assert ran.code == Exit.FOUND, words
        assert "log/0/0" in ran.err


@pytest.mark.parametrize(
    ("changes", "unset", "expected"),
    [
        (["a=1"], [], {"a": "1", "b": {"c": [1, 2]}}),
        (["a:=1"], [], {"a": 1, "b": {"c": [1, 2]}}),
        (["b.c[1]:=9"], [], {"a": 0, "b": {"c": [1, 9]}}),
        (["new.deep=x"], ["a"], {"b": {"c": [1, 2]}, "new": {"deep": "x"}}),
        ([], ["b.c[0]"], {"a": 0, "b": {"c": [2]}}),
    ],
)
def test_only_what_is_named_is_mended(changes: list[str], unset: list[str], expected: object) -> None:
    """A path names one value; the rest stays."""
    assert json.loads(mended(b'{"a": 0, "b": {"c": [1, 2]}}', changes, unset)) == expected


@pytest.mark.parametrize(
    ("changes", "unset"),
    [([], []), (["a"], []), (["=1"], []), (["a:=x"], []), ([], ["zz"]), (["b.c[7]=1"], []), (["a.b.c=1"], [])],
)
def test_a_change_that_cannot_be_made_is_refused(changes: list[str], unset: list[str]) -> None:
    """What names nothing changes nothing."""
    with pytest.raises(Refused):
        mended(b'{"a": 0, "b": {"c": [1, 2]}}', changes, unset)
