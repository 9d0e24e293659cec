"""Facts that run ahead of time, as where one topic is read far before another: law 3, while no tick has come."""

from __future__ import annotations

from events.log import Received, Tick
from events.registry import TradeFilingEntry
from events.report import Counterparty
from simulator import stories as s
from tests.laws.lanes import run


def test_a_filing_read_long_after_the_deals_that_came_after_it_counts_as_if_read_in_time() -> None:
    """Deals are let rest after 62 days by a deal of a later month; their filings had been heard of on day 3."""
    deals = [
        s.issue(
            f"{number} item",
            site="S1",
            goods="DET",
            when=f"day {day} 10:00",
            counterparty=Counterparty(unit="U2", site="S2"),
        )
        for number, day in ((3, 1), (4, 1), (5, 70))
    ]
    opened = s.opening("500 item", site="S1", goods="DET", when="day 1 08:00")
    filings = [
        s.registry(TradeFilingEntry(site="S1", event=deal.id), unit="U1", valid_from=f"day {day} 09:00")
        for deal, day in zip(deals, (3, 3, 71), strict=True)
    ]
    papers = [*(s.received(entry) for entry in s.world())]
    flows: list[Received] = [s.received(one) for one in (opened, *deals)]
    filed = [s.received(one, when=f"day {day} 09:05") for one, day in zip(filings, (3, 3, 71), strict=True)]
    end = Tick(s.at("day 80 00:00"))
    in_order = sorted([*papers, *flows, *filed], key=lambda line: line.received_at)
    expected = run([*in_order, end], batch=1)
    logs: list[list[Received | Tick]] = [[*papers, *flows, *filed, end], [*papers, *filed, *flows, end]]
    for log in logs:
        assert run(log, batch=1) == run(log) == expected
