"""The curves of ``hazflow power``: probability of notice against the loss, as numbers, as text, as SVG.

Law kept: what is drawn is what the rules would do: B11's and B12's thresholds by the policies in the folder.
"""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from html import escape

from msgspec import Struct

from cli.show import Lang
from detectors.balances import RECENT, a_year_at
from detectors.measuring import unstated
from detectors.policy import Policy
from detectors.sequential.balance import Measured, Period, Uncertainty
from detectors.sequential.power import Limits, Outlook, outlook, readable, smallest
from detectors.sequential.threshold import page_threshold, shewhart_threshold
from events.quantity import Measure, show_quantity
from events.time import DAY, Instant

POINTS = 40
ROWS, COLUMNS = 12, 60


class Errors(Struct, frozen=True):
    """What the instruments are taken to err by; ``assumed``: as the policy takes those that nobody registered."""

    random: float
    systematic: float
    assumed: bool

    def instruments(self) -> tuple[Uncertainty, Uncertainty]:
        """The gauge and the scale; an assumed bias is drawn anew at each measurement, as the rules take it."""
        if self.assumed:
            both = unstated(self.random, self.systematic)
            return both, both
        return Uncertainty("gauge", self.random, self.systematic), Uncertainty(
            "scale", self.random, self.systematic
        )


class Setting(Struct, frozen=True):
    """What is watched, how often, by which thresholds, with which errors."""

    period: Period
    measure: Measure
    days: float
    limits: Limits
    errors: Errors

    @classmethod
    def planned(
        cls,
        policy: Policy,
        whose: tuple[str, tuple[str, ...], str],
        errors: Namespace,
        *,
        measure: Measure,
        days: float,
        amounts: tuple[int, int, int],
    ) -> Setting:
        """A period of ``amounts`` (in, out, counted), by the policy's terms for a category, areas and unit."""
        abrupt = policy.terms("B11", *whose).parameters
        slow = policy.terms("B12", *whose).parameters
        given = Errors(errors.random or 0.0, errors.systematic or 0.0, assumed=False)
        if errors.random is None and errors.systematic is None:
            given = Errors(slow.unstated_random, slow.unstated_systematic, assumed=True)
        gauge, scale = given.instruments()
        a_year = a_year_at(days * DAY)
        limits = Limits(
            c=shewhart_threshold(min(a_year, abrupt.horizon_periods), abrupt.false_alarm),
            h=page_threshold(
                min(a_year, slow.horizon_periods), slow.k, slow.false_alarm * (1.0 - slow.cumuf_share)
            ),
            k=slow.k,
        )
        came, went, there = amounts
        stock = Measured(there, gauge)
        period = Period((Measured(came, scale),), (Measured(went, scale),), stock, stock)
        return cls(period, measure, days, limits, given)


class Point(Struct, frozen=True):
    """A loss in base units, and the probability that it is noticed in time: lost at once, or evenly."""

    loss: int
    at_once: float
    evenly: float


class Answer(Struct, frozen=True):
    """What was found; quantities in base units of ``measure``. ``met``: whether what was asked for is kept."""

    measure: Measure
    sigma: int
    every_days: float
    within_days: float
    counts: int
    power: float
    limits: Limits
    errors: Errors
    noticed_at_once: int | None
    noticed_evenly: int | None
    asked: Point | None
    met: bool
    curve: tuple[Point, ...]


def days_between(periods: Sequence[tuple[Instant, Instant]]) -> float:
    """The mean length in days of the latest periods."""
    lengths = [end - start for start, end in periods[-RECENT:]]
    return max(sum(lengths) / len(lengths) / DAY, 1e-3)


def answer(setting: Setting, *, within: float, power: float, loss: int | None) -> Answer | None:
    """The curves, and the least losses that are noticed; None where nothing errs."""
    found = outlook(setting.period, days=setting.days, within=within)
    if found is None:
        return None
    limits = setting.limits
    once = smallest(lambda lost: found.at_once(lost, limits), power, sigma=found.sigma)
    evenly = smallest(lambda lost: found.spread(lost, limits), power, sigma=found.sigma)
    most = 1.3 * max(once or 0.0, evenly or 0.0, 6.0 * found.sigma, float(loss or 0))
    asked = None if loss is None else _point(found, limits, loss)
    return Answer(
        measure=setting.measure,
        sigma=readable(found.sigma),
        every_days=round(setting.days, 3),
        within_days=within,
        counts=found.looks,
        power=power,
        limits=limits,
        errors=setting.errors,
        noticed_at_once=None if once is None else readable(once),
        noticed_evenly=None if evenly is None else readable(evenly),
        asked=asked,
        met=asked.at_once >= power if asked is not None else once is not None,
        curve=tuple(_point(found, limits, readable(most * step / POINTS)) for step in range(POINTS + 1)),
    )


def text(found: Answer, lang: Lang) -> str:
    """The answer in sentences, above a plot of the curves."""
    zh = lang == "zh"
    sigma, percent = show_quantity(found.sigma, found.measure), f"{100 * found.power:g}%"
    c, h, k = (f"{value:.3f}" for value in (found.limits.c, found.limits.h, found.limits.k))
    lines = [
        f"约 {found.every_days:g} 天盘点一次,一期平衡差的标准差 {sigma};B11 界限 c = {c},B12 阈值 h = {h},k = {k}"
        if zh
        else f"counted every {found.every_days:g} days; one balance errs by {sigma} (1 σ); B11's limit c = {c}, "
        f"B12's h = {h}, k = {k}",
        _errors(found.errors, lang),
    ]
    for (name_zh, name_en), noticed in (
        (("一次流失", "lost at once"), found.noticed_at_once),
        (("均匀流失", "lost evenly"), found.noticed_evenly),
    ):
        if noticed is None:
            lines.append(
                f"{name_zh}:{found.within_days:g} 天内没有以 {percent} 的概率发现的办法"
                if zh
                else f"{name_en}: nothing is noticed within {found.within_days:g} days with {percent}"
            )
        else:
            amount = show_quantity(noticed, found.measure)
            lines.append(
                f"{name_zh} {amount},{found.within_days:g} 天内以 {percent} 的概率发现"
                if zh
                else f"{amount} {name_en} would be noticed within {found.within_days:g} days with {percent}"
            )
    if found.asked is not None:
        amount = show_quantity(found.asked.loss, found.measure)
        lines.append(
            f"{amount}:一次流失以 {found.asked.at_once:.1%}、均匀流失以 {found.asked.evenly:.1%} 的概率在期限内发现"
            if zh
            else f"{amount}: noticed in time with {found.asked.at_once:.1%} if lost at once, "
            f"{found.asked.evenly:.1%} if lost evenly"
        )
    return "\n".join([*lines, "", *_plot(found, lang)])


def svg(found: Answer, lang: Lang) -> str:
    """The curves as a drawing of their own: no library, no script, readable at any size."""
    left, top, wide, high = 60, 30, 560, 300
    curve, most = found.curve, found.curve[-1].loss

    def path(values: Sequence[float]) -> str:
        spots = (
            f"{left + wide * point.loss / most:.1f},{top + high * (1 - value):.1f}"
            for point, value in zip(curve, values, strict=True)
        )
        return " ".join(spots)

    words = _WORDS[lang]
    marks = []
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        y, x = top + high * (1 - share), left + wide * share
        label = escape(show_quantity(readable(most * share), found.measure))
        marks += [
            f'<line x1="{left}" x2="{left + wide}" y1="{y:.1f}" y2="{y:.1f}" stroke="#ddd"/>',
            f'<text x="{left - 8}" y="{y + 4:.1f}" text-anchor="end">{share:.0%}</text>',
            f'<text x="{x:.1f}" y="{top + high + 18}" text-anchor="middle">{label}</text>',
        ]
    goal = top + high * (1 - found.power)
    title = escape(words[2].format(days=f"{found.within_days:g}"))
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {left + wide + 20} {top + high + 60}" '
            'font-family="sans-serif" font-size="12">',
            f"<title>{title}</title>",
            '<rect width="100%" height="100%" fill="#fff"/>',
            f'<text x="{left}" y="18" font-size="14">{title}</text>',
            *marks,
            f'<line x1="{left}" x2="{left + wide}" y1="{goal:.1f}" y2="{goal:.1f}" stroke="#999" '
            'stroke-dasharray="5 4"/>',
            '<polyline fill="none" stroke="#b3261e" stroke-width="2" '
            f'points="{path([p.at_once for p in curve])}"/>',
            '<polyline fill="none" stroke="#1f5fa8" stroke-width="2" stroke-dasharray="8 3" '
            f'points="{path([p.evenly for p in curve])}"/>',
            f'<text x="{left + 10}" y="{top + high + 42}" fill="#b3261e">—— {escape(words[0])}</text>',
            f'<text x="{left + 200}" y="{top + high + 42}" fill="#1f5fa8">- - {escape(words[1])}</text>',
            "</svg>\n",
        ]
    )


_WORDS: dict[Lang, tuple[str, str, str]] = {
    "zh": ("一次流失", "均匀流失", "{days} 天内发现的概率"),
    "en": ("lost at once", "lost evenly", "probability of notice within {days} days"),
}


def _plot(found: Answer, lang: Lang) -> list[str]:
    """A plot of characters: ``#`` lost at once, ``o`` lost evenly, ``-`` the probability asked for."""
    words, most = _WORDS[lang], found.curve[-1].loss
    grid = [[" "] * (COLUMNS + 1) for _ in range(ROWS + 1)]
    grid[round(ROWS * (1 - found.power))] = ["-"] * (COLUMNS + 1)
    for sign, values in (("o", [p.evenly for p in found.curve]), ("#", [p.at_once for p in found.curve])):
        for point, value in zip(found.curve, values, strict=True):
            grid[round(ROWS * (1 - value))][round(COLUMNS * point.loss / most)] = sign
    rows = [f"{1 - row / ROWS:5.0%} |{''.join(line)}".rstrip() for row, line in enumerate(grid)]
    end = show_quantity(most, found.measure)
    return [
        words[2].format(days=f"{found.within_days:g}") + f"   # {words[0]}   o {words[1]}",
        *rows,
        f"      +{'-' * COLUMNS}",
        f"       0{end:>{COLUMNS}}",
    ]


def _point(found: Outlook, limits: Limits, loss: int) -> Point:
    once, evenly = found.at_once(loss, limits), found.spread(loss, limits)
    return Point(loss, round(once, 4), round(evenly, 4))


def _errors(errors: Errors, lang: Lang) -> str:
    random, systematic = f"{errors.random:.2%}", f"{errors.systematic:.2%}"
    if lang == "zh":
        whose = "（办法中对未登记器具的假定；已登记的请用 --random、--systematic）" if errors.assumed else ""
        return f"计量误差:随机 {random},系统 {systematic}{whose}"
    whose = ", as the policy takes instruments that nobody registered: --random and --systematic say others"
    return f"instruments err by {random} anew and {systematic} steadily{whose if errors.assumed else ''}"
