"""Lives: how each number of one block of serial numbers fares, from being made to its end.

Laws kept: numbers that fare alike are kept together, as runs; what a block holds is bounded, and what it has to
forget accuses nobody. A count never moves a number: it makes known one that nothing was known of.
"""

from __future__ import annotations

from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from events.rejection import Source
from events.time import HOUR, Instant
from ledger.fact import Count, Fact, Movement, Ref
from ledger.serials import NONE, Spans, common, fewest, runs_of, spans, union, without

HELD, SHIFT, OUT = "held", "shift", "out"
CONSUMED, DESTROYED, LOST = "consumed", "destroyed", "lost"
ENDED: Final = frozenset((CONSUMED, DESTROYED))
"""What no number comes back from."""
OUT_OF_ORDER: Final[Instant] = 12 * HOUR
"""By how much two records of one handover, or of making and first moving a thing, may stand in the wrong order: one
clock is wrong, or a day's production is booked when the shift ends."""
MOST_LIVES: Final = 256
"""How many lives a block tells apart; of more, those that moved longest ago are forgotten."""
MOST_CITED: Final = 64
"""From how many lives on those of the older half that are alike no longer cite their last event, but are one."""
MOST_RUNS: Final = 1_500
"""How many runs a block holds; of more, those that moved longest ago are forgotten."""

_AFTER: Final = {
    "open": HELD, "receive": HELD, "return": HELD, "produce": HELD, "issue": OUT, "consume": CONSUMED,
    "destroy": DESTROYED, "declare_loss": LOST,
}  # fmt: skip
_NOWHERE: Final = Ref("", Source("", 0, 0))


class Life(Struct, frozen=True, array_like=True, gc=False):
    """Numbers that fared alike: how they are, where that was last said, when, and by what.

    ``made`` says whether it was ever said how they came to be: produced here, or there when a book was opened.
    """

    numbers: Spans
    status: str
    site: str
    area: str
    made: bool
    at: Instant
    ref: Ref


class Block(Struct, frozen=True, array_like=True, tag="block", gc=False):
    """编码段: the lives of a block's numbers, and which of them were ever produced on the platform.

    ``forgot``: some lives were forgotten; of a number that has none, nothing is known then.
    """

    lives: tuple[Life, ...] = ()
    produced: Spans = NONE
    forgot: bool = False

    def known(self) -> Spans:
        """The numbers that something is known of."""
        return spans(run for life in self.lives for run in life.numbers)


def after_movement(block: Block, body: Movement, fact: Fact) -> Block:
    """The block after a movement of some of its numbers: what was said last of a number, counts."""
    if not body.serials:
        return block
    numbers, status = spans(runs_of(body.serials)), _status(body)
    made, rest, left = body.operation in ("produce", "open"), numbers, NONE
    lives: list[Life] = []
    was_made = NONE
    for life in block.lives:
        hit = common(life.numbers, numbers)
        if not hit:
            lives.append(life)
            continue
        if handed_over_before(life, body, fact.at):
            rest = without(rest, hit)
            lives.append(life)
            continue
        left = without(life.numbers, hit)
        if left:
            lives.append(replace(life, numbers=left))
        if life.made:
            was_made = union(was_made, hit)
    whole = rest if made else common(rest, was_made)
    for own, known in ((whole, True), (without(rest, whole), False)):
        if own:
            lives.append(Life(own, status, body.site, body.area, known, fact.at, fact.ref))
    produced = union(block.produced, numbers) if body.operation == "produce" else block.produced
    return _bounded(lives, produced, block)


def after_count(block: Block, body: Count, fact: Fact) -> Block:
    """The block after a count: a number unknown so far is where it was seen; one lost there is found."""
    if not body.serials:
        return block
    new, lives = spans(runs_of(body.serials)), []
    found = NONE
    for life in block.lives:
        hit = common(life.numbers, new)
        if hit and life.status == LOST and life.site == body.site:
            found = union(found, hit)
            left = without(life.numbers, hit)
            if left:
                lives.append(replace(life, numbers=left))
        else:
            new = without(new, hit)
            lives.append(life)
    if not new:
        return block
    lives.append(Life(new, HELD, body.site, body.area, bool(found) and found == new, fact.at, fact.ref))
    return _bounded(lives, block.produced, block)


def handed_over_before(life: Life, body: Movement, at: Instant) -> bool:
    """Whether an issue is only recorded a little behind the receipt of the same goods elsewhere."""
    handed = body.operation == "issue" and life.status == HELD and life.site != body.site
    return handed and at - life.at <= OUT_OF_ORDER


def _status(body: Movement) -> str:
    if body.operation == "adjust":
        return HELD if body.direction == "in" else OUT
    return SHIFT if body.operation == "issue" and body.shift is not None else _AFTER[body.operation]


def _bounded(lives: list[Life], produced: Spans, before: Block) -> Block:
    """The block within its bounds; lives are put together a few times only, for it takes a look at all of them."""
    forgot = before.forgot
    if len(lives) > MOST_LIVES or (len(lives) > MOST_CITED and len(lives) // 16 > len(before.lives) // 16):
        lives = _alike(lives)
    runs = sum(len(life.numbers) for life in lives)
    if len(lives) > MOST_LIVES or runs > MOST_RUNS:
        lives, forgot = _latest(lives), True
    if len(produced) > MOST_RUNS:
        # What is between the runs then counts as produced: it accuses nobody.
        produced = (*produced[: MOST_RUNS - 1], (produced[MOST_RUNS - 1][0], produced[-1][1]))
    return Block(tuple(lives), produced, forgot)


def _alike(lives: list[Life]) -> list[Life]:
    """The older half of the lives put together where they differ in nothing but their last event."""
    in_order = sorted(lives, key=_age)
    older, newer = in_order[: len(lives) // 2], in_order[len(lives) // 2 :]
    together: dict[tuple[str, str, str, bool], list[Life]] = {}
    for life in older:
        together.setdefault((life.status, life.site, life.area, life.made), []).append(life)
    put = (
        alike[0] if len(alike) == 1 else Life(
            spans(run for life in alike for run in life.numbers), *about, max(life.at for life in alike), _NOWHERE
        )
        for about, alike in together.items()
    )  # fmt: skip
    return [*put, *newer]


def _latest(lives: list[Life]) -> list[Life]:
    """As many of the lives that moved last as there is room for, with a quarter of it to spare."""
    kept: list[Life] = []
    runs = 0
    for life in sorted(lives, key=_age, reverse=True):
        runs += len(life.numbers)
        if len(kept) >= MOST_LIVES * 3 // 4 or (kept and runs > MOST_RUNS * 3 // 4):
            break
        kept.append(replace(life, numbers=fewest(life.numbers, MOST_RUNS * 3 // 4)))
    return kept


def _age(life: Life) -> tuple[Instant, str, Spans]:
    return (life.at, life.ref.id, life.numbers)
