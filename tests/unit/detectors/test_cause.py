"""Causes: of all that came to a key since it was looked at, what took a finding back is named, whatever the batch.

Law: as it would have been found had each come by itself (4).
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import permutations

import pytest

from detectors.cause import NOWHERE, News, cause_of, code_ref, entry_news, policy_ref
from detectors.subject import Subject
from events.registry import CapacityEntry, PolicyEntry
from events.rejection import Source
from ledger.fact import Fact, Ref
from ledger.reference import Reference, Registered
from simulator.stories.relative import quantity
from tests.detector_kit import movement, register
from tests.unit.detectors.probes import policy
from tests.unit.detectors.watching import whole

KEY = "book:S1/DET"


def issue(hour: int, *, version: int = 1) -> Fact:
    """Goods that leave at an hour of day 1."""
    return movement("issue", f"{version} item", when=f"day 1 {hour:02d}:00", version=version, id=f"{hour}")


def capacity(name: str, version: int = 1) -> Registered:
    """An entry about the site."""
    entry = CapacityEntry(site="S1", goods="DET", quantity=quantity(f"{version} item"))
    return register(entry, unit="U1", id=name, version=version)


def named(some: Iterable[Fact | Registered]) -> set[tuple[str, int]]:
    """What these are, with their versions."""
    return {(one.id, one.version) for one in some}


class Told:
    """A key to which facts and entries came since it was looked at; it stood folded at a fact before them."""

    def __init__(self, *news: Fact | Registered, known: tuple[Fact | Registered, ...] = ()) -> None:
        self.subject, self.reference = Subject(KEY), Reference()
        self.asked = 0
        for one in (issue(6), *known, *news):
            if isinstance(one, Fact):
                self.subject.learn(one)
                continue
            was = self.reference.entries.get(one.id)
            if self.reference.put(one):
                self.subject.news.append(entry_news(one, was))
                self.subject.unfold()
        del self.subject.news[: 1 + len(known)]
        self.subject.rejudge = False

    def cause(self, *needed: Fact | Registered, but: tuple[Fact | Registered, ...] = ()) -> str | None:
        """What is named where a finding stands with these and without those; all is afterwards as it was."""
        wanted, unwanted = named(needed), named(but)
        entries, before = dict(self.reference.entries), whole(self.subject)

        def stands() -> bool:
            self.asked += 1
            known = named((*self.subject.facts.values(), *self.reference.entries.values()))
            return wanted <= known and not unwanted & known

        by = cause_of(self.subject, self.reference, stands)
        assert (self.reference.entries, whole(self.subject)) == (entries, before)
        return None if by is None else by.id


NEWS = (issue(9), capacity("c"), issue(8), capacity("c", 2), issue(9, version=2), issue(7))


def test_the_one_after_which_it_no_longer_stood_is_named() -> None:
    """Fact or entry, new or told otherwise, wherever it came among the others; no more is tried than must be."""
    for place in range(len(NEWS)):
        told = Told(*NEWS)
        assert told.cause(issue(6), but=NEWS[place:]) == NEWS[place].id
        assert told.asked <= 3


def test_what_is_told_otherwise_brings_back_what_was_known_before() -> None:
    """A finding that stood on the first version of a fact or an entry is taken back by the second."""
    first, entry = issue(9), capacity("c")
    told = Told(capacity("d"), issue(9, version=2), capacity("c", 2), issue(10), known=(first, entry))
    assert told.cause(first) == first.id
    assert told.cause(entry) == entry.id
    assert told.cause(first, entry) == first.id
    assert told.cause(capacity("c"), but=(issue(10),)) == entry.id


@pytest.mark.parametrize("order", [*permutations(range(3))])
def test_it_is_named_in_any_order_of_three(order: tuple[int, ...]) -> None:
    """That the finding needs one to be away is found by asking twice."""
    facts = [issue(hour) for hour in (8, 9, 10)]
    told = Told(*(facts[n] for n in order))
    for fact in facts:
        assert told.cause(but=(fact,)) == fact.id


def test_of_two_the_one_that_did_it_is_named() -> None:
    """Where the same code told it, it is taken to have stood before both."""
    facts = issue(8), issue(9)
    assert [Told(*facts).cause(but=(fact,)) for fact in facts] == [fact.id for fact in facts]
    assert Told(*facts).cause(but=(issue(6),)) == facts[0].id


def test_a_single_one_is_named_without_asking() -> None:
    """And nothing where there is none: time did it."""
    told = Told(issue(9))
    assert told.cause() == issue(9).id
    assert Told().cause() is None
    assert (told.asked, Told().asked) == (0, 0)


def test_what_another_version_of_the_code_told_is_looked_into_from_before_all_news() -> None:
    """Where it did not stand then already, nothing that came is to blame: the code is."""
    for news, but, blamed in (((issue(8),), issue(8), issue(8).id), ((issue(8),), issue(6), None),
                             ((issue(8), issue(9)), issue(6), None), ((issue(8), issue(9)), issue(8), issue(8).id),
                             ((issue(8), issue(9)), issue(9), issue(9).id)):  # fmt: skip
        told = Told(*news)
        told.subject.told_by = "1.0"
        assert told.cause(but=(but,)) == blamed
    nothing = Told()
    nothing.subject.told_by = "1.0"
    assert nothing.cause() is None


def test_where_one_cannot_be_undone_the_latest_is_named() -> None:
    """An entry that concerns everyone; a vehicle's minutes."""
    told = Told(issue(8), issue(9))
    told.subject.news.insert(1, entry_news(capacity("c"), for_everyone=True))
    assert told.cause(but=(issue(8),)) == issue(9).id
    vehicle = Subject("vehicle:V1")
    refs = [Ref(f"V1@{n}", Source("position", 0, n)) for n in range(2)]
    vehicle.news = [News(ref, issue(8)) for ref in refs]
    assert cause_of(vehicle, Reference(), lambda: True) == refs[1]
    assert told.asked == 0


def test_a_key_that_judges_anew_still_does_afterwards() -> None:
    """And one that does not, does not."""
    for rejudge in (True, False):
        told = Told(issue(8), capacity("c"), issue(9))
        told.subject.rejudge = rejudge
        assert told.cause(but=(capacity("c"),)) == "c"
        assert told.subject.rejudge is rejudge


def test_each_cause_has_a_name_by_which_it_is_told_apart() -> None:
    """A report by its own, an entry by its id, a policy and the code by what they are."""
    fact, entry, published = issue(8), capacity("c"), policy("A1")
    assert isinstance(published.entry, PolicyEntry)
    assert (Source("", 0, 0), "code|2.0", "policy|x") == (NOWHERE, code_ref("2.0").id, policy_ref("x").id)
    assert entry_news(entry) == News(Ref("c", NOWHERE), entry, None)
    assert entry_news(capacity("c", 2), entry) == News(Ref("c", NOWHERE), capacity("c", 2), entry)
    assert entry_news(published, for_everyone=True) == News(policy_ref(published.entry.digest), None, None)
    assert Told(fact).subject.news == [News(fact.ref, fact, None)]
