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


def test_the_ladder_times_warnings_at_each_rate(capsys: pytest.CaptureFixture[str]) -> None:
    """Every timed report's warning was readable, and never before the report was due."""
    assert main(["ladder", "--quick", "--rate", "100", "--json"]) == 0
    figures = msgspec.json.decode(capsys.readouterr().out)["figures"]
    latencies = [figure["value"] for figure in figures]
    assert [figure["name"].partition(":")[0] for figure in figures] == ["100/s"] * 3
    assert 0 < latencies[0] <= latencies[1] <= latencies[2]
