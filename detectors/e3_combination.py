"""E3 组合异常: a unit buys, within weeks, all of a set of precursors that none of its licences explains.

Law kept: sets are policy, by CAS number, goods or flag; each place of a set takes a goods of its own. Which goods
a unit bought is known from its own reports and from its sellers'; who is licensed to make or sell them, or for
each by name, is let be.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, ClassVar, Final, Literal

from msgspec import Meta, Struct
from msgspec.structs import replace

from detectors.buying import bought_from
from detectors.claim import Claim, Finding, Number, cite
from detectors.detector import Card, Step, View
from detectors.policy import Terms
from events.identity import home_of
from events.registry import Activity, GoodsEntry, LicenceEntry, UnitEntry
from events.time import DAY, Instant, format_instant
from ledger.fact import Body, Fact, Movement

MOST_GOODS: Final = 40
"""Of how many goods that are in some set the last purchase is kept; of more, the one longest ago is forgotten."""
MOST_OPEN: Final = 4
"""How many sets may be complete at a unit at once."""


class Parameters(Struct, frozen=True, forbid_unknown_fields=True):
    """Which goods together are a set, within how many days, and what a licence must say to need them.

    ``sets``: name → CAS numbers, goods or flags, each to be met by a goods of its own. ``covering`` are activities
    of a licence for the category that explain any set; ``listed_covers``: one that lists each goods does too.
    """

    window_days: Annotated[int, Meta(ge=1, le=366)] = 60
    listed_covers: bool = True
    covering: tuple[Activity, ...] = ()
    sets: dict[str, tuple[str, ...]] = {}


class Complete(Struct, frozen=True, array_like=True, gc=False):
    """A set that is complete: its claim, and when it is so no longer if nothing more of it is bought."""

    name: str
    claim: Claim
    expires: Instant


class Bought(Struct, frozen=True, array_like=True, gc=False):
    """When each goods of some set was bought last, and the sets that are complete."""

    last: tuple[tuple[str, Instant], ...] = ()
    open: tuple[Complete, ...] = ()


class Combination:
    """Claims while all of a set was bought within the window; evidence: the set, the goods, and when each."""

    card: ClassVar = Card(
        id="E3",
        name="COMBINATION",
        title=("组合异常", "Uncommon combination"),
        predicate=(
            "单位在规定日数内购齐办法所列一组前体，而其有效许可既非生产、经营，也未逐一列明这些品种",
            "within so many days a unit bought every one of a set of precursors, and no licence of it is for "
            "making or selling, or lists each of them",
        ),
        misses=(
            "未列入办法的组合；分由多个单位购买；浓度(目录以品种区分浓度时除外)；库存中早已有的组分；"
            "许可已逐一列明却挪作他用",
            "sets that policy does not list; sets bought by several units; concentrations, unless they are goods "
            "of their own in the catalogue; what was in stock before; what a licence lists and is used otherwise",
        ),
        key="unit",
        place="unit",
    )
    State: ClassVar = Bought
    Parameters: ClassVar = Parameters
    stricter: ClassVar[dict[str, Literal["lower", "higher"]]] = {"window_days": "higher"}
    sees: ClassVar[frozenset[type[Body]]] = frozenset((Movement,))
    deeds: ClassVar[frozenset[str]] = frozenset(("receive", "issue"))

    def start(self) -> Bought:
        """Nothing of any set."""
        return Bought()

    def see(self, state: Bought, step: Step, view: View) -> tuple[Bought, Sequence[Claim]]:
        """Note a purchase of a goods of some set; claim each set that is complete with it."""
        fact, moved = step.fact, step.fact.body
        if not isinstance(moved, Movement) or not _buys(moved, home_of(view.key)):
            return state, ()
        ask = _ask(fact, moved, view)
        p = ask.terms.parameters
        mine = [
            name for name, places in p.sets.items() if not _names(moved.goods, fact.at, view).isdisjoint(places)
        ]
        if not mine:
            return state, ()
        made = [replace(one.claim, until=one.expires) for one in state.open if one.expires <= fact.at]
        open_ = {one.name: one for one in state.open if one.expires > fact.at}
        last = {**dict(state.last), moved.goods: fact.at}
        fresh = {goods: at for goods, at in last.items() if at > fact.at - p.window_days * DAY}
        for name in mine:
            found = _met(p.sets[name], fresh, fact.at, view)
            known = open_.get(name)
            if found is None or (known is None and len(open_) >= MOST_OPEN):
                continue
            if _covered(found, ask):
                made += [replace(open_.pop(name).claim, until=fact.at)] if known is not None else []
                continue
            expires = min(fresh[goods] for goods in found) + p.window_days * DAY
            claim = _claimed(None if known is None else known.claim, _numbers(name, found, fresh, p), ask)
            open_[name] = Complete(name, claim, expires)
            made.append(claim)
        newest = sorted(fresh.items(), key=lambda pair: (pair[1], pair[0]))[-MOST_GOODS:]
        return Bought(tuple(sorted(newest)), tuple(open_[name] for name in sorted(open_))), made

    def at(self, state: Bought, now: Instant, view: View) -> Sequence[Claim]:
        """A set is complete no longer once its first goods was bought too long ago."""
        return [replace(one.claim, until=one.expires) for one in state.open if one.expires <= now]

    def wakes(self, state: Bought, view: View) -> Sequence[Instant]:
        """When that is."""
        return sorted({one.expires for one in state.open})

    def explain(self, finding: Finding, lang: Literal["zh", "en"]) -> str:
        """Which goods of which set, within how many days."""
        claim, n = finding.claim, finding.claim.numbers
        since = format_instant(claim.since)
        if lang == "zh":
            return (
                f"单位 {claim.unit} 在 {n['window_days']} 日内购齐组合“{n['set']}”的 {n['goods_count']} 种品种："
                f"{n['named']}，于 {since} 凑齐；其许可既非生产经营，也未逐一列明。须核实用途。"
            )
        return (
            f"Within {n['window_days']} days unit {claim.unit} bought all {n['goods_count']} goods of the set "
            f"{n['set']}: {n['named']}; it was complete at {since}. No licence of it is for making or selling "
            f"them, or lists each. What they are for must be checked."
        )


class _Ask(Struct, frozen=True, gc=False):
    """What a purchase is judged by: itself, where its unit is, the rule's terms, the view."""

    fact: Fact
    moved: Movement
    area: str
    terms: Terms[Parameters]
    view: View


def _ask(fact: Fact, moved: Movement, view: View) -> _Ask:
    unit, entry = home_of(view.key), view.reference.in_force(UnitEntry, "self", fact.at)
    area = moved.area if entry is None else entry.area
    return _Ask(fact, moved, area, view.terms("E3", fact.at, category=moved.category, area=area, unit=unit), view)


def _buys(moved: Movement, unit: str) -> bool:
    """Whether a unit buys with a movement, by its own word or by its seller's."""
    sold = moved.operation == "issue" and moved.counterparty_unit == unit and moved.unit != unit
    return sold or bought_from(moved, unit) is not None


def _names(goods: str, at: Instant, view: View) -> frozenset[str]:
    """By what a set may name a goods: itself, its CAS number, its flags."""

    def find(then: Instant) -> frozenset[str]:
        entry = view.world.goods(goods, then)
        return frozenset((goods,)) if entry is None else frozenset((goods, entry.cas or goods, *entry.flags))

    return view.world.reference.lasting(GoodsEntry, ("E3", goods), at, find)


def _met(places: Sequence[str], last: Mapping[str, Instant], at: Instant, view: View) -> tuple[str, ...] | None:
    """The goods that meet the places of a set, each one place, latest first; None where one is missing."""
    newest = sorted(last, key=lambda goods: (-last[goods], goods))
    fitting = [[goods for goods in newest if place in _names(goods, at, view)] for place in places]
    return next(_choices(fitting, ()), None)


def _choices(fitting: Sequence[Sequence[str]], taken: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    if not fitting:
        yield taken
        return
    for goods in fitting[0]:
        if goods not in taken:
            yield from _choices(fitting[1:], (*taken, goods))


def _covered(found: Sequence[str], ask: _Ask) -> bool:
    """Whether a licence in force for the category explains the set."""
    p, reference = ask.terms.parameters, ask.view.reference
    for registered in reference.of_kind(LicenceEntry):
        licence = registered.entry
        if not isinstance(licence, LicenceEntry) or licence.category is not ask.moved.category:
            continue
        if reference.in_force(LicenceEntry, licence.licence, ask.fact.at, home_of(ask.view.key)) is not licence:
            continue
        if not set(p.covering).isdisjoint(licence.activities):
            return True
        if p.listed_covers and licence.goods and set(found) <= set(licence.goods):
            return True
    return False


def _numbers(name: str, found: Sequence[str], last: Mapping[str, Instant], p: Parameters) -> dict[str, Number]:
    return {
        "set": name,
        "goods_count": len(found),
        "named": ", ".join(sorted(found)),
        "first_bought_at": min(last[goods] for goods in found),
        "window_days": p.window_days,
    }


def _claimed(known: Claim | None, numbers: dict[str, Number], ask: _Ask) -> Claim:
    """The set's claim: begun by the purchase that completes it, gone on with by each one more."""
    fact, moved = ask.fact, ask.moved
    if known is not None:
        refs = cite(known.refs, fact.ref)
        return replace(known, numbers=numbers, refs=refs, ref_count=known.ref_count + 1)
    return Claim(
        anchor=f"{fact.id}/{numbers['set']}",
        since=fact.at,
        speaks_at=ask.terms.speaks(fact.at),
        refs=(fact.ref,),
        numbers=numbers,
        area=ask.area,
        unit=home_of(ask.view.key),
        category=moved.category,
        goods=moved.goods,
        ref_count=1,
    )
