"""A4: a maker sells 260 detonators in May, out of a quota of 250 for the year."""

from events.registry import QuotaEntry
from events.report import Counterparty, Flow, Registry
from simulator import stories as s
from tests.stories.telling import GULOU, Warned, tell

STOCK = s.opening("500 item", site="S1", goods="DET", when="day 1 08:00")


def quota(amount: str, *, entered: str = "day -30 00:00", valid_from: str = "day -30 00:00") -> Registry:
    """U1's quota to sell detonators."""
    entry = QuotaEntry(quota="Q-2026-07", activity="sell", goods="DET", quantity=s.quantity(amount))
    return s.registry(entry, unit="U1", valid_from=valid_from, entered=entered, id=f"quota-{amount[:3]}")


def sold(amount: str, when: str) -> Flow:
    """Detonators to a quarry outside the platform."""
    quarry = Counterparty(outside="福清采石场")
    return s.issue(amount, site="S1", goods="DET", when=when, counterparty=quarry)


SALES = (sold("150 item", "day 1 10:00"), sold("110 item", "day 2 10:00"))


def test_the_sale_that_takes_the_year_over_its_quota_is_warned_of() -> None:
    """When the day is over: until then something might come back, or a figure be corrected."""
    heard = tell(quota("250 item"), STOCK, *SALES, until="day 4 00:00")
    due = "day 3 02:30"
    assert heard.words() == [
        Warned("A4", "open", "orange", since="day 2 10:00", told="day 3 00:30", handler=GULOU, due=due),
    ]
    assert "for 2026 is 250 item of DET; 260 item were sold in 2 movement(s), 10 item too much" in heard.says


def test_a_quota_that_had_been_raised_takes_it_back() -> None:
    """It was raised on day 2; the registry hears of it on day 4."""
    raised = quota("400 item", valid_from="day 2 00:00", entered="day 4 09:00")
    heard = tell(quota("250 item"), STOCK, *SALES, raised, until="day 5 00:00")
    assert [(word.status, word.told) for word in heard.words()] == [
        ("open", "day 3 00:30"),
        ("withdrawn", "day 4 09:05"),
    ]


def test_within_the_quota_or_between_its_own_stores_nothing_is_raised() -> None:
    """To the last item; and what goes to another store of the unit is not sold."""
    assert not tell(quota("260 item"), STOCK, *SALES, until="day 4 00:00").notices
    own = s.issue("110 item", site="S1", goods="DET", when="day 2 10:00", counterparty=Counterparty(unit="U1"))
    assert not tell(quota("250 item"), STOCK, SALES[0], own, until="day 4 00:00").notices
