"""The bar on every page: where time stands, whether it stands still, how far the sample is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from desk.app import make_app
from desk.asking import Asking
from desk.ports import Ports, Progress
from events.registry import CalendarEntry
from events.time import MINUTE, SECOND, parse_instant
from ledger.reference import Registered
from routing.notice import Text
from tests.unit.desk.caller import Caller
from tests.unit.desk.fakes import Bench, Named, serving
from tests.unit.desk.world import NOW


class Reading(Progress):
    """A sample that is read to so much."""

    def __init__(self, fraction: float) -> None:
        self._fraction = fraction

    def fraction(self) -> float:
        """So much."""
        return self._fraction

    def text(self) -> Text:
        """In words."""
        return Text("四万条", "40,000 events")


@pytest.mark.parametrize(("minutes", "alarmed"), [(0, False), (4, False), (5, True), (90, True)])
def test_time_that_stands_still_is_said_on_every_page(bench: Bench, minutes: int, alarmed: bool) -> None:
    """From five minutes on, in live use: deadlines do not fire while it does."""
    app = make_app(
        Asking(bench.written.path), Ports(), names=Named(), wall=lambda: (NOW + minutes * MINUTE) / SECOND
    )
    with serving(app) as base:
        for path in ("/", "/books", "/rejected"):
            page = Caller(base).get(f"{path}?lang=en").text
            assert (f"stood still for {minutes} minutes" in page) is alarmed
        assert (Caller(base).get("/v1/time").value["still_minutes"] is not None) is alarmed


@pytest.mark.parametrize(
    ("today", "said"),
    [
        ("2026-10-01", ""),
        ("2026-11-10", "The days off known end in 52 days"),
        ("2027-01-02", "No days off are known any more"),
    ],
)
def test_that_days_off_are_soon_unknown_is_said_on_every_page(bench: Bench, today: str, said: str) -> None:
    """Sixty days before the last calendar without a gap ends; a year further on helps nobody."""
    now = parse_instant(f"{today}T00:00:00+08:00")
    bench.written.projection.registered(
        Registered(f"c{year}", 1, "*", 0, 0, None, CalendarEntry(year=year, holidays=()))
        for year in (2025, 2026, 2028)
    )
    app = make_app(Asking(bench.written.path), Ports(), names=Named(), wall=lambda: now / SECOND)
    with serving(app) as base:
        for path in ("/", "/books", "/rejected"):
            page = Caller(base).get(f"{path}?lang=en").text
            assert ('id="calendar"' in page) is bool(said)
            assert said in page
        if said:
            assert "节假日数据" in Caller(base).get("/?lang=zh").text


def test_a_demo_never_stands_still(bench: Bench, desk: Caller) -> None:
    """Its time waits for the buttons, and nothing is wrong with that."""
    assert desk.get("/v1/time").value["still_minutes"] is None


def test_reading_the_sample_shows_how_far_it_is(bench: Bench) -> None:
    """A bar and words while it is read; neither once it is."""
    for fraction, shown in ((0.2, True), (1.0, False)):
        ports = Ports(progress=Reading(fraction))
        with serving(make_app(Asking(bench.written.path), ports, names=Named())) as base:
            told = Caller(base).get("/v1/time").value
            page = Caller(base).get("/?lang=en").text
        assert told["fraction"] == fraction
        assert ("40,000 events" in page) is shown


def test_what_the_engine_does_not_offer_is_not_on_the_pages(bench: Bench) -> None:
    """Without a demo: no buttons, no report form, and no way to post to them."""
    with serving(make_app(Asking(bench.written.path), Ports(), names=Named())) as base:
        desk = Caller(base)
        page = desk.get("/").text
        assert "/report" not in page
        assert 'action="/time"' not in page
        assert desk.get("/report").status == 404
        assert desk.post("/time", "forward=1h").status == 400
        assert desk.post("/v1/time", b'{"forward": "1h"}').status == 409
        assert desk.post("/v1/events", b"{}").status == 404


def test_an_empty_projection_has_pages_too(tmp_path: Path) -> None:
    """Before the first report nothing fails, and the page says what will come."""
    bench = Bench(tmp_path, many=0)
    bench.written._db.execute("DELETE FROM warnings")
    bench.written._db.execute("DELETE FROM clock")
    with serving(make_app(bench.asking, Ports(), names=Named())) as base:
        page = Caller(base).get("/?lang=en").text
    bench.written.close()
    assert "No warning yet" in page
    assert "time has not begun" in page
