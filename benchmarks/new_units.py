"""Whether budgets are kept on units that nobody has seen: realised against budgeted false alarms.

Each calibration draws units of its own from a family in which units differ. What is realised is the share of days
of further units of that family above its threshold. A promise is broken where a tolerance limit was said to hold
and the realised share is above the budget; where there is too little it is said so, and nothing was promised.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from benchmarks.figure import Figure
from models.artefact import assemble
from models.calibrate import Basis, Budget, design_effect, limit
from models.features import STANDARD, rows
from models.fit import Growth, History, fit
from models.forest import score
from models.unit_day import UnitDay

Floats = NDArray[np.float64]
SEED: Final = 20_261_126
MANY: Final = 40_000
"""New units of which the realised share is taken."""
DAY: Final = 20_000
"""The first civil day of every history."""


@dataclass(frozen=True, slots=True)
class Family:
    """How units differ: of each the mean and the standard deviation of its days' scores, which are Gaussian."""

    name: str
    units: Callable[[np.random.Generator, int], tuple[Floats, Floats]]


def _shifted(by: float) -> Callable[[np.random.Generator, int], tuple[Floats, Floats]]:
    return lambda draw, count: (by * draw.normal(size=count), np.ones(count))


FAMILIES: Final = (
    Family("all alike", _shifted(0.0)),
    Family("means differ by 0.3 σ", _shifted(0.3)),
    Family("means differ by 0.6 σ", _shifted(0.6)),
    Family("spreads differ by a fifth", lambda draw, count: (np.zeros(count), draw.lognormal(0.0, 0.2, count))),
    Family(
        "a tenth is off by 1.5 σ",
        lambda draw, count: (np.where(draw.random(count) < 0.1, 1.5, 0.0), np.ones(count)),
    ),
    Family("means differ by 0.4 t₄", lambda draw, count: (0.4 * draw.standard_t(4.0, count), np.ones(count))),
)


@dataclass(frozen=True, slots=True)
class Kept:
    """Of many calibrations: the shares that promised, that broke a promise, and that would have broken it had each
    day counted for one; and what those that promised realised, in budgets, on average."""

    promised: float
    broken: float
    unheeded: float
    realised: float


def kept(family: Family, *, units: int, days: int, draws: int, budget: Budget) -> Kept:
    """Calibrate on so many days of so many units, again and again."""
    draw = np.random.default_rng(SEED)
    means, spreads = family.units(draw, MANY)
    whose = np.repeat(np.arange(units), days)
    found: list[tuple[bool, float, float]] = []
    for _ in range(draws):
        mean, spread = family.units(draw, units)
        scores = mean[whose] + spread[whose] * draw.normal(size=units * days)
        order = np.argsort(-scores, kind="stable")
        clean = scores[order][::-1]
        heeded, plain = limit(clean, budget, (design_effect(whose[order]),)), limit(clean, budget)
        assert heeded is not None
        assert plain is not None
        over = [float(stats.norm.sf((one.score - means) / spreads).mean()) / budget.rate for one in (heeded, plain)]
        found.append((heeded.basis is Basis.TOLERANCE, over[0], over[1]))
    return _kept(found)


def kept_by_forests(*, units: int, days: int, draws: int, budget: Budget, growth: Growth) -> Kept:
    """The same through features, forests and folds: units differ in size, pace, nights and partners."""
    draw = np.random.default_rng(SEED)
    new = unit_days(draw, 4 * units, days)
    found: list[tuple[bool, float, float]] = []
    for _ in range(draws):
        model = assemble(fit(unit_days(draw, units, days), window=(0, 1), growth=growth))
        table = np.array([row for one in new for _, row in rows(one.days, model.card.peers.of("s"), STANDARD)])
        scores = score(model.flat, table)
        heeded, plain = limit(model.clean, budget, model.dependence("s").effects), limit(model.clean, budget)
        assert heeded is not None
        assert plain is not None
        over = [float((scores > one.score).mean()) / budget.rate for one in (heeded, plain)]
        found.append((heeded.basis is Basis.TOLERANCE, over[0], over[1]))
    return _kept(found)


def unit_days(draw: np.random.Generator, units: int, days: int) -> list[History]:
    """Clean histories of units drawn from one family; ``days`` are civil days, each with some work."""
    return [History(f"unit-{unit:04}", "s", tuple(_worked(draw, days))) for unit in range(units)]


def _worked(draw: np.random.Generator, days: int) -> Iterator[UnitDay]:
    """One unit's days: its size, how much days vary, its pace, its nights and its strangers are its own."""
    size, varies = draw.normal(14.0, 0.5), 0.3 * np.exp(0.3 * draw.normal())
    pace, nights, strangers = draw.uniform(2.0, 8.0), draw.beta(0.5, 20.0), draw.beta(1.0, 20.0)
    stranger = 100
    for day in range(days):
        come, gone = (1 + draw.poisson(pace, 2)).tolist()
        total = np.exp(size + varies * draw.normal(size=2) + np.log([come, gone])).astype(np.int64).tolist()
        new = int(draw.binomial(2, strangers))
        parties = sorted({*draw.integers(0, 6, 2).tolist(), *range(stranger, stranger + new)})
        stranger += new
        yield UnitDay(
            DAY + day, (come, gone, 0, 0, 0), (*total, 0, 0, 0), max(total) // 2,
            night=int(draw.binomial(come + gone, nights)), rounded=int(draw.binomial(come + gone, 0.2)),
            parties=tuple(parties),
        )  # fmt: skip


def _kept(found: list[tuple[bool, float, float]]) -> Kept:
    promised, heeded, plain = (np.array(column) for column in zip(*found, strict=True))
    return Kept(
        promised=float(promised.mean()),
        broken=float((promised & (heeded > 1.0)).mean()),
        unheeded=float((plain > 1.0).mean()),
        realised=float(heeded[promised].mean()) if promised.any() else 0.0,
    )


def measure(*, quick: bool = False) -> list[Figure]:
    """By family and size, and through forests: promises broken, and what counting every day for one would break."""
    draws = 100 if quick else 400
    budget, laxer = Budget(1.0, 1_000.0), Budget(1.0, 50.0)
    found: list[Figure] = []
    for units, days in ((60, 170), (250, 170)):
        for family in FAMILIES:
            about = f"{units} units, {days} days each, one in a thousand at 90 %, {draws} calibrations, seed {SEED}"
            found += _figures(family.name, kept(family, units=units, days=days, draws=draws, budget=budget), about)
    draws = 10 if quick else 100
    growth = Growth(seed=1)
    forests = kept_by_forests(units=80, days=40, draws=draws, budget=laxer, growth=growth)
    about = f"80 units, 40 days each, one in fifty at 90 %, {draws} calibrations, seed {SEED}"
    return found + _figures("through forests", forests, about)


def _figures(name: str, these: Kept, about: str) -> list[Figure]:
    return [
        Figure(f"{name}: a budget promised", 100 * these.promised, "%", about),
        Figure(f"{name}: promised and broken", 100 * these.broken, "%"),
        Figure(f"{name}: broken, had each day counted for one", 100 * these.unheeded, "%"),
        Figure(f"{name}: realised ÷ budgeted where promised", these.realised, ""),
    ]
