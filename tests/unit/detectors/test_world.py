"""The world: policies, goods, models and areas as they were in force when it happened, whenever anybody asks."""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations
from typing import Any, cast

import pytest
from msgspec import Struct
from msgspec.structs import replace

from detectors.policy import PolicyFault, Terms
from detectors.world import World
from events.registry import Category, GoodsEntry, ModelEntry, PolicyEntry, RestrictedAreaEntry
from events.time import HOUR, Instant, civil_day, day_start
from ledger.reference import REACH, REACH_ON_ROADS, Registered
from models.artefact import Model
from tests.detector_kit import GOODS, FakeAreas, at, register


class Parameters(Struct, frozen=True, forbid_unknown_fields=True):
    """What the rule of these tests goes by."""

    most: int


class Merged(FakeAreas):
    """A county that came from one prefecture to another on a day."""

    def chain(self, code: str, at: Instant) -> tuple[str, ...]:
        """350181 is of 350100 before day 9, of 350300 from then on."""
        if code != "350181":
            return super().chain(code, at)
        return (code, "350100" if at < MOVED else "350300", "350000")


MOVED = at("day 9 00:00")
RULE = '[X1]\nseverity = "red"\ninform_unit = "now"\n'


def text(most: int, **areas: int) -> str:
    """A policy: this many for all, and so many for some prefectures."""
    said = f"{RULE}[X1.parameters]\nmost = {most}\n"
    for area, other in areas.items():
        said += f'[[X1.override]]\narea = "{area[1:]}"\n[X1.override.parameters]\nmost = {other}\n'
    return said


def policy(name: str, said: str, since: str, *, recorded: str | None = None, version: int = 1) -> Registered:
    """A publication."""
    entry = PolicyEntry(digest=name, text=said)
    return register(entry, id=name, valid_from=since, recorded=recorded or since, version=version)


def world(*entries: Registered, models: Callable[[str], Model] | None = None) -> World:
    """A world of one rule that was told these entries one after another."""
    made = World(Merged(), {"X1": Parameters}, models)
    for entry in entries:
        assert made.put(entry)
    return made


def most(of: World, when: Instant, area: str = "350102") -> int:
    """What the rule goes by at an instant in a county."""
    found: Terms[Parameters] = of.terms("X1", when, category="explosives", area=area, unit="U1")
    return found.parameters.most


DATED = (
    policy("a", text(1), "day 2 00:00", recorded="day 1 09:00"),
    policy("b", text(2, _350100=20, _350300=30), "day 5 13:00", recorded="day 2 09:00"),
    policy("c", text(3, _350300=31), "day 5 18:30", recorded="day 1 08:00"),
    policy("d", text(4, _350100=40, _350300=41), "day 9 00:00", recorded="day 3 09:00"),
)


def test_without_a_policy_nothing_can_be_judged() -> None:
    """Nobody's thresholds are guessed at: whoever asks is told what the registry needs."""
    bare = world()
    assert bare.policy(at("day 1 00:00")) is None
    assert bare.policies() == ()
    with pytest.raises(LookupError) as missing:
        most(bare, at("day 1 00:00"))
    assert missing.value.args == ("no policy is published: the registry needs an entry of type policy",)


@pytest.mark.parametrize("order", list(permutations(range(len(DATED)))))
def test_the_policy_in_force_when_it_happened_decides(order: tuple[int, ...]) -> None:
    """Which was heard of first does not matter; the first one also speaks for what was before it."""
    told = world(*(DATED[number] for number in order))
    assert [one.text for one in told.policies()] == [text_of(entry) for entry in DATED]
    spoke = {"day -900 00:00": 1, "day 5 12:59:59": 1, "day 5 13:00": 2, "day 5 18:29:59": 2, "day 5 18:30": 3}
    spoke |= {"day 8 23:59:59": 3, "day 9 00:00": 4, "day 900 00:00": 4}
    assert {when: most(told, at(when), "350302") for when in spoke} == {
        when: {2: 30, 3: 31, 4: 41}.get(number, number) for when, number in spoke.items()
    }
    for when, number in spoke.items():
        in_force = told.policy(at(when))
        assert in_force is not None
        assert in_force.text == text_of(DATED[number - 1])


def text_of(entry: Registered) -> str:
    """What a publication says."""
    return cast(PolicyEntry, entry.entry).text


@pytest.mark.parametrize("stride", [1, 7, 29, 473, 479])
def test_what_is_kept_for_a_day_is_what_a_world_says_that_was_asked_nothing_before(stride: int) -> None:
    """Over days, publications at any hour and a county that changes its prefecture, asked to and fro."""
    told = world(*DATED)
    hours = [at("day 1 00:00") + number * HOUR // 2 for number in range(48 * 10)]
    for number in range(len(hours)):
        when = hours[number * stride % len(hours)]
        for area in ("350102", "350181"):
            in_force = told.policy(when)
            assert in_force is not None
            areas = Merged().chain(area, day_start(civil_day(when)))
            assert most(told, when, area) == in_force.terms("X1", "explosives", areas, "U1").parameters.most


class Counting(Merged):
    """Areas that know what they were asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, int]] = []

    def chain(self, code: str, at: Instant) -> tuple[str, ...]:
        """The area and its superiors; the day is noted, counted from day 0."""
        self.asked.append((code, civil_day(at) - civil_day(ZERO)))
        return super().chain(code, at)


ZERO = at("day 0 00:00")


def test_a_countys_superiors_are_looked_up_once_a_day() -> None:
    """However many units and rules ask, and whichever county's between."""
    areas = Counting()
    told = World(areas, {"X1": Parameters})
    told.put(DATED[0])
    for when in ("day 3 08:00", "day 3 09:00", "day 4 08:00"):
        for unit, area in (("U1", "350102"), ("U2", "350102"), ("U3", "350302"), ("U4", "350102")):
            told.terms("X1", at(when), category="explosives", area=area, unit=unit)
    assert areas.asked == [("350102", 3), ("350302", 3), ("350102", 4), ("350302", 4)]


def test_what_is_kept_of_a_day_is_kept_for_that_day_and_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """From its first instant on; with too many counties or units, all is worked out anew."""
    monkeypatch.setattr("detectors.world.MOST_TERMS", 3)
    areas = Counting()
    told = World(areas, {"X1": Parameters})
    told.put(DATED[0])

    def ask(when: str, area: str, unit: str) -> list[tuple[str, int]]:
        areas.asked.clear()
        told.terms("X1", at(when), category="explosives", area=area, unit=unit)
        return list(areas.asked)

    assert ask("day 3 12:00", "350102", "U1") == [("350102", 3)]
    for day in (3, 4, 5, 6):  # the fourth county and day is one too many: what was kept of all is forgotten
        assert ask(f"day {day} 08:00", "350302", "U2") == [("350302", day)]
    assert ask("day 3 00:00", "350102", "U1") == ask("day 3 23:59", "350102", "U1") == []
    assert ask("day 3 23:59", "350102", "U3") == [("350102", 3)]
    assert ask("day 3 23:59", "350102", "U4") == []
    # U4 is one unit too many: what was kept of U1 is forgotten, and its county is known from U3.
    for day in (7, 8):
        assert ask(f"day {day} 08:00", "350302", "U2") == [("350302", day)]
    assert ask("day 3 12:00", "350102", "U1") == [("350102", 3)]


def test_each_rule_category_county_and_unit_has_its_own_terms() -> None:
    """What is kept for one is not another's."""
    said = text(1)
    for matcher, number in (('category = "chemicals"', 2), ('area = "350302"', 3), ('unit = "U7"', 4)):
        said += f"[[X1.override]]\n{matcher}\n[X1.override.parameters]\nmost = {number}\n"
    told, noon = world(policy("a", said, "day 1 00:00")), at("day 1 12:00")
    asked = (("explosives", "350102", "U1"), ("chemicals", "350102", "U1"), ("chemicals", "350302", "U1"),
             ("chemicals", "350302", "U7"))  # fmt: skip
    for _ in range(2):
        found = [told.terms("X1", noon, category=c, area=a, unit=u).parameters.most for c, a, u in asked]
        assert found == [1, 2, 3, 4]


def test_of_two_policies_from_one_instant_on_the_one_recorded_later_speaks() -> None:
    """And of two recorded at once the one with the later id: the same on every lane."""
    when = "day 5 00:00"
    later = policy("a", text(2), when, recorded="day 4 09:00")
    earlier = policy("b", text(3), when, recorded="day 4 08:00")
    same = policy("c", text(4), when, recorded="day 4 09:00")
    for first, second in permutations((later, earlier)):
        assert most(world(first, second), at(when)) == 2
    for first, second in permutations((later, same)):
        assert most(world(first, second), at(when)) == 4


def test_a_policy_that_is_taken_back_speaks_no_more() -> None:
    """Nor does one that is corrected say what it said; what others keep of it is forgotten with it."""
    told = world(*DATED)
    evening = at("day 5 20:00")
    assert most(told, evening) == 3
    told.noted["worked out"] = 1
    assert told.put(replace(DATED[2], version=2, entry=None))
    assert (most(told, evening), told.noted) == (20, {})
    assert told.put(policy("b", text(9), "day 5 13:00", version=2))
    assert most(told, evening) == 9
    assert not told.put(policy("b", text(8), "day 5 13:00", version=2))
    assert not told.put(DATED[1])
    assert most(told, evening) == 9


def test_a_policy_is_read_once() -> None:
    """However many come after it: it and all that it has answered stays."""
    told = world(DATED[0])
    (first,) = told.policies()
    told.noted["worked out"] = 1
    assert told.put(register(GOODS["DET"]))
    assert told.noted == {"worked out": 1}
    for entry in DATED[1:]:
        assert told.put(entry)
    assert told.policies()[0] is first


def test_a_policy_that_cannot_be_read_is_not_taken() -> None:
    """The ones before and after it stay good, and so does its id."""
    told = world(DATED[0])
    with pytest.raises(PolicyFault):
        told.put(policy("bad", "[", "day 5 00:00"))
    with pytest.raises(PolicyFault):
        told.put(policy("bad", text(5).replace("most", "least"), "day 5 00:00"))
    assert most(told, at("day 9 00:00")) == 1
    assert "bad" not in told.reference.entries
    assert told.put(policy("bad", text(6), "day 5 00:00"))
    assert most(told, at("day 9 00:00")) == 6


def test_goods_are_those_of_the_catalogue_in_force() -> None:
    """A goods that changed its flags: what happened before is judged by the older entry."""
    entry = GOODS["NACN"]
    changed = replace(entry, flags=())
    told = world(register(entry, valid_from="day 1 00:00"), register(changed, valid_from="day 5 00:00"))
    found = [told.goods("NACN", at(when)) for when in ("day 0 23:59", "day 1 00:00", "day 4 23:59", "day 5 00:00")]
    assert found == [None, entry, entry, changed]
    assert told.goods("DET", at("day 5 00:00")) is None


def test_positions_are_judged_by_goods_and_areas_whose_days_close_sooner() -> None:
    """An area that is registered two days late speaks of no position any more, but still of reports."""
    outline = ((119.0, 26.0), (119.1, 26.0), (119.1, 26.1))
    area = RestrictedAreaEntry(restricted_area="R1", name="R1", outline=outline)
    late = replace(register(area, id="r", valid_from="day 1 00:00"), heard_at=at("day 4 00:00"))
    told = world(late, register(GOODS["DET"], id="g", valid_from="day 1 00:00"), DATED[0])
    when = at("day 1 12:00")
    assert at("day 2 00:00") + REACH_ON_ROADS < late.heard_at < at("day 2 00:00") + REACH
    assert told.reference.in_force(RestrictedAreaEntry, "R1", when) == area
    assert told.on_roads.in_force(RestrictedAreaEntry, "R1", when) is None
    assert told.on_roads.in_force(GoodsEntry, "DET", when) == GOODS["DET"]
    assert set(told.on_roads.entries) == {"r", "g"}
    assert told.put(replace(late, version=2, entry=None))
    assert not told.on_roads.of_kind(RestrictedAreaEntry)


def test_the_model_in_force_is_the_one_of_its_category_and_day() -> None:
    """Its digest names it; none where none is registered, or where nobody can load any."""
    entries = [
        register(ModelEntry(digest=digest, category=category), valid_from=since, id=f"{digest}/{since}")
        for digest, category, since in (
            ("one", Category.EXPLOSIVES, "day 1 00:00"),
            ("two", Category.EXPLOSIVES, "day 5 00:00"),
            ("other", Category.CHEMICALS, "day 1 00:00"),
        )
    ]

    def loaded(digest: str) -> Any:
        return f"the model {digest}"

    told = world(*entries, models=loaded)
    days = ("day 0 23:59", "day 1 00:00", "day 4 23:59", "day 5 00:00")
    found: list[object] = [told.model("explosives", at(day)) for day in days]
    assert found == [None, "the model one", "the model one", "the model two"]
    others: list[object] = [told.model(category, at(days[3])) for category in ("chemicals", "fireworks")]
    assert others == ["the model other", None]
    assert world(*entries).model("explosives", at("day 5 00:00")) is None
