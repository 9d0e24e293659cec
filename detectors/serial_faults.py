"""What is wrong with the numbers of one report, held against the lives that the block's numbers have led so far.

Law kept: what was left out accuses nobody: a number is at fault only by what was said of it before, and two records
of one handover may stand in the wrong order by some hours.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Final, NamedTuple

from events.time import Instant
from ledger.fact import Count, Fact, Movement
from ledger.lives import ENDED, HELD, LOST, OUT, OUT_OF_ORDER, Block, Life, handed_over_before
from ledger.serials import NONE, Span, Spans, common, repeated, runs_of, size, spans, union, without

TWICE, DUPLICATE, UNMADE = "listed_twice", "duplicate", "never_produced"
ENDED_BEFORE, ELSEWHERE, GAP = "after_end", "two_places", "gap"

_ORIGINS: Final = frozenset(("open", "produce", "adjust"))
"""Operations that say themselves where a number comes from."""


class Fault(NamedTuple):
    """Numbers that are wrong in the same way, and the lives that say so."""

    reason: str
    numbers: Spans
    lives: tuple[Life, ...] = ()


def faults(block: Block, fact: Fact, *, least_produced: int, largest_gap: int) -> list[Fault]:
    """What is wrong with the numbers of a fact, by what was known of them before; one fault a reason."""
    body = fact.body
    if not isinstance(body, Movement | Count) or not body.serials:
        return []
    runs = runs_of(body.serials)
    numbers = spans(runs)
    found: dict[str, tuple[Spans, tuple[Life, ...]]] = {}
    unknown = numbers
    for life in block.lives:
        hit = common(life.numbers, numbers)
        if not hit:
            continue
        unknown = without(unknown, hit)
        reason = _against(life, body, fact.at)
        if reason is not None:
            known, lives = found.get(reason, (NONE, ()))
            found[reason] = (union(known, hit), (*lives, life))
    made = [Fault(reason, *told) for reason, told in found.items()]
    if len(runs) > 1 and (twice := repeated(runs)):
        made.append(Fault(TWICE, twice))
    if unmade := _never_produced(block, body, unknown, least_produced):
        made.append(Fault(UNMADE, unmade))
    if isinstance(body, Movement) and body.operation == "produce":
        if gaps := _new_gaps(block.produced, numbers, largest_gap):
            made.append(Fault(GAP, gaps))
    return made


def _against(life: Life, body: Movement | Count, at: Instant) -> str | None:
    """What the life of some numbers says against their being here; None where nothing."""
    here = life.site == body.site
    if isinstance(body, Count):
        if life.status in ENDED:
            return ENDED_BEFORE
        if here or life.status == OUT or at - life.at <= OUT_OF_ORDER:
            return None
        return ENDED_BEFORE if life.status == LOST else ELSEWHERE
    operation = body.operation
    if operation == "adjust":
        return None
    if operation == "produce":
        return DUPLICATE if life.made or at - life.at > OUT_OF_ORDER else None
    if life.status in ENDED:
        return ENDED_BEFORE
    if life.status == LOST:
        return None if here else ENDED_BEFORE
    if life.status == OUT:
        return DUPLICATE if here and operation == "issue" and body.shift is None else None
    if here:
        return DUPLICATE if life.status == HELD and operation in ("open", "receive") else None
    return None if handed_over_before(life, body, at) else ELSEWHERE


def _never_produced(block: Block, body: Movement | Count, unknown: Spans, least: int) -> Spans:
    """Numbers that appear from nowhere, where the maker reports what it makes: from the first one made on."""
    if not unknown or block.forgot or (isinstance(body, Movement) and body.operation in _ORIGINS):
        return NONE
    if size(block.produced) < least:
        return NONE
    unmade = without(unknown, block.produced)
    first = block.produced[0][0] if block.produced else 0
    return common(unmade, ((first, unmade[-1][1]),)) if unmade and unmade[-1][1] >= first else NONE


def _new_gaps(before: Spans, numbers: Spans, largest: int) -> Spans:
    """The numbers that production has just left out: no more than so many in a row, else it went on elsewhere."""
    known = {hole for hole in _holes(before) if _length(hole) <= largest}
    return tuple(
        hole
        for hole in _holes(union(before, numbers))
        if _length(hole) <= largest and not any(old[0] <= hole[0] and hole[1] <= old[1] for old in known)
    )


def _holes(numbers: Spans) -> Iterator[Span]:
    for (_, last), (first, _) in pairwise(numbers):
        yield (last + 1, first - 1)


def _length(hole: Span) -> int:
    return hole[1] - hole[0] + 1
