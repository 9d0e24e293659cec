"""A5 许可证过期/重复使用: a permit used outside its dates, twice though it is for once, or not registered at all.

Law kept: every movement is judged by all entries of its permit at the movement's own instant. Out of date and
unregistered make one episode, which a movement within the dates ends; using a one-time permit again is final.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal

from msgspec import Struct
from msgspec.structs import replace

from detectors.claim import Claim, Finding, Number
from detectors.detector import Card, Rule, Step, View
from detectors.episode import begin, end, go_on
from detectors.policy import Terms
from detectors.quiet import remembered
from events.identity import home_of
from events.registry import PermitEntry
from events.time import HOUR, MINUTE, Instant, civil_day, day_start, format_instant
from ledger.account import Quota
from ledger.fact import Body, Fact, Movement
from ledger.reference import Registered

_SHOWN = 5
"""How many consignments the evidence names."""


class Parameters(Struct, frozen=True, forbid_unknown_fields=True):
    """``grace_h``: hours before or after its dates that a permit may still be used.

    ``consignments_once``: how many consignments a one-time permit may serve.
    """

    grace_h: int = 0
    consignments_once: int = 1


class Misuse(Struct, frozen=True, array_like=True, gc=False):
    """The episode of use outside the dates, and the claim of using a one-time permit again."""

    outside: Claim | None = None
    again: Claim | None = None


class PermitMisused(Rule):
    """Claims movements on a permit that was not in force, unknown, or spent; evidence: its dates and its trips."""

    card: ClassVar = Card(
        id="A5",
        name="PERMIT_MISUSED",
        title=("许可证过期/重复使用", "Permit expired or reused"),
        predicate=(
            "出入库发生时许可证不在有效期内、未登记，或一次性许可证用于多次托运",
            "the permit was not in force when the movement happened, is not registered, or was for one consignment "
            "and served more",
        ),
        misses=(
            "未填写许可证编号的出入库；未填写运单号的重复使用；只有计划而未发生的托运；"
            "到期或停用 1,100 天后又用的许可证按未登记、未用过处理",
            "movements that name no permit; reuse without a consignment named; trips that were only planned; a "
            "permit that ended 1,100 days ago counts as not registered, one not used for as long as never used",
        ),
        key="permit",
        place="site",
    )
    State: ClassVar = Misuse
    Parameters: ClassVar = Parameters
    stricter: ClassVar[dict[str, Literal["lower", "higher"]]] = {"grace_h": "lower", "consignments_once": "lower"}
    sees: ClassVar[frozenset[type[Body]]] = frozenset((Movement,))

    def start(self) -> Misuse:
        """No misuse."""
        return Misuse()

    def see(self, state: Misuse, step: Step, view: View) -> tuple[Misuse, Sequence[Claim]]:
        """Judge one movement by the permit's dates, then by the consignments that it has served."""
        fact, moved, quota = step.fact, step.fact.body, step.after
        if not isinstance(moved, Movement) or not isinstance(quota, Quota):
            return state, ()
        terms = view.terms("A5", fact.at, category=moved.category, area=moved.area, unit=moved.unit)
        entries = _entries(view, fact.at)
        made: list[Claim] = []
        valid = _in_force(entries, fact.at, terms.parameters.grace_h * HOUR)
        outside, again = state.outside, state.again
        if valid is None:
            outside = _out_of_date(outside, fact, moved, _why(entries, fact.at), terms)
            made.append(outside)
        elif outside is not None:
            made.append(end(outside, fact))
            outside = None
        paper = valid or (_permit(entries[-1]) if entries else None)
        if paper is not None and paper.one_time and _is_again(quota, moved, terms.parameters.consignments_once):
            again = _once_more(again, fact, moved, quota, terms)
            made.append(again)
        return (Misuse(outside, again), made) if made else (state, ())

    def explain(self, finding: Finding, lang: Literal["zh", "en"]) -> str:
        """When the permit was used, and what was wrong with it then."""
        claim, numbers = finding.claim, finding.claim.numbers
        used = format_instant(claim.since)
        match numbers["reason"], lang:
            case "unknown", "zh":
                why = "登记中没有此许可证"
            case "unknown", "en":
                why = "the registry has no such permit"
            case "expired", "zh":
                why = f"许可证已于 {_date(numbers, 'valid_to')} 到期"
            case "expired", "en":
                why = f"it had run out at {_date(numbers, 'valid_to')}"
            case "not_yet_valid", "zh":
                why = f"许可证自 {_date(numbers, 'valid_from')} 起才生效"
            case "not_yet_valid", "en":
                why = f"it was valid only from {_date(numbers, 'valid_from')}"
            case _, "zh":
                why = f"一次性许可证已用于 {numbers['consignments']} 次托运({numbers['named']})"
            case _:
                why = f"it was for once and served {numbers['consignments']} consignments ({numbers['named']})"
        if lang == "zh":
            where = f"许可证 {numbers['permit']} 于 {used} 在 {claim.site} 用于 {claim.goods}"
            return f"{where},{why}；共 {_uses(claim)} 笔。"
        return (
            f"Permit {numbers['permit']} was used at {used} at {claim.site} for {claim.goods}, but {why}; "
            f"{_uses(claim)} movement(s)."
        )


def _entries(view: View, at: Instant) -> list[Registered]:
    """The entries of the key's permit that speak of an instant or did once, in the order of their dates."""
    name = home_of(view.key)
    mine = [
        e
        for e in view.reference.entries.values()
        if isinstance(e.entry, PermitEntry) and e.entry.permit == name and e.heard_of(at) and remembered(e, at)
    ]
    return sorted(mine, key=lambda entry: (entry.valid_from, entry.recorded_at, entry.id))


def _in_force(entries: list[Registered], at: Instant, grace: Instant) -> PermitEntry | None:
    """The permit as it was at an instant, or within ``grace`` of it: the latest entry speaks."""
    for slack in (0, grace):
        for entry in reversed(entries):
            over = entry.valid_to is not None and entry.valid_to + slack <= at
            if entry.valid_from - slack <= at and not over:
                return _permit(entry)
    return None


def _permit(registered: Registered) -> PermitEntry | None:
    return registered.entry if isinstance(registered.entry, PermitEntry) else None


def _why(entries: list[Registered], at: Instant) -> dict[str, Number]:
    """What was wrong at an instant outside all entries: the nearest one tells."""
    if not entries:
        return {"reason": "unknown"}
    expired = [entry.valid_to for entry in entries if entry.valid_to is not None and entry.valid_to <= at]
    coming = [entry.valid_from for entry in entries if entry.valid_from > at]
    if expired and (not coming or at - max(expired) <= min(coming) - at):
        return {"reason": "expired", "valid_to": max(expired)}
    return {"reason": "not_yet_valid", "valid_from": min(coming)}


def _is_again(quota: Quota, moved: Movement, once: int) -> bool:
    """Whether this movement's consignment came after those that the permit may serve."""
    return moved.consignment is not None and moved.consignment in quota.consignments[once:]


def _out_of_date(
    known: Claim | None, fact: Fact, moved: Movement, why: dict[str, Number], terms: Terms[Parameters]
) -> Claim:
    """The episode of use outside the dates; an unregistered permit has until the day's end to appear."""
    if known is not None:
        return go_on(known, fact, known.numbers)
    unknown = why["reason"] == "unknown"
    end_of_day = day_start(civil_day(fact.at) + 1) + terms.settle_slack_min * MINUTE
    numbers = {"permit": moved.permit or "", **why}
    return begin(fact, moved, end_of_day if unknown else terms.speaks(fact.at), numbers)


def _once_more(known: Claim | None, fact: Fact, moved: Movement, quota: Quota, terms: Terms[Parameters]) -> Claim:
    """The claim of using a one-time permit again; its anchor is the first consignment too many."""
    numbers: dict[str, Number] = {
        "permit": moved.permit or "",
        "reason": "reused",
        "consignments": len(quota.consignments),
        "named": ", ".join(quota.consignments[:_SHOWN]),
    }
    if known is not None:
        return go_on(known, fact, numbers)
    return replace(begin(fact, moved, terms.speaks(fact.at), numbers), anchor=moved.consignment or fact.id)


def _uses(claim: Claim) -> int:
    return claim.ref_count - (claim.until is not None)


def _date(numbers: dict[str, Number], name: str) -> str:
    return format_instant(int(numbers[name]))
