"""Causes: which fact or registry entry took a finding back.

Law kept: the cause is the one after which the finding no longer stood, as it would have been found had each come by
itself: what came since the last look is undone until the finding stands again. So batches cannot be told (4).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, NamedTuple

from events.rejection import Source
from ledger.fact import Fact, Ref
from ledger.reference import Reference, Registered

if TYPE_CHECKING:  # a subject notes its news
    from detectors.subject import Subject

NOWHERE: Final = Source("", 0, 0)
"""Where a registry entry's record stands: keys are told of entries without it."""


class News(NamedTuple):
    """Something that came to a key since it was looked at: what it is now, and what was known of it before.

    ``new`` is None where it cannot be undone: an entry that concerns everyone, a vehicle's minute.
    """

    ref: Ref
    new: Fact | Registered | None = None
    was: Fact | Registered | None = None


def entry_news(new: Registered, was: Registered | None = None, *, for_everyone: bool = False) -> News:
    """That an entry came, or its newer version."""
    return News(Ref(new.id, NOWHERE), None if for_everyone else new, was)


def cause_of(subject: Subject, reference: Reference, stands: Callable[[], bool]) -> Ref | None:
    """The one of a key's news after which a finding no longer stood; None where there is no news: time did it.

    ``stands`` asks whether it does with what is taken. All news is taken before and after; of several that could
    each have done it, one that did is found. A vehicle's is not undone: the latest is named.
    """
    news = subject.news
    if len(news) < 2 or subject.kind == "vehicle" or any(one.new is None for one in news):
        return news[-1].ref if news else None
    before, rejudge = subject.before(), subject.rejudge
    standing, gone, at = 0, len(news), len(news)
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
