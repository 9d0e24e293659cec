"""Evaluation counts what was caught, missed and raised falsely, and forgives nothing else."""

from pathlib import Path

import msgspec

from events.time import DAY, parse_instant
from simulator import Label, known_areas, read_labels, read_lines, simulate, tiny, write
from simulator.evaluate import Raised, as_json, as_table, evaluate

AT = parse_instant("2026-05-06T02:00:00+08:00")
THEFT = Label(id="D-theft-0", kind="diversion", scenario="theft", expected=("B1",), may=("B12",), site="S1",
              unit="U1", goods="DET", begins_at=AT, ends_at=AT + DAY, note_zh="盗", note_en="theft")  # fmt: skip
TYPO = msgspec.structs.replace(THEFT, id="L-typo-0", kind="look_alike", site="S9", unit="U9", may=("E7",))


def warning(detector: str = "B1", subject: str = "book:S1/DET", **said: object) -> Raised:
    """A warning about the theft, unless said otherwise."""
    first = Raised(finding_id=f"{detector}-{subject}", detector=detector, subject=subject, since=AT, area="350102")
    return msgspec.structs.replace(first, **said)


def test_a_warning_of_the_expected_detector_about_the_subject_is_caught() -> None:
    """The book's key stands for its site."""
    outcome = evaluate([THEFT], [warning()])
    assert (outcome.caught, outcome.missed, outcome.false) == (1, 0, 0)


def test_two_warnings_of_one_diversion_are_caught_once() -> None:
    """A label is caught or missed, never counted twice."""
    outcome = evaluate([THEFT], [warning(), warning(finding_id="again")])
    assert (outcome.caught, outcome.false) == (1, 0)


def test_without_a_warning_a_diversion_is_missed() -> None:
    """And named, so that one can look it up."""
    outcome = evaluate([THEFT], [])
    assert outcome.missed == 1
    assert "D-theft-0" in as_table(outcome)


def test_a_warning_elsewhere_at_another_time_or_of_other_goods_is_false() -> None:
    """Key, goods and time must all fit."""
    others = [
        warning(subject="book:S2/DET"),
        warning(since=AT + 30 * DAY),
        warning(subject="site:S1", goods="EXP"),
    ]
    for other in others:
        outcome = evaluate([THEFT], [other])
        assert (outcome.caught, outcome.missed, outcome.false) == (0, 1, 1)


def test_what_a_diversion_may_set_off_is_neither_caught_nor_false() -> None:
    """A theft from a tank rightly sets off the slow test too."""
    outcome = evaluate([THEFT], [warning(), warning("B12")])
    assert (outcome.caught, outcome.false) == (1, 0)
    assert {score.detector: score.allowed for score in outcome.scores} == {"B1": 0, "B12": 1}


def test_a_withdrawn_finding_equals_one_never_raised() -> None:
    """Late facts explained it."""
    assert evaluate([THEFT], [warning(status="withdrawn")]).missed == 1
    assert evaluate([], [warning(status="withdrawn")]).false == 0


def test_a_look_alike_raised_is_false_and_named() -> None:
    """Unless it is only what the label tolerates."""
    outcome = evaluate([TYPO], [warning(subject="site:S9")])
    assert outcome.false == 1
    assert [m.label for m in outcome.mistaken] == ["L-typo-0"]
    assert evaluate([TYPO], [warning("E7", subject="unit:U9")]).false == 0


def test_false_warnings_are_counted_by_county_and_week() -> None:
    """The table says the county's name, the JSON its code."""
    outcome = evaluate([], [warning(), warning(subject="book:S2/DET")])
    assert [(c.area, c.week, c.number) for c in outcome.false_by_county_and_week] == [("350102", "2026-W19", 2)]
    assert "鼓楼区 2026-W19  2" in as_table(outcome, {"350102": "鼓楼区"})
    assert b'"350102"' in as_json(outcome)


def test_what_is_written_reads_back_equal_and_twice_the_same(tmp_path: Path) -> None:
    """The compressed bytes depend on the simulation alone."""
    simulation = simulate(tiny(known_areas()))
    write(simulation, tmp_path / "a")
    write(simulation, tmp_path / "b")
    assert (tmp_path / "a/log.jsonl.gz").read_bytes() == (tmp_path / "b/log.jsonl.gz").read_bytes()
    assert tuple(read_lines(tmp_path / "a")) == simulation.log
    assert read_labels(tmp_path / "a") == simulation.labels
