"""What ``hazflow power`` found, in sentences, as a plot of characters, as a drawing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from cli.power_curve import Answer, Errors
from cli.show import Lang
from detectors.sequential.power import readable
from events.quantity import show_quantity
from events.time import format_instant

ROWS, COLUMNS = 12, 60


def text(found: Answer, lang: Lang) -> str:
    """The answer in sentences, above a plot of the curves."""
    lines = [*_how(found, lang), *_noticed(found, lang), *_said(found, lang)]
    return "\n".join([*lines, "", *_plot(found, lang)])


def _how(found: Answer, lang: Lang) -> Iterator[str]:
    """How the book is watched: how often, by which limits of which policy, with which instruments."""
    zh, limits = lang == "zh", found.limits
    if found.site is not None:
        yield f"{found.site} {found.goods}"
    sigma = show_quantity(found.sigma, found.measure)
    c, h = ("—" if value is None else f"{value:.3f}" for value in (limits.c, limits.h))
    yield (
        f"约 {found.every_days:g} 天盘点一次,一期平衡差的标准差 {sigma};"
        f"B11 界限 c = {c},B12 阈值 h = {h},k = {limits.k:.3f}"
        if zh
        else f"counted every {found.every_days:g} days; one balance errs by {sigma} (1 σ); B11's limit c = {c}, "
        f"B12's h = {h}, k = {limits.k:.3f}"
    )
    if found.policy is not None:
        whose = ("已发布", "published") if found.published else ("目录中,未发布", "of a folder, not published")
        yield f"办法 {found.policy}({whose[0]})" if zh else f"policy {found.policy} ({whose[1]})"
    for rule in found.off:
        yield f"{rule} 在此地、此单位已停用" if zh else f"{rule} is switched off here by the policy"
    if found.warm_after:
        yield (
            f"B12、B13 还须 {found.warm_after} 期才作判断"
            if zh
            else f"B12 and B13 say nothing for another {found.warm_after} periods"
        )
    if found.errors is not None:
        yield _errors(found.errors, lang)
    else:
        yield from _instruments(found, lang)


def _instruments(found: Answer, lang: Lang) -> Iterator[str]:
    """By what each part is measured, and loudly where nobody registered that."""
    zh = lang == "zh"
    for one in found.instruments:
        part = _PARTS[one.part][0 if zh else 1]
        name = one.instrument or ("未指明器具" if zh else "no instrument named")
        if one.registered:
            errs = (
                f"随机 {one.random:.2%},系统 {one.systematic:.2%}(已登记)"
                if zh
                else f"{one.random:.2%} anew, {one.systematic:.2%} steadily (registered)"
            )
        else:
            errs = (
                f"未登记:按办法假定 {one.random:.2%} 与 {one.systematic:.2%},每次计量各自独立"
                if zh
                else f"NOT REGISTERED: {one.random:.2%} and {one.systematic:.2%}, anew each time, by the policy"
            )
        yield f"  {part} {name}: {errs}"
    if found.registry is False:
        yield (
            "  本数据库没有登记信息(Kafka 部署):器具一律按未登记处理;可用 --random、--systematic 指定"
            if zh
            else "  this database holds no registry (as on Kafka): all instruments are taken as not registered; "
            "--random and --systematic say others"
        )


def _noticed(found: Answer, lang: Lang) -> Iterator[str]:
    zh, percent = lang == "zh", f"{100 * found.power:g}%"
    for (name_zh, name_en), noticed in (
        (("一次流失", "lost at once"), found.noticed_at_once),
        (("均匀流失", "lost evenly"), found.noticed_evenly),
        (("一次盘盈", "too much at once"), found.noticed_gain),
    ):
        if noticed is not None:
            amount = show_quantity(noticed, found.measure)
            yield (
                f"{name_zh} {amount},{found.within_days:g} 天内以 {percent} 的概率发现"
                if zh
                else f"{amount} {name_en} would be noticed within {found.within_days:g} days with {percent}"
            )
        elif name_en != "too much at once":
            yield (
                f"{name_zh}:{found.within_days:g} 天内没有以 {percent} 的概率发现的办法"
                if zh
                else f"{name_en}: nothing is noticed within {found.within_days:g} days with {percent}"
            )
    if found.asked is not None:
        amount = show_quantity(found.asked.loss, found.measure)
        yield (
            f"{amount}:一次流失以 {found.asked.at_once:.1%}、均匀流失以 {found.asked.evenly:.1%} 的概率在期限内发现"
            if zh
            else f"{amount}: noticed in time with {found.asked.at_once:.1%} if lost at once, "
            f"{found.asked.evenly:.1%} if lost evenly"
        )


def _said(found: Answer, lang: Lang) -> Iterator[str]:
    """What warnings say of the latest count: other questions, so other numbers, by the same reckoning."""
    said, zh = found.warnings, lang == "zh"
    if said is None or found.errors is not None:
        return
    counted = format_instant(said.counted_at)
    yield f"{counted} 的盘点如有预警,其中写明:" if zh else f"a warning at the count of {counted} says:"
    for rule, noticed, days, power in (
        ("B11", said.noticed_at_once, said.days_at_once, said.power_at_once),
        ("B12", said.noticed_evenly, said.days_evenly, said.power_evenly),
    ):
        if noticed is None:
            continue
        amount, percent = show_quantity(noticed, found.measure), f"{100 * power:g}%"
        if rule == "B11":
            how = (
                f"一次短少,下次盘点(约 {days:g} 天)"
                if zh
                else f"lost at once, at the next count (about {days:g} days)"
            )
        else:
            how = f"{days} 天内均匀流失" if zh else f"lost evenly within {days} days"
        yield f"  {rule} {amount} {how},{percent}" if zh else f"  {rule} {amount} {how}, with {percent}"


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


_PARTS: dict[str, tuple[str, str]] = {
    "stock": ("盘点", "stock"), "inputs": ("入库", "inputs"), "outputs": ("出库", "outputs"),
    "unused": ("已登记,近期未用", "registered, not used of late"),
}  # fmt: skip
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


def _errors(errors: Errors, lang: Lang) -> str:
    random, systematic = f"{errors.random:.2%}", f"{errors.systematic:.2%}"
    if lang == "zh":
        whose = "（办法中对未登记器具的假定；已登记的请用 --random、--systematic）" if errors.assumed else ""
        return f"计量误差:随机 {random},系统 {systematic}{whose}"
    whose = ", as the policy takes instruments that nobody registered: --random and --systematic say others"
    return f"instruments err by {random} anew and {systematic} steadily{whose if errors.assumed else ''}"
