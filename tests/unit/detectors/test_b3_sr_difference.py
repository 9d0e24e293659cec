"""B3: what arrives is compared with what was sent, once all of it should have arrived."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from detectors.claim import Status
from ledger.fact import Fact
from tests.detector_kit import History, at, detector_of, movement, plan, stage, watch

PLANNED = plan("C1", ("DET", "100 item"), depart="day 1 08:00", arrive_by="day 1 12:00")


def sent(amount: str, *, goods: str = "DET", when: str = "day 1 08:00") -> Fact:
    """An issue at S1 on the consignment."""
    return movement("issue", amount, site="S1", goods=goods, when=when, consignment="C1")


def received(amount: str, *, goods: str = "DET", when: str = "day 1 11:00") -> Fact:
    """A receipt at S2 on the consignment."""
    return movement("receive", amount, site="S2", goods=goods, when=when, consignment="C1")


def lost(amount: str, *, when: str, site: str = "S1") -> Fact:
    """A loss on the consignment that is declared."""
    return movement("declare_loss", amount, site=site, when=when, consignment="C1")


def told(*facts: Fact, **parameters: float) -> History:
    """A consignment with these facts."""
    return History("B3", "consignment:C1", facts, at("day 9 00:00"), parameters=parameters)


def history() -> History:
    """A hundred were sent and two are missing on arrival; a week later they are declared lost."""
    return told(
        PLANNED,
        sent("100 item"),
        stage("depart", "C1", when="day 1 08:10"),
        stage("arrive", "C1", when="day 1 10:50"),
        received("98 item"),
        lost("2 item", when="day 7 09:00"),
    )


def test_any_difference_of_counted_goods_is_the_shippers_countys_matter() -> None:
    """It stands from the receipt; a loss declared later closes it; the receiver's area is informed."""
    (finding,) = watch(history())
    claim = finding.claim
    assert finding.status is Status.CLOSED
    assert (claim.anchor, claim.since, claim.until) == ("C1/DET", at("day 1 11:00"), at("day 7 09:00"))
    assert (claim.area, claim.informed_areas, claim.site) == ("350102", ("350111",), "S1")
    assert (claim.numbers["difference"], claim.numbers["kind"]) == (-2, "short")


def test_a_declared_loss_in_time_explains_the_difference() -> None:
    """What was declared lost before the warning may speak needs no warning, and what came late withdraws it."""
    facts = (PLANNED, sent("100 item"), stage("arrive", "C1", when="day 1 10:50"), received("98 item"))
    explained = told(*facts, lost("2 item", when="day 1 15:00"))
    assert not watch(explained)
    assert not watch(explained, order=(0, 1, 2, 3, 4))


def test_several_deliveries_add_up() -> None:
    """Half of it received is no shortage before the trip has arrived."""
    facts = (PLANNED, sent("100 item"), received("60 item", when="day 1 10:00"))
    assert not watch(told(*facts, received("40 item", when="day 1 22:00")))
    (finding,) = watch(told(*facts))
    assert finding.claim.since == at("day 2 00:00"), "the planned arrival and twelve hours"
    assert finding.claim.speaks_at == at("day 3 00:30")


def test_without_a_plan_a_usual_transit_is_waited_for() -> None:
    """A shortage on an unplanned trip is one 72 hours after sending."""
    (finding,) = watch(told(sent("100 item"), received("60 item")))
    assert finding.claim.since == at("day 4 08:00")


def test_too_much_needs_no_waiting() -> None:
    """More than was sent cannot be made good by a later delivery."""
    (finding,) = watch(told(PLANNED, sent("100 item"), received("101 item")))
    assert (finding.claim.since, finding.claim.numbers["kind"]) == (at("day 1 11:00"), "over")


@pytest.mark.parametrize(("kilograms", "found"), [("19999", 0), ("19874", 0), ("19873", 1), ("18000", 1)])
def test_bulk_goods_may_differ_by_three_sigma_of_both_scales(kilograms: str, found: int) -> None:
    """Of 20 t not two may vanish: 0.15 % a weighing allows some 127 kg."""
    facts = (sent("20000 kg", goods="EXP"), stage("arrive", "C1", when="day 1 10:50"))
    assert len(watch(told(*facts, received(f"{kilograms} kg", goods="EXP")))) == found


def test_other_goods_than_were_sent_are_a_difference() -> None:
    """Detonators were sent and rifles arrived; once the rifles' own issue is known there is no swap."""
    swapped = told(PLANNED, sent("100 item"), received("100 item", goods="GUN"))
    (finding,) = watch(swapped)
    assert (finding.claim.anchor, finding.claim.numbers["kind"]) == ("C1/GUN", "other_goods")
    assert finding.claim.numbers["sent_goods"] == "DET"
    assert not watch(replace(swapped, facts=(*swapped.facts, sent("100 item", goods="GUN", when="day 1 08:05"))))


def test_one_end_alone_is_no_difference() -> None:
    """Of goods only sent B4 speaks, of goods only received B5."""
    assert not watch(told(PLANNED, sent("100 item"), stage("arrive", "C1", when="day 1 10:50")))
    assert not watch(told(PLANNED, received("100 item")))


def test_what_the_shipper_takes_back_is_received() -> None:
    """Sixty delivered and forty returned to the store are a hundred."""
    back = movement("return", "40 item", site="S1", when="day 1 20:00", consignment="C1")
    assert not watch(told(PLANNED, sent("100 item"), received("60 item"), back))


@pytest.mark.parametrize(
    ("goods", "sent_", "just", "over"),
    [
        ("EXP", "1000 kg", "994 kg", "993 kg"),
        ("ACE", "1000 L", "988 L", "987 L"),
        ("CS137", "1000 GBq", "900 GBq", "899 GBq"),
        ("SHELL", "1000 kg_neq", "994 kg_neq", "993 kg_neq"),
    ],
)
def test_each_measure_has_the_uncertainty_of_its_own_instruments(
    goods: str, sent_: str, just: str, over: str
) -> None:
    """Scales, meters and dose calibrators err by what policy says of each: three sigma of both ends together."""
    facts = (sent(sent_, goods=goods), stage("arrive", "C1", when="day 1 10:50"))
    assert not watch(told(*facts, received(just, goods=goods)))
    assert len(watch(told(*facts, received(over, goods=goods)))) == 1


def test_the_sentence_says_too_little_or_too_much_of_which_consignment() -> None:
    """Missing goods and goods that nobody sent are different matters; the trip is named."""
    rule = detector_of("B3", "consignment")
    (short,) = watch(history())
    (over,) = watch(told(PLANNED, sent("100 item"), received("101 item")))
    (other,) = watch(told(PLANNED, sent("100 item"), received("100 item", goods="GUN")))
    assert "consignment C1 S1 sent 100 item of DET; 98 item arrived" in rule.explain(short, "en")
    assert "2 item too little" in rule.explain(short, "en")
    assert "少了 2" in rule.explain(short, "zh")
    assert "1 item too much" in rule.explain(over, "en")
    assert "多了 1" in rule.explain(over, "zh")
    assert "consignment C1 S1 sent DET, but 100 item of GUN arrived" in rule.explain(other, "en")


def test_a_difference_that_changes_stands_since_it_began() -> None:
    """Ten too many, then two of the goods declared lost: the matter is as old as its first receipt."""
    (finding,) = watch(told(PLANNED, sent("100 item"), received("110 item"), lost("2 item", when="day 3 15:00")))
    assert finding.claim.numbers["difference"] == 12
    assert (finding.claim.since, finding.claim.speaks_at) == (at("day 1 11:00"), at("day 2 00:30"))


def test_other_goods_are_said_though_the_trip_has_not_been_reported_as_arrived() -> None:
    """As many rifles as detonators: no later delivery makes that good, so nothing is waited for."""
    (finding,) = watch(told(PLANNED, sent("100 item"), received("100 item", goods="GUN")))
    assert finding.claim.since == at("day 1 11:00")


def test_the_evidence_and_the_sentence_say_both_ends_in_full() -> None:
    """Which facts and amounts, what is allowed, who is told, and when it was explained."""
    (finding,) = watch(history())
    claim = finding.claim
    assert claim.numbers == {
        "consignment": "C1", "kind": "short", "sent": 100, "received": 98, "lost": 0, "difference": -2,
        "allowed": 0, "measure": "count",
    }  # fmt: skip
    facts = history().facts
    assert [ref.id for ref in claim.refs] == [facts[nth].id for nth in (1, 4, 0, 5)]
    assert (claim.ref_count, claim.unit, claim.goods, claim.category) == (4, "U1", "DET", "explosives")
    rule = detector_of("B3", "consignment")
    assert rule.explain(finding, "en") == (
        "On consignment C1 S1 sent 100 item of DET; 98 item arrived and 0 item was declared lost: 2 item too "
        "little, where the instruments allow 0 item. It was explained at 2026-05-10T09:00:00+08:00."
    )
    assert rule.explain(finding, "zh") == (
        "托运 C1 的 DET：S1 发出 100 item，收到 98 item，报失 0 item，少了 2 item，计量允许差为 0 item。"
        "已于 2026-05-10T09:00:00+08:00 了结。"
    )
    (stands,) = watch(told(*facts[:-1]))
    assert "explained at" not in rule.explain(stands, "en")
    assert "了结" not in rule.explain(stands, "zh")


def test_other_goods_say_what_was_sent_instead_and_how_much_of_it() -> None:
    """The shipper's site is the place; the receiver's county is told."""
    (finding,) = watch(told(PLANNED, sent("100 item"), received("60 item", goods="GUN")))
    claim = finding.claim
    assert claim.numbers == {
        "consignment": "C1", "kind": "other_goods", "sent": 0, "received": 60, "lost": 0, "difference": 60,
        "allowed": 0, "measure": "count", "sent_goods": "DET", "other_sent": 100,
    }  # fmt: skip
    assert (claim.area, claim.site, claim.goods, claim.informed_areas) == ("350102", "S1", "GUN", ("350111",))
    assert claim.category == "firearms"
    said = detector_of("B3", "consignment").explain(finding, "zh")
    assert said == "托运 C1：S1 发出的是 DET，收到的却是 GUN 60 item，品种不符。"


def test_a_shortage_stands_from_its_deadline_or_from_the_receipt_that_comes_after_it() -> None:
    """Twelve hours after the planned arrival, or after sending where that was later; at once if it has arrived."""
    facts = (PLANNED, sent("100 item"))
    for when, since in (
        ("day 1 23:59", "day 2 00:00"),
        ("day 2 00:00", "day 2 00:00"),
        ("day 2 07:00", "day 2 07:00"),
    ):
        (finding,) = watch(told(*facts, received("60 item", when=when)))
        assert finding.claim.since == at(since), when
    late = (PLANNED, sent("100 item", when="day 1 20:00"), received("60 item", when="day 1 22:00"))
    assert watch(told(*late))[0].claim.since == at("day 2 08:00")
    arrived = (*facts, stage("arrive", "C1", when="day 1 10:50"), received("60 item"))
    assert watch(told(*arrived))[0].claim.since == at("day 1 11:00")


def test_what_the_scales_allow_is_shown_in_whole_base_units() -> None:
    """Rounded down: 20 t and 18 t at 0.15 % a weighing, three sigma, are 121 kg and a little."""
    facts = (sent("20000 kg", goods="EXP"), stage("arrive", "C1", when="day 1 10:50"))
    (finding,) = watch(told(*facts, received("18000 kg", goods="EXP")))
    allowed = 3.0 * 0.0015 * (20_000e6**2 + 18_000e6**2) ** 0.5
    assert finding.claim.numbers["allowed"] == int(allowed)
    assert 121_000_000 < allowed < 122_000_000
    assert finding.claim.numbers["difference"] == -2_000_000_000


def test_each_goods_of_a_trip_is_a_matter_of_its_own() -> None:
    """Detonators short, explosive in order: one finding; both short: two, by their goods."""
    facts = (PLANNED, sent("100 item"), sent("50 kg", goods="EXP"), stage("arrive", "C1", when="day 1 10:50"))
    one = watch(told(*facts, received("98 item"), received("50 kg", goods="EXP")))
    assert [finding.claim.anchor for finding in one] == ["C1/DET"]
    two = watch(told(*facts, received("98 item"), received("40 kg", goods="EXP")))
    assert [(finding.claim.anchor, finding.claim.goods) for finding in two] == [
        ("C1/DET", "DET"),
        ("C1/EXP", "EXP"),
    ]


def test_what_was_put_right_begins_anew_when_it_is_wrong_again() -> None:
    """Two missing until they are declared lost; then one more than was sent: open again, from then on."""
    facts = (PLANNED, sent("100 item"), stage("arrive", "C1", when="day 1 10:50"), received("98 item"))
    again = (*facts, lost("2 item", when="day 3 09:00"), received("1 item", when="day 3 15:00"))
    (finding,) = watch(told(*again))
    assert (finding.claim.since, finding.claim.until) == (at("day 3 15:00"), None)
    assert (finding.claim.numbers["kind"], finding.claim.numbers["difference"]) == ("over", 1)


def test_a_trip_that_arrives_short_before_its_deadline_is_short_from_then_on() -> None:
    """One piece is too little as much as many are: the deadline is not waited for any more."""
    facts = (PLANNED, sent("100 item"), received("99 item", when="day 1 10:00"))
    (finding,) = watch(told(*facts, stage("arrive", "C1", when="day 1 13:00")))
    assert (finding.claim.since, finding.claim.speaks_at) == (at("day 1 13:00"), at("day 2 00:30"))
    rule = detector_of("B3", "consignment")
    assert "1 item too little" in rule.explain(finding, "en")
    assert "少了 1 item" in rule.explain(finding, "zh")
