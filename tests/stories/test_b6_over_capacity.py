"""B6: 5,200 detonators in a store that may hold 5,000."""

from events.registry import CapacityEntry
from simulator import stories as s
from tests.stories.telling import JINAN, Warned, tell

STOCK = s.opening("4900 item", site="S2", goods="DET", when="day 1 08:00")
CAME = s.receive("300 item", site="S2", goods="DET", when="day 1 10:00")
WENT = s.consume("300 item", site="S2", goods="DET", when="day 2 10:00")


def test_a_store_over_its_capacity_is_one_matter_until_it_has_kept_within_it() -> None:
    """Told after the day; over once the store has kept to its limit for three days."""
    heard = tell(STOCK, CAME, WENT, until="day 9 00:00")
    assert heard.words() == [
        Warned("B6", "open", "orange", since="day 1 10:00", told="day 2 00:30", handler=JINAN, due="day 2 02:30"),
        Warned("B6", "closed", "orange", since="day 1 10:00", told="day 5 10:00", handler=JINAN, due="day 2 02:30"),
    ]
    assert "reached 5200 item, above the capacity of 5000 item (104 %)" in heard.says


def test_a_capacity_raised_that_morning_and_entered_late_takes_it_back() -> None:
    """The limit in force when the goods came counts, whenever it was entered."""
    raised = s.registry(
        CapacityEntry(site="S2", goods="DET", quantity=s.quantity("6000 item")),
        unit="U2", valid_from="day 1 00:00", entered="day 2 09:00",
    )  # fmt: skip
    heard = tell(STOCK, CAME, raised, until="day 9 00:00")
    assert [(word.status, word.told) for word in heard.words()] == [
        ("open", "day 2 00:30"),
        ("withdrawn", "day 2 09:05"),
    ]


def test_a_store_full_to_the_limit_raises_nothing() -> None:
    """5,000 is what it may hold."""
    room = s.opening("4700 item", site="S2", goods="DET", when="day 1 08:00")
    assert not tell(room, CAME, until="day 9 00:00").notices
