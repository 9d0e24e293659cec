"""Postings: each movement takes from one account and gives to another.

Law: conservation. What a book gains or loses, another account loses or gains.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.fact import Movement
from ledger.posting import (
    ADJUSTED,
    BOOK,
    CONSUMED,
    DESTROYED,
    LOST,
    OPENING,
    OUTSIDE,
    PRODUCED,
    Posting,
    book_delta,
    posting,
)
from tests.detector_kit import movement

TRANSIT, SHIFT = "transit:C1", "shift:S1/N"


def moved(operation: str, **fields: str) -> Movement:
    """A movement of seven pieces at S1."""
    body = movement(operation, "7 item", when="day 1 08:00", **fields).body  # type: ignore[arg-type]  # drawn words
    assert isinstance(body, Movement)
    return body


@pytest.mark.parametrize(
    ("operation", "fields", "expected", "delta"),
    [
        ("open", {}, Posting(OPENING, BOOK), 7),
        ("receive", {}, Posting(OUTSIDE, BOOK), 7),
        ("receive", {"consignment": "C1"}, Posting(TRANSIT, BOOK), 7),
        ("issue", {}, Posting(BOOK, OUTSIDE), -7),
        ("issue", {"consignment": "C1"}, Posting(BOOK, TRANSIT), -7),
        ("issue", {"shift": "N"}, Posting(BOOK, SHIFT), -7),
        ("return", {}, Posting(OUTSIDE, BOOK), 7),
        ("return", {"consignment": "C1"}, Posting(TRANSIT, BOOK), 7),
        ("return", {"shift": "N"}, Posting(SHIFT, BOOK), 7),
        ("produce", {}, Posting(PRODUCED, BOOK), 7),
        ("consume", {}, Posting(BOOK, CONSUMED), -7),
        ("consume", {"shift": "N"}, Posting(SHIFT, CONSUMED), 0),
        ("destroy", {}, Posting(BOOK, DESTROYED), -7),
        ("declare_loss", {}, Posting(BOOK, LOST), -7),
        ("declare_loss", {"consignment": "C1"}, Posting(TRANSIT, LOST), 0),
        ("declare_loss", {"shift": "N"}, Posting(SHIFT, LOST), 0),
        ("adjust", {"direction": "in"}, Posting(ADJUSTED, BOOK), 7),
        ("adjust", {"direction": "out"}, Posting(BOOK, ADJUSTED), -7),
    ],
)
def test_a_movement_takes_from_one_account_and_gives_to_another(
    operation: str, fields: dict[str, str], expected: Posting, delta: int
) -> None:
    """What is out already, with a shift or on the road, no longer moves the book."""
    body = moved(operation, **fields)
    assert (posting(body), book_delta(body)) == (expected, delta)


def test_an_operation_that_nobody_knows_is_a_broken_invariant() -> None:
    """Intake lets none through: here it is an exception, not a guess."""
    with pytest.raises(ValueError, match="theft"):
        posting(moved("theft"))


_moves = st.sampled_from(
    [
        ("open", {}), ("receive", {"consignment": "C1"}), ("issue", {"consignment": "C1"}),
        ("issue", {"shift": "N"}),
        ("return", {"shift": "N"}), ("consume", {"shift": "N"}), ("consume", {}), ("produce", {}), ("destroy", {}),
        ("declare_loss", {"consignment": "C1"}), ("adjust", {"direction": "out"}), ("issue", {}),
    ]
)  # fmt: skip


@given(st.lists(_moves, max_size=30))
def test_accounts_sum_to_nothing_after_every_movement(moves: list[tuple[str, dict[str, str]]]) -> None:
    """Law 1 in small: two sides each, so the sum over all accounts never leaves zero."""
    accounts: dict[str, int] = {}
    for operation, fields in moves:
        body = moved(operation, **fields)
        debit, credit = posting(body)
        accounts[debit] = accounts.get(debit, 0) - body.amount
        accounts[credit] = accounts.get(credit, 0) + body.amount
        assert sum(accounts.values()) == 0
    assert accounts.get(BOOK, 0) == sum(book_delta(moved(operation, **fields)) for operation, fields in moves)
