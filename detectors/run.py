"""Runs: breaches of one kind at one key that belong together, over once none came for a while.

Law kept: one episode, one warning. A run begins with its first breach in event order and ends by time alone, so
that who breaks a rule daily is warned of once, and lawful movements in between open no second matter.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final

from msgspec import Struct
from msgspec.structs import replace

from detectors.claim import Claim, Number, measure_of
from detectors.detector import View
from events.quantity import show_quantity
from events.time import Instant
from ledger.fact import Movement

MOST_NAMES: Final = 8
"""How many goods, people or parties the evidence of a run names; more are counted."""


class Run(Struct, frozen=True, array_like=True, gc=False):
    """One run: which of the key's, its claim as it stands, and when it is over if nothing more comes."""

    name: str
    claim: Claim
    over_at: Instant


class Runs(Struct, frozen=True, array_like=True, gc=False):
    """The open runs of a key, in the order of their names."""

    open: tuple[Run, ...] = ()

    def of(self, name: str) -> Claim | None:
        """The claim of one run; None where there is none."""
        return next((run.claim for run in self.open if run.name == name), None)

    def with_run(self, run: Run) -> Runs:
        """With one run as it is now."""
        others = [one for one in self.open if one.name != run.name]
        return Runs(tuple(sorted((*others, run), key=lambda one: one.name)))

    def ended(self, at: Instant) -> tuple[Claim, ...]:
        """The claims of the runs that are over by an instant, closed at their ends."""
        return tuple(replace(run.claim, until=run.over_at) for run in self.open if run.over_at <= at)

    def still(self, at: Instant) -> Runs:
        """Without the runs that are over by an instant."""
        return Runs(tuple(run for run in self.open if run.over_at > at))


class RunRule:
    """What rules over runs share: they begin with none, and time alone ends them."""

    __slots__ = ()

    State: ClassVar = Runs

    def start(self) -> Runs:
        """No run."""
        return Runs()

    def at(self, state: Runs, now: Instant, view: View) -> Sequence[Claim]:
        """The runs that are over by now."""
        return state.ended(now) if state.open else ()

    def wakes(self, state: Runs, view: View) -> Sequence[Instant]:
        """When each run is over."""
        return tuple([run.over_at for run in state.open]) if state.open else ()


def naming(known: Number | None, more: str) -> str:
    """The names of a run with one more, each once and in the order they came; at most ``MOST_NAMES``.

    >>> naming("DET", "EXP"), naming("DET,EXP", "DET"), naming(None, "DET")
    ('DET,EXP', 'DET,EXP', 'DET')
    """
    names = str(known).split(",") if known else []
    if more not in names and len(names) < MOST_NAMES:
        names.append(more)
    return ",".join(names)


def tally(known: Claim | None, moved: Movement, **names: str) -> dict[str, Number]:
    """The evidence of a run with one more movement: its goods, its operations, how many, and the first amount.

    ``names`` are further things to name, by what they are called.
    """
    old: dict[str, Number] = {} if known is None else known.numbers
    told: dict[str, Number] = {
        "goods": naming(old.get("goods"), moved.goods),
        "operations": naming(old.get("operations"), moved.operation),
        "movements": int(old.get("movements", 0)) + 1,
        "amount": old.get("amount", moved.amount),
        "measure": old.get("measure", moved.measure.value),
    }
    for name, more in names.items():
        told[name] = naming(old.get(name), more.replace(",", "，"))
    return told


def first_of(claim: Claim) -> str:
    """The goods and the amount of a run's first movement, as people read them."""
    amount = show_quantity(int(claim.numbers["amount"]), measure_of(claim))
    return f"{amount} of {str(claim.numbers['goods']).split(',')[0]}"


def first_in_chinese(claim: Claim) -> str:
    """The same in Chinese."""
    amount = show_quantity(int(claim.numbers["amount"]), measure_of(claim))
    return f"{str(claim.numbers['goods']).split(',')[0]} {amount}"
