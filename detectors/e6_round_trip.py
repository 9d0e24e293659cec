"""E6 回环: the same numbers come back to who gave them away by another way, or pass through several hands unopened.

Laws kept: a way is of units, of so many hands and so many days at most; what comes back the way it went, from who
got it, is a return or a repair and raises nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final, Literal, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from detectors.claim import Claim, Finding, Number
from detectors.detector import Card, Rule, Step, View
from detectors.episode import begin
from events.time import DAY, MINUTE, Instant, format_instant
from ledger.fact import Body, Fact, Movement, Ref
from ledger.serials import NONE, Spans, common, fewest, listed, runs_of, size, spans, union, without

MOST_HANDS: Final = 8
"""How many hands of a way are remembered."""
MOST_WAYS: Final = 40
"""How many ways a block tells apart; of more, those that rested longest are forgotten."""
MOST_RUNS: Final = 60
"""How many runs of numbers a way knows; of more, the last are forgotten."""
_LISTED: Final = 6
_TAKES: Final = frozenset(("open", "produce", "receive"))


class Parameters(Struct, frozen=True, forbid_unknown_fields=True):
    """``window_days``: how long a way is followed. ``least_hands``: units between giving away and getting back.

    ``dwell_min``: a hand that gives on within so many minutes passes through; ``pass_hands``: how many in a row.
    """

    window_days: float = 30.0
    least_hands: int = 2
    dwell_min: float = 30.0
    pass_hands: int = 2


class Hand(Struct, frozen=True, array_like=True, gc=False):
    """One unit on a way: when it got the goods, and when it gave them on; ``ref`` is the report of the receipt."""

    unit: str
    area: str
    got_at: Instant
    gave_at: Instant | None
    ref: Ref


class Way(Struct, frozen=True, array_like=True, gc=False):
    """The numbers that went one way, hand to hand."""

    numbers: Spans
    hands: tuple[Hand, ...]

    @property
    def last_at(self) -> Instant:
        """When the last was heard of it."""
        last = self.hands[-1]
        return last.got_at if last.gave_at is None else last.gave_at


class Ways(Struct, frozen=True, array_like=True, gc=False):
    """All ways of a block's numbers within the window."""

    open: tuple[Way, ...] = ()


class _Found(NamedTuple):
    reason: str
    hands: tuple[Hand, ...]
    numbers: Spans


class RoundTrip(Rule):
    """Claims a receipt that closes a circle or ends a passage; evidence: the way, its hands, days and numbers."""

    card: ClassVar = Card(
        id="E6",
        name="ROUND_TRIP",
        title=("回环", "Round trip"),
        predicate=(
            "同一编码在期限内经多家单位转手，由并非当初受让方的单位交回原单位；或连续多家收到后随即转出",
            "within the window numbers come back to a unit through several others, from another than it gave them "
            "to; or several units in a row give them on as soon as they got them",
        ),
        misses=(
            "未填编码的出入库；同一单位各库之间的转库；经平台以外单位的转手；原路退回（退货、返修）；"
            "超过 8 手或超过期限的；只在票据上流转而货物未动的与实物转手无法区分",
            "movements without numbers; moves between stores of one unit; hands outside the platform; what comes "
            "back the way it went (returned, repaired); more than 8 hands, or longer ago than the window; goods "
            "that moved on paper only look the same as goods that moved",
        ),
        key="serial",
        place="site",
    )
    State: ClassVar = Ways
    Parameters: ClassVar = Parameters
    stricter: ClassVar[dict[str, Literal["lower", "higher"]]] = {
        "window_days": "higher",
        "least_hands": "lower",
        "dwell_min": "higher",
        "pass_hands": "lower",
    }
    sees: ClassVar[frozenset[type[Body]]] = frozenset((Movement,))

    def start(self) -> Ways:
        """Nothing under way."""
        return Ways()

    def see(self, state: Ways, step: Step, view: View) -> tuple[Ways, Sequence[Claim]]:
        """Follow the numbers of one movement; judge the ways that it leads on."""
        fact, moved = step.fact, step.fact.body
        if not isinstance(moved, Movement) or not moved.serials or moved.shift is not None:
            return state, ()
        terms = view.terms("E6", fact.at, category=moved.category, area=moved.area, unit=moved.unit)
        tuned: Parameters = terms.parameters
        numbers = spans(runs_of(moved.serials))
        since = fact.at - round(tuned.window_days * DAY)
        ways = [_within(way, since) for way in state.open if way.last_at >= since]
        if moved.operation == "issue":
            return Ways(_given(ways, numbers, moved, fact)), ()
        if moved.operation not in _TAKES:
            return Ways(_left(ways, numbers) if moved.operation != "adjust" else tuple(ways)), ()
        ways, led = _taken(ways, numbers, moved, fact)
        found = [one for way in led for one in _judged(way, tuned)]
        claims = [
            _claim(reason, [one for one in found if one.reason == reason], fact, moved, terms.speaks(fact.at))
            for reason in dict.fromkeys(one.reason for one in found)
        ]
        return Ways(_bounded([*ways, *led])), claims

    def explain(self, finding: Finding, lang: Literal["zh", "en"]) -> str:
        """Which numbers went by which hands, in how many days."""
        claim, numbers = finding.claim, finding.claim.numbers
        which = f"{numbers['maker']}/{numbers['type']} {numbers['serials']}"
        when, circle = format_instant(claim.since), numbers["reason"] == "circle"
        if lang == "zh":
            how = "经他人又回到原单位" if circle else "连续多家收到后随即转出"
            return (
                f"{claim.goods} {which}，共 {numbers['total']} 个，{numbers['way_days']} 天内按 "
                f"{numbers['way']} 转手，{how}；{when} 由 {claim.site} 收到。"
            )
        how = "back to who had given them away" if circle else "through hands that gave them on at once"
        return (
            f"{numbers['total']} number(s) of {claim.goods}, {which}, went {numbers['way']} within "
            f"{numbers['way_days']} days, {how}; {claim.site} received them at {when}."
        )


def _within(way: Way, since: Instant) -> Way:
    """The way without the hands that had given the goods on before an instant."""
    if way.hands[0].gave_at is None or way.hands[0].gave_at >= since:
        return way
    kept = tuple(hand for hand in way.hands if hand.gave_at is None or hand.gave_at >= since)
    return replace(way, hands=kept or way.hands[-1:])


def _given(ways: Sequence[Way], numbers: Spans, moved: Movement, fact: Fact) -> tuple[Way, ...]:
    """The ways after a unit gave numbers on: its own hand says when. One not known to have them had them."""
    made: list[Way] = []
    rest = numbers
    for way in ways:
        last = way.hands[-1]
        hit = common(way.numbers, numbers) if last.unit == moved.unit else NONE
        if not hit:
            made.append(way)
            continue
        rest = without(rest, hit)
        if left := without(way.numbers, hit):
            made.append(replace(way, numbers=left))
        made.append(Way(hit, (*way.hands[:-1], replace(last, gave_at=fact.at))))
    fresh = rest
    for way in ways:
        fresh = without(fresh, way.numbers)
    if fresh:
        made.append(Way(fewest(fresh, MOST_RUNS), (Hand(moved.unit, moved.area, fact.at, fact.at, fact.ref),)))
    return _bounded(made)


def _left(ways: Sequence[Way], numbers: Spans) -> tuple[Way, ...]:
    """The ways without numbers that were used up, destroyed, lost, or came back as a return."""
    less = (replace(way, numbers=without(way.numbers, numbers)) for way in ways)
    return tuple(way for way in less if way.numbers)


def _taken(ways: Sequence[Way], numbers: Spans, moved: Movement, fact: Fact) -> tuple[list[Way], list[Way]]:
    """The ways that a receipt does not concern, and those that it leads on or begins."""
    hand = Hand(moved.unit, moved.area, fact.at, None, fact.ref)
    others: list[Way] = []
    led: list[Way] = []
    rest = numbers
    for way in ways:
        hit = common(way.numbers, numbers)
        if not hit:
            others.append(way)
            continue
        rest = without(rest, hit)
        if left := without(way.numbers, hit):
            others.append(replace(way, numbers=left))
        if way.hands[-1].unit == moved.unit and moved.operation == "receive":
            others.append(Way(hit, (*way.hands[:-1], replace(way.hands[-1], gave_at=None))))
        elif moved.operation == "receive":
            led.append(Way(hit, (*way.hands, hand)[-MOST_HANDS:]))
        else:
            others.append(Way(hit, (hand,)))
    if rest:
        others.append(Way(fewest(rest, MOST_RUNS), (hand,)))
    return others, led


def _judged(way: Way, tuned: Parameters) -> list[_Found]:
    """What the last hand of a way makes of it: a circle, or the end of a passage."""
    hands, last = way.hands, way.hands[-1]
    found = []
    before = max((i for i, hand in enumerate(hands[:-1]) if hand.unit == last.unit), default=None)
    if before is not None:
        between = hands[before + 1 : -1]
        # What comes back from who it was given to went to and fro: a return, a repair.
        other = len(between) > 1 and between[0].unit != between[-1].unit
        if other and len({hand.unit for hand in between}) >= max(tuned.least_hands, 2):
            found.append(_Found("circle", hands[before:], way.numbers))
    passed = 0
    for hand in reversed(hands[:-1]):
        if hand.gave_at is None or hand.gave_at - hand.got_at > tuned.dwell_min * MINUTE:
            break
        passed += 1
    # The first hand known of may only be known by what it gave away.
    if passed == len(hands) - 1 and passed and hands[0].gave_at == hands[0].got_at:
        passed -= 1
    if passed >= max(tuned.pass_hands, 1):
        found.append(_Found("passage", hands[-passed - 2 :], way.numbers))
    return found


def _claim(reason: str, found: Sequence[_Found], fact: Fact, moved: Movement, speaks_at: Instant) -> Claim:
    """One claim of all that one receipt closes in one manner; the way with the most numbers is told."""
    told = max(found, key=lambda one: (size(one.numbers), one.numbers))
    numbers = NONE
    for one in found:
        numbers = union(numbers, one.numbers)
    first = told.hands[0].gave_at or told.hands[0].got_at
    run = moved.serials[0]
    said: dict[str, Number] = {
        "reason": reason, "maker": run.maker, "type": run.type, "serials": listed(numbers, _LISTED),
        "total": size(numbers), "way": " > ".join(hand.unit for hand in told.hands),
        "hands": len(told.hands), "way_days": round((fact.at - first) / DAY, 1),
    }  # fmt: skip
    refs = tuple({ref.id: ref for ref in (*(hand.ref for hand in told.hands), fact.ref)}.values())
    areas = tuple(sorted({hand.area for hand in told.hands} - {moved.area}))
    return replace(
        begin(fact, moved, speaks_at, said), anchor=f"{fact.id}#{reason}", until=fact.at, refs=refs,
        ref_count=len(refs), informed_areas=areas,
    )  # fmt: skip


def _bounded(ways: Sequence[Way]) -> tuple[Way, ...]:
    """As many ways as a block may tell apart."""
    if len(ways) <= MOST_WAYS:
        return tuple(ways)
    return tuple(sorted(ways, key=lambda way: (way.last_at, way.numbers), reverse=True)[:MOST_WAYS])
