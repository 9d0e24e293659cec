"""A6: who handles, drives, escorts or blasts holds a certificate for it, then and there."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from detectors.certificates import Role
from detectors.claim import Severity, Status
from events.registry import PersonEntry, UnitEntry
from events.time import DAY, MINUTE
from ledger.fact import Fact
from ledger.reference import Registered
from tests.detector_kit import Bench, History, at, movement, plan, register, stage, watch

UNIT = register(UnitEntry(name="闽安化工", area="350102"), unit="U1")


def certificate(person: str, role: Role = "custodian", **dates: str) -> Registered:
    """That U1's person is certified for a role."""
    return register(PersonEntry(person=person, role=role), unit="U1", **dates)  # type: ignore[arg-type]  # dates by name


def taken(when: str, *people: str, operation: str = "issue", **more: object) -> Fact:
    """A kilogram of cyanide, signed for by these people."""
    return movement(operation, "1 kg", goods="NACN", when=when, custodians=people, **more)  # type: ignore[arg-type]  # fields by name


def trip(consignment: str = "C1", told: str = "day 3 07:00", depart: str = "day 3 09:00", **more: object) -> Fact:
    """A trip of U1 with a driver and an escort."""
    crew = {"driver": "D1", "escort": "E1", "carrier": "U1", **more}
    return plan(consignment, ("DET", "5 item"), told=told, depart=depart, arrive_by="day 3 15:00", **crew)  # type: ignore[arg-type]  # fields by name


def history() -> History:
    """K1's certificate ends on day 3 and is renewed on day 5; K2's is in force throughout."""
    return History(
        rule="A6",
        key="unit:U1",
        facts=tuple(taken(f"day {day} 09:00", "K1", "K2") for day in (1, 2, 3, 4, 5, 13)),
        reference=(
            UNIT,
            certificate("K1", valid_to="day 3 00:00"),
            certificate("K1", valid_from="day 5 00:00"),
            certificate("K2"),
        ),
        now=at("day 14 00:00"),
    )


def on_the_road(*facts: Fact) -> History:
    """The driver's certificate ends on day 3; the escort's is in force."""
    papers = (UNIT, certificate("D1", "driver", valid_to="day 3 00:00"), certificate("E1", "escort"))
    return replace(history(), facts=facts, reference=papers)


def test_signing_with_an_expired_certificate_is_one_episode() -> None:
    """It opens with the first signature after the end, at once, and is over a week after the last."""
    (finding,) = watch(history())
    claim = finding.claim
    assert (claim.since, claim.until) == (at("day 3 09:00"), at("day 4 09:00") + 7 * DAY)
    assert claim.speaks_at == at("day 3 09:00")
    assert (claim.numbers["people"], claim.numbers["reasons"], claim.numbers["times"]) == ("K1", "expired", 2)
    assert claim.numbers["valid_to"] == at("day 3 00:00")
    assert (finding.severity, finding.status, claim.site) == (Severity.ORANGE, Status.CLOSED, "S1")


@pytest.mark.parametrize(
    ("when", "wrong"),
    [("day 2 23:59:59", False), ("day 3 00:00", True), ("day 4 23:59:59", True), ("day 5 00:00", False)],
)
def test_a_certificate_is_valid_from_its_first_instant_and_not_at_its_last(when: str, wrong: bool) -> None:
    """From inclusive, to exclusive; the gap between two is no certificate."""
    assert bool(watch(replace(history(), facts=(taken(when, "K1"),)))) is wrong


def test_days_of_grace_are_the_policys() -> None:
    """Two days cover the gap here, one does not."""
    told = replace(history(), facts=(taken("day 4 09:00", "K1"),))
    assert not watch(replace(told, parameters={"grace_d": 2}))
    assert len(watch(replace(told, parameters={"grace_d": 1}))) == 1


def test_who_is_not_registered_has_until_the_days_end() -> None:
    """Another role does not help; what comes that evening does; the policy may let all pass."""
    told = replace(history(), facts=(taken("day 3 09:00", "K9"),))
    (finding,) = watch(told)
    assert finding.claim.numbers["reasons"] == "unknown"
    assert finding.claim.speaks_at == at("day 4 00:00") + 30 * MINUTE
    assert not watch(replace(told, parameters={"unregistered_counts": False}))
    (finding,) = watch(replace(told, reference=(UNIT, certificate("K9", "escort"))))
    assert finding.claim.numbers["reasons"] == "other_role"
    bench = Bench(told)
    bench.put(told.facts[0])
    bench.look(at("day 3 12:00"))
    bench.enter(certificate("K9", recorded="day 3 20:00"))
    bench.look(at("day 5 00:00"))
    assert not bench.told


def test_several_people_of_one_site_are_one_episode() -> None:
    """Each is named once."""
    told = replace(history(), facts=(taken("day 3 09:00", "K1", "K9"), taken("day 3 10:00", "K9")))
    (finding,) = watch(told)
    assert (finding.claim.numbers["people"], finding.claim.numbers["reasons"]) == ("K1,K9", "expired,unknown")
    assert (finding.claim.numbers["times"], finding.claim.speaks_at) == (3, at("day 3 09:00"))


def test_a_renewal_entered_late_withdraws_it() -> None:
    """The registry reaches back: what is still held singly is judged again."""
    bench = Bench(replace(history(), reference=(UNIT, certificate("K1", valid_to="day 3 00:00"))))
    bench.put(taken("day 3 09:00", "K1"))
    bench.look(at("day 3 10:00"))
    assert [finding.status for finding in bench.told] == [Status.OPEN]
    bench.enter(certificate("K1", valid_from="day 3 00:00", recorded="day 4 20:00"))
    bench.look(at("day 4 20:00"))
    assert bench.told[-1].status is Status.WITHDRAWN


def test_what_names_nobody_or_is_another_units_is_let_be() -> None:
    """Left out accuses nobody; another unit names its own people; losses may be reported by all."""
    for fact in (
        taken("day 3 09:00"),
        taken("day 3 09:00", "K1", unit="U2", counterparty_unit="U1"),
        taken("day 3 09:00", "K1", operation="declare_loss"),
        taken("day 3 09:00", "K1", operation="adjust", direction="out"),
    ):
        assert not watch(replace(history(), facts=(fact,)))


def test_explosives_are_used_up_in_a_blasters_presence() -> None:
    """A custodian may be there too, but not alone."""
    papers = (UNIT, certificate("K1"), certificate("B1", "blaster"))

    def used(*people: str) -> History:
        fact = movement("consume", "5 item", when="day 3 09:00", custodians=people)
        return replace(history(), facts=(fact,), reference=papers)

    assert not watch(used("B1"))
    assert not watch(used("K1", "B1"))
    (finding,) = watch(used("K1"))
    assert (finding.claim.numbers["role"], finding.claim.numbers["reasons"]) == ("blaster", "other_role")


def test_a_trips_driver_is_judged_at_its_departure() -> None:
    """Planned the evening before with a certificate that ends at midnight: said when the trip is to depart."""
    told = on_the_road(trip(told="day 2 20:00"))
    assert not watch(replace(told, now=at("day 3 08:59")))
    (finding,) = watch(replace(told, now=at("day 3 09:00")))
    claim = finding.claim
    assert (claim.since, claim.speaks_at) == (at("day 3 09:00"), at("day 3 09:00"))
    assert (claim.numbers["role"], claim.numbers["people"], claim.numbers["consignment"]) == ("driver", "D1", "C1")
    assert (claim.unit, claim.area, claim.site, finding.status) == ("U1", "350102", "S1", Status.OPEN)
    assert watch(told)[0].claim.until == at("day 10 09:00")


def test_a_trip_that_was_planned_before_the_certificate_ended_and_departs_before_is_let_be() -> None:
    """The departure decides, not the plan nor the arrival."""
    assert not watch(on_the_road(trip(told="day 2 20:00", depart="day 2 23:59")))


def test_a_trip_called_off_before_its_departure_is_none() -> None:
    """Afterwards it is too late for that."""
    assert not watch(on_the_road(trip(), stage("cancel", "C1", when="day 3 08:00")))
    assert len(watch(on_the_road(trip(), stage("cancel", "C1", when="day 3 10:00")))) == 1
    other = watch(on_the_road(trip(), stage("cancel", "C2", when="day 3 08:00")))
    assert len(other) == 1


def test_a_plan_filed_after_the_departure_is_judged_by_the_departure() -> None:
    """Filed at noon for nine o'clock."""
    (finding,) = watch(on_the_road(trip(told="day 3 12:00")))
    assert finding.claim.since == at("day 3 09:00")


def test_trips_of_a_driver_go_on_with_one_episode() -> None:
    """Three trips in three days; another driver joins."""
    trips = [trip(f"C{day}", f"day {day} 07:00", f"day {day} 09:00") for day in (3, 4, 5)]
    (finding,) = watch(on_the_road(*trips, trip("C9", "day 5 08:00", "day 5 10:00", driver="D9")))
    assert (finding.claim.numbers["times"], finding.claim.numbers["people"]) == (4, "D1,D9")


def test_the_people_of_a_carrier_outside_the_platform_are_not_judged() -> None:
    """Nothing is registered of such a unit; that it carries at all is another rule's matter."""
    assert not watch(replace(on_the_road(trip()), reference=()))


def test_a_corrected_plan_takes_it_back() -> None:
    """Another driver was put on it before it left."""
    bench = Bench(on_the_road())
    bench.put(trip())
    bench.look(at("day 3 08:00"))
    assert not bench.told
    bench.put(trip(driver=None, version=2))
    bench.look(at("day 3 10:00"))
    assert not bench.told
