"""A book as ``hazflow power`` looks at it: its closed periods, its instruments, the policy in force.

Law kept: the periods are reckoned by the rules' own reckoning, from the same facts, registry and policies; nothing
that is assumed goes without saying so.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

import msgspec
from msgspec import Struct

from cli.registered import registered_at
from cli.verb import Exit, Refused
from detectors import b11_abrupt_loss as b11
from detectors import b12_protracted_loss as b12
from detectors.balances import BALANCES, RECENT, WEIGHED, Closed
from detectors.detector import Step, View
from detectors.measuring import stated
from detectors.policy import Terms
from detectors.sequential.balance import Sitmuf
from detectors.sequential.power import Limits
from detectors.world import World
from events.identity import EVERYONE, site_key
from events.period import Part as Share
from events.period import bounds, part
from events.registry import InstrumentEntry, PolicyEntry
from events.rejection import Source
from events.time import Instant
from ledger.account import empty_account
from ledger.fact import Count, Fact, Movement
from ledger.posting import book_delta
from ledger.reference import Reference, Registered

if TYPE_CHECKING:
    from desk.books import Book
    from desk.lines import Line
    from detectors.world import Areas

BALANCE_RULES: Final = ("B11", "B12", "B13")
Part = Literal["inputs", "outputs", "stock", "unused"]


_PARTS: Final[dict[Share, Part]] = {Share.INPUT: "inputs", Share.OUTPUT: "outputs"}


class Instrument(Struct, frozen=True):
    """What one part of the balances was measured by: relative standard errors, and whether anybody registered it.

    ``instrument`` is None where a report names none; what is not registered errs as the policy takes it. ``unused``
    ones are registered for the site, and named by none of the latest reports of this book.
    """

    part: Part
    instrument: str | None
    random: float
    systematic: float
    registered: bool


class Said(Struct, frozen=True):
    """What warnings at the latest count would have said of this book: losses in base units, None where they say
    nothing. B11 of its next count, B12 of a loss spread over days."""

    counted_at: Instant
    power_at_once: float
    noticed_at_once: int | None
    days_at_once: float
    power_evenly: float
    noticed_evenly: int | None
    days_evenly: int | None


class InForce(Struct, frozen=True):
    """The tests of a book: their limits now, in σ; ``policy`` is the digest that they are of, ``published`` whether
    the installation published it or it only stands in a folder; ``off``: rules that it switches off here."""

    losses: Limits
    gains: Limits
    warmup_periods: int
    policy: str
    published: bool
    off: tuple[str, ...] = ()


class Watched(Struct, frozen=True):
    """A book under its tests: the latest periods in order, and ``usual``, that of median throughput among them."""

    latest: tuple[Closed, ...]
    usual: Closed
    instruments: tuple[Instrument, ...]
    known: bool
    in_force: InForce
    said: Said | None


class Rules(Struct, frozen=True):
    """What a book is judged by: the registry of its site (None where this database has none), and the world."""

    reference: Reference | None
    world: World
    published: bool


def rules_of(database: Path, site: str, folder: str, places: Areas, *, instead: bool) -> Rules:
    """The registry of a site and the policies published in a database; those of a folder (its joined text)
    ``instead``, or where none are published."""
    from streams.assembly import rule_parameters

    world, everyone = World(places, rule_parameters()), registered_at(database, EVERYONE)
    policies = [] if everyone is None or instead else list(everyone.of_kind(PolicyEntry))
    for entry in policies or [_from_folder(folder)]:
        world.put(entry)
    return Rules(registered_at(database, site_key(site)), world, bool(policies))


def watched(book: Book, rules: Rules, at: Instant) -> Watched:
    """The book as its tests see it, and the limits in force at an instant.

    Raises ``Refused`` where nothing is tested: counted goods, or fewer than two counts.
    """
    if book.measure not in WEIGHED:
        raise Refused(
            "计件货物和活度不作平衡检验", "counted goods and activity have no balance test: see B1", Exit.FOUND
        )
    view = View(f"book:{book.site}/{book.goods}", rules.reference or Reference(), rules.world)
    facts = [_fact(entry.line) for entry in book.entries]
    latest = _closed(facts, view)[-RECENT:]
    if not latest:
        raise Refused(
            f"{book.site} 的 {book.goods} 没有两次盘点",
            f"{book.site} has no two counts of {book.goods}: see hazflow book --list",
            Exit.FOUND,
        )
    usual = sorted(latest, key=lambda one: (_throughput(one), one.at))[len(latest) // 2]
    since = latest[0].opened.since
    instruments = _instruments([fact for fact in facts if fact.at >= since], view, at, book.site)
    in_force = _in_force(book, view, at, latest[-1].a_year, published=rules.published)
    return Watched(
        tuple(latest), usual, instruments, rules.reference is not None, in_force, _said(latest[-1], view)
    )


def _from_folder(text: str) -> Registered:
    entry = PolicyEntry(digest="folder", text=text)
    return Registered("folder", 1, EVERYONE, recorded_at=0, valid_from=0, valid_to=None, entry=entry)


def _fact(line: Line) -> Fact:
    """The fact that a line of the book was written for."""
    body = msgspec.json.decode(line.body, type=Movement | Count)
    source = Source(line.topic, line.partition, line.offset)
    return Fact(line.fact, line.at, line.rank, 1, line.revision, line.received_at, source, body)


def _closed(facts: Iterable[Fact], view: View) -> list[Closed]:
    """The balance periods that the rules judge."""
    state, account, found = BALANCES.start(), empty_account("book"), []
    for fact in facts:
        state, made = BALANCES.see(state, Step(fact, account, account), view)
        if isinstance(made, Closed):
            found.append(made)
    return found


def _throughput(closed: Closed) -> int:
    return sum(flow.quantity for flow in (*closed.period.inputs, *closed.period.outputs))


def _instruments(facts: Sequence[Fact], view: View, at: Instant, site: str) -> tuple[Instrument, ...]:
    """By what each part was measured of late; then what else is registered for the site at an instant."""
    found: dict[tuple[Part, str | None], Instrument] = {}
    for fact in facts:
        body, measured = fact.body, _part(fact)
        if measured is None or not isinstance(body, Movement | Count):
            continue
        known = stated(body, fact.at, view)
        if known is None:
            terms = _terms("B12", body, view, fact.at).parameters
            known_by = (terms.unstated_random, terms.unstated_systematic, False)
        else:
            known_by = (known.random, known.systematic, True)
        found[measured, body.instrument] = Instrument(measured, body.instrument, *known_by)
    named = {name for _, name in found}
    parts: tuple[Part, ...] = ("stock", "inputs", "outputs")
    unused = [
        Instrument("unused", entry.instrument, entry.random, entry.systematic, registered=True)
        for name in view.reference.subjects(InstrumentEntry)
        if (entry := view.reference.in_force(InstrumentEntry, name, at)) is not None
        and entry.site == site
        and name not in named
    ]
    used = sorted(found.values(), key=lambda one: (parts.index(one.part), one.instrument or ""))
    return (*used, *unused)


def _part(fact: Fact) -> Part | None:
    """Which part of a balance a fact is measured for; None where it is none of it."""
    match fact.body:
        case Count() as count if bounds(estimated=count.estimated):
            return "stock"
        case Movement() as moved:
            return _PARTS.get(part(moved.operation, book_delta(moved)))
        case _:
            return None


def _in_force(book: Book, view: View, at: Instant, a_year: int, *, published: bool) -> InForce:
    terms: dict[str, Terms[Any]] = {rule: _terms(rule, book, view, at) for rule in BALANCE_RULES}
    on = {rule for rule, one in terms.items() if one.enabled}
    abrupt, slow, gain = (terms[rule].parameters for rule in BALANCE_RULES)
    policy = view.world.policy(at)
    if policy is None:
        raise AssertionError("a world without a policy has no terms either")
    return InForce(
        losses=Limits(
            abrupt.shewhart(a_year) if "B11" in on else None,
            b12.threshold(a_year, slow) if "B12" in on else None,
            slow.k,
        ),
        gains=Limits(None, gain.page(a_year, gain.k) if "B13" in on else None, gain.k),
        warmup_periods=slow.warmup_periods,
        policy=policy.digest,
        published=published,
        off=tuple(rule for rule in BALANCE_RULES if rule not in on),
    )


def _said(closed: Closed, view: View) -> Said | None:
    """By the rules' own words, of the latest balance, with the terms in force when it was counted."""
    if not isinstance(closed.balance, Sitmuf):
        return None
    abrupt: b11.Parameters = _terms("B11", closed.count, view, closed.at).parameters
    slow: b12.Parameters = _terms("B12", closed.count, view, closed.at).parameters
    evenly = b12.foreseen(closed, slow)
    return Said(
        counted_at=closed.at,
        power_at_once=abrupt.power,
        noticed_at_once=b11.foreseen(closed.balance, closed.a_year, abrupt),
        days_at_once=round(closed.days, 1),
        power_evenly=slow.power,
        noticed_evenly=None if evenly is None else evenly[0],
        days_evenly=None if evenly is None else evenly[1],
    )


def _terms(rule: str, whose: Book | Movement | Count, view: View, at: Instant) -> Terms[Any]:
    return view.terms(rule, at, category=whose.category, area=whose.area, unit=whose.unit)
