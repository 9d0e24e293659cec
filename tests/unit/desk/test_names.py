"""Names as registered: the latest speaks, a capacity holds while it is in force, what is gone is not said."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from desk.asking import Projected
from desk.names import RegisteredNames
from events.quantity import Measure, Quantity
from events.registry import CapacityEntry, Category, Entry, GoodsEntry, LicenceEntry, SiteEntry, UnitEntry
from events.time import DAY
from ledger.reference import Registered
from routing.notice import Text
from tests.unit.desk.world import START, Written
from tests.unit.routing.world import fujian


@pytest.fixture
def written(tmp_path: Path) -> Iterator[Written]:
    """An empty projection."""
    made = Written(tmp_path / "p.db")
    yield made
    made.close()


def entry(id: str, what: Entry | None, *, version: int = 1, since: int = 0, until: int | None = None) -> Registered:
    """An entry of unit U1, in force from so many days after the start."""
    valid_to = None if until is None else START + until * DAY
    return Registered(id, version, "U1", START, START + since * DAY, valid_to, what)


def test_units_sites_and_goods_have_their_names(written: Written) -> None:
    """Each kind by its own id; what has no name is None."""
    written.projection.registered(
        [
            entry("a", UnitEntry(name="闽安爆破", area="350102")),
            entry("b", SiteEntry(site="S1", name="一号库", area="350102")),
            entry("c", GoodsEntry(goods="G1", name="炸药", name_en="explosive", category=Category.EXPLOSIVES,
                                  measure=Measure.MASS)),
            entry("d", LicenceEntry(licence="L1", category=Category.EXPLOSIVES, activities=("use",))),
        ]
    )  # fmt: skip
    names = RegisteredNames(Projected(written.path), fujian())
    assert names.known("unit", "U1") == Text("闽安爆破", "闽安爆破")
    assert names.known("site", "S1") == Text("一号库", "一号库")
    assert names.known("goods", "G1") == Text("炸药", "explosive")
    assert names.known("goods", "S1") is None
    assert names.areas is fujian()


def test_the_name_last_in_force_speaks_and_a_correction_replaces(written: Written) -> None:
    """A new entry renames; a higher version of an entry replaces it; an older one changes nothing."""
    first = entry("a", SiteEntry(site="S1", name="旧名", area="350102"))
    renamed = entry("b", SiteEntry(site="S1", name="新名", area="350102"), since=9)
    corrected = entry("b", SiteEntry(site="S1", name="更正", area="350102"), since=9, version=2)
    written.projection.registered([renamed, first, corrected, renamed])
    names = RegisteredNames(Projected(written.path), fujian())
    assert names.known("site", "S1") == Text("更正", "更正")


def test_an_entry_gone_from_one_key_still_speaks_at_another(written: Written) -> None:
    """Moved, in whatever order it is told: it stands. Taken back whole: it is gone."""
    stands = entry("a", SiteEntry(site="S1", name="一号库", area="350102"), version=2)
    gone = replace(stands, entry=None)
    names = RegisteredNames(Projected(written.path), fujian())
    for order in ([gone, stands], [stands, gone]):
        written.projection.registered(order)
        assert names.known("site", "S1") is not None
    written.projection.registered([replace(gone, version=3)])
    assert names.known("site", "S1") is None


def test_a_capacity_holds_while_it_is_in_force(written: Written) -> None:
    """Before and after there is none; amounts are exact base units."""
    written.projection.registered(
        [entry("a", CapacityEntry(site="S1", goods="G1", quantity=Quantity("1.5", "t")), since=1, until=3)]
    )
    names = RegisteredNames(Projected(written.path), fujian())
    found = [names.capacity("S1", "G1", START + days * DAY) for days in (0, 1, 2, 3)]
    assert found == [None, 1_500_000_000, 1_500_000_000, None]
    assert names.capacity("S1", "G2", START + DAY) is None
