"""What may never be seen in what an engine has committed, whatever its answers are in the end.

Law kept: 6, looked at closely: a record applied twice is mostly forgiven by the homes, which know it again; it is a
fault all the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from events.rejection import Source
from ledger.held import Standing
from ledger.home import Told
from routing.notice import WarningNotice, encode_notice


def two_contents(notices: Iterable[WarningNotice]) -> list[str]:
    """The (finding, revision) pairs that were told with two contents."""
    first: dict[str, bytes] = {}
    found: dict[str, None] = {}
    for notice in notices:
        data = encode_notice(notice)
        if first.setdefault(notice.id, data) != data:
            found[f"{notice.id} was told with two contents"] = None
    return list(found)


def applied_twice(told: Iterable[Told]) -> list[str]:
    """The records that came to their home more than once.

    A record that repeats an earlier one is *known*. One that is known because it repeats itself also spoke for its
    event: no record of the input may be both.
    """
    known: set[Source] = set()
    spoke: set[Source] = set()
    for one in told:
        (known if one.standing is Standing.KNOWN else spoke).add(one.source)
    return [f"{source} was applied twice" for source in sorted(known & spoke, key=str)]


def gone_back(before: Mapping[str, int], after: Mapping[str, int]) -> list[str]:
    """The topics whose applied position went back from one commit of a lane to the next."""
    return [
        f"{topic}: applied up to {position}, then up to {after.get(topic, 0)}"
        for topic, position in before.items()
        if after.get(topic, 0) < position
    ]
