"""A2: goods that the licence's list does not name."""

from __future__ import annotations

from msgspec.structs import replace

from detectors.claim import Status
from events.registry import Category, LicenceEntry
from tests.detector_kit import History, at, licences, movement, watch

CHEMICALS = Category.CHEMICALS


def history() -> History:
    """U1 may deal in acetone; it buys and sells sodium cyanide until its list names it on day 3."""
    return History(
        rule="A2",
        key="book:S1/NACN",
        facts=(
            movement("receive", "50 kg", goods="NACN", when="day 1 09:00"),
            movement("issue", "10 kg", goods="NACN", when="day 2 09:00", outside="省外用户"),
            movement("issue", "10 kg", goods="NACN", when="day 3 09:00", outside="省外用户"),
            movement("issue", "10 kg", goods="NACN", when="day 4 09:00", outside="省外用户"),
        ),
        reference=(
            licences(CHEMICALS, goods=("ACE",)),
            licences(CHEMICALS, goods=("ACE", "NACN"), valid_from="day 3 00:00"),
        ),
        now=at("day 5 00:00"),
    )


def test_goods_off_the_list_are_one_episode_until_the_list_names_them() -> None:
    """Opened by the first unlisted movement, closed by the first listed one of a kind that was unlisted."""
    (finding,) = watch(history())
    claim = finding.claim
    assert (claim.since, claim.until) == (at("day 1 09:00"), at("day 3 09:00"))
    assert claim.numbers["operations"] == "issue,receive"
    assert claim.numbers["licences"] == "L-U1-chemicals"
    assert finding.status is Status.CLOSED


def test_goods_on_the_list_are_let_be() -> None:
    """The look-alike: the same movements after the extension."""
    extended = (licences(CHEMICALS, goods=("ACE", "NACN")),)
    assert not watch(replace(history(), reference=extended))


def test_an_empty_list_allows_the_whole_category_unless_policy_says_otherwise() -> None:
    """As the contract says of licences; a stricter authority may want every goods named."""
    told = replace(history(), reference=(licences(CHEMICALS),))
    assert not watch(told)
    assert len(watch(replace(told, parameters={"empty_list_allows_all": False}))) == 1


def test_where_there_is_no_licence_at_all_this_rule_is_silent() -> None:
    """A1 speaks of that: one fault, one warning."""
    assert not watch(replace(history(), reference=()))
    assert not watch(replace(history(), reference=(licences(Category.EXPLOSIVES, goods=("DET",)),)))
    assert not watch(replace(history(), reference=(licences(CHEMICALS, "transport", goods=("ACE",)),)))


def test_a_second_licence_that_lists_them_is_enough() -> None:
    """One licence of several in force suffices."""
    second = licences(CHEMICALS, goods=("NACN",), id="second")
    assert second.entry is not None
    renamed = replace(second, entry=replace(second.entry, licence="L2"))
    assert not watch(replace(history(), reference=(licences(CHEMICALS, goods=("ACE",)), renamed)))


def test_a_loss_of_unlisted_goods_may_be_declared() -> None:
    """What needs no licence needs no list."""
    lost = movement("declare_loss", "1 kg", goods="NACN", when="day 1 09:00")
    assert not watch(replace(history(), facts=(lost,)))


def test_the_former_keepers_episode_ends_with_whatever_the_next_one_does() -> None:
    """A book that changes hands: even a loss, for which nobody needs a licence, ends what the former unit did."""
    lost = movement("declare_loss", "1 kg", goods="NACN", when="day 2 09:00", unit="U2")
    (finding,) = watch(replace(history(), facts=(history().facts[0], lost)))
    assert (finding.claim.unit, finding.claim.until) == ("U1", at("day 2 09:00"))


def test_five_licences_are_named_and_no_more() -> None:
    """Evidence stays short, however many licences a unit holds that do not list the goods."""
    held = []
    for number in range(6):
        one = licences(CHEMICALS, goods=("ACE",), id=f"held {number}")
        assert isinstance(one.entry, LicenceEntry)
        held.append(replace(one, entry=replace(one.entry, licence=f"L{number}")))
    (finding,) = watch(replace(history(), reference=tuple(held)))
    assert str(finding.claim.numbers["licences"]).count("L") == 5


def test_the_evidence_counts_the_movements_and_keeps_the_first_amount() -> None:
    """Two movements off the list: both counted, the first amount said; the third closes."""
    (finding,) = watch(history())
    numbers = finding.claim.numbers
    assert (numbers["movements"], finding.claim.ref_count, numbers["amount"]) == (2, 3, 50_000_000)
