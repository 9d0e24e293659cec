"""B7 重大危险源未备案: a site holds as much as makes it a major hazard, and is not filed as one.

Law kept: Σ q/Q over the site's books decides, exactly, with the critical quantities and the filing in force when
the goods moved. One episode lasts until the site is filed, or has stayed below for a while.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Annotated, ClassVar, Final, Literal

from msgspec import Meta, Struct
from msgspec.structs import replace

from detectors.claim import Claim, Finding, Number
from detectors.detector import Card, Step, View
from detectors.episode import begin, end, go_on
from events.quantity import Amount, Measure, parse_quantity, show_quantity
from events.registry import GoodsEntry, HazardFilingEntry
from events.time import HOUR, Instant, format_instant
from ledger.fact import Body, Fact, Movement
from ledger.posting import book_delta

_SHOWN: Final = 5
"""Of how many goods the evidence gives the figures, the largest shares first."""

Critical = tuple[int, Measure]
Part = tuple[str, int, int, Measure]
"""One goods in the sum: its name, what is held and its critical quantity, in base units."""


class Parameters(Struct, frozen=True, forbid_unknown_fields=True):
    """``from_percent``: from how many percent the sum Σ q/Q counts; 100 is the standard's Σ q/Q ≥ 1.

    ``quiet_h``: hours below it after which the episode is over; coming back sooner continues it.
    """

    from_percent: Annotated[int, Meta(ge=1)] = 100
    quiet_h: float = 168.0


class Hazard(Struct, frozen=True, array_like=True, gc=False):
    """What the site's books hold of goods that have a critical quantity, and the episode.

    ``ended`` is how the episode will read from ``over_at`` on if the site stays below.
    """

    held: tuple[tuple[str, int], ...] = ()
    open: Claim | None = None
    ended: Claim | None = None
    over_at: Instant = 0


class MajorHazardUnfiled:
    """Claims while the sum reaches 1 without a filing; evidence: goods, quantities, critical quantities, shares."""

    card: ClassVar = Card(
        id="B7",
        name="MAJOR_HAZARD_UNFILED",
        title=("重大危险源未备案", "Major hazard not filed"),
        predicate=(
            "出入库后，全站点各品种账面结存与其临界量之比的总和 Σq/Q ≥ 1（GB 18218-2018），"
            "而当时没有有效的重大危险源备案",
            "after a movement the sum over the site's goods of book balance to critical quantity, Σ q/Q, is at "
            "least 1 (GB 18218-2018), and no filing as a major hazard is in force",
        ),
        misses=(
            "目录未登记临界量的品种；未入账的存货；在线（管道、反应器中）的物料；整个站点按一个单元计算，"
            "标准允许的分单元辨识由备案说明；备案到期或目录调低临界量后，到下一次出入库才判断；"
            "临界量登记之前已进库的存货从登记时起只计其增减",
            "goods without a critical quantity in the catalogue; stock that is on no book; what stands in pipes "
            "and reactors; the whole site counts as one unit of the standard, a finer division must be filed; a "
            "filing that ran out, or a lowered critical quantity, counts from the next movement on; of what came "
            "before its goods had a critical quantity only later changes count",
        ),
        key="site",
        place="site",
    )
    State: ClassVar = Hazard
    Parameters: ClassVar = Parameters
    stricter: ClassVar[dict[str, Literal["lower", "higher"]]] = {"from_percent": "lower", "quiet_h": "higher"}
    sees: ClassVar[frozenset[type[Body]]] = frozenset((Movement,))

    def start(self) -> Hazard:
        """Nothing held."""
        return Hazard()

    def see(self, state: Hazard, step: Step, view: View) -> tuple[Hazard, Sequence[Claim]]:
        """Book the movement of a goods that counts, and judge the sum."""
        fact, moved = step.fact, step.fact.body
        if not isinstance(moved, Movement) or not _counts(moved.goods, fact.at, view):
            return state, ()
        over: tuple[Claim, ...] = ()
        if state.open is not None and (said := _over(state, fact.at, view)) is not None:
            over, state = (said,), Hazard(state.held)
        state = replace(state, held=_booked(state.held, moved))
        terms = view.terms("B7", fact.at, category=moved.category, area=moved.area, unit=moved.unit)
        parts = tuple(_parts(state.held, fact.at, view))
        if not _reaches(parts, terms.parameters.from_percent):
            if state.open is not None and state.ended is None:
                quiet = round(terms.parameters.quiet_h * HOUR)
                state = replace(state, ended=end(state.open, fact), over_at=fact.at + quiet)
            return state, over
        if state.open is None and view.reference.in_force(HazardFilingEntry, moved.site, fact.at) is not None:
            return state, over
        claim = _above(state.open, fact, moved, parts, view)
        if state.open is None:
            claim = replace(claim, speaks_at=terms.speaks(fact.at))
        return Hazard(state.held, claim), (*over, claim)

    def at(self, state: Hazard, now: Instant, view: View) -> Sequence[Claim]:
        """The end of an episode: filed meanwhile, or below for long enough."""
        if state.ended is not None:
            return (state.ended,) if now >= state.over_at else ()
        over = _over(state, now, view)
        return () if over is None else (over,)

    def wakes(self, state: Hazard, view: View) -> Sequence[Instant]:
        """When it has been below for long enough, or when a filing comes into force."""
        if state.ended is not None:
            return (state.over_at,)
        filed = _filed_from(state, view)
        return () if filed is None else (filed,)

    def explain(self, finding: Finding, lang: Literal["zh", "en"]) -> str:
        """The sum at its highest, of which goods, and how it ended."""
        claim, numbers = finding.claim, finding.claim.numbers
        ratio, table = f"{float(numbers['hazard_ratio']):.2f}", numbers["hazard_goods"]
        since = format_instant(claim.since)
        ended = "" if claim.until is None else format_instant(claim.until)
        if lang == "zh":
            why = "备案" if numbers.get("filed") else "降到临界量以下"
            close = f"已于 {ended} {why}。" if ended else "至今未见有效备案。"
            return f"{claim.site} 自 {since} 起构成重大危险源：Σq/Q 最高 {ratio}（{table}）。{close}"
        why = "it was filed" if numbers.get("filed") else "it came below again"
        close = f"At {ended} {why}." if ended else "No filing is in force."
        return f"{claim.site} has been a major hazard since {since}: Σ q/Q reached {ratio} ({table}). {close}"


def _above(known: Claim | None, fact: Fact, moved: Movement, parts: Sequence[Part], view: View) -> Claim:
    """The episode at its highest: a fact for which the sum is no higher changes nothing."""
    ratio = round(float(_sum(parts)), 4)
    if known is not None and float(known.numbers["hazard_ratio"]) >= ratio:
        return known
    numbers: dict[str, Number] = {
        "hazard_ratio": ratio,
        "hazard_goods": _table(parts),
        "goods_count": len(parts),
    }
    most = _largest(parts)[0][0]
    listed = view.world.goods(most, fact.at)
    if listed is not None and listed.origin is not None:
        numbers["by_list"] = listed.origin.cited
    if known is None:
        return replace(begin(fact, moved, fact.at, numbers), goods=None)
    return go_on(known, fact, numbers)


def _table(parts: Sequence[Part]) -> str:
    """Goods, quantity, critical quantity and share: ``CHLORINE 8000 kg / 5000 kg = 160.0 %``."""
    largest = _largest(parts)
    shown = [
        f"{goods} {show_quantity(held, of)} / {show_quantity(critical, of)} = {held * 100 / critical:.1f} %"
        for goods, held, critical, of in largest[:_SHOWN]
    ]
    return ", ".join([*shown, "…"] if len(largest) > _SHOWN else shown)


def _largest(parts: Sequence[Part]) -> list[Part]:
    return sorted(parts, key=lambda part: (-Fraction(part[1], part[2]), part[0]))


def _sum(parts: Iterable[Part]) -> Fraction:
    return sum((Fraction(held, critical) for _, held, critical, _ in parts), Fraction(0))


def _reaches(parts: Sequence[Part], percent: int) -> bool:
    """Whether Σ q/Q is at least ``percent`` hundredths, exactly; far from it integers alone tell.

    >>> thirds = tuple((str(n), 1, 3, Measure.MASS) for n in range(3))
    >>> _reaches(thirds, 100), _reaches(thirds, 101), _reaches(thirds[:2], 66), _reaches((), 1)
    (True, False, True, False)
    """
    least = sum((held * 100 << 32) // critical for _, held, critical, _ in parts)
    if least >= percent << 32:
        return True
    if least + len(parts) < percent << 32:
        return False
    return _sum(parts) * 100 >= percent


def _parts(held: Iterable[tuple[str, int]], at: Instant, view: View) -> Iterable[Part]:
    for goods, amount in held:
        critical = _critical(goods, at, view) if amount > 0 else None
        if critical is not None:
            yield (goods, amount, *critical)


def _booked(held: tuple[tuple[str, int], ...], moved: Movement) -> tuple[tuple[str, int], ...]:
    """What is held after a movement, by goods; of what there is none nothing is kept."""
    amounts = dict(held)
    amounts[moved.goods] = amounts.get(moved.goods, 0) + book_delta(moved)
    return tuple(sorted(pair for pair in amounts.items() if pair[1]))


def _counts(goods: str, at: Instant, view: View) -> bool:
    """Whether the catalogue has had, or will have, a critical quantity of the goods, as far as it is known."""
    reference = view.world.reference

    def find(then: Instant) -> bool:
        entries = (one for one in reference.of_kind(GoodsEntry) if one.heard_of(then))
        return any(
            isinstance(one.entry, GoodsEntry) and one.entry.goods == goods and one.entry.critical is not None
            for one in entries
        )

    return reference.lasting(GoodsEntry, ("B7 counts", goods), at, find)


def _critical(goods: str, at: Instant, view: View) -> Critical | None:
    """The critical quantity in force in base units, where it is in the goods' own measure."""

    def find(then: Instant) -> Critical | None:
        entry = view.world.goods(goods, then)
        if entry is None or entry.critical is None:
            return None
        amount = parse_quantity(entry.critical.value, entry.critical.unit)
        if not isinstance(amount, Amount) or amount.measure is not entry.measure or not amount.base:
            return None
        return amount.base, amount.measure

    return view.world.reference.lasting(GoodsEntry, ("B7 critical", goods), at, find)


def _over(state: Hazard, at: Instant, view: View) -> Claim | None:
    """How the episode ended, where it has by an instant: below for long enough, or filed."""
    if state.ended is not None and at >= state.over_at:
        return state.ended
    filed = _filed_from(state, view)
    if state.open is None or filed is None or filed > at:
        return None
    return state.ended or replace(state.open, until=filed, numbers=state.open.numbers | {"filed": 1})


def _filed_from(state: Hazard, view: View) -> Instant | None:
    """From when on a filing is in force, at or after the beginning of the open episode."""
    claim = state.open
    if claim is None:
        return None
    found: Instant | None = None
    for filing in view.reference.of_kind(HazardFilingEntry):
        if isinstance(filing.entry, HazardFilingEntry) and filing.entry.site == claim.site:
            for bound in filing.bounds():
                if bound >= claim.since and filing.in_force(bound) and (found is None or bound < found):
                    found = bound
    return found
