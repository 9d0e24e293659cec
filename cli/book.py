"""``hazflow book``: what a site should hold of one goods at an instant, what is under way, and what makes it so."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from cli.installation import asking, database_argument, parse_at
from cli.show import json_argument, lang_argument, print_json, table
from cli.verb import Exit, Refused, Verb

if TYPE_CHECKING:
    from desk.books import Books

_MOST = 200


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("site", nargs="?", metavar="SITE", help="仓库/使用点 · the site")
    parser.add_argument("goods", nargs="?", metavar="GOODS", help="品种 · the goods")
    parser.add_argument("--at", type=parse_at, metavar="INSTANT", help="某一时刻 · as of an instant (now)")
    parser.add_argument(
        "--last",
        type=int,
        metavar="N",
        help="各表只列 N 条 · N of each: the last lines and periods, the most pressing trips",
    )
    parser.add_argument("--list", action="store_true", help="列出台账 · list the books, of SITE if named")
    database_argument(parser)
    json_argument(parser)
    lang_argument(parser)


def run(arguments: Namespace) -> int:
    """Show one book, or list them."""
    from cli.book_text import book_text
    from desk.books import Books

    books = Books(asking(arguments).projected)
    if arguments.list:
        return _list(books, arguments)
    if not arguments.site or not arguments.goods:
        raise Refused("请给出 SITE 与 GOODS,或用 --list", "name SITE and GOODS, or use --list")
    book = books.book(arguments.site, arguments.goods, arguments.at)
    if book is None:
        raise Refused(
            f"{arguments.site} 没有 {arguments.goods} 的台账;用 --list 查看",
            f"{arguments.site} has no book of {arguments.goods}; see --list",
            Exit.FOUND,
        )
    if arguments.json:
        print_json(book)
    else:
        print(book_text(book, arguments.lang, arguments.last))
    return Exit.OK


def _list(books: Books, arguments: Namespace) -> int:
    from events.quantity import show_quantity
    from events.time import format_instant

    kept, more = books.page(
        lambda site, goods: arguments.site in (None, site) and arguments.goods in (None, goods), limit=_MOST
    )
    if arguments.json:
        print_json(kept)
        return Exit.OK
    head = ("SITE", "GOODS", *(("类别", "账面", "笔数", "最近") if arguments.lang == "zh" else
            ("category", "balance", "lines", "latest")))  # fmt: skip
    rows = [
        (one.site, one.goods, one.category, show_quantity(one.balance, one.measure), one.lines,
         format_instant(one.last_at))
        for one in kept
    ]  # fmt: skip
    print(table(head, rows))
    if more is not None:
        print(f"… 前 {_MOST} 本;请指明 SITE · the first {_MOST}: name a SITE")
    return Exit.OK


VERB = Verb(
    "book",
    (
        "台账:某地某品种应有多少、在途多少,因何事件",
        "what a site should hold of one goods, what is under way, and the events that make it so",
    ),
    (
        "book --list",
        "book S35010201A Cl2 --last 20",
        "book S35010201A Cl2 --at 2026-05-08T18:00:00+08:00 --json",
    ),
    _arguments,
    run,
)
