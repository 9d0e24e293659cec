"""E1: a month's purchases against the unit's own months, its peers, a ceiling; seasons are no wonder."""

from __future__ import annotations

from datetime import date

import msgspec
import pytest
from msgspec.structs import replace

from detectors.claim import Finding, Severity, Status
from detectors.detector import Step
from detectors.e1_unusual_size import Kept, UnusualSize
from events.registry import CalendarEntry, Category, UnitEntry
from ledger.account import empty_account
from ledger.fact import Fact
from ledger.reference import Registered
from models.baseline import Spread
from models.calibrate import Dependence
from models.habits import Buying, Habits
from models.thirty_days import ThirtyDays
from tests.checks.folding import content, view_of
from tests.detector_kit import Bench, History, at, detector_of, movement, register, watch
from tests.detector_words import mended
from tests.habit_models import in_force, with_habits

MODEL = in_force(Category.EXPLOSIVES, Category.FIREWORKS)
MONTH_ONE = {0: "day -184", 1: "day -154", 2: "day -123", 3: "day -92", 4: "day -64", 5: "day -33", 6: "day -3"}
"""November 2025 to May 2026: the first civil day of each month, as a relative day (day 1 is Monday 2026-05-04)."""
MAY = tuple(f"day {day} 09:00" for day in (4, 11, 18, 25))


def bought(month: int, amount: str, *, goods: str = "DET", clock: str = "09:00", **fields: str) -> Fact:
    """One purchase on the second day of a month."""
    day = int(MONTH_ONE[month].split()[1]) + 1
    return movement("receive", amount, goods=goods, when=f"day {day} {clock}", outside="民爆总厂", **fields)  # type: ignore[arg-type]  # texts alone


def habit(amounts: tuple[int, ...] = (900, 1000, 1100, 950, 1050, 1000), goods: str = "DET") -> tuple[Fact, ...]:
    """Half a year of purchases, one a month: November's month is no whole one."""
    return tuple(bought(month, f"{amount} item", goods=goods) for month, amount in enumerate(amounts))


def of(*facts: Fact, now: str = "day 40 00:00", **parameters: object) -> History:
    return History("E1", "unit:U1", facts, at(now), parameters=dict(parameters))


def history() -> History:
    """A thousand detonators a month, and in May four times nine hundred."""
    return of(*habit(), *(movement("receive", "900 item", when=when, outside="民爆总厂") for when in MAY))


def found(*facts: Fact, now: str = "day 40 00:00", **parameters: object) -> list[Finding]:
    return watch(of(*facts, now=now, **parameters))


def test_a_month_over_twice_the_mean_is_said_once_at_the_purchase_that_crosses() -> None:
    """The third of four; the fourth goes on with it, and it is closed as the month ends."""
    (finding,) = watch(history())
    claim = finding.claim
    assert claim.anchor == "U1/DET/2026-05"
    assert (claim.since, claim.until) == (at("day 18 09:00"), at("day 29 00:00"))
    assert claim.speaks_at == at("day 19 00:30")
    assert [claim.numbers[name] for name in ("by", "bought", "orders", "largest")] == ["mean", 3600, 4, 1100]
    assert (finding.status, finding.severity) == (Status.CLOSED, Severity.ORANGE)


def test_over_three_times_the_mean_it_is_orange_and_below_yellow() -> None:
    """The two figures of suspicious-order methods."""
    (finding,) = found(*habit(), bought(6, "2200 item"))
    assert finding.severity is Severity.YELLOW
    assert not found(*habit(), bought(6, "2030 item"))


def test_the_largest_of_six_months_must_be_surpassed() -> None:
    """The look-alike: a unit that buys three months' worth every third month."""
    lumps = (0, 3000, 1, 1, 3000, 1)
    facts = [bought(month, f"{amount} item") for month, amount in enumerate(lumps) if amount]
    assert not found(*facts, bought(6, "3000 item"))


def test_a_large_delivery_instead_of_many_small_ones_is_a_month_like_any_other() -> None:
    """The look-alike: all of May's at once."""
    assert not found(*habit(), bought(6, "1100 item"))


def test_the_score_is_held_against_the_tolerance_limit_of_clean_months() -> None:
    """1.6 times is below twice the mean, yet far from a steady habit: clean months say how far is far."""
    clean = Habits(own=tuple([0.0] * 990 + [3.0] * 10))
    told = of(*habit(), bought(6, "1600 item"))
    assert not watch(told)
    (finding,) = watch(replace(told, world=MODEL, models=with_habits(clean)))
    assert finding.claim.numbers["by"] == "own"
    assert (finding.claim.numbers["threshold"], finding.claim.numbers["threshold_rests_on"]) == (3.0, "tolerance")
    few = Habits(own=(0.0,) * 20)
    assert not watch(replace(told, world=MODEL, models=with_habits(few)))


def test_a_new_unit_is_held_against_its_peers_until_it_has_a_history() -> None:
    """Nothing is said without a table; with one, what is far over all peers is."""
    peers = Buying(Spread(6.9, 0.3), Spread(8.0, 2.0), 12)
    table = Habits(buying=(("DET", peers),), peers=tuple([0.0] * 990 + [3.0] * 10))
    unit = (register(UnitEntry(name="甲", area="350111", roles=("use",)), unit="U1"),)
    told = of(*(movement("receive", "2500 item", when=when, outside="民爆总厂") for when in MAY))
    assert not watch(told)
    (finding,) = watch(replace(told, world=MODEL, models=with_habits(table), reference=unit))
    assert finding.claim.numbers["by"] == "peers"
    assert finding.claim.numbers["months_known"] == 0
    assert (finding.claim.since, finding.claim.area) == (at("day 11 09:00"), "350111")
    ordinary = of(*(movement("receive", "250 item", when=when, outside="民爆总厂") for when in MAY))
    assert not watch(replace(ordinary, world=MODEL, models=with_habits(table), reference=unit))


def test_a_ceiling_holds_for_everybody_from_the_first_day() -> None:
    """Local policy, by goods, in base units."""
    (finding,) = found(bought(6, "501 item"), ceilings={"DET": 500})
    assert finding.claim.numbers["by"] == "ceiling"
    assert not found(bought(6, "500 item"), ceilings={"DET": 500})


def test_what_moves_between_own_sites_or_names_no_origin_is_no_purchase() -> None:
    """Accuses nobody."""
    own = movement("receive", "9000 item", when="day 4 09:00", counterparty_unit="U1", counterparty_site="S9")
    unnamed = movement("receive", "9000 item", when="day 4 09:00")
    assert not found(*habit(), own)
    assert not found(*habit(), unnamed)


def test_a_correction_takes_it_back() -> None:
    """9,000 typed for 900."""
    bench = Bench(of(*habit()))
    for fact in (*habit(), typed := movement("receive", "9000 item", when="day 4 09:00", outside="民爆总厂")):
        bench.put(fact)
    bench.look(at("day 6 00:00"))
    assert len(bench.standing()) == 1
    bench.put(mended(typed, amount=900))
    bench.look(at("day 6 01:00"))
    assert not bench.standing()


def calendar(year: int, first: date, days: int) -> Registered:
    """A year's days off around the Spring Festival."""
    off = tuple(date.fromordinal(first.toordinal() + day) for day in range(days))
    return register(CalendarEntry(year=year, holidays=(date(year, 1, 1), *off)), valid_from="day -400 00:00")


@pytest.mark.parametrize("registered", [True, False])
def test_stocking_up_before_the_spring_festival_is_no_wonder(registered: bool) -> None:
    """2026: days off from 16 February. Five times the usual in January is the trade; in May it is not.

    Without a calendar any day that the festival can have counts.
    """
    off = (calendar(2026, date(2026, 2, 15), 9),) if registered else ()

    def told(goods: str, unit: str, **parameters: object) -> History:
        usual = [
            movement("receive", f"{500 + 10 * nth} {unit}", goods=goods, when=f"day {day} 09:00", outside="花炮厂")
            for nth, day in enumerate((-274, -244, -214, -184, -154))
        ]
        festive = movement("receive", f"2400 {unit}", goods=goods, when="day -105 09:00", outside="花炮厂")
        return replace(of(*usual, festive), world=off, parameters=parameters)

    assert not watch(told("SHELL", "kg_neq"))
    (finding,) = watch(told("DET", "item"))
    assert finding.claim.numbers["month"] == "2026-01"
    assert not watch(told("DET", "item", festival_factor=6.0))


def test_goods_beyond_the_bound_are_forgotten_with_the_one_longest_not_bought() -> None:
    """Law 11: twelve goods; a claim that is let go is closed."""
    first = (*habit(), bought(6, "2600 item"))
    others = [
        mended(fact, goods=f"G{number}")
        for number in range(12)
        for fact in (movement("receive", "5 item", when=f"day 5 {number + 8:02}:00", outside="民爆总厂"),)
    ]
    (finding,) = found(*first, *others)
    assert finding.claim.until == at("day 5 19:00")


def buys(day: int, amount: int) -> Fact:
    return movement("receive", f"{amount} item", when=f"day {day} 10:00", outside="民爆总厂")


def steady(*more: Fact) -> History:
    """The same every Monday from November to June, and these beside."""
    mondays = (movement("receive", "250 item", when=f"day {day} 09:00", outside="民爆总厂") for day in MONDAYS)
    return of(*sorted((*mondays, *more), key=lambda fact: fact.order), now="day 80 00:00")


MONDAYS = range(-181, 50, 7)
SPLIT = (buys(-5, 850), buys(1, 850))
"""Seven weeks' worth, half of it on 28 April and half on 4 May."""


def test_what_is_split_over_a_months_end_is_said_once_at_the_purchase_that_crosses() -> None:
    """Neither month is twice the usual, the thirty days are; in whatever order the parts are heard of."""
    (finding,) = watch(steady(*SPLIT))
    claim, n = finding.claim, finding.claim.numbers
    assert (claim.anchor, claim.since, claim.until) == ("U1/DET/2026-05", at("day 1 10:00"), at("day 29 00:00"))
    assert (n["span"], n["by"], n["first_day"], n["largest"]) == ("thirty_days", "mean", "2026-04-26", 1250)
    assert (n["threshold_rests_on"], n["month"]) == ("fixed_no_model", "2026-05")
    assert "in 2026-04-26–2026-05-25" in detector_of("E1", "unit").explain(finding, "en")
    backwards = range(len(steady(*SPLIT).facts))[::-1]
    assert content(watch(steady(*SPLIT), order=backwards)) == content([finding])


@pytest.mark.parametrize("parts", [(buys(-5, 850),), (buys(1, 850),), (buys(-5, 850), buys(26, 850))])
def test_a_part_of_it_or_both_a_month_apart_is_no_wonder(parts: tuple[Fact, ...]) -> None:
    """The look-alikes: as much at once, or again when thirty days have passed."""
    assert not watch(steady(*parts))


def test_what_was_told_of_in_one_month_is_not_told_again_in_the_next() -> None:
    """A month far over the usual, and its last purchase within thirty days of an ordinary one: one matter."""
    (finding,) = watch(steady(buys(-8, 1200), buys(-5, 1200)))
    assert (finding.claim.anchor, finding.claim.until) == ("U1/DET/2026-04", at("day -2 00:00"))
    assert finding.claim.numbers["span"] == "month"


def test_a_month_that_turns_out_unusual_by_itself_goes_on_with_the_same_claim() -> None:
    """Split over the end, and then twice as much again: said once, in May, and by then of the month."""
    (finding,) = watch(steady(*SPLIT, buys(15, 2000)))
    assert finding.claim.anchor == "U1/DET/2026-05"
    assert (finding.claim.since, finding.claim.numbers["span"]) == (at("day 1 10:00"), "month")


def test_thirty_days_are_held_against_clean_thirty_days_and_peers() -> None:
    """Limits of a model of old are of calendar months: thirty days go by the fixed score until the model is new."""
    parts = (buys(-5, 500), buys(1, 500))
    clean = Habits(own=tuple([0.0] * 990 + [4.0] * 10))
    told = replace(steady(*parts), world=MODEL)
    assert not watch(replace(told, models=with_habits(clean)))
    new = replace(clean, dependence=(("own", Dependence(500, 1.0)),))
    (finding,) = watch(replace(told, models=with_habits(new)))
    n = finding.claim.numbers
    assert [n[name] for name in ("span", "by", "threshold", "clean_units", "clean_worth")] == [
        "thirty_days", "own", 4.0, 500, 1000,
    ]  # fmt: skip
    peers = Buying(Spread(7.2, 0.3), Spread(8.0, 2.0), 12, Spread(7.3, 0.2))
    table = Habits(buying=(("DET", peers),), peers=clean.own, dependence=(("peers", Dependence(500, 1.0)),))
    begun = of(buys(-8, 1900), buys(-5, 1900), buys(1, 1900), buys(2, 1900))
    (finding,) = watch(replace(begun, world=MODEL, models=with_habits(table)))
    assert [finding.claim.numbers[name] for name in ("span", "by")] == ["thirty_days", "peers"]


BEFORE = bytes.fromhex(
    "919199a3444554cd029ecd02a4cf000651bc9d98c400cd07080295cd03e8cd044ccd03b6cd041acd03e89292d92274656c6c65727c53317c7265"
    "63656976652d53312d4445542d64347430393030303093a4666c6f77000092d92374656c6c65727c53317c726563656976652d53312d4445542d"
    "6431317430393030303093a4666c6f770000c0"
)
"""Half a year and the half of May, as the version before thirty days wrote it."""


def test_what_the_version_before_kept_is_read_and_goes_on() -> None:
    """The months are as they were; May's third purchase crosses as ever."""
    kept = msgspec.msgpack.decode(BEFORE, type=Kept)
    assert (kept.goods[0].earlier, kept.goods[0].thirty) == ((1000, 1100, 950, 1050, 1000), ThirtyDays())
    third, told = movement("receive", "900 item", when="day 18 09:00", outside="民爆总厂"), history()
    account = empty_account("unit")
    after, (claim,) = UnusualSize().see(kept, Step(third, account, account), view_of(told))
    assert (claim.anchor, claim.numbers["bought"], claim.numbers["by"]) == ("U1/DET/2026-05", 2700, "mean")
    assert after.goods[0].thirty.total == 900


def test_a_new_unit_told_of_by_its_peers_is_told_of_again_only_for_half_as_much_more() -> None:
    """Ten thousand in May were said: fifteen thousand in June are no news, one more is."""
    table = Habits(
        buying=(("DET", Buying(Spread(6.9, 0.3), Spread(8.0, 2.0), 12)),), peers=tuple([0.0] * 990 + [3.0] * 10)
    )
    unit = (register(UnitEntry(name="甲", area="350111", roles=("use",)), unit="U1"),)
    may = [movement("receive", "2500 item", when=when, outside="民爆总厂") for when in MAY]
    for june, said in (("15000 item", 1), ("15001 item", 2)):
        facts = (*may, movement("receive", june, when="day 57 09:00", outside="民爆总厂"))
        told = of(*facts, now="day 80 00:00")
        assert len(watch(replace(told, world=MODEL, models=with_habits(table), reference=unit))) == said
