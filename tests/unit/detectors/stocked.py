"""A store of explosive that is gauged every evening: the book on which the balance rules are tried."""

from __future__ import annotations

import random
from collections.abc import Sequence

from detectors.claim import Finding
from events.registry import InstrumentEntry
from ledger.fact import Fact
from ledger.reference import Registered
from tests.detector_kit import History, at, count, movement, register

HELD = 1000.0
"""Kilograms at the first count."""
MOVED = 60.0
"""Kilograms that come and go a day, weighed exactly."""
SIGMA = 3.0
"""Kilograms that one count errs by: a gauge of 0.3 %."""


def instrument(name: str, random_error: float, systematic: float = 0.0) -> Registered:
    """An instrument of S1."""
    return register(
        InstrumentEntry(instrument=name, site="S1", random=random_error, systematic=systematic), unit="U1"
    )


PAPERS = (instrument("gauge", 0.003), instrument("exact", 0.0))


def days(losses: Sequence[float], *, seed: int = 7, every: int = 1) -> tuple[Fact, ...]:
    """A count a day (or ``every`` so many days), each after some kilograms were lost, with the gauge's error."""
    draw = random.Random(seed)
    stock = HELD
    facts = [
        movement("open", "1000 kg", goods="EXP", when="day 1 08:00"),
        count("1000 kg", goods="EXP", when="day 1 18:00", instrument="gauge"),
    ]
    for number, loss in enumerate(losses, start=1):
        day, moved = 1 + number * every, f"{MOVED:.0f} kg"
        facts.append(movement("receive", moved, goods="EXP", when=f"day {day} 09:00", instrument="exact"))
        facts.append(movement("issue", moved, goods="EXP", when=f"day {day} 15:00", instrument="exact"))
        stock -= loss
        shown = f"{stock * (1 + draw.gauss(0.0, 0.003)):.3f} kg"
        facts.append(count(shown, goods="EXP", when=f"day {day} 18:00", instrument="gauge"))
    return tuple(facts)


def shown(*kilograms: float) -> tuple[Fact, ...]:
    """Nothing moves; the gauge shows these kilograms, evening by evening."""
    counts = (
        count(f"{shown} kg", goods="EXP", when=f"day {day} 18:00", instrument="gauge")
        for day, shown in enumerate(kilograms, start=1)
    )
    return (movement("open", "1000 kg", goods="EXP", when="day 1 08:00"), *counts)


def told(rule: str, facts: tuple[Fact, ...], *, until: str = "day 60 00:00", **parameters: float) -> History:
    """A book with these facts under one rule."""
    return History(rule, "book:S1/EXP", facts, at(until), PAPERS, parameters=parameters)


def only(findings: list[Finding]) -> Finding:
    """The one finding."""
    (finding,) = findings
    return finding
