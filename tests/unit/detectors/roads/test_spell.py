"""A spell of minutes in which the same was wrong: counted, its worst kept, over with its last minute."""

from __future__ import annotations

from itertools import permutations

from detectors.claim import Claim
from detectors.roads.spell import Spell, opened, over, prolonged
from events.registry import Category
from events.time import MINUTE
from ledger.fact import Fact, Fix
from tests.detector_kit import at, cell


def minute(number: int) -> tuple[Fact, int, Fix]:
    fact = cell(f"day 1 08:{number:02}", (119.3 + number / 100, 26.08))
    return fact, fact.at, Fix(fact.at + 40 * 1_000_000, 119.300004 + number / 100, 26.081238, 90.0)


def spell_of(*worsts: float) -> Spell:
    spell = None
    for number, worst in enumerate(worsts):
        spell = prolonged(spell, "C1", minute(number), 5, worst)
    assert spell is not None
    return spell


def test_the_worst_minute_is_the_one_shown_wherever_it_lies() -> None:
    """Begun with the first minute, as long as there are minutes; over five minutes after the last fix."""
    for worsts in permutations((90.0, 120.0, 100.0)):
        spell = spell_of(*worsts)
        assert (spell.worst, spell.minutes, spell.since) == (120.0, 3, at("day 1 08:00"))
        assert spell.worst_fix == minute(worsts.index(120.0))[2]
        assert spell.latest == minute(2)[2]
        assert spell.expires == minute(2)[2].at + 5 * MINUTE
    assert spell_of(100.0, 100.0).worst_fix == minute(0)[2]


def test_a_spell_that_is_a_claim_says_its_worst_as_it_ends_and_another_says_nothing() -> None:
    """Anchored at its first minute, cited with the one that made it a claim, ended by its last fix."""
    spell = spell_of(90.0, 119.6)
    assert over(None, "fastest") == over(spell, "fastest") == ()
    ref = minute(1)[0].ref
    claim = Claim("x", 0, 0, (ref,), {"consignment": "C1"}, "350102", "U9", Category.EXPLOSIVES)
    (ended,) = over(opened(spell, claim, minute(1)[0]), "fastest")
    assert (ended.anchor, ended.since, ended.until) == (minute(0)[0].id, at("day 1 08:00"), minute(1)[2].at)
    assert ended.refs == (ref, minute(0)[0].ref)
    assert ended.ref_count == 2
    assert ended.numbers == {
        "consignment": "C1", "minutes": 2, "fastest": 120, "lon": 119.31, "lat": 26.08124,
    }  # fmt: skip
