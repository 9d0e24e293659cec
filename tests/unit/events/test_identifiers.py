"""Identifiers: held against their pattern apart from decoding, with the same answers as decoding to the letter.

Law: the contract is what the types say; a refusal names the first thing that breaks it.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from events import identifiers
from events.identifiers import Identifiers, to_the_letter
from events.intake import Arrival, Record, read
from events.rejection import Reason, Rejection, Source
from events.report import Event, Flow
from simulator import stories as s
from tests.unit.events.reports import CAPACITY, FLOW, PLAN, POSITION

STRICT = msgspec.json.Decoder(to_the_letter(Event))
FULL = {
    **FLOW,
    "permit": "P1",
    "instrument": "SCALE-1",
    "custodians": ["K1", "K2"],
    "counterparty": {"unit": "U7", "site": "S7"},
    "serials": [{"maker": "M1", "type": "T1", "first": 1, "last": 9}],
    "corrects": {"id": "e0", "revision": 1, "home": "S9"},
}
COUNT = {name: FLOW[name] for name in ("version", "occurred_at", "id", "unit", "site", "goods", "quantity")} | {
    "kind": "inventory",
    "instrument": "G1",
}
REPORTS: dict[str, dict[str, Any]] = {
    "flow": FULL, "inventory": COUNT, "consignment": PLAN, "position": POSITION, "registry": CAPACITY,
}  # fmt: skip
ODD = ("a|b", "a/b", "a:b", "a b", "*", "*x", "x\n", "\n", " ", "a\u2028", "", "x" * 129, "仓库", "ok", "a\u0000")


def texts(within: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where a report has texts."""
    if isinstance(within, str):
        yield path
    for key, one in (
        within.items() if isinstance(within, dict) else enumerate(within) if type(within) is list else ()
    ):
        yield from texts(one, (*path, key))


PLACES = [(kind, path) for kind, report in REPORTS.items() for path in texts(report)]


def with_text(kind: str, path: tuple[Any, ...], text: str) -> bytes:
    """A report with another text somewhere."""
    report = copy.deepcopy(REPORTS[kind])
    at: Any = report
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = text
    return json.dumps(report).encode()


def taken(raw: bytes) -> Arrival | Rejection:
    """What intake makes of it."""
    return read(Record(raw, "plant-17", s.at("day 9 00:00"), Source("flow", 0, 7)))


def as_strictly(raw: bytes) -> None:
    """Intake answers as decoding to the letter does: taken where that takes it, refused in its words."""
    answer = taken(raw)
    said = strictly(raw)
    if said is not None:
        assert isinstance(answer, Rejection)
        assert said.startswith(answer.detail)
        assert answer.field in said or answer.reason is Reason.MISSING_FIELD
    else:
        # What the types cannot say is judged after them: a bad quantity, a time in the future.
        assert isinstance(answer, Arrival) or "`str" not in answer.detail


def strictly(raw: bytes) -> str | None:
    """The words of the stricter types; None where they take it."""
    try:
        STRICT.decode(raw)
    except msgspec.ValidationError as error:
        return str(error)
    return None


@pytest.mark.parametrize(("kind", "path"), PLACES, ids=lambda value: value if isinstance(value, str) else None)
def test_each_text_is_judged_as_to_the_letter(kind: str, path: tuple[Any, ...]) -> None:
    """Every text of every kind, with all that an identifier may not be; and once more."""
    for text in (*ODD, *ODD):
        as_strictly(with_text(kind, path, text))


@given(st.sampled_from(PLACES), st.text(max_size=6), st.sampled_from(PLACES), st.text(max_size=3))
def test_of_two_faults_the_first_is_named(
    one: tuple[str, tuple[Any, ...]], text: str, other: tuple[str, tuple[Any, ...]], more: str
) -> None:
    """As decoding meets them, whatever the second is."""
    kind, path = one
    report = json.loads(with_text(kind, path, text))
    if other[0] == kind:
        at = report
        for step in other[1][:-1]:
            at = at[step] if not isinstance(at, str) else {}
        if isinstance(at, (dict, list)) and at:
            at[other[1][-1]] = more
    as_strictly(json.dumps(report).encode())


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Law 11: as many as are worth it, then all are forgotten; answers stay the same."""
    monkeypatch.setattr(identifiers, "MOST_KNOWN", 50)
    of_flows = Identifiers(Flow)
    for number in range(200):
        event = s.issue("1 item", site=f"S{number}", goods="DET", when="day 1 08:00")
        assert of_flows.sound(event)
        assert len(identifiers._known) <= 50 + len(Flow.__struct_fields__)
    assert not of_flows.sound(msgspec.structs.replace(event, site="a|b"))


def test_runs_of_serial_numbers_are_not_remembered() -> None:
    """They do not come again: a thousand of them would be kept for nothing."""
    arrival = taken(json.dumps(FULL).encode())
    assert isinstance(arrival, Arrival)
    assert isinstance(arrival.event, Flow)
    assert arrival.event.serials not in identifiers._known
    assert arrival.event.corrects not in identifiers._known
    assert arrival.event.custodians in identifiers._known
