"""A lane that was restored takes back what it said before: it finds again what that was before anything is new."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from detectors.catalogue import catalogue
from detectors.cause import NOWHERE
from detectors.claim import Status
from detectors.watch import Watch
from events.log import Received, Tick
from events.quantity import Quantity
from events.registry import PermitEntry, PermittedGoods
from events.report import Event
from ledger.fact import Ref
from simulator import stories as s
from streams.assembly import LATENESS, Assembly, policy_entry, rule_policies
from tests.laws.lanes import POLICIES, Lanes

SAID: list[Event] = [
    s.opening("10 item", site="S2", goods="DET", when="day 1 08:00"),
    s.receive("5 item", site="S2", goods="DET", when="day 1 10:00", permit="P9"),
    s.issue("8 item", site="S3", goods="DET", when="day 1 11:00"),
]


def permit() -> Received:
    """The permit that nobody had heard of."""
    allowed = (PermittedGoods("DET", Quantity("900", "item")),)
    entry = s.registry(PermitEntry(permit="P9", purpose="purchase", goods=allowed), unit="U2")
    return s.received(entry, when="day 2 10:00")


def milder_policy() -> Received:
    """A publication by which a book may be ten below nothing, read long after what it judges."""
    before, b2, behind = rule_policies(POLICIES).partition("[B2.parameters]\n")
    text = before + b2 + behind.replace("tolerance = 0", "tolerance = 10", 1)
    mild = policy_entry(text, s.at("day 1 00:00"), s.at("day 1 00:00"))
    return s.received(mild, when="day 1 00:00", provider="hazflow")


@pytest.mark.parametrize(
    ("news", "rule"), [(permit(), "A5"), (milder_policy(), "B2")], ids=["of its key", "for everyone"]
)
def test_an_entry_that_explains_a_finding_withdraws_it_after_a_restart_too(news: Received, rule: str) -> None:
    """Law 6: a warning that was explained does not stand for ever because a worker was killed in between."""
    house = Lanes()
    house.publish()
    house.run([*(s.received(one) for one in (*s.world(), *SAID)), Tick(s.at("day 2 06:00"))])
    assert {one.detector for one in house.outcome().findings.values()} == {"A5", "B2"}
    house.restart(0)
    house.run([news, Tick(s.at("day 2 12:00"))])
    assert {one.detector for one in house.outcome().findings.values()} == {"A5", "B2"} - {rule}
    by = next(one.withdrawn_by for one in house.findings if one.status is Status.WITHDRAWN)
    assert by is not None
    assert by.id.startswith("policy|" if rule == "B2" else "teller|unit:U2|permit-")


def newer(assembly: Assembly) -> Assembly:
    """The same rules in a later version, in which nothing claims what B2 did."""
    rules = [one for one in catalogue() if one.card.id != "B2"]
    return replace(assembly, watch=Watch(rules, LATENESS, "a later version"))


def told_until(day_two: str) -> Lanes:
    """What is said by a time of day two."""
    house = Lanes()
    house.publish()
    house.run([*(s.received(one) for one in (*s.world(), *SAID)), Tick(s.at(f"day 2 {day_two}"))])
    return house


def test_what_a_newer_version_no_longer_claims_is_withdrawn_and_says_so() -> None:
    """In the words in which it was said, by that version and not by the report that came meanwhile."""
    house = told_until("06:00")
    (said,) = (one for one in house.findings if one.detector == "B2")
    house.assembly = newer(house.assembly)
    house.restart(0)
    meanwhile = s.issue("1 item", site="S3", goods="DET", when="day 2 06:30")
    house.run([s.received(meanwhile), Tick(s.at("day 2 12:00"))])
    last = [one for one in house.findings if one.detector == "B2"][-1]
    assert (last.id, last.revision, last.status) == (said.id, said.revision + 1, Status.WITHDRAWN)
    assert last.claim == said.claim
    assert last.withdrawn_by == Ref("code|a later version", NOWHERE)
    assert {one.detector for one in house.outcome().findings.values()} == {"A5"}


def test_what_a_newer_version_no_longer_claims_is_withdrawn_at_the_next_tick() -> None:
    """Though nobody reports anything more there."""
    house = told_until("06:00")
    house.assembly = newer(house.assembly)
    house.restart(0)
    house.run([Tick(s.at("day 2 06:15"))])
    (last,) = (one for one in house.findings if one.withdrawn_by is not None)
    assert (last.detector, last.withdrawn_by) == ("B2", Ref("code|a later version", NOWHERE))


def test_a_report_that_takes_back_what_an_older_version_said_is_named_by_the_newer() -> None:
    """The newer version claims it too, until the report comes."""
    house = told_until("06:00")
    house.assembly = replace(house.assembly, watch=Watch(catalogue(), LATENESS, "a later version"))
    house.restart(0)
    earlier = s.opening("20 item", site="S3", goods="DET", when="day 1 07:00", id="late")
    house.run([s.received(earlier, when="day 2 09:00"), Tick(s.at("day 2 12:00"))])
    by = [one for one in house.findings if one.detector == "B2"][-1].withdrawn_by
    assert by is not None
    assert by.id.endswith("|late")
