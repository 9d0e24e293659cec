"""B10 编码异常: a serial number twice, from nowhere, after its end, in two places, left out, or not counted.

Law kept: a block of numbers is judged by what was said of each number before, in event order; a book by the numbers
that came in and did not go out. What is wrong in the same way at the same site is one matter.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final, Literal

from msgspec import Struct
from msgspec.structs import replace

from detectors.claim import Claim, Finding, Number
from detectors.detector import Card, Rule, Step, View
from detectors.episode import begin, end, go_on
from detectors.numbers import Numbers, less, more, numbers_of, shown, total, within
from detectors.serial_faults import GAP, faults
from detectors.serial_matters import LISTED, Matters, add, over, put_right
from events.quantity import Measure
from events.time import DAY, Instant, format_instant
from ledger.account import Book
from ledger.fact import INWARD, Body, Count, Fact, Movement, rank_of
from ledger.lives import Block

_TITLE: Final = ("编码异常", "Serial numbers at odds")
_MISSES: Final = (
    "出入库和盘点未填编码的（无号）；收货方未填编码的转手；两份记录先后颠倒在 12 小时之内的；"
    "一个编码段内变动过多时最早的记录已被遗忘；跨万号编码段的缺号；未列全编码的盘点；编码与实物不符的假号无从发现",
    "movements and counts without numbers; a handover whose receiver leaves them out; two records in the wrong "
    "order by up to 12 hours; what a block with too many changes had to forget; numbers left out across the border "
    "of a block of ten thousand; counts that do not list everything; a false number on a real thing",
)
MOST_HELD: Final = 400
"""Of how many runs a book knows which numbers it should hold; of more, the last ones are not missed."""


class Parameters(Struct, frozen=True, forbid_unknown_fields=True):
    """``least_produced``: so many numbers of a block must have been reported as produced before one that was not
    is *never produced*; 0 expects it of every block. ``largest_gap``: up to so many numbers left out in a row are a
    gap, more are another series. ``gap_days``: how long production may fill it. ``open_days``: how long a matter
    stands.
    """

    least_produced: int = 1
    largest_gap: int = 20
    gap_days: float = 3.0
    open_days: float = 90.0


class Serial(Rule):
    """Claims what is wrong with a block's numbers; evidence: what is wrong, the numbers, who said what before."""

    card: ClassVar = Card(
        id="B10",
        name="SERIAL",
        title=_TITLE,
        predicate=(
            "同一编码重复生产、期初、入库或出库，一份单据内重号；生产厂已上报生产而该编码从未生产；"
            "已消耗、销毁或报失后又出现；未从原处出库又在别处出现；生产跳号",
            "a number made, opened, received or issued twice, or listed twice in one report; never produced, where "
            "its maker reports production; there again after it was used up, destroyed or lost; in a second place "
            "without having left the first; left out in production",
        ),
        misses=_MISSES,
        key="serial",
        place="site",
    )
    State: ClassVar = Matters
    Parameters: ClassVar = Parameters
    stricter: ClassVar[dict[str, Literal["lower", "higher"]]] = {
        "least_produced": "lower",
        "largest_gap": "higher",
        "open_days": "higher",
    }
    sees: ClassVar[frozenset[type[Body]]] = frozenset((Movement, Count))

    def start(self) -> Matters:
        """Nothing open."""
        return Matters()

    def see(self, state: Matters, step: Step, view: View) -> tuple[Matters, Sequence[Claim]]:
        """Hold a report's numbers against their lives; close what it puts right."""
        fact, body, block = step.fact, step.fact.body, step.before
        if not isinstance(body, Movement | Count) or not isinstance(block, Block):
            return state, ()
        terms = view.terms("B10", fact.at, category=body.category, area=body.area, unit=body.unit)
        tuned: Parameters = terms.parameters
        found = faults(block, fact, least_produced=tuned.least_produced, largest_gap=tuned.largest_gap)
        if not found and not state.open:
            return state, ()
        left, made = over(state, fact.at)
        left, closed = put_right(left, fact)
        made += closed
        for fault in found:
            wait = round(tuned.gap_days * DAY) if fault.reason == GAP else 0
            left, evicted = add(left, fault, fact, terms.speaks(fact.at + wait), tuned.open_days)
            made += evicted
        return Matters(left), made

    def at(self, state: Matters, now: Instant, view: View) -> Sequence[Claim]:
        """What is open, or was until it was let be."""
        return tuple(matter.said(now) for matter in state.open)

    def wakes(self, state: Matters, view: View) -> Sequence[Instant]:
        """When matters are let be."""
        return tuple(matter.ages_at for matter in state.open)

    def explain(self, finding: Finding, lang: Literal["zh", "en"]) -> str:
        """What is wrong with which numbers, and what was said of them before."""
        claim, numbers = finding.claim, finding.claim.numbers
        since, goods = format_instant(claim.since), claim.goods
        whose = f"{numbers['maker']}/{numbers['type']}"
        place, reason = 0 if lang == "zh" else 1, str(numbers["reason"])
        wrong = _WRONG[reason][place]
        others = numbers.get("others")
        before = numbers.get("last_said_at")
        deed = str(numbers["operation"])
        if lang == "zh":
            known = f"此前记录在 {others}" if others else ""
            known = f"；{known or '此前记录'}（{format_instant(int(before))}）" if before is not None else ""
            return (
                f"{since} {claim.site} 的 {goods}（{_DEEDS[deed]}）：{whose} 编码 {numbers['serials']}，共 "
                f"{numbers['total']} 个，{wrong}{known}；涉及 {claim.ref_count} 份记录。"
            )
        known = "" if before is None else f" Before that they were reported at {others or claim.site}"
        known = "" if before is None else f"{known} ({format_instant(int(before))})."
        return (
            f"At {since} {claim.site} reported ({deed}) {goods} with {numbers['total']} number(s) "
            f"of {whose}, {numbers['serials']}, that {wrong} ({claim.ref_count} records).{known}"
        )


_DEEDS: Final = {
    "open": "期初", "receive": "入库", "issue": "出库", "produce": "生产", "consume": "消耗", "return": "退库",
    "destroy": "销毁", "declare_loss": "报失", "adjust": "调整", "count": "盘点",
}  # fmt: skip
_WRONG: Final = {
    "listed_twice": ("在同一单据中重复", "stand in one report twice"),
    "duplicate": ("与已有编码重复", "were there already"),
    "never_produced": ("从未上报生产", "were never reported as produced"),
    "after_end": ("已消耗、销毁或报失", "had been used up, destroyed or lost"),
    "two_places": ("未从别处出库", "had not left another place"),
    "gap": ("生产跳号，未见上报", "production left out"),
}
"""Reason → what is wrong."""


class Shelf(Struct, frozen=True, array_like=True, gc=False):
    """The numbers that came into a book and did not go out, those not there at the last count, and the claim."""

    held: Numbers = ()
    missing: Numbers = ()
    open: Claim | None = None


class NotCounted(Rule):
    """Claims from a full count that lacks numbers to one that lacks none; evidence: the numbers."""

    card: ClassVar = Card(
        id="B10",
        name="SERIAL",
        title=_TITLE,
        predicate=(
            "盘点列出全部编码，而台账上应在的编码不在其中（账上数量足以容纳这些编码）",
            "a count that lists every number lacks some that came in and did not go out, while the book's balance "
            "says that they are all here",
        ),
        misses=_MISSES,
        key="book",
        place="site",
    )
    State: ClassVar = Shelf
    Parameters: ClassVar = Parameters
    stricter: ClassVar[dict[str, Literal["lower", "higher"]]] = {}
    sees: ClassVar[frozenset[type[Body]]] = frozenset((Movement, Count))

    def start(self) -> Shelf:
        """No number known."""
        return Shelf()

    def see(self, state: Shelf, step: Step, view: View) -> tuple[Shelf, Sequence[Claim]]:
        """Take numbers in and out; hold a full count against what should be there."""
        match step.fact.body:
            case Movement() as moved if moved.serials:
                return replace(state, held=_after(state.held, moved)), ()
            case Count() as count if (count.serials or state.held) and isinstance(step.before, Book):
                return _counted(state, count, step.before, step.fact, view)
            case _:
                return state, ()

    def explain(self, finding: Finding, lang: Literal["zh", "en"]) -> str:
        """Which numbers should have been counted where."""
        claim, numbers = finding.claim, finding.claim.numbers
        since, until = format_instant(claim.since), claim.until
        if lang == "zh":
            close = "" if until is None else f"至 {format_instant(until)} 已了结。"
            return (
                f"{claim.site} 自 {since} 起盘点 {claim.goods} 未见编码 {numbers['serials']}，"
                f"共 {numbers['total']} 个，台账上应在库。{close}"
            )
        close = "" if until is None else f" It ended at {format_instant(until)}."
        return (
            f"Counted since {since}, {claim.goods} at {claim.site} lacks {numbers['total']} number(s) that the "
            f"book holds: {numbers['serials']}.{close}"
        )


def _counted(state: Shelf, count: Count, book: Book, fact: Fact, view: View) -> tuple[Shelf, Sequence[Claim]]:
    there = numbers_of(count.serials)
    if count.estimated or count.measure is not Measure.COUNT or total(there) < count.amount:
        return state, ()  # a list that is not full accuses nobody
    if total(state.held) > book.balance:
        # Something went out without its numbers: what is here is what was seen.
        made = () if state.open is None else (end(state.open, fact),)
        return Shelf(within(there, MOST_HELD)), made
    missing, learnt = less(state.held, there), more(state.held, there)
    held = within(learnt, MOST_HELD) if total(learnt) <= book.balance else state.held
    if not missing:
        made = () if state.open is None else (end(state.open, fact),)
        return Shelf(held), made
    if missing == state.missing:
        return replace(state, held=held), ()
    numbers: dict[str, Number] = {
        "reason": "not_counted",
        "serials": shown(missing, LISTED),
        "total": total(missing),
    }
    if state.open is None:
        terms = view.terms("B10", fact.at, category=count.category, area=count.area, unit=count.unit)
        claim = begin(fact, count, terms.speaks(fact.at), numbers)
    else:
        claim = go_on(state.open, fact, numbers)
    return Shelf(held, missing, claim), (claim,)


def _after(held: Numbers, moved: Movement) -> Numbers:
    """What should be there after a movement: a shift's use is of what has gone out to it."""
    listed_here = numbers_of(moved.serials)
    return within(more(held, listed_here), MOST_HELD) if rank_of(moved) == INWARD else less(held, listed_here)
