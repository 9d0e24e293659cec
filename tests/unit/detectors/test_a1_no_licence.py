"""A1: who moves dangerous goods holds a licence for what it does, then and there."""

from __future__ import annotations

from msgspec.structs import replace

from detectors.claim import Severity, Status
from events.registry import Category, UnitEntry
from events.time import MINUTE
from tests.detector_kit import Bench, History, at, detector_of, licences, movement, register, watch

EXPLOSIVES = Category.EXPLOSIVES
BUYER = register(UnitEntry(name="晋安爆破", area="350111"), unit="U2")


def history() -> History:
    """U1 goes on selling after its licence ended on day 3, until it is renewed on day 5."""
    return History(
        rule="A1",
        key="site:S1",
        facts=tuple(
            movement("issue", "5 item", when=f"day {day} 09:00", counterparty_unit="U2") for day in range(1, 7)
        ),
        reference=(
            licences(EXPLOSIVES, valid_to="day 3 00:00"),
            licences(EXPLOSIVES, valid_from="day 5 00:00"),
        ),
        now=at("day 7 00:00"),
    )


def history_at_the_unit() -> History:
    """U1 sells to U2, which may not buy."""
    return History(
        rule="A1",
        key="unit:U2",
        facts=(
            movement("issue", "5 item", when="day 1 09:00", counterparty_unit="U2", counterparty_site="S2"),
            movement("receive", "5 item", site="S2", when="day 1 11:00", counterparty_unit="U1"),
            movement("issue", "3 item", when="day 2 09:00", counterparty_unit="U2", counterparty_site="S2"),
        ),
        reference=(BUYER, licences(Category.CHEMICALS, unit="U2")),
        now=at("day 3 00:00"),
    )


def test_an_expired_licence_is_one_episode_until_it_is_renewed() -> None:
    """Opened by the first movement after the end, closed by the first one after the renewal: one warning."""
    (finding,) = watch(history())
    claim = finding.claim
    assert (claim.since, claim.until) == (at("day 3 09:00"), at("day 5 09:00"))
    assert (claim.numbers["movements"], claim.ref_count) == (2, 3)
    assert (finding.severity, finding.status) == (Severity.RED, Status.CLOSED)
    assert claim.numbers["last_until"] == at("day 3 00:00")
    assert claim.numbers["last_licence"] == "L-U1-explosives"


def test_a_licence_is_valid_from_its_first_instant_and_not_at_its_last() -> None:
    """From inclusive, to exclusive."""
    told = history()
    first = movement("issue", "5 item", when="day 2 23:59:59", counterparty_unit="U2")
    assert not watch(replace(told, facts=(first,)))
    last = movement("issue", "5 item", when="day 3 00:00", counterparty_unit="U2")
    assert len(watch(replace(told, facts=(last,)))) == 1
    renewed = movement("issue", "5 item", when="day 5 00:00", counterparty_unit="U2")
    assert not watch(replace(told, facts=(renewed,)))


def test_a_licence_for_another_category_or_deed_or_unit_does_not_help() -> None:
    """To sell explosives takes a licence of this unit for selling explosives."""
    sale = movement("issue", "5 item", when="day 1 09:00", counterparty_unit="U2")
    wrong = (
        licences(Category.CHEMICALS),
        licences(EXPLOSIVES, "purchase", "store", "use"),
        licences(EXPLOSIVES, unit="U9"),
    )
    for held in wrong:
        assert len(watch(replace(history(), facts=(sale,), reference=(held,)))) == 1


def test_a_user_may_give_explosives_to_its_own_shift() -> None:
    """The same operation is another deed where the goods stay in the unit's hands."""
    user = (licences(EXPLOSIVES, "purchase", "store", "use"),)
    shift = movement("issue", "5 item", when="day 1 09:00", shift="W1")
    own = movement("issue", "5 item", when="day 1 10:00", counterparty_unit="U1")
    assert not watch(replace(history(), facts=(shift, own), reference=user))


def test_reporting_a_loss_needs_no_licence() -> None:
    """Nobody is kept from saying that goods are missing."""
    lost = movement("declare_loss", "5 item", when="day 1 09:00")
    mended = movement("adjust", "5 item", when="day 1 10:00", direction="in", approver="chief")
    assert not watch(replace(history(), facts=(lost, mended), reference=()))


def test_a_licensed_receipt_does_not_end_unlicensed_selling() -> None:
    """Only a licensed movement of a kind that was unlicensed ends the episode: no flapping."""
    facts = (
        movement("issue", "5 item", when="day 1 09:00", counterparty_unit="U2"),
        movement("receive", "5 item", when="day 1 10:00"),
        movement("issue", "5 item", when="day 1 11:00", counterparty_unit="U2"),
    )
    (finding,) = watch(replace(history(), facts=facts, reference=(licences(EXPLOSIVES, "purchase", "use"),)))
    assert finding.status is Status.OPEN
    assert finding.claim.numbers["movements"] == 2


def test_a_renewal_entered_late_withdraws_the_warning() -> None:
    """The registry reaches back: what is still held singly is judged again."""
    told = replace(history(), reference=(licences(EXPLOSIVES, valid_to="day 3 00:00"),))
    bench = Bench(told)
    for fact in told.facts[:4]:
        bench.put(fact)
    bench.look(at("day 4 10:00"))
    assert len(bench.standing()) == 1
    bench.enter(licences(EXPLOSIVES, valid_from="day 3 00:00", recorded="day 4 20:00"))
    bench.look(at("day 4 20:00"))
    assert not bench.standing()
    assert bench.told[-1].status is Status.WITHDRAWN


def test_the_counterparty_is_claimed_at_its_own_key_and_place() -> None:
    """The warning about the buyer goes to the buyer's county; its own reports are judged at its site."""
    (finding,) = watch(history_at_the_unit())
    claim = finding.claim
    assert (claim.unit, claim.area, claim.site) == ("U2", "350111", "S2")
    assert claim.numbers["movements"] == 2
    assert claim.numbers["reporter"] == "U1"


def test_a_licensed_counterparty_is_let_be() -> None:
    """The look-alike: the same sale to a unit that may buy."""
    licensed = (BUYER, licences(EXPLOSIVES, "purchase", "store", "use", unit="U2"))
    assert not watch(replace(history_at_the_unit(), reference=licensed))


def test_a_counterparty_that_nobody_knows_has_until_the_days_end() -> None:
    """Registry and flows travel on different ways: an unknown unit is not cried over at once."""
    told = replace(history_at_the_unit(), reference=())
    (finding,) = watch(told)
    assert finding.claim.speaks_at == at("day 2 00:00") + 30 * MINUTE
    assert finding.claim.area == "350102"
    assert not watch(replace(told, now=at("day 2 00:00"), facts=told.facts[:2]))


def test_the_sentence_names_the_reporter_only_where_another_unit_reported() -> None:
    """What a unit reported of itself is not said twice; what another said of it is marked as that."""
    (own,), (other,) = watch(history()), watch(history_at_the_unit())
    mine, theirs = detector_of("A1", "site"), detector_of("A1", "unit")
    assert "reported" not in mine.explain(own, "en")
    assert "上报" not in mine.explain(own, "zh")
    assert ", as U1 reported" in theirs.explain(other, "en")
    assert "对手方，由 U1 上报" in theirs.explain(other, "zh")


def test_the_sentence_names_the_licence_that_ran_out_or_says_that_there_was_none() -> None:
    """An officer asks for the renewal of the one, and for the first licence of the other."""
    rule = detector_of("A1", "site")
    (ended,) = watch(history())
    (never,) = watch(replace(history(), reference=()))
    assert "L-U1-explosives, ran out" in rule.explain(ended, "en")
    assert "L-U1-explosives 已于" in rule.explain(ended, "zh")
    assert "no earlier licence" in rule.explain(never, "en")
    assert "未见更早" in rule.explain(never, "zh")
