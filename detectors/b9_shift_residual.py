"""B9 当班未清退: what a shift took and neither used, gave back nor declared lost by its end; or beyond its plan.

Laws kept: each goods of each shift is judged by itself, exactly, from the shift's own reports. The finding bears
the deadline's instant, whatever tick brought it. Who names no shift is not judged, nor a shift that no issue names.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated, ClassVar, Final, Literal

from msgspec import Meta, Struct
from msgspec.structs import replace

from detectors.claim import Claim, Finding, Number, measure_of
from detectors.detector import Card, Step, View
from events.quantity import Amount, Measure, parse_quantity, show_quantity
from events.registry import Category, PermittedGoods, ShiftEntry
from events.time import DAY, HOUR, MINUTE, Instant, format_instant
from ledger.fact import Body, Fact, Movement, Ref

MOST_OUT: Final = 200
"""How many goods of how many shifts a site keeps; beyond that the oldest is let go."""
_MOST_REFS: Final = 6


class Parameters(Struct, frozen=True, forbid_unknown_fields=True):
    """``grace_min``: minutes after a shift's end for giving back; ``early_h``: hours before its start for taking.

    Shifts that nobody registered last ``longest_h`` hours from the first issue on, in ``unregistered`` categories
    alone. ``open_days``: days for which what is still out waits for its return.
    """

    grace_min: Annotated[int, Meta(ge=0)] = 60
    early_h: Annotated[int, Meta(ge=0, le=24)] = 4
    longest_h: Annotated[int, Meta(ge=1, le=72)] = 12
    unregistered: tuple[Category, ...] = ()
    open_days: Annotated[int, Meta(ge=1, le=400)] = 60


class Out(Struct, frozen=True, array_like=True, gc=False):
    """One goods of one shift, in base units; ``planned`` is what it was to take, None where nobody said.

    ``ends`` is the shift's end; the residual is owed from ``owed`` on; ``over`` claims that too much was taken.
    """

    shift: str
    goods: str
    ends: Instant
    owed: Instant
    site: str
    unit: str
    area: str
    category: Category
    measure: Measure
    planned: int | None = None
    issued: int = 0
    used: int = 0
    returned: int = 0
    lost: int = 0
    refs: tuple[Ref, ...] = ()
    ref_count: int = 0
    over: Claim | None = None

    @property
    def residual(self) -> int:
        """What is neither used nor back nor lost; below nothing where more was than had been taken."""
        return self.issued - self.used - self.returned - self.lost


class Shifts(Struct, frozen=True, array_like=True, gc=False):
    """What shifts have out, oldest first."""

    out: tuple[Out, ...] = ()


class _Shift(Struct, frozen=True, gc=False):
    """A registered shift: from when to when, and what it was to take of the goods (None where nobody said)."""

    starts: Instant
    ends: Instant
    planned: tuple[PermittedGoods, ...]


class ShiftResidual:
    """Claims per shift and goods: from its end plus a grace until nothing is out; from taking more than planned."""

    card: ClassVar = Card(
        id="B9",
        name="SHIFT_RESIDUAL",
        title=("当班未清退", "Not given back at the shift's end"),
        predicate=(
            "当班结束加宽限时，该班领用的某品种减去使用、退库和报失不为零；或领用超过当班计划数量",
            "at a shift's end plus a grace, what it took of a goods less what it used, gave back and declared lost "
            "is not nothing; or it took more than was planned",
        ),
        misses=(
            "未写班次的领用，及从无领用记录的班次；未登记班次且不在办法所列类别的；虚报的使用（见 B14、B1）；"
            "同名班次都有未清的，使用和退库先冲最近一班，前一班因此了结得晚",
            "goods issued without naming the shift, and shifts that no issue names; shifts that are not "
            "registered, of categories that the policy does not name; use that is reported and did not happen "
            "(B14, B1); where shifts of one name have goods out, what comes back is the latest's first, and the "
            "others close later",
        ),
        key="site",
        place="site",
    )
    State: ClassVar = Shifts
    Parameters: ClassVar = Parameters
    stricter: ClassVar[dict[str, Literal["lower", "higher"]]] = {"grace_min": "lower"}
    sees: ClassVar[frozenset[type[Body]]] = frozenset((Movement,))
    deeds: ClassVar = frozenset(("issue", "consume", "return", "receive", "declare_loss"))

    def start(self) -> Shifts:
        """Nothing out."""
        return Shifts()

    def see(self, state: Shifts, step: Step, view: View) -> tuple[Shifts, Sequence[Claim]]:
        """Book the movement to its shift; settle what it brings back."""
        fact, moved = step.fact, step.fact.body
        if not isinstance(moved, Movement) or moved.shift is None or moved.consignment is not None:
            return state, ()
        if moved.operation not in self.deeds:
            return state, ()
        terms = view.terms("B9", fact.at, category=moved.category, area=moved.area, unit=moved.unit)
        kept, made = _past(state.out, fact.at, terms.parameters, view)
        alike = [one for one in kept if (one.shift, one.goods) == (moved.shift, moved.goods)]
        if moved.operation == "issue" or not alike:
            current = _current(alike, fact, moved, terms.parameters, view)
            alike = [] if current is None else [current]
        changed = [_judged(one, fact, view) for one in _booked(alike, fact, moved)]
        for one in changed:
            if one.over is not None:
                made.append(one.over)
            if one.owed < fact.at and one.issued and not one.residual:
                made.append(replace(_owing(one, view), until=fact.at))
        names = {(one.shift, one.goods, one.ends) for one in changed}
        out = [*(one for one in kept if (one.shift, one.goods, one.ends) not in names), *changed]
        out.sort(key=lambda one: (one.ends, one.shift, one.goods))
        if len(out) > MOST_OUT:
            made += _left(out.pop(0), fact.at, view)
        return Shifts(tuple(out)), made

    def at(self, state: Shifts, now: Instant, view: View) -> Sequence[Claim]:
        """What is still out though it is owed, and the ends of shifts that took too much."""
        return [claim for one in state.out for claim in _left(one, now, view)]

    def wakes(self, state: Shifts, view: View) -> Sequence[Instant]:
        """The deadlines of what is out, and the ends of shifts that took too much."""
        owed = [one.owed for one in state.out if one.issued and one.residual]
        return [*owed, *(one.ends for one in state.out if one.over is not None)]

    def explain(self, finding: Finding, lang: Literal["zh", "en"]) -> str:
        """What the shift took and what became of it."""
        claim, numbers = finding.claim, finding.claim.numbers
        names = ("issued", "used", "returned", "lost", "residual", "planned")
        n = {name: show_quantity(int(numbers[name]), measure_of(claim)) for name in names if name in numbers}
        shift, ends, goods = numbers["shift"], numbers["shift_ends_at"], claim.goods
        ends = format_instant(int(ends))
        if numbers["kind"] == "planned":
            if lang == "zh":
                return f"{claim.site} 的班次 {shift} 领用 {goods} {n['issued']}，超过当班计划的 {n['planned']}。"
            return f"Shift {shift} of {claim.site} took {n['issued']} of {goods}; {n['planned']} was planned."
        until = "" if claim.until is None else format_instant(claim.until)
        if lang == "zh":
            close = f"已于 {until} 结清。" if until else f"尚差 {n['residual']}。"
            return (
                f"{claim.site} 的班次 {shift} 于 {ends} 结束，领用 {goods} {n['issued']}，使用 {n['used']}，"
                f"退库 {n['returned']}，报失 {n['lost']}：{close}"
            )
        close = f"it was settled at {until}." if until else f"{n['residual']} is unaccounted for."
        return (
            f"Shift {shift} of {claim.site}, which ended at {ends}, took {n['issued']} of {goods}, used "
            f"{n['used']}, gave back {n['returned']} and declared {n['lost']} lost: {close}"
        )


def _past(out: tuple[Out, ...], at: Instant, asked: Parameters, view: View) -> tuple[list[Out], list[Claim]]:
    """What is still to be kept, and the last word on what is let go: settled, or waited for long enough."""
    kept: list[Out] = []
    made: list[Claim] = []
    for one in out:
        if at <= one.owed or (one.residual and at <= one.owed + asked.open_days * DAY):
            kept.append(one)
        else:
            made += _left(one, at, view)
    return kept, made


def _current(alike: Sequence[Out], fact: Fact, moved: Movement, asked: Parameters, view: View) -> Out | None:
    """The shift that goods taken now belong to; None where it is not judged."""
    assert moved.shift is not None
    known = _registered(view, moved.site, moved.shift, fact.at, asked.early_h * HOUR)
    if known is None and moved.category not in asked.unregistered:
        return None
    ends = fact.at + asked.longest_h * HOUR if known is None else known.ends
    for one in alike:
        if one.ends == ends or (known is None and fact.at < one.ends):
            return one
    planned = None if known is None else _plan(known.planned, moved)
    return Out(
        moved.shift, moved.goods, ends, ends + asked.grace_min * MINUTE, moved.site, moved.unit, moved.area,
        moved.category, moved.measure, planned,
    )  # fmt: skip


def _booked(alike: Sequence[Out], fact: Fact, moved: Movement) -> Iterable[Out]:
    """What the movement changes: what is used, back or lost is the latest shift's first, then the ones before."""
    if moved.operation == "issue":
        yield from (_cited(replace(one, issued=one.issued + moved.amount), fact) for one in alike)
        return
    rest = moved.amount
    beyond = max(rest - sum(max(one.residual, 0) for one in alike), 0)
    for one in reversed(alike):
        part = min(rest - beyond, max(one.residual, 0))
        if part + beyond:
            yield _cited(_less(one, moved.operation, part + beyond), fact)
        rest, beyond = rest - part, 0


def _less(one: Out, operation: str, part: int) -> Out:
    match operation:
        case "consume":
            return replace(one, used=one.used + part)
        case "declare_loss":
            return replace(one, lost=one.lost + part)
        case _:
            return replace(one, returned=one.returned + part)


def _cited(one: Out, fact: Fact) -> Out:
    refs = one.refs if len(one.refs) >= _MOST_REFS else (*one.refs, fact.ref)
    return replace(one, refs=refs, ref_count=one.ref_count + 1)


def _judged(one: Out, fact: Fact, view: View) -> Out:
    """The same with its claim of having taken more than was planned, as it is now."""
    if one.planned is None or one.issued <= one.planned:
        return one
    if one.over is not None and one.over.numbers["issued"] == one.issued:
        return one
    since = fact.at if one.over is None else one.over.since
    return replace(one, over=_claim(one, view, since, "planned"))


def _left(one: Out, now: Instant, view: View) -> Iterable[Claim]:
    """What there is to say of a shift's goods at an instant."""
    if one.issued and one.residual and one.owed <= now:
        yield _owing(one, view)
    if one.over is not None:
        yield one.over if now < one.ends else replace(one.over, until=max(one.ends, one.over.since))


def _owing(one: Out, view: View) -> Claim:
    return _claim(one, view, one.owed, "residual")


def _claim(one: Out, view: View, since: Instant, kind: Literal["residual", "planned"]) -> Claim:
    numbers: dict[str, Number] = {
        "kind": kind,
        "shift": one.shift,
        "shift_ends_at": one.ends,
        "issued": one.issued,
        "used": one.used,
        "returned": one.returned,
        "lost": one.lost,
        "residual": one.residual,
        "measure": one.measure.value,
    }
    if kind == "planned":
        numbers = {name: numbers[name] for name in ("kind", "shift", "shift_ends_at", "issued", "measure")}
    if one.planned is not None:
        numbers["planned"] = one.planned
    terms = view.terms("B9", since, category=one.category, area=one.area, unit=one.unit)
    return Claim(
        anchor=f"{one.shift}/{one.goods}/{one.ends}/{kind}",
        since=since,
        speaks_at=terms.speaks(since),
        refs=one.refs,
        numbers=numbers,
        area=one.area,
        unit=one.unit,
        category=one.category,
        site=one.site,
        goods=one.goods,
        ref_count=one.ref_count,
    )


def _registered(view: View, site: str, shift: str, at: Instant, early: Instant) -> _Shift | None:
    """The registered shift that an instant is of: under way, or about to begin."""
    reference = view.reference

    def find(then: Instant) -> _Shift | None:
        entry = reference.registered(ShiftEntry, shift, then)
        entries = [entry] if entry is not None and _is_at(entry.entry, site) else []
        if not entries:
            coming = (one for one in reference.of_kind(ShiftEntry) if one.valid_from > then and one.heard_of(then))
            named = (one for one in coming if _is_at(one.entry, site) and getattr(one.entry, "shift", "") == shift)
            entries = sorted(named, key=lambda one: (one.valid_from, -one.recorded_at, one.id))
        for one in entries:
            if one.valid_to is not None and isinstance(one.entry, ShiftEntry):
                return _Shift(one.valid_from, one.valid_to, one.entry.planned)
        return None

    found = reference.lasting(ShiftEntry, (site, shift), at, find)
    return found if found is not None and found.starts <= at + early else None


def _is_at(entry: object, site: str) -> bool:
    return isinstance(entry, ShiftEntry) and entry.site == site


def _plan(planned: tuple[PermittedGoods, ...], moved: Movement) -> int | None:
    """What a shift was to take of a goods: nothing of what its plan does not name; None where it has no plan."""
    if not planned:
        return None
    for line in planned:
        amount = parse_quantity(line.quantity.value, line.quantity.unit)
        if line.goods == moved.goods:
            return amount.base if isinstance(amount, Amount) and amount.measure is moved.measure else None
    return 0
