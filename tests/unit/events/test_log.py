"""The log format: what was received when, and the ticks between.

Law: a log says again what was said; a line that is none names its number and why.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.intake import encode
from events.log import BadLine, Received, Tick, log_line, read_log
from simulator import stories as s

_REPORT = encode(s.count("5 item", site="S1", goods="DET", when="day 1 18:00"))
_ticks = st.integers(0, 2**52).map(Tick)
_reports = st.builds(Received, st.just(_REPORT), st.sampled_from(("a", "厂-17")), st.integers(0, 2**52))


@given(st.lists(st.one_of(_ticks, _reports)))
def test_a_log_reads_as_it_was_written(items: list[Received | Tick]) -> None:
    """Order, bytes, provider and receipt, to the microsecond."""
    assert list(read_log([log_line(item) for item in items])) == items


def test_blank_lines_are_no_lines() -> None:
    """A log may end in a newline too many."""
    assert list(read_log([b"\n", log_line(Tick(5)), b"  \n"])) == [Tick(5)]


@pytest.mark.parametrize(
    "line",
    [
        b"nonsense",
        b"{}",
        b'{"tick": "2026-05-04T08:00:00"}',
        b'{"tik": "2026-05-04T08:00:00Z"}',
        b'{"received_at": "2026-05-04T08:00:00Z", "event": {}}',
        b'{"provider": "\xff"}',
        b'{"provider": "p", "event": ' + b"[" * 5_000 + b"]" * 5_000 + b"}",
    ],
)
def test_a_bad_line_names_its_number(line: bytes) -> None:
    """Operators mend a file by line number; no other exception reaches them."""
    with pytest.raises(BadLine, match="line 2: "):
        list(read_log([log_line(Tick(5)), line]))
