"""A year goes on where it stopped, and its figures are those of an uninterrupted one."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import msgspec

from benchmarks import calibration, year, year_parts
from benchmarks.province import assembled
from events.log import Received, Tick
from events.time import DAY
from models.calibrate import Budget
from simulator import Label
from simulator.evaluate import Raised, as_table
from streams.embedded import Embedded

CONFIG = msgspec.structs.replace(year.config_of(2, 4, 9, 7), long_history=0, short_history=0)


def test_reports_come_in_order_of_receipt_and_ticks_behind_them() -> None:
    """Whatever the stretch; nothing is left out."""
    items = list(year.reports(year.draft_year(CONFIG)))
    at = [item.at if isinstance(item, Tick) else item.received_at for item in items]
    assert at == sorted(at)
    assert sum(isinstance(item, Received) for item in items) > 2_000


def test_a_year_cut_off_goes_on_where_it_stopped(tmp_path: Path) -> None:
    """The same books of warnings, whether run at once or after a thousand reports were taken before."""
    whole = year.run(CONFIG, tmp_path / "whole")
    (tmp_path / "cut").mkdir()
    engine = Embedded(tmp_path / "cut" / "year.db", assembled())
    engine.apply(list(islice(year.reports(year.draft_year(CONFIG)), 1_000)))
    engine.close()
    cut = year.run(CONFIG, tmp_path / "cut")
    assert as_table(cut.evaluation) == as_table(whole.evaluation)
    assert (cut.warnings, cut.events, cut.found_within) == (whole.warnings, whole.events, whole.found_within)
    assert whole.expected > 0


def test_a_delay_is_to_the_first_warning_that_answers_and_stands() -> None:
    """From the deed, by label and rule; a withdrawn warning answers nothing, a look-alike expects nothing."""
    theft = Label(
        id="L", kind="diversion", scenario="theft", expected=("B11", "B12"), begins_at=DAY, ends_at=2 * DAY,
        note_zh="", note_en="", site="S1",
    )  # fmt: skip
    ahead = msgspec.structs.replace(theft, id="A", expected=("B11",), begins_at=0, deed_at=2 * DAY)
    labels = [theft, msgspec.structs.replace(theft, id="K", kind="look_alike"), ahead]
    raised = [
        Raised(finding_id=name, detector=rule, subject="book:S1/G", since=DAY, status=status)
        for name, rule, status in (("a", "B11", "withdrawn"), ("b", "B11", "open"), ("c", "B11", "closed"))
    ]
    at = {"a": 2 * DAY, "b": 9 * DAY, "c": 5 * DAY}
    assert year.delays(labels, raised, at) == {
        ("L", "B11"): 4 * DAY,
        ("L", "B12"): None,
        ("A", "B11"): 3 * DAY,
    }


def test_seeds_in_a_row_stage_other_scenarios_and_what_stays_wrong_is_labelled_to_the_end() -> None:
    """Where units are few each of five parts begins elsewhere in the list; look-alikes end with their week."""
    drafts = [year.draft_year(year.config_of(2, 4, 30, 20_260_505 + turn)) for turn in range(5)]
    staged = [{label.scenario for label in world.labels} for world in drafts]
    assert all(len(set.union(*staged)) > 1.5 * len(one) for one in staged)
    labels = [(one, world.config.ends) for world in drafts for one in world.labels]
    assert {one.kind for one, ends in labels if one.ends_at == ends} == {"diversion"}
    assert {one.kind for one, ends in labels if one.ends_at < ends} == {"diversion", "look_alike"}


def test_how_often_one_deed_is_warned_of() -> None:
    """By label and rule: what was withdrawn counts as never raised, what is merely allowed is not asked for."""
    theft = Label(
        id="L", kind="diversion", scenario="theft", expected=("B1",), may=("B12",), begins_at=DAY, ends_at=9 * DAY,
        note_zh="", note_en="", site="S1",
    )  # fmt: skip
    raised = [
        Raised(finding_id=f"{rule}{day}", detector=rule, subject="book:S1/G", since=day * DAY, status=status)
        for rule, day, status in (
            ("B1", 2, "closed"), ("B1", 3, "withdrawn"), ("B1", 4, "open"), ("B12", 2, "open"), ("B1", 20, "open"),
        )
    ]  # fmt: skip
    labels = [theft, msgspec.structs.replace(theft, id="K", kind="look_alike")]
    assert year.crowded(labels, raised) == {("L", "B1"): 2}


def test_budgets_are_kept_in_nine_of_ten_calibrations() -> None:
    """Law: with a fixed seed, realised alarms are within budget in 90 % of calibrations, give or take chance."""
    for kind in calibration.KINDS:
        broken, mean = calibration.broken(kind, 2_302, 400, Budget(1.0, 1_000.0))
        assert broken <= 0.12, kind.name
        assert mean < 0.6, kind.name


def test_parts_add_up_to_a_year(tmp_path: Path) -> None:
    """Each by a process of its own, once: what was found, missed and false is the sum, and says of which part."""
    words = ("--counties=2", "--units-per-county=4", "--days=3")
    parts = [year_parts.part(number, (*words, f"--seed={10 + number}"), tmp_path) for number in range(2)]
    assert [one.seed for one in parts] == [10, 11]
    whole = year_parts.summed(parts)
    assert whole.events == sum(one.events for one in parts) > 1_000
    assert whole.counties == 4
    assert whole.evaluation.caught == sum(one.evaluation.caught for one in parts) > 0
    assert whole.evaluation.missed == sum(one.evaluation.missed for one in parts)
    assert whole.expected == whole.evaluation.caught + whole.evaluation.missed
    named = {name.partition("/")[0] for score in whole.evaluation.scores for name in score.caught}
    assert named == {"10", "11"}
    (tmp_path / "part-0" / "year.db").unlink()
    assert year_parts.part(0, (), tmp_path) == parts[0]
