"""Intake: bytes and contract alone decide whether a record is taken.

Law: a refusal names the reason and the field; nothing is let through that a later step cannot keep.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.intake import (
    FUTURE_TOLERANCE,
    LARGEST_RECORD,
    PUBLISHER,
    Arrival,
    Record,
    depth,
    encode,
    home_key,
    read,
)
from events.registry import Category, ModelEntry, PolicyEntry
from events.rejection import MEND, Reason, Rejection, Source
from events.report import Event
from events.time import DAY
from simulator import stories as s
from tests.unit.events.reports import CAPACITY, FLOW, PLAN, POSITION, POSITION_TEXT, having, without

NOW = s.at("day 2 00:00")


def taken(raw: bytes | str | dict[str, Any], received_at: int = NOW) -> Arrival | Rejection:
    """What intake makes of a record."""
    if isinstance(raw, dict):
        raw = json.dumps(raw)
    return read(
        Record(raw.encode() if isinstance(raw, str) else raw, "plant-17", received_at, Source("flow", 0, 7))
    )


@pytest.mark.parametrize(
    ("raw", "reason", "field"),
    [
        ("", Reason.NOT_JSON, ""),
        ("nonsense", Reason.NOT_JSON, ""),
        (json.dumps(FLOW) + "x", Reason.NOT_JSON, ""),
        ('{"kind": "flow", "reason": "a, NaN"', Reason.NOT_JSON, ""),
        ('{"kind": "flow", "id": "\\ud800"}', Reason.NOT_JSON, ""),
        ('{"kind": "flow", "id": NaN}', Reason.NUMBER_NOT_FINITE, ""),
        ('{"lon": -Infinity}', Reason.NUMBER_NOT_FINITE, ""),
        (b'{"kind": "flow", "id": "\xff"}', Reason.INVALID_UTF8, ""),
        ('{"kind": ' + "[" * 40 + "x", Reason.TOO_DEEP, ""),
        ("[]", Reason.WRONG_TYPE, ""),
        ("null", Reason.WRONG_TYPE, ""),
        ("{}", Reason.MISSING_FIELD, "kind"),
        (having(FLOW, kind="theft"), Reason.UNKNOWN_KIND, "kind"),
        (having(FLOW, version=2), Reason.UNKNOWN_VERSION, "version"),
        (without(FLOW, "site"), Reason.MISSING_FIELD, "site"),
        (without(FLOW, "quantity", "unit"), Reason.MISSING_FIELD, "quantity.unit"),
        (having(FLOW, quantiy=1), Reason.UNKNOWN_FIELD, "quantiy"),
        (having(FLOW, quantity={"value": "1", "unit": "kg", "about": 1}), Reason.UNKNOWN_FIELD, "quantity.about"),
        (having(FLOW, quantity={"value": 1, "unit": "kg"}), Reason.WRONG_TYPE, "quantity.value"),
        (having(FLOW, operation="steal"), Reason.INVALID_VALUE, "operation"),
        (having(FLOW, id=""), Reason.INVALID_VALUE, "id"),
        (having(FLOW, id="a|b"), Reason.INVALID_VALUE, "id"),
        (having(FLOW, site="S1\n"), Reason.INVALID_VALUE, "site"),
        (having(FLOW, site="*"), Reason.INVALID_VALUE, "site"),
        (having(POSITION, vehicle="*"), Reason.INVALID_VALUE, "vehicle"),
        (having(FLOW, id="x" * 129), Reason.INVALID_VALUE, "id"),
        (having(FLOW, occurred_at="2026-05-04T08:00:00"), Reason.TIME_WITHOUT_ZONE, "occurred_at"),
        (having(FLOW, occurred_at="2026-13-04T08:00:00Z"), Reason.INVALID_VALUE, "occurred_at"),
        (having(FLOW, occurred_at="2027-01-01T00:00:00Z"), Reason.IN_FUTURE, "occurred_at"),
        (having(FLOW, quantity={"value": "1,5", "unit": "kg"}), Reason.QUANTITY_NOT_A_NUMBER, "quantity.value"),
        (having(FLOW, quantity={"value": "-1", "unit": "kg"}), Reason.QUANTITY_NEGATIVE, "quantity.value"),
        (having(FLOW, quantity={"value": "0.5", "unit": "item"}), Reason.QUANTITY_TOO_FINE, "quantity.value"),
        (having(FLOW, quantity={"value": "9" * 30, "unit": "t"}), Reason.QUANTITY_OVER_RANGE, "quantity.value"),
        (having(FLOW, quantity={"value": "1", "unit": "lb"}), Reason.QUANTITY_UNIT_UNKNOWN, "quantity.unit"),
        (having(FLOW, operation="declare_loss"), Reason.MISSING_FIELD, "reason"),
        (having(FLOW, operation="adjust", reason="x", direction="in"), Reason.MISSING_FIELD, "approver"),
        (having(FLOW, operation="adjust", reason="x", approver="y"), Reason.MISSING_FIELD, "direction"),
        (having(FLOW, direction="in"), Reason.INVALID_VALUE, "direction"),
        (having(FLOW, operation="produce", consignment="C1"), Reason.INVALID_VALUE, "consignment"),
        (having(FLOW, shift="N", consignment="C1"), Reason.INVALID_VALUE, "shift"),
        (having(FLOW, operation="open", shift="N"), Reason.INVALID_VALUE, "shift"),
        (
            having(FLOW, serials=[{"maker": "m", "type": "t", "first": 2, "last": 1}]),
            Reason.INVALID_VALUE,
            "serials",
        ),
        (
            having(FLOW, serials=[{"maker": "m", "type": "t", "first": 9_999, "last": 10_000_000}]),
            Reason.INVALID_VALUE,
            "serials",
        ),
        (
            having(FLOW, serials=[{"maker": "m", "type": "t", "first": 1, "last": 2**64}]),
            Reason.INVALID_VALUE,
            "serials[0].last",
        ),
        (having(FLOW, corrects={"id": "e", "revision": 0}), Reason.INVALID_VALUE, "corrects.revision"),
        (without(PLAN, "plan"), Reason.MISSING_FIELD, "plan"),
        (having(PLAN, stage="depart"), Reason.INVALID_VALUE, "plan"),
        (having(PLAN, "plan", arrive_by="2026-05-04T08:00:00+08:00"), Reason.INVALID_VALUE, "plan.arrive_by"),
        (
            having(PLAN, "plan", loads=[{"goods": "DET", "quantity": {"value": "x", "unit": "item"}}]),
            Reason.QUANTITY_NOT_A_NUMBER,
            "plan.loads[0].quantity.value",
        ),
        (having(POSITION, lon=181), Reason.INVALID_VALUE, "lon"),
        (POSITION_TEXT.replace("119.3", "1e999"), Reason.INVALID_VALUE, "lon"),
        (having(CAPACITY, valid_to=CAPACITY["valid_from"]), Reason.INVALID_VALUE, "valid_to"),
        (having(CAPACITY, unit="*"), Reason.INVALID_VALUE, "unit"),
        (having(CAPACITY, "entry", type="wish"), Reason.INVALID_VALUE, "entry.type"),
        (
            having(CAPACITY, "entry", quantity={"value": "1", "unit": "lb"}),
            Reason.QUANTITY_UNIT_UNKNOWN,
            "entry.quantity.unit",
        ),
    ],
)
def test_what_breaks_the_contract_is_refused_with_reason_and_field(
    raw: bytes | str | dict[str, Any], reason: Reason, field: str
) -> None:
    """One record a reason: the code, the field, the bytes, and how to mend it in both languages."""
    refused = taken(raw)
    assert isinstance(refused, Rejection)
    assert (refused.reason, refused.field) == (reason, field)
    assert refused.raw is not None
    assert (refused.provider, refused.id) == ("plant-17", "flow/0/7")
    assert all(MEND[reason])


def test_a_record_that_is_too_large_is_not_even_read() -> None:
    """The limit is on the bytes, whatever they say."""
    refused = taken(b" " * (LARGEST_RECORD + 1))
    assert isinstance(refused, Rejection)
    assert refused.reason is Reason.OVERSIZE


def test_every_reason_says_how_to_mend_it_in_both_languages() -> None:
    """Law 7: a refusal has a way back."""
    assert set(MEND) == set(Reason)
    assert all(zh and en for zh, en in MEND.values())


def test_a_clock_a_little_fast_is_forgiven() -> None:
    """What happens five minutes after its receipt is taken; a second more is not."""
    at = s.arrival(s.count("1 item", site="S1", goods="DET", when="day 1 18:00")).at
    raw = encode(s.count("1 item", site="S1", goods="DET", when="day 1 18:00"))
    assert isinstance(taken(raw, at - FUTURE_TOLERANCE), Arrival)
    assert isinstance(taken(raw, at - FUTURE_TOLERANCE - 1), Rejection)


@pytest.mark.parametrize("report", [FLOW, PLAN, POSITION, CAPACITY])
def test_a_lawful_report_is_taken_and_writes_itself_again(report: dict[str, Any]) -> None:
    """Canonical bytes are read as the same event; its home key is that of its kind."""
    arrival = taken(report)
    assert isinstance(arrival, Arrival)
    again = taken(encode(arrival.event))
    assert isinstance(again, Arrival)
    assert (again.event, again.home) == (arrival.event, arrival.home)


def test_a_correction_goes_to_the_home_of_what_it_corrects() -> None:
    """Wherever it moves the report to, the original home decides once."""
    wrong = s.receive("5 item", site="S2", goods="DET", when="day 1 08:00")
    stage = s.stage("C1", "depart", when="day 1 08:00")
    moved: list[Event] = [s.correct(wrong, site="S3"), s.correct(stage, consignment="C2")]
    assert [home_key(one) for one in moved] == ["site:S2", "consignment:C1"]
    assert home_key(s.void(wrong)) == "site:S2"


@given(st.binary(max_size=300))
def test_no_bytes_whatever_do_more_than_be_refused(raw: bytes) -> None:
    """Bad data is a value, never an exception."""
    assert isinstance(taken(raw), Rejection)


def test_depth_counts_brackets_outside_texts() -> None:
    """A bracket in a text is no level; one escaped quote does not end it."""
    assert depth('{"a": ["[[[", "\\"[["]}') == 2


PUBLISHED = (PolicyEntry(digest="d", text=""), ModelEntry(digest="d", category=Category.CHEMICALS))


@pytest.mark.parametrize("entry", PUBLISHED)
def test_no_provider_sets_the_thresholds_that_it_is_watched_by(entry: PolicyEntry | ModelEntry) -> None:
    """Law: policies and models come from hazflow's own publishing, whatever token a provider holds."""
    raw, at, source = (
        encode(s.registry(entry, valid_from="day 1 00:00")),
        s.at("day 1 00:00"),
        Source("registry", 0, 7),
    )
    refused = read(Record(raw, "plant-17", at, source))
    assert isinstance(refused, Rejection)
    assert (refused.reason, refused.field) == (Reason.INVALID_VALUE, "entry.type")
    assert isinstance(read(Record(raw, PUBLISHER, at, source)), Arrival)


@pytest.mark.parametrize("entry", PUBLISHED)
def test_a_publication_speaks_of_nothing_that_happened_before_it_was_received(
    entry: PolicyEntry | ModelEntry,
) -> None:
    """Laws 3 and 5: else a day that was judged already, and closed, would be judged by what nobody knew then."""
    raw = encode(s.registry(entry, valid_from="day 1 00:00", entered="day -1 00:00"))
    at, source = s.at("day 1 00:00"), Source("registry", 0, 7)
    for received_at in (at - DAY, at):
        assert isinstance(read(Record(raw, PUBLISHER, received_at, source)), Arrival)
    refused = read(Record(raw, PUBLISHER, at + 1, source))
    assert isinstance(refused, Rejection)
    assert (refused.reason, refused.field) == (Reason.INVALID_VALUE, "valid_from")
    assert "2026-05-04T00:00:00" in refused.detail


@pytest.mark.parametrize("entry", PUBLISHED)
def test_what_was_published_is_not_told_otherwise(entry: PolicyEntry | ModelEntry) -> None:
    """The next publication speaks instead, from its own date on; a policy has no other end."""
    first, at, source = s.registry(entry, valid_from="day 1 00:00"), s.at("day 1 00:00"), Source("registry", 0, 7)
    for other in (s.void(first), s.correct(first, valid_from=first.valid_from + timedelta(days=1))):
        refused = read(Record(encode(other), PUBLISHER, at, source))
        assert isinstance(refused, Rejection)
        assert (refused.reason, refused.field) == (Reason.INVALID_VALUE, "corrects")
    ending = s.registry(entry, valid_from="day 1 00:00", valid_to="day 9 00:00")
    taken = read(Record(encode(ending), PUBLISHER, at, source))
    assert isinstance(taken, Rejection if isinstance(entry, PolicyEntry) else Arrival)
