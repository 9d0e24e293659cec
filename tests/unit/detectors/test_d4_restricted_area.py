"""D4: deep inside for a while without approval; an edge, a leap, permitted hours and an approval are no entry."""

from __future__ import annotations

from datetime import date
from typing import Any

from msgspec.structs import replace

from detectors.claim import Finding, Number, Status
from events.registry import Category, Origin, RestrictedAreaEntry
from ledger.fact import Cell, Fact
from ledger.reference import Registered
from simulator.stories.relative import along, straight
from tests.detector_kit import Bench, History, at, cell, detector_of, plan, register, stage, watch

ROUTE = (straight("S1", "S2").line, 300.0)
"""From S1 due east to S2, 20 km along 26.08° N; the old town is its third quarter."""


def town(
    *hours: tuple[int, int],
    categories: tuple[Category, ...] = (),
    south: float = 26.0,
    origin: Origin | None = None,
    **dates: Any,
) -> Registered:
    """The old town, restricted between hours (none: always) to categories (none: all)."""
    outline = ((119.40, south), (119.45, south), (119.45, 26.15), (119.40, 26.15))
    entry = RestrictedAreaEntry(
        restricted_area="R1", name="老城区", outline=outline, hours=hours, categories=categories,
        origin=origin,
    )  # fmt: skip
    return register(entry, **dates)


def clock(minute: int) -> str:
    return f"day 1 {8 + minute // 60:02}:{minute % 60:02}"


def trip(goods: tuple[str, str] = ("DET", "100 item"), **said: Any) -> Fact:
    return plan(
        "C1", goods, depart="day 1 08:00", arrive_by="day 1 12:00", told="day 1 07:00", carrier="U9",
        routes=(ROUTE,), standing=True, **said,
    )  # fmt: skip


def drive(minutes: int = 60, *, aside_m: float = 0.0, **said: Any) -> list[Fact]:
    """A minute a cell at 20 km/h: in the town from minute 30 to minute 45."""
    return [
        cell(
            clock(minute),
            along(minute / 60, aside_m=aside_m),
            last=along((minute + 0.6) / 60, aside_m=aside_m),
            speed_kmh=20.0,
            **said,
        )
        for minute in range(minutes)
    ]


def of(*facts: Fact, area: Registered | None = None, now: str = "day 1 16:00", **parameters: int) -> History:
    world = (town() if area is None else area,)
    return History("D4", "vehicle:V1", facts, at(now), world=world, parameters=dict(parameters))


def found(
    *facts: Fact, area: Registered | None = None, now: str = "day 1 16:00", **parameters: int
) -> list[Finding]:
    return watch(of(*facts, area=area, now=now, **parameters))


def cited(*areas: Registered) -> Number | None:
    """By what notice the passage is told to be one, with these entries of the old town."""
    (finding,) = watch(replace(of(trip(), *drive()), world=areas))
    return finding.claim.numbers.get("by_list")


def history() -> History:
    """Through the old town."""
    return of(trip(), *drive())


def test_a_passage_is_one_finding_with_its_depth_and_length() -> None:
    """From the first fix deep inside to the first outside; the area is named."""
    (finding,) = watch(history())
    claim = finding.claim
    assert finding.status is Status.CLOSED
    assert claim.anchor == f"V1|{at(clock(30))}"
    assert (claim.since, claim.until) == (at("day 1 08:30:40"), at(clock(45)))
    assert (claim.numbers["restricted_area"], claim.numbers["area_name"]) == ("R1", "老城区")
    assert claim.numbers["deepest_m"] in range(2_300, 2_600)
    assert (claim.numbers["minutes"], claim.unit, claim.category, claim.area) == (14, "U9", "explosives", "350111")
    assert claim.informed_areas == ("350102",)
    (early,) = found(trip(), *drive(40), now=clock(41))
    assert early.status is Status.OPEN


def test_the_notice_that_closes_an_area_is_cited() -> None:
    """As it stood when the passage began; an area that names none is told without."""
    origin = Origin("榕政通〔2026〕3号", date(2026, 3, 1))
    first = town(origin=origin)
    assert cited(first) == "榕政通〔2026〕3号 (2026-03-01, 待核实 unverified)"
    assert cited(town()) is None
    later = town(origin=replace(origin, verified=True), id="later", valid_from=clock(31))
    assert cited(first, later) == cited(first)


def test_an_approval_hours_and_categories_let_it_in() -> None:
    """The plan names the area; the area keeps out at night only, or other goods only."""
    assert not found(trip(areas=("R1",)), *drive())
    assert found(trip(areas=("R2",)), *drive())
    assert not found(trip(), *drive(), area=town((22 * 60, 6 * 60)))
    assert found(trip(), *drive(), area=town((22 * 60, 9 * 60)))
    assert not found(trip(), *drive(), area=town(categories=(Category.CHEMICALS,)))
    assert found(trip(), *drive(), area=town(categories=(Category.CHEMICALS, Category.EXPLOSIVES)))


def test_hours_over_midnight_begin_and_end_a_passage() -> None:
    """Restricted until 08:36: the six minutes in it before that are said, no more."""
    (finding,) = found(trip(), *drive(), area=town((22 * 60, 8 * 60 + 36)))
    assert (finding.claim.since, finding.claim.until) == (at("day 1 08:30:40"), at("day 1 08:36"))
    assert not found(trip(), *drive(), area=town((22 * 60, 8 * 60 + 33)))


def test_a_road_along_the_edge_is_no_entry() -> None:
    """Forty metres inside the outline are let pass, eighty are not."""
    edge = 26.08 - 40 / 111_195
    assert not found(trip(), *drive(), area=town(south=edge))
    assert found(trip(), *drive(), area=town(south=26.08 - 80 / 111_195))


def test_leaps_of_the_receiver_are_no_entry() -> None:
    """Single fixes in the town from five kilometres off, and minutes without satellites."""
    facts = []
    for fact in drive(28):
        body = fact.body
        assert isinstance(body, Cell)
        minute = (fact.at - at("day 1 08:00")) // 60_000_000
        if minute in (5, 9, 13, 14):
            body = replace(body, last=replace(body.last, lon=119.43))
        if minute in range(16, 24):
            away = replace(body.last, lon=119.43)
            body = replace(body, first=replace(away, at=body.first.at), last=away, alarms=1 << 5)
        facts.append(replace(fact, body=body))
    assert not found(trip(), *facts)


def test_two_minutes_are_too_few() -> None:
    """A corner is cut."""
    outline = ((119.40, 26.0), (119.405, 26.0), (119.405, 26.15), (119.40, 26.15))
    narrow = RestrictedAreaEntry(restricted_area="R1", name="R1", outline=outline)
    assert not found(trip(), *drive(), area=register(narrow))


def test_a_load_without_a_plan_is_judged_and_an_empty_vehicle_is_not() -> None:
    """Nobody approved what nobody planned."""
    (finding,) = found(*drive(loaded=True))
    assert (finding.claim.numbers["consignment"], finding.claim.category) == ("", "chemicals")
    assert not found(*drive())
    assert not found(trip(), *drive(empty=True))


def test_what_the_terminal_says_is_told_along() -> None:
    """Bit 20 alone accuses nobody."""
    (finding,) = found(trip(), *drive(alarms=1 << 20))
    assert finding.claim.numbers["alarms"] == 1 << 20
    assert not found(trip(areas=("R1",)), *drive(alarms=1 << 20))


def test_a_visit_ends_with_its_trip() -> None:
    """Arrived, by its own word, in the old town; and silent there until the grace is over."""
    (finding,) = found(trip(), stage("arrive", "C1", when=clock(40), standing=True), *drive(39))
    assert finding.claim.until == at(clock(40))
    (finding,) = found(trip(), *drive(39))
    assert finding.claim.until == at("day 1 14:00")


def test_an_area_that_is_registered_later_is_judged_from_its_day_on() -> None:
    """An entry that comes late judges what is still open; one that is not in force yet does not."""
    assert not found(trip(), *drive(), area=town(valid_from="day 1 09:00"))
    told = of(trip(), *drive(), area=town(valid_from="day 2 00:00"))
    bench = Bench(told)
    for fact in told.facts:
        bench.put(fact)
    bench.look(at("day 1 16:00"))
    assert not bench.standing()
    bench.view.world.put(town(id="earlier", valid_from="day 1 00:00"))
    bench.subject.unfold()
    bench.look(at("day 1 17:00"))
    assert bench.standing()


def test_three_minutes_inside_are_said_and_a_second_less_is_not() -> None:
    """From the first deep fix at 08:30:40 to the one at 08:33:40; fixes in a row, as many as policy asks."""
    assert found(trip(), *drive(34))
    assert not found(trip(), *drive(33))
    first_only = [*drive(33), cell(clock(33), along(33 / 60), last=along(33 / 60), speed_kmh=20.0)]
    assert found(trip(), *first_only, min_minutes=2)
    for fixes, said in ((7, 1), (8, 0)):
        assert len(found(trip(), *drive(34), min_fixes=fixes)) == said, fixes


def test_outside_for_long_enough_is_over_and_sooner_is_the_same_passage() -> None:
    """A minute outside, where policy asks for one: to the second, what comes in again is another passage."""
    inside, outside = along(0.51), along(0.49)
    for back, visits in ((":40", 1), (":00", 2)):
        within = [cell(clock(minute), inside, speed_kmh=0.0) for minute in range(30, 40)]
        out = cell(f"{clock(40)}{back}", outside, speed_kmh=0.0)
        edge = cell(clock(41), outside, last=inside, speed_kmh=0.0)
        again = [cell(clock(minute), inside, speed_kmh=0.0) for minute in range(42, 52)]
        assert len(found(trip(), *within, out, edge, *again, back_minutes=1)) == visits, back


def test_the_sentence_says_on_which_trip_whether_it_left_and_what_the_terminal_said() -> None:
    """A load that nobody planned is called that; the deepest place to the metre."""
    rule = detector_of("D4", "vehicle")
    (planned,), (early,) = found(trip(), *drive(alarms=1 << 20)), found(trip(), *drive(40), now=clock(41))
    (unplanned,) = found(*drive(loaded=True))
    assert "on consignment C1" in rule.explain(planned, "en")
    assert "运输 C1 的车辆" in rule.explain(planned, "zh")
    assert "loaded without a consignment" in rule.explain(unplanned, "en")
    assert "载货而无运单" in rule.explain(unplanned, "zh")
    assert "it lasted 14 minutes" in rule.explain(planned, "en")
    assert "it has not left" in rule.explain(early, "en")
    assert "尚未离开" in rule.explain(early, "zh")
    assert "terminal too reported an area" in rule.explain(planned, "en")
    assert "终端同时报" in rule.explain(planned, "zh")
    assert "terminal" not in rule.explain(early, "en")
    assert "终端" not in rule.explain(early, "zh")
    lon = planned.claim.numbers["lon"]
    assert lon == round(float(lon), 5)


def test_what_another_unit_carries_without_a_plan_is_the_last_trips_load() -> None:
    """Arrived and still loaded: the goods of its last trip tell what an area keeps out."""
    over = stage("arrive", "C1", when="day 1 07:30", standing=True)
    (finding,) = found(trip(), over, *drive(loaded=True))
    assert (finding.claim.category, finding.claim.unit, finding.claim.numbers["consignment"]) == (
        "explosives", "U9", "",
    )  # fmt: skip
    assert not found(trip(), over, *drive(loaded=True), area=town(categories=(Category.CHEMICALS,)))


def test_a_passage_is_of_the_trip_that_departed_last_and_ends_where_another_begins() -> None:
    """Loaded anew in the old town: each consignment is told of its own part."""
    second = plan(
        "C2", ("DET", "50 item"), depart="day 1 08:38", arrive_by="day 1 12:00", told="day 1 07:00", carrier="U9",
        routes=(ROUTE,), standing=True,
    )  # fmt: skip
    one, other = found(trip(), second, *drive())
    assert (one.claim.numbers["consignment"], one.claim.until) == ("C1", at("day 1 08:38"))
    assert (other.claim.numbers["consignment"], other.claim.until) == ("C2", at(clock(45)))


def test_of_two_areas_that_overlap_the_one_that_it_is_deeper_in_is_named() -> None:
    """The old town's edge runs along the road; the port around it is ten kilometres wide."""
    port = RestrictedAreaEntry(
        restricted_area="R2", name="港区",
        outline=((119.38, 25.9), (119.47, 25.9), (119.47, 26.3), (119.38, 26.3)),
    )  # fmt: skip
    told = of(trip(), *drive(), area=town(south=26.08 - 80 / 111_195))
    for areas in ((*told.world, register(port)), (register(port), *told.world)):
        (finding,) = watch(replace(told, world=areas))
        assert finding.claim.numbers["restricted_area"] == "R2"
