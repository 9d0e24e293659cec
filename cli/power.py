"""``hazflow power``: which loss a book would notice, within how many days, with which probability; as a curve."""

from __future__ import annotations

import re
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from cli.installation import asking, database_argument, parse_at, settings
from cli.show import json_argument, lang_argument, print_json
from cli.verb import Exit, Refused, Verb

if TYPE_CHECKING:
    from cli.power_curve import Setting
    from detectors.policy import Policy
    from events.quantity import Amount


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("site", nargs="?", metavar="SITE", help="仓库/使用点 · the site of a book that there is")
    parser.add_argument("goods", nargs="?", metavar="GOODS", help="品种 · its goods")
    parser.add_argument("--at", type=parse_at, metavar="INSTANT", help="某一时刻 · as of an instant (now)")
    plan = parser.add_argument_group("没有台账时 · without a book")
    plan.add_argument("--stock", metavar="QUANTITY", help="库存,如 1000kg · what is there at a count")
    plan.add_argument("--flow", metavar="QUANTITY", help="每期出入库各 · what comes, and goes, between two counts")
    plan.add_argument("--every", type=float, metavar="DAYS", help="几天盘点一次 · days between two counts")
    errors = parser.add_argument_group("计量误差(相对标准差) · what instruments err by, as a part of one")
    errors.add_argument("--random", type=float, metavar="PART", help="随机 · anew at each measurement")
    errors.add_argument("--systematic", type=float, metavar="PART", help="系统 · a bias that stays")
    asked = parser.add_argument_group("问题 · the question")
    asked.add_argument("--loss", metavar="QUANTITY", help="流失量,如 25kg · how likely is this loss noticed?")
    asked.add_argument("--within", type=float, default=7.0, metavar="DAYS", help="几天之内 · within (%(default)g)")
    asked.add_argument("--power", type=float, default=0.95, metavar="P", help="概率 · with (%(default)g)")
    asked.add_argument("--out", type=Path, metavar="FILE.svg", help="曲线存为 SVG · draw the curves into a file")
    database_argument(parser)
    json_argument(parser)
    lang_argument(parser)


def run(arguments: Namespace) -> int:
    """Work out the curves, print them, and say whether the loss asked about is noticed as it should be."""
    from cli.power_curve import answer, svg, text

    if arguments.out is not None and arguments.out.suffix != ".svg":
        raise Refused(f"只能存为 .svg:{arguments.out}", f"only .svg can be drawn: {arguments.out}")
    if not 0.0 < arguments.power < 1.0 or not 0.0 < arguments.within <= 366.0:
        raise Refused(
            "--power 在 0 与 1 之间,--within 不超过 366 天", "--power is between 0 and 1, --within up to 366"
        )
    setting = _setting(arguments)
    loss = None if arguments.loss is None else _quantity(arguments.loss)
    if loss is not None and loss.measure is not setting.measure:
        raise Refused(f"计量方式不同:{arguments.loss}", f"{arguments.loss} is no {setting.measure.value}")
    found = answer(
        setting, within=arguments.within, power=arguments.power, loss=None if loss is None else loss.base
    )
    if found is None:
        raise Refused(
            "计量没有误差:任何差异都由 B1 判断",
            "nothing in it errs: any difference at all is B1's to find",
            Exit.FOUND,
        )
    if arguments.out is not None:
        arguments.out.write_text(svg(found, arguments.lang), encoding="utf-8")
    if arguments.json:
        print_json(found)
    else:
        print(text(found, arguments.lang))
    return Exit.OK if found.met else Exit.FOUND


def _setting(arguments: Namespace) -> Setting:
    from detectors.policy import read_policy
    from streams.assembly import rule_parameters, rule_policies

    folder = Path(settings().policies)
    policy = read_policy(rule_policies(folder), rule_parameters())
    if arguments.site and arguments.goods:
        return _of_book(arguments, policy)
    if arguments.site or not (arguments.stock and arguments.every):
        raise Refused(
            "请给出 SITE 与 GOODS,或 --stock、--every(与 --flow)",
            "name SITE and GOODS, or give --stock and --every (and --flow)",
        )
    from cli.power_curve import Setting

    stock, flow = _quantity(arguments.stock), _quantity(arguments.flow or arguments.stock)
    if stock.measure is not flow.measure or arguments.every <= 0.0:
        raise Refused(
            "--stock 与 --flow 计量方式不同,或 --every 不为正",
            "--stock and --flow differ, or --every is not positive",
        )
    moved = flow.base if arguments.flow else 0
    return Setting.planned(
        policy, ("", (), ""), arguments, measure=stock.measure, days=arguments.every,
        amounts=(moved, moved, stock.base),
    )  # fmt: skip


def _of_book(arguments: Namespace, policy: Policy) -> Setting:
    """As the book's last balance period was, counted as often as it was of late."""
    from cli.power_curve import Setting, days_between
    from desk.books import Books
    from detectors.balances import WEIGHED
    from events.time import civil_day, day_start
    from streams.assembly import read_places

    book = Books(asking(arguments).projected).book(arguments.site, arguments.goods, arguments.at)
    closed = [] if book is None else [period for period in book.periods if period.end is not None]
    if book is None or not closed:
        raise Refused(
            f"{arguments.site} 的 {arguments.goods} 没有两次盘点",
            f"{arguments.site} has no two counts of {arguments.goods}: see hazflow book --list",
            Exit.FOUND,
        )
    if book.measure not in WEIGHED:
        raise Refused(
            "计件货物和活度不作平衡检验", "counted goods and activity have no balance test: see B1", Exit.FOUND
        )
    last = closed[-1]
    areas = read_places().chain(book.area, day_start(civil_day(last.start)))
    return Setting.planned(
        policy, (book.category, areas, book.unit), arguments, measure=book.measure,
        days=days_between([(period.start, period.end or period.start) for period in closed]),
        amounts=(last.inputs, last.outputs, last.closing or 0),
    )  # fmt: skip


def _quantity(text: str) -> Amount:
    from events.quantity import Amount, parse_quantity

    value = re.match(r"[\d.]*", text.strip())
    number = "" if value is None else value.group()
    found = parse_quantity(number, text.strip().removeprefix(number).strip())
    if not isinstance(found, Amount):
        raise Refused(f"无法识别的数量 {text!r}", f"no quantity: {text!r} ({found.value}); an example: 25kg")
    return found


VERB = Verb(
    "power",
    ("检出能力:多少流失、几天之内、以多大概率发现", "which loss would be noticed, how soon, how surely"),
    (
        "power S35010502A ACETONE",
        "power S35010502A ACETONE --loss 25L --within 7 --out power.svg",
        "power --stock 1000kg --flow 400kg --every 1 --random 0.002 --systematic 0.001 --json",
    ),
    _arguments,
    run,
)
