"""power: what a book would notice, said in words, as JSON, as a plot and as a drawing."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path
from shutil import copytree
from xml.etree import ElementTree

import pytest

import simulator
from cli.__main__ import main
from cli.verb import Exit
from detectors.sequential.threshold import page_threshold, shewhart_threshold, shewhart_threshold_at_rate
from events.time import format_instant
from simulator.trips import SCALE_RANDOM, SCALE_SYSTEMATIC
from tests.unit.cli.installed import TREE, Installed

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


@pytest.fixture(scope="module")
def six_days(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database of a replay of six days in two counties, where goods of all kinds are counted every evening."""
    home = tmp_path_factory.mktemp("six-days")
    areas = simulator.known_areas()
    simulator.write(simulator.simulate(simulator.of_size(areas, counties=2, units_per_county=6, days=6)), home)
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("HAZFLOW_HOME", str(home))
        environment.setenv("HAZFLOW_POLICIES", str(TREE / "policies"))
        assert main(["replay", str(home / "log.jsonl.gz")]) == 0
    return home / "hazflow.db"


STORE = ("--site", "S35010205A", "--goods", "ANFO")


def test_a_book_is_watched_with_the_instruments_that_are_registered_for_it(
    hazflow: Installed, six_days: Path
) -> None:
    """Each part by its own, at the book's own pace, under the published policy; both languages name them."""
    found = hazflow("power", *STORE, "--database", six_days, "--json").json
    assert [(one["part"], one["instrument"], one["registered"]) for one in found["instruments"]] == [
        ("stock", "GAUGE-S35010205A", True),
        ("inputs", "SCALE-S35010205A", True),
        ("outputs", "SCALE-S35010205A", True),
    ]
    stock, inputs, _ = found["instruments"]
    assert (stock["random"], stock["systematic"]) == (0.003, 0.002)
    assert (inputs["random"], inputs["systematic"]) == (SCALE_RANDOM, SCALE_SYSTEMATIC)
    assert found["every_days"] == pytest.approx(1.0, abs=0.05)
    assert (found["published"], found["registry"], found["off"]) == (True, True, [])
    assert found["limits"]["c"] == pytest.approx(shewhart_threshold(365, 0.02))
    told = {lang: hazflow("power", *STORE, "--database", six_days, "--lang", lang) for lang in ("zh", "en")}
    assert "stock GAUGE-S35010205A: 0.30% anew, 0.20% steadily (registered)" in told["en"].out
    assert re.search(r"\d+ kg lost at once would be noticed within 7 days with 95%", told["en"].out)
    assert "盘点 GAUGE-S35010205A: 随机 0.30%,系统 0.20%(已登记)" in told["zh"].out
    assert "天内以 95% 的概率发现" in told["zh"].out
    assert {said.code for said in told.values()} == {Exit.OK}


def test_it_says_what_the_warnings_say(hazflow: Installed, six_days: Path) -> None:
    """Law: one reckoning. Of each B11 and B12, at the count that opened it, the same loss, days and chance."""
    compared = []
    for rule, mine in (("B11", "at_once"), ("B12", "evenly")):
        for warning in hazflow("warnings", "list", "--detector", rule, "--database", six_days, "--json").json[
            "warnings"
        ]:
            numbers, at = warning["numbers"], format_instant(warning["since"])
            book = (warning["site"], warning["goods"], "--at", at, "--database", six_days, "--json")
            said = hazflow("power", *book).json["warnings"]
            compared.append(rule)
            assert said["counted_at"] == warning["since"]
            assert said[f"noticed_{mine}"] == numbers["noticed"], warning["finding"]
            assert said[f"power_{mine}"] == numbers["noticed_probability"]
            assert said[f"days_{mine}"] == numbers["noticed_days"]
    assert set(compared) == {"B11", "B12"}


def test_what_nobody_registered_is_taken_as_the_policy_takes_it_and_said_loudly(
    hazflow: Installed, six_days: Path, tmp_path: Path
) -> None:
    """The registry's entries are gone, then the whole state, as in a projection of Kafka's: both are told apart."""
    copy = tmp_path / "unregistered.db"
    with closing(sqlite3.connect(six_days)) as made, closing(sqlite3.connect(copy)) as other:
        made.backup(other)
    with closing(sqlite3.connect(copy)) as database, database:
        database.execute("DELETE FROM state WHERE key = 'ref|site:S35010205A'")
    said = hazflow("power", *STORE, "--database", copy, "--lang", "en").out
    assert "stock GAUGE-S35010205A: NOT REGISTERED: 0.30% and 0.20%, anew each time, by the policy" in said
    assert "holds no registry" not in said
    with closing(sqlite3.connect(copy)) as database, database:
        database.execute("DROP TABLE state")
    said = hazflow("power", *STORE, "--database", copy, "--lang", "en").out
    assert "this database holds no registry (as on Kafka)" in said
    assert "(of a folder, not published)" in said
    assert "未登记" in hazflow("power", *STORE, "--database", copy, "--lang", "zh").out


def test_another_policy_is_tried_without_publishing_it(hazflow: Installed, six_days: Path, tmp_path: Path) -> None:
    """One false alarm a week of two thousand books: what that would notice. A rule may be switched off."""
    folder = tmp_path / "what-if"
    copytree(TREE / "policies", folder)
    for name in ("b11_abrupt_loss", "b12_protracted_loss"):
        file = folder / f"{name}.toml"
        text = file.read_text("utf-8").replace("false_alarm = 0.02 ", "false_alarm = 0.0 ")
        text = text.replace("alarms_per_week = 0.0 ", "alarms_per_week = 1.0 ").replace(
            "books = 1 ", "books = 2000 "
        )
        file.write_text(text, encoding="utf-8")
    with (folder / "b13_unexplained_gain.toml").open("a", encoding="utf-8") as policy:
        policy.write('\n[[override]]\nunit = "U35010205"\nenabled = false\n')
    usual, other = (
        hazflow("power", *STORE, "--database", six_days, "--json", *more).json
        for more in ((), ("--policies", folder))
    )
    assert other["limits"]["c"] == pytest.approx(shewhart_threshold_at_rate(365 / 7 / 2000 / 384))
    assert (other["published"], other["off"], other["noticed_gain"]) == (False, ["B13"], None)
    assert other["noticed_at_once"] < usual["noticed_at_once"]


def test_counted_goods_have_no_curve_and_a_book_needs_two_counts(hazflow: Installed, six_days: Path) -> None:
    """Exit 1, and what to look at instead."""
    for words, reason in (
        (("S35010205A", "DETONATOR"), "counted goods and activity have no balance test"),
        (("S35010205A", "NOTHING"), "has no book of NOTHING; see hazflow book --list"),
        ((*STORE, "--at", "2020-01-01"), "has no two counts of ANFO"),
    ):
        said = hazflow("power", *words, "--database", six_days)
        assert said.code == Exit.FOUND
        assert reason in said.err


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("S1",),
        ("--goods", "ANFO"),
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
