"""Tell a story to a lane with the shipped policies, and hear in a few words what was warned, when and to whom.

Law kept: what a story hears is what a warning says: the notice that leaves hazflow, nothing of the lane's inside.
"""

from __future__ import annotations

from functools import cache

from msgspec import Struct

from events.log import Received, Tick
from events.report import Event, Flow
from events.time import MINUTE, Instant, moment
from routing.notice import WarningNotice
from simulator import stories as s
from streams.assembly import Assembly, assemble
from streams.model_files import SHIPPED, model_loader
from tests.laws.lanes import POLICIES, Lanes

_TICK = 30 * MINUTE


class Warned(Struct, frozen=True):
    """One revision of one warning. ``since`` is when it began, ``told`` when it was said, ``due`` the signing's."""

    rule: str
    status: str
    severity: str
    since: str
    told: str
    handler: str
    due: str


GULOU = "Public security, Gulou District, Fuzhou City"
"""Who handles explosives at S1."""
JINAN = "Public security, Jin'an District, Fuzhou City"
"""Who handles explosives at S2."""
CHENGXIANG = "Public security, Chengxiang District, Putian City"
"""Who handles explosives at S3."""


class Heard(Struct, frozen=True):
    """Every warning of a story, revision by revision, in the order told."""

    notices: tuple[WarningNotice, ...]

    def of(self, rule: str) -> Heard:
        """What one rule said: for a story in which others speak too."""
        return Heard(tuple(notice for notice in self.notices if notice.detector == rule))

    def words(self) -> list[Warned]:
        """What was told, one line a revision."""
        return [_words(notice) for notice in self.notices]

    @property
    def says(self) -> str:
        """What the only warning says in the end, in English."""
        (_,) = {notice.finding for notice in self.notices}
        return self.notices[-1].explanation.en

    @property
    def taken_back_by(self) -> str:
        """Which report or registry entry took the only warning back."""
        (_,) = {notice.finding for notice in self.notices}
        by = self.notices[-1].withdrawn_by
        return "" if by is None else by.id

    @property
    def held(self) -> list[str]:
        """Who is told of the only warning not before it is disposed of."""
        (_,) = {notice.finding for notice in self.notices}
        return [recipient.authority.id for recipient in self.notices[-1].held]


def tell(*told: Event | Received, until: str, filed: bool = True) -> Heard:
    """What is warned when this is reported in the little world; time comes with each report and each half hour.

    Every sale and purchase is ``filed`` an hour after it happened, unless the story says otherwise.
    """
    house = _Listening()
    house.publish()
    deals = [deal for deal in map(_deal, told) if deal is not None] if filed else []
    lines, last = s.log(*s.world(), *told, *map(s.filing, deals)), s.at(until)
    reached = {_held(line) for line in lines} | {last, *range(s.at("day 1 00:00"), last, _TICK)}
    ticks = [Tick(at) for at in sorted(reached)]
    house.run(sorted([*ticks, *lines], key=_held))
    assert not house.refusals, "a story is taken as it is told"
    return Heard(tuple(house.notices))


def day_text(at: Instant) -> str:
    """An instant as a story writes it.

    >>> day_text(s.at("day 3 18:05"))
    'day 3 18:05'
    """
    days = (moment(at).date() - moment(s.DAY_ONE).date()).days
    return f"day {days + 1} {moment(at):%H:%M}"


class _Listening(Lanes):
    """One lane that makes a notice of each finding, as an engine does."""

    def __init__(self) -> None:
        super().__init__(assembly=_with_models())
        self.notices: list[WarningNotice] = []

    def _commit(self, number: int) -> None:
        known, lane = len(self.findings), self.lanes[number]
        super()._commit(number)
        warner = self.assembly.warner(lane.world)
        for finding in self.findings[known:]:
            self.notices.append(warner.notice(finding, lane.reference(finding.subject)))


@cache
def _with_models() -> Assembly:
    return assemble(POLICIES, model_loader((SHIPPED,)))


def _deal(told: Event | Received) -> Flow | None:
    """The report of something bought from or sold to somebody else, as it was first told."""
    event = s.arrival(told).event if isinstance(told, Received) else told
    is_deal = isinstance(event, Flow) and event.counterparty is not None and event.corrects is None
    return event if is_deal and isinstance(event, Flow) and event.operation in ("issue", "receive") else None


def _held(line: Received | Tick) -> Instant:
    return line.at if isinstance(line, Tick) else line.received_at


def _words(notice: WarningNotice) -> Warned:
    handler = notice.recipients[0]
    return Warned(
        rule=notice.detector,
        status=notice.status,
        severity=notice.severity,
        since=day_text(notice.since),
        told=day_text(notice.told_at),
        handler=handler.authority.name[1],
        due=day_text(handler.due_at) if handler.due_at is not None else "",
    )
