"""The malformed-input corpus: every way to break the contract that was thought of, and what it is told.

Law: a refusal has a stable reason code and names the field (7); nothing that comes in makes intake fall over.
"""

import json
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.intake import LARGEST_RECORD, Arrival, Record, encode, read
from events.rejection import MEND, Reason, Rejection, Source
from events.report import Flow, Inventory, Position
from events.time import parse_instant

HERE = Path(__file__).parent
EXPECTED: dict[str, list[str]] = tomllib.loads((HERE / "expected.toml").read_text())
RECEIVED = parse_instant("2026-05-04T10:00:00+08:00")
AT_THE_KEY = {
    Reason.UNKNOWN_SITE, Reason.UNKNOWN_GOODS, Reason.UNKNOWN_UNIT, Reason.NOT_UNITS_SITE, Reason.UNKNOWN_TARGET,
    Reason.ID_REUSED, Reason.AFTER_CLOSE, Reason.BOOKS_CANNOT_TAKE, Reason.WRONG_MEASURE, Reason.UNKNOWN_PROVIDER,
}  # fmt: skip


def taken(raw: bytes) -> Arrival | Rejection:
    """What intake decides about a record."""
    return read(Record(raw, "plant-17", RECEIVED, Source("log", 0, 7)))


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_each_malformed_record_gets_its_reason_and_field(name: str) -> None:
    """Law 7: the reason code and the field are stable; the bytes and the position are kept."""
    raw = (HERE / "records" / f"{name}.json").read_bytes()
    refused = taken(raw)
    assert isinstance(refused, Rejection)
    assert [refused.reason, refused.field] == EXPECTED[name]
    assert (refused.raw, refused.source, refused.provider) == (raw, Source("log", 0, 7), "plant-17")
    assert all(MEND[refused.reason])


def test_the_corpus_lists_every_record_and_covers_every_reason_of_the_contract() -> None:
    """No record lies about unlisted, and no reason that bytes alone can earn goes untried."""
    assert {path.stem for path in (HERE / "records").iterdir()} == set(EXPECTED)
    assert {reason for reason, _ in EXPECTED.values()} == set(Reason) - AT_THE_KEY


@given(st.binary(max_size=400))
def test_random_bytes_never_make_intake_fall_over(raw: bytes) -> None:
    """Whatever bytes come, the answer is a value."""
    assert isinstance(taken(raw), Rejection | Arrival)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)
FLOW = {
    "kind": "flow", "version": 1, "id": "E1", "occurred_at": "2026-05-04T08:00:00+08:00", "unit": "U1",
    "site": "S1", "goods": "Cl2", "operation": "receive", "quantity": {"value": "12.5", "unit": "kg"},
}  # fmt: skip


@given(st.sampled_from(sorted(FLOW)), json_values)
def test_any_value_in_any_field_is_taken_or_refused_with_a_known_reason(field: str, value: object) -> None:
    """One field of a good record replaced by anything: a value comes back, and a refusal says how to mend it."""
    decided = taken(json.dumps(FLOW | {field: value}).encode())
    assert isinstance(decided, Arrival) or decided.reason in MEND


@given(st.data())
def test_a_good_record_cut_or_garbled_anywhere_is_never_half_taken(data: st.DataObject) -> None:
    """A flipped byte makes another good record or a refusal, never an exception."""
    raw = bytearray(json.dumps(FLOW).encode())
    at = data.draw(st.integers(0, len(raw) - 1))
    raw[at] = data.draw(st.integers(0, 255))
    decided = taken(bytes(raw))
    if isinstance(decided, Arrival):
        assert isinstance(decided.event, Flow | Inventory | Position)
        assert isinstance(taken(encode(decided.event)), Arrival)


def test_the_largest_record_that_may_be_sent_is_read() -> None:
    """256 KiB are taken, one byte more is not."""
    good = json.dumps(FLOW).encode()
    assert isinstance(taken(good + b" " * (LARGEST_RECORD - len(good))), Arrival)
    assert isinstance(taken(good + b" " * (LARGEST_RECORD + 1 - len(good))), Rejection)
