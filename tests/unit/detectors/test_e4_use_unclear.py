"""E4: sales of toxic or precursor goods without a credible use, to somebody not identified, or paid for oddly."""

from __future__ import annotations

import pytest

from detectors.claim import Finding, Severity, Status
from ledger.fact import Detail, Fact
from tests.detector_kit import Bench, History, at, movement, watch
from tests.detector_words import mended

PLATING = Detail(use="电镀", identified=True)


def sale(when: str, detail: Detail | None = PLATING, goods: str = "NACN", **fields: str) -> Fact:
    """A kilogram of sodium cyanide to a buyer outside."""
    told = {"outside": "永安电镀厂", **fields}
    amount = {"NACN": "1 kg", "ACE": "1 L"}.get(goods, "1 item")
    return mended(movement("issue", amount, goods=goods, when=when), detail=detail, **told)


def of(*facts: Fact, now: str = "day 90 00:00", **parameters: object) -> History:
    return History("E4", "unit:U1", facts, at(now), parameters=dict(parameters))


def history() -> History:
    """A credible sale, one for no credible use, and one to a buyer who would not say who he is."""
    return of(
        sale("day 1 10:00"),
        sale("day 2 10:00", Detail(use="自用"), outside="生客"),
        sale("day 5 10:00", Detail(use="电镀", identified=False), outside="另一生客"),
    )


def found(*facts: Fact, now: str = "day 90 00:00", **parameters: object) -> list[Finding]:
    return watch(of(*facts, now=now, **parameters))


def test_doubtful_sales_of_a_goods_are_one_episode_with_all_that_is_doubtful() -> None:
    """Two sales to two buyers; over thirty days after the last of them."""
    (finding,) = watch(history())
    claim = finding.claim
    assert (claim.since, claim.until, claim.speaks_at) == (at("day 2 10:00"), at("day 35 10:00"), at("day 3 00:30"))
    assert claim.numbers["reasons"] == "use_not_credible,not_identified"
    assert [claim.numbers[name] for name in ("sales", "buyers", "use")] == [2, 2, "电镀"]
    assert (finding.severity, finding.status, claim.site) == (Severity.YELLOW, Status.CLOSED, "S1")


@pytest.mark.parametrize(
    ("detail", "fields", "reason"),
    [
        (Detail(use="  ", identified=True), {}, "use_missing"),
        (None, {}, "use_missing"),
        (Detail(use="个人爱好"), {}, "use_not_credible"),
        (Detail(use="Plating works", identified=False), {}, "not_identified"),
        (PLATING, {"payment": "cash"}, "payment"),
        (PLATING, {"payment": "other"}, "payment"),
    ],
)
def test_each_thing_that_is_doubtful_is_named(detail: Detail | None, fields: dict[str, str], reason: str) -> None:
    """Highly toxic goods: use, identity, payment."""
    (finding,) = found(sale("day 1 10:00", detail, **fields))
    assert finding.claim.numbers["reasons"] == reason


def test_what_is_left_out_accuses_nobody_but_where_policy_asks_for_it() -> None:
    """A precursor without a use, a buyer of whom nothing is said, a payment not told: nothing. Policy may ask."""
    assert not found(sale("day 1 10:00", None, goods="ACE"))
    (finding,) = found(sale("day 1 10:00", None, goods="ACE"), use_required=["drug_precursor"])
    assert finding.claim.numbers["reasons"] == "use_missing"
    assert not found(sale("day 1 10:00", Detail(use="污水处理")))


def test_the_look_alikes_are_let_be() -> None:
    """By bank for a credible use; to a shift; within the unit; what the buyer reports; goods without a flag."""
    assert not found(sale("day 1 10:00", payment="bank"))
    assert not found(sale("day 1 10:00", None, shift="SH1"))
    assert not found(sale("day 1 10:00", None, counterparty_unit="U1"))
    assert not found(sale("day 1 10:00", None, unit="U2"))
    assert not found(sale("day 1 10:00", None, goods="BOW", payment="cash"))


def test_a_sale_in_order_to_the_same_buyer_ends_the_episode_and_one_to_another_does_not() -> None:
    """He has shown who he is; another's papers say nothing of him."""
    doubtful = sale("day 2 10:00", Detail(use="电镀", identified=False))
    (finding,) = found(doubtful, sale("day 3 10:00"))
    assert finding.claim.until == at("day 3 10:00")
    (finding,) = found(doubtful, sale("day 3 10:00", outside="别家"))
    assert finding.claim.until == at("day 32 10:00")
    assert len(found(doubtful, sale("day 40 10:00", Detail(use="不详")))) == 2


def test_a_use_completed_by_midnight_raises_nothing_and_later_takes_it_back() -> None:
    """The seller had forgotten to say it."""
    bench = Bench(of(first := sale("day 2 10:00", None)))
    bench.put(first)
    bench.look(at("day 3 00:29"))
    assert not bench.standing()
    bench.look(at("day 3 00:30"))
    assert len(bench.standing()) == 1
    bench.put(mended(first, detail=PLATING))
    bench.look(at("day 3 01:00"))
    assert not bench.standing()
