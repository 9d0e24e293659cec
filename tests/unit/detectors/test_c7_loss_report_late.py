"""C7: a loss that was found and reported only hours later."""

from __future__ import annotations

from msgspec.structs import replace

from detectors.claim import Status
from events.time import MINUTE
from ledger.fact import Detail, Fact, Movement
from tests.detector_kit import Bench, History, at, movement, watch


def loss(
    *,
    found: str | None = "day 2 09:00",
    received: str,
    goods: str = "DET",
    amount: str = "5 item",
    version: int = 1,
) -> Fact:
    """A loss that happened the evening before."""
    fact = movement("declare_loss", amount, goods=goods, when="day 1 18:00", received=received, version=version)
    assert isinstance(fact.body, Movement)
    detail = None if found is None else Detail(discovered_at=at(found))
    return replace(fact, body=replace(fact.body, detail=detail))


def history() -> History:
    """Five detonators found missing at nine, reported at one; more of that find an hour later; one told at once."""
    return History(
        rule="C7",
        key="site:S1",
        facts=(
            loss(received="day 2 13:00"),
            loss(received="day 2 14:00", goods="EXP", amount="2 kg"),
            loss(received="day 3 09:20", goods="BOW", amount="1 item", found="day 3 09:00"),
        ),
        now=at("day 5 00:00"),
    )


def test_what_was_found_at_once_is_one_warning_until_all_is_reported() -> None:
    """Since the hour had passed, until the last of it was received; with how long it took."""
    (finding,) = watch(history())
    claim = finding.claim
    assert (claim.since, claim.until, finding.status) == (at("day 2 10:00"), at("day 2 14:00"), Status.CLOSED)
    assert claim.numbers == {
        "discovered_at": at("day 2 09:00"), "reported_at": at("day 2 14:00"), "delay_min": 300, "within_min": 60,
        "goods": "DET, EXP", "losses": 2,
    }  # fmt: skip


def test_two_finds_are_two_warnings_whichever_is_reported_in_between() -> None:
    """What was found at nine and at eleven, a report of each by turns."""
    finds = ("day 2 09:00", "day 2 11:00")
    told = [
        loss(received=f"day 2 {15 + nth}:00", goods=goods, found=finds[nth % 2])
        for nth, goods in enumerate(("ACE", "BOW", "DET", "EXP"))
    ]
    findings = watch(replace(history(), facts=tuple(told)))
    said = [(one.claim.numbers["discovered_at"], one.claim.numbers["goods"]) for one in findings]
    assert said == [(at(finds[0]), "ACE, DET"), (at(finds[1]), "BOW, EXP")]


def test_the_last_minute_is_in_time() -> None:
    """The look-alike: an hour to the second, and a second more."""
    assert not watch(replace(history(), facts=(loss(received="day 2 10:00"),)))
    assert len(watch(replace(history(), facts=(loss(received="day 2 10:00:01"),)))) == 1


def test_a_source_has_two_hours() -> None:
    """The shipped policy gives radioactive sources their own clock."""
    source = loss(received="day 2 10:59", goods="CS137", amount="5 MBq")
    assert not watch(replace(history(), facts=(source,)))
    late = loss(received="day 2 11:01", goods="CS137", amount="5 MBq")
    (finding,) = watch(replace(history(), facts=(late,)))
    assert finding.claim.since == at("day 2 09:00") + 120 * MINUTE


def test_a_loss_that_does_not_say_when_it_was_found_accuses_nobody_unless_the_policy_presumes() -> None:
    """Left out it is nothing; presumed, it was found when it happened."""
    silent = replace(history(), facts=(loss(received="day 2 13:00", found=None),))
    assert not watch(silent)
    (finding,) = watch(replace(silent, parameters={"presume_found": True}))
    assert finding.claim.since == at("day 1 19:00")


def test_a_correction_of_the_discovery_takes_it_back() -> None:
    """It was found at half past twelve, not at nine; and a corrected amount makes nothing late."""
    bench = Bench(history())
    bench.put(loss(received="day 2 13:00"))
    bench.look(at("day 2 13:00"))
    assert [finding.status for finding in bench.told] == [Status.CLOSED]
    bench.put(loss(received="day 2 13:00", found="day 2 12:30", version=2))
    bench.look(at("day 2 15:00"))
    assert [finding.status for finding in bench.told] == [Status.CLOSED, Status.WITHDRAWN]
