"""B9: what a shift took, and what became of it by its end."""

from __future__ import annotations

from msgspec.structs import replace

from detectors.b9_shift_residual import MOST_OUT, Shifts
from detectors.claim import Status
from events.registry import PermittedGoods, ShiftEntry
from ledger.fact import Fact
from ledger.reference import Registered
from simulator.stories.relative import quantity
from tests.checks.folding import fold, steps, view_of
from tests.detector_kit import Bench, History, at, detector_of, movement, register, watch


def shift(
    since: str, until: str | None, *planned: tuple[str, str], name: str = "W1", site: str = "S1"
) -> Registered:
    """A registered shift, with what it was to take."""
    lines = tuple(PermittedGoods(goods, quantity(amount)) for goods, amount in planned)
    entry = ShiftEntry(shift=name, site=site, planned=lines)
    if until is None:
        return register(entry, unit="U1", valid_from=since)
    return register(entry, unit="U1", valid_from=since, valid_to=until)


def out(operation: str, amount: str, when: str, *, name: str = "W1", goods: str = "DET") -> Fact:
    """What a shift of S1 takes, uses, gives back or loses."""
    return movement(operation, amount, goods=goods, when=when, shift=name)


DAY_SHIFT = shift("day 1 08:00", "day 1 17:00", ("DET", "100 item"))


def history() -> History:
    """A hundred and ten are taken where a hundred were planned; five are out until the next evening."""
    return History(
        rule="B9",
        key="site:S1",
        facts=(
            out("issue", "100 item", "day 1 07:30"),
            out("issue", "10 item", "day 1 12:00"),
            out("consume", "90 item", "day 1 15:00"),
            out("return", "15 item", "day 1 16:30"),
            out("return", "5 item", "day 2 18:00"),
        ),
        now=at("day 4 00:00"),
        reference=(DAY_SHIFT,),
    )


def told(*facts: Fact, **changes: object) -> History:
    """Other facts under the same shift."""
    return replace(history(), facts=facts, **changes)


def test_what_is_out_after_the_grace_is_claimed_until_it_is_back() -> None:
    """The finding bears the deadline's instant and is spoken of when the day is over."""
    planned, residual = watch(history())
    claim = residual.claim
    assert (claim.since, claim.until, claim.speaks_at) == (at("day 1 18:00"), at("day 2 18:00"), at("day 2 00:30"))
    assert claim.numbers == {
        "kind": "residual", "shift": "W1", "shift_ends_at": at("day 1 17:00"), "issued": 110, "used": 90,
        "returned": 20, "lost": 0, "residual": 0, "measure": "count", "planned": 100,
    }  # fmt: skip
    assert (claim.goods, claim.site, claim.unit) == ("DET", "S1", "U1")
    assert planned.claim.numbers["kind"] == "planned"


def test_time_alone_opens_it_at_the_deadline() -> None:
    """A microsecond before there is nothing; while it is out it stands, with what is out."""
    bench = Bench(history())
    for fact in history().facts[:4]:
        bench.put(fact)
    bench.look(at("day 2 00:29:59"))
    assert not bench.standing()
    bench.look(at("day 2 00:30"))
    _, residual = bench.standing()
    assert (residual.status, residual.claim.numbers["residual"]) == (Status.OPEN, 5)
    detector, view = detector_of("B9", "site"), view_of(history())
    *_, last = fold(detector, list(steps(history(), history().facts[:4])), view)
    assert not any(c.numbers["kind"] == "residual" for c in detector.at(last.after, at("day 1 18:00") - 1, view))
    assert any(c.numbers["kind"] == "residual" for c in detector.at(last.after, at("day 1 18:00"), view))


def test_taking_more_than_planned_is_claimed_from_the_issue_to_the_shifts_end() -> None:
    """As much as was planned may be taken; the figures are those of the last issue."""
    planned, _ = watch(history())
    claim = planned.claim
    assert (claim.since, claim.until, claim.speaks_at) == (at("day 1 12:00"), at("day 1 17:00"), at("day 2 00:30"))
    assert (claim.numbers["issued"], claim.numbers["planned"], claim.ref_count) == (110, 100, 2)
    within = (out("issue", "100 item", "day 1 07:30"), out("consume", "100 item", "day 1 15:00"))
    assert not watch(told(*within))
    more = (*history().facts[:2], out("issue", "1 item", "day 1 13:00"), out("return", "111 item", "day 1 16:00"))
    (again,) = watch(told(*more))
    assert (again.claim.since, again.claim.numbers["issued"]) == (at("day 1 12:00"), 111)


def test_time_alone_ends_what_was_taken_beyond_the_plan() -> None:
    """Open until the shift's end, which it wakes for; what is settled owes nothing afterwards."""
    facts = (out("issue", "101 item", "day 1 07:30"), out("consume", "101 item", "day 1 08:30"))
    detector, view = detector_of("B9", "site"), view_of(told(*facts))
    *_, last = fold(detector, list(steps(told(*facts))), view)
    assert list(detector.wakes(last.after, view)) == [at("day 1 17:00")]
    (still,) = detector.at(last.after, at("day 1 17:00") - 1, view)
    (ended,) = detector.at(last.after, at("day 1 17:00"), view)
    assert (still.until, ended.until) == (None, at("day 1 17:00"))


def test_goods_that_the_plan_does_not_name_were_not_to_be_taken() -> None:
    """Without any plan nothing is said of it."""
    facts = (out("issue", "1 kg", "day 1 09:00", goods="EXP"), out("consume", "1 kg", "day 1 10:00", goods="EXP"))
    (finding,) = watch(told(*facts))
    assert (finding.claim.goods, finding.claim.numbers["planned"]) == ("EXP", 0)
    assert not watch(told(*facts, reference=(shift("day 1 08:00", "day 1 17:00"),)))
    astray = shift("day 1 08:00", "day 1 17:00", ("EXP", "1 item"))
    assert not watch(told(*facts, reference=(astray,)))


def test_all_used_given_back_or_declared_lost_is_in_order() -> None:
    """The look-alike: nothing is out at the deadline, not even what came back in the grace."""
    facts = (
        out("issue", "100 item", "day 1 07:30"),
        out("consume", "90 item", "day 1 15:00"),
        out("declare_loss", "1 item", "day 1 16:00"),
        out("receive", "4 item", "day 1 16:30"),
        out("return", "5 item", "day 1 18:00"),
    )
    assert not watch(told(*facts))
    (finding,) = watch(told(*facts[:4]))
    assert (finding.claim.numbers["lost"], finding.claim.numbers["returned"]) == (1, 4)
    late = out("return", "5 item", "day 1 18:00:01")
    (closed,) = watch(told(*facts[:4], late))
    assert closed.claim.until == at("day 1 18:00:01")


def test_a_return_reported_late_withdraws_it() -> None:
    """It had come back in time; its upload is another matter (C1)."""
    bench = Bench(told(*history().facts))
    for fact in history().facts[:4]:
        bench.put(fact)
    bench.look(at("day 2 08:00"))
    assert len(bench.standing()) == 2
    bench.put(out("return", "5 item", "day 1 16:45"))
    bench.look(at("day 2 09:00"))
    assert [finding.claim.numbers["kind"] for finding in bench.standing()] == ["planned"]


def test_a_shift_registered_late_or_prolonged_is_judged_anew() -> None:
    """Overtime until 19:00 entered afterwards: what was back by 20:00 was in time."""
    facts = (out("issue", "9 item", "day 1 09:00"), out("return", "9 item", "day 1 19:30"))
    bench = Bench(told(*facts))
    for fact in facts:
        bench.put(fact)
    bench.look(at("day 2 08:00"))
    assert len(bench.standing()) == 1
    longer = register(
        ShiftEntry(shift="W1", site="S1"), unit="U1", valid_from="day 1 08:00", valid_to="day 1 19:00",
        recorded="day 2 08:00", id="longer",
    )  # fmt: skip
    bench.enter(longer)
    bench.look(at("day 2 09:00"))
    assert not bench.standing()


def test_more_used_than_taken_is_claimed_too() -> None:
    """Where it comes from nobody said; but a shift that no issue names is let be."""
    facts = (out("issue", "10 item", "day 1 09:00"), out("consume", "12 item", "day 1 10:00"))
    (finding,) = watch(told(*facts))
    assert finding.claim.numbers["residual"] == -2
    assert not watch(told(facts[1]))


def test_a_shift_over_midnight_ends_when_it_says() -> None:
    """Registered from 20:00 to 04:00; five o'clock is its deadline."""
    night = shift("day 1 20:00", "day 2 04:00")
    facts = (out("issue", "10 item", "day 1 20:10"), out("return", "10 item", "day 2 04:50"))
    assert not watch(told(*facts, reference=(night,)))
    (finding,) = watch(told(facts[0], reference=(night,)))
    assert (finding.claim.since, finding.claim.speaks_at) == (at("day 2 05:00"), at("day 3 00:30"))


def test_a_shift_that_nobody_registered_lasts_twelve_hours_where_the_law_wants_all_back() -> None:
    """Explosives and firearms; a chemist's bottle may stay out."""
    (finding,) = watch(told(out("issue", "9 item", "day 1 09:00"), reference=()))
    assert (finding.claim.since, "planned" in finding.claim.numbers) == (at("day 1 22:00"), False)
    second = out("issue", "1 item", "day 1 20:59")
    (one,) = watch(told(out("issue", "9 item", "day 1 09:00"), second, reference=()))
    assert one.claim.numbers["issued"] == 10
    later = out("issue", "1 item", "day 1 21:00")
    assert len(watch(told(out("issue", "9 item", "day 1 09:00"), later, reference=()))) == 2
    assert not watch(told(out("issue", "9 L", "day 1 09:00", goods="ACE"), reference=()))
    open_end = shift("day 1 08:00", None)
    (unended,) = watch(told(out("issue", "9 item", "day 1 09:00"), reference=(open_end,)))
    assert unended.claim.since == at("day 1 22:00")


def test_goods_taken_early_are_the_coming_shifts() -> None:
    """Up to four hours before; another site's shift of that name is another."""
    (finding,) = watch(told(out("issue", "9 item", "day 1 04:00")))
    assert finding.claim.since == at("day 1 18:00")
    (early,) = watch(told(out("issue", "9 item", "day 1 03:59")))
    assert early.claim.since == at("day 1 16:59")
    other = shift("day 1 08:00", "day 1 17:00", site="S2")
    (elsewhere,) = watch(told(out("issue", "9 item", "day 1 09:00"), reference=(other,)))
    assert elsewhere.claim.since == at("day 1 22:00")


def test_shifts_of_one_name_are_told_apart_and_what_comes_back_is_the_latests_first() -> None:
    """Two are out of the first day's; the second day's own returns do not settle them, its surplus does."""
    twice = (DAY_SHIFT, shift("day 2 08:00", "day 2 17:00"))
    facts = (
        out("issue", "10 item", "day 1 09:00"),
        out("consume", "8 item", "day 1 15:00"),
        out("issue", "10 item", "day 2 08:30"),
        out("consume", "7 item", "day 2 15:00"),
        out("return", "3 item", "day 2 16:00"),
    )
    (finding,) = watch(told(*facts, reference=twice))
    assert (finding.claim.since, finding.claim.numbers["residual"]) == (at("day 1 18:00"), 2)
    surplus = out("return", "5 item", "day 2 16:00")
    (closed,) = watch(told(*facts[:4], surplus, reference=twice))
    assert closed.claim.until == at("day 2 16:00")
    beyond = out("return", "6 item", "day 2 16:00")
    settled, minus = watch(told(*facts[:4], beyond, reference=twice))
    assert settled.claim.until == at("day 2 16:00")
    assert (minus.claim.since, minus.claim.numbers["residual"]) == (at("day 2 18:00"), -1)


def test_goods_on_a_consignment_and_reports_without_a_shift_are_others_matters() -> None:
    """The consignment holds what is sent on it, whatever shift it names."""
    sent = movement("issue", "9 item", when="day 1 09:00", shift="W1", consignment="C1")
    assert not watch(told(sent, movement("issue", "9 item", when="day 1 09:10")))


def test_goods_are_judged_one_by_one() -> None:
    """Explosive given back does not settle detonators."""
    facts = (
        out("issue", "9 item", "day 1 09:00"),
        out("issue", "9 kg", "day 1 09:00", goods="EXP"),
        out("return", "9 kg", "day 1 16:00", goods="EXP"),
    )
    (finding,) = watch(told(*facts, reference=(shift("day 1 08:00", "day 1 17:00"),)))
    assert finding.claim.goods == "DET"


def test_what_is_never_given_back_stands_when_the_shift_is_no_longer_waited_for() -> None:
    """Sixty days on a return opens nothing and closes nothing; until then it closes."""
    facts = (out("issue", "9 item", "day 1 09:00"),)
    other = out("issue", "1 item", "day 62 09:00", name="W2")
    back = out("return", "9 item", "day 62 10:00")
    standing = watch(told(*facts, other, back, now=at("day 62 12:00")))
    assert [(one.status, one.claim.numbers["residual"]) for one in standing] == [(Status.OPEN, 9)]
    in_time = out("return", "9 item", "day 60 10:00")
    (closed,) = watch(told(*facts, in_time, now=at("day 62 12:00")))
    assert closed.status is Status.CLOSED


def test_a_site_keeps_no_more_shifts_than_so_many() -> None:
    """Beyond that the oldest is let go; what it owed stands."""
    many = [
        out("issue", "1 item", f"day {1 + number // 20} {number % 20:02}:00", name=f"W{number}")
        for number in range(MOST_OUT + 5)
    ]
    history = told(*many, reference=(), now=at("day 14 00:00"))
    *_, last = fold(detector_of("B9", "site"), list(steps(history)), view_of(history))
    assert isinstance(last.after, Shifts)
    assert len(last.after.out) == MOST_OUT
    assert (last.after.out[0].shift, last.after.out[-1].shift) == ("W5", f"W{MOST_OUT + 4}")
    assert len(watch(history)) == MOST_OUT + 5


def test_it_says_what_became_of_the_goods() -> None:
    """Taken, used, given back, lost: in words."""
    planned, closed = watch(history())
    detector = detector_of("B9", "site")
    assert detector.explain(planned, "en") == "Shift W1 of S1 took 110 item of DET; 100 item was planned."
    assert "used 90 item, gave back 20 item and declared 0 item lost: it was settled at" in detector.explain(
        closed, "en"
    )
    (_, still) = watch(told(*history().facts[:4]))
    assert detector.explain(still, "en").endswith("5 item is unaccounted for.")
    assert "尚差 5 item" in detector.explain(still, "zh")
