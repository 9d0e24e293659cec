"""Benchmarks run and say what they measured; no test says how fast anything is."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest
from msgspec import Struct

from benchmarks import lane, positions, what_if
from benchmarks.__main__ import main
from benchmarks.figure import Figure, WrongAnswer, percentiles, table
from benchmarks.province import Log
from models.scored import Scored
from models.whatif import Policy, Population, Raised, raise_under
from streams.assembly import Assembly


class Document(Struct, forbid_unknown_fields=True):
    """What ``--json`` prints."""

    machine: dict[str, str | int | float]
    quick: bool
    figures: list[Figure]


def test_the_quick_lane_forest_and_intake_print_their_figures_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    """One JSON document: the machine, and figures above nothing with a unit each."""
    assert main(["forest", "lane", "intake", "--quick", "--json"]) == 0
    document = msgspec.json.decode(capsys.readouterr().out, type=Document)
    assert document.quick
    assert {"cpu", "cores", "load"} <= document.machine.keys()
    named = {figure.name: figure for figure in document.figures}
    assert {"forest, one row", "lane alone", "embedded engine", "embedded : lane"} <= named.keys()
    assert "HTTP intake, acknowledged and durable" in named
    assert all(figure.unit for figure in document.figures)
    assert named["lane alone"].value > 0


def test_a_wrong_answer_has_no_figure(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the engine's books are not the lane's, the benchmark fails instead of printing a speed."""
    honest = lane.in_memory

    def forgetful(log: Log) -> lane.Ran:
        ran = honest(log)
        ran.lines.clear()
        return ran

    monkeypatch.setattr(lane, "in_memory", forgetful)
    with pytest.raises(WrongAnswer):
        lane.measure(quick=True)


def test_a_fleet_is_sent_out_with_labels_that_its_positions_must_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Positions have a figure where all who break a rule, and nobody else, are found; a deaf rule has none."""
    assert all(figure.value > 0 for figure in positions.measure(quick=True))
    honest = lane.in_memory

    def deaf(log: Log, assembly: Assembly | None = None) -> lane.Ran:
        ran = honest(log, assembly)
        ran.findings.clear()
        return ran

    monkeypatch.setattr(lane, "in_memory", deaf)
    with pytest.raises(WrongAnswer):
        positions.measure(quick=True)


def test_the_quick_what_if_prints_its_figures(capsys: pytest.CaptureFixture[str]) -> None:
    """The columns' answer was checked against the slow twin, the file's digest against the columns."""
    assert main(["what-if", "--quick", "--json"]) == 0
    document = msgspec.json.decode(capsys.readouterr().out, type=Document)
    assert {figure.name.partition(",")[0] for figure in document.figures} == {"what-if"}
    assert all(figure.value > 0 for figure in document.figures)


def test_a_what_if_that_differs_from_its_slow_twin_has_no_figure(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run cut short in the columns is found by going through the days one by one."""

    def forgetful(scored: Scored, policy: Policy, among: Population) -> Raised:
        raised = raise_under(scored, policy, among)
        return replace(raised, last=raised.first)

    monkeypatch.setattr(what_if, "raise_under", forgetful)
    with pytest.raises(WrongAnswer):
        what_if.measure(quick=True)


def test_percentiles_are_of_the_slowest_too() -> None:
    """p99.9 of a thousand is the slowest of them."""
    found = percentiles("wait", [0.001] * 999 + [1.0], "")
    assert [figure.value for figure in found] == [1.0, 1.0, 1_000.0]


def test_a_table_has_a_line_a_figure() -> None:
    """Name, value, unit."""
    assert table([Figure("a", 1.5, "µs"), Figure("long name", 2_000.0, "×", "both")]).splitlines() == [
        "a                  1.50 µs",
        "long name      2,000.00 ×          both",
    ]
