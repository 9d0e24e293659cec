"""C1 当日未上传: flows and self-inspections are uploaded on the calendar day on which they happened.

Law kept: days are Shanghai's; the original report's receipt counts, so that a correction makes nothing late. All
that a site uploads late on one day is one episode, over when that day is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal

from msgspec import Struct
from msgspec.structs import replace

from detectors.claim import Claim, Finding, Number
from detectors.detector import Card, Step, View
from detectors.episode import begin, go_on
from events.time import HOUR, MINUTE, Instant, civil_day, day_start, day_text, format_instant
from ledger.fact import Body, Count, Fact, Movement


class Parameters(Struct, frozen=True, forbid_unknown_fields=True):
    """``grace_min``: minutes after midnight that still count as the day before."""

    grace_min: int = 0


class Episode(Struct, frozen=True, array_like=True, gc=False):
    """What one received day brought late: its open claim, and when the last of it came."""

    day: int
    claim: Claim
    last_received: Instant

    def closed(self) -> Claim:
        """The claim once its day is over: all is uploaded."""
        return replace(self.claim, until=self.last_received)


class LateUploads(Struct, frozen=True, array_like=True, gc=False):
    """The episodes whose day may still bring more, at most one a day of lateness."""

    episodes: tuple[Episode, ...] = ()


class LateUpload:
    """Claims reports received on a later day than they happened; evidence: how many, and the longest delay."""

    card: ClassVar = Card(
        id="C1",
        name="LATE_UPLOAD",
        title=("当日未上传", "Not uploaded on the day"),
        predicate=(
            "出入库流向或盘点的接收日晚于发生日",
            "a flow or a count was received on a later calendar day than it happened",
        ),
        misses=(
            "从未上传的(见 C4、B4)；填报的发生时间本身有假的(见 C6)；夜间断网与拖延无法区分",
            "what is never uploaded (C4, B4); a false time of the event (C6); it cannot tell a network failure "
            "from neglect",
        ),
        key="site",
        place="site",
    )
    State: ClassVar = LateUploads
    Parameters: ClassVar = Parameters
    stricter: ClassVar[dict[str, Literal["lower", "higher"]]] = {"grace_min": "lower"}
    clocks: ClassVar = ("grace_min",)
    sees: ClassVar[frozenset[type[Body]]] = frozenset((Movement, Count))

    def start(self) -> LateUploads:
        """Nothing late."""
        return LateUploads()

    def see(self, state: LateUploads, step: Step, view: View) -> tuple[LateUploads, Sequence[Claim]]:
        """Add a late report to its received day; close the days that no later fact can belong to."""
        fact, body = step.fact, step.fact.body
        if not isinstance(body, Movement | Count):
            return state, ()
        happened = civil_day(fact.at)
        if not state.episodes and civil_day(fact.received_at) <= happened:
            return state, ()
        made = [episode.closed() for episode in state.episodes if episode.day < happened]
        left = tuple(episode for episode in state.episodes if episode.day >= happened)
        terms = view.terms("C1", fact.at, category=body.category, area=body.area, unit=body.unit)
        if fact.received_at >= day_start(happened + 1) + terms.parameters.grace_min * MINUTE:
            day = civil_day(fact.received_at)
            known = next((episode for episode in left if episode.day == day), None)
            episode = _with(known, day, fact, body)
            if known is None:
                episode = replace(episode, claim=replace(episode.claim, speaks_at=terms.speaks(fact.received_at)))
            made.append(episode.claim)
            others = (other for other in left if other is not known)
            left = tuple(sorted((*others, episode), key=lambda one: one.day))
        return LateUploads(left), made

    def at(self, state: LateUploads, now: Instant, view: View) -> Sequence[Claim]:
        """What came late on a day that is over is all there."""
        return tuple(episode.closed() for episode in state.episodes if day_start(episode.day + 1) <= now)

    def wakes(self, state: LateUploads, view: View) -> Sequence[Instant]:
        """The midnights after the days that brought something late."""
        return tuple(day_start(episode.day + 1) for episode in state.episodes)

    def explain(self, finding: Finding, lang: Literal["zh", "en"]) -> str:
        """How many reports came late on which day, and by how much at worst."""
        claim, numbers = finding.claim, finding.claim.numbers
        day, reports, hours = numbers["received_day"], numbers["reports"], numbers["longest_delay_h"]
        first = format_instant(claim.since)
        if lang == "zh":
            return (
                f"{claim.site} 于 {day} 上传了 {reports} 笔此前日期的记录，最早一笔发生于 {first};"
                f"最长延迟 {hours} 小时，应于发生当日上传。"
            )
        return (
            f"On {day} {claim.site} uploaded {reports} report(s) of earlier days, the first of {first}; the "
            f"longest delay was {hours} h. They were due on the day on which they happened."
        )


def _with(known: Episode | None, day: int, fact: Fact, body: Movement | Count) -> Episode:
    """The received day's episode with one more late report."""
    delay = round((fact.received_at - fact.at) / HOUR, 1)
    numbers: dict[str, Number] = {"received_day": day_text(day), "reports": 1, "longest_delay_h": delay}
    if known is None:
        claim = replace(begin(fact, body, fact.received_at, numbers), goods=None)
        return Episode(day, claim, fact.received_at)
    old = known.claim.numbers
    numbers["reports"] = int(old["reports"]) + 1
    numbers["longest_delay_h"] = max(float(old["longest_delay_h"]), delay)
    return Episode(day, go_on(known.claim, fact, numbers), max(known.last_received, fact.received_at))
