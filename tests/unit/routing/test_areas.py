"""Dated areas: as of the event, as of now, and the odd shapes found elsewhere in the country."""

from __future__ import annotations

import pytest

from routing.areas_load import load_areas
from routing.unusable import Unusable
from tests.unit.routing.world import NOW, area, areas_text, day, fujian


def ids(chain: object) -> list[str]:
    """The ids of a chain of areas."""
    assert isinstance(chain, tuple)
    return [a.id for a in chain]


def test_fujian_has_one_province_nine_prefectures_and_84_counties() -> None:
    """The shipped table is the current list: 1 + 9 + 84 codes."""
    levels = [str(a.level) for a in fujian().all_in_force(NOW)]
    assert [levels.count(level) for level in ("province", "prefecture", "county")] == [1, 9, 84]
    assert len(fujian().counties(NOW)) == 84


def test_every_area_has_one_code_two_names_and_a_chain_that_ends_at_the_province() -> None:
    """Every area in force has its code, both names, and a chain of superiors ending at 350000."""
    table = fujian()
    for found in table.all_in_force(NOW):
        assert table.by_code(found.code(NOW) or "", NOW) == found
        assert found.zh
        assert found.en.isascii()
        assert table.chain(found.id, NOW)[-1].id == "350000"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("350182", "350112"),
        ("350402", "350404"),
        ("350403", "350404"),
        ("350427", "350405"),
        ("350681", "350604"),
        ("350625", "350605"),
        ("350784", "350703"),
        ("350822", "350803"),
    ],
)
def test_a_code_of_2014_finds_its_area_and_its_heir_of_today(old: str, new: str) -> None:
    """As of the event the old area answers to its code; as of now its heir does, and the code is gone."""
    table = fujian()
    then = table.by_code(old, day("2014-01-01"))
    assert then is not None
    heir = table.successor(then.id, NOW)
    assert heir is not None
    assert heir.id == new
    assert old in table.predecessors(new)
    assert table.by_code(old, NOW) is None
    assert table.by_code(new, day("2014-01-01")) is None


def test_350182_in_2016_is_changle_city_and_today_changle_district() -> None:
    """The same case is Changle City's as of the event and Changle District's as of now."""
    table = fujian()
    then = table.by_code("350182", day("2016-05-01"))
    assert then is not None
    assert then.en == "Changle City"
    now = table.successor(then.id, NOW)
    assert now is not None
    assert now.en == "Changle District"


def test_the_last_instant_of_an_area_is_the_one_before_its_heir_begins() -> None:
    """Spans exclude their end: no instant has two bearers, none has neither."""
    table = fujian()
    turn = day("2017-11-06")
    assert table.by_code("350182", turn - 1) is not None
    assert table.by_code("350182", turn) is None
    assert table.by_code("350112", turn - 1) is None
    assert table.by_code("350112", turn) is not None


def test_pingtan_reports_to_the_province_whatever_its_code_says() -> None:
    """350128 has Fuzhou's prefix and the province as its superior."""
    assert ids(fujian().chain("350128", NOW)) == ["350128", "350000"]


def test_kinmen_is_declared_without_addressee() -> None:
    """350527 is in the table, and only it has no office to write to."""
    assert [a.id for a in fujian().all_in_force(NOW) if not a.addressee] == ["350527"]


def test_between_two_changes_every_answer_is_the_same() -> None:
    """``epoch`` maps an instant to the change before it, and answers do not differ within."""
    table = fujian()
    for at in (day("2014-06-01"), day("2019-01-01"), NOW):
        assert table.all_in_force(at) == table.all_in_force(table.epoch(at))
    assert table.epoch(0) < table.changes[0]
    for turn in table.changes:
        assert (table.epoch(turn), table.epoch(turn + 1)) == (turn, turn)
        assert table.epoch(turn - 1) < turn


def test_a_city_without_counties_is_its_own_lowest_area() -> None:
    """东莞 441900 has no county level: a site there carries the city's code."""
    table = load_areas(areas_text(area("440000", "province"), area("441900", "prefecture", "440000")))
    found = table.by_code("441900", NOW)
    assert found is not None
    assert ids(table.chain(found.id, NOW)) == ["441900", "440000"]
    assert table.counties(NOW) == ()


def test_a_county_may_answer_to_the_province_directly() -> None:
    """4190 has no prefecture: 济源 419001 reports to the province."""
    table = load_areas(areas_text(area("410000", "province"), area("419001", "county", "410000")))
    assert ids(table.chain("419001", NOW)) == ["419001", "410000"]


def test_a_moved_city_keeps_its_id_and_changes_code_and_superior() -> None:
    """公主岭: 220381 until 2020, then 220184 under another prefecture, one area all the time."""
    moved = (
        'codes = ["220381 ..2020-06-19", "220184 2020-06-19.."], '
        'parents = ["220300 ..2020-06-19", "220100 2020-06-19.."]'
    )
    table = load_areas(
        areas_text(
            area("220000", "province"),
            area("220100", "prefecture", "220000"),
            area("220300", "prefecture", "220000"),
            area("220381", "county", "", moved),
        )
    )
    assert table.by_code("220381", day("2019-01-01")) == table.by_code("220184", NOW)
    assert ids(table.chain("220381", day("2019-01-01")))[1] == "220300"
    assert ids(table.chain("220381", NOW))[1] == "220100"


def test_a_reused_code_means_whoever_bore_it_then() -> None:
    """232701 was one area's, later another's: the event's time decides."""
    table = load_areas(
        areas_text(
            area("230000", "province"),
            area("old", "county", "230000", 'codes = ["232701"], life = "..2018-01-01", successors = ["heir"]'),
            area("heir", "county", "230000", 'codes = ["232718"], life = "2018-01-01.."'),
            area("new", "county", "230000", 'codes = ["232701"], life = "2018-01-01.."'),
        )
    )
    before, after = table.by_code("232701", day("2017-06-01")), table.by_code("232701", NOW)
    assert before is not None
    assert after is not None
    assert (before.id, after.id) == ("old", "new")
    heir = table.successor("old", NOW)
    assert heir is not None
    assert heir.id == "heir"


def test_a_development_zone_without_a_code_is_found_by_its_id() -> None:
    """Zones have no code: an overlay with an id, a superior and nothing else."""
    table = load_areas(areas_text(area("350000", "province"), area("zone-a", "county", "350000", "codes = []")))
    found = table.place("zone-a", NOW)
    assert found is not None
    assert found.code(NOW) is None


def test_an_area_abolished_without_heir_has_no_successor() -> None:
    """Nothing is made up: no heir, no answer; before its time, none either."""
    table = load_areas(
        areas_text(
            area("350000", "province"),
            area("gone", "county", "350000", 'life = "2014-01-01..2015-01-01"'),
        )
    )
    assert table.successor("gone", NOW) is None
    assert table.successor("gone", day("2013-06-01")) is None
    assert table.chain("gone", NOW) == ()
    assert table.parent("gone", NOW) is None
    assert table.successor("nowhere", NOW) is None


TOP = area("350000", "province")


@pytest.mark.parametrize(
    ("lines", "named"),
    [
        ([TOP, area("a", "prefecture", "b"), area("b", "prefecture", "a")], "superiors would loop"),
        ([TOP, area("a", "prefecture", "a")], "superiors would loop"),
        ([TOP, area("a", "county", "nowhere")], "is not in the table"),
        ([TOP, area("a", "county")], "needs one superior"),
        ([TOP, area("a", "county", "", 'parents = ["350000 ..2020-01-01"]')], "needs one superior"),
        (
            [TOP, area("a", "county", "", 'parents = ["350000 ..2020-01-01", "350000 2021-01-01.."]')],
            "gap or overlap",
        ),
        ([TOP, area("a", "county", "350000"), area("a", "county", "350000")], "stands twice"),
        (
            [TOP, area("a", "county", "350000", 'codes = ["9"]'), area("b", "county", "350000", 'codes = ["9"]')],
            "is a's at the same time",
        ),
        (
            [
                TOP,
                area("p", "prefecture", "350000", 'life = "..2020-01-01"'),
                area("a", "county", "p"),
            ],
            "not in force all along",
        ),
        ([TOP, area("a", "county", "350000", 'successors = ["350000"]')], "has not ended"),
        (
            [TOP, area("a", "county", "350000", 'life = "..2020-01-01", successors = ["b"]')],
            "successor b is not in the table",
        ),
        ([TOP, area("a", "county", "350000", 'life = "2020-01-01..2019-01-01"')], "ends before it begins"),
        ([TOP, area("a", "village", "350000")], "Invalid enum value"),
        ([TOP, area("a", "county", "350000", "colour = 1")], "unknown field"),
        ([area("350000", "province", "350000")], "a province has no superior"),
    ],
)
def test_a_crooked_table_is_refused_and_says_where(lines: list[str], named: str) -> None:
    """Loops, gaps, overlaps, unknown areas and misspelt fields never get in."""
    with pytest.raises(Unusable) as refused:
        load_areas(areas_text(*lines))
    assert named in str(refused.value)
    assert "to mend" in str(refused.value).lower()
    assert "处理" in refused.value.text("zh")


def test_what_is_not_toml_is_refused_too() -> None:
    """A text that is no table is refused like any other fault."""
    with pytest.raises(Unusable, match="unreadable"):
        load_areas("areas = [")
