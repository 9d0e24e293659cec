"""E5 新对手/异地: a unit trades for the first time with a party that is farther away than first trades usually
are.

Law kept: known parties are the unit's own, remembered by fingerprint; distances are between the middles of
counties. A party whose county nobody named, or that is on no map, accuses nobody.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, ClassVar, Final, Literal

from msgspec import Meta, Struct
from msgspec.structs import replace

from detectors.buying import ask, bar_of, traded_with
from detectors.claim import Claim, Finding, cite, measure_of
from detectors.detector import Card, Step, View
from events.identity import home_of
from events.quantity import show_quantity
from events.time import DAY, Instant, format_instant
from ledger.fact import Body, Fact, Movement
from models.unit_day import fingerprint

MOST_PARTIES: Final = 600
"""Parties remembered, the latest met or seen again first; a forgotten one counts as new when it comes back."""
MOST_OPEN: Final = 4
"""Far parties told apart at once; of more, the latest claim counts them."""
_REFS: Final = 4


class Parameters(Struct, frozen=True, forbid_unknown_fields=True):
    """When a first trade is far.

    Over the limit set on clean first trades for ``alarms_per_week`` of ``scored_per_week``, kept with
    ``confidence`` (one in a hundred is the peers' 99th percentile), and over ``least_km``; ``fixed_km`` where
    clean first trades are too few. A unit has met enough after ``warm_trades`` trades and ``warm_days`` days. An
    area on no map counts as ``unmapped_km`` away (0: is not judged). A claim is open for ``open_days``.
    """

    alarms_per_week: Annotated[float, Meta(gt=0)] = 1.0
    scored_per_week: Annotated[float, Meta(gt=0)] = 100.0
    confidence: Annotated[float, Meta(gt=0, lt=1)] = 0.9
    fixed_km: Annotated[float, Meta(ge=0)] = 250.0
    least_km: Annotated[float, Meta(ge=0)] = 100.0
    unmapped_km: Annotated[float, Meta(ge=0)] = 0.0
    warm_trades: Annotated[int, Meta(ge=0)] = 20
    warm_days: Annotated[int, Meta(ge=0)] = 14
    open_days: Annotated[int, Meta(ge=1, le=366)] = 30


class Far(Struct, frozen=True, array_like=True, gc=False):
    """A far party met: its claim, and when that is closed."""

    claim: Claim
    expires: Instant


class Known(Struct, frozen=True, array_like=True, gc=False):
    """Whom a unit knows (fingerprints, latest first), since when, how many trades that took, and what is open."""

    parties: tuple[int, ...] = ()
    since: Instant = 0
    trades: int = 0
    open: tuple[Far, ...] = ()


class NewCounterparty:
    """Claims for a first trade over a distance that first trades seldom have; evidence: with whom, how far."""

    card: ClassVar = Card(
        id="E5",
        name="NEW_COUNTERPARTY",
        title=("新对手/异地", "New counterparty far away"),
        predicate=(
            "单位首次与某对手方交易，且双方所在县距离超过同类首次交易的限值(第99百分位)",
            "a unit's first trade with a party whose county is farther away than the limit set on its peers' "
            "first trades (the 99th percentile)",
        ),
        misses=(
            "未填写对手方所在地的交易；省外(地图以外)的对手方，除非办法规定其视同距离；由近处中间人转手；"
            "预热期内的单位；六百个以外的老对手会被当作新对手",
            "trades that do not say where the other side is; parties outside the province's map, unless policy "
            "says how far they count; go-betweens nearby; units still warming up; beyond six hundred parties an "
            "old one is new",
        ),
        key="unit",
        place="unit",
    )
    State: ClassVar = Known
    Parameters: ClassVar = Parameters
    stricter: ClassVar[dict[str, Literal["lower", "higher"]]] = {
        "alarms_per_week": "higher",
        "scored_per_week": "lower",
        "confidence": "lower",
        "fixed_km": "lower",
        "least_km": "lower",
        "warm_trades": "lower",
        "warm_days": "lower",
        "open_days": "higher",
    }
    sees: ClassVar[frozenset[type[Body]]] = frozenset((Movement,))
    deeds: ClassVar[frozenset[str]] = frozenset(("receive", "issue"))

    def start(self) -> Known:
        """Knows nobody."""
        return Known()

    def see(self, state: Known, step: Step, view: View) -> tuple[Known, Sequence[Claim]]:
        """Remember the party; claim a first trade with one far away."""
        fact, moved = step.fact, step.fact.body
        if not isinstance(moved, Movement):
            return state, ()
        name = traded_with(moved, home_of(view.key))
        if name is None:
            return state, ()
        party, parties = fingerprint(name), state.parties
        if party in parties:
            if parties.index(party) > MOST_PARTIES // 2:
                parties = (party, *(other for other in parties if other != party))
            return Known(parties, state.since, state.trades + 1, state.open), ()
        met = Known(
            (party, *parties)[:MOST_PARTIES], state.since or fact.at, state.trades + 1, _still(state, fact.at)
        )
        made = [replace(one.claim, until=one.expires) for one in state.open if one.expires <= fact.at]
        far = _far(state, fact, moved, view)
        if far is not None:
            if len(met.open) >= MOST_OPEN:
                far = _with_one_more(met.open[-1], far)
                met = replace(met, open=met.open[:-1])
            made.append(far.claim)
            met = replace(met, open=(*met.open, far))
        return met, made

    def at(self, state: Known, now: Instant, view: View) -> Sequence[Claim]:
        """A claim is closed after its days."""
        return [replace(one.claim, until=one.expires) for one in state.open if one.expires <= now]

    def wakes(self, state: Known, view: View) -> Sequence[Instant]:
        """When that is."""
        return sorted({one.expires for one in state.open})

    def explain(self, finding: Finding, lang: Literal["zh", "en"]) -> str:
        """With whom, where, how far, against how far."""
        claim, n = finding.claim, finding.claim.numbers
        amount, at = show_quantity(int(n["amount"]), measure_of(claim)), format_instant(claim.since)
        if lang == "zh":
            return (
                f"单位 {claim.unit} 于 {at} 首次与 {n['counterparty']}({n['counterparty_area']})交易 "
                f"{claim.goods} {amount}，相距约 {n['km']} 公里，限值 {n['limit_km']} 公里；此前已与 "
                f"{n['known_parties']} 个对手方交易。"
            )
        return (
            f"On {at} unit {claim.unit} traded {amount} of {claim.goods} for the first time with "
            f"{n['counterparty']} in {n['counterparty_area']}, about {n['km']} km away; the limit is "
            f"{n['limit_km']} km. It had traded with {n['known_parties']} parties before."
        )


def _still(state: Known, at: Instant) -> tuple[Far, ...]:
    return tuple(one for one in state.open if one.expires > at)


def _far(state: Known, fact: Fact, moved: Movement, view: View) -> Far | None:
    """The claim of a first trade, None where it is near, or the unit still warming up, or nobody says where."""
    there = moved.more.counterparty_area
    if there is None or not state.trades:
        return None
    asked = ask("E5", fact, moved, view)
    p, area = asked.terms.parameters, asked.area
    if state.trades < p.warm_trades or fact.at - state.since < p.warm_days * DAY:
        return None
    km = view.world.areas.distance_km(area, there, fact.at)
    km = p.unmapped_km if km is None else km
    if km <= p.least_km:
        return None
    bar = bar_of(asked, "km", p.fixed_km)
    limit = max(bar.score, p.least_km)
    if km <= limit:
        return None
    claim = Claim(
        anchor=fact.id,
        since=fact.at,
        speaks_at=asked.terms.speaks(fact.at),
        refs=(fact.ref,),
        numbers={
            "counterparty": moved.counterparty_unit or moved.outside or "",
            "counterparty_area": there,
            "km": round(km, 1),
            "limit_km": round(limit, 1),
            "limit_rests_on": bar.rests_on,
            **bar.numbers(),
            "known_parties": len(state.parties),
            "more_parties": 0,
            "amount": moved.amount,
            "measure": moved.measure.value,
        },
        area=area,
        unit=moved.unit,
        category=moved.category,
        site=moved.site,
        goods=moved.goods,
        ref_count=1,
    )
    return Far(claim, fact.at + p.open_days * DAY)


def _with_one_more(last: Far, far: Far) -> Far:
    """The latest claim with one more far party that is told with it."""
    claim = last.claim
    refs = claim.refs if len(claim.refs) >= _REFS else cite(claim.refs, far.claim.refs[0])
    numbers = {**claim.numbers, "more_parties": int(claim.numbers["more_parties"]) + 1}
    return Far(replace(claim, numbers=numbers, refs=refs, ref_count=claim.ref_count + 1), far.expires)
