"""B8: goods that may not be together, in one store room or on one consignment."""

from __future__ import annotations

from datetime import date

import msgspec
from msgspec.structs import replace

from detectors.b8_incompatible import MOST_HELD, Rooms
from detectors.claim import Status
from events.registry import Category, GoodsEntry, IncompatibilityEntry, Origin
from ledger.fact import Detail, Fact, Movement
from tests.checks.folding import fold, steps, view_of
from tests.detector_kit import GOODS, Bench, History, at, detector_of, movement, plan, register, stage, watch

CLASSES = {"DET": "1.1B", "EXP": "1.1D", "ACE": "3", "NACN": "6.1"}
WORLD = (
    *(register(replace(GOODS[goods], hazard_class=held)) for goods, held in CLASSES.items()),
    register(GoodsEntry(goods="AMMO", name="猎枪弹", name_en="cartridge", category=Category.FIREARMS,
                        measure=GOODS["GUN"].measure, hazard_class="1.4S")),
    register(IncompatibilityEntry(one="1.1B", other="1.1D")),
    register(IncompatibilityEntry(one="3", other="6")),
)  # fmt: skip


def moved(operation: str, amount: str, goods: str, *, when: str, room: str | None = "R1", **more: str) -> Fact:
    """A movement in a store room of S1; none named where ``room`` is None."""
    fact = movement(operation, amount, goods="GUN" if goods == "AMMO" else goods, when=when, **more)  # type: ignore[arg-type]
    body = fact.body
    assert isinstance(body, Movement)
    body = replace(body, goods=goods, detail=None if room is None else Detail(room=room))
    return replace(fact, id=f"{fact.id}-{goods}", body=body)


def history() -> History:
    """Explosive in R1, detonators in R2; three days later detonators come into R1 for two days."""
    return History(
        rule="B8",
        key="site:S1",
        facts=(
            moved("open", "500 kg", "EXP", when="day 1 08:00"),
            moved("open", "900 item", "DET", when="day 1 08:10", room="R2"),
            moved("open", "40 L", "ACE", when="day 1 08:20"),
            moved("receive", "200 item", "DET", when="day 3 10:00"),
            moved("issue", "100 item", "DET", when="day 4 10:00"),
            moved("issue", "100 item", "DET", when="day 5 10:00"),
        ),
        now=at("day 8 00:00"),
        world=WORLD,
    )


def history_carried() -> History:
    """Detonators and explosive planned, sent and arrived on one consignment."""
    return History(
        rule="B8",
        key="consignment:C1",
        facts=(
            plan("C1", ("DET", "100 item"), ("EXP", "50 kg"), told="day 1 07:00", depart="day 1 08:00",
                 arrive_by="day 1 12:00"),
            movement("issue", "100 item", when="day 1 07:30", consignment="C1"),
            movement("issue", "50 kg", goods="EXP", when="day 1 07:40", consignment="C1"),
            stage("depart", "C1", when="day 1 08:05"),
            stage("arrive", "C1", when="day 1 11:00"),
        ),
        now=at("day 3 00:00"),
        world=WORLD,
    )  # fmt: skip


def told(*facts: Fact, **changes: object) -> History:
    """A history of other facts in the same world."""
    return replace(history(), facts=facts, **changes)


def test_a_registered_pair_in_one_room_is_claimed_until_one_of_them_has_left() -> None:
    """Detonators beside explosive: from the receipt to the issue of the last of them; two rooms are two rooms."""
    (finding,) = watch(history())
    claim = finding.claim
    assert (claim.since, claim.until, claim.speaks_at) == (at("day 3 10:00"), at("day 5 10:00"), at("day 4 00:30"))
    assert claim.numbers == {"room": "R1", "pairs": "DET + EXP"}
    assert (claim.site, claim.goods, claim.anchor) == ("S1", None, f"{history().facts[3].id}/R1")
    assert claim.ref_count == 2


def test_a_correction_of_the_room_withdraws_it() -> None:
    """They had gone into R2, where the others are."""
    bench = Bench(history())
    for fact in history().facts[:4]:
        bench.put(fact)
    bench.look(at("day 4 06:00"))
    assert len(bench.standing()) == 1
    right = moved("receive", "200 item", "DET", when="day 3 10:00", room="R2")
    bench.put(replace(right, version=2, revision=1))
    bench.look(at("day 4 07:00"))
    assert not bench.standing()


def test_without_a_room_nobody_is_accused_unless_the_policy_takes_the_site_as_one() -> None:
    """The look-alike: most units report no rooms, and keep what must be apart apart."""
    guns = (
        moved("open", "4 item", "GUN", when="day 1 08:00", room=None),
        moved("open", "300 item", "AMMO", when="day 1 08:10", room=None),
    )
    assert not watch(told(*guns))
    (finding,) = watch(told(*guns, parameters={"unnamed_is_one_room": 1}))
    assert finding.claim.numbers == {"room": "", "pairs": "AMMO + GUN"}
    mixed = moved("receive", "9 item", "AMMO", when="day 2 08:00")
    assert not watch(told(*guns, mixed))


def test_the_policy_keeps_guns_from_ammunition_and_sources_from_what_burns_or_explodes() -> None:
    """Kinds by category and class; two boxes of the same kind are no pair."""
    for one, other in (("GUN", "AMMO"), ("CS137", "DET"), ("CS137", "ACE"), ("CS137", "SHELL"), ("CS137", "AMMO")):
        amounts = {"CS137": "1 MBq", "ACE": "1 L", "SHELL": "1 kg_neq"}
        facts = tuple(
            moved("open", amounts.get(goods, "1 item"), goods, when=f"day 1 0{number}:00")
            for number, goods in enumerate((one, other))
        )
        assert len(watch(told(*facts))) == 1, (one, other)
    apart = (moved("open", "1 MBq", "CS137", when="day 1 08:00"), moved("open", "1 kg", "NACN", when="day 1 09:00"))
    assert not watch(told(*apart))
    plain = (moved("open", "1 item", "GUN", when="day 1 08:00"), moved("open", "1 item", "BOW", when="day 1 09:00"))
    assert not watch(told(*plain))


def test_a_pair_of_classes_stands_for_their_divisions() -> None:
    """3 and 6 are registered: acetone (3) and cyanide (6.1) are a pair."""
    facts = (moved("open", "1 L", "ACE", when="day 1 08:00"), moved("open", "1 kg", "NACN", when="day 1 09:00"))
    (finding,) = watch(told(*facts))
    assert finding.claim.numbers["pairs"] == "ACE + NACN"


def test_the_pairs_in_force_then_count() -> None:
    """Registered from day 4 on, the next movement in the room opens it; what was before is let be."""
    later = register(IncompatibilityEntry(one="1.1B", other="1.1D"), valid_from="day 4 00:00")
    (finding,) = watch(replace(history(), world=(*WORLD[:5], later)))
    assert finding.claim.since == at("day 4 10:00")
    assert not watch(replace(history(), world=WORLD[:5]))


def test_it_cites_the_list_that_keeps_them_apart() -> None:
    """Of several in force always the same, in whatever order they came; without an origin nothing is cited."""
    one, other = (
        register(IncompatibilityEntry(one=wide, other="1.1D", origin=Origin(name, date(2026, 11, 26))), id=name)
        for wide, name in (("1.1B", "JT/T 617"), ("1.1", "GB 15603"))
    )
    cited = {
        finding.claim.numbers.get("by_list")
        for world in ((one, other), (other, one), (WORLD[5],))
        for finding in watch(replace(history(), world=(*WORLD[:5], *world)))
    }
    assert cited == {None, "GB 15603 (2026-11-26, 待核实 unverified)"}


def test_what_left_without_its_room_is_taken_off_every_room() -> None:
    """Two hundred came into R1, two hundred went without a room said: perhaps those; nobody is accused any more."""
    facts = history().facts[:4]
    gone = moved("issue", "200 item", "DET", when="day 4 09:00", room=None)
    (finding,) = watch(told(*facts, gone))
    assert finding.claim.until == at("day 4 09:00")
    some = moved("issue", "199 item", "DET", when="day 4 09:00", room=None)
    (still,) = watch(told(*facts, some))
    assert still.status is Status.OPEN
    back = moved("return", "1 item", "DET", when="day 4 09:30", room=None)
    ended, again = watch(told(*facts, gone, back))
    assert (ended.claim.until, again.claim.since) == (at("day 4 09:00"), at("day 4 09:30"))
    assert again.claim.anchor == f"{back.id}/R1"


def test_what_left_from_the_wrong_room_is_taken_off_every_room_too() -> None:
    """More went out of R3 than ever came in: it may have been R1's."""
    wrong = moved("issue", "200 item", "DET", when="day 4 09:00", room="R3")
    (finding,) = watch(told(*history().facts[:4], wrong))
    assert finding.claim.until == at("day 4 09:00")


def test_what_a_shift_uses_stands_in_no_room() -> None:
    """It left the room when it was issued."""
    used = moved("consume", "200 item", "DET", when="day 4 09:00", shift="W1")
    (finding,) = watch(told(*history().facts[:4], used))
    assert finding.status is Status.OPEN


def test_another_pair_in_the_room_is_the_same_matter() -> None:
    """Its evidence names both."""
    more = moved("receive", "1 kg", "NACN", when="day 4 09:00")
    (finding,) = watch(told(*history().facts[:4], more))
    assert finding.claim.numbers["pairs"] == "ACE + NACN, DET + EXP"
    assert finding.claim.ref_count == 2


def test_two_rooms_are_two_findings() -> None:
    """Each has its own episode, though one report may open both."""
    second = (moved("open", "5 kg", "EXP", when="day 3 11:00", room="R2"),)
    one, other = watch(told(*history().facts[:4], *second))
    assert (one.claim.numbers["room"], other.claim.numbers["room"]) == ("R1", "R2")


def test_a_site_keeps_no_more_than_so_many_amounts() -> None:
    """The least is forgotten first, but what went out without having come in last."""
    gone = moved("issue", "1 item", "DET", when="day 1 00:00:01", room="X")
    many = tuple(
        moved(
            "open",
            f"{2 + number} item",
            "DET",
            when=f"day 1 01:{number // 60:02}:{number % 60:02}",
            room=f"R{number}",
        )
        for number in range(MOST_HELD + 20)
    )
    history = told(gone, *many)
    *_, last = fold(detector_of("B8", "site"), list(steps(history)), view_of(history))
    assert isinstance(last.after, Rooms)
    amounts = [one.amount for one in last.after.held]
    assert len(amounts) == MOST_HELD
    assert min(amounts) == -1
    assert max(amounts) == MOST_HELD + 21
    assert len(msgspec.msgpack.encode(last.after)) < 16 * 1024


def test_goods_carried_together_are_claimed_from_the_issue_to_the_arrival() -> None:
    """At once: a lorry does not wait for the day's end."""
    (finding,) = watch(history_carried())
    claim = finding.claim
    assert (claim.since, claim.speaks_at, claim.until) == (at("day 1 07:30"), at("day 1 07:30"), at("day 1 11:00"))
    assert claim.numbers == {"consignment": "C1", "pairs": "DET + EXP", "vehicle": "V1"}
    (later,) = watch(replace(history_carried(), parameters={"carried_wait_min": 20}))
    assert later.claim.speaks_at == at("day 1 07:50")
    assert (claim.anchor, claim.site, claim.unit) == ("C1", "S1", "U1")


def test_what_was_sent_counts_though_the_plan_does_not_say_it() -> None:
    """The plan is of detonators; explosive is sent along."""
    first, *rest = history_carried().facts
    alone = plan("C1", ("DET", "100 item"), told="day 1 07:00", depart="day 1 08:00", arrive_by="day 1 12:00")
    (finding,) = watch(replace(history_carried(), facts=(alone, *rest)))
    assert finding.claim.since == at("day 1 07:40")
    (unplanned,) = watch(replace(history_carried(), facts=tuple(rest)))
    assert "vehicle" not in unplanned.claim.numbers
    assert not watch(replace(history_carried(), facts=(alone, rest[0], *rest[2:])))
    assert not watch(replace(history_carried(), facts=(first,)))


def test_a_plan_made_anew_without_them_ends_it_and_a_cancelled_one_too() -> None:
    """Nothing incompatible is under way any more."""
    first, issue, *_ = history_carried().facts
    anew = plan("C1", ("DET", "100 item"), told="day 1 07:35", depart="day 1 08:00", arrive_by="day 1 12:00")
    (finding,) = watch(replace(history_carried(), facts=(first, issue, anew)))
    assert finding.claim.until == at("day 1 07:35")
    off = stage("cancel", "C1", when="day 1 07:50")
    (called,) = watch(replace(history_carried(), facts=(first, issue, off)))
    assert called.claim.until == at("day 1 07:50")
    came = movement("receive", "100 item", site="S2", when="day 1 10:00", consignment="C1")
    (received,) = watch(replace(history_carried(), facts=(first, issue, came)))
    assert received.claim.until == at("day 1 10:00")


def test_compatible_goods_may_travel_together() -> None:
    """The look-alike: detonators with acetone are no registered pair here."""
    facts = (
        plan("C1", ("DET", "100 item"), ("ACE", "5 L"), depart="day 1 08:00", arrive_by="day 1 12:00"),
        movement("issue", "100 item", when="day 1 08:30", consignment="C1"),
    )
    assert not watch(replace(history_carried(), facts=facts))


def test_it_says_where_and_until_when() -> None:
    """Room or consignment, and the pairs."""
    (room,) = watch(history())
    site = detector_of("B8", "site")
    assert "stand in room R1 of S1: DET + EXP. They were apart at" in site.explain(room, "en")
    assert "S1 库房 R1 自" in site.explain(room, "zh")
    (still,) = watch(told(*history().facts[:4]))
    assert site.explain(still, "en").endswith("They still are.")
    (load,) = watch(history_carried())
    trip = detector_of("B8", "consignment")
    assert "Consignment C1 on V1, sent from S1" in trip.explain(load, "en")
    (under_way,) = watch(replace(history_carried(), facts=history_carried().facts[1:3]))
    assert trip.explain(under_way, "en").endswith("It is still under way.")
    assert "仍在途中" in trip.explain(under_way, "zh")
