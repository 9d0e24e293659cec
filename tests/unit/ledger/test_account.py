"""Accounts: what a key's facts add up to.

Law: an account is a fold over facts in event order, and holds no more than its key's open business.
"""

from __future__ import annotations

from functools import reduce
from itertools import chain, permutations

from msgspec.structs import replace

from events.quantity import Measure
from events.registry import Category
from ledger.account import MOST_PLANS, Book, Driving, Nothing, Planned, Quota, Trip, Way, apply, empty_account
from ledger.fact import Fact, Leg
from simulator.stories.relative import at
from tests.detector_kit import count, movement, plan, stage


def folded(kind: str, *facts: Fact) -> object:
    """The account of a key after these facts."""
    return reduce(apply, facts, empty_account(kind))


def test_a_book_tells_where_its_balance_came_from() -> None:
    """Balance = opening + inward − outward + adjusted − lost, each total by itself."""
    book = folded(
        "book",
        movement("open", "100 item", when="day 1 08:00"),
        movement("receive", "20 item", when="day 1 09:00"),
        movement("issue", "30 item", when="day 1 10:00"),
        movement("declare_loss", "2 item", when="day 1 11:00"),
        movement("adjust", "5 item", direction="out", when="day 1 12:00"),
    )
    assert isinstance(book, Book)
    assert (book.opening, book.inward, book.outward, book.lost, book.adjusted) == (100, 20, 30, 2, -5)
    assert book.balance == book.opening + book.inward - book.outward + book.adjusted - book.lost == 83


def test_a_count_never_moves_a_book() -> None:
    """Only an explicit adjustment does."""
    before = folded("book", movement("open", "100 item", when="day 1 08:00"))
    after = folded("book", movement("open", "100 item", when="day 1 08:00"), count("40 item", when="day 1 18:00"))
    assert before == after


def test_what_is_lost_on_the_road_does_not_leave_the_book_twice() -> None:
    """Issuing took it out already; the loss is the trip's."""
    sent = movement("issue", "30 item", consignment="C1", when="day 1 10:00")
    lost = movement("declare_loss", "2 item", consignment="C1", when="day 1 11:00")
    book, trip = folded("book", sent, lost), folded("consignment", sent, lost)
    assert isinstance(book, Book)
    assert isinstance(trip, Trip)
    way = trip.way("DET")
    assert way is not None
    assert (book.balance, book.lost, way.lost, way.in_transit) == (-30, 0, 2, 28)


def test_a_trip_keeps_both_ends_of_each_goods_apart() -> None:
    """The first issue and the last receipt speak for their ends; amounts add up."""
    trip = folded(
        "consignment",
        plan("C1", ("DET", "30 item"), depart="day 1 08:00", arrive_by="day 1 12:00", told="day 1 07:00"),
        movement("issue", "20 item", consignment="C1", when="day 1 08:00", id="a"),
        movement("issue", "10 item", consignment="C1", when="day 1 08:10", id="b"),
        movement("issue", "5 kg", goods="EXP", consignment="C1", when="day 1 08:20"),
        stage("depart", "C1", when="day 1 08:30"),
        movement("receive", "29 item", site="S2", consignment="C1", when="day 1 11:00", id="c"),
        stage("arrive", "C1", when="day 1 11:30"),
    )
    assert isinstance(trip, Trip)
    way = trip.way("DET")
    assert way is not None
    assert (way.sent, way.received, way.in_transit) == (30, 29, 1)
    assert (way.sent_at, way.received_at) == (at("day 1 08:00"), at("day 1 11:00"))
    assert way.sent_ref is not None
    assert way.sent_ref.id.endswith("|a")
    assert (trip.departed_at, trip.arrived_at) == (at("day 1 08:30"), at("day 1 11:30"))
    assert [one.goods for one in trip.ways] == ["DET", "EXP"]
    assert trip.way("ACE") is None


def test_a_permit_counts_buyer_and_seller_apart() -> None:
    """Both report the same goods on one permit: adding them together would use it up twice."""
    quota = folded(
        "permit",
        movement("issue", "30 item", permit="P1", consignment="C1", when="day 1 08:00"),
        movement("receive", "30 item", site="S2", permit="P1", consignment="C1", when="day 1 11:00"),
        movement("receive", "10 item", site="S2", permit="P1", consignment="C2", when="day 2 11:00"),
    )
    assert isinstance(quota, Quota)
    assert quota.of("DET", inward=True) == 40
    assert quota.of("DET", inward=False) == 30
    assert quota.of("EXP", inward=True) == 0
    assert quota.consignments == ("C1", "C2")


def test_what_does_not_concern_a_key_leaves_its_account_alone() -> None:
    """A site adds nothing up; a trip's account takes no counts."""
    assert isinstance(folded("site", movement("open", "1 item", when="day 1 08:00")), Nothing)
    assert folded("consignment", count("1 item", when="day 1 08:00")) == Trip()


def test_of_two_plans_of_a_trip_a_vehicle_goes_by_the_later_made() -> None:
    """Whatever their ids; a plan for another vehicle ends it here, unless a later one brings it back."""
    first = plan("C1", ("DET", "5 item"), depart="day 1 08:00", arrive_by="day 1 12:00", told="day 1 06:00", id="z")
    later = plan("C1", ("DET", "5 item"), depart="day 1 09:00", arrive_by="day 1 12:00", told="day 1 07:00", id="a")
    for told in ((first, later), (later, first)):
        driving = folded("vehicle", *told)
        assert isinstance(driving, Driving)
        assert [known.leg.depart_at for known in driving.plans] == [at("day 1 09:00")]
    away = replace(stage("cancel", "C1", when="day 1 06:30"), body=Leg("cancel", "C1", "V2"))
    arrived = stage("arrive", "C1", when="day 1 11:00")
    for stages in ((first, away, arrived), (arrived, away, first)):
        driving = folded("vehicle", *stages)
        assert isinstance(driving, Driving)
        assert [(end.at, end.moved) for end in driving.ended] == [(at("day 1 06:30"), True)]
    for stages in ((away, first, later), (later, away, first)):
        driving = folded("vehicle", *stages)
        assert isinstance(driving, Driving)
        assert driving.ended == ()


def _sent(amount: str, when: str) -> Fact:
    return movement("issue", amount, consignment="C1", when=when, id=when)


def _got(amount: str, when: str) -> Fact:
    return movement("receive", amount, site="S2", consignment="C1", when=when, id=when)


def test_a_trip_planned_three_times_goes_by_the_order_in_which_the_plans_were_made() -> None:
    """A road called off before departure stays called off, whatever the plans' ids and whichever is told first."""
    made = (
        _routed("day 1 06:00", "day 1 08:00", 0, id="b"),
        _routed("day 1 07:00", "day 1 08:00", 1, id="c"),
        _routed("day 1 08:30", "day 1 08:00", 2, id="a"),
    )
    other = plan("C0", ("DET", "1 item"), depart="day 1 08:00", arrive_by="day 1 12:00", told="day 1 06:00", id="o")
    drivings = {folded("vehicle", other, *told) for told in permutations(made)}
    (driving,) = drivings
    assert isinstance(driving, Driving)
    assert [one.leg.consignment for one in driving.plans] == ["C0", "C1"]
    assert [route[0][0][0] for route in driving.plans[1].leg.routes] == [120.0, 121.0]
    assert [one.at for one in driving.made] == [at("day 1 06:00"), at("day 1 07:00"), at("day 1 08:30")]


def test_a_plan_heard_late_leaves_what_was_known_before_it() -> None:
    """A day that closed by then goes by the plan of then; a trip of one plan is kept once."""
    first = _routed("day 1 06:00", "day 1 08:00", 0, id="a")
    late = replace(_routed("day 1 07:00", "day 1 09:00", 1, id="b"), received_at=at("day 3 00:00"))
    driving = folded("vehicle", first, late)
    assert isinstance(driving, Driving)
    assert driving.heard_before(at("day 3 00:00") + 1) is driving
    assert driving.heard_before(at("day 3 00:00")) == folded("vehicle", first)
    assert driving.heard_before(first.received_at) == Driving()


def test_of_very_many_plans_of_a_trip_the_first_are_taken_together() -> None:
    """What a vehicle keeps is bounded, and what it may drive by is the same."""
    made = [
        _routed(f"day 1 {6 + nth // 4:02}:{15 * (nth % 4):02}", "day 1 08:00", nth, id=f"{nth:02}")
        for nth in range(24)
    ]
    driving = folded("vehicle", *made)
    assert isinstance(driving, Driving)
    assert len(driving.made) == MOST_PLANS
    roads = [told.body.routes for told in made[8:] if isinstance(told.body, Leg)]
    assert driving.plans[0].leg.routes == tuple(chain.from_iterable(roads))


def test_what_is_sent_after_all_has_come_is_under_way_anew() -> None:
    """All received, returned or lost: what goes then has not arrived; with one piece missing it is one trip."""
    arrived = stage("arrive", "C1", when="day 1 12:00")
    lost = movement("declare_loss", "1 item", consignment="C1", when="day 1 13:00")
    again = _sent("10 item", "day 2 08:00")
    for facts, anew in (
        ((_sent("30 item", "day 1 08:00"), _got("30 item", "day 1 11:00"), arrived, again), True),
        ((_sent("30 item", "day 1 08:00"), _got("29 item", "day 1 11:00"), arrived, lost, again), True),
        ((_sent("30 item", "day 1 08:00"), _got("31 item", "day 1 11:00"), arrived, again), True),
        ((_sent("30 item", "day 1 08:00"), _got("29 item", "day 1 11:00"), arrived, again), False),
        ((_got("1 item", "day 1 07:00"), arrived, again), False),
    ):
        trip = folded("consignment", *facts)
        assert isinstance(trip, Trip)
        way = trip.way("DET")
        assert way is not None
        assert (trip.arrived_at is None) is anew
        assert way.sent_at == (at("day 1 08:00") if len(facts) > 3 and not anew else at("day 2 08:00"))


def _routed(told: str, depart: str, *roads: int, id: str, stops: tuple[int, ...] = ()) -> Fact:
    routes = tuple((((119.0 + road, 26.0), (119.5 + road, 26.0)), 300.0) for road in roads)
    return plan(
        "C1", ("DET", "5 item"), depart=depart, arrive_by="day 1 18:00", told=told, id=id, routes=routes,
        stops=tuple((119.0 + stop, 26.0, 200.0) for stop in stops),
    )  # fmt: skip


def test_a_plan_made_anew_under_way_lets_a_vehicle_drive_by_both() -> None:
    """Made before it departs the new one stands alone, to the second; a plan without roads takes the roads away."""
    for told, depart, roads, stops in (
        ("day 1 08:00", "day 1 09:00", 1, 1),
        ("day 1 08:00:01", "day 1 08:00", 2, 2),
    ):
        driving = folded(
            "vehicle",
            _routed("day 1 06:00", "day 1 08:00", 0, id="a", stops=(0,)),
            _routed(told, "day 1 09:00", 1, id="b", stops=(1,)),
        )
        assert isinstance(driving, Driving)
        leg = driving.plans[0].leg
        assert (leg.depart_at, len(leg.routes), len(leg.stops)) == (at(depart), roads, stops)
    for first, second in (((0,), ()), ((), (1,))):
        driving = folded(
            "vehicle",
            _routed("day 1 06:00", "day 1 08:00", *first, id="a"),
            _routed("day 1 10:00", "day 1 08:00", *second, id="b"),
        )
        assert isinstance(driving, Driving)
        assert driving.plans[0].leg.routes == ()


def test_an_end_before_the_plan_was_made_does_not_end_it_and_one_after_does() -> None:
    """A plan written down after its trip is over does not undo that; to the very departure."""
    made = _routed("day 1 10:00", "day 1 08:00", 0, id="a")
    for when, ended in (("day 1 08:00", False), ("day 1 08:00:01", True), ("day 1 10:00", True)):
        for facts in ((stage("arrive", "C1", when=when), made), (made, stage("arrive", "C1", when=when))):
            driving = folded("vehicle", *facts)
            assert isinstance(driving, Driving)
            assert bool(driving.ended) is ended, (when, facts[0].body)


def test_an_arrival_is_told_from_a_call_off_and_a_departure_ends_nothing() -> None:
    """What arrived may not be called off, what was called off never arrived: a vehicle's account says which."""
    made = _routed("day 1 06:00", "day 1 08:00", 0, id="a")
    for name, ends in (("arrive", [(True, False)]), ("cancel", [(False, False)]), ("depart", [])):
        driving = folded("vehicle", made, stage(name, "C1", when="day 1 11:00"))
        assert isinstance(driving, Driving)
        assert [(end.arrived, end.moved) for end in driving.ended] == ends


def test_an_end_at_the_very_instant_at_which_the_plan_was_made_ends_it() -> None:
    """Only what ended before the plan was made ended what was planned before it."""
    made = _routed("day 1 07:00", "day 1 08:00", 0, id="a")
    for when, ended in (("day 1 06:59:59", False), ("day 1 07:00", True)):
        for facts in ((stage("cancel", "C1", when=when), made), (made, stage("cancel", "C1", when=when))):
            driving = folded("vehicle", *facts)
            assert isinstance(driving, Driving)
            assert bool(driving.ended) is ended, (when, facts[0].body)


def test_of_a_call_off_that_moved_a_trip_and_another_end_the_earlier_speaks() -> None:
    """What was moved away by then arrived with another vehicle; of the same end told twice the later counts."""
    made = _routed("day 1 06:00", "day 1 08:00", 0, id="a")
    arrived, again = stage("arrive", "C1", when="day 1 11:00"), stage("arrive", "C1", when="day 1 12:00")
    for when, moved in (("day 1 10:59:59", True), ("day 1 11:00:01", False)):
        away = replace(stage("cancel", "C1", when=when), body=Leg("cancel", "C1", "V2"))
        for stages in ((away, arrived), (arrived, away)):
            driving = folded("vehicle", made, *stages)
            assert isinstance(driving, Driving)
            assert [(end.at, end.moved) for end in driving.ended] == [(at(min(when, "day 1 11:00")), moved)]
    for stages in ((arrived, again), (again, arrived)):
        driving = folded("vehicle", made, *stages)
        assert isinstance(driving, Driving)
        assert [end.at for end in driving.ended] == [at("day 1 12:00")]


def test_a_vehicles_trips_stand_by_departure_and_their_ends_by_name() -> None:
    """Trips that depart together by their names; an end keeps the ends of other trips."""
    trips = [
        plan(name, ("DET", "5 item"), depart=depart, arrive_by="day 1 18:00", told="day 1 06:00")
        for name, depart in (("C1", "day 1 09:00"), ("C3", "day 1 08:00"), ("C2", "day 1 09:00"))
    ]
    ends = [stage("arrive", name, when="day 1 12:00") for name in ("C3", "C1", "C2")]
    for facts in (trips + ends, ends + trips[::-1]):
        driving = folded("vehicle", *facts)
        assert isinstance(driving, Driving)
        assert [known.leg.consignment for known in driving.plans] == ["C3", "C1", "C2"]
        assert [end.consignment for end in driving.ended] == ["C1", "C2", "C3"]
        first, told = driving.plans[0], trips[1]
        assert first.leg == told.body
        assert first == Planned(first.leg, told.ref, told.received_at, at("day 1 06:00"), at("day 1 08:00"))


def test_a_day_that_closed_is_not_judged_by_what_was_heard_of_after_that() -> None:
    """Plans and ends alike, to the microsecond; with nothing heard later the account is the same one."""
    early = plan("C1", ("DET", "5 item"), depart="day 1 08:00", arrive_by="day 1 12:00", received="day 1 07:00")
    late = plan("C2", ("DET", "5 item"), depart="day 1 09:00", arrive_by="day 1 12:00", received="day 2 07:00")
    over = stage("arrive", "C1", when="day 1 12:00", received="day 1 13:00")
    later = stage("arrive", "C2", when="day 1 12:00", received="day 2 13:00")
    driving = folded("vehicle", early, late, over, later)
    assert isinstance(driving, Driving)
    for closes, plans, ends in (
        (at("day 1 07:00"), [], []),
        (at("day 1 07:00") + 1, ["C1"], []),
        (at("day 2 07:00"), ["C1"], ["C1"]),
        (at("day 2 07:00") + 1, ["C1", "C2"], ["C1"]),
        (at("day 2 13:00"), ["C1", "C2"], ["C1"]),
    ):
        heard = driving.heard_before(closes)
        assert [known.leg.consignment for known in heard.plans] == plans, closes
        assert [end.consignment for end in heard.ended] == ends, closes
    assert driving.heard_before(at("day 2 13:00") + 1) is driving


def test_a_trip_says_all_that_either_end_said() -> None:
    """Whole, after everything that can happen to it: what came back, what was lost, and that it was called off."""
    made = plan("C1", ("DET", "30 item"), depart="day 1 08:00", arrive_by="day 1 12:00", told="day 1 07:00")
    sent, more = _sent("20 item", "day 1 08:00"), _sent("10 item", "day 1 08:10")
    got, back = _got("25 item", "day 1 11:00"), movement("return", "3 item", consignment="C1", when="day 1 20:00")
    lost = movement("declare_loss", "1 item", consignment="C1", when="day 1 21:00")
    off = stage("cancel", "C1", when="day 1 19:00")
    trip = folded("consignment", made, sent, more, got, off, back, lost)
    assert isinstance(trip, Trip)
    (way,) = trip.ways
    assert (way.shipper, way.receiver) == (sent.body, back.body)
    assert way == Way(
        "DET", Measure.COUNT, Category.EXPLOSIVES, 30, 28, 1, way.shipper, way.receiver,
        at("day 1 08:00"), at("day 1 20:00"), sent.ref, back.ref,
    )  # fmt: skip
    assert (trip.plan, trip.plan_ref) == (made.body, made.ref)
    assert (trip.departed_at, trip.arrived_at, trip.cancelled_at) == (None, None, at("day 1 19:00"))
    assert way.in_transit == 1


def test_a_permit_counts_what_comes_back_as_what_came_and_each_trip_once() -> None:
    """By goods, then direction, in that order; a movement without a consignment names none."""
    quota = folded(
        "permit",
        movement("receive", "30 item", permit="P1", consignment="C1", when="day 1 08:00"),
        movement("return", "2 item", permit="P1", consignment="C1", when="day 1 09:00"),
        movement("issue", "4 item", permit="P1", when="day 1 10:00"),
        movement("receive", "5 L", goods="ACE", permit="P1", consignment="C2", when="day 1 11:00"),
    )
    used = (("ACE", True, 5_000_000), ("DET", False, 4), ("DET", True, 32))
    assert quota == Quota(used, ("C1", "C2"))


def test_a_book_knows_of_which_goods_it_is() -> None:
    """Whole: what a shift uses moves neither balance nor totals."""
    opened = movement("open", "100 item", when="day 1 08:00")
    used = movement("consume", "5 item", shift="A", when="day 1 09:00")
    into = movement("adjust", "7 item", direction="in", when="day 1 10:00")
    gone = movement("destroy", "3 item", when="day 1 11:00")
    found = Book(104, 100, 0, 3, 7, 0, Measure.COUNT, Category.EXPLOSIVES)
    assert folded("book", opened, used, into, gone) == found
