"""E7's runs: which outlier days belong together, which of them is shown, and what the state asks of time."""

from __future__ import annotations

from msgspec.structs import replace

from detectors.e7_peer_outlier import Kept
from detectors.policy import join_files
from events.registry import PolicyEntry, UnitEntry
from events.time import civil_day
from ledger.fact import Fact
from tests.checks.folding import fold, steps, view_of
from tests.detector_kit import at, detector_of, movement, policy_texts, register, watch
from tests.unit.detectors.test_e7_peer_outlier import days, found, history, of, strange, usual

BEFORE = range(-8, 9)


def odd(day: int, number: int, hour: int) -> tuple[Fact, ...]:
    """So many large issues to strangers within an hour."""
    return tuple(
        movement("issue", "3000 item", when=f"day {day} {hour}:{10 + n}", outside=f"other {n}")
        for n in range(number)
    )


def test_days_apart_by_less_than_the_bridge_are_one_run_and_by_more_are_two() -> None:
    """Three idle days between: Friday and Tuesday are two; that the bridge is longer is policy's to say."""
    for second, number in ((12, 1), (13, 2)):
        told = found(*days(*BEFORE, odd=(9, second)), now="day 40 00:00")
        assert len(told) == number, second
    (finding,) = found(*days(*BEFORE, odd=(9, 13)), now="day 40 00:00", bridge_days=4)
    assert (finding.claim.numbers["days"], finding.claim.until) == (2, at("day 14 00:00"))


def test_a_run_is_over_when_the_bridge_has_passed_by_time_alone() -> None:
    """Open to the last microsecond before; over then, since its last outlier day."""
    facts = days(*BEFORE, odd=(9,))
    told = of(*facts, now="day 13 00:00")
    assert watch(replace(told, now=at("day 13 00:00") - 1))[0].claim.until is None
    assert watch(told)[0].claim.until == at("day 10 00:00")


def test_the_strangest_day_of_a_run_is_shown_and_of_equally_strange_ones_the_first() -> None:
    """Its figures and its facts; the first day and the number of days are the run's. By night is stranger."""
    for first, second, shown in (
        (odd(9, 6, 15), strange(10), 10),
        (strange(9), odd(10, 6, 15), 9),
        (odd(9, 4, 23), strange(10), 9),
    ):
        (finding,) = found(*days(*BEFORE), *first, *second, now="day 40 00:00")
        claim, numbers, day = finding.claim, finding.claim.numbers, f"2026-05-{3 + shown:02}"
        facts = first if shown == 9 else second
        assert (numbers["first_day"], numbers["day"], numbers["days"]) == ("2026-05-12", day, 2)
        assert (numbers["events"], numbers["throughput"]) == (len(facts), 3_000 * len(facts))
        assert (claim.ref_count, claim.until) == (len(first) + len(second), at("day 11 00:00"))
        assert [ref.id for ref in claim.refs] == [fact.id for fact in facts]


def test_the_evidence_says_on_what_it_rests() -> None:
    """How many clean scores of how many units; no season where none is near."""
    (finding,) = watch(history())
    numbers = finding.claim.numbers
    features = {f"{name}_{number}" for number in (1, 2, 3) for name in ("feature", "value", "usual", "adds")}
    assert numbers.keys() == features | {
        "first_day", "day", "days", "score", "threshold", "threshold_rests_on", "clean_scores", "clean_units",
        "clean_worth", "clean_scores_of", "p", "events", "throughput", "measure", "model",
    }  # fmt: skip
    told = [numbers[name] for name in ("clean_scores", "clean_units", "clean_scores_of", "throughput", "measure")]
    assert told == [280, 20, "everybody", 36_000, "count"]
    assert 0 < float(numbers["p"]) < 0.01
    adds = [float(numbers[f"adds_{number}"]) for number in (1, 2, 3)]
    assert adds == sorted(adds, reverse=True)
    assert [ref.id for ref in finding.claim.refs] == [fact.id for fact in strange(9)]


def test_the_state_asks_for_the_day_s_end_and_for_the_run_s() -> None:
    """Of a day under way: its own end, and that of a run that it may leave open; of none, nothing."""
    detector = detector_of("E7", "unit")

    def asked(*facts: Fact) -> list[int]:
        told = of(*facts, now="day 40 00:00")
        *_, done = fold(detector, list(steps(told)), view_of(told))
        return [
            civil_day(one) - civil_day(at("day 1 00:00")) + 1 for one in detector.wakes(done.after, view_of(told))
        ]

    assert asked(*days(*BEFORE)) == [9, 12]
    assert asked(*days(*BEFORE, odd=(9,))) == [10, 13]
    assert asked(*days(*BEFORE, odd=(9,)), *strange(10)) == [11, 13, 14]
    assert detector.wakes(Kept(), view_of(of(now="day 1 00:00"))) == []


def test_a_movement_of_another_measure_the_same_day_is_a_strand_of_its_own() -> None:
    """Each has its days, in one order, whichever came first; a day's end ends both."""
    bulk = movement("issue", "5 kg", goods="EXP", when="day 1 10:00", counterparty_unit="U2")
    piece, next_ = usual(1)[0], usual(2)[0]
    for facts in ((piece, bulk, next_), (replace(bulk, at=at("day 1 08:00")), piece, next_)):
        told = of(*facts, now="day 3 00:00")
        *_, done = fold(detector_of("E7", "unit"), list(steps(told)), view_of(told))
        strands = done.after.strands
        today = civil_day(at("day 2 00:00"))
        assert [(one.measure, one.today.day, one.today.count) for one in strands] == [
            ("count", today, 1), ("mass", today, 0),
        ]  # fmt: skip
        assert [len(one.refs) for one in strands] == [1, 0]


def test_the_county_that_policy_is_asked_for_is_that_at_the_days_end() -> None:
    """A unit that moved on the strange day itself is told of at its new county; a day later at its old one."""
    old = register(UnitEntry(name="甲", area="350302"), unit="U1", valid_to="day 9 12:00")
    for since, area in (("day 9 12:00", "350111"), ("day 10 00:00", "350102")):
        new = register(UnitEntry(name="甲", area="350111"), unit="U1", valid_from=since)
        (finding,) = watch(replace(history(), reference=(old, new)))
        assert finding.claim.area == area, since


def test_the_policy_in_force_at_a_days_end_judges_it() -> None:
    """A longer bridge from the strange day's noon on bridges it; from its midnight on it does not."""
    texts = dict(policy_texts())
    texts["E7"] += "\n[[override]]\n[override.parameters]\nbridge_days = 5\n"
    files = {f"{rule}_.toml": text for rule, text in texts.items()}
    longer = PolicyEntry(digest="longer", text=join_files(files))
    told = of(*days(*BEFORE, odd=(9, 13)), now="day 40 00:00")
    for since, number in (("day 9 12:00", 1), ("day 10 00:00", 2)):
        in_force = register(longer, valid_from=since)
        assert len(watch(replace(told, world=(*told.world, in_force)))) == number, since
