"""A2 超范围/品种: a licence for the category and the activity is in force, but does not list these goods.

Law kept: judged by the licences in force at the movement's instant; where there is none at all, A1 speaks and
this rule is silent.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal

from msgspec import Struct

from detectors.claim import Claim, Finding, Number, measure_of
from detectors.detector import Card, Rule, Step, View
from detectors.episode import Episode, begin, end, go_on
from detectors.licence import Standing, all_of, any_of, deed_of, judge
from events.quantity import show_quantity
from events.time import format_instant
from ledger.fact import Body, Movement

_SHOWN = 5
"""How many licences the evidence names; an officer finds the others in the registry."""


class Parameters(Struct, frozen=True, forbid_unknown_fields=True):
    """``empty_list_allows_all``: whether a licence that lists no goods allows its whole category.

    Which activity a movement needs is said once, by A1's policy.
    """

    empty_list_allows_all: bool = True


class OutOfScope(Rule):
    """Claims while a book's goods are on no licence in force for the deed; evidence: the licences there are."""

    card: ClassVar = Card(
        id="A2",
        name="OUT_OF_SCOPE",
        title=("超范围/品种", "Out of scope"),
        predicate=(
            "许可有效且含该环节，但其品种清单中没有该品种",
            "a licence for the activity is in force, but its goods list does not name these goods",
        ),
        misses=(
            "以清单内品种的名义上报的清单外货物；对手方的品种范围不在此判断",
            "unlisted goods that are reported under the name of listed ones; the counterparty's list",
        ),
        key="book",
        place="site",
    )
    State: ClassVar = Episode
    Parameters: ClassVar = Parameters
    stricter: ClassVar[dict[str, Literal["lower", "higher"]]] = {}
    sees: ClassVar[frozenset[type[Body]]] = frozenset((Movement,))

    def start(self) -> Episode:
        """No episode."""
        return Episode()

    def see(self, state: Episode, step: Step, view: View) -> tuple[Episode, Sequence[Claim]]:
        """Open with the first unlisted movement, close with a listed one of a kind that was unlisted."""
        moved, at = step.fact.body, step.fact.at
        if not isinstance(moved, Movement):
            return state, ()
        mine = state.open
        where = {"category": moved.category, "area": moved.area, "unit": moved.unit}
        needed = view.terms("A1", at, **where).parameters.needs.get(deed_of(moved), ())
        if mine is None and not needed:
            return state, ()  # what needs no licence finds none, listed or unlisted: asked first, for speed
        terms = view.terms("A2", at, **where)
        verdict = judge(
            view.reference, at, moved, unit=moved.unit, needed=needed,
            empty_list_allows_all=terms.parameters.empty_list_allows_all,
        )  # fmt: skip
        if mine is None and verdict.standing is not Standing.UNLISTED:
            return state, ()
        made: list[Claim] = []
        if mine is not None and mine.unit != moved.unit:
            made.append(end(mine, step.fact))
            mine = None
        if verdict.standing is Standing.UNLISTED:
            if mine is None:
                mine = begin(
                    step.fact, moved, terms.speaks(at), _numbers(moved, ",".join(needed), verdict.licences)
                )
            else:
                mine = _go_on(mine, step, moved)
            made.append(mine)
        elif mine is not None and verdict.standing is Standing.LICENSED and _concerns(mine, moved):
            made.append(end(mine, step.fact))
            mine = None
        return (Episode(mine), made) if made else (state, ())

    def explain(self, finding: Finding, lang: Literal["zh", "en"]) -> str:
        """Which goods moved, which licences were in force, and that none lists them."""
        claim = finding.claim
        numbers = claim.numbers
        first = show_quantity(int(numbers["amount"]), measure_of(claim))
        needs = any_of(str(numbers["needs"]), lang)
        deeds = all_of(str(numbers["operations"]), lang)
        since, held = format_instant(claim.since), numbers["licences"]
        if lang == "zh":
            return (
                f"{claim.unit} 自 {since} 起在 {claim.site} 办理 {claim.goods} 的{deeds}，首笔 {first},"
                f"共 {numbers['movements']} 笔；允许{needs}的有效许可({held})品种清单中均无该品种。"
            )
        return (
            f"From {since} {claim.unit} reported {numbers['movements']} movement(s) of {claim.goods} ({deeds}) at "
            f"{claim.site}, the first of {first}. Its licences in force for {needs} ({held}) do not list them."
        )


def _concerns(claim: Claim, moved: Movement) -> bool:
    return moved.operation in str(claim.numbers["operations"]).split(",")


def _numbers(moved: Movement, needs: str, licences: tuple[str, ...]) -> dict[str, Number]:
    return {
        "operations": moved.operation,
        "needs": needs,
        "amount": moved.amount,
        "measure": moved.measure.value,
        "movements": 1,
        "licences": ", ".join(licences[:_SHOWN]),
    }


def _go_on(claim: Claim, step: Step, moved: Movement) -> Claim:
    operations = {*str(claim.numbers["operations"]).split(","), moved.operation}
    movements = int(claim.numbers["movements"]) + 1
    more: dict[str, Number] = {"operations": ",".join(sorted(operations)), "movements": movements}
    return go_on(claim, step.fact, claim.numbers | more)
