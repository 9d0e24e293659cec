"""C5 仓库未提前报: a site is registered some days before anything moves there.

Law kept: the registration's record time counts, of all entries about the site the earliest; the first movement of
its unit there is judged, and nothing else. What stood before the platform was to be told of it is let be.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, ClassVar, Literal

from msgspec import Meta, Struct
from msgspec.structs import replace

from detectors.claim import Claim, Finding
from detectors.detector import Card, Step, View
from detectors.episode import begin
from events.registry import SiteEntry
from events.time import DAY, HOUR, Instant, format_instant, parse_instant
from ledger.fact import Body, Fact, Movement


class Parameters(Struct, frozen=True, forbid_unknown_fields=True):
    """``ahead_days``: days from the registration to the first use.

    ``sites_from``: sites in force from an earlier day on were there before they had to be told of.
    ``opening_is_use``: whether the opening stock counts as the first use, or only what moves after it.
    """

    ahead_days: Annotated[int, Meta(ge=0, le=366)] = 5
    sites_from: Annotated[str, Meta(pattern=r"^\d{4}-\d{2}-\d{2}$")] = "2017-07-17"
    opening_is_use: bool = True


class Used(Struct, frozen=True, array_like=True, gc=False):
    """Whose first use of the site has been judged, and what is claimed of it until the wait is over."""

    unit: str = ""
    early: Claim | None = None


class WarehouseLate:
    """Claims a first movement sooner than allowed after the registration, until it would have been allowed."""

    card: ClassVar = Card(
        id="C5",
        name="WAREHOUSE_LATE",
        title=("仓库未提前报", "Site not registered in advance"),
        predicate=(
            "站点的首笔出入库早于其登记时间加规定的提前日数",
            "the first movement at a site came sooner after its registration than the days that it must be told "
            "of before",
        ),
        misses=(
            "从未登记的站点（其记录不予接收）；启用前虽已登记但内容不实；平台启用前已有的站点；登记时间由登记机关填报",
            "a site that was never registered (its reports are not taken); a registration that is in time but "
            "untrue; "
            "sites older than the duty; the record time is what the registrar says",
        ),
        key="site",
        place="site",
    )
    State: ClassVar = Used
    Parameters: ClassVar = Parameters
    stricter: ClassVar[dict[str, Literal["lower", "higher"]]] = {"ahead_days": "higher"}
    clocks: ClassVar = ("ahead_days",)
    sees: ClassVar[frozenset[type[Body]]] = frozenset((Movement,))

    def start(self) -> Used:
        """Not in use."""
        return Used()

    def see(self, state: Used, step: Step, view: View) -> tuple[Used, Sequence[Claim]]:
        """Judge the first movement of a unit at the site; end the claim once the wait is over."""
        fact, moved = step.fact, step.fact.body
        if not isinstance(moved, Movement):
            return state, ()
        early = state.early
        made: tuple[Claim, ...] = ()
        if early is not None and fact.at >= _over(early):
            made, early = (_ended(early),), None
        if moved.unit == state.unit:
            return (state if early is state.early else Used(state.unit, early)), made
        terms = view.terms("C5", fact.at, category=moved.category, area=moved.area, unit=moved.unit)
        if moved.operation == "open" and not terms.parameters.opening_is_use:
            return state, ()
        recorded_at = _recorded(view, fact, moved, terms.parameters)
        allowed_from = 0 if recorded_at is None else recorded_at + terms.parameters.ahead_days * DAY
        if recorded_at is None or fact.at >= allowed_from:
            return Used(moved.unit, early), made
        claim = begin(
            fact,
            moved,
            terms.speaks(fact.at),
            {
                "registered_at": recorded_at,
                "first_use_at": fact.at,
                "ahead_days": terms.parameters.ahead_days,
                "allowed_from": allowed_from,
                "ahead_h": round((fact.at - recorded_at) / HOUR, 1),
                "operation": moved.operation,
            },
        )
        claim = replace(claim, anchor=f"{moved.site}/{moved.unit}")
        return Used(moved.unit, claim), (*made, claim)

    def at(self, state: Used, now: Instant, view: View) -> Sequence[Claim]:
        """What may be in use by now is over."""
        return () if state.early is None or now < _over(state.early) else (_ended(state.early),)

    def wakes(self, state: Used, view: View) -> Sequence[Instant]:
        """When the site may be in use."""
        return () if state.early is None else (_over(state.early),)

    def explain(self, finding: Finding, lang: Literal["zh", "en"]) -> str:
        """When the site was registered and first used, and from when on that was allowed."""
        claim, numbers = finding.claim, finding.claim.numbers
        registered, used, allowed = (
            format_instant(int(numbers[name])) for name in ("registered_at", "first_use_at", "allowed_from")
        )
        days = numbers["ahead_days"]
        if lang == "zh":
            return (
                f"{claim.site} 于 {registered} 登记，{used} 即有首笔 {claim.goods} 出入库；站点应在启用前 {days} 日"
                f"登记，最早可于 {allowed} 启用。"
            )
        return (
            f"{claim.site} was registered at {registered} and first moved {claim.goods} at {used}; a site is to be "
            f"registered {days} days before it is used, here not before {allowed}."
        )


def _recorded(view: View, fact: Fact, moved: Movement, parameters: Parameters) -> Instant | None:
    """When the site was first registered for the unit; None where that is not known, or was before the duty."""
    mine = [
        entry
        for entry in view.reference.of_kind(SiteEntry)
        if isinstance(entry.entry, SiteEntry)
        and entry.entry.site == moved.site
        and entry.unit == moved.unit
        and entry.heard_of(fact.at)
    ]
    since = parse_instant(f"{parameters.sites_from}T00:00:00+08:00")
    if not mine or min(entry.valid_from for entry in mine) < since:
        return None
    return min(entry.recorded_at for entry in mine)


def _over(claim: Claim) -> Instant:
    return int(claim.numbers["allowed_from"])


def _ended(claim: Claim) -> Claim:
    return replace(claim, until=_over(claim))
