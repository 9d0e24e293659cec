"""C6 事后补录/时钟异常: reports of many days entered in one go, of a time long gone, or of a time yet to come.

Law kept: the first receipt counts, so that a correction makes nothing late. All that a site enters afterwards on
one day is one episode, judged when that day is over; so is a run of reports from a clock that runs ahead.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, ClassVar, Literal

from msgspec import Meta, Struct
from msgspec.structs import replace

from detectors.claim import Claim, Finding, Number
from detectors.detector import Card, Rule, Step, View
from detectors.episode import begin, end, go_on
from detectors.policy import Terms
from events.time import SECOND, civil_day, day_text, format_instant
from ledger.fact import Body, Count, Fact, Movement


class Parameters(Struct, frozen=True, forbid_unknown_fields=True):
    """When a report's own time is odd.

    ``ahead_s``: seconds after its receipt that a report may say that it happened. ``late_days``: civil days after
    the event from which on a receipt is long after. ``bulk_events`` of ``bulk_days`` earlier days, received on one
    day, are a back-fill.
    """

    ahead_s: Annotated[int, Meta(ge=0)] = 60
    late_days: Annotated[int, Meta(ge=1, le=7)] = 5
    bulk_events: Annotated[int, Meta(ge=1)] = 20
    bulk_days: Annotated[int, Meta(ge=1)] = 3


class Entered(Struct, frozen=True, array_like=True, gc=False):
    """What one day received of earlier days: of how many, the last of them, how many were long ago; the claim."""

    day: int
    days: int
    last_day: int
    late: int
    claim: Claim


class Backdatings(Struct, frozen=True, array_like=True, gc=False):
    """The received days that may still have got more of earlier days, and the run of a clock that is ahead."""

    entered: tuple[Entered, ...] = ()
    ahead: Claim | None = None


class Backdated(Rule):
    """Claims reports whose time cannot be right or is long past; evidence: how many, of how many days, how long."""

    card: ClassVar = Card(
        id="C6",
        name="BACKDATED",
        title=("事后补录/时钟异常", "Back-filled or a wrong clock"),
        predicate=(
            "一日之内集中收到此前多日的大量记录，或记录距发生已过多日，或发生时间晚于接收时间",
            "many reports of several earlier days were received on one day, or one of a day long past, or one "
            "that says "
            "that it happened after it was received",
        ),
        misses=(
            "断网多日后的集中上传与事后编造无法区分；不足所定天数与笔数的补录（见 C1）；发生时间造假但当日上传的；"
            "超前 5 分钟以上的记录在接收时即被拒收",
            "it cannot tell an outage of days from records made up afterwards; what is below these numbers (C1 "
            "tells of "
            "it); a false time that is uploaded on its day; what is over five minutes ahead is refused at the door",
        ),
        key="site",
        place="site",
    )
    State: ClassVar = Backdatings
    Parameters: ClassVar = Parameters
    stricter: ClassVar[dict[str, Literal["lower", "higher"]]] = {
        "ahead_s": "lower",
        "late_days": "lower",
        "bulk_events": "lower",
        "bulk_days": "lower",
    }
    sees: ClassVar[frozenset[type[Body]]] = frozenset((Movement, Count))

    def start(self) -> Backdatings:
        """Nothing odd."""
        return Backdatings()

    def see(self, state: Backdatings, step: Step, view: View) -> tuple[Backdatings, Sequence[Claim]]:
        """Add a report of an earlier day to the day that received it; follow a clock that is ahead."""
        fact, body = step.fact, step.fact.body
        if not isinstance(body, Movement | Count):
            return state, ()
        happened, received = civil_day(fact.at), civil_day(fact.received_at)
        if received == happened and fact.at <= fact.received_at and not state.entered and state.ahead is None:
            return state, ()
        terms = view.terms("C6", fact.at, category=body.category, area=body.area, unit=body.unit)
        made: list[Claim] = []
        ahead = state.ahead
        if fact.at > fact.received_at + terms.parameters.ahead_s * SECOND:
            ahead = _ahead(ahead, fact, body, terms)
            made.append(ahead)
        elif ahead is not None:
            made.append(end(ahead, fact))
            ahead = None
        left = tuple(one for one in state.entered if one.day > happened)
        if received > happened:
            known = next((one for one in left if one.day == received), None)
            entered = _entered(known, fact, body, terms)
            if _is_odd(entered, terms.parameters):
                made.append(entered.claim)
            left = tuple(sorted((*(one for one in left if one is not known), entered), key=lambda one: one.day))
        return Backdatings(left, ahead), made

    def explain(self, finding: Finding, lang: Literal["zh", "en"]) -> str:
        """How many reports, of which days, and when they were received."""
        claim, numbers = finding.claim, finding.claim.numbers
        first, reports = format_instant(claim.since), numbers["reports"]
        if "ahead_s" in numbers:
            if lang == "zh":
                return (
                    f"{claim.site} 自 {first} 起有 {reports} 笔记录的发生时间晚于接收时间，最多超前 "
                    f"{numbers['ahead_s']} 秒：上报设备时钟不准，或时间系人为填写。"
                )
            return (
                f"From {first} on {claim.site} sent {reports} report(s) of events that were yet to happen, by up "
                "to "
                f"{numbers['ahead_s']} s: its clock is wrong, or the time was written by hand."
            )
        day, days, longest = numbers["received_day"], numbers["days"], numbers["longest_delay_days"]
        if lang == "zh":
            return (
                f"{claim.site} 于 {day} 补录了此前 {days} 个日期的 {reports} 笔记录，最早一笔发生于 {first}，"
                f"最长间隔 {longest} 日。"
            )
        return (
            f"On {day} {claim.site} entered {reports} report(s) of {days} earlier day(s), the first of {first}; "
            "the "
            f"longest had waited for {longest} days."
        )


def _ahead(known: Claim | None, fact: Fact, body: Movement | Count, terms: Terms[Parameters]) -> Claim:
    """The run of reports from a clock that is ahead, with one more."""
    by = -(-(fact.at - fact.received_at) // SECOND)
    numbers: dict[str, Number] = {"reports": 1, "ahead_s": by}
    if known is None:
        claim = begin(fact, body, terms.speaks(fact.received_at), numbers)
        return replace(claim, goods=None)
    numbers = {
        "reports": int(known.numbers["reports"]) + 1,
        "ahead_s": max(by, int(known.numbers["ahead_s"])),
    }
    return go_on(known, fact, numbers)


def _entered(known: Entered | None, fact: Fact, body: Movement | Count, terms: Terms[Parameters]) -> Entered:
    """What a day received of earlier days, with one more report."""
    happened, received = civil_day(fact.at), civil_day(fact.received_at)
    late = int(received - happened >= terms.parameters.late_days)
    if known is None:
        numbers: dict[str, Number] = {
            "received_day": day_text(received),
            "reports": 1,
            "days": 1,
            "longest_delay_days": received - happened,
        }
        claim = begin(fact, body, terms.speaks(fact.received_at), numbers)
        return Entered(received, 1, happened, late, replace(claim, goods=None, until=fact.received_at))
    days, claim = known.days + (happened != known.last_day), known.claim
    numbers = claim.numbers | {"reports": int(claim.numbers["reports"]) + 1, "days": days}
    until = max(claim.until or 0, fact.received_at)
    return Entered(received, days, happened, known.late + late, replace(go_on(claim, fact, numbers), until=until))


def _is_odd(entered: Entered, parameters: Parameters) -> bool:
    """Whether this is more than a late upload: of a day long past, or much of several days."""
    reports = int(entered.claim.numbers["reports"])
    return bool(entered.late) or (reports >= parameters.bulk_events and entered.days >= parameters.bulk_days)
