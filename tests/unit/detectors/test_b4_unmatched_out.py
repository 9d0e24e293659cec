"""B4: what was sent is overdue from its deadline until it is received, returned or declared lost."""

from __future__ import annotations

from msgspec.structs import replace

from detectors.claim import Status
from ledger.fact import Fact
from tests.detector_kit import Bench, History, at, detector_of, movement, plan, stage, watch
from tests.detector_words import mended

PLANNED = plan("C1", ("DET", "100 item"), depart="day 1 08:00", arrive_by="day 1 12:00")
SENT = movement("issue", "100 item", site="S1", when="day 1 08:00", consignment="C1")
DUE = "day 2 00:00"


def received(when: str, *, amount: str = "100 item", **said: str) -> Fact:
    """A receipt at S2 on the consignment."""
    received_at = said.get("received", when)
    return movement("receive", amount, site="S2", when=when, consignment="C1", received=received_at)


def told(*facts: Fact) -> History:
    """A consignment with these facts."""
    return History("B4", "consignment:C1", facts, at("day 9 00:00"))


def history() -> History:
    """A hundred detonators were to arrive at noon and came two days later."""
    return told(PLANNED, SENT, stage("depart", "C1", when="day 1 08:10"), received("day 3 10:00"))


def test_nothing_received_by_the_deadline_is_claimed_from_the_deadline_on() -> None:
    """It bears the deadline's instant, not the tick's, and is the shipper's county's matter."""
    (finding,) = watch(told(PLANNED, SENT))
    claim = finding.claim
    assert finding.status is Status.OPEN
    assert (claim.anchor, claim.since, claim.speaks_at) == ("C1/DET", at(DUE), at(DUE))
    assert (claim.area, claim.unit, claim.numbers["missing"]) == ("350102", "U1", 100)


def test_a_tick_says_it_once_at_the_deadline() -> None:
    """A minute before there is nothing; later ticks are no new revision."""
    bench = Bench(told(PLANNED, SENT))
    bench.put(PLANNED)
    bench.put(SENT)
    bench.look(at("day 1 23:59"))
    assert not bench.told
    for day in range(2, 6):
        bench.look(at(f"day {day} 00:00"))
    assert [finding.revision for finding in bench.told] == [1]


def test_a_receipt_after_the_deadline_closes_it() -> None:
    """It was late, and it was found: the same finding says both."""
    (finding,) = watch(history())
    assert (finding.status, finding.claim.until) == (Status.CLOSED, at("day 3 10:00"))
    assert finding.claim.since == at(DUE)


def test_a_receipt_made_in_time_but_told_late_withdraws_it() -> None:
    """The goods were there; only the report was not."""
    late = told(PLANNED, SENT, received("day 1 11:00", received="day 4 09:00"))
    bench = Bench(late)
    bench.put(PLANNED)
    bench.put(SENT)
    bench.look(at("day 4 09:00"))
    assert len(bench.standing()) == 1
    bench.put(late.facts[-1])
    bench.look(late.now)
    assert not bench.standing()


def test_without_a_plan_a_usual_transit_is_waited_for() -> None:
    """72 hours after sending."""
    (finding,) = watch(told(SENT))
    assert finding.claim.since == at("day 4 08:00")


def test_a_plan_made_after_the_deadline_moves_nothing() -> None:
    """Planning anew before the deadline gives more time; doing so afterwards cannot undo that it passed."""
    again = plan("C1", ("DET", "100 item"), depart="day 1 08:00", arrive_by="day 5 12:00", told="day 1 20:00")
    (finding,) = watch(told(PLANNED, SENT, again))
    assert finding.claim.since == at("day 6 00:00")
    just = replace(again, at=at(DUE))
    (finding,) = watch(told(PLANNED, SENT, just))
    assert finding.claim.since == at("day 6 00:00")
    too_late = replace(again, at=at(DUE) + 1)
    (finding,) = watch(told(PLANNED, SENT, too_late))
    assert finding.claim.since == at(DUE)


def test_calling_the_trip_off_returns_nothing() -> None:
    """A cancelled trip is overdue like any other, until the goods are back on the shipper's book."""
    off = told(PLANNED, SENT, stage("cancel", "C1", when="day 1 09:00"))
    (finding,) = watch(off)
    assert "cancelled_at" in finding.claim.numbers
    back = movement("return", "100 item", site="S1", when="day 1 09:30", consignment="C1")
    assert not watch(replace(off, facts=(*off.facts, back)))


def test_of_goods_received_in_part_another_rule_speaks() -> None:
    """One detonator received is no longer nothing: that is B3's."""
    assert not watch(told(PLANNED, SENT, received("day 1 11:00", amount="1 item")))


def test_what_was_declared_lost_is_not_looked_for() -> None:
    """All of it declared lost explains all of it; a part does not."""
    for lost, found in (("100 item", 0), ("99 item", 1)):
        loss = movement("declare_loss", lost, site="S1", when="day 1 15:00", consignment="C1")
        assert len(watch(told(PLANNED, SENT, loss))) == found


def test_the_sentence_says_whither_and_whether_it_was_settled() -> None:
    """The planned site before the other side that the shipper named; nothing is made up where nobody said."""
    rule = detector_of("B4", "consignment")
    named = {
        "site": replace_said(counterparty_site="S3", counterparty_unit="U3"),
        "unit": replace_said(counterparty_unit="U3", outside="省外用户"),
        "outside": replace_said(outside="省外用户"),
        "nobody": SENT,
    }
    to = {name: watch(told(sent))[0].claim.numbers["to"] for name, sent in named.items()}
    assert to == {"site": "S3", "unit": "U3", "outside": "省外用户", "nobody": ""}
    (planned,) = watch(told(PLANNED, named["site"]))
    (unsaid,), (settled,) = watch(told(SENT)), watch(history())
    assert "consignment C1, to S2)" in rule.explain(planned, "en")
    assert "运往 S2" in rule.explain(planned, "zh")
    assert "destination not stated" in rule.explain(unsaid, "en")
    assert "去向未写明" in rule.explain(unsaid, "zh")
    assert "nobody has said where it is" in rule.explain(unsaid, "en")
    assert "it was settled at" in rule.explain(settled, "en")
    assert "已于" in rule.explain(settled, "zh")
    assert "货物去向不明" in rule.explain(unsaid, "zh")


def replace_said(**other_side: str) -> Fact:
    """The issue, with what it says of its other side."""
    return mended(SENT, **other_side)


def test_a_receipt_at_the_very_deadline_is_in_time() -> None:
    """A second later it is late: the warning had been due, and ends with it."""
    assert not watch(told(PLANNED, SENT, received(DUE)))
    (finding,) = watch(told(PLANNED, SENT, received("day 2 00:00:01")))
    assert (finding.status, finding.claim.until) == (Status.CLOSED, at("day 2 00:00:01"))


def test_what_is_sent_after_its_planned_arrival_has_the_grace_from_then() -> None:
    """A trip that starts late is not overdue at its start."""
    late = movement("issue", "100 item", site="S1", when="day 1 20:00", consignment="C1")
    (finding,) = watch(told(PLANNED, late))
    assert finding.claim.since == at("day 2 08:00")


def test_what_was_declared_lost_on_the_way_is_not_missing_too() -> None:
    """Ninety of a hundred are nowhere; ten are accounted for."""
    lost = movement("declare_loss", "10 item", site="S1", when="day 1 10:00", consignment="C1")
    (finding,) = watch(told(PLANNED, SENT, lost))
    assert [finding.claim.numbers[name] for name in ("sent", "lost", "missing")] == [100, 10, 90]
