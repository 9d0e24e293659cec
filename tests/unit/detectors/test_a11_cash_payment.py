"""A11: civil explosives are paid for through a bank account."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from detectors.claim import Severity, Status
from events.time import DAY, MINUTE
from ledger.fact import Fact
from tests.detector_kit import Bench, History, at, detector_of, movement, watch


def sale(when: str, payment: str, **more: object) -> Fact:
    """Five detonators sold to U2."""
    return movement("issue", "5 item", when=when, counterparty_unit="U2", payment=payment, **more)  # type: ignore[arg-type]  # fields by name


def history() -> History:
    """Two cash sales of explosives with a bank sale between them, then only bank sales."""
    return History(
        rule="A11",
        key="site:S1",
        facts=(
            sale("day 1 09:00", "cash"),
            sale("day 1 10:00", "bank"),
            sale("day 2 09:00", "cash", goods="DET"),
            sale("day 12 09:00", "bank"),
        ),
        now=at("day 13 00:00"),
    )


def test_cash_sales_of_a_week_are_one_episode() -> None:
    """Bank sales in between do not end it; a week without cash does."""
    (finding,) = watch(history())
    claim = finding.claim
    assert (claim.since, claim.until) == (at("day 1 09:00"), at("day 2 09:00") + 7 * DAY)
    assert claim.speaks_at == at("day 2 00:00") + 30 * MINUTE
    assert (claim.numbers["movements"], claim.ref_count) == (2, 2)
    assert (finding.severity, finding.status) == (Severity.ORANGE, Status.CLOSED)


def test_cash_again_after_a_quiet_week_is_a_new_episode() -> None:
    """One more cash sale just within the week goes on with it, one at its end begins another."""
    first, end = sale("day 1 09:00", "cash"), at("day 20 00:00")
    within = watch(replace(history(), facts=(first, sale("day 8 08:59:59", "cash")), now=end))
    assert [finding.claim.numbers["movements"] for finding in within] == [2]
    again = watch(replace(history(), facts=(first, sale("day 8 09:00", "cash")), now=end))
    assert [finding.claim.numbers["movements"] for finding in again] == [1, 1]


@pytest.mark.parametrize(
    "fact",
    [
        movement("issue", "5 item", when="day 1 09:00", counterparty_unit="U2"),
        movement("issue", "5 item", when="day 1 09:00", payment="cash"),
        movement("issue", "5 item", when="day 1 09:00", payment="cash", counterparty_unit="U1"),
        movement("issue", "5 item", when="day 1 09:00", payment="cash", shift="W1"),
        movement("consume", "5 item", when="day 1 09:00", payment="cash", counterparty_unit="U2"),
        movement("issue", "5 L", goods="ACE", when="day 1 09:00", payment="cash", counterparty_unit="U2"),
    ],
    ids=["payment left out", "nobody to pay", "its own unit", "its own shift", "no trade", "another category"],
)
def test_what_is_no_cash_trade_is_let_be(fact: Fact) -> None:
    """Look-alikes: nothing was said of the payment, or nothing was sold."""
    assert not watch(replace(history(), facts=(fact,)))


@pytest.mark.parametrize("operation", ["receive", "issue", "return"])
@pytest.mark.parametrize("party", ["counterparty_unit", "outside"])
def test_both_sides_of_a_trade_are_judged(operation: str, party: str) -> None:
    """Who buys for cash is as wrong as who sells, and somebody outside the platform is a party too."""
    fact = movement(operation, "5 item", when="day 1 09:00", payment="cash", **{party: "U9"})  # type: ignore[arg-type]  # as above
    assert len(watch(replace(history(), facts=(fact,)))) == 1


def test_payment_in_kind_is_not_through_a_bank() -> None:
    """``other`` is claimed as well, unless the policy lets it be."""
    told = replace(history(), facts=(sale("day 1 09:00", "other"),))
    assert len(watch(told)) == 1
    assert not watch(replace(told, parameters={"unlawful": ["cash"]}))


def test_a_correction_takes_it_back() -> None:
    """The payment had been keyed in wrongly: what was told once the day was over is withdrawn."""
    told = history()
    bench = Bench(told)
    bench.put(told.facts[0])
    bench.look(at("day 2 08:00"))
    assert [finding.status for finding in bench.told] == [Status.OPEN]
    bench.put(sale("day 1 09:00", "bank", version=2))
    bench.look(at("day 2 09:00"))
    assert not bench.standing()


def test_the_sentence_says_what_was_done_how_it_was_paid_and_with_whom() -> None:
    """Purchases are called that where there is nothing else; each way of paying is named once."""
    rule = detector_of("A11", "site")
    bought = movement("receive", "5 item", when="day 1 09:00", payment="cash", outside="X")
    alone = movement("receive", "5 item", when="day 1 10:00", payment="other", natural_person=True)
    ((buys,), (sells,)) = (watch(replace(history(), facts=facts)) for facts in ((bought, alone), history().facts))
    assert "2 purchase(s) paid" in rule.explain(buys, "en")
    assert "2 笔购买以" in rule.explain(buys, "zh")
    assert "2 purchase(s) or sale(s) paid" in rule.explain(sells, "en")
    assert "2 笔买卖以" in rule.explain(sells, "zh")
    assert "现金" in rule.explain(sells, "zh")
    assert buys.claim.numbers["parties"] == "X,natural_person"
    assert sells.claim.numbers["parties"] == "U2"
