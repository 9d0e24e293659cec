"""B6: a book above the capacity in force is one episode; far above it is red."""

from __future__ import annotations

from msgspec.structs import replace

from detectors.claim import Severity, Status
from events.registry import CapacityEntry
from ledger.reference import Registered
from simulator.stories.relative import quantity
from tests.detector_kit import Bench, History, at, count, detector_of, movement, register, watch


def capacity(amount: str, *, since: str = "day -30 00:00") -> Registered:
    """How many detonators S1 may hold."""
    return register(CapacityEntry(site="S1", goods="DET", quantity=quantity(amount)), unit="U1", valid_from=since)


def history() -> History:
    """A hundred may be held; a hundred, a hundred and ten, a hundred and thirty and eighty are."""
    return History(
        rule="B6",
        key="book:S1/DET",
        facts=(
            movement("open", "100 item", when="day 1 08:00"),
            movement("receive", "10 item", when="day 2 08:00"),
            movement("receive", "20 item", when="day 3 08:00"),
            movement("issue", "50 item", when="day 4 08:00"),
        ),
        now=at("day 8 00:00"),
        reference=(capacity("100 item"),),
    )


def test_one_run_above_the_capacity_is_one_episode() -> None:
    """The capacity itself may be held; the first above it opens, the first within it closes."""
    (finding,) = watch(history())
    claim = finding.claim
    assert finding.status is Status.CLOSED
    assert (claim.since, claim.until) == (at("day 2 08:00"), at("day 4 08:00"))
    assert (claim.numbers["highest"], claim.numbers["capacity"]) == (130, 100)


def test_a_store_kept_at_its_limit_is_one_matter_not_one_a_day() -> None:
    """Above again within three days continues the episode; after three quiet days it ended when they began."""
    told = history()
    again = movement("receive", "30 item", when="day 7 07:59")
    (finding,) = watch(replace(told, facts=(*told.facts, again), now=at("day 9 00:00")))
    assert (finding.status, finding.claim.numbers["times"]) == (Status.OPEN, 2)
    later = replace(again, at=at("day 7 08:00"))
    ended, begun = watch(replace(told, facts=(*told.facts, later), now=at("day 9 00:00")))
    assert (ended.claim.until, begun.claim.since) == (at("day 4 08:00"), later.at)


def test_quiet_days_end_it_by_time_alone() -> None:
    """No further fact is needed: the tick after three days within the capacity closes it."""
    bench = Bench(history())
    for fact in history().facts:
        bench.put(fact)
    bench.look(at("day 7 07:59"))
    assert [finding.status for finding in bench.standing()] == [Status.OPEN]
    bench.look(at("day 7 08:00"))
    assert [finding.claim.until for finding in bench.standing()] == [at("day 4 08:00")]


def test_far_above_it_is_red_and_stays_so() -> None:
    """Above 120 % it is red, and an episode that was grave once is not made light of."""
    told = history()
    orange = replace(told, facts=told.facts[:2])
    (finding,) = watch(orange)
    assert finding.severity is Severity.ORANGE
    less = movement("issue", "15 item", when="day 3 12:00")
    (finding,) = watch(replace(told, facts=(*told.facts[:3], less)))
    assert (finding.severity, finding.status) == (Severity.RED, Status.OPEN)


def test_the_capacity_in_force_at_the_movement_decides() -> None:
    """A lower capacity counts from the next movement or count on, not for what was before."""
    told = history()
    lowered = (*told.reference, capacity("50 item", since="day 1 12:00"))
    facts = (told.facts[0], count("100 item", when="day 1 18:00"))
    assert not watch(replace(told, facts=facts[:1], reference=lowered))
    (finding,) = watch(replace(told, facts=facts, reference=lowered))
    assert finding.claim.since == at("day 1 18:00")


def test_a_capacity_registered_later_but_in_force_then_judges_again() -> None:
    """Registry entries reaching back re-judge what is still held singly."""
    bench = Bench(replace(history(), reference=()))
    for fact in history().facts[:3]:
        bench.put(fact)
    bench.look(at("day 3 12:00"))
    assert not bench.told
    bench.enter(capacity("100 item"))
    bench.look(at("day 4 12:00"))
    assert [finding.status for finding in bench.standing()] == [Status.OPEN]


def test_without_a_capacity_nothing_is_said() -> None:
    """No capacity, another measure, another unit's: nothing to exceed."""
    told = history()
    other = register(CapacityEntry(site="S1", goods="DET", quantity=quantity("0.000001 kg")), unit="U1")
    foreign = register(CapacityEntry(site="S1", goods="DET", quantity=quantity("1 item")), unit="U9")
    for reference in ((), (other,), (foreign,)):
        assert not watch(replace(told, reference=reference))


def test_a_policy_that_allows_less_than_the_capacity_says_so() -> None:
    """Law: the sentence is true under every policy: 96 of 100 is above the 90 % that are allowed."""
    told = replace(
        history(), facts=(movement("open", "96 item", when="day 1 08:00"),), parameters={"allowed_percent": 90}
    )
    (finding,) = watch(told)
    detector = detector_of("B6", "book")
    assert "reached 96 item, above 90 % of the capacity of 100 item (96 %)" in detector.explain(finding, "en")
    assert "最高达 96 item，超过限制存放量 100 item 的 90%（达 96%）" in detector.explain(finding, "zh")


def test_far_above_begins_beyond_its_percentage() -> None:
    """A hundred and twenty of a hundred is not far above, one more is."""
    for amount, severity in (("120 item", Severity.ORANGE), ("121 item", Severity.RED)):
        told = replace(history(), facts=(movement("open", amount, when="day 1 08:00"),))
        assert [finding.severity for finding in watch(told)] == [severity], amount


def test_the_sentence_says_so_when_it_is_within_the_capacity_again() -> None:
    """Only then; where all of the capacity is allowed no percentage of it is named."""
    rule, told = detector_of("B6", "book"), history()
    (ended,), (stands,) = watch(told), watch(replace(told, facts=told.facts[:3], now=at("day 4 00:00")))
    assert "within what is allowed again" in rule.explain(ended, "en")
    assert "回到限量之内" in rule.explain(ended, "zh")
    assert "again" not in rule.explain(stands, "en")
    assert "回到" not in rule.explain(stands, "zh")
    assert "above the capacity of 100 item (130 %)" in rule.explain(stands, "en")
    assert "限制存放量 100 item（达 130%）" in rule.explain(stands, "zh")


def test_going_above_again_is_counted_and_staying_above_is_not() -> None:
    """Times are how often the book went above, not how many movements it was above for."""
    told = history()
    (finding,) = watch(replace(told, facts=told.facts[:3], now=at("day 4 00:00")))
    assert (finding.claim.numbers["times"], finding.claim.ref_count) == (1, 2)
    (first,) = watch(replace(told, facts=(told.facts[0], movement("receive", "1 item", when="day 2 08:00"))))
    assert first.claim.numbers["times"] == 1


def test_a_capacity_of_nothing_is_exceeded_by_anything() -> None:
    """A store that may hold none of the goods: the sentence still names a percentage."""
    none = replace(history(), reference=(capacity("0 item"),), facts=history().facts[:1])
    (finding,) = watch(none)
    assert "the capacity of 0 item (10000 %)" in detector_of("B6", "book").explain(finding, "en")
