"""E5: a first trade with somebody far away, at a unit that knows its trading partners."""

from __future__ import annotations

from msgspec.structs import replace

from detectors.claim import Finding, Severity, Status
from detectors.e5_new_counterparty import MOST_PARTIES
from events.registry import Category
from ledger.fact import Detail, Fact
from models.habits import Habits
from tests.checks.folding import fold, steps, view_of
from tests.detector_kit import Bench, History, at, detector_of, movement, watch
from tests.detector_words import mended
from tests.habit_models import in_force, with_habits

FAR = "350900"
"""798 km from 350102, as the kit's areas are."""


def trade(when: str, party: str, area: str | None, operation: str = "issue") -> Fact:
    """Ten detonators to or from somebody in a county."""
    return movement(operation, "10 item", when=when, outside=party, detail=Detail(counterparty_area=area))


def habit(days: int = 25) -> list[Fact]:
    """A trade a day with one of five partners next door."""
    return [trade(f"day {day} 09:00", f"邻居{day % 5}", "350111") for day in range(1, days + 1)]


def of(*facts: Fact, now: str = "day 90 00:00", **parameters: object) -> History:
    return History("E5", "unit:U1", facts, at(now), parameters=dict(parameters))


def history() -> History:
    """Twenty-five trades next door, then a stranger from the far end of the province, twice."""
    return of(*habit(), trade("day 27 10:00", "远客", FAR), trade("day 28 10:00", "远客", FAR))


def found(*facts: Fact, now: str = "day 90 00:00", **parameters: object) -> list[Finding]:
    return watch(of(*facts, now=now, **parameters))


def test_a_first_trade_far_away_is_said_once() -> None:
    """The second trade with him is none of it; the finding is closed after its days."""
    (finding,) = watch(history())
    claim = finding.claim
    assert (claim.since, claim.until, claim.speaks_at) == (
        at("day 27 10:00"),
        at("day 57 10:00"),
        at("day 28 00:30"),
    )
    numbers = [
        claim.numbers[name] for name in ("counterparty", "km", "limit_km", "limit_rests_on", "known_parties")
    ]
    assert numbers == ["远客", 798.0, 250.0, "fixed_no_model", 5]
    assert (finding.severity, finding.status, claim.ref_count) == (Severity.BLUE, Status.CLOSED, 1)


def test_a_first_trade_nearby_and_a_known_party_far_away_are_not() -> None:
    """The look-alikes: a new neighbour; a partner of old, wherever he is."""
    assert not found(*habit(), trade("day 27 10:00", "新邻居", "350302"))
    known = trade("day 1 08:00", "老远客", FAR)
    assert not found(known, *habit(), trade("day 27 10:00", "老远客", FAR))


def test_a_unit_that_knows_nobody_yet_is_not_judged() -> None:
    """Warming up: fewer than twenty trades, or fewer than fourteen days."""
    assert not found(*habit(18), trade("day 27 10:00", "远客", FAR))
    assert found(*habit(19), trade("day 20 09:00", "邻居", None), trade("day 27 10:00", "远客", FAR))
    at_once = [trade(f"day 1 {8 + nth // 6:02}:{nth % 6}0", f"邻居{nth}", "350111") for nth in range(30)]
    assert not found(*at_once, trade("day 10 10:00", "远客", FAR))
    assert found(*at_once, trade("day 15 10:00", "远客", FAR))


def test_nobody_said_where_or_no_map_shows_it_accuses_nobody() -> None:
    """Unless policy says what a place off the map counts as."""
    assert not found(*habit(), trade("day 27 10:00", "远客", None))
    abroad = trade("day 27 10:00", "省外客", "440100")
    assert not found(*habit(), abroad)
    (finding,) = found(*habit(), abroad, unmapped_km=400.0)
    assert finding.claim.numbers["km"] == 400.0


def test_the_limit_is_the_peers_99th_percentile_where_it_is_known() -> None:
    """Two hundred and thirty clean first trades are enough; fewer fall back, and the finding says so."""
    told = of(*habit(), trade("day 27 10:00", "客", "350302"))
    clean = Habits(km=tuple(float(km) for km in range(1, 151)) * 2)
    clean = replace(clean, km=tuple(sorted(clean.km)))
    (finding,) = watch(replace(told, world=in_force(Category.EXPLOSIVES), models=with_habits(clean)))
    assert (finding.claim.numbers["limit_rests_on"], finding.claim.numbers["limit_km"]) == ("tolerance", 150.0)
    few = replace(clean, km=clean.km[:200])
    assert not watch(replace(told, world=in_force(Category.EXPLOSIVES), models=with_habits(few)))


def test_more_far_strangers_at_once_than_are_told_apart_are_counted_on_the_last() -> None:
    """Law 11: four claims."""
    strangers = [trade(f"day 27 {10 + nth}:00", f"远客{nth}", FAR) for nth in range(7)]
    findings = found(*habit(), *strangers)
    assert [finding.claim.numbers["more_parties"] for finding in findings] == [0, 0, 0, 3]


def test_only_so_many_parties_are_remembered_and_the_latest_seen_stay() -> None:
    """One that comes again after the memory is full is not forgotten for one that never did."""
    crowd = [
        trade(f"day {2 + nth // 400} {6 + nth % 400 // 40:02}:{nth % 40:02}", f"客{nth}", None)
        for nth in range(700)
    ]
    told = of(*crowd[:400], crowd[0], *crowd[400:])
    last = [done.after for done in fold(detector_of("E5", "unit"), list(steps(told)), view_of(told))][-1]
    assert len(last.parties) == MOST_PARTIES


def test_a_correction_takes_it_back() -> None:
    """The county was mistyped."""
    told = history()
    bench = Bench(told)
    for fact in told.facts:
        bench.put(fact)
    bench.look(at("day 29 00:00"))
    assert len(bench.standing()) == 1
    for fact in told.facts[-2:]:
        bench.put(mended(fact, detail=Detail(counterparty_area="350111")))
    bench.look(at("day 29 01:00"))
    assert not bench.standing()


def test_whoever_comes_again_is_remembered_longer_than_who_came_once() -> None:
    """A far partner of old, six hundred and fifty others, and he again: between them he came once more."""
    crowd = [
        trade(f"day {2 + nth // 400} {6 + nth % 400 // 40:02}:{nth % 40:02}", f"客{nth}", None)
        for nth in range(650)
    ]
    first, last = trade("day 1 08:00", "老远客", FAR), trade("day 27 10:00", "老远客", FAR)
    between = trade(f"day 3 {6 + 50 // 40:02}:{50 % 40:02}:30", "老远客", FAR)
    assert not found(first, *crowd, between, last)
    assert found(first, *crowd, last)


def test_kilometres_are_said_to_a_tenth() -> None:
    """The map knows no more."""
    abroad = trade("day 27 10:00", "省外客", "440100")
    (finding,) = found(*habit(), abroad, unmapped_km=400.26, fixed_km=250.26)
    assert (finding.claim.numbers["km"], finding.claim.numbers["limit_km"]) == (400.3, 250.3)


def test_those_counted_on_the_last_are_cited_too() -> None:
    """As many as evidence holds."""
    strangers = [trade(f"day 27 {10 + nth}:00", f"远客{nth}", FAR) for nth in range(5)]
    last = found(*habit(), *strangers)[-1].claim
    assert [ref.id for ref in last.refs] == [strangers[3].id, strangers[4].id]
