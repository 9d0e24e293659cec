"""Restricted areas: who is kept out when, and that boxes and grid lose no place that an outline holds."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from detectors.roads.areas import MOST_MESHES, NONE, SQUARE_DEG, Area, Areas, areas_at
from detectors.roads.geometry import Line
from detectors.world import World
from events.registry import Category, RestrictedAreaEntry
from tests.detector_kit import FakeAreas, at, register

DIAMOND: Line = ((119.30, 26.00), (119.40, 26.10), (119.30, 26.20), (119.20, 26.10), (119.30, 26.00))
EXPLOSIVES, CHEMICALS = Category.EXPLOSIVES, Category.CHEMICALS
corners = st.tuples(st.floats(118.9, 119.6), st.floats(25.8, 26.4))


def area(outline: Line = DIAMOND, *, hours: tuple[tuple[int, int], ...] = (),
         categories: tuple[Category, ...] = (), name: str = "R1") -> Area:  # fmt: skip
    lons, lats = [lon for lon, _ in outline], [lat for _, lat in outline]
    return Area(name, name, outline, (min(lons), min(lats), max(lons), max(lats)), hours, categories)


def test_it_keeps_out_what_it_names_at_the_hours_that_it_names() -> None:
    """Without categories or hours all and always; an approval opens it; what is carried may be unknown."""
    noon, night = at("day 1 12:00"), at("day 1 23:00")
    assert area().forbids(noon, CHEMICALS, ())
    assert not area().forbids(noon, CHEMICALS, ("R1",))
    assert area().forbids(noon, CHEMICALS, ("R2",))
    toxic = area(categories=(EXPLOSIVES,))
    assert [toxic.forbids(noon, carried, ()) for carried in (EXPLOSIVES, CHEMICALS, None)] == [True, False, True]
    by_day = area(hours=((7 * 60, 9 * 60), (11 * 60, 13 * 60)))
    assert [by_day.forbids(when, CHEMICALS, ()) for when in (noon, night)] == [True, False]


def test_its_outline_holds_what_lies_inside_and_not_the_corners_of_its_box() -> None:
    """The diamond's box is twice as large as the diamond."""
    diamond = area()
    assert diamond.holds(119.30, 26.10)
    for lon, lat in ((119.22, 26.02), (119.38, 26.02), (119.38, 26.18), (119.22, 26.18)):
        assert diamond.boxes(lon, lat)
        assert not diamond.holds(lon, lat)
    for lon, lat in ((119.19, 26.10), (119.41, 26.10), (119.30, 25.99), (119.30, 26.21)):
        assert not diamond.boxes(lon, lat)
        assert not diamond.holds(lon, lat)
    for lon, lat in ((119.20, 26.10), (119.40, 26.10), (119.30, 26.00), (119.30, 26.20)):
        assert diamond.boxes(lon, lat)
    assert 7_000 < diamond.depth_m(119.30, 26.10) < 8_000


@given(st.lists(st.tuples(corners, st.floats(0.001, 0.3), st.floats(0.001, 0.3)), max_size=4), corners)
def test_no_place_that_an_area_holds_is_called_clear(
    boxes: list[tuple[tuple[float, float], float, float]], place: tuple[float, float]
) -> None:
    """The grid finds exactly the areas whose boxes hold a place, and calls clear what none holds."""
    made = []
    for number, ((west, south), wide, high) in enumerate(boxes):
        east, north = west + wide, south + high
        ring = ((west, south), (east, south), (east, north), (west, north), (west, south))
        made.append(area(ring, name=f"R{number}"))
    areas = Areas(made)
    near = [one.id for one in areas.near(*place)]
    assert near == [one.id for one in made if one.boxes(*place)]
    assert areas.clear(*place) is (not near)
    assert areas.any is bool(made)
    for one in made:
        west, south, east, north = one.box
        for lon in (west, (west + east) / 2, east):
            for lat in (south, north):
                assert not areas.clear(lon, lat)


def test_an_area_over_very_many_meshes_is_looked_at_everywhere() -> None:
    """A whole country is no grid: it is found, inside and nowhere else, and costs no memory."""
    side = SQUARE_DEG * (MOST_MESHES**0.5 + 2)
    country = area(((100.0, 20.0), (100.0 + side, 20.0), (100.0 + side, 20.0 + side), (100.0, 20.0)))
    areas = Areas((country,))
    assert areas.any
    assert [one.id for one in areas.near(101.0, 21.0)] == ["R1"]
    assert not areas.clear(101.0, 21.0)
    assert areas.clear(99.0, 21.0)


def test_the_areas_of_an_instant_are_those_in_force_with_their_outlines_closed() -> None:
    """Whether the entry repeats its first corner or not; put together once for as long as nothing changes."""
    square = ((119.0, 26.0), (119.2, 26.0), (119.2, 26.1), (119.0, 26.1))
    entries = [
        RestrictedAreaEntry(restricted_area=name, name=f"town {name}", outline=outline, hours=((60, 120),),
                            categories=(EXPLOSIVES,))
        for name, outline in (("R1", square), ("R2", (*square, square[0])))
    ]  # fmt: skip
    among = World(FakeAreas(), {})
    assert areas_at(among, at("day 1 12:00")) is NONE
    among.put(register(entries[0], valid_from="day 1 00:00", valid_to="day 3 00:00"))
    among.put(register(entries[1], valid_from="day 2 00:00"))
    whole = [
        Area(name, f"town {name}", (*square, square[0]), (119.0, 26.0, 119.2, 26.1), ((60, 120),), (EXPLOSIVES,))
        for name in ("R1", "R2")
    ]
    for when, found in (
        ("day 0 12:00", []),
        ("day 1 12:00", whole[:1]),
        ("day 2 12:00", whole),
        ("day 3 12:00", whole[1:]),
    ):
        assert list(areas_at(among, at(when)).near(119.1, 26.05)) == found
    assert areas_at(among, at("day 1 12:00")) is areas_at(among, at("day 1 13:00"))
    assert not NONE.any
