"""E3: a works licensed to use what it likes of chemicals buys hydrogen peroxide, and acetone a week later."""

import msgspec

from events.quantity import Measure
from events.registry import Category, GoodsEntry, LicenceEntry
from events.report import Counterparty, Registry
from simulator import stories as s
from tests.stories.telling import Warned, tell

EMERGENCY = "Emergency management, Jin'an District, Fuzhou City"
DEALER = Counterparty(outside="福州化工经营部")
PEROXIDE = s.registry(
    GoodsEntry(goods="H2O2", name="过氧化氢溶液", name_en="hydrogen peroxide", category=Category.CHEMICALS,
               measure=Measure.VOLUME, flags=("explosive_precursor",), cas="7722-84-1"), id="goods-H2O2",
)  # fmt: skip
BOUGHT = [
    s.receive("30 L", site="S2", goods="H2O2", when="day 2 10:00", counterparty=DEALER),
    s.receive("40 L", site="S2", goods="ACE", when="day 9 10:00", counterparty=DEALER),
]


def licensed(**terms: tuple[str, ...]) -> Registry:
    """U2's licence for chemicals, corrected."""
    held = next(
        e for e in s.world()
        if e.unit == "U2" and isinstance(e.entry, LicenceEntry) and e.entry.category is Category.CHEMICALS
    )  # fmt: skip
    return s.correct(held, entry=msgspec.structs.replace(held.entry, **terms))


def test_the_purchase_that_completes_a_set_is_warned_of() -> None:
    """By the end of its day; sixty days after the first of them it is over."""
    heard = tell(PEROXIDE, *BOUGHT, until="day 64 00:00").of("E3")
    assert heard.words() == [
        Warned(
            "E3", "open", "orange", since="day 9 10:00", told="day 10 00:30", handler=EMERGENCY, due="day 10 02:30"
        ),
        Warned(
            "E3",
            "closed",
            "orange",
            since="day 9 10:00",
            told="day 62 10:00",
            handler=EMERGENCY,
            due="day 10 02:30",
        ),
    ]
    assert "bought all 2 goods of the set peroxide_ketone: ACE, H2O2" in heard.says


def test_a_school_laboratory_whose_licence_lists_both_raises_nothing() -> None:
    """So does a plant that makes things of them."""
    for licence in (licensed(goods=("ACE", "H2O2")), licensed(activities=("purchase", "use", "produce"))):
        assert not tell(PEROXIDE, licence, *BOUGHT, until="day 12 00:00").of("E3").notices
