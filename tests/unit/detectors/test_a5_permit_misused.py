"""A5: a permit used outside its dates, used again though it was for once, or known to nobody."""

from __future__ import annotations

from msgspec.structs import replace

from detectors.claim import Status
from events.time import MINUTE
from tests.detector_kit import Bench, History, at, detector_of, movement, permit, watch

ONCE = permit("P2", ("DET", "1000 item"), purpose="transport", one_time=True, valid_from="day 1 00:00",
              valid_to="day 4 00:00")  # fmt: skip


def history() -> History:
    """One one-time permit on two consignments, and once more after it ended."""
    return History(
        rule="A5",
        key="permit:P2",
        facts=(
            movement("issue", "100 item", when="day 2 09:00", permit="P2", consignment="C1"),
            movement("receive", "100 item", site="S2", when="day 2 12:00", permit="P2", consignment="C1"),
            movement("issue", "100 item", when="day 3 09:00", permit="P2", consignment="C2"),
            movement("receive", "100 item", site="S2", when="day 4 12:00", permit="P2", consignment="C2"),
        ),
        reference=(ONCE,),
        now=at("day 6 00:00"),
    )


def test_a_one_time_permit_serves_one_consignment() -> None:
    """The second consignment is claimed, by both its ends; the first one's receipt is not."""
    again, _ = watch(history())
    assert again.claim.anchor == "C2"
    assert again.claim.since == at("day 3 09:00")
    assert (again.claim.numbers["reason"], again.claim.numbers["named"]) == ("reused", "C1, C2")
    assert [ref.id for ref in again.claim.refs] == [history().facts[i].id for i in (2, 3)]


def test_a_permit_for_many_may_serve_many() -> None:
    """The look-alike: the same trips on a permit that is not for once only."""
    often = permit("P2", ("DET", "1000 item"), purpose="transport", valid_to="day 31 00:00")
    assert not watch(replace(history(), reference=(often,)))


def test_a_movement_after_the_end_is_claimed_with_the_date_that_passed() -> None:
    """The end itself is outside; the evidence is the nearest entry's date."""
    _, outside = watch(history())
    assert (outside.claim.numbers["reason"], outside.claim.numbers["valid_to"]) == ("expired", at("day 4 00:00"))
    assert outside.status is Status.OPEN
    last = movement("receive", "100 item", site="S2", when="day 3 23:59:59", permit="P2", consignment="C1")
    assert not watch(replace(history(), facts=(*history().facts[:2], last)))


def test_a_renewed_permit_is_let_be_and_ends_an_episode() -> None:
    """Renewed without a break there is nothing; renewed after a break the next use closes the episode."""
    gapless = permit("P2", ("DET", "1000 item"), valid_from="day 4 00:00", valid_to="day 31 00:00")
    facts = history().facts[:2]
    late = movement("receive", "1 item", site="S2", when="day 4 12:00", permit="P2", consignment="C1")
    told = replace(history(), facts=(*facts, late), reference=(ONCE, gapless))
    assert not watch(told)
    broken = permit("P2", ("DET", "1000 item"), valid_from="day 5 00:00", valid_to="day 31 00:00")
    next_use = movement("receive", "1 item", site="S2", when="day 5 12:00", permit="P2", consignment="C1")
    (finding,) = watch(replace(told, facts=(*told.facts, next_use), reference=(ONCE, broken)))
    assert (finding.claim.since, finding.claim.until) == (at("day 4 12:00"), at("day 5 12:00"))


def test_a_permit_used_before_it_is_valid_is_claimed() -> None:
    """Not yet valid is as bad as expired."""
    early = movement("issue", "1 item", when="day 0 09:00", permit="P2", consignment="C1")
    (finding,) = watch(replace(history(), facts=(early,)))
    assert finding.claim.numbers == {
        "permit": "P2", "reason": "not_yet_valid", "valid_from": at("day 1 00:00")
    }  # fmt: skip


def test_an_unregistered_permit_is_spoken_of_at_the_days_end() -> None:
    """The registry may still bring it that day; when it does, nothing stands."""
    told = replace(history(), facts=history().facts[:2], reference=())
    (finding,) = watch(told)
    assert finding.claim.numbers["reason"] == "unknown"
    assert finding.claim.speaks_at == at("day 3 00:00") + 30 * MINUTE
    bench = Bench(told)
    for fact in told.facts:
        bench.put(fact)
    bench.look(at("day 2 13:00"))
    assert not bench.told
    bench.enter(ONCE)
    bench.look(at("day 4 00:00"))
    assert not bench.told


def test_the_first_instant_is_in_force_and_the_last_is_not() -> None:
    """From inclusive, to exclusive, to the second; hours of grace move both."""
    for when, found in (("day 1 00:00", 0), ("day 0 23:59:59", 1), ("day 3 23:59:59", 0), ("day 4 00:00", 1)):
        used = movement("issue", "1 item", when=when, permit="P2", consignment="C1")
        assert len(watch(replace(history(), facts=(used,)))) == found, when
    for when, found in (("day 0 23:00", 0), ("day 0 22:59:59", 1), ("day 4 00:59:59", 0), ("day 4 01:00", 1)):
        used = movement("issue", "1 item", when=when, permit="P2", consignment="C1")
        assert len(watch(replace(history(), facts=(used,), parameters={"grace_h": 1}))) == found, when


def test_between_two_terms_the_nearer_one_tells_what_was_wrong() -> None:
    """Expired up to the middle of the break, not yet valid after it."""
    broken = permit("P2", ("DET", "1000 item"), valid_from="day 6 00:00", valid_to="day 31 00:00")
    for when, reason in (("day 5 00:00", "expired"), ("day 5 00:00:01", "not_yet_valid")):
        used = movement("issue", "1 item", when=when, permit="P2", consignment="C1")
        (finding,) = watch(replace(history(), facts=(used,), reference=(ONCE, broken)))
        assert finding.claim.numbers["reason"] == reason, when


def test_as_many_consignments_as_policy_allows_and_five_of_them_named() -> None:
    """One more than allowed is claimed with the first too many as its anchor."""
    facts = tuple(
        movement("issue", "1 item", when=f"day 2 {hour:02}:00", permit="P2", consignment=f"C{hour}")
        for hour in range(1, 8)
    )
    told = replace(history(), facts=facts)
    assert not watch(replace(told, parameters={"consignments_once": 7}))
    (finding,) = watch(replace(told, parameters={"consignments_once": 6}))
    assert (finding.claim.anchor, finding.claim.numbers["consignments"]) == ("C7", 7)
    assert finding.claim.numbers["named"] == "C1, C2, C3, C4, C5"


def test_the_sentence_counts_the_uses_without_the_one_that_ended_it() -> None:
    """Two uses after the end, and a third on the renewed permit: two movements were wrong."""
    broken = permit("P2", ("DET", "1000 item"), valid_from="day 5 00:00", valid_to="day 31 00:00")
    facts = tuple(
        movement("issue", "1 item", when=when, permit="P2", consignment="C1")
        for when in ("day 4 10:00", "day 4 12:00", "day 5 12:00")
    )
    rule = detector_of("A5", "permit")
    (open_,) = watch(replace(history(), facts=facts[:2], reference=(ONCE, broken)))
    (ended,) = watch(replace(history(), facts=facts, reference=(ONCE, broken)))
    for finding in (open_, ended):
        assert rule.explain(finding, "en").endswith("2 movement(s).")
        assert rule.explain(finding, "zh").endswith("共 2 笔。")


def test_each_reason_has_its_own_sentence_in_both_languages() -> None:
    """Not registered, run out, not begun, used again: what an officer reads, whole."""
    rule, used = detector_of("A5", "permit"), movement("issue", "1 item", when="day 4 12:00", permit="P2")
    early = movement("issue", "1 item", when="day 0 12:00", permit="P2")
    (unknown,) = watch(replace(history(), facts=(used,), reference=()))
    (expired,) = watch(replace(history(), facts=(used,)))
    (coming,) = watch(replace(history(), facts=(early,)))
    again, _ = watch(history())
    assert [rule.explain(one, "en") for one in (unknown, expired, coming, again)] == [
        "Permit P2 was used at 2026-05-07T12:00:00+08:00 at S1 for DET, but the registry has no such permit; "
        "1 movement(s).",
        "Permit P2 was used at 2026-05-07T12:00:00+08:00 at S1 for DET, but it had run out at "
        "2026-05-07T00:00:00+08:00; 1 movement(s).",
        "Permit P2 was used at 2026-05-03T12:00:00+08:00 at S1 for DET, but it was valid only from "
        "2026-05-04T00:00:00+08:00; 1 movement(s).",
        "Permit P2 was used at 2026-05-06T09:00:00+08:00 at S1 for DET, but it was for once and served 2 "
        "consignments (C1, C2); 2 movement(s).",
    ]
    assert [rule.explain(one, "zh") for one in (unknown, expired, coming, again)] == [
        "许可证 P2 于 2026-05-07T12:00:00+08:00 在 S1 用于 DET,登记中没有此许可证；共 1 笔。",
        "许可证 P2 于 2026-05-07T12:00:00+08:00 在 S1 用于 DET,许可证已于 2026-05-07T00:00:00+08:00 到期；"
        "共 1 笔。",
        "许可证 P2 于 2026-05-03T12:00:00+08:00 在 S1 用于 DET,许可证自 2026-05-04T00:00:00+08:00 起才生效；"
        "共 1 笔。",
        "许可证 P2 于 2026-05-06T09:00:00+08:00 在 S1 用于 DET,一次性许可证已用于 2 次托运(C1, C2)；共 2 笔。",
    ]


def test_a_use_outside_the_dates_keeps_the_reason_that_it_began_with() -> None:
    """Two uses after the end are one matter; another permit's entry does not make this one known."""
    facts = tuple(
        movement("issue", "1 item", when=when, permit="P2") for when in ("day 4 10:00", "day 4 12:00")
    )  # fmt: skip
    (finding,) = watch(replace(history(), facts=facts))
    assert finding.claim.numbers == {"permit": "P2", "reason": "expired", "valid_to": at("day 4 00:00")}
    assert [ref.id for ref in finding.claim.refs] == [fact.id for fact in facts]
    other = permit("P3", ("DET", "1000 item"), valid_to="day 31 00:00")
    (finding,) = watch(replace(history(), facts=facts, reference=(other,)))
    assert (finding.claim.numbers, finding.claim.ref_count) == ({"permit": "P2", "reason": "unknown"}, 2)


def test_whether_a_permit_is_for_once_is_what_it_said_last_by_then() -> None:
    """Out of its dates too; a renewal for many trips lets the second be."""
    often = permit("P2", ("DET", "1000 item"), valid_from="day 3 00:00", valid_to="day 31 00:00")
    assert not watch(replace(history(), reference=(ONCE, often)))
    facts = tuple(
        movement("issue", "1 item", when=f"day 5 0{hour}:00", permit="P2", consignment=f"C{hour}")
        for hour in (8, 9)
    )
    before = permit("P2", ("DET", "1000 item"), valid_from="day -9 00:00", valid_to="day 1 00:00", id="before")
    for papers in ((ONCE,), (before, ONCE), (ONCE, before)):
        found = watch(replace(history(), facts=facts, reference=papers))
        assert sorted(str(one.claim.numbers["reason"]) for one in found) == ["expired", "reused"]
    first, unnamed = facts[0], movement("issue", "1 item", when="day 2 10:00", permit="P2")
    inside = replace(first, at=at("day 2 08:00"))
    assert not watch(replace(history(), facts=(inside, unnamed)))
