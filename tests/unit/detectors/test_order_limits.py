"""Which limits there are on one order: the policy's, the major-hazard quantity, and what permits allow."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from msgspec.structs import replace

from detectors.detector import View
from detectors.order_limits import Named, order_limits
from detectors.world import World
from events.quantity import Measure, Quantity
from events.registry import PermitEntry, PermittedGoods
from ledger.fact import Movement
from ledger.reference import Reference, Registered
from tests.detector_kit import GOODS, at, movement, permit, register, world

T = 10**9
"""A tonne in milligrams."""
CRITICAL = replace(GOODS["NACN"], critical=Quantity("20", "t"))


@cache
def surroundings() -> World:
    """The small world, where twenty tonnes of sodium cyanide are a major hazard."""
    return world((register(CRITICAL, valid_from="day -300 00:00", id="critical"),))


def limits(
    *papers: Registered, policy: dict[str, int] | None = None, goods: str = "NACN", when: str = "day 3 12:00",
    critical: bool = False, permits: bool = False,
) -> tuple[int, ...]:  # fmt: skip
    """The limits on a tonne of a goods by U2, in the world with a critical quantity of sodium cyanide."""
    moved = movement("receive", "1 t" if goods in ("NACN", "EXP") else "1 item", goods=goods, when=when).body
    assert isinstance(moved, Movement)
    view = View("unit:U2", Reference(papers), surroundings())
    return order_limits(moved, at(when), Named(policy or {}, permits, critical), view)


def test_the_policy_names_goods_or_flags_with_their_measure() -> None:
    """Each once, ascending; a flag counts for goods that bear it, in the measure that it is named for."""
    policy = {
        "NACN": 5 * T,
        "highly_toxic/mass": 2 * T,
        "highly_toxic/volume": 7,
        "EXP": 9,
        "drug_precursor/mass": 8,
    }
    assert limits(policy=policy) == (2 * T, 5 * T)
    assert limits(policy=policy | {"highly_toxic/mass": 5 * T}) == (5 * T,)
    assert limits(policy=policy, goods="EXP") == (9,)
    assert limits(policy=policy, goods="DET") == ()
    assert limits() == ()


def test_the_critical_quantity_is_a_limit_where_the_rule_asks_for_it() -> None:
    """Beside the policy's, and only of goods that have one."""
    assert limits(critical=True) == (20 * T,)
    assert limits(critical=True, policy={"NACN": 5 * T}) == (5 * T, 20 * T)
    assert limits(critical=True, policy={"NACN": 20 * T}) == (20 * T,)
    assert limits(critical=True, goods="EXP") == ()
    assert limits(critical=False) == ()


def test_goods_that_are_in_no_catalogue_have_no_limit_of_their_own() -> None:
    """Not even one that the policy names: nobody knows their measure."""
    assert limits(policy={"NACN": 5 * T}, when="day -500 12:00", critical=True) == ()
    allowed = permit("P1", ("NACN", "3 t"), valid_from="day -600 00:00")
    assert limits(allowed, when="day -500 12:00", permits=True) == (3 * T,)


@pytest.mark.parametrize(
    ("paper", "found"),
    [
        (permit("P1", ("NACN", "3 t"), valid_from="day 1 00:00"), (3 * T,)),
        (permit("P1", ("EXP", "1 t"), ("NACN", "3000 kg"), valid_from="day 1 00:00"), (3 * T,)),
        (permit("P1", ("EXP", "3 t"), valid_from="day 1 00:00"), ()),
        (permit("P1", ("NACN", "3 L"), valid_from="day 1 00:00"), ()),
        (permit("P1", ("NACN", "3 t"), valid_from="day 1 00:00", one_time=True), ()),
        (permit("P1", ("NACN", "3 t"), valid_from="day 1 00:00", purpose="sale"), ()),
        (permit("P1", ("NACN", "3 t"), valid_from="day 3 12:01"), ()),
        (permit("P1", ("NACN", "3 t"), valid_from="day 1 00:00", valid_to="day 3 12:00"), ()),
        (permit("P1", ("NACN", "3 t"), valid_from="day 3 12:00", valid_to="day 3 12:01"), (3 * T,)),
    ],
)
def test_a_permit_to_buy_is_a_limit_while_it_holds(paper: Registered, found: tuple[int, ...]) -> None:
    """In the order's measure, of its goods; one for one time is meant to be used up at once."""
    assert limits(paper, permits=True) == found
    assert limits(paper, permits=False) == ()


def test_what_several_permits_allow_are_limits_beside_the_others() -> None:
    """Each once, ascending with those of the policy and the catalogue."""
    sale, once = permit("P0", ("NACN", "1 t"), purpose="sale"), permit("P4", ("NACN", "2 t"), one_time=True)
    papers = (
        sale,
        permit("P1", ("NACN", "30 t")),
        once,
        permit("P2", ("NACN", "3 t")),
        permit("P3", ("NACN", "3 t")),
    )
    assert limits(*papers, permits=True, critical=True, policy={"NACN": 5 * T}) == (3 * T, 5 * T, 20 * T, 30 * T)


def test_a_quantity_that_cannot_be_read_is_no_limit() -> None:
    """Of a permit: the lines beside it still count."""
    lines = (PermittedGoods("NACN", Quantity("3", "parsec")), PermittedGoods("NACN", Quantity("4", "t")))
    paper = register(PermitEntry(permit="P1", purpose="purchase", goods=lines), unit="U2")
    assert limits(paper, permits=True) == (4 * T,)


def test_one_key_asks_of_many_goods_and_days() -> None:
    """What was answered for one goods, measure, day or policy is not the answer of another."""
    papers = (permit("P1", ("NACN", "3 t"), valid_from="day 5 00:00"),)
    view = View("unit:U2", Reference(papers), surroundings())
    moved = movement("receive", "1 t", goods="NACN", when="day 3 12:00").body
    assert isinstance(moved, Movement)

    def ask(when: str, *, of: Movement = moved, critical: bool = True, **policy: Any) -> tuple[int, ...]:
        return order_limits(of, at(when), Named(policy, permits=True, critical=critical), view)

    assert ask("day 3 12:00", NACN=5) == (5, 20 * T)
    assert ask("day 3 12:00", NACN=6) == (6, 20 * T)
    assert ask("day 3 12:00", critical=False, NACN=6) == (6,)
    assert ask("day 5 00:00", NACN=6) == (6, 3 * T, 20 * T)
    assert ask("day 5 00:00", of=replace(moved, goods="EXP"), EXP=7) == (7,)
    assert ask("day 5 00:00", of=replace(moved, measure=Measure.VOLUME)) == ()
    assert ask("day 3 12:00", NACN=5) == (5, 20 * T)
