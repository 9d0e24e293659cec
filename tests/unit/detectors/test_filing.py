"""Which deals must be filed, and by which of the laws' clocks."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from detectors.filing import DUTIES, duty_of
from detectors.world import World
from events.registry import Flag
from ledger.fact import Movement
from tests.detector_kit import GOODS, at, movement, register, world

NOW = at("day 1 08:00")


@pytest.fixture(scope="module")
def known() -> World:
    """The small world, with one chemical of two duties and one of none."""
    flags: tuple[Flag, ...] = ("drug_precursor", "highly_toxic")
    both = replace(GOODS["ACE"], goods="BOTH", flags=flags)
    return world((register(both), register(replace(GOODS["ACE"], goods="FREE", flags=()))))


def duty(known: World, operation: str, goods: str, **said: Any) -> str | None:
    fields: dict[str, Any] = {"counterparty_unit": "U2"} | said
    kept = goods if goods in GOODS else "ACE"
    body = movement(operation, "1 L" if kept == "ACE" else "1 item", goods=kept, when="day 1 08:00", **fields).body
    assert isinstance(body, Movement)
    found = duty_of(replace(body, goods=goods), known, NOW)
    return None if found is None else found.name


def test_a_deal_is_with_somebody_else(known: World) -> None:
    """Another unit, somebody outside, a person; not one's own stores, and not what is used up."""
    assert duty(known, "issue", "DET") == duty(known, "receive", "DET") == "explosives"
    assert duty(known, "issue", "DET", counterparty_unit=None, outside="民爆公司") == "explosives"
    assert duty(known, "issue", "DET", counterparty_unit=None, natural_person=True) == "explosives"
    assert duty(known, "issue", "DET", counterparty_unit="U1") is None
    assert duty(known, "issue", "DET", counterparty_unit=None) is None
    for operation in ("consume", "destroy", "open", "return"):
        assert duty(known, operation, "DET") is None


def test_disposing_of_a_source_is_filed_though_nobody_takes_it(known: World) -> None:
    """Of radioactive goods alone."""
    assert duty(known, "destroy", "IR192", counterparty_unit=None) == "radioactive"
    assert duty(known, "destroy", "GUN", counterparty_unit=None) is None


def test_of_several_duties_the_shortest_clock_counts_and_free_goods_have_none(known: World) -> None:
    """Flags are those of the catalogue then."""
    assert duty(known, "issue", "BOTH") == "highly_toxic"
    assert duty(known, "issue", "ACE") == "drug_precursor"
    assert duty(known, "issue", "FREE") is None
    assert duty(known, "issue", "NOBODY-KNOWS") is None
    assert duty(known, "issue", "GUN") is None


def test_drug_precursors_are_filed_by_who_sells_them() -> None:
    """The others by both ends; of destroying only sources are filed."""
    by_sellers = {one.name for one in DUTIES if not one.purchases}
    assert by_sellers == {"drug_precursor", "drug_precursor_1"}
    assert {one.name for one in DUTIES if one.disposal} == {"radioactive"}
