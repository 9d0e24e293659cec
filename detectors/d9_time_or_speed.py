"""D9 时段/速度违规: a loaded vehicle on a trip drives outside its permitted hours, or faster than it may.

Law kept: how fast a vehicle was must be said by its fixes and by its way between them: a spike of the receiver is
no speed. Hours and speed are two spells, each one claim.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Final, Literal

from msgspec import Struct
from msgspec.structs import replace

from detectors.claim import Claim, Finding
from detectors.detector import Card, Step, View
from detectors.roads.alarms import NO_SATELLITES
from detectors.roads.clock import changes_at, clock_text, within
from detectors.roads.fixes import Track, believed, forgettable, pace_kmh
from detectors.roads.ordinary import ANYTHING, NEVER, Ordinary, Run, last_fix
from detectors.roads.roads import Road, claim_on, road_at, says_empty
from detectors.roads.spell import Spell, opened, over, prolonged
from events.time import Instant, format_instant
from ledger.account import Driving
from ledger.fact import Body, Cell, Fact, Fix, Leg

SPEED, HOURS = "speed", "hours"
KINDS: Final = (SPEED, HOURS)
WORST: Final = "highest_kmh"


class Parameters(Struct, frozen=True, forbid_unknown_fields=True):
    """How fast is too fast, and how much of it is said.

    ``max_speed_kmh`` is the limit where the plan names none that is lower; ``over_kmh`` beyond a limit are let
    pass; ``speed_min_minutes``: minutes too fast before it is said; ``moving_kmh``: slower is standing, which is
    allowed at all hours; ``hours_min_minutes``: minutes driven outside the hours before it is said; ``gap_min``:
    minutes without after which it is over; ``grace_min``: minutes after the planned arrival in which both bind.
    """

    max_speed_kmh: int = 80
    over_kmh: int = 8
    speed_min_minutes: int = 3
    moving_kmh: int = 10
    hours_min_minutes: int = 5
    gap_min: int = 15
    grace_min: int = 120


class Pacing(Struct, frozen=True, array_like=True, gc=False):
    """The track, and the two spells that may be under way."""

    track: Track = Track()
    speeding: Spell | None = None
    untimely: Spell | None = None


class TimeOrSpeed:
    """Claims while minutes of a trip are too fast, or driven at the wrong hours; evidence: how fast, how long."""

    card: ClassVar = Card(
        id="D9",
        name="TIME_OR_SPEED",
        title=("时段/速度违规", "Driving too fast or at forbidden hours"),
        predicate=(
            "载货运输途中，定位自报速度与两次定位间的位移速度都超过限速(运单限速与通行限速取低，另加容差)达到规定分钟数，"
            "或在运单许可时段之外行驶达到规定分钟数；其后满规定时间不再发生即终止",
            "loaded and under way, what the fixes say of the speed and the way between them both exceed the limit "
            "(the plan's or the general one, whichever is lower, and a tolerance) in a given number of minutes; "
            "or the vehicle is driven outside the plan's permitted hours for a given number of minutes; over once "
            "that has not happened for a while",
        ),
        misses=(
            "一分钟以内的超速、弯道上位移低于实际里程的超速；道路自身更低的限速标志；未写明时段的运单;"
            "无定位期间的行驶(见 D6);谎报空车的车辆",
            "speeding within a minute, or on bends where the way is longer than its chord; a road's own lower "
            "limit; "
            "plans that name no hours; what is driven while no position comes (D6); a load said to be none",
        ),
        key="vehicle",
        place="last_fix",
    )
    State: ClassVar = Pacing
    Parameters: ClassVar = Parameters
    stricter: ClassVar[dict[str, Literal["lower", "higher"]]] = {
        "max_speed_kmh": "lower",
        "over_kmh": "lower",
        "speed_min_minutes": "lower",
        "moving_kmh": "lower",
        "hours_min_minutes": "lower",
        "gap_min": "higher",
        "grace_min": "higher",
    }
    sees: ClassVar[frozenset[type[Body]]] = frozenset((Cell,))

    def start(self) -> Pacing:
        """Nowhere yet."""
        return Pacing()

    def see(self, state: Pacing, step: Step, view: View) -> tuple[Pacing, Sequence[Claim]]:
        """A minute too fast, or driven at the wrong hour, begins or prolongs a spell; a while without ends it."""
        cell, driving = step.fact.body, step.after
        if not isinstance(cell, Cell) or not isinstance(driving, Driving) or cell.alarms & NO_SATELLITES:
            return state, ()
        before = state.track.last
        track, good = believed(state.track, cell)
        if not good:
            return replace(state, track=track), ()
        road = road_at("D9", driving, good[-1], view) if driving.plans else None
        if road is not None and says_empty(cell):
            road = None
        claims: list[Claim] = []
        spells = {SPEED: state.speeding, HOURS: state.untimely}
        for kind, spell in spells.items():
            if spell is not None and (road is None or _left(spell, road, good[0].at)):
                claims.extend(over(spell, WORST))
                spells[kind] = None
        if road is not None:
            pace = pace_kmh(before, good)
            for kind in _wrong(road, good[-1], pace):
                minute = (step.fact, good[0].at, good[-1])
                spells[kind], told = _one_more(kind, spells[kind], minute, (road, pace), view)
                claims.extend(told)
        return Pacing(track, spells[SPEED], spells[HOURS]), claims

    def at(self, state: Pacing, now: Instant, view: View) -> Sequence[Claim]:
        """A spell is over after a while without, even if no fix comes any more."""
        return [
            claim
            for spell in (state.speeding, state.untimely)
            if spell is not None and now >= spell.expires
            for claim in over(spell, WORST)
        ]

    def wakes(self, state: Pacing, view: View) -> Sequence[Instant]:
        """When the spells are over if nothing comes."""
        spells = (state.speeding, state.untimely)
        return [spell.expires for spell in spells if spell is not None and spell.claim is not None]

    def mounts(self, state: Pacing, run: Run, allowed: Sequence[Any], view: View) -> Ordinary | None:
        """Minutes slower than the limit; outside the permitted hours, minutes that stand."""
        if state.speeding or state.untimely:
            return None
        leg = run.leg
        if leg is None:
            return ANYTHING
        fastest, until = min(_limit_kmh(leg, terms) + terms.over_kmh for terms in allowed), NEVER
        if leg.hours is not None:
            until = changes_at(leg.hours, run.at)
            if not within(leg.hours, run.at):
                fastest = min(fastest, *(terms.moving_kmh for terms in allowed))
        return Ordinary(fastest_kmh=float(fastest), until=until)

    def rode(self, state: Pacing, run: Run, last: Step, view: View) -> Pacing:
        """Where it came to."""
        return Pacing(Track(last_fix(last)))

    def spent(self, state: Pacing, since: Instant) -> bool:
        """No spell, and no fix that a speed could be reckoned from."""
        return not (state.speeding or state.untimely) and forgettable(state.track, since)

    def explain(self, finding: Finding, lang: Literal["zh", "en"]) -> str:
        """How fast or when, for how long, on which trip."""
        claim = finding.claim
        n, since, minutes = claim.numbers, format_instant(claim.since), claim.numbers.get("minutes")
        if lang == "zh":
            wrong = (
                f"行驶速度超过限速 {n['limit_kmh']} km/h，已知最高约 {n[WORST]} km/h"
                if n["kind"] == SPEED
                else f"在许可时段 {n['permitted_hours']} 之外行驶"
            )
            ended = "尚未结束。" if minutes is None else f"共 {minutes} 分钟。"
            where = f"(经度 {n['lon']} 纬度 {n['lat']})"
            return f"运输 {n['consignment']} 的车辆自 {since} 起{wrong}{where};{ended}"
        wrong = (
            f"went faster than its limit of {n['limit_kmh']} km/h, by what is known up to about {n[WORST]} km/h"
            if n["kind"] == SPEED
            else f"was driven outside its permitted hours {n['permitted_hours']}"
        )
        ended = "it has not ended." if minutes is None else f"in {minutes} minutes."
        return (
            f"From {since} the vehicle on consignment {n['consignment']} {wrong} (longitude {n['lon']}, latitude "
            f"{n['lat']}); {ended}"
        )


def _limit_kmh(leg: Leg, terms: Parameters) -> float:
    """The limit of a trip: the plan's where that is lower."""
    return terms.max_speed_kmh if leg.speed_limit_kmh is None else min(leg.speed_limit_kmh, terms.max_speed_kmh)


def _left(spell: Spell, road: Road, at: Instant) -> bool:
    return at >= spell.expires or spell.consignment != road.trip.leg.consignment


def _wrong(road: Road, last: Fix, pace: float) -> list[str]:
    """What is wrong with a minute."""
    leg, terms = road.trip.leg, road.terms.parameters
    found = [SPEED] if pace > _limit_kmh(leg, terms) + terms.over_kmh else []
    if leg.hours is not None and pace > terms.moving_kmh and not within(leg.hours, last.at):
        found.append(HOURS)
    return found


def _one_more(
    kind: str, spell: Spell | None, minute: tuple[Fact, Instant, Fix], judged: tuple[Road, float], view: View
) -> tuple[Spell, tuple[Claim, ...]]:
    """A spell with one more minute, and the claim that this minute makes of it."""
    road, pace = judged
    leg, terms = road.trip.leg, road.terms.parameters
    spell = prolonged(spell, leg.consignment, minute, terms.gap_min, pace)
    least = terms.speed_min_minutes if kind == SPEED else terms.hours_min_minutes
    if spell.claim is not None or spell.minutes < least:
        return spell, ()
    fact, fix = minute[0], spell.worst_fix
    claim = claim_on(road, fact, spell.since, {
        "kind": kind,
        "limit_kmh": round(_limit_kmh(leg, terms)),
        "permitted_hours": "" if leg.hours is None else clock_text(leg.hours),
        WORST: round(spell.worst),
        "lon": round(fix.lon, 5),
        "lat": round(fix.lat, 5),
    }, view)  # fmt: skip
    spell = opened(spell, claim, fact)
    if kind == SPEED and spell.claim is not None:
        # Both spells may begin with the same minute: each is a finding of its own.
        spell = replace(spell, claim=replace(spell.claim, anchor=f"{spell.fact_id}/{SPEED}"))
    return (spell, ()) if spell.claim is None else (spell, (spell.claim,))
