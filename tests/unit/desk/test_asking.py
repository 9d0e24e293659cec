"""Asking: every question fits the projection's tables, pages lose and repeat nothing."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from desk.asking import Asking, Listed, Wanted
from desk.books import Books
from routing.notice import FactRef
from tests.unit.desk.fakes import Bench
from tests.unit.desk.world import NOW, PROVIDER, Written, notice


def test_every_question_can_be_asked_of_the_tables_as_written(tmp_path: Path) -> None:
    """Each column that a query names is a column of the projection's schema: an empty file answers them all."""
    Written(tmp_path / "p.db").close()
    asking = Asking(tmp_path / "p.db")
    books = Books(asking.projected)
    everything = Wanted(
        areas=("350102",), category="x", severity="x", status="x", detector="x", unit="x", site="x", goods="x"
    )
    assert asking.warnings(everything, after="1~x").items == ()
    assert asking.counts(everything).total == 0
    assert asking.warning("x") is None
    assert (asking.revisions("x"), asking.told_after(0), asking.last_told(), asking.detectors()) == ((), (), 0, ())
    assert asking.time() is None
    assert (asking.reports("x", "x"), asking.incomplete()) == ((), ())
    assert asking.refusals(reason="x", after="1~x") == ((), "")
    assert asking.refusal_reasons() == {}
    assert (books.book("x", "x"), books.page(lambda _site, _goods: True)) == (None, ((), None))
    assert books.cited([FactRef("p|x|e", "log", 0, 0)]) == {}


def test_nothing_can_be_written(bench: Bench) -> None:
    """The desk's connections are read-only."""
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        bench.asking.projected.rows("DELETE FROM warnings")


@pytest.mark.parametrize("limit", [1, 7, 50])
def test_pages_hold_each_warning_once_newest_first(bench: Bench, limit: int) -> None:
    """Following the cursor loses nothing, repeats nothing, and never goes back in time."""
    found: list[Listed] = []
    after = ""
    while True:
        page = bench.asking.warnings(Wanted(), after=after, limit=limit)
        found += page.items
        if page.next is None:
            break
        after = page.next
    assert len({item.notice.finding for item in found}) == len(found) == 50
    raised = [item.notice.raised_at for item in found]
    assert raised == sorted(raised, reverse=True)


@pytest.mark.parametrize(
    "wanted",
    [
        Wanted(),
        Wanted(severity="red"),
        Wanted(status="open", detector="B2"),
        Wanted(status="standing"),
        Wanted(category="explosives", areas=("350102", "350583")),
        Wanted(site="ST-101", goods="DET-E"),
        Wanted(unit="U-ST-205"),
    ],
)
def test_counts_and_list_agree(bench: Bench, wanted: Wanted) -> None:
    """What is counted is what is listed."""
    counts = bench.asking.counts(wanted)
    items = bench.asking.warnings(wanted, limit=200).items
    assert counts.total == len(items) == sum(counts.severity.values()) == sum(counts.status.values()) > 0
    assert counts.detector == {
        name: sum(item.notice.detector == name for item in items) for name in {i.notice.detector for i in items}
    }


def test_the_latest_revision_is_listed_and_all_are_kept(bench: Bench) -> None:
    """A revised warning shows its last word, and its history."""
    finding = notice(2).finding
    latest = bench.asking.warning(finding)
    assert latest is not None
    assert (latest.notice.revision, latest.notice.status) == (2, "withdrawn")
    assert [one.notice.revision for one in bench.asking.revisions(finding)] == [2, 1]


def test_what_was_told_after_a_number_comes_in_order(bench: Bench) -> None:
    """The stream's replay: every notice after the number, once, in the order told."""
    told = bench.asking.told_after(40)
    assert [one.seq for one in told] == list(range(41, bench.asking.last_told() + 1))


def test_a_report_tells_its_providers_what_became_of_it(bench: Bench) -> None:
    """Taken and refused reports are both found, by provider and id; another provider's are not."""
    assert [one.standing for one in bench.asking.reports(PROVIDER, "e1")] == ["taken"]
    assert [(one.standing, one.field) for one in bench.asking.reports(PROVIDER, "bad1")] == [
        ("refused", "quantity.value")
    ]
    assert bench.asking.reports("another", "e1") == ()


def test_refusals_come_latest_first_by_pages(bench: Bench) -> None:
    """Each refusal once, with its bytes."""
    first, more = bench.asking.refusals(limit=2)
    rest, end = bench.asking.refusals(limit=2, after=more)
    assert [one.event_id for one in (*first, *rest)] == ["bad0", "bad1", "bad2"]
    assert end == ""
    assert all(one.raw for one in first)


def test_time_is_the_least_clock(tmp_path: Path) -> None:
    """Where several lanes keep clocks, the slowest speaks."""
    written = Written(tmp_path / "p.db")
    written.projection.clock("lane 0", NOW)
    written.projection.clock("lane 1", NOW - 5)
    assert Asking(tmp_path / "p.db").time() == NOW - 5
    written.close()
