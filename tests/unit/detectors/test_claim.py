"""Claims and findings: what identifies one, what it cites, and whether it is over."""

from __future__ import annotations

from msgspec.structs import replace

from detectors.claim import MOST_REFS, Status, cite, finding_id, measure_of
from events.quantity import Measure
from events.rejection import Source
from ledger.fact import Ref
from tests.unit.detectors.probes import claim


def refs(count: int) -> tuple[Ref, ...]:
    """So many citations."""
    return tuple(Ref(f"e{number}", Source("flow", 0, number)) for number in range(count))


def test_twenty_facts_are_cited_and_no_more() -> None:
    """In the order in which they came."""
    assert MOST_REFS == 20
    cited: tuple[Ref, ...] = ()
    for number, ref in enumerate(refs(22), 1):
        cited = cite(cited, ref)
        assert cited == refs(min(number, 20))


def test_a_claim_is_open_until_it_has_an_end() -> None:
    """Though that be at the very beginning of time; unless it says so, no fact is counted."""
    stands = claim("x")
    assert (stands.status, replace(stands, until=0).status) == (Status.OPEN, Status.CLOSED)
    assert stands.ref_count == 0


def test_the_name_of_a_finding_never_changes() -> None:
    """It is in addresses, in books and in letters: another version of the code gives the same."""
    assert finding_id("B2", "book:S1/G1", "p|S1|e1") == "B2-cd8c66e298f4ffae9fb8"
    assert finding_id("D8", "vehicle:闽A12345", "C1") == "D8-4287e508037854740787"
    assert finding_id("B2", "a", "bc") != finding_id("B2", "ab", "c")


def test_quantities_are_in_the_measure_that_the_evidence_names() -> None:
    """One of the five."""
    for measure in Measure:
        assert measure_of(replace(claim("x"), numbers={"measure": measure.value})) is measure
