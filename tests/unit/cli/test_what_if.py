"""models score, models what-if: a log scored once, then asked under other policies without a replay."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import simulator
from cli.__main__ import main
from cli.verb import Exit
from events.registry import Category
from streams.model_files import shipped
from tests.unit.cli.installed import TREE, Installed


@pytest.fixture(scope="module")
def scored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three days of four counties, with a quarter of history for some units: simulated, labelled, scored."""
    folder = tmp_path_factory.mktemp("scored")
    areas = simulator.known_areas()
    simulation = simulator.simulate(simulator.of_size(areas, counties=4, units_per_county=9, days=3, seed=7))
    simulator.write(simulation, folder)
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("HAZFLOW_HOME", str(folder / "home"))
        assert main(["models", "score", "--log", str(folder), "--out", str(folder / "scored.npz")]) == Exit.OK
    return folder


def proposed(folder: Path, *lines: str, **parameters: str) -> Path:
    """A copy of the policies in which E7 has other parameters, and more lines."""
    made = folder / "proposed"
    shutil.copytree(TREE / "policies", made)
    file = made / "e7_peer_outlier.toml"
    text = file.read_text()
    for name, value in parameters.items():
        kept = [f"{name} = {value}" if line.startswith(f"{name} =") else line for line in text.splitlines()]
        text = "\n".join(kept) + "\n"
    file.write_text(text + "\n".join(lines) + "\n")
    return made


def test_a_laxer_budget_raises_more_and_loses_nothing(hazflow: Installed, scored: Path, tmp_path: Path) -> None:
    """Law: with the same bridge, whatever stood still shares a day with something; lines add up to the total."""
    policies = proposed(tmp_path, alarms_per_week="40.0")
    ran = hazflow("models", "what-if", scored / "scored.npz", "--policies", policies, "--labels", scored, "--json")
    told = ran.json
    assert ran.code == Exit.OK
    assert told["lost"] == 0
    assert told["total"]["now"] > 0
    assert told["total"]["then"] > 10
    for side in ("now", "then"):
        assert sum(line[side] for line in told["lines"]) == told["total"][side]
        assert sum(week[side] for week in told["by_week"]) == told["total"][side]
        assert told["labels"][side]["missed"] == []
    assert told["total"]["budgeted_then_a_week"] == pytest.approx(40 * told["total"]["budgeted_now_a_week"])
    scores = [one["score"] for one in told["gained_listed"]]
    assert scores == sorted(scores, reverse=True)
    assert len(scores) == min(told["gained"], 20)


def test_a_silenced_county_misses_what_its_label_expects(hazflow: Installed, scored: Path, tmp_path: Path) -> None:
    """Lost, listed, and missed by the labels; the reader is told in either language."""
    policies = proposed(tmp_path, "[[override]]", 'area = "350104"', "enabled = false")
    asked = ("models", "what-if", scored / "scored.npz", "--policies", policies, "--labels", scored)
    told = hazflow(*asked, "--json").json
    assert (told["gained"], told["lost"]) == (0, 1)
    assert told["total"]["then"] == told["total"]["now"] - 1
    assert told["labels"]["now"]["caught"] == told["labels"]["then"]["missed"] == ["D-night_work-0"]
    assert told["lost_listed"][0]["area"] == "350104"
    english, chinese = hazflow(*asked, "--lang", "en").out, hazflow(*asked, "--lang", "zh").out
    assert "Cangshan District, Fuzhou City" in english
    assert "福州市仓山区" in chinese
    assert "现行/周" in chinese
    assert " more raise nothing under either" in english


@pytest.mark.parametrize(
    ("by", "names"),
    [("prefecture", {"350100"}), ("category", {"chemicals", "explosives", "fireworks", "radioactive"})],
)
def test_lines_are_by_what_was_asked(hazflow: Installed, scored: Path, by: str, names: set[str]) -> None:
    """A policy against itself differs nowhere, however it is added up."""
    same = TREE / "policies"
    told = hazflow(
        "models", "what-if", scored / "scored.npz", "--policies", same, "--against", same, "--by", by, "--json"
    ).json
    assert {line["name"] for line in told["lines"]} == names
    assert all(line["now"] == line["then"] for line in told["lines"])
    assert (told["gained"], told["lost"]) == (0, 0)


def test_a_named_model_takes_the_place_of_the_one_in_force(hazflow: Installed, scored: Path) -> None:
    """By its beginning, for the category of its listing, or for the one that is written before it."""
    digests = shipped()
    one, other = digests[Category.CHEMICALS], digests[Category.EXPLOSIVES]
    out = scored / "other.npz"
    ran = hazflow("models", "score", "--log", scored, "--model", f"chemicals={other[:8]}", "--out", out, "--json")
    assert other in ran.json["models"]
    assert one not in ran.json["models"]
    assert hazflow("models", "score", "--log", scored, "--model", "zzzz", "--out", out).code == Exit.FOUND
    ran = hazflow("models", "score", "--log", scored, "--model", f"magic={one}", "--out", out)
    assert ran.code == Exit.USAGE
    assert "chemicals" in ran.err


def test_what_cannot_be_used_is_said_in_a_line(hazflow: Installed, scored: Path, tmp_path: Path) -> None:
    """No file of ours, no folder of policies, a budget that bears more alarms than there are days."""
    file = scored / "scored.npz"
    policies = proposed(tmp_path, alarms_per_week="4000.0")
    ran = hazflow("models", "what-if", file, "--policies", policies)
    assert (ran.code, "budget" in ran.err) == (Exit.USAGE, True)
    assert hazflow("models", "what-if", file, "--policies", tmp_path / "none").code == Exit.USAGE
    ran = hazflow("models", "what-if", scored / "labels.json", "--policies", TREE / "policies")
    assert (ran.code, "scored unit-days" in ran.err) == (Exit.USAGE, True)


def test_a_log_without_a_warm_unit_scores_nothing_and_says_so(
    hazflow: Installed, province: tuple[simulator.Simulation, Path], tmp_path: Path
) -> None:
    """One day warms nobody up: exit 1; asking about nothing is no fault."""
    out = tmp_path / "nothing.npz"
    assert hazflow("models", "score", "--log", province[1], "--out", out).code == Exit.FOUND
    told = hazflow("models", "what-if", out, "--policies", TREE / "policies", "--json").json
    assert (told["unit_days"], told["lines"], told["total"]["then"]) == (0, [], 0)
    assert hazflow("models", "what-if", out, "--policies", TREE / "policies").code == Exit.OK
