"""``hazflow power``: which loss a book would notice, within how many days, with which probability; as a curve."""

from __future__ import annotations

import re
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from cli.installation import asking, database_argument, database_path, parse_at, settings
from cli.show import json_argument, lang_argument, print_json
from cli.verb import Exit, Refused, Verb

if TYPE_CHECKING:
    from cli.power_curve import Setting
    from events.quantity import Amount


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("site", nargs="?", metavar="SITE", help="仓库/使用点 · the site of a book that there is")
    parser.add_argument("goods", nargs="?", metavar="GOODS", help="品种 · its goods")
    parser.add_argument("--at", type=parse_at, metavar="INSTANT", help="某一时刻 · as of an instant (now)")
    parser.add_argument("--site", dest="named_site", metavar="SITE", help="同 SITE · the same by name")
    parser.add_argument("--goods", dest="named_goods", metavar="GOODS", help="同 GOODS · the same by name")
    parser.add_argument(
        "--policies",
        type=Path,
        metavar="FOLDER",
        help="按此目录的办法(试算) · by these policies instead of those in force",
    )
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
    from cli.power_curve import answer
    from cli.power_text import svg, text

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
    from cli.power_curve import Errors, planned
    from detectors.policy import read_policy
    from streams.assembly import rule_parameters, rule_policies

    said = (arguments.random, arguments.systematic)
    errors = None if said == (None, None) else Errors(said[0] or 0.0, said[1] or 0.0, assumed=False)
    site, goods = arguments.named_site or arguments.site, arguments.named_goods or arguments.goods
    folder = rule_policies(arguments.policies or Path(settings().policies))
    if site and goods:
        setting = _of_book(arguments, site, goods, folder)
        return setting if errors is None else setting.erring(errors)
    if site or goods or not (arguments.stock and arguments.every):
        raise Refused(
            "请给出 SITE 与 GOODS(hazflow book --list 列出台账),或 --stock、--every(与 --flow)",
            "name SITE and GOODS (hazflow book --list has them), or give --stock and --every (and --flow)",
        )
    stock, flow = _quantity(arguments.stock), _quantity(arguments.flow or arguments.stock)
    if stock.measure is not flow.measure or arguments.every <= 0.0:
        raise Refused(
            "--stock 与 --flow 计量方式不同,或 --every 不为正",
            "--stock and --flow differ, or --every is not positive",
        )
    amounts = (flow.base if arguments.flow else 0, stock.base)
    return planned(read_policy(folder, rule_parameters()), errors, stock.measure, arguments.every, amounts)


def _of_book(arguments: Namespace, site: str, goods: str, folder: str) -> Setting:
    """A book with its registered instruments, its pace and usual throughput, and the limits in force for it."""
    from cli.power_book import rules_of, watched
    from cli.power_curve import Setting
    from desk.books import Books
    from streams.assembly import read_places
    from streams.writer import wall_clock

    book = Books(asking(arguments).projected).book(site, goods, arguments.at)
    if book is None:
        raise Refused(
            f"{site} 没有 {goods} 的台账;用 hazflow book --list 查看",
            f"{site} has no book of {goods}; see hazflow book --list",
            Exit.FOUND,
        )
    instead = arguments.policies is not None
    rules = rules_of(database_path(arguments), site, folder, read_places(), instead=instead)
    latest = max((entry.line.at for entry in book.entries), default=0)
    at = max(wall_clock(), latest) if arguments.at is None else arguments.at
    return Setting.of_book(watched(book, rules, at))


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
        "power --site S35010502A --goods ACETONE",
        "power S35010502A ACETONE --loss 25L --within 7 --out power.svg",
        "power S35010502A ACETONE --policies var/what-if",
        "power --stock 1000kg --flow 400kg --every 1 --random 0.002 --systematic 0.001 --json",
    ),
    _arguments,
    run,
)
