"""Accounts: what a key's facts add up to.

Law: an account is a fold over facts in event order, and holds no more than its key's open business.
"""

from __future__ import annotations

from functools import reduce

from msgspec.structs import replace

from ledger.account import Book, Driving, Nothing, Quota, Trip, apply, empty_account
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
