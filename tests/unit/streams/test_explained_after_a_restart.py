"""A lane that was restored takes back what it said before: it finds again what that was before anything is new."""

from __future__ import annotations

import pytest

from events.log import Received, Tick
from events.quantity import Quantity
from events.registry import PermitEntry, PermittedGoods
from events.report import Event
from simulator import stories as s
from streams.assembly import policy_entry, rule_policies
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
    """A publication by which a book may be ten below nothing."""
    before, b2, behind = rule_policies(POLICIES).partition("[B2.parameters]\n")
    text = before + b2 + behind.replace("tolerance = 0", "tolerance = 10", 1)
    mild = policy_entry(text, s.at("day 1 00:00"), s.at("day 1 00:00"))
    return s.received(mild, when="day 2 10:00", provider="hazflow")


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
