"""Retelling: how a registry entry was told before it was told otherwise, and from when to when that was heard.

Law kept: a day is judged by what was heard before it closed. So an entry that is corrected or taken back later
speaks of the days that had closed by then as it was told until then, whether they were judged then or are now (3).
"""

from __future__ import annotations

from events.report import Registry
from ledger.held import Held
from ledger.judges import Judge
from ledger.speech import Earlier, Entered, Speech


def earlier_tellings(held: Held, judge: Judge) -> tuple[Earlier, ...]:
    """The tellings of an entry below its highest, as far as any was heard before the next."""
    origin, found = held.telling(0), []
    if origin is None or not isinstance(origin.event(), Registry):
        return ()
    told = [(max(one.received_at, origin.received_at), one) for one in held.tellings]
    for place, (heard_at, one) in enumerate(told[:-1]):
        unsaid_at = min(heard for heard, _ in told[place + 1 :])
        event = one.event()
        said = judge(event, held.at) if event is not None and heard_at < unsaid_at else None
        if isinstance(said, Speech) and isinstance(said.body, Entered):
            found.append(Earlier(one.revision, said.keys, said.body, heard_at, unsaid_at))
    return tuple(found)


def gone_of(held: Held, before: tuple[Earlier, ...]) -> Speech | None:
    """What is said of an entry that was taken back: nothing, but how it was told before."""
    top = held.tellings[-1]
    if not before:
        return None
    return Speech((), before[-1].entered, top.received_at, top.source, top.revision, held.at, before)
