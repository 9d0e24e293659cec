"""B5: goods received on a consignment that nobody issued them on."""

from __future__ import annotations

from msgspec.structs import replace

from detectors.claim import Status
from ledger.fact import Fact
from tests.detector_kit import Bench, History, at, movement, plan, watch
from tests.detector_words import mended

PLANNED = plan("C1", ("DET", "100 item"), depart="day 1 08:00", arrive_by="day 1 12:00")


def received(amount: str = "100 item", *, goods: str = "DET", when: str = "day 1 11:00") -> Fact:
    """A receipt at S2 on the consignment."""
    return movement("receive", amount, site="S2", goods=goods, when=when, consignment="C1", counterparty_unit="U1")


def sent(*, goods: str = "DET", when: str = "day 1 08:00", told: str = "day 1 09:00") -> Fact:
    """An issue at S1 on the consignment, and when it was told."""
    return movement("issue", "100 item", site="S1", goods=goods, when=when, consignment="C1", received=told)


def told(*facts: Fact) -> History:
    """A consignment with these facts."""
    return History("B5", "consignment:C1", facts, at("day 9 00:00"))


def history() -> History:
    """Received on the first day, issued on the third."""
    return told(PLANNED, received("60 item"), received("40 item", when="day 2 11:00"), sent(when="day 3 08:00"))


def test_a_receipt_without_an_issue_is_the_receivers_countys_matter() -> None:
    """It stands from the receipt on and speaks at the end of that day."""
    (finding,) = watch(told(PLANNED, received()))
    claim = finding.claim
    assert finding.status is Status.OPEN
    assert (claim.anchor, claim.since, claim.speaks_at) == ("C1/DET", at("day 1 11:00"), at("day 2 00:30"))
    assert (claim.area, claim.site, claim.unit, claim.numbers["from"]) == ("350111", "S2", "U2", "U1")


def test_an_issue_made_before_and_told_late_withdraws_it() -> None:
    """The goods had a source; only the report was late."""
    late = sent(told="day 3 09:00")
    bench = Bench(told(PLANNED, received(), late))
    bench.put(PLANNED)
    bench.put(received())
    bench.look(at("day 3 09:00"))
    assert len(bench.standing()) == 1
    bench.put(late)
    bench.look(at("day 9 00:00"))
    assert not bench.standing()


def test_an_issue_made_afterwards_closes_it() -> None:
    """All receipts until then are one episode."""
    (finding,) = watch(history())
    claim = finding.claim
    assert (finding.status, claim.until, claim.numbers["received"]) == (Status.CLOSED, at("day 3 08:00"), 100)


def test_an_issue_of_the_same_day_needs_no_warning() -> None:
    """Two clocks that differ by minutes are put right before anybody is told."""
    assert not watch(told(PLANNED, received(), sent(when="day 1 11:20")))


def test_of_goods_that_came_instead_of_others_another_rule_speaks() -> None:
    """Detonators sent and rifles received is a swap (B3); when both came, the rifles have no source."""
    swapped = told(PLANNED, sent(), received(goods="GUN", when="day 1 10:00"))
    assert not watch(swapped)
    (finding,) = watch(replace(swapped, facts=(*swapped.facts, received(when="day 1 10:30"))))
    assert (finding.claim.goods, finding.claim.since) == ("GUN", at("day 1 10:30"))
    assert finding.claim.informed_areas == ("350102",)


def test_the_evidence_says_from_whom_it_is_said_to_come_and_on_which_trip() -> None:
    """The site before the unit before somebody outside; nothing where the receiver says nothing."""
    whence = {
        "S3": mended(received(), counterparty_site="S3", counterparty_unit="U1"),
        "U1": mended(received(), counterparty_unit="U1", outside="省外厂"),
        "省外厂": mended(received(), counterparty_unit=None, outside="省外厂"),
        "": mended(received(), counterparty_unit=None),
    }
    for said, fact in whence.items():
        (finding,) = watch(told(PLANNED, fact))
        assert (finding.claim.numbers["from"], finding.claim.numbers["consignment"]) == (said, "C1")


def test_all_receipts_are_one_matter_that_cites_the_first_and_the_last() -> None:
    """What arrives in parts is one obligation; what was sent at all is not without a source."""
    (finding,) = watch(history())
    assert [ref.id for ref in finding.claim.refs] == [history().facts[i].id for i in (1, 2)] + [
        history().facts[3].id
    ]
    assert not watch(told(PLANNED, sent(), received("101 item")))
