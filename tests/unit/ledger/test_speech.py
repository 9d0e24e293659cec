"""Speech: which keys an event concerns, and what it says there.

Law: what a site's event means is a function of the event and of what it was judged by.
"""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from events.quantity import Measure, Quantity
from events.registry import Category
from events.rejection import Source
from events.report import Counterparty, Flow
from events.serials import BLOCK
from events.time import moment
from ledger.fact import Count, Detail, Movement
from ledger.speech import Seen, Speech, amount_of, parted, said_of, seen_in
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


FULL = s.issue(
    "2.5 kg", site="S1", goods="EXP", when="day 1 08:00", permit="P1", consignment="C1", shift="A", instrument="I",
    custodians=("K1", "K2"), payment="bank", serials=(run(1, 5),), room="R", use="blasting", identified=True,
    counterparty=Counterparty(unit="U2", site="S2", area="350111"),
)  # fmt: skip


def test_a_movement_says_all_that_was_reported_of_it() -> None:
    """Whole, in base units, with what the reference data lent; the other side where one was named."""
    said = said_of(FULL, Seen("350102", Category.EXPLOSIVES, "maker"))
    assert said.body == Movement(
        "issue", 2_500_000, Measure.MASS, Category.EXPLOSIVES, "EXP", "S1", "U1", "350102", "U2", "S2", None, False,
        "C1", "P1", "A", "I", None, None, ("K1", "K2"), "bank", (run(1, 5),),
        Detail("R", "blasting", True, None, "350111", "maker"),
    )  # fmt: skip
    assert (said.received_at, said.source, said.revision, said.at, said.before) == (0, Source("", 0, 0), 0, 0, ())
    alone = said_of(replace(FULL, counterparty=None), Seen("350102", Category.EXPLOSIVES))
    assert alone.body == replace(
        said.body, counterparty_unit=None, counterparty_site=None, detail=Detail("R", "blasting", True)
    )
    person = replace(FULL, counterparty=Counterparty(outside="X", natural_person=True))
    body = said_of(person, SEEN).body
    assert isinstance(body, Movement)
    assert (body.counterparty_unit, body.outside, body.natural_person) == (None, "X", True)


def test_what_few_movements_say_is_a_detail_and_most_have_none() -> None:
    """Each of them alone makes one; a loss says when it was found."""
    plain = s.issue("5 item", site="S1", goods="DET", when="day 1 08:00", counterparty=OUTSIDE)
    body = said_of(plain, SEEN).body
    assert isinstance(body, Movement)
    assert body.detail is None
    found = moment(s.at("day 1 07:00"))
    for fields, detail in (
        ({"room": "R"}, Detail(room="R")),
        ({"use": "blasting"}, Detail(use="blasting")),
        ({"identified": False}, Detail(identified=False)),
        ({"discovered_at": found}, Detail(discovered_at=s.at("day 1 07:00"))),
        ({"counterparty": Counterparty(outside="X", area="350111")}, Detail(counterparty_area="350111")),
    ):
        body = said_of(replace(plain, **fields), SEEN).body
        assert isinstance(body, Movement)
        assert body.detail == detail, fields
    lent = said_of(plain, Seen("350102", Category.EXPLOSIVES, "user")).body
    assert isinstance(lent, Movement)
    assert lent.detail == Detail(tier="user")


def test_a_count_says_how_it_was_made_and_with_what_activity() -> None:
    """Whole, in base units; of what is no source there is no activity."""
    gauged = s.gauge("2.5 kg", site="S1", goods="EXP", when="day 1 18:00", instrument="GAUGE-S1")
    body = said_of(replace(gauged, estimated=True), SEEN).body
    assert body == Count(
        2_500_000, Measure.MASS, Category.EXPLOSIVES, "EXP", "S1", "U1", "350102", gauged.method, "GAUGE-S1", True,
    )  # fmt: skip
    active = said_of(replace(gauged, activity=s.quantity("3 kBq")), SEEN).body
    assert isinstance(active, Count)
    assert active.activity == 3_000


def test_a_quantity_that_intake_should_not_have_let_through_is_a_broken_invariant() -> None:
    """Here it is an exception, not a guess."""
    with pytest.raises(TypeError, match="intake let a bad quantity through"):
        amount_of(Quantity("five", "kg"))


def test_what_concerns_several_keys_stands_in_one_order() -> None:
    """The own ones first, then the other unit, the permit, the trip, the blocks; who has no unit is nobody."""
    named = keys(counterparty=Counterparty(unit="U2"), permit="P1", consignment="C1", serials=(run(1, 2),))
    assert named[:4] == ("site:S1", "book:S1/DET", "unit:U1", "unit:U2")
    assert named[4:] == ("permit:P1", "consignment:C1", "serial:M1/T1/0")
    assert keys(counterparty=None) == ("site:S1", "book:S1/DET", "unit:U1")
