"""A10 单人收发: highly toxic goods are taken in and given out by two people, both of whom sign.

Law kept: two different people must be named on each such movement; the same one twice is one. A report that names
nobody has no double signature either: whether that counts is the policy's to say, and it weighs less.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal

from msgspec import Struct
from msgspec.structs import replace

from detectors.claim import Claim, Finding, Severity
from detectors.detector import Card, Step, View
from detectors.episode import begin, go_on
from detectors.licence import all_of
from detectors.run import Run, RunRule, Runs, first_in_chinese, first_of, tally
from events.registry import Category, Flag
from events.report import Operation
from events.time import DAY, format_instant
from ledger.fact import Body, Movement


class Parameters(Struct, frozen=True, forbid_unknown_fields=True):
    """``least_people`` different custodians for the ``operations`` with goods of one of the ``flags``.

    ``left_out_counts``: whether a movement that names nobody is claimed. ``quiet_d``: days without another after
    which the episode is over.
    """

    least_people: int = 2
    operations: tuple[Operation, ...] = ()
    flags: tuple[Flag, ...] = ("highly_toxic",)
    left_out_counts: bool = True
    quiet_d: int = 7


class SinglePerson(RunRule):
    """Claims movements of highly toxic goods with too few custodians; evidence: how many, who, which goods.

    Where nobody at all was named in the whole episode it is yellow: a record is missing, perhaps not a person.
    """

    card: ClassVar = Card(
        id="A10",
        name="SINGLE_PERSON",
        title=("单人收发", "One person alone"),
        predicate=(
            "剧毒化学品出入库登记的收发保管人员少于两名不同人员(一人重复登记只算一人；未登记的按政策计)",
            "highly toxic goods were moved with fewer than two different custodians (one named twice is one; none "
            "named counts if the policy says so)",
        ),
        misses=(
            "登记了两人而实际一人在场；代签；未标注剧毒的品种；重大危险源的其他品种",
            "two people named where one was there; signatures for another; goods not flagged as highly toxic; "
            "other goods of "
            "a major hazard",
        ),
        key="site",
        place="site",
    )
    Parameters: ClassVar = Parameters
    stricter: ClassVar[dict[str, Literal["lower", "higher"]]] = {"least_people": "higher", "quiet_d": "higher"}
    sees: ClassVar[frozenset[type[Body]]] = frozenset((Movement,))

    def see(self, state: Runs, step: Step, view: View) -> tuple[Runs, Sequence[Claim]]:
        """Count the different people of one movement of goods that take two."""
        moved, fact = step.fact.body, step.fact
        over: tuple[Claim, ...] = ()
        if state.open and (over := state.ended(fact.at)):
            state = state.still(fact.at)
        if not isinstance(moved, Movement) or moved.category is not Category.CHEMICALS:
            return state, over
        goods = view.world.goods(moved.goods, fact.at)
        if goods is None or not goods.flags:
            return state, over
        terms = view.terms("A10", fact.at, category=moved.category, area=moved.area, unit=moved.unit)
        rules: Parameters = terms.parameters
        people = len(set(moved.custodians))
        if (
            people >= rules.least_people
            or not (people or rules.left_out_counts)
            or moved.operation not in rules.operations
            or set(rules.flags).isdisjoint(goods.flags)
        ):
            return state, over
        known = state.of(moved.category)
        numbers = tally(known, moved)
        numbers["unnamed_movements"] = (int(known.numbers["unnamed_movements"]) if known else 0) + (not people)
        numbers["people"] = max(people, int(known.numbers["people"]) if known else 0)
        numbers["least_people"] = rules.least_people
        if known is None:
            claim = replace(begin(fact, moved, terms.speaks(fact.at), numbers), goods=None)
        else:
            claim = go_on(known, fact, numbers)
        unnamed = numbers["unnamed_movements"] == numbers["movements"]
        claim = replace(claim, severity=Severity.YELLOW if unnamed else None)
        return state.with_run(Run(moved.category, claim, fact.at + rules.quiet_d * DAY)), (*over, claim)

    def explain(self, finding: Finding, lang: Literal["zh", "en"]) -> str:
        """How many movements by how few people, and the first of them."""
        claim, numbers = finding.claim, finding.claim.numbers
        since, movements, unnamed = (
            format_instant(claim.since),
            numbers["movements"],
            int(numbers["unnamed_movements"]),
        )
        goods = str(numbers["goods"]).replace(",", "、" if lang == "zh" else ", ")
        deeds = all_of(str(numbers["operations"]), lang)
        if lang == "zh":
            of_those = f"(其中 {unnamed} 笔未登记人员)" if unnamed else ""
            return (
                f"{claim.site} 自 {since} 起有 {movements} 笔剧毒化学品 {goods} 的{deeds}登记的不同收发人员不足 "
                f"{numbers['least_people']} 人{of_those}，首笔为 {first_in_chinese(claim)}；应当双人收发、"
                f"双人签名。"
            )
        of_those = f" ({unnamed} of them name nobody)" if unnamed else ""
        return (
            f"From {since} {claim.site} reported {movements} movement(s) of highly toxic {goods} ({deeds}) with "
            f"fewer "
            f"than {numbers['least_people']} different people{of_those}, the first of {first_of(claim)}. Two "
            f"people "
            f"must take in and give out such goods together."
        )
