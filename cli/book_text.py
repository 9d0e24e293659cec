"""One book as text: what it should hold, what is under way, its balance periods, and the lines that make it so.

Law kept: the pages' own words, and every figure exact with its unit; what is left out is counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, TypeVar

from cli.show import Lang, table
from desk.books import Book, Entry
from desk.periods import Period
from desk.transit import Consigned, Passage
from desk.words import DIRECTION, OPERATION, PASSAGE, THROUGH, TOTAL, TRANSIT, WORDS, say
from events.quantity import Measure, show_quantity
from events.registry import CATEGORY_NAMES, Category
from events.time import format_instant

T = TypeVar("T")
_PARTS: Final = ("sent", "received", "lost", "in_transit")


def book_text(book: Book, lang: Lang, last: int | None) -> str:
    """All of it; of consignments, periods and lines only the ``last`` ones (None: all)."""
    kind = say(CATEGORY_NAMES[Category(book.category)], lang) if book.category else ""
    as_of = format_instant(book.at) if book.at is not None else say(WORDS["now"], lang)
    balance = show_quantity(book.balance, book.measure)
    moved = [
        f"{say(TOTAL[name], lang).lower()} {show_quantity(amount, book.measure)}"
        for name, amount in ((name, getattr(book.totals, name)) for name in book.totals.__struct_fields__)
        if amount
    ]
    return "\n".join(
        (
            f"{book.site} / {book.goods} · {kind} · {book.unit} · {book.area}",
            f"截至{as_of}账面应有 {balance}" if lang == "zh" else f"should hold {balance} as of {as_of}",
            f"  {', '.join(moved)} = {balance}",
            *_transit(book, lang, last),
            *_periods(book, lang, last),
            "",
            say(WORDS["lines"], lang),
            *_lines(book, lang, last),
        )
    )


def _transit(book: Book, lang: Lang, last: int | None) -> Iterable[str]:
    through = (("out", book.transit.out), ("into", book.transit.into))
    used = [(name, passage) for name, passage in through if passage.consignments]
    if not used:
        return
    yield from ("", say(WORDS["transit"], lang))
    for name, passage in used:
        yield f"  {say(THROUGH[name], lang)}: {_passage(passage, book.measure, lang)}"
    shown, left = _first(book.transit.open, last)
    if shown:
        words = ("state", "consignment", "counterparty")
        head = (*(say(WORDS[word], lang) for word in words), *(say(PASSAGE[part], lang) for part in _PARTS),
                say(WORDS["since"], lang))  # fmt: skip
        yield table(head, [_consigned(one, book.measure, lang) for one in shown])
    yield from _left(left, lang)


def _passage(passage: Passage, measure: Measure, lang: Lang) -> str:
    parts = [
        f"{say(PASSAGE[part], lang).lower()} {show_quantity(getattr(passage, part), measure)}" for part in _PARTS
    ]
    return ", ".join((say(WORDS["consignments"], lang).format(n=passage.consignments), *parts))


def _consigned(one: Consigned, measure: Measure, lang: Lang) -> Sequence[str]:
    about = " ".join(told.detector for told in one.warnings)
    since = format_instant(one.since)
    if one.overdue_since is not None:
        since += f" ({say(WORDS['since_due'], lang).format(at=format_instant(one.overdue_since))})"
    return (
        f"{say(TRANSIT[one.state.value], lang)} {about}".rstrip(), one.consignment,
        f"{say(DIRECTION[one.direction], lang)} {one.party or '?'}",
        *(show_quantity(getattr(one, part), measure) for part in _PARTS), since,
    )  # fmt: skip


def _periods(book: Book, lang: Lang, last: int | None) -> Iterable[str]:
    if not book.periods:
        return
    shown, left = _last(book.periods, last)
    words = ("period", "period_opening", "period_inputs", "period_outputs", "muf", "period_closing",
             "period_adjusted", "period_change")  # fmt: skip
    yield from ("", say(WORDS["periods"], lang), *_left(left, lang))
    if shown:
        yield table([say(WORDS[word], lang) for word in words], [_period(one, book, lang) for one in shown])
    yield say(WORDS["periods_law"], lang)


def _period(one: Period, book: Book, lang: Lang) -> Sequence[str]:
    end = say(WORDS["open_period"], lang) if one.end is None else format_instant(one.end)
    lost = show_quantity(one.lost, book.measure)
    of_it = f" ({say(WORDS['lost_of_it'], lang).format(amount=lost)})" if one.lost else ""
    return (
        f"{format_instant(one.start)} – {end}", show_quantity(one.opening, book.measure),
        show_quantity(one.inputs, book.measure), show_quantity(one.outputs, book.measure) + of_it,
        "" if one.muf is None else show_quantity(one.muf, book.measure),
        "" if one.closing is None else show_quantity(one.closing, book.measure),
        show_quantity(one.adjusted, book.measure), show_quantity(one.book_change, book.measure),
    )  # fmt: skip


def _lines(book: Book, lang: Lang, last: int | None) -> Iterable[str]:
    shown, left = _last(book.entries, last)
    yield from _left(left, lang)
    words = ("line_time", "operation", "quantity", "period_change", "balance", "counterparty", "consignment",
             "position")  # fmt: skip
    yield table([say(WORDS[word], lang) for word in words], [_entry(entry, book, lang) for entry in shown])


def _entry(entry: Entry, book: Book, lang: Lang) -> Sequence[object]:
    line = entry.line
    change = "" if line.kind == "count" else show_quantity(line.delta, book.measure)
    if entry.difference is not None:
        change = f"{say(WORDS['difference'], lang)} {show_quantity(entry.difference, book.measure)}"
    operation = say(OPERATION[line.operation], lang) if line.operation in OPERATION else line.operation
    marks = (f" ({say(WORDS['estimated'], lang)})" if line.estimated else "") + (
        f" r{line.revision}" if line.revision else ""
    )
    return (
        format_instant(line.at), operation + marks, show_quantity(line.amount, book.measure), change,
        show_quantity(entry.balance, book.measure), line.counterparty, line.consignment,
        f"{line.topic}/{line.partition}/{line.offset} {line.fact}",
    )  # fmt: skip


def _last(items: Sequence[T], last: int | None) -> tuple[Sequence[T], int]:
    """The last ones, and how many stand before them."""
    shown = items if last is None else items[-last:] if last > 0 else ()
    return shown, len(items) - len(shown)


def _first(items: Sequence[T], most: int | None) -> tuple[Sequence[T], int]:
    shown = items if most is None else items[: max(0, most)]
    return shown, len(items) - len(shown)


def _left(left: int, lang: Lang) -> Iterable[str]:
    if left:
        yield f"  (另有 {left} 条未列)" if lang == "zh" else f"  ({left} more not shown)"
