"""Runs: breaches that belong together, over by time alone, with what their evidence names."""

from __future__ import annotations

from detectors.claim import Claim, Number
from detectors.run import MOST_NAMES, Run, Runs, first_in_chinese, first_of, naming, tally
from events.registry import Category
from ledger.fact import Movement
from tests.detector_kit import at, movement

NOON = at("day 1 12:00")


def moved(amount: str, goods: str, operation: str = "issue") -> Movement:
    body = movement(operation, amount, goods=goods, when="day 1 08:00").body
    assert isinstance(body, Movement)
    return body


def claim(anchor: str = "a", numbers: dict[str, Number] | None = None) -> Claim:
    ref = movement("issue", "1 item", when="day 1 08:00").ref
    return Claim(anchor, 0, 0, (ref,), numbers or {}, "350102", "U1", Category.EXPLOSIVES, ref_count=1)


def test_a_run_is_over_at_its_instant_and_bears_it() -> None:
    """A second before it goes on."""
    runs = Runs((Run("x", claim("x"), NOON), Run("y", claim("y"), NOON + 1)))
    assert runs.ended(NOON - 1) == ()
    assert [(one.anchor, one.until) for one in runs.ended(NOON)] == [("x", NOON)]
    assert [run.name for run in runs.still(NOON - 1).open] == ["x", "y"]
    assert [run.name for run in runs.still(NOON).open] == ["y"]
    assert runs.of("y") is runs.open[1].claim
    assert runs.of("z") is None


def test_each_run_is_kept_once_in_the_order_of_names() -> None:
    """As it is now."""
    runs = Runs()
    for name, over_at in (("y", 1), ("x", 2), ("y", 3)):
        runs = runs.with_run(Run(name, claim(name), over_at))
    assert [(run.name, run.over_at) for run in runs.open] == [("x", 2), ("y", 3)]


def test_the_evidence_names_each_thing_once_counts_all_and_keeps_the_first_amount() -> None:
    """A comma within a name parts nothing."""
    first = tally(None, moved("5 item", "DET"), parties="甲,乙")
    assert first == {
        "goods": "DET", "operations": "issue", "movements": 1, "amount": 5, "measure": "count", "parties": "甲，乙",
    }  # fmt: skip
    second = tally(claim(numbers=first), moved("7 item", "GUN", "receive"), parties="丙")
    assert second == {
        "goods": "DET,GUN", "operations": "issue,receive", "movements": 2, "amount": 5, "measure": "count",
        "parties": "甲，乙,丙",
    }  # fmt: skip
    third = tally(claim(numbers=second), moved("7 item", "DET"), parties="丙")
    assert (third["goods"], third["movements"], third["parties"]) == ("DET,GUN", 3, "甲，乙,丙")
    assert first_of(claim(numbers=second)) == "5 item of DET"
    assert first_in_chinese(claim(numbers=second)).startswith("DET 5")


def test_eight_names_are_named() -> None:
    """One more is counted, not named."""
    names: Number | None = None
    for number in range(MOST_NAMES + 2):
        names = naming(names, f"G{number}")
    assert MOST_NAMES == 8
    assert names == ",".join(f"G{number}" for number in range(MOST_NAMES))
