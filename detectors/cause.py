"""Causes: which fact or registry entry took a finding back, which policy, or which version of the rules.

Law kept: the cause is the one after which the finding no longer stood, as it would have been found had each come by
itself: what came since the last look is undone until the finding stands again. So batches cannot be told (4).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, NamedTuple

from events.registry import PolicyEntry
from events.rejection import Source
from ledger.fact import Fact, Ref
from ledger.reference import Reference, Registered

if TYPE_CHECKING:  # a subject notes its news
    from detectors.subject import Subject

NOWHERE: Final = Source("", 0, 0)
"""Where a registry entry's record stands: keys are told of entries without it."""
CODE: Final = "code|"
POLICY: Final = "policy|"
"""What begins the id of a cause that is no report and no entry by itself."""


class News(NamedTuple):
    """Something that came to a key since it was looked at: what it is now, and what was known of it before.

    ``new`` is None where it cannot be undone: an entry that concerns everyone, a vehicle's minute.
    """

    ref: Ref
    new: Fact | Registered | None = None
    was: Fact | Registered | None = None


def code_ref(version: str) -> Ref:
    """That another version of the rules' code judges by now."""
    return Ref(f"{CODE}{version}", NOWHERE)


def policy_ref(digest: str) -> Ref:
    """That another policy is in force by now."""
    return Ref(f"{POLICY}{digest}", NOWHERE)


def entry_news(new: Registered, was: Registered | None = None, *, for_everyone: bool = False) -> News:
    """That an entry came, or its newer version."""
    published = new.entry if isinstance(new.entry, PolicyEntry) else None
    ref = Ref(new.id, NOWHERE) if published is None else policy_ref(published.digest)
    return News(ref, None if for_everyone else new, was)


def cause_of(subject: Subject, reference: Reference, stands: Callable[[], bool]) -> Ref | None:
    """The one of a key's news after which a finding no longer stood; None where there is no news: time did it.

    ``stands`` asks whether it does with what is taken. All news is taken before and after; of several that could
    each have done it, one that did is found. A vehicle's is not undone: the latest is named. Where another version
    of the code told the finding, that it did not stand before all news is the code's doing.
    """
    news, code = subject.news, subject.told_by
    undone = subject.kind != "vehicle" and all(one.new is not None for one in news)
    if not news or not undone or (len(news) < 2 and not code):
        return news[-1].ref if news else None
    before, rejudge = subject.before(), subject.rejudge
    standing, gone, at = -1 if code else 0, len(news), len(news)
    while gone - standing > 1:
        middle = (standing + gone) // 2
        while at > middle:
            at -= 1
            _undo(subject, reference, news[at])
        while at < middle:
            _redo(subject, reference, news[at])
            at += 1
        if stands():
            standing = middle
        else:
            gone = middle
    for one in news[at:]:
        _redo(subject, reference, one)
    subject.go_back(before)
    subject.rejudge = rejudge
    if gone == 0:
        return None
    by: Ref = news[gone - 1].ref
    return by


def _undo(subject: Subject, reference: Reference, news: News) -> None:
    match news:
        case News(new=Fact() as fact, was=was):
            subject.take_back(fact, was if isinstance(was, Fact) else None)
        case News(new=Registered() as entry, was=was):
            reference.take_back(entry, was if isinstance(was, Registered) else None)
            subject.unfold()


def _redo(subject: Subject, reference: Reference, news: News) -> None:
    match news.new:
        case Fact() as fact:
            subject.put(fact)
        case Registered() as entry:
            reference.put(entry)
            subject.unfold()
