"""Speech: which keys an event concerns, and what it says there.

Law: what a site's event means is a function of the event and of what it was judged by.
"""

from __future__ import annotations

from events.registry import Category
from events.report import Counterparty, Flow
from events.serials import BLOCK
from ledger.fact import Count, Movement
from ledger.speech import Seen, Speech, parted, said_of, seen_in
from simulator import stories as s
from tests.detector_kit import movement
from tests.detector_words import run

OUTSIDE = Counterparty(outside="X")
SEEN = Seen("350102", Category.EXPLOSIVES)


def keys(**fields: object) -> tuple[str, ...]:
    """The keys that a sale concerns."""
    sold = s.issue("5 item", site="S1", goods="DET", when="day 1 08:00", **fields)  # type: ignore[arg-type]  # fields by name
    assert isinstance(sold, Flow)
    return said_of(sold, SEEN).keys


def test_a_movement_concerns_its_site_book_and_unit_and_what_it_names() -> None:
    """The other unit, the permit, the consignment, each block of numbers; its own unit as other side only once."""
    own = ("site:S1", "book:S1/DET", "unit:U1")
    assert keys(counterparty=OUTSIDE) == own
    assert keys(counterparty=Counterparty(unit="U2")) == (*own, "unit:U2")
    assert keys(counterparty=Counterparty(unit="U1")) == own
    assert keys(permit="P1", consignment="C1") == (*own, "permit:P1", "consignment:C1")
    over = run(BLOCK - 1, BLOCK)
    assert keys(counterparty=OUTSIDE, serials=(over,)) == (*own, "serial:M1/T1/0", "serial:M1/T1/1")


def test_a_count_concerns_its_site_and_book_and_its_blocks() -> None:
    """And says what was counted, as exactly as it was told."""
    plain = said_of(s.count("5 item", site="S1", goods="DET", when="day 1 08:00"), SEEN)
    assert plain.keys == ("site:S1", "book:S1/DET")
    assert isinstance(plain.body, Count)
    assert (plain.body.amount, plain.body.area, plain.body.category) == (5, "350102", Category.EXPLOSIVES)
    listed = said_of(s.count("5 item", site="S1", goods="DET", when="day 1 08:00", serials=(run(1, 5),)), SEEN)
    assert listed.keys == ("site:S1", "book:S1/DET", "serial:M1/T1/0")


def test_a_block_is_told_its_own_part_of_the_numbers() -> None:
    """A fact without numbers has no parts."""
    fact = movement("issue", "4 item", when="day 1 08:00", serials=(run(BLOCK - 2, BLOCK + 1),))
    parts = parted(fact)
    told = {key: one.body.serials for key, one in parts.items() if isinstance(one.body, Movement)}
    assert told == {"serial:M1/T1/0": (run(BLOCK - 2, BLOCK - 1),), "serial:M1/T1/1": (run(BLOCK, BLOCK + 1),)}
    assert parted(movement("issue", "4 item", when="day 1 08:00")) == {}


def test_what_a_speech_was_judged_by_is_all_that_must_be_kept_of_it() -> None:
    """Said again from that, it is the same; of an entry the speech itself is kept."""
    sold = s.issue("5 item", site="S1", goods="DET", when="day 1 08:00", counterparty=OUTSIDE)
    said = said_of(sold, Seen("350102", Category.EXPLOSIVES, "maker"))
    assert isinstance(said.body, Movement)
    assert said.body.more.tier == "maker"
    seen = seen_in(said)
    assert isinstance(seen, Seen)
    assert said_of(sold, seen) == said
    assert said_of(sold, SEEN).body != said.body
    counted = said_of(s.count("5 item", site="S1", goods="DET", when="day 1 08:00"), SEEN)
    assert seen_in(counted) == SEEN
    assert isinstance(said, Speech)
