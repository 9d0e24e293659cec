"""How often the balance rules accuse an honest book: realised false alarms against the budget that was stated.

Mix: books without loss, whose gauges and scales err as their papers say, through the statistics of B11, B12 and B13
with the shipped parameters, a year each; all books of a plan at once in numpy. That this is what the rules
themselves say is a test's to show: `tests/unit/benchmarks/test_false_alarms.py`.
Run `python -m benchmarks false-alarms`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import numpy as np
from msgspec import Struct
from msgspec.structs import replace
from numpy.typing import NDArray

from benchmarks.figure import Figure, WrongAnswer
from detectors import b11_abrupt_loss as b11
from detectors import b12_protracted_loss as b12
from detectors import b13_unexplained_gain as b13
from detectors.balances import RECENT, a_year_at
from detectors.budget import WEEKS, YEAR, Budget
from detectors.drift import FOUND
from detectors.sequential.balance import Uncertainty
from detectors.sequential.joint import limit_after
from detectors.sequential.threshold import NORMAL
from events.time import DAY

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

BOOKS = 30_000
LEAST_EXPECTED = 100
"""Expected alarms below which a ratio says little."""
WITHIN = 0.25


class Plan(Struct, frozen=True):
    """A year of one book as it is meant to be: kilograms at each count and moved between, days between counts."""

    name: str
    days: tuple[float, ...]
    stock: tuple[float, ...]
    came: tuple[float, ...]
    went: tuple[float, ...]
    gauge: Uncertainty
    way_in: Uncertainty
    way_out: Uncertainty


class Asked(Struct, frozen=True):
    """The parameters of the three rules."""

    abrupt: b11.Parameters = b11.Parameters()
    protracted: b12.Parameters = b12.Parameters()
    gain: b13.Parameters = b13.Parameters()


SHIPPED = Asked()


def plans() -> tuple[Plan, ...]:
    """Books of very different kinds: what errs most is the stock, the flow, or a bias; daily, weekly, monthly."""
    gauge, meter = Uncertainty("gauge", 0.003, 0.002), Uncertainty("meter", 0.003, 0.002)
    bridge = Uncertainty("weighbridge", 0.001, 0.005)
    draw = np.random.default_rng(20261125)
    ends = np.cumsum(draw.integers(1, 6, 365))
    gaps = tuple(float(gap) for gap in np.diff([0, *ends[ends < 365], 365]))
    return (
        _steady("a large tank, gauged daily", 365, (40_000.0, 200.0), (gauge, meter, meter)),
        _steady("a busy store, weighed daily", 365, (1_000.0, 900.0), (gauge, meter, meter)),
        _steady("in by weighbridge, out by meter, daily", 365, (5_000.0, 1_000.0), (gauge, bridge, meter)),
        _steady("a store counted weekly", 52, (2_000.0, 1_500.0), (gauge, meter, meter)),
        _steady("a store counted monthly", 12, (2_000.0, 4_000.0), (gauge, meter, meter)),
        _steady("counted every one to five days", gaps, (3_000.0, 400.0), (gauge, meter, meter)),
        _cleaned_out((gauge, meter, meter)),
    )


def _steady(
    name: str,
    counts: int | tuple[float, ...],
    size: tuple[float, float],
    instruments: tuple[Uncertainty, Uncertainty, Uncertainty],
) -> Plan:
    days = counts if isinstance(counts, tuple) else (365.0 / counts,) * counts
    stock, moved = size
    return Plan(name, days, (stock,) * (len(days) + 1), (moved,) * len(days), (moved,) * len(days), *instruments)


def _cleaned_out(instruments: tuple[Uncertainty, Uncertainty, Uncertainty]) -> Plan:
    """A batch plant: filled on Mondays, empty each Friday, closed at the week's end."""
    stock, came, went, days = [0.0], [], [], []
    for _ in range(52):
        for held, filled, gap in (
            (4_000.0, 5_000.0, 3.0),
            (3_000.0, 0.0, 1.0),
            (1_500.0, 0.0, 1.0),
            (0.0, 0.0, 2.0),
        ):
            came.append(filled)
            went.append(stock[-1] + filled - held)
            stock.append(held)
            days.append(gap)
    return Plan("a plant emptied every week", tuple(days), tuple(stock), tuple(came), tuple(went), *instruments)


def honest(plan: Plan, books: int, seed: int) -> Floats:
    """The MUF of books of a plan in which nothing is lost: (books × periods), in kilograms."""
    draw = np.random.default_rng(seed)

    def read(true: tuple[float, ...], by: Uncertainty) -> Floats:
        steady = biases[by.id]
        error: Floats = np.array(true) * (draw.normal(0.0, by.random, (books, len(true))) + steady)
        return error

    ways = {by.id: by for by in (plan.gauge, plan.way_in, plan.way_out)}
    biases = {name: draw.normal(0.0, by.systematic, (books, 1)) for name, by in sorted(ways.items())}
    counted = read(plan.stock, plan.gauge)
    muf: Floats = read(plan.came, plan.way_in) - read(plan.went, plan.way_out) - np.diff(counted, axis=1)
    return muf


def covariance(plan: Plan) -> Floats:
    """Cov(MUF) of a plan, from the definition."""
    stock, came, went = (np.array(line) for line in (plan.stock, plan.came, plan.went))
    counted = (stock * plan.gauge.random) ** 2
    cov = np.diag(counted[1:] + counted[:-1] + (came * plan.way_in.random) ** 2 + (went * plan.way_out.random) ** 2)
    cov -= np.diag(counted[1:-1], 1) + np.diag(counted[1:-1], -1)
    pulls: dict[tuple[str, float], Floats] = {}
    for by, pull in ((plan.gauge, -np.diff(stock)), (plan.way_in, came), (plan.way_out, -went)):
        pulls[by.bias] = pulls.get(by.bias, np.zeros(len(came))) + pull
    for (_, systematic), pull in pulls.items():
        cov += np.outer(pull, pull) * systematic**2
    found: Floats = cov
    return found


def alarms(plan: Plan, muf: Floats, asked: Asked = SHIPPED) -> Mapping[str, Flags]:
    """Where each test begins to accuse which book (books × periods): B11, B12 by Page and by CUMUF, B13."""
    cov = covariance(plan)
    root = np.linalg.cholesky(cov)
    value = np.linalg.solve(root, muf.T).T
    surprise = value * np.diag(root)
    years = _a_year(plan)
    own = np.sqrt(np.diag(cov))
    c = np.array([asked.abrupt.shewhart(number) for number in years])
    abrupt: Flags = (value > c) & (muf > 0) & (2 * muf >= surprise)
    h = np.array([b12.threshold(number, asked.protracted) for number in years])
    page = _drift(value, muf, own, h, (asked.protracted.k, asked.protracted.warmup_periods))
    return {
        "B11": abrupt,
        "B12 Page": page,
        "B12 CUMUF": _cumuf(plan, muf, cov, asked.protracted),
        "B13": _gains(value, muf, (surprise, np.diag(root), own), (years, asked.gain)),
    }


def _a_year(plan: Plan) -> list[int]:
    """How many periods a year the book's pace makes at each count: as `detectors.balances` works it out."""
    return [a_year_at(days * DAY) for days in _pace(plan)]


def _pace(plan: Plan) -> list[float]:
    """The mean length of a period in days, as known at each count."""
    found, mean = [], 0.0
    for number, days in enumerate(plan.days, 1):
        mean += (days - mean) / min(number, RECENT)
        found.append(mean)
    return found


def _drift(value: Floats, muf: Floats, own: Floats, h: Floats, asked: tuple[float, int]) -> Flags:
    """`detectors.drift` over many books at once, and where a run first speaks that is above h."""
    books, periods = value.shape
    k, warm_up = asked
    total, amount, peak = np.zeros(books), np.zeros(books), np.zeros(books)
    said, open_ = np.zeros((books, periods), dtype=np.bool_), np.zeros(books, dtype=np.bool_)
    for i in range(periods):
        total = np.maximum(total + value[:, i] - k, 0.0)
        amount = amount + muf[:, i]
        peak = np.maximum(peak, amount)
        over = (total <= 0.0) | ((amount <= own[i]) & (peak - amount >= FOUND * own[i]))
        total[over], amount[over], peak[over], open_[over] = 0.0, 0.0, 0.0, False
        if i + 1 >= warm_up:
            said[:, i] = (total > h[i]) & (amount > 0.0) & ~open_
            open_ |= said[:, i]
    return said


def _cumuf(plan: Plan, muf: Floats, cov: Floats, asked: b12.Parameters) -> Flags:
    """The windows' sums, each against the limit that its covariance with the one before it leaves."""
    windows = max(round(YEAR / (asked.cumuf_days * DAY)), 1)
    spend = asked.windows(windows, asked.cumuf_share) / windows
    said, open_ = np.zeros(muf.shape, dtype=np.bool_), np.zeros(len(muf), dtype=np.bool_)
    first, since, place = 0, 0.0, 0
    limit, earlier = 0.0, slice(0)
    for i, (days, pace) in enumerate(zip(plan.days, _pace(plan), strict=True)):
        since += days
        if since + pace / 2.0 < asked.cumuf_days:
            continue
        now = slice(first, i + 1)
        sigma = math.sqrt(cov[now, now].sum())
        if place % windows == 0:
            limit = -NORMAL.inv_cdf(spend)
        else:
            limit = limit_after(
                limit, cov[earlier, now].sum() / math.sqrt(cov[earlier, earlier].sum()) / sigma, spend
            )
        if i + 1 >= asked.warmup_periods:
            above = muf[:, now].sum(axis=1) > limit * sigma
            said[:, i], open_ = above & ~open_, above
        first, since, place, earlier = i + 1, 0.0, place + 1, now
    return said


def _gains(
    value: Floats, muf: Floats, scale: tuple[Floats, Floats, Floats], asked: tuple[list[int], b13.Parameters]
) -> Flags:
    (surprise, sigma, own), (years, gain) = scale, asked
    c = np.array([gain.shewhart(number) for number in years])
    short = (value > c) & (muf > 0) & (2 * muf >= surprise)
    owed = np.zeros(len(muf))
    back = np.zeros_like(muf)
    for i in range(muf.shape[1]):
        back[:, i] = np.where(muf[:, i] > 0, 0.0, np.minimum(owed, -muf[:, i]))
        owed = np.maximum(owed + np.where(short[:, i], muf[:, i], 0.0) - back[:, i], 0.0)
    h = np.array([gain.page(number, gain.k) for number in years])
    return _drift(-(value + back / sigma), -(muf + back), own, h, (gain.k, gain.warmup_periods))


def budgets(asked: Asked = SHIPPED) -> Mapping[str, float]:
    """What each test may spend in a year."""
    return _shares(asked, lambda rule: rule.false_alarm)


def realised(plan: Plan, books: int, seed: int) -> Mapping[str, float]:
    """What share of honest books each test accuses in a year; `losses`: B11 or B12, `all`: any of them."""
    said = {name: flags.any(axis=1) for name, flags in alarms(plan, honest(plan, books, seed)).items()}
    said["losses"] = said["B11"] | said["B12 Page"] | said["B12 CUMUF"]
    said["all"] = said["losses"] | said["B13"]
    return {name: float(flags.mean()) for name, flags in said.items()}


def at_rate(a_week: float, books: int) -> Asked:
    """The shipped parameters, with a budget of so many false alarms a week of so many books for each rule."""
    stated = {"false_alarm": 0.0, "alarms_per_week": a_week, "books": books}
    return Asked(
        replace(SHIPPED.abrupt, **stated), replace(SHIPPED.protracted, **stated), replace(SHIPPED.gain, **stated)
    )


def realised_a_week(plan: Plan, asked: Asked, books: int, seed: int) -> Mapping[str, float]:
    """How many false alarms a week each test raises of so many honest books, in a year."""
    said = alarms(plan, honest(plan, books, seed), asked)
    return {name: float(flags.sum()) / (sum(plan.days) / 365.0) / WEEKS for name, flags in said.items()}


def stated_a_week(asked: Asked) -> Mapping[str, float]:
    """How many of them each test may raise, of so many books as the policies name."""
    return _shares(asked, lambda rule: rule.alarms_per_week)


def _shares(asked: Asked, stated: Callable[[Budget], float]) -> Mapping[str, float]:
    """What the rules state, by test: B12's is shared by two."""
    protracted, share = stated(asked.protracted), asked.protracted.cumuf_share
    return {
        "B11": stated(asked.abrupt),
        "B12 Page": protracted * (1.0 - share),
        "B12 CUMUF": protracted * share,
        "B13": stated(asked.gain),
    }


def measure(*, quick: bool = False) -> list[Figure]:
    """Realised ÷ budget of every test on every plan; a daily, steady book must be within a quarter of it."""
    books = 2_000 if quick else BOOKS
    stated = dict(budgets())
    stated["losses"] = stated["B11"] + stated["B12 Page"] + stated["B12 CUMUF"]
    stated["all"] = stated["losses"] + stated["B13"]
    found = []
    for number, plan in enumerate(plans()):
        share = realised(plan, books, 20_261_125 + number)
        for name, budget in stated.items():
            ratio = share[name] / budget
            says = f"{share[name]:.2%} of {books:,} honest book-years, budget {budget:.2%}"
            found.append(Figure(f"{plan.name}: {name}", round(ratio, 2), "of the budget", says))
            if name == "all" and ratio > 1.0 + WITHIN:
                raise WrongAnswer(f"{plan.name}: {share[name]:.2%} false alarms, {budget:.2%} were stated")
        found += _a_week(plan, books, number)
    return found


def _a_week(plan: Plan, books: int, number: int) -> list[Figure]:
    """The same for budgets stated as a rate: one false alarm a week of two hundred books, by each rule."""
    asked = at_rate(books / 200.0, books)
    share = realised_a_week(plan, asked, books, 20_261_225 + number)
    return [
        Figure(
            f"{plan.name}: {name}, alarms a week", round(share[name] / budget, 2), "of the budget",
            f"{share[name]:.3g} a week of {books:,} honest books, {budget:.3g} were stated",
        )
        for name, budget in stated_a_week(asked).items()
    ]  # fmt: skip
