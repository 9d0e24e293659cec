"""A8: a fireworks maker sells a case of cakes straight to a shop."""

from events.quantity import Measure
from events.registry import Category, GoodsEntry, LicenceEntry, Tier, UnitEntry
from events.report import Counterparty, Flow, Registry
from simulator import stories as s
from simulator.stories.world import MAKER
from tests.stories.telling import Warned, tell

EMERGENCY = "Emergency management, Jin'an District, Fuzhou City"
STOCK = s.opening("500 item", site="S1", goods="CAKE", when="day 1 08:00")


def trade(seller: Tier, buyer: Tier) -> list[Registry]:
    """Fireworks, and the two units with their places in the chain and their licences."""
    goods = GoodsEntry(goods="CAKE", name="组合烟花", name_en="firework cake", category=Category.FIREWORKS,
                       measure=Measure.COUNT)  # fmt: skip
    papers = [s.registry(goods)]
    for unit, area, tier in (("U1", "350102", seller), ("U2", "350111", buyer)):
        papers.append(s.registry(UnitEntry(name=unit, area=area, tier=tier), unit=unit, valid_from="day -20 00:00"))
        held = LicenceEntry(licence=f"L-{unit}-F", category=Category.FIREWORKS, activities=(*MAKER, "purchase"))
        papers.append(s.registry(held, unit=unit))
    return papers


def sold(when: str) -> Flow:
    """Forty cakes to U2."""
    return s.issue("40 item", site="S1", goods="CAKE", when=when, counterparty=Counterparty(unit="U2", site="S2"))


def test_a_maker_that_steps_over_the_wholesaler_is_warned_of_at_the_shop() -> None:
    """The shop's county checks what the shop takes in; a second delivery revises the same word."""
    sales = (sold("day 1 10:00"), sold("day 3 10:00"))
    heard = tell(*trade("maker", "retailer"), STOCK, *sales, until="day 4 00:00").of("A8")
    due = "day 2 02:30"
    assert heard.words() == [
        Warned("A8", "open", "orange", since="day 1 10:00", told="day 2 00:30", handler=EMERGENCY, due=due),
        Warned("A8", "open", "orange", since="day 1 10:00", told="day 3 10:05", handler=EMERGENCY, due=due),
    ]
    assert "U2 had 2 trade(s) of fireworks with U1 that went from maker to retailer" in heard.says


def test_what_goes_down_the_chain_or_back_up_raises_nothing() -> None:
    """A wholesaler that sells to the shop; a shop that sends goods back to its wholesaler."""
    assert (
        not tell(*trade("wholesaler", "retailer"), STOCK, sold("day 1 10:00"), until="day 3 00:00").of("A8").notices
    )
    assert (
        not tell(*trade("retailer", "wholesaler"), STOCK, sold("day 1 10:00"), until="day 3 00:00").of("A8").notices
    )
