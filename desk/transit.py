"""在途: what is under way out of a book and into it, consignment by consignment, as both ends reported.

Laws kept: sent − received − declared lost = in transit, for each consignment and in the totals. Of another site's
book nothing is shown but what its lines say of the shared consignment: its unit and the amounts.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Literal

from msgspec import Struct, json

from desk.asking import Projected
from events.identity import consignment_key
from events.time import Instant
from events.transit import ON_THE_ROAD, Side, in_transit

_DEADLINE: Final = "B4"
"""The rule whose deadline, set by its policy, says that what was sent should have arrived."""


class State(enum.StrEnum):
    """Where a consignment that does not come out even stands."""

    OVERDUE = "overdue"
    """Nothing was received by the deadline."""
    UNDER_WAY = "under_way"
    """Sent, and nothing received yet."""
    UNSENT = "unsent"
    """Received, and nobody said that it was sent."""
    DIFFERENCE = "difference"
    """Both ends spoke, and differ."""


class About(Struct, frozen=True):
    """A warning about the consignment that stands at the instant asked for."""

    finding: str
    detector: str
    since: Instant


class Consigned(Struct, frozen=True, kw_only=True):
    """One consignment of the book's goods that does not come out even; amounts are those of both ends together.

    ``direction`` is out where this book sent of it, else into; ``party`` is the other unit, or who is outside.
    """

    consignment: str
    direction: Literal["out", "into"]
    party: str | None
    sent: int
    received: int
    lost: int
    in_transit: int
    since: Instant
    state: State
    overdue_since: Instant | None
    warnings: tuple[About, ...]


class Passage(Struct, frozen=True, kw_only=True):
    """One direction's totals over all consignments, even ones too: sent − received − lost = in transit."""

    consignments: int = 0
    sent: int = 0
    received: int = 0
    lost: int = 0
    in_transit: int = 0


class Transit(Struct, frozen=True, kw_only=True):
    """What is under way of a book: ``open`` is what does not come out even, the most pressing and oldest first."""

    out: Passage = Passage()
    into: Passage = Passage()
    open: tuple[Consigned, ...] = ()


class Leg(Struct, frozen=True):
    """One line on a consignment, of this book or another's: no more of it is ever read here."""

    consignment: str
    operation: str
    amount: int
    at: Instant
    unit: str
    counterparty: str | None
    own: bool


def transit(projected: Projected, site: str, goods: str, until: Instant) -> Transit:
    """What is under way of a book by the lines up to an instant, as known now.

    A consignment concerns a book that has a line on it, or that a shipper names as where it goes.
    """
    rows = projected.rows(
        "SELECT consignment, operation, amount, at, unit, counterparty, site = ?1 FROM book_lines "
        "WHERE goods = ?2 AND at <= ?3 AND consignment IN ("
        "SELECT consignment FROM book_lines WHERE site = ?1 AND goods = ?2 AND at <= ?3 "
        "AND consignment IS NOT NULL "
        "UNION SELECT consignment FROM book_lines WHERE json_extract(body, '$[10]') = ?1 AND goods = ?2 "
        "AND operation = 'issue' AND consignment IS NOT NULL AND at <= ?3) ORDER BY at, rank, fact",
        (site, goods, until),
    )
    ways: dict[str, list[Leg]] = {}
    for row in rows:
        ways.setdefault(row[0], []).append(Leg(*row))
    uneven = [name for name, legs in ways.items() if _sums(legs)[3]]
    return under_way(ways, _standing(projected, uneven, goods, until))


def under_way(ways: Mapping[str, Sequence[Leg]], about: Mapping[str, Sequence[About]]) -> Transit:
    """The same from the legs of each consignment in event order, and the warnings about each that stand."""
    totals: dict[str, list[tuple[int, int, int, int]]] = {"out": [], "into": []}
    left: list[Consigned] = []
    for name, legs in ways.items():
        sums = _sums(legs)
        direction: Literal["out", "into"] = "out" if any(leg.own and _sends(leg) for leg in legs) else "into"
        totals[direction].append(sums)
        if sums[3]:
            left.append(_consigned(name, direction, legs, sums, tuple(about.get(name, ()))))
    order = tuple(State)
    left.sort(key=lambda one: (order.index(one.state), one.since, one.consignment))
    return Transit(out=_passage(totals["out"]), into=_passage(totals["into"]), open=tuple(left))


def _consigned(
    name: str,
    direction: Literal["out", "into"],
    legs: Sequence[Leg],
    sums: tuple[int, int, int, int],
    about: tuple[About, ...],
) -> Consigned:
    sent, received, lost, left = sums
    overdue = next((one.since for one in about if one.detector == _DEADLINE), None)
    if received and sent:
        state = State.DIFFERENCE
    elif received or not sent:
        state = State.UNSENT
    else:
        state = State.UNDER_WAY if overdue is None else State.OVERDUE
    first = next((leg for leg in legs if _sends(leg)), legs[0])
    return Consigned(
        consignment=name, direction=direction, party=_party(legs, direction), sent=sent, received=received,
        lost=lost, in_transit=left, since=first.at, state=state, overdue_since=overdue, warnings=about,
    )  # fmt: skip


def _party(legs: Sequence[Leg], direction: str) -> str | None:
    """Whom this book names; else who spoke at the other end."""
    named = [leg.counterparty for leg in legs if leg.own and leg.counterparty]
    others = [leg.unit for leg in legs if not leg.own and _sends(leg) is (direction == "into")]
    return next(iter((*named, *others)), None)


def _sends(leg: Leg) -> bool:
    return ON_THE_ROAD.get(leg.operation) is Side.SENT


def _sums(legs: Iterable[Leg]) -> tuple[int, int, int, int]:
    """Sent, received, lost and in transit."""
    sums = dict.fromkeys(Side, 0)
    for leg in legs:
        sums[ON_THE_ROAD[leg.operation]] += leg.amount
    sent, received, lost = (sums[side] for side in Side)
    return sent, received, lost, in_transit(sent=sent, received=received, lost=lost)


def _passage(sums: Sequence[tuple[int, int, int, int]]) -> Passage:
    sent, received, lost, left = (sum(column) for column in zip(*sums, strict=True)) if sums else (0, 0, 0, 0)
    return Passage(consignments=len(sums), sent=sent, received=received, lost=lost, in_transit=left)


def _standing(
    projected: Projected, consignments: Sequence[str], goods: str, until: Instant
) -> dict[str, list[About]]:
    """Consignment → the warnings about it and the goods that stand at an instant, as known now."""
    subjects = {consignment_key(name): name for name in consignments}
    rows = projected.rows(
        "SELECT subject, finding, detector, since FROM warnings WHERE subject IN (SELECT value FROM json_each(?)) "
        "AND goods = ? AND status <> 'withdrawn' AND since <= ? AND (until IS NULL OR until > ?) "
        "ORDER BY since, finding",
        (json.encode(list(subjects)).decode(), goods, until, until),
    )
    found: dict[str, list[About]] = {}
    for subject, *told in rows:
        found.setdefault(subjects[subject], []).append(About(*told))
    return found
