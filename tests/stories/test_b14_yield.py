"""B14: 1,600 litres of acetone for a tonne of product that takes 1,300 at most; three hundred went elsewhere."""

from events.quantity import Measure
from events.registry import Category, GoodsEntry, LicenceEntry, YieldEntry
from simulator import stories as s
from tests.stories.telling import tell

RESIN = s.registry(
    GoodsEntry(goods="RESIN", name="树脂", name_en="resin", category=Category.CHEMICALS, measure=Measure.MASS)
)
MAKES = s.registry(
    LicenceEntry(licence="L-U1-chemicals", category=Category.CHEMICALS,
                 activities=("produce", "sell", "store", "transport", "use")),
    unit="U1", valid_from="day -20 00:00",
)  # fmt: skip
NORM = s.registry(YieldEntry(consumed="ACE", produced="RESIN", low=1.2, high=1.3), unit="U1", id="norm")
BEFORE = (RESIN, MAKES, NORM, s.opening("9000 L", site="S1", goods="ACE", when="day 1 08:00"))
TONNE = s.produce("1000 kg", site="S1", goods="RESIN", when="day 21 16:00")


def test_a_month_that_used_up_more_than_it_made_calls_for_is_warned_of_when_it_is_over() -> None:
    """May is over on day 29; half an hour after its midnight the last uploads are in."""
    heard = tell(
        *BEFORE, s.consume("1600 L", site="S1", goods="ACE", when="day 20 10:00"), TONNE, until="day 30 00:00"
    )
    told = heard.of("B14")
    (word,) = told.words()
    assert (word.status, word.severity, word.since, word.told) == (
        "closed", "yellow", "day -2 00:00", "day 29 00:30"
    )  # fmt: skip
    assert "In 2026-05 U1 used up 1600 L of ACE, too much for what it made (RESIN 1000 kg)" in told.says


def test_a_batch_reported_late_takes_it_back() -> None:
    """Three hundred kilograms more had been made."""
    used = s.consume("1600 L", site="S1", goods="ACE", when="day 26 10:00")
    more = s.received(s.produce("300 kg", site="S1", goods="RESIN", when="day 28 16:00"), when="day 30 09:00")
    heard = tell(*BEFORE, used, TONNE, more, until="day 31 00:00").of("B14")
    assert [(word.status, word.told) for word in heard.words()] == [
        ("closed", "day 29 00:30"),
        ("withdrawn", "day 30 09:00"),
    ]


def test_a_month_within_its_norm_raises_nothing() -> None:
    """1,300 litres for the tonne."""
    used = s.consume("1300 L", site="S1", goods="ACE", when="day 20 10:00")
    assert not tell(*BEFORE, used, TONNE, until="day 31 00:00").of("B14").notices
