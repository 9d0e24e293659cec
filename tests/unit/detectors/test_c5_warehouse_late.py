"""C5: a site that is used sooner than five days after it was registered."""

from __future__ import annotations

from msgspec.structs import replace

from detectors.claim import Status
from events.registry import SiteEntry
from ledger.reference import Registered
from tests.detector_kit import Bench, History, at, count, movement, register, watch


def registered(recorded: str, *, valid_from: str = "day -2 00:00", unit: str = "U1") -> Registered:
    """That S1 was entered for a unit."""
    return register(
        SiteEntry(site="S1", name="S1", area="350102"), unit=unit, valid_from=valid_from, recorded=recorded
    )


def history() -> History:
    """Registered on day 1, the first goods come in on day 3."""
    return History(
        rule="C5",
        key="site:S1",
        facts=(
            count("0 item", when="day 2 18:00"),
            movement("open", "9 item", when="day 3 08:00"),
            movement("issue", "1 item", when="day 4 08:00"),
        ),
        reference=(registered("day 1 10:00"),),
        now=at("day 9 00:00"),
    )


def test_the_first_movement_is_claimed_until_it_would_have_been_allowed() -> None:
    """One warning, however much moves; closed five days after the registration."""
    (finding,) = watch(history())
    claim = finding.claim
    assert (claim.anchor, claim.since, claim.until) == ("S1/U1", at("day 3 08:00"), at("day 6 10:00"))
    assert (claim.numbers["registered_at"], claim.numbers["ahead_h"]) == (at("day 1 10:00"), 46.0)
    assert claim.refs == (history().facts[1].ref,)


def test_five_days_to_the_second_are_enough() -> None:
    """The look-alike: a site in use since exactly five days after its registration."""
    told = replace(history(), reference=(registered("day -2 08:00", valid_from="day -30 00:00"),))
    assert not watch(told)
    late = replace(history(), reference=(registered("day -2 08:00:01", valid_from="day -30 00:00"),))
    assert len(watch(late)) == 1


def test_what_stood_before_the_duty_is_let_be() -> None:
    """The platform's first day is a policy's; a site in force before it was there already."""
    assert not watch(replace(history(), parameters={"sites_from": "2026-05-02"}))
    assert len(watch(replace(history(), parameters={"sites_from": "2026-05-01"}))) == 1


def test_an_opening_may_be_no_use_by_policy() -> None:
    """Then the first movement after it is judged."""
    (finding,) = watch(replace(history(), parameters={"opening_is_use": False}))
    assert finding.claim.since == at("day 4 08:00")


def test_a_site_that_changes_hands_is_registered_anew() -> None:
    """The new unit's first use is judged by its own registration."""
    bought = registered("day 5 10:00", valid_from="day 5 00:00", unit="U2")
    theirs = movement("receive", "9 item", when="day 7 08:00", unit="U2")
    told = replace(history(), facts=(*history().facts, theirs), reference=(*history().reference, bought))
    assert [finding.claim.unit for finding in watch(told)] == ["U1", "U2"]


def test_an_earlier_registration_that_is_heard_of_later_takes_it_back() -> None:
    """The county had entered it in time and its upload was late."""
    bench = Bench(history())
    for fact in history().facts:
        bench.put(fact)
    bench.look(at("day 4 09:00"))
    assert [finding.status for finding in bench.told] == [Status.OPEN]
    bench.enter(replace(registered("day -9 10:00", valid_from="day -9 00:00"), id="earlier"))
    bench.look(at("day 4 10:00"))
    assert [finding.status for finding in bench.told] == [Status.OPEN, Status.WITHDRAWN]
