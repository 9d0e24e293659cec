"""``hazflow book``: what a site should hold of one goods, now or at an instant, and the events that make it so."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from cli.installation import asking, database_argument, parse_at
from cli.show import Lang, json_argument, lang_argument, print_json, table
from cli.verb import Exit, Refused, Verb

if TYPE_CHECKING:
    from desk.books import Book, Books

_MOST = 200
_TOTALS_ZH = {
    "opening": "期初", "received": "入库", "produced": "生产", "returned": "退库", "issued": "出库",
    "consumed": "消耗", "destroyed": "销毁", "lost": "报失", "adjusted": "调整",
}  # fmt: skip
_OPERATIONS_ZH = {
    "open": "期初", "receive": "入库", "produce": "生产", "return": "退库", "issue": "出库", "consume": "消耗",
    "destroy": "销毁", "declare_loss": "报失", "adjust": "调整", "count": "清点", "weigh": "称重", "gauge": "量测",
}  # fmt: skip
_TITLES: dict[Lang, tuple[str, ...]] = {
    "zh": ("时间", "操作", "数量", "增减", "账面", "对方", "托运", "来源"),
    "en": ("time", "operation", "amount", "change", "balance", "counterparty", "consignment", "source"),
}


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("site", nargs="?", metavar="SITE", help="仓库/使用点 · the site")
    parser.add_argument("goods", nargs="?", metavar="GOODS", help="品种 · the goods")
    parser.add_argument("--at", type=parse_at, metavar="INSTANT", help="某一时刻 · as of an instant (now)")
    parser.add_argument("--last", type=int, metavar="N", help="只列最后 N 笔 · only the last N lines")
    parser.add_argument("--list", action="store_true", help="列出台账 · list the books, of SITE if named")
    database_argument(parser)
    json_argument(parser)
    lang_argument(parser)


def run(arguments: Namespace) -> int:
    """Show one book, or list them."""
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
        print(_text(book, arguments.lang, arguments.last))
    return Exit.OK


def _text(book: Book, lang: Lang, last: int | None) -> str:
    from events.quantity import show_quantity
    from events.registry import CATEGORY_NAMES, Category
    from events.time import format_instant

    zh = lang == "zh"
    kind = CATEGORY_NAMES[Category(book.category)][0 if zh else 1] if book.category else ""
    as_of = format_instant(book.at) if book.at is not None else ("现在" if zh else "now")
    balance = show_quantity(book.balance, book.measure)
    lines = [
        f"{book.site} / {book.goods} · {kind} · {book.unit} · {book.area}",
        f"截至{as_of}账面应有 {balance}" if zh else f"should hold {balance} as of {as_of}",
    ]
    moved = [
        f"{_TOTALS_ZH[name] if zh else name} {show_quantity(amount, book.measure)}"
        for name, amount in ((name, getattr(book.totals, name)) for name in book.totals.__struct_fields__)
        if amount
    ]
    lines.append("  " + ", ".join(moved))
    entries = book.entries if last is None else book.entries[-last:] if last > 0 else ()
    if len(entries) < len(book.entries):
        left = len(book.entries) - len(entries)
        lines.append(f"  ({'此前' if zh else 'before these:'} {left})")
    rows = []
    for entry in entries:
        line = entry.line
        change = "" if line.kind == "count" else show_quantity(line.delta, book.measure)
        if entry.difference is not None:
            change = f"{'盘差' if zh else 'found − book'} {show_quantity(entry.difference, book.measure)}"
        operation = _OPERATIONS_ZH.get(line.operation, line.operation) if zh else line.operation
        source = f"{line.topic}/{line.partition}/{line.offset} {line.fact}"
        rows.append(
            (
                format_instant(line.at), operation + (f" r{line.revision}" if line.revision else ""),
                show_quantity(line.amount, book.measure), change, show_quantity(entry.balance, book.measure),
                line.counterparty, line.consignment, source,
            )
        )  # fmt: skip
    return "\n".join([*lines, "", table(_TITLES[lang], rows)])


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
        "台账:某地某品种应有多少,因何事件",
        "what a site should hold of one goods, and the events that make it so",
    ),
    (
        "book --list",
        "book S35010201A Cl2 --last 20",
        "book S35010201A Cl2 --at 2026-05-08T18:00:00+08:00 --json",
    ),
    _arguments,
    run,
)
