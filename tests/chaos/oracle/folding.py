"""Folding: the detectors that are not told again here, fact by fact over the sorted facts, from the beginning.

Law kept: a detector is a fold over one key's facts in event order, then what time alone makes true. No marks, no
closing, no restoring: what the watch does to be fast is not done here.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from detectors.claim import Claim
from detectors.detector import Detector, Step, View
from events.time import Instant
from ledger.account import Driving, apply, empty_account
from ledger.fact import Fact, Leg
from tests.chaos.oracle.matter import Matter
from tests.chaos.oracle.meaning import STANDS


def folded(detector: Detector, key: str, facts: Iterable[Fact], now: Instant, view: View) -> list[Matter]:
    """What one detector says of one key. One that falls over falls over here, too: that is a fault to be mended."""
    account = empty_account(key.partition(":")[0])
    state: Any = detector.start() if getattr(detector, "by_papers", False) else None
    reckoning: Any = getattr(detector, "rests_on", None)
    reckoned = None if reckoning is None else reckoning.start()
    claims: dict[str, Claim] = {}
    for fact in facts:
        before, account = account, apply(account, fact)
        if fact.rank == STANDS:
            continue
        step = Step(fact, before, account)
        if reckoning is not None and type(fact.body) in reckoning.sees:
            reckoned, what = reckoning.see(reckoned, step, view)
            step = Step(fact, before, account, what)
        if type(fact.body) not in detector.sees or (reckoning is not None and step.made is None):
            continue
        state, made = detector.see(detector.start() if state is None else state, step, view)
        claims.update((claim.anchor, claim) for claim in made)
    moments = [now]
    if isinstance(account, Driving) and detector.sees == {Leg}:
        # Plans stand before all else: what they make true is asked of them alone, and of no more when long over.
        state = account
        moments = sorted({now, *(at for at in detector.wakes(state, view) if at <= now)})
    if state is not None:
        claims.update((claim.anchor, claim) for at in moments for claim in detector.at(state, at, view))
    return [_matter(claim) for claim in claims.values()]


def _matter(claim: Claim) -> Matter:
    return Matter(
        claim.anchor, claim.since, claim.speaks_at, tuple(ref.id for ref in claim.refs), claim.ref_count,
        claim.numbers, claim.area, claim.unit, claim.category.value, claim.site, claim.goods, claim.until,
        claim.informed_areas, claim.severity.value if claim.severity else None,
    )  # fmt: skip
