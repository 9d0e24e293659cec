"""D7: a lorry's detonators, planned for the store at S2, are taken in at the blasting site S3 instead."""

from events.report import Counterparty
from simulator import stories as s
from tests.stories.telling import CHENGXIANG, Warned, tell

SENT = (
    s.opening("800 item", site="S1", goods="DET", when="day 1 08:00"),
    s.plan("C1", {"DET": "100 item"}, depart="day 1 09:00", arrive_by="day 1 13:00"),
    s.issue("100 item", site="S1", goods="DET", when="day 1 09:00", consignment="C1",
            counterparty=Counterparty(unit="U2", site="S2")),
)  # fmt: skip
AT_S3 = s.receive("100 item", site="S3", goods="DET", when="day 1 12:00", consignment="C1",
                  counterparty=Counterparty(unit="U1", site="S1"))  # fmt: skip
TO_S3 = s.correct(
    s.plan("C1", {"DET": "100 item"}, depart="day 1 09:00", arrive_by="day 1 14:00", ends=("S1", "S3")),
    id="plan-C1-again", corrects=None, occurred_at=s.issue("1 item", site="S1", goods="DET", when="day 1 10:00")
    .occurred_at,
)  # fmt: skip


def test_goods_at_a_site_that_the_plan_does_not_name_are_warned_of_after_the_day() -> None:
    """The county where they are handles; the shipper's is told."""
    assert not tell(*SENT, AT_S3, until="day 2 00:29").notices
    heard = tell(*SENT, AT_S3, until="day 3 00:00")
    assert heard.words() == [
        Warned("D7", "open", "red", since="day 1 12:00", told="day 2 00:30", handler=CHENGXIANG, due="day 2 01:30"),
    ]
    assert "planned for S2" in heard.says
    assert "taken in at S3" in heard.says


def test_a_new_plan_made_on_the_way_raises_nothing() -> None:
    """Re-planned at ten, taken in at noon; the new plan reached the platform in the evening."""
    assert not tell(*SENT, AT_S3, s.received(TO_S3, when="day 1 20:00"), until="day 3 00:00").notices


def test_refused_goods_that_come_home_raise_nothing() -> None:
    """S2 turned them away; in the afternoon they are back in the store at S1."""
    back = s.give_back("100 item", site="S1", goods="DET", when="day 1 16:00", consignment="C1")
    home = s.stage("C1", "arrive", when="day 1 15:50", place=s.along(0.0))
    assert not tell(*SENT, home, back, until="day 3 00:00").notices
