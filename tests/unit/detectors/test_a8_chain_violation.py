"""A8: goods go down the chain step by step."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from detectors.a8_chain_violation import TIER_NAMES
from detectors.claim import Severity, Status
from events.registry import Tier, UnitEntry
from events.time import DAY, MINUTE
from ledger.fact import Detail, Fact, Movement
from ledger.reference import Registered
from tests.detector_kit import Bench, History, at, detector_of, movement, register, watch


def shop(tier: Tier | None = "retailer", **dates: str) -> Registered:
    """U2, which sells fireworks over the counter."""
    return register(UnitEntry(name="晋安烟花店", area="350111", tier=tier), unit="U2", **dates)  # type: ignore[arg-type]  # dates by name


def trade(operation: str, when: str, tier: str | None = "maker", goods: str = "SHELL", **more: object) -> Fact:
    """U1, of this place in the chain, reports a trade with U2."""
    amount = {"SHELL": "2 kg_neq", "GUN": "1 item", "DET": "5 item"}[goods]
    said = {"counterparty_unit": "U2", "counterparty_site": "S2", **more}
    fact = movement(operation, amount, goods=goods, when=when, **said)  # type: ignore[arg-type]  # fields by name
    assert isinstance(fact.body, Movement)
    return replace(fact, body=replace(fact.body, detail=None if tier is None else Detail(tier=tier)))


def history() -> History:
    """A maker sells to a shop twice, a wholesaler once in between, and then nobody for a month."""
    return History(
        rule="A8",
        key="unit:U2",
        facts=(
            trade("issue", "day 1 09:00"),
            trade("issue", "day 2 09:00", "wholesaler"),
            trade("issue", "day 3 09:00"),
            trade("issue", "day 40 09:00", "wholesaler"),
        ),
        reference=(shop(),),
        now=at("day 41 00:00"),
    )


def test_a_maker_that_sells_past_the_wholesaler_is_one_episode_at_the_buyer() -> None:
    """It is told of the shop, in the shop's county; trades that are in order do not end it."""
    (finding,) = watch(history())
    claim = finding.claim
    assert (claim.since, claim.until) == (at("day 1 09:00"), at("day 3 09:00") + 30 * DAY)
    assert claim.speaks_at == at("day 2 00:00") + 30 * MINUTE
    assert (claim.unit, claim.area, claim.site) == ("U2", "350111", "S2")
    assert (claim.numbers["edges"], claim.numbers["movements"]) == ("maker>retailer", 2)
    assert (finding.severity, finding.status) == (Severity.ORANGE, Status.CLOSED)


@pytest.mark.parametrize(
    ("operation", "reporter", "other", "wrong"),
    [
        ("issue", "maker", "wholesaler", False),
        ("issue", "maker", "retailer", True),
        ("issue", "wholesaler", "retailer", False),
        ("issue", "retailer", "retailer", True),
        ("receive", "retailer", "maker", True),
        ("receive", "retailer", "wholesaler", False),
        ("receive", "retailer", "retailer", True),
        ("issue", "retailer", "wholesaler", False),
        ("return", "wholesaler", "retailer", False),
        ("return", "maker", "retailer", False),
        ("consume", "maker", "retailer", False),
    ],
)
def test_who_sold_to_whom_follows_from_the_operation(
    operation: str, reporter: Tier, other: Tier, wrong: bool
) -> None:
    """An issue is the reporter's sale, a receipt the other side's; what comes back had been sold the other way."""
    told = replace(history(), facts=(trade(operation, "day 1 09:00", reporter),), reference=(shop(other),))
    assert bool(watch(told)) is wrong


def test_a_recall_is_no_sale_unless_the_policy_says_so() -> None:
    """A maker takes goods back from a shop: it may have sold them there, or be recalling them."""
    told = replace(history(), facts=(trade("return", "day 1 09:00"),))
    assert not watch(told)
    assert len(watch(replace(told, parameters={"returns_count": True}))) == 1


def test_a_place_that_is_not_registered_accuses_nobody() -> None:
    """Neither the reporter's nor the other side's."""
    sale = trade("issue", "day 1 09:00")
    assert not watch(replace(history(), facts=(trade("issue", "day 1 09:00", None),)))
    assert not watch(replace(history(), facts=(sale,), reference=(shop(None),)))
    assert not watch(replace(history(), facts=(sale,), reference=()))


def test_the_place_in_force_at_the_trade_decides() -> None:
    """The shop became a wholesaler on day 3."""
    places = (shop(valid_to="day 3 00:00"), shop("wholesaler", valid_from="day 3 00:00", id="now"))
    before, after = trade("issue", "day 2 23:59:59"), trade("issue", "day 3 00:00")
    assert len(watch(replace(history(), facts=(before,), reference=places))) == 1
    assert not watch(replace(history(), facts=(after,), reference=places))


def test_only_the_categories_that_the_policy_names_are_judged() -> None:
    """Firearms have a chain as well; explosives have permits instead."""
    assert len(watch(replace(history(), facts=(trade("issue", "day 1 09:00", goods="GUN"),)))) == 1
    assert not watch(replace(history(), facts=(trade("issue", "day 1 09:00", goods="DET"),)))


def test_what_the_unit_reports_itself_is_judged_at_the_other_side() -> None:
    """Its own movement reaches its own key too, where it says nothing of the other's place."""
    own = trade("issue", "day 1 09:00", unit="U2", counterparty_unit="U1")
    assert not watch(replace(history(), facts=(own,)))


def test_a_place_that_is_registered_late_withdraws_it() -> None:
    """U2 had become a wholesaler before the trade; the registry hears of it two days later."""
    bench = Bench(replace(history(), facts=()))
    bench.put(trade("issue", "day 1 09:00"))
    bench.look(at("day 3 08:00"))
    assert [finding.status for finding in bench.told] == [Status.OPEN]
    bench.enter(shop("wholesaler", valid_from="day 0 00:00", recorded="day 3 09:00", id="late"))
    bench.look(at("day 3 10:00"))
    assert not bench.standing()


def test_a_month_without_another_ends_it_to_the_second() -> None:
    """One just within the thirty days goes on with it; one at their end begins another."""
    for when, episodes in (("day 31 08:59:59", 1), ("day 31 09:00", 2)):
        facts = (trade("issue", "day 1 09:00"), trade("issue", when))
        assert len(watch(replace(history(), facts=facts, now=at("day 70 00:00")))) == episodes, when


def test_the_sentence_names_the_places_and_the_parties_in_its_own_words() -> None:
    """Who sold to whom, each way once, with everybody that reported one."""
    rule = detector_of("A8", "unit")
    other = trade("receive", "day 1 10:00", "retailer", unit="U3", site="S3")
    (finding,) = watch(replace(history(), facts=(trade("issue", "day 1 09:00"), other)))
    en, zh = rule.explain(finding, "en"), rule.explain(finding, "zh")
    assert "with U1, U3 that went from" in en
    assert "与 U1、U3 有 2 笔" in zh
    assert f"{TIER_NAMES['maker'][1]} to {TIER_NAMES['retailer'][1]}, {TIER_NAMES['retailer'][1]} to" in en
    assert f"属于{TIER_NAMES['maker'][0]}售予{TIER_NAMES['retailer'][0]}、{TIER_NAMES['retailer'][0]}售予" in zh
