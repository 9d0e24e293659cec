"""The oracle against lanes in memory: two programs that share no path say the same, at the end and at any tick."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from msgspec.structs import replace

from events.log import Received, Tick
from simulator import known_areas, of_size, simulate
from streams.assembly import TREE, rule_policies
from streams.founding import founding
from tests.chaos.comparing import parted
from tests.chaos.histories import chaotic
from tests.chaos.oracle import answer
from tests.chaos.oracle.rules import RULES
from tests.engines import Answers, in_memory
from tests.laws.histories import logs, with_ticks
from tests.laws.lanes import published

tried = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


@cache
def province() -> tuple[tuple[Received | Tick, ...], Answers]:
    """Three days of eight counties with every scenario in it, and what lanes in memory say to them."""
    sized = replace(of_size(known_areas(), counties=8, units_per_county=3, days=3), trips_per_day=12)
    log = simulate(sized).log
    since = min(line.received_at for line in log if isinstance(line, Received))
    whole = (*founding(rule_policies(TREE / "policies"), since, {}), *log)
    return whole, in_memory(whole)


def held_against(log: Sequence[Received | Tick]) -> list[str]:
    """Where the two part ways over a log."""
    return parted(answer(log), in_memory(log))


@tried
@given(logs())
def test_the_engine_says_what_the_oracle_says(log: list[Received]) -> None:
    """Laws 1 to 4: sorted and told slowly, or as it came, the books and findings are the same."""
    assert not held_against([published(), *with_ticks(log)])


@tried
@given(chaotic())
def test_they_say_the_same_at_any_tick_with_a_register_that_comes_late(log: list[Received | Tick]) -> None:
    """Law 3: what waits, what is told again and what is heard too late is judged alike, at every moment of time."""
    assert not held_against(log)


def test_they_say_the_same_of_a_province() -> None:
    """Law: over a simulated province every rule of the oracle's own, and most others, have something to say."""
    log, said = province()
    right = answer(log)
    assert not parted(right, said)
    rules = {str(told[0]) for told in right.findings.values()}
    assert {rule for rule, _ in RULES} <= rules
    assert len(rules) >= 10


def test_a_wrong_answer_is_told() -> None:
    """Law: a milligram, a line, a recipient: each difference is seen."""
    log, said = province()
    right = answer(log)
    book, finding = next(iter(said.books)), next(iter(said.warnings))
    assert parted(right, replace(said, books=said.books | {book: said.books[book] + 1}))
    assert parted(right, replace(said, lines=said.lines - {next(iter(said.lines))}))
    misled = (*said.warnings[finding][:-1], ())
    assert parted(right, replace(said, warnings=said.warnings | {finding: misled}))


def test_the_oracle_shares_nothing_with_the_engines() -> None:
    """Law: it imports nothing of streams, and of ledger nothing but facts, the accounts of others, and entries."""
    found: set[str] = set()
    for path in Path(__file__).with_name("oracle").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module:
                found.add(node.module)
    assert not {name for name in found if name.startswith("streams")}
    assert {name for name in found if name.startswith("ledger")} <= {
        "ledger.fact",
        "ledger.account",
        "ledger.reference",
    }
