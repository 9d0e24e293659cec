"""The benchmarks that need servers run and check their answers; no test says how fast anything is."""

from __future__ import annotations

import msgspec
import pytest

from benchmarks.__main__ import main


def test_restart_and_takeover_print_their_figures(capsys: pytest.CaptureFixture[str]) -> None:
    """Each figure is of a state that was restored whole, and of a first event whose line was right."""
    assert main(["restart", "takeover", "--quick", "--json"]) == 0
    figures = msgspec.json.decode(capsys.readouterr().out)["figures"]
    named = {figure["name"]: figure["value"] for figure in figures}
    assert named.keys() >= {"restart, first event", "restart, uncompacted", "resident, a quiet book", "takeover"}
    assert named["restart, first event"] > 0
