"""power: what a book would notice, said in words, as JSON, as a plot and as a drawing."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

import simulator
from cli.verb import Exit
from detectors.sequential.threshold import page_threshold, shewhart_threshold
from tests.unit.cli.installed import Installed

TANK = ("power", "--stock", "40000 L", "--flow", "200 L", "--every", "1")


def test_it_says_which_loss_would_be_noticed(hazflow: Installed) -> None:
    """In words in both languages, with the thresholds that the shipped policies give a daily book."""
    said = hazflow(*TANK, "--lang", "en")
    assert said.code == Exit.OK
    assert f"c = {shewhart_threshold(365, 0.02):.3f}" in said.out
    assert "0.30% anew and 0.20% steadily, as the policy takes instruments that nobody registered" in said.out
    assert f"h = {page_threshold(365, 0.5, 0.015):.3f}" in said.out
    assert re.search(r"\d+ L lost at once would be noticed within 7 days with 95%", said.out)
    assert "天内以 95% 的概率发现" in hazflow(*TANK, "--lang", "zh").out


def test_the_json_has_the_curve_and_it_rises(hazflow: Installed) -> None:
    """Base units, probabilities from none to nearly one; what is noticed lies on it."""
    found = hazflow(*TANK, "--json").json
    chances = [point["at_once"] for point in found["curve"]]
    assert chances == sorted(chances)
    assert chances[0] < 0.01
    assert chances[-1] > 0.99
    above = next(point for point in found["curve"] if point["at_once"] >= 0.95)
    assert found["noticed_at_once"] <= above["loss"]


def test_a_loss_that_would_not_be_noticed_in_time_is_said_so(hazflow: Installed) -> None:
    """Exit 1: the goal is not met; with a larger loss it is."""
    small, large = hazflow(*TANK, "--loss", "100 L"), hazflow(*TANK, "--loss", "2000 L")
    assert (small.code, large.code) == (Exit.FOUND, Exit.OK)
    assert "2000 L: noticed in time with 100.0% if lost at once" in large.out


def test_a_store_counted_monthly_notices_nothing_within_a_week(hazflow: Installed) -> None:
    """No count comes in time."""
    said = hazflow("power", "--stock", "1000 kg", "--every", "30", "--lang", "en")
    assert said.code == Exit.FOUND
    assert "nothing is noticed within 7 days" in said.out


def test_better_instruments_notice_less(hazflow: Installed) -> None:
    """What is noticed falls with the errors that are stated."""
    coarse = hazflow(*TANK, "--random", "0.01", "--json").json["noticed_at_once"]
    fine = hazflow(*TANK, "--random", "0.001", "--json").json["noticed_at_once"]
    assert 5 * fine < coarse


def test_the_drawing_is_an_svg_with_both_curves(hazflow: Installed, tmp_path: Path) -> None:
    """One file, well formed, without a script or anything fetched from elsewhere."""
    out = tmp_path / "power.svg"
    assert hazflow(*TANK, "--out", out).code == Exit.OK
    drawn = ElementTree.fromstring(out.read_text("utf-8"))
    names = [item.tag.rpartition("}")[2] for item in drawn.iter()]
    assert names.count("polyline") == 2
    assert not {"script", "image", "use", "foreignObject"} & set(names)


def test_a_book_is_judged_as_its_last_period_was(
    hazflow: Installed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stock, flows and the interval between counts are those of the book; counted goods have no curve."""
    areas = simulator.known_areas()
    simulator.write(simulator.simulate(simulator.of_size(areas, counties=2, units_per_county=6, days=3)), tmp_path)
    assert hazflow("replay", tmp_path / "log.jsonl.gz").code == Exit.OK
    kept = hazflow("book", "--list", "--json").json
    told = {
        one["measure"]: hazflow("power", one["site"], one["goods"], "--loss", "1000000 kg", "--json")
        for one in kept
        if one["measure"] in ("mass", "count")
        and hazflow("book", one["site"], one["goods"], "--json").json["periods"][1:]
    }
    assert told["count"].code == Exit.FOUND
    found = told["mass"].json
    assert found["every_days"] == pytest.approx(1.0, abs=0.05)
    assert found["sigma"] > 0
    assert found["asked"]["at_once"] == 1.0


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("S1",),
        ("--stock", "1000 kg"),
        ("--stock", "a lot", "--every", "1"),
        ("--stock", "1000 kg", "--every", "1", "--loss", "3 L"),
        ("--stock", "1000 kg", "--every", "0"),
        ("--stock", "1000 kg", "--every", "1", "--power", "1.5"),
        ("--stock", "1000 kg", "--every", "1", "--out", "power.png"),
    ],
)
def test_a_question_that_cannot_be_answered_is_refused(hazflow: Installed, words: tuple[str, ...]) -> None:
    """One line in both languages, exit 2, nothing on stdout."""
    said = hazflow("power", *words)
    assert (said.code, said.out) == (Exit.USAGE, "")
    assert "·" in said.err


def test_exact_instruments_leave_no_statistic(hazflow: Installed) -> None:
    """Any difference is B1's: exit 1."""
    assert hazflow(*TANK, "--random", "0", "--systematic", "0").code == Exit.FOUND
