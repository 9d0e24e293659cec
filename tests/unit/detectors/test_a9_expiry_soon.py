"""A9: papers are renewed before they end."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from detectors.claim import Finding, Severity, Status
from events.registry import Category, LicenceEntry, PersonEntry, UnitEntry
from events.time import DAY
from ledger.reference import Registered
from tests.detector_kit import Bench, History, at, detector_of, licences, movement, permit, register, watch

EXPLOSIVES = Category.EXPLOSIVES
UNIT = register(UnitEntry(name="闽安民爆", area="350102"), unit="U1", valid_from="day -900 00:00")
ENDS = at("day 101 00:00")
LONG_AGO = "day -600 00:00"


def licence(until: str = "day 101 00:00", since: str = LONG_AGO, **more: str) -> Registered:
    """U1's licence; ninety days before its end is day 11."""
    return licences(EXPLOSIVES, valid_from=since, valid_to=until, **more)  # type: ignore[arg-type]  # dates by name


def history() -> History:
    """A licence that ends on day 101 and is renewed on day 111, ten days after its end."""
    renewed = licences(EXPLOSIVES, valid_from="day 111 00:00", recorded="day 110 09:00")
    return History(
        rule="A9",
        key="unit:U1",
        facts=(movement("issue", "5 item", when="day 1 09:00", counterparty_unit="U2"),),
        reference=(UNIT, licence(), renewed),
        now=at("day 112 00:00"),
    )


def stands(now: str, *papers: Registered, **parameters: object) -> list[Finding]:
    """What stands at an instant of a unit that reports nothing at all."""
    return watch(replace(history(), facts=(), reference=(UNIT, *papers), now=at(now), parameters=parameters))


def test_it_is_yellow_from_ninety_days_before_and_red_from_the_end_on() -> None:
    """By time alone: nothing is reported here."""
    assert not stands("day 10 23:59", licence())
    (yellow,) = stands("day 11 00:00", licence())
    assert (yellow.severity, yellow.claim.since, yellow.status) == (
        Severity.YELLOW,
        at("day 11 00:00"),
        Status.OPEN,
    )
    assert stands("day 100 23:59", licence())[0].severity is Severity.YELLOW
    (red,) = stands("day 101 00:00", licence())
    assert (red.severity, red.id, red.claim.numbers["valid_to"]) == (Severity.RED, yellow.id, ENDS)
    assert (red.claim.unit, red.claim.area, red.claim.category) == ("U1", "350102", EXPLOSIVES)


def test_a_renewal_ends_it_when_it_is_entered() -> None:
    """Without a gap the matter is settled at once; yellow stays yellow."""
    renewed = licences(EXPLOSIVES, valid_from="day 101 00:00", recorded="day 40 09:00")
    (finding,) = stands("day 41 00:00", licence(), renewed)
    assert (finding.status, finding.claim.until) == (Status.CLOSED, at("day 40 09:00"))
    assert (finding.severity, finding.claim.numbers["outcome"]) == (Severity.YELLOW, "renewed")


def test_after_a_gap_it_was_red_until_the_new_one_was_in_force() -> None:
    """The one of the history."""
    (finding,) = watch(history())
    assert (finding.status, finding.claim.until) == (Status.CLOSED, at("day 111 00:00"))
    assert (finding.severity, finding.claim.numbers["outcome"]) == (Severity.RED, "renewed")


@pytest.mark.parametrize("recorded", ["day 5 09:00", "day 11 00:00"])
def test_what_was_renewed_by_then_is_never_said(recorded: str) -> None:
    """The usual case: nobody is bothered."""
    renewed = licences(EXPLOSIVES, valid_from="day 101 00:00", recorded=recorded)
    assert not stands("day 150 00:00", licence(), renewed)


def test_what_nobody_renews_counts_as_given_up_in_the_end() -> None:
    """Ninety days after its end; using it after all is another rule's matter."""
    assert stands("day 190 23:59", licence())[0].status is Status.OPEN
    (finding,) = stands("day 191 00:00", licence())
    assert (finding.claim.until, finding.claim.numbers["outcome"]) == (ENDS + 90 * DAY, "given_up")


def test_a_unit_that_is_gone_need_not_renew() -> None:
    """It is over when the unit's own entry ends, and never said where that was before."""
    name = UnitEntry(name="闽安民爆", area="350102")

    def closing(until: str) -> Registered:
        return register(name, unit="U1", valid_from="day -900 00:00", valid_to=until)

    told = replace(history(), facts=(), now=at("day 60 00:00"))
    (finding,) = watch(replace(told, reference=(closing("day 50 00:00"), licence())))
    assert (finding.status, finding.claim.until) == (Status.CLOSED, at("day 50 00:00"))
    assert not watch(replace(told, reference=(closing("day 11 00:00"), licence())))


def test_another_licence_that_allows_as_much_takes_its_place() -> None:
    """Renewals often bear a new number; one that allows less does not help."""

    def other(*activities: str, goods: tuple[str, ...] = ()) -> Registered:
        held = LicenceEntry(licence="NEW", category=EXPLOSIVES, activities=activities, goods=goods)  # type: ignore[arg-type]  # of the words
        return register(held, unit="U1", valid_from="day 2 00:00")

    everything = ("produce", "sell", "purchase", "store", "use", "transport")
    assert not stands("day 90 00:00", licence(), other(*everything))
    assert stands("day 90 00:00", licence(), other("sell", "store"))
    assert stands("day 90 00:00", licence(), other(*everything, goods=("DET",)))


def test_a_short_paper_is_not_near_its_end_all_its_life() -> None:
    """Of thirty days the last third counts: ten days less a tenth."""
    short = licence("day 31 00:00", "day 1 00:00")
    assert not stands("day 21 00:00", short)
    assert stands("day 21 03:00", short)


def test_certificates_are_watched_and_permits_only_if_the_policy_says_so() -> None:
    """A permit is used up, or for once; where yearly ones are renewed a policy may watch those."""
    person = PersonEntry(person="K1", role="custodian")
    certificate = register(person, unit="U1", valid_from=LONG_AGO, valid_to="day 101 00:00")
    (finding,) = stands("day 50 00:00", licences(EXPLOSIVES), certificate)
    assert (finding.claim.numbers["paper"], finding.claim.numbers["role"]) == ("K1", "custodian")
    assert not stands("day 50 00:00", certificate)  # no licence at all: of which category would it be?
    yearly = permit("P1", ("DET", "5 item"), unit="U1", valid_from="day -264 00:00", valid_to="day 101 00:00")
    once = permit("P2", ("DET", "5 item"), unit="U1", one_time=True, valid_from=LONG_AGO, valid_to="day 101 00:00")
    brief = permit("P3", ("DET", "5 item"), unit="U1", valid_from="day 1 00:00", valid_to="day 101 00:00")
    papers = (licences(EXPLOSIVES), yearly, once, brief)
    assert not stands("day 50 00:00", *papers)
    (finding,) = stands("day 90 00:00", *papers, kinds=["permit"])
    assert finding.claim.numbers["paper"] == "P1"


def test_two_papers_are_two_matters() -> None:
    """Each is renewed by itself, and its warning ends by itself."""
    other = licences(Category.CHEMICALS, valid_from=LONG_AGO, valid_to="day 121 00:00")
    assert len(stands("day 50 00:00", licence(), other)) == 2


def test_a_renewal_that_had_been_entered_before_withdraws_it() -> None:
    """It had been entered on day 5; this registry hears of it on day 12."""
    bench = Bench(replace(history(), facts=(), reference=(UNIT, licence())))
    bench.look(at("day 11 08:00"))
    assert [finding.status for finding in bench.told] == [Status.OPEN]
    bench.enter(licences(EXPLOSIVES, valid_from="day 101 00:00", recorded="day 5 09:00"))
    bench.look(at("day 12 00:00"))
    assert bench.told[-1].status is Status.WITHDRAWN


def test_what_ended_stands_for_good_and_is_said_once() -> None:
    """A year later nothing is kept of it any more; nothing was taken back, nothing said again."""
    bench = Bench(replace(history(), facts=(), reference=(UNIT, licence())))
    bench.look(at("day 11 08:00"))
    bench.enter(licences(EXPLOSIVES, valid_from="day 101 00:00", recorded="day 12 00:00"))
    for day in range(12, 420, 6):
        bench.look(at(f"day {day} 08:00"))
    assert [finding.status for finding in bench.told] == [Status.OPEN, Status.CLOSED]
    assert not bench.subject.said
    assert not bench.subject.shown
    assert bench.subject.wake is None


def test_a_certificate_that_is_renewed_after_it_was_asked_for_counts() -> None:
    """What is worked out of several kinds of papers is worked out anew when any of them changes."""
    person = PersonEntry(person="K1", role="custodian")
    certificate = register(person, unit="U1", valid_from=LONG_AGO, valid_to="day 101 00:00")
    bench = Bench(replace(history(), facts=(), reference=(UNIT, licences(EXPLOSIVES), certificate)))
    bench.look(at("day 12 00:00"))
    assert [finding.status for finding in bench.told] == [Status.OPEN]
    bench.enter(register(person, unit="U1", valid_from="day 101 00:00", recorded="day 5 09:00"))
    bench.look(at("day 13 00:00"))
    assert bench.told[-1].status is Status.WITHDRAWN


def test_the_sentence_says_whose_paper_it_is_and_what_became_of_it() -> None:
    """A certificate by what its holder does; near its end, past it, renewed or given up."""
    rule = detector_of("A9", "unit")
    person = PersonEntry(person="K1", role="custodian")
    certificate = register(person, unit="U1", valid_from=LONG_AGO, valid_to="day 101 00:00")
    (near,) = stands("day 50 00:00", licences(EXPLOSIVES), certificate)
    assert "custodian K1 of U1 is valid until" in rule.explain(near, "en")
    assert "U1 的保管员 K1 的" in rule.explain(near, "zh")
    assert "is about to run out. Nothing that lasts longer is registered." in rule.explain(near, "en")
    assert "临近到期" in rule.explain(near, "zh")
    (red,) = stands("day 101 00:00", licence())
    assert "has run out. Nothing that lasts longer" in rule.explain(red, "en")
    assert "已到期" in rule.explain(red, "zh")
    (renewed,) = watch(history())
    assert "It was renewed at" in rule.explain(renewed, "en")
    assert "续期" in rule.explain(renewed, "zh")


def test_goods_on_a_licences_list_must_be_on_the_one_that_takes_its_place() -> None:
    """A list within a list is covered, one beyond it is not; another category covers nothing."""
    everything = ("produce", "sell", "purchase", "store", "use", "transport")

    def held(name: str, *goods: str, category: Category = EXPLOSIVES) -> LicenceEntry:
        return LicenceEntry(licence=name, category=category, activities=everything, goods=goods)  # type: ignore[arg-type]  # of the words

    old = register(held("OLD", "DET"), unit="U1", valid_from=LONG_AGO, valid_to="day 101 00:00")
    for new, near in (
        (held("NEW", "DET", "EXP"), 0),
        (held("NEW", "DET"), 0),
        (held("NEW", "EXP"), 1),
        (held("NEW", "DET", category=Category.CHEMICALS), 1),
    ):
        taken = register(new, unit="U1", valid_from="day 2 00:00")
        assert len(stands("day 90 00:00", old, taken)) == near, new
    elsewhere = register(held("NEW", "DET"), unit="U2", valid_from="day 2 00:00")
    assert stands("day 90 00:00", old, elsewhere)
    as_long = register(held("NEW", "DET"), unit="U1", valid_from="day 2 00:00", valid_to="day 101 00:00")
    assert len(stands("day 90 00:00", old, as_long)) == 2
