"""B16 放射源不在位: a sealed source where it is not registered, not there at the count, or of another activity.

Law kept: a source that changes hands has the days that the law gives for registering it anew; what went out with
its number is not missed; a list that is not full accuses nobody.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final, Literal

from msgspec import Struct
from msgspec.structs import replace

from detectors.claim import Claim, Finding, Number
from detectors.detector import Card, Rule, Step, View
from detectors.episode import begin, end, go_on
from detectors.numbers import Numbers, holds, less, more, numbers_of, total, within
from detectors.source_places import Astray, Sources, among, expected_activity, registered, settles, stands
from events.quantity import Measure, show_quantity
from events.registry import Category, SourceEntry
from events.time import DAY, Instant, format_instant
from ledger.account import Book
from ledger.fact import INWARD, Body, Count, Fact, Movement, rank_of
from ledger.lives import HELD, Block
from ledger.serials import common, runs_of, spans

_TITLE: Final = ("放射源不在位", "Sealed source out of place")
_MISSES: Final = (
    "未登记的放射源；出入库和盘点未填编码的；盘点未列全编码的；转出时未填编码的；"
    "定位终端的位置；一次测量多枚源的活度；以同活度假源调换而编码相同的",
    "sources that nobody registered; movements and counts without numbers; counts that do not list everything; a "
    "source that left without its number; where its tag says that it is; the activity of several sources measured "
    "together; a false source of the same number and activity",
)
MOST_OPEN: Final = 10
MOST_GONE: Final = 400
"""How many runs of numbers a book knows to have left it."""
_SHOWN: Final = 6


class Parameters(Struct, frozen=True, forbid_unknown_fields=True):
    """``register_days``: how long after it came in a source may stay registered elsewhere.

    ``tolerance_percent``: by how much of what it should measure a source may measure more or less.
    """

    register_days: float = 20.0
    tolerance_percent: float = 20.0


class Strays(Struct, frozen=True, array_like=True, gc=False):
    """The sources of a block of which something is open."""

    open: tuple[Astray, ...] = ()


class SourceOutOfPlace(Rule):
    """Claims from a sight of a source elsewhere to one in its place; evidence: where it is and belongs."""

    card: ClassVar = Card(
        id="B16",
        name="SOURCE_OUT_OF_PLACE",
        title=_TITLE,
        predicate=(
            "放射源在登记存放地以外入库（超过登记期限）或被盘点到；所测活度偏离 A0·2^(−Δt/T½) 超过允差",
            "a source was taken in elsewhere than it is registered, longer ago than it may be registered anew, or "
            "was counted elsewhere; or measures otherwise than A0·2^(−Δt/T½) by more than the tolerance",
        ),
        misses=_MISSES,
        key="serial",
        place="site",
    )
    State: ClassVar = Strays
    Parameters: ClassVar = Parameters
    stricter: ClassVar[dict[str, Literal["lower", "higher"]]] = {
        "register_days": "lower",
        "tolerance_percent": "lower",
    }
    sees: ClassVar[frozenset[type[Body]]] = frozenset((Movement, Count))

    def start(self) -> Strays:
        """Every source in its place."""
        return Strays()

    def see(self, state: Strays, step: Step, view: View) -> tuple[Strays, Sequence[Claim]]:
        """Hold the place of each registered source that a report names against its paper."""
        fact, body = step.fact, step.fact.body
        if not isinstance(body, Movement | Count) or not body.serials:
            return state, ()
        sources = registered(view, fact.at)
        if not sources and not state.open:
            return state, ()
        numbers, run = spans(runs_of(body.serials)), body.serials[0]
        left, made = _settled(state.open, fact, view)
        for entry in among(sources, (run.maker, run.type), numbers):
            if entry.site != body.site and (isinstance(body, Count) or rank_of(body) == INWARD):
                left = _elsewhere(left, entry, step, view)
        if isinstance(body, Count):
            for entry in _measured(body, sources):
                left, closed = _active(left, entry, body, fact, view)
                made += closed
        if len(left) > MOST_OPEN:
            oldest = min(left, key=lambda one: (one.claim.since, one.serial))
            left = tuple(one for one in left if one is not oldest)
            made.append(replace(oldest.claim, until=fact.at))
        return Strays(left), made

    def at(self, state: Strays, now: Instant, view: View) -> Sequence[Claim]:
        """What stands: what is registered anew in time never does."""
        found = (stands(one, view, now) for one in state.open)
        return tuple(claim for claim in found if claim is not None)

    def wakes(self, state: Strays, view: View) -> Sequence[Instant]:
        """When an entry puts a source in its place."""
        return tuple(settles(one, view) for one in state.open)

    def explain(self, finding: Finding, lang: Literal["zh", "en"]) -> str:
        """Where the source is and belongs, or what it measured and should have."""
        claim, numbers = finding.claim, finding.claim.numbers
        since, until = format_instant(claim.since), claim.until
        which = f"{numbers['maker']}/{numbers['type']}/{numbers['serial']}"
        close = ("", "")
        if until is not None:
            close = (f"至 {format_instant(until)} 已了结。", f" It ended at {format_instant(until)}.")
        if numbers["reason"] == "activity":
            measured = show_quantity(int(numbers["measured"]), Measure.ACTIVITY)
            should = show_quantity(int(numbers["expected"]), Measure.ACTIVITY)
            if lang == "zh":
                return (
                    f"{claim.site} 的放射源 {which}（{claim.goods}）{since} 测得 {measured}，"
                    f"按衰变应为 {should}（允差 {numbers['tolerance_percent']}%）。{close[0]}"
                )
            return (
                f"The source {which} ({claim.goods}) at {claim.site} measured {measured} at {since}, where decay "
                f"leaves {should} (tolerance {numbers['tolerance_percent']} %).{close[1]}"
            )
        if lang == "zh":
            where = f"登记在 {numbers['assigned']}，{since} 却在 {claim.site}"
            return f"放射源 {which}（{claim.goods}）{where}。{close[0]}"
        return (
            f"The source {which} ({claim.goods}) is registered at {numbers['assigned']}, but was at {claim.site} "
            f"at {since}.{close[1]}"
        )


class Given(Struct, frozen=True, array_like=True, gc=False):
    """The numbers that have gone out of a book, and the claim on the sources that its last count lacked."""

    gone: Numbers = ()
    open: Claim | None = None


class SourceNotThere(Rule):
    """Claims from a full count that lacks a source registered here to one that lacks none; evidence: which."""

    card: ClassVar = Card(
        id="B16",
        name="SOURCE_OUT_OF_PLACE",
        title=_TITLE,
        predicate=(
            "盘点列出全部编码，而登记存放于此、未曾转出的放射源不在其中",
            "a count that lists every number lacks a source that is registered here and has not gone out",
        ),
        misses=_MISSES,
        key="book",
        place="site",
    )
    State: ClassVar = Given
    Parameters: ClassVar = Parameters
    stricter: ClassVar[dict[str, Literal["lower", "higher"]]] = {}
    sees: ClassVar[frozenset[type[Body]]] = frozenset((Movement, Count))

    def start(self) -> Given:
        """Nothing has gone out."""
        return Given()

    def see(self, state: Given, step: Step, view: View) -> tuple[Given, Sequence[Claim]]:
        """Note what goes out; hold a full count against the papers."""
        body = step.fact.body
        if not isinstance(body, Movement | Count) or body.category is not Category.RADIOACTIVE:
            return state, ()
        if isinstance(body, Count):
            return _counted(state, step, body, view) if isinstance(step.before, Book) else (state, ())
        if not body.serials:
            return state, ()
        named = numbers_of(body.serials)
        inward = rank_of(body) == INWARD
        return replace(state, gone=less(state.gone, named) if inward else _left(state.gone, named)), ()

    def explain(self, finding: Finding, lang: Literal["zh", "en"]) -> str:
        """Which sources should have been counted where."""
        claim, numbers = finding.claim, finding.claim.numbers
        since, until = format_instant(claim.since), claim.until
        if lang == "zh":
            close = "" if until is None else f"至 {format_instant(until)} 已了结。"
            return (
                f"{claim.site} 自 {since} 起盘点 {claim.goods} 未见登记在此的放射源 {numbers['serials']}，"
                f"共 {numbers['total']} 枚。{close}"
            )
        close = "" if until is None else f" It ended at {format_instant(until)}."
        return (
            f"Counted since {since}, {claim.goods} at {claim.site} lacks {numbers['total']} source(s) registered "
            f"there: {numbers['serials']}.{close}"
        )


def _left(gone: Numbers, named: Numbers) -> Numbers:
    return within(more(gone, named), MOST_GONE)


def _counted(state: Given, step: Step, count: Count, view: View) -> tuple[Given, Sequence[Claim]]:
    fact, book = step.fact, step.before
    there = numbers_of(count.serials)
    if count.estimated or count.measure is not Measure.COUNT or total(there) < count.amount:
        return state, ()  # a list that is not full accuses nobody
    belongs = [
        one
        for key, one in registered(view, fact.at).items()
        if (one.site, one.goods) == (count.site, count.goods) and not holds(state.gone, *key)
    ]
    if not isinstance(book, Book) or len(belongs) > book.balance:
        return state, ()  # something went out without its number
    absent = sorted((one.maker, one.model, one.serial) for one in belongs)
    missing = tuple(f"{of[0]}/{of[1]}/{of[2]}" for of in absent if not holds(there, *of))
    if not missing:
        return replace(state, open=None), () if state.open is None else (end(state.open, fact),)
    kept = missing[:_SHOWN]
    numbers: dict[str, Number] = {
        "reason": "not_counted", "serials": ", ".join([*kept, *(["…"] if len(missing) > _SHOWN else [])]),
        "total": len(missing),
    }  # fmt: skip
    if state.open is None:
        terms = view.terms("B16", fact.at, category=count.category, area=count.area, unit=count.unit)
        claim = begin(fact, count, terms.speaks(fact.at), numbers)
    elif numbers == state.open.numbers:
        return state, ()
    else:
        claim = go_on(state.open, fact, numbers)
    return replace(state, open=claim), (claim,)


def _settled(open_: tuple[Astray, ...], fact: Fact, view: View) -> tuple[tuple[Astray, ...], list[Claim]]:
    """The sources that a fact leaves astray, and the claims that it closes."""
    body = fact.body
    assert isinstance(body, Movement | Count), fact.id
    numbers = spans(runs_of(body.serials))
    left, made = [], []
    for one in open_:
        if one.reason == "activity" or not common(numbers, ((one.serial, one.serial),)):
            left.append(one)
            continue
        came = isinstance(body, Count) or rank_of(body) == INWARD
        leaves = isinstance(body, Movement) and not came and body.shift is None and body.site == one.claim.site
        if not leaves and not (came and body.site != one.claim.site):
            left.append(one)
            continue
        claim = stands(one, view, fact.at)
        if claim is not None and fact.at > claim.speaks_at:
            made.append(end(claim, fact) if claim.until is None else claim)
    return tuple(left), made


def _elsewhere(open_: tuple[Astray, ...], entry: SourceEntry, step: Step, view: View) -> tuple[Astray, ...]:
    """The sources astray, with one more that was seen elsewhere than it is registered."""
    fact, body = step.fact, step.fact.body
    assert isinstance(body, Movement | Count), fact.id
    if any((one.serial, one.reason) == (entry.serial, "elsewhere") for one in open_):
        return open_
    terms = view.terms("B16", fact.at, category=body.category, area=body.area, unit=body.unit)
    came_at = _came_at(step, entry.serial)
    speaks_at = terms.speaks(fact.at)
    if came_at is not None:
        speaks_at = max(speaks_at, terms.speaks(came_at + round(terms.parameters.register_days * DAY)))
    claim = begin(fact, body, speaks_at, {**_which(entry), "reason": "elsewhere", "assigned": entry.site})
    return (*open_, Astray(entry.serial, "elsewhere", replace(claim, anchor=f"{fact.id}#{entry.serial}")))


def _came_at(step: Step, serial: int) -> Instant | None:
    """When a source was taken in where it is seen now; None where no movement brought it there."""
    fact, body = step.fact, step.fact.body
    if isinstance(body, Movement):
        return fact.at
    if isinstance(step.before, Block) and isinstance(body, Count):
        for life in step.before.lives:
            if common(life.numbers, ((serial, serial),)):
                return life.at if life.status == HELD and life.site == body.site else None
    return None


def _measured(count: Count, sources: Sources) -> Sequence[SourceEntry]:
    """The one registered source that a count measured; none where it measured several, or guessed."""
    run = count.serials[0]
    alone = len(count.serials) == 1 and run.first == run.last
    if count.estimated or not alone or (count.measure is Measure.COUNT and count.amount != 1):
        return ()
    if count.activity is None and count.measure is not Measure.ACTIVITY:
        return ()
    entry = sources.get((run.maker, run.type, run.first))
    return () if entry is None else (entry,)


def _active(
    open_: tuple[Astray, ...], entry: SourceEntry, count: Count, fact: Fact, view: View
) -> tuple[tuple[Astray, ...], list[Claim]]:
    """The sources astray after one of them was measured, and the claims that this closes."""
    goods = view.world.goods(entry.goods, fact.at)
    if goods is None or goods.half_life_s is None:
        return open_, []
    expected = expected_activity(entry, goods.half_life_s, fact.at)
    if expected is None:
        return open_, []
    measured = count.amount if count.activity is None else count.activity
    terms = view.terms("B16", fact.at, category=count.category, area=count.area, unit=count.unit)
    tolerance = terms.parameters.tolerance_percent
    known = next((one for one in open_ if (one.serial, one.reason) == (entry.serial, "activity")), None)
    rest = tuple(one for one in open_ if one is not known)
    if abs(measured - expected) <= expected * tolerance / 100.0:
        said = known is not None and fact.at > known.claim.speaks_at
        return rest, [end(known.claim, fact)] if known is not None and said else []
    numbers: dict[str, Number] = {
        **_which(entry), "reason": "activity", "measured": measured, "expected": round(expected),
        "tolerance_percent": tolerance, "measure": Measure.ACTIVITY.value,
    }  # fmt: skip
    if goods.origin is not None:
        numbers["by_list"] = goods.origin.cited
    if known is not None:
        return (*rest, replace(known, claim=go_on(known.claim, fact, numbers))), []
    claim = replace(begin(fact, count, terms.speaks(fact.at), numbers), anchor=f"{fact.id}#activity")
    return (*rest, Astray(entry.serial, "activity", claim)), []


def _which(entry: SourceEntry) -> dict[str, Number]:
    return {"maker": entry.maker, "type": entry.model, "serial": str(entry.serial)}
