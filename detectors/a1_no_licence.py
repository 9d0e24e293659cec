"""A1 单位无资质: who moves dangerous goods must hold a licence for what it does with that category.

Law kept: judged by the licences in force at the movement's instant, for the reporter at its site and for the
counterparty at its unit's key. One episode per unit and category, from its first unlicensed movement to the
first licensed one of a kind that was unlicensed before.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal

from msgspec import Struct
from msgspec.structs import replace

from detectors.claim import Claim, Finding, Number, measure_of
from detectors.detector import Card, Rule, Step, View
from detectors.episode import begin, end, go_on
from detectors.licence import (
    Needs,
    Standing,
    all_of,
    any_of,
    deed_of,
    judge,
    last_held,
)
from detectors.policy import Terms
from events.identity import home_of
from events.quantity import show_quantity
from events.registry import CATEGORY_NAMES, Activity, UnitEntry
from events.time import MINUTE, Instant, civil_day, day_start, format_instant
from ledger.fact import Body, Movement

_TITLE = ("单位无资质", "No licence")
_MISSES = (
    "不核对许可证本身的真伪；自然人与平台外对手方不在此判断(见 A7)；调整与报失不需要许可",
    "a licence that is registered but forged; natural persons and parties outside the platform (A7 judges "
    "them); adjustments and declared losses need no licence",
)


class Parameters(Struct, frozen=True, forbid_unknown_fields=True):
    """Deed → licensed activities, one of which is enough; a deed that is not named needs no licence.

    ``needs`` are the reporter's, ``counterparty_needs`` those of the other side of the same movement.
    """

    needs: Needs = {}
    counterparty_needs: Needs = {}


class Unlicensed(Struct, frozen=True, array_like=True, gc=False):
    """The open episodes by category, of which there are six."""

    open: tuple[Claim, ...] = ()


class NoLicence(Rule):
    """Claims while the reporter has no licence in force for its deed and category; evidence: what it needed."""

    card: ClassVar = Card(
        id="A1",
        name="NO_LICENCE",
        title=_TITLE,
        predicate=(
            "出入库发生时，上报单位没有该类别、该环节的有效许可",
            "when the movement happened the reporting unit had no licence in force for that category and activity",
        ),
        misses=_MISSES,
        key="site",
        place="site",
    )
    State: ClassVar = Unlicensed
    Parameters: ClassVar = Parameters
    stricter: ClassVar[dict[str, Literal["lower", "higher"]]] = {}
    sees: ClassVar[frozenset[type[Body]]] = frozenset((Movement,))

    def start(self) -> Unlicensed:
        """No episode."""
        return Unlicensed()

    def see(self, state: Unlicensed, step: Step, view: View) -> tuple[Unlicensed, Sequence[Claim]]:
        """Judge the reporter."""
        moved = step.fact.body
        if not isinstance(moved, Movement):
            return state, ()
        terms = view.terms("A1", step.fact.at, category=moved.category, area=moved.area, unit=moved.unit)
        needed = terms.parameters.needs.get(deed_of(moved), ())
        party = _Party(moved.unit, moved.area, moved.site, needed, terms.speaks(step.fact.at))
        return _judge(state, step, view, moved, party)

    def explain(self, finding: Finding, lang: Literal["zh", "en"]) -> str:
        """Who moved what without which licence, and the licence that ran out last."""
        return _explain(finding, lang)


class CounterpartyNoLicence(Rule):
    """The same for the other side of a movement, at its own unit's key, by what the reporter says of it."""

    card: ClassVar = Card(
        id="A1",
        name="NO_LICENCE",
        title=_TITLE,
        predicate=(
            "出入库发生时，对手单位没有该类别、该环节的有效许可",
            "when the movement happened the other unit had no licence in force for that category and activity",
        ),
        misses=_MISSES,
        key="unit",
        place="unit",
    )
    State: ClassVar = Unlicensed
    Parameters: ClassVar = Parameters
    stricter: ClassVar[dict[str, Literal["lower", "higher"]]] = {}
    sees: ClassVar[frozenset[type[Body]]] = frozenset((Movement,))

    def start(self) -> Unlicensed:
        """No episode."""
        return Unlicensed()

    def see(self, state: Unlicensed, step: Step, view: View) -> tuple[Unlicensed, Sequence[Claim]]:
        """Judge the counterparty; one that the registry does not know at all has until the day's end to appear."""
        moved, at, unit = step.fact.body, step.fact.at, home_of(view.key)
        if not isinstance(moved, Movement) or moved.unit == unit or moved.counterparty_unit != unit:
            return state, ()
        known = view.reference.in_force(UnitEntry, "self", at, unit)
        area = moved.area if known is None else known.area
        terms = view.terms("A1", at, category=moved.category, area=area, unit=unit)
        needed = terms.parameters.counterparty_needs.get(moved.operation, ())
        speaks_at = _end_of_day(at, terms) if known is None else terms.speaks(at)
        party = _Party(unit, area, moved.counterparty_site, needed, speaks_at)
        return _judge(state, step, view, moved, party)

    def explain(self, finding: Finding, lang: Literal["zh", "en"]) -> str:
        """Who was dealt with without which licence, and the licence that ran out last."""
        return _explain(finding, lang)


class _Party(Struct, frozen=True, gc=False):
    """Whose licence is asked for, where that is, which activities would do, and when to speak."""

    unit: str
    area: str
    site: str | None
    needed: tuple[Activity, ...]
    speaks_at: Instant


def _judge(
    state: Unlicensed, step: Step, view: View, moved: Movement, party: _Party
) -> tuple[Unlicensed, Sequence[Claim]]:
    fact = step.fact
    made: list[Claim] = []
    mine = next((claim for claim in state.open if claim.category is moved.category), None)
    if mine is not None and mine.unit != party.unit:
        made.append(end(mine, fact))
        mine = None
    if party.needed:
        verdict = judge(view.reference, fact.at, moved, unit=party.unit, needed=party.needed)
        if verdict.standing is Standing.UNLICENSED:
            mine = _begin(step, view, moved, party) if mine is None else _go_on(mine, step, moved)
            made.append(mine)
        elif mine is not None and moved.operation in str(mine.numbers["operations"]).split(","):
            made.append(end(mine, fact))
            mine = None
    if not made:
        return state, ()
    others = [claim for claim in state.open if claim.category is not moved.category]
    still = sorted((*others, mine) if mine else others, key=lambda claim: claim.category)
    return Unlicensed(tuple(still)), made


def _begin(step: Step, view: View, moved: Movement, party: _Party) -> Claim:
    numbers: dict[str, Number] = {
        "operations": moved.operation,
        "goods": moved.goods,
        "needs": ",".join(party.needed),
        "amount": moved.amount,
        "measure": moved.measure.value,
        "movements": 1,
        "reporter": moved.unit,
    }
    last = last_held(view.reference, step.fact.at, party.unit, moved.category)
    if last is not None and last.valid_to is not None:
        numbers |= {"last_licence": getattr(last.entry, "licence", last.id), "last_until": last.valid_to}
    claim = begin(step.fact, moved, party.speaks_at, numbers)
    return replace(claim, unit=party.unit, area=party.area, site=party.site, goods=None)


def _go_on(claim: Claim, step: Step, moved: Movement) -> Claim:
    operations = {*str(claim.numbers["operations"]).split(","), moved.operation}
    movements = int(claim.numbers["movements"]) + 1
    more: dict[str, Number] = {"operations": ",".join(sorted(operations)), "movements": movements}
    return go_on(claim, step.fact, claim.numbers | more)


def _end_of_day(at: Instant, terms: Terms[Parameters]) -> Instant:
    return day_start(civil_day(at) + 1) + terms.settle_slack_min * MINUTE


def _explain(finding: Finding, lang: Literal["zh", "en"]) -> str:
    claim, numbers = finding.claim, finding.claim.numbers
    first = f"{numbers['goods']} {show_quantity(int(numbers['amount']), measure_of(claim))}"
    needs, deeds = any_of(str(numbers["needs"]), lang), all_of(str(numbers["operations"]), lang)
    since, movements = format_instant(claim.since), numbers["movements"]
    zh, en = CATEGORY_NAMES[claim.category]
    reporter = str(numbers["reporter"])
    ended = format_instant(int(numbers["last_until"])) if "last_until" in numbers else None
    if lang == "zh":
        who = f"{claim.unit}" if reporter == claim.unit else f"{claim.unit}(对手方，由 {reporter} 上报)"
        last = (
            f"最近一份许可 {numbers['last_licence']} 已于 {ended} 到期。" if ended else "登记中未见更早的同类许可。"
        )
        return (
            f"{who} 自 {since} 起涉及{zh}{deeds} {movements} 笔，首笔为 {first};"
            f"需持有允许{needs}的有效许可，当时没有。{last}"
        )
    by = "" if reporter == claim.unit else f", as {reporter} reported"
    last = "The registry shows no earlier licence of that category."
    if ended:
        last = f"Its last licence, {numbers['last_licence']}, ran out at {ended}."
    return (
        f"From {since} {claim.unit} took part in {movements} movement(s) of {en} ({deeds}){by}, the "
        f"first of {first}. That needs a licence for {needs}; none was in force. {last}"
    )
