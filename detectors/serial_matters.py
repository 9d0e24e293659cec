"""Matters: what is open about the numbers of one block: one a reason and site, however many reports add to it.

Laws kept: what is put right before it may be said is never said; what is put right later is closed; what nobody
puts right stands for the time that the policy says. State is bounded: of too many matters the oldest is closed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from detectors.claim import Claim, Number
from detectors.episode import begin, end
from detectors.serial_faults import ELSEWHERE, GAP, UNMADE, Fault
from events.time import DAY, Instant
from ledger.fact import Count, Fact, Movement
from ledger.lives import OUT_OF_ORDER
from ledger.serials import NONE, Spans, common, fewest, listed, runs_of, size, spans, union, without

MOST_OPEN: Final = 8
MOST_RUNS: Final = 100
"""Of how many runs a matter knows which numbers they are; more are counted."""
_NAMED: Final = 3
LISTED: Final = 6
"""How many runs the evidence lists."""
_MOST_REFS: Final = 8


class Matter(Struct, frozen=True, array_like=True, gc=False):
    """One open matter: what is wrong, where, with which numbers, what it says; it is let be from ``ages_at`` on."""

    reason: str
    site: str
    claim: Claim
    numbers: Spans
    total: int
    others: tuple[str, ...]
    last_at: Instant
    ages_at: Instant

    def said(self, now: Instant) -> Claim:
        """The claim as it stands at an instant."""
        return self.claim if now < self.ages_at else replace(self.claim, until=self.ages_at)


class Matters(Struct, frozen=True, array_like=True, gc=False):
    """All that is open about a block."""

    open: tuple[Matter, ...] = ()


def over(state: Matters, at: Instant) -> tuple[tuple[Matter, ...], list[Claim]]:
    """The matters that are still open at an instant, and the claims of those let be by then."""
    left = tuple(matter for matter in state.open if at < matter.ages_at)
    return left, [matter.said(at) for matter in state.open if at >= matter.ages_at]


def put_right(matters: Sequence[Matter], fact: Fact) -> tuple[tuple[Matter, ...], list[Claim]]:
    """The matters that a fact leaves, and the claims that it closes; those not said yet vanish."""
    left, closed = [], []
    for matter in matters:
        cleared = _cleared(matter, fact)
        if not cleared:
            left.append(matter)
            continue
        numbers, total = without(matter.numbers, cleared), matter.total - size(cleared)
        if total > 0:
            left.append(_with(replace(matter, numbers=numbers, total=total)))
        elif fact.at > matter.claim.speaks_at:
            closed.append(end(matter.claim, fact))
    return tuple(left), closed


def _cleared(matter: Matter, fact: Fact) -> Spans:
    """The numbers of a matter that a movement accounts for."""
    body = fact.body
    if not isinstance(body, Movement):
        return NONE
    soon = fact.at - matter.last_at <= OUT_OF_ORDER
    match body.operation:
        case "adjust":
            pass
        case "produce" if matter.reason == GAP or (matter.reason == UNMADE and soon):
            pass
        case "issue" if matter.reason == ELSEWHERE and soon and body.site in matter.others:
            pass
        case _:
            return NONE
    return common(matter.numbers, spans(runs_of(body.serials)))


def add(
    matters: tuple[Matter, ...], fault: Fault, fact: Fact, speaks_at: Instant, open_days: float
) -> tuple[tuple[Matter, ...], list[Claim]]:
    """The matters with one more fault: it goes on with the one of its reason and site, or opens one.

    Too many are open: the oldest is closed, and is in the claims that are returned.
    """
    body = fact.body
    assert isinstance(body, Movement | Count), fact.id
    known = next((one for one in matters if (one.reason, one.site) == (fault.reason, body.site)), None)
    others = tuple(sorted({life.site for life in fault.lives} - {body.site}))[:_NAMED]
    if known is None:
        claim = begin(fact, body, speaks_at, _head(fault, fact))
        areas = tuple(sorted({life.area for life in fault.lives} - {body.area}))[:_NAMED]
        refs = [life.ref for life in fault.lives if life.ref.id][: _MOST_REFS - 1]
        cited = tuple({ref.id: ref for ref in (*refs, fact.ref)}.values())
        claim = replace(
            claim, anchor=f"{fact.id}#{fault.reason}", informed_areas=areas, refs=cited, ref_count=len(cited)
        )
        ages_at = speaks_at + round(open_days * DAY)
        numbers = fewest(fault.numbers, MOST_RUNS)
        new = Matter(
            fault.reason, body.site, claim, numbers, size(fault.numbers), others, fact.at, ages_at
        )  # fmt: skip
        rest = matters
    else:
        fresh = without(fault.numbers, known.numbers)
        if not fresh:
            return matters, []
        refs_now = (*known.claim.refs, fact.ref) if len(known.claim.refs) < _MOST_REFS else known.claim.refs
        claim = replace(known.claim, refs=refs_now, ref_count=known.claim.ref_count + 1)
        new = replace(
            known, claim=claim, numbers=fewest(union(known.numbers, fresh), MOST_RUNS), last_at=fact.at,
            total=known.total + size(fresh), others=tuple(sorted({*known.others, *others}))[:_NAMED],
        )  # fmt: skip
        rest = tuple(one for one in matters if one is not known)
    opened = (*rest, _with(new))
    if len(opened) <= MOST_OPEN:
        return opened, []
    oldest = min(opened, key=lambda one: (one.claim.since, one.claim.anchor))
    return tuple(one for one in opened if one is not oldest), [replace(oldest.claim, until=fact.at)]


def _head(fault: Fault, fact: Fact) -> dict[str, Number]:
    """What does not change about a matter: what is wrong, by what report, with whose numbers."""
    body = fact.body
    assert isinstance(body, Movement | Count), fact.id
    run = body.serials[0]
    seen = max((life.at for life in fault.lives), default=None)
    return {
        "reason": fault.reason,
        "operation": body.operation if isinstance(body, Movement) else "count",
        "maker": run.maker,
        "type": run.type,
        **({} if seen is None else {"last_said_at": seen}),
    }


def _with(matter: Matter) -> Matter:
    """The matter with its numbers and places as evidence."""
    told: dict[str, Number] = {
        **matter.claim.numbers, "serials": listed(matter.numbers, LISTED), "total": matter.total,
        **({"others": ", ".join(matter.others)} if matter.others else {}),
    }  # fmt: skip
    return replace(matter, claim=replace(matter.claim, numbers=told))
