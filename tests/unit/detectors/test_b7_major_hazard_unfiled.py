"""B7: a site holds as much as makes it a major hazard, and no filing says so."""

from __future__ import annotations

from datetime import date

from msgspec.structs import replace

from detectors.b7_major_hazard_unfiled import Hazard
from detectors.claim import Status
from events.registry import Category, GoodsEntry, HazardFilingEntry, Origin
from events.time import HOUR
from ledger.fact import Fact
from ledger.reference import Registered
from simulator.stories.relative import quantity
from tests.checks.folding import fold, steps, view_of
from tests.detector_kit import GOODS, Bench, History, at, detector_of, movement, register, watch

CYANIDE = replace(GOODS["NACN"], critical=quantity("20 t"))
ACETONE = replace(GOODS["ACE"], critical=quantity("600 m3"))


def critical(entry: GoodsEntry, *, since: str = "day -30 00:00", until: str | None = None) -> Registered:
    """A goods with its critical quantity."""
    dates = {"valid_from": since} if until is None else {"valid_from": since, "valid_to": until}
    return register(entry, **dates)  # type: ignore[arg-type]  # the dates' names are literal above


def filing(since: str, until: str | None = None) -> Registered:
    """S1 filed as a major hazard."""
    entry = HazardFilingEntry(site="S1")
    if until is None:
        return register(entry, unit="U1", valid_from=since)
    return register(entry, unit="U1", valid_from=since, valid_to=until)


def cyanide(operation: str, amount: str, when: str) -> Fact:
    """Sodium cyanide at S1; 20 t are critical."""
    return movement(operation, amount, goods="NACN", when=when)


def acetone(operation: str, amount: str, when: str) -> Fact:
    """Acetone at S1; 600 m³ are critical."""
    return movement(operation, amount, goods="ACE", when=when)


def history() -> History:
    """Half of one critical quantity and half of another, then a little more, then less."""
    return History(
        rule="B7",
        key="site:S1",
        facts=(
            cyanide("open", "10 t", "day 1 08:00"),
            acetone("open", "299.999 m3", "day 1 09:00"),
            movement("open", "500 item", when="day 1 09:30"),
            acetone("receive", "0.001 m3", "day 2 10:00"),
            cyanide("receive", "2 t", "day 3 10:00"),
            cyanide("issue", "2.5 t", "day 5 10:00"),
        ),
        now=at("day 14 00:00"),
        world=(critical(CYANIDE), critical(ACETONE)),
    )


def test_two_halves_of_critical_quantities_are_a_major_hazard() -> None:
    """Σ q/Q ≥ 1 over the site's goods: at exactly 1 it begins, and it is told at the day's end."""
    (finding,) = watch(history())
    claim = finding.claim
    assert (claim.since, claim.speaks_at) == (at("day 2 10:00"), at("day 3 00:30"))
    assert (claim.until, finding.status) == (at("day 5 10:00"), Status.CLOSED)
    assert claim.numbers["hazard_ratio"] == 1.1
    assert claim.numbers["hazard_goods"] == "NACN 12000 kg / 20000 kg = 60.0 %, ACE 300000 L / 600000 L = 50.0 %"
    assert claim.numbers["goods_count"] == 2
    assert claim.anchor == history().facts[3].id
    assert (claim.goods, claim.site, claim.category) == (None, "S1", Category.CHEMICALS)


def test_a_millilitre_below_is_none() -> None:
    """The comparison is exact."""
    facts = history().facts
    assert not watch(replace(history(), facts=facts[:3]))
    short = acetone("receive", "0.000999 m3", "day 2 10:00")
    assert not watch(replace(history(), facts=(*facts[:3], short)))


def test_goods_without_a_critical_quantity_do_not_count() -> None:
    """Nor do those whose critical quantity is in another measure."""
    assert not watch(replace(history(), world=(critical(CYANIDE),)))
    astray = replace(GOODS["ACE"], critical=quantity("1 t"))
    assert not watch(replace(history(), world=(critical(CYANIDE), critical(astray))))


def test_a_filed_site_may_hold_it() -> None:
    """The look-alike: the same stock with a filing in force."""
    assert not watch(replace(history(), reference=(filing("day -100 00:00"),)))
    for since in ("day -100 00:00", "day 4 00:00"):
        other = register(HazardFilingEntry(site="S2"), unit="U1", valid_from=since)
        (finding,) = watch(replace(history(), reference=(other,)))
        assert finding.claim.until == at("day 5 10:00")


def test_a_filing_ends_it_by_time_alone_and_bears_its_own_date() -> None:
    """Filed on day 4 at nine: the episode ends then, whatever moves afterwards."""
    told = replace(history(), reference=(filing("day 4 09:00"),))
    bench = Bench(told)
    for fact in told.facts[:5]:
        bench.put(fact)
    bench.look(at("day 4 08:59"))
    assert [finding.status for finding in bench.standing()] == [Status.OPEN]
    bench.look(at("day 4 09:00"))
    (finding,) = bench.standing()
    assert (finding.status, finding.claim.until) == (Status.CLOSED, at("day 4 09:00"))
    assert finding.claim.numbers["filed"] == 1
    (closed,) = watch(told)
    assert closed.claim == finding.claim


def test_a_filing_entered_late_withdraws_it() -> None:
    """In force since before the goods came, it was no breach."""
    bench = Bench(history())
    for fact in history().facts[:4]:
        bench.put(fact)
    bench.look(at("day 3 06:00"))
    assert len(bench.standing()) == 1
    bench.enter(filing("day 1 00:00"))
    bench.look(at("day 3 07:00"))
    assert not bench.standing()


def test_a_filing_that_ran_out_counts_from_the_next_movement_on() -> None:
    """Unfiled again, it is a new episode."""
    told = replace(history(), reference=(filing("day -9 00:00", "day 3 00:00"),), facts=history().facts[:5])
    (finding,) = watch(told)
    assert (finding.claim.since, finding.status) == (at("day 3 10:00"), Status.OPEN)


def test_a_correction_withdraws_it() -> None:
    """What was received twice as reported was half as much."""
    bench = Bench(history())
    for fact in history().facts[:4]:
        bench.put(fact)
    bench.look(at("day 3 06:00"))
    assert len(bench.standing()) == 1
    first = history().facts[0]
    right = cyanide("open", "5 t", "day 1 08:00")
    bench.put(replace(first, version=2, revision=1, body=right.body))
    bench.look(at("day 3 07:00"))
    assert not bench.standing()


def test_a_week_below_ends_it_and_less_than_that_does_not() -> None:
    """A site that goes below and above daily is one matter."""
    told = history()
    back = cyanide("receive", "3 t", "day 12 09:59")
    (one,) = watch(replace(told, facts=(*told.facts, back), now=at("day 13 08:00")))
    assert (one.status, one.claim.numbers["hazard_ratio"]) == (Status.OPEN, 1.125)
    later = replace(back, at=at("day 12 10:00"))
    ended, begun = watch(replace(told, facts=(*told.facts, later), now=at("day 13 08:00")))
    assert (ended.claim.until, begun.claim.since) == (at("day 5 10:00"), later.at)


def test_filed_while_it_is_below_it_does_not_go_on_when_it_is_above_again() -> None:
    """The episode was over when the stock fell."""
    told = replace(history(), reference=(filing("day 6 00:00"),))
    back = cyanide("receive", "3 t", "day 7 09:00")
    (finding,) = watch(replace(told, facts=(*told.facts, back)))
    assert finding.claim.until == at("day 5 10:00")


def test_what_a_shift_uses_has_left_the_book_before() -> None:
    """Consumption out of a shift moves nothing here; a book below nothing takes nothing off the sum."""
    used = movement("consume", "9 t", goods="NACN", when="day 2 11:00", shift="W1")
    (finding,) = watch(replace(history(), facts=(*history().facts[:4], used)))
    assert finding.status is Status.OPEN
    minus = (cyanide("issue", "90 t", "day 2 11:00"), acetone("receive", "300 m3", "day 2 12:00"))
    (again,) = watch(replace(history(), facts=(*history().facts[:4], *minus)))
    assert again.status is Status.OPEN
    assert again.claim.numbers["hazard_ratio"] == 1.0


def test_the_critical_quantity_in_force_then_counts() -> None:
    """Lowered afterwards, it counts from then on, with all that is there."""
    before = critical(replace(CYANIDE, critical=quantity("40 t")), since="day -30 00:00")
    after = critical(CYANIDE, since="day 3 00:00")
    (finding,) = watch(replace(history(), world=(before, after, critical(ACETONE))))
    assert finding.claim.since == at("day 3 10:00")


def test_it_says_what_is_there_and_how_it_ended() -> None:
    """The table of goods stands in the sentence."""
    (below,) = watch(history())
    detector = detector_of("B7", "site")
    assert "Σ q/Q reached 1.10 (NACN 12000 kg / 20000 kg = 60.0 %" in detector.explain(below, "en")
    assert "it came below again" in detector.explain(below, "en")
    (filed,) = watch(replace(history(), reference=(filing("day 4 09:00"),)))
    assert "it was filed" in detector.explain(filed, "en")
    assert "备案" in detector.explain(filed, "zh")
    (unfiled,) = watch(replace(history(), facts=history().facts[:4]))
    assert "No filing is in force." in detector.explain(unfiled, "en")
    assert unfiled.claim.speaks_at - unfiled.claim.since == 14 * HOUR + 30 * 60 * 10**6


def test_of_many_goods_the_five_largest_shares_are_shown() -> None:
    """The rest is only counted."""
    goods = ("NACN", "EXP", "ACE", "SHELL", "CS137", "GUN", "BOW")
    amounts = {"mass": "1 t", "volume": "1 m3", "neq": "1 kg_neq", "activity": "1 MBq", "count": "1 item"}
    entries = tuple(critical(replace(GOODS[one], critical=quantity(amounts[GOODS[one].measure]))) for one in goods)
    facts = tuple(
        movement("open", amounts[GOODS[one].measure], goods=one, when=f"day 1 0{number}:00")
        for number, one in enumerate(goods)
    )
    (finding,) = watch(replace(history(), facts=facts, world=entries))
    table = str(finding.claim.numbers["hazard_goods"])
    assert table.count("=") == 5
    assert table.endswith(", …")
    assert finding.claim.numbers["goods_count"] == 7


def test_goods_that_do_not_count_and_books_that_are_empty_leave_nothing_behind() -> None:
    """The state holds what there is of goods that have a critical quantity."""
    facts = (*history().facts[:3], cyanide("issue", "10 t", "day 2 09:00"))
    told = replace(history(), facts=facts)
    *_, before, last = fold(detector_of("B7", "site"), list(steps(told)), view_of(told))
    assert before.after is before.before
    assert last.after == Hazard((("ACE", 299_999_000_000),))


def test_it_cites_the_list_that_the_critical_quantity_is_from() -> None:
    """Of the goods that weigh most; unverified is said so. Without an origin nothing is cited."""
    origin = Origin("GB 18218-2018", date(2026, 11, 26))
    told = replace(history(), world=(critical(replace(CYANIDE, origin=origin)), critical(ACETONE)))
    (finding,) = watch(told)
    assert finding.claim.numbers["by_list"] == "GB 18218-2018 (2026-11-26, 待核实 unverified)"
    assert all("by_list" not in one.claim.numbers for one in watch(history()))


def test_a_milligram_below_three_thousand_tonnes_is_below() -> None:
    """A third and two thirds are one exactly, and a part in a billion less is less."""
    explosive = replace(GOODS["EXP"], critical=quantity("3000 t"))
    cyanide_ = replace(GOODS["NACN"], critical=quantity("3000 t"))
    two_thirds = movement("open", "2000 t", goods="EXP", when="day 1 08:00")
    for third, found in (("1000 t", 1), ("999999.999999 kg", 0)):
        facts = (two_thirds, cyanide("open", third, "day 1 09:00"))
        told = replace(history(), facts=facts, world=(critical(explosive), critical(cyanide_)))
        assert len(watch(told)) == found


def test_of_equal_shares_the_first_by_name_is_shown_first() -> None:
    """So that the same site is told of in the same words."""
    (finding,) = watch(replace(history(), facts=history().facts[:4]))
    assert str(finding.claim.numbers["hazard_goods"]).startswith("ACE 300000 L / 600000 L = 50.0 %, NACN")


def test_the_evidence_and_the_sentence_are_those_of_the_highest_sum() -> None:
    """Whole, in both languages; the movements that raised it and the one that ended it are cited."""
    (finding,) = watch(history())
    claim, facts, rule = finding.claim, history().facts, detector_of("B7", "site")
    table = "NACN 12000 kg / 20000 kg = 60.0 %, ACE 300000 L / 600000 L = 50.0 %"
    assert claim.numbers == {"hazard_ratio": 1.1, "hazard_goods": table, "goods_count": 2}
    assert [ref.id for ref in claim.refs] == [facts[nth].id for nth in (3, 4, 5)]
    assert rule.explain(finding, "en") == (
        "S1 has been a major hazard since 2026-05-05T10:00:00+08:00: Σ q/Q reached 1.10 "
        f"({table}). At 2026-05-08T10:00:00+08:00 it came below again."
    )
    assert rule.explain(finding, "zh") == (
        f"S1 自 2026-05-05T10:00:00+08:00 起构成重大危险源：Σq/Q 最高 1.10（{table}）。"
        "已于 2026-05-08T10:00:00+08:00 降到临界量以下。"
    )
    (stands,) = watch(replace(history(), facts=facts[:5]))
    assert rule.explain(stands, "zh").endswith("至今未见有效备案。")


def test_a_movement_that_does_not_raise_the_sum_is_not_cited_and_changes_no_figure() -> None:
    """A little out and the same again, above all the while; that other goods move says nothing either."""
    facts = history().facts[:5]
    quiet = (
        cyanide("issue", "1 t", "day 4 09:00"),
        cyanide("receive", "1 t", "day 4 10:00"),
        movement("open", "900 item", when="day 4 11:00"),
    )
    (before,), (after,) = (watch(replace(history(), facts=told)) for told in (facts, (*facts, *quiet)))
    assert after.claim == before.claim
    (higher,) = watch(replace(history(), facts=(*facts, *quiet, acetone("receive", "60 m3", "day 4 12:00"))))
    assert (higher.claim.numbers["hazard_ratio"], higher.claim.ref_count) == (1.2, 3)


def test_an_episode_that_was_below_and_came_back_within_the_week_ends_a_week_after_it_last_fell() -> None:
    """Open to the last microsecond; closed then, since when it last was below; and the state holds the stock."""
    fell = (*history().facts, cyanide("receive", "3 t", "day 6 10:00"), cyanide("issue", "3 t", "day 8 10:00"))
    told = replace(history(), facts=fell)
    for now, until in ((at("day 15 10:00") - 1, None), (at("day 15 10:00"), at("day 8 10:00"))):
        (finding,) = watch(replace(told, now=now))
        assert finding.claim.until == until
    *_, done = fold(detector_of("B7", "site"), list(steps(told)), view_of(told))
    last = done.after
    assert isinstance(last, Hazard)
    assert last.held == (("ACE", 300_000_000_000), ("NACN", 9_500_000_000))
    assert (last.over_at, last.ended is None) == (at("day 15 10:00"), False)


def test_below_twice_it_is_over_since_it_first_was() -> None:
    """A second movement while it is below does not put the end off."""
    below = (*history().facts, cyanide("issue", "1 t", "day 6 10:00"))
    (finding,) = watch(replace(history(), facts=below, now=at("day 12 10:00")))
    assert finding.claim.until == at("day 5 10:00")


def test_policy_may_ask_for_it_from_a_part_of_the_critical_quantity_on() -> None:
    """Half of it: at exactly fifty percent of one goods, to the milligram."""
    for amount, found in (("10 t", 1), ("9999.999999 kg", 0)):
        told = replace(history(), facts=(cyanide("open", amount, "day 1 08:00"),), parameters={"from_percent": 50})
        assert len(watch(told)) == found, amount


def test_of_two_filings_the_earlier_one_ends_it_and_one_that_ran_out_before_ends_nothing() -> None:
    """At or after its beginning; whatever comes first in the registry."""
    early, late, over = filing("day 4 09:00"), filing("day 4 12:00"), filing("day -9 00:00", "day 2 10:00")
    for papers in ((early, late, over), (over, late, early)):
        (finding,) = watch(replace(history(), reference=papers))
        assert (finding.claim.until, finding.claim.numbers["filed"]) == (at("day 4 09:00"), 1)
    (finding,) = watch(replace(history(), reference=(over,)))
    assert (finding.claim.since, "filed" in finding.claim.numbers) == (at("day 2 10:00"), False)
    same = watch(replace(history(), reference=(filing("day 2 10:00"),)))
    assert not same
