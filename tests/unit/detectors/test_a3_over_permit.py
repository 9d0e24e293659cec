"""A3: more booked on a permit than it allows, over all sites that use it."""

from __future__ import annotations

from msgspec.structs import replace

from detectors.claim import Severity, Status
from tests.detector_kit import Bench, History, at, movement, permit, watch

ALLOWED = permit("P1", ("DET", "1000 item"), ("EXP", "500 kg"), valid_from="day 1 00:00", valid_to="day 31 00:00")


def history() -> History:
    """Two stores buy 600 detonators each on a permit for 1,000 (the seller reports both too), and more later."""
    return History(
        rule="A3",
        key="permit:P1",
        facts=(
            movement("issue", "600 item", when="day 2 09:00", permit="P1", counterparty_unit="U2"),
            movement("receive", "600 item", site="S2", when="day 2 10:00", permit="P1"),
            movement("issue", "600 item", when="day 2 10:01", permit="P1", counterparty_unit="U2"),
            movement("receive", "600 item", site="S3", when="day 2 10:03", permit="P1"),
            movement("receive", "50 item", site="S2", when="day 3 10:00", permit="P1"),
        ),
        reference=(ALLOWED,),
        now=at("day 5 00:00"),
    )


def test_two_stores_on_one_permit_are_claimed_where_it_goes_over() -> None:
    """The anchor is the movement that goes over; the seller's own reports are not added to the buyer's."""
    told = history()
    (finding,) = watch(told)
    claim = finding.claim
    assert claim.anchor == told.facts[3].id
    assert (claim.site, claim.area, claim.unit) == ("S3", "350302", "U2")
    assert [claim.numbers[name] for name in ("permitted", "used", "over")] == [1000, 1250, 250]
    assert [ref.id for ref in claim.refs] == [told.facts[i].id for i in (1, 3, 4)]
    assert (finding.severity, finding.status) == (Severity.RED, Status.OPEN)


def test_a_permit_used_up_to_the_last_item_is_let_be() -> None:
    """The look-alike: exactly what was allowed."""
    facts = (
        movement("receive", "600 item", site="S2", when="day 2 10:00", permit="P1"),
        movement("receive", "400 item", site="S3", when="day 2 10:03", permit="P1"),
    )
    assert not watch(replace(history(), facts=facts))
    one_more = (*facts, movement("receive", "1 item", site="S3", when="day 2 10:04", permit="P1"))
    (finding,) = watch(replace(history(), facts=one_more))
    assert finding.claim.numbers["over"] == 1


def test_a_late_report_moves_the_anchor_to_where_the_permit_truly_went_over() -> None:
    """In event order, whatever came first; the old finding is withdrawn in favour of the new."""
    told = history()
    bench = Bench(told)
    for index in (0, 1, 2, 4):
        bench.put(told.facts[index])
    bench.look(at("day 3 11:00"))
    assert not bench.standing()
    bench.put(told.facts[3])
    bench.look(at("day 3 12:00"))
    (finding,) = bench.standing()
    assert finding.claim.since == told.facts[3].at
    early = movement("receive", "900 item", site="S2", when="day 1 10:00", permit="P1")
    bench.put(early)
    bench.look(at("day 3 13:00"))
    (moved,) = bench.standing()
    assert moved.claim.anchor == told.facts[1].id
    gone = next(told for told in bench.told if told.status is Status.WITHDRAWN)
    assert (gone.id, gone.superseded_by) == (finding.id, moved.id)


def test_goods_that_the_permit_does_not_name_are_permitted_nothing() -> None:
    """Anything is too much of what was never allowed."""
    acetone = movement("receive", "1 L", goods="ACE", site="S2", when="day 2 10:00", permit="P1")
    (finding,) = watch(replace(history(), facts=(acetone,)))
    assert (finding.claim.numbers["permitted"], finding.claim.numbers["used"]) == (0, 1_000_000)


def test_a_sale_permit_is_used_up_by_what_goes_out() -> None:
    """Direction follows the permit's purpose."""
    sale = permit("P1", ("DET", "1000 item"), purpose="sale")
    (finding,) = watch(replace(history(), reference=(sale,)))
    assert finding.claim.anchor == history().facts[2].id
    assert finding.claim.numbers["used"] == 1200


def test_bulk_goods_may_have_a_tolerance_by_policy_and_counted_ones_not() -> None:
    """Per mille of the permitted weight; none as shipped."""
    facts = (movement("receive", "501 kg", goods="EXP", site="S2", when="day 2 10:00", permit="P1"),)
    told = replace(history(), facts=facts)
    assert len(watch(told)) == 1
    assert not watch(replace(told, parameters={"tolerance_bulk_permille": 2}))
    assert len(watch(replace(history(), parameters={"tolerance_bulk_permille": 500}))) == 1


def test_an_unknown_permit_is_not_judged_until_its_entry_comes() -> None:
    """Nothing is said of a quantity that nobody has told; the entry reaches back."""
    told = replace(history(), reference=())
    bench = Bench(told)
    for fact in told.facts:
        bench.put(fact)
    bench.look(at("day 4 00:00"))
    assert not bench.standing()
    bench.enter(ALLOWED)
    bench.look(at("day 4 01:00"))
    assert len(bench.standing()) == 1


def test_a_permit_raised_later_ends_the_episode_with_the_next_movement() -> None:
    """Judged by what was permitted at each movement's instant."""
    raised = permit("P1", ("DET", "2000 item"), valid_from="day 3 00:00", valid_to="day 31 00:00")
    (finding,) = watch(replace(history(), reference=(ALLOWED, raised)))
    assert finding.claim.until == at("day 3 10:00")


def test_the_tolerance_is_that_many_thousandths_of_what_is_permitted_and_no_gram_more() -> None:
    """500 kg and 2 ‰: 501 kg may be booked, one gram more may not."""
    for amount, found in (("501 kg", 0), ("501.001 kg", 1)):
        facts = (movement("receive", amount, goods="EXP", site="S2", when="day 2 10:00", permit="P1"),)
        told = replace(history(), facts=facts, parameters={"tolerance_bulk_permille": 2})
        assert len(watch(told)) == found, amount


def test_all_movements_on_the_permit_are_counted_though_only_some_are_cited() -> None:
    """What had used the permit up is part of the matter: each movement counts once."""
    (finding,) = watch(history())
    assert finding.claim.ref_count == 3
    small = tuple(
        movement("receive", "1 item", site="S2", when=f"day 2 {hour:02}:{minute:02}", permit="P1")
        for hour in range(10, 12) for minute in range(60)
    )  # fmt: skip
    last = movement("receive", "881 item", site="S2", when="day 3 10:00", permit="P1")
    (over,) = watch(replace(history(), facts=(*small, last)))
    assert (over.claim.ref_count, over.claim.numbers["over"]) == (121, 1)
    assert len(over.claim.refs) < 121


def test_goods_permitted_in_two_lines_add_up_and_in_another_measure_are_not_judged() -> None:
    """The permit's own sum counts; litres say nothing of kilograms."""
    twice = permit("P1", ("DET", "400 item"), ("EXP", "1 kg"), ("DET", "600 item"))
    facts = (movement("receive", "1000 item", site="S2", when="day 2 10:00", permit="P1"),)
    assert not watch(replace(history(), facts=facts, reference=(twice,)))
    litres = permit("P1", ("DET", "1 L"))
    assert not watch(replace(history(), reference=(litres,)))
