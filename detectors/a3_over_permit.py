"""A3 超量购买/销售: more was booked on a permit than it allows.

Law kept: exact integers against the quantity permitted at the movement's instant, over all sites that use the
permit. A purchase permit is used up by what comes in, a sale or transport permit by what goes out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal

from msgspec import Struct
from msgspec.structs import replace

from detectors.claim import MOST_REFS, Claim, Finding, Number, measure_of
from detectors.detector import Card, Rule, Step, View
from detectors.episode import begin, end, go_on
from events.identity import home_of
from events.quantity import Amount, Measure, parse_quantity, show_quantity
from events.registry import PermitEntry
from events.time import Instant, format_instant
from ledger.account import Quota
from ledger.fact import Body, Fact, Movement, Ref

_INWARD = ("receive", "return")
"""What the permit's account books as coming in."""


class Parameters(Struct, frozen=True, forbid_unknown_fields=True):
    """How far over is let pass: whole items of counted goods, per mille of what is permitted for bulk goods."""

    tolerance_counted_items: int = 0
    tolerance_bulk_permille: int = 0


class Use(Struct, frozen=True, array_like=True, gc=False):
    """How one goods used the permit: the latest movements, how many in all, and the claim while over."""

    goods: str
    refs: tuple[Ref, ...] = ()
    movements: int = 0
    open: Claim | None = None


class Uses(Struct, frozen=True, array_like=True, gc=False):
    """The uses of a permit, one a goods, in the order of their names."""

    uses: tuple[Use, ...] = ()

    def of(self, goods: str) -> Use:
        """The use of one goods."""
        return next((use for use in self.uses if use.goods == goods), Use(goods))

    def with_use(self, use: Use) -> Uses:
        """With one goods' use as it is now."""
        others = [other for other in self.uses if other.goods != use.goods]
        return Uses(tuple(sorted((*others, use), key=lambda one: one.goods)))


class OverPermit(Rule):
    """Claims while Σ booked > permitted + tolerance, per goods; what the permit does not name is permitted 0."""

    card: ClassVar = Card(
        id="A3",
        name="OVER_PERMIT",
        title=("超量购买/销售", "Over the permit"),
        predicate=(
            "同一许可证上累计登记的数量超过许可数量(计数物品不允许任何超出)",
            "what was booked on one permit adds up to more than it allows (counted goods: by any item)",
        ),
        misses=(
            "未填写许可证编号的出入库；同一编号续期并重新核定数量的许可证按累计数判断；计量方式与许可不同的品种",
            "movements that name no permit; a permit renewed under its old number is judged by its running total; "
            "goods permitted in another measure than they are booked in",
        ),
        key="permit",
        place="site",
    )
    State: ClassVar = Uses
    Parameters: ClassVar = Parameters
    stricter: ClassVar[dict[str, Literal["lower", "higher"]]] = {
        "tolerance_counted_items": "lower",
        "tolerance_bulk_permille": "lower",
    }
    sees: ClassVar[frozenset[type[Body]]] = frozenset((Movement,))

    def start(self) -> Uses:
        """Nothing used."""
        return Uses()

    def see(self, state: Uses, step: Step, view: View) -> tuple[Uses, Sequence[Claim]]:
        """Open with the movement that takes a goods over, keep the sum, close where the permit allows it again."""
        fact, moved, quota = step.fact, step.fact.body, step.after
        if not isinstance(moved, Movement) or not isinstance(quota, Quota):
            return state, ()
        permit, permitted = _permit(moved, fact.at, view)
        inward = moved.operation in _INWARD
        if permit is None or permitted is None or inward is not (permit.purpose == "purchase"):
            return state, ()
        old = state.of(moved.goods)
        use = replace(old, refs=(*old.refs, fact.ref)[-MOST_REFS:], movements=old.movements + 1)
        terms = view.terms("A3", fact.at, category=moved.category, area=moved.area, unit=moved.unit)
        used = quota.of(moved.goods, inward=inward)
        if used <= permitted + _tolerance(terms.parameters, permitted, moved.measure):
            if use.open is None:
                return state.with_use(use), ()
            return state.with_use(replace(use, open=None)), (end(use.open, fact),)
        numbers: dict[str, Number] = {
            "permit": permit.permit,
            "purpose": permit.purpose,
            "permitted": permitted,
            "used": used,
            "over": used - permitted,
            "measure": moved.measure.value,
        }
        claim = _begin(use, fact, moved, numbers) if use.open is None else go_on(use.open, fact, numbers)
        claim = replace(claim, speaks_at=terms.speaks(claim.since))
        return state.with_use(replace(use, open=claim)), (claim,)

    def explain(self, finding: Finding, lang: Literal["zh", "en"]) -> str:
        """Permitted, used, over by how much, and since which movement."""
        claim = finding.claim
        measure = measure_of(claim)
        permitted, used, over = (
            show_quantity(int(claim.numbers[name]), measure) for name in ("permitted", "used", "over")
        )
        permit, since = claim.numbers["permit"], format_instant(claim.since)
        if lang == "zh":
            return (
                f"许可证 {permit} 准许 {claim.goods} {permitted}，累计已登记 {used}，超出 {over};"
                f"{since} 在 {claim.site} 的一笔起超量，共涉及 {claim.ref_count} 笔。"
            )
        return (
            f"Permit {permit} allows {permitted} of {claim.goods}; {used} were booked on it, {over} too much. It "
            f"went over with the movement of {since} at {claim.site}; {claim.ref_count} movements are involved."
        )


def _permit(moved: Movement, at: Instant, view: View) -> tuple[PermitEntry | None, int | None]:
    """The permit in force, and the base units that it allows of the goods."""
    goods, measure = moved.goods, moved.measure

    def find(then: Instant) -> tuple[PermitEntry | None, int | None]:
        permit = view.reference.in_force(PermitEntry, home_of(view.key), then)
        return permit, None if permit is None else _permitted(permit, goods, measure)

    return view.reference.lasting(PermitEntry, ("permitted", goods, measure), at, find)


def _permitted(permit: PermitEntry, goods: str, measure: Measure) -> int | None:
    """Base units that the permit allows of the goods; None where it says so in another measure."""
    total = 0
    for allowed in permit.goods:
        if allowed.goods != goods:
            continue
        amount = parse_quantity(allowed.quantity.value, allowed.quantity.unit)
        if not isinstance(amount, Amount) or amount.measure is not measure:
            return None
        total += amount.base
    return total


def _tolerance(parameters: Parameters, permitted: int, measure: Measure) -> int:
    if measure is Measure.COUNT:
        return parameters.tolerance_counted_items
    return permitted * parameters.tolerance_bulk_permille // 1000


def _begin(use: Use, fact: Fact, moved: Movement, numbers: dict[str, Number]) -> Claim:
    """The claim of a permit gone over; it cites what had used it up as well."""
    claim = begin(fact, moved, fact.at, numbers)
    return replace(claim, refs=use.refs, ref_count=use.movements)
