"""One matter, one line: what one event made true is listed under the warning that leads it."""

from __future__ import annotations

import sqlite3
from itertools import permutations
from pathlib import Path

from desk.app import make_app
from desk.asking import Asking, Wanted
from desk.ports import Ports
from events.time import DAY
from routing.leading import read_leading
from routing.notice import FactRef, Text, WarningNotice
from streams.assembly import detector_ids
from streams.projection import SCHEMA
from tests.unit.desk.caller import Caller
from tests.unit.desk.fakes import Named, serving
from tests.unit.desk.world import NOW, Written, notice

PAGE = '[[together]]\nzh = "许可"\nen = "permission"\norder = ["A1", "A5", "A3", "A4"]\n'
EVERYTHING = Wanted()
LEADING = read_leading(PAGE, detector_ids())


def told(rule: str, *facts: str, number: int = 0, severity: str = "orange", **more: object) -> WarningNotice:
    """A warning of a rule on these facts, raised the later the higher its number."""
    at = NOW - DAY + number
    given = {
        "status": "open",
        "until": None,
        "since": at,
        "raised_at": at,
        "told_at": at,
        "opened_by": facts[-1],
        **more,
    }
    return notice(
        0, "ST-101", finding=f"{rule}-{number}", detector=rule, severity=severity, title=Text(rule, rule),
        facts=tuple(FactRef(fact, "flow", 0, 0) for fact in facts), **given,
    )  # fmt: skip


LICENCE, PERMIT = told("A1", "p|S|m3"), told("A5", "p|S|m3", number=1)
OVER = told("A3", "p|S|m1", "p|S|m3", number=2)
OTHER = told("B1", "p|S|m3", number=3)
EVERY = (LICENCE, PERMIT, OVER, OTHER)


def asking(path: Path, *notices: WarningNotice) -> Asking:
    """A projection in which these were told one by one."""
    written = Written(path)
    for one in notices:
        written.notices(one)
    written.close()
    return Asking(path, LEADING)


def groups(asked: Asking, wanted: Wanted = EVERYTHING) -> dict[str, tuple[str, ...]]:
    """Finding → what is attached to it, of a list."""
    listed = asked.grouped(wanted).items
    return {one.notice.finding: tuple(under.finding for under in one.attached) for one in listed}


def test_what_one_event_made_true_is_one_line_with_the_others_under_it(tmp_path: Path) -> None:
    """The lead keeps its own place in the list; what no table names stands by itself."""
    asked = asking(tmp_path / "p.db", *EVERY)
    assert groups(asked) == {"B1-3": (), "A1-0": ("A5-1", "A3-2")}
    assert [one.notice.finding for one in asked.warnings(Wanted()).items] == ["B1-3", "A3-2", "A5-1", "A1-0"]


def test_the_order_of_telling_is_unobservable(tmp_path: Path) -> None:
    """Whichever lane spoke first: the same groups, and the same again after a redelivery."""
    for number, order in enumerate(permutations(EVERY)):
        asked = asking(tmp_path / f"{number}.db", *order, *order[:2])
        assert groups(asked)["A1-0"] == ("A5-1", "A3-2")


def test_a_withdrawn_lead_hands_over_to_the_next(tmp_path: Path) -> None:
    """Nothing is stored of who leads: a revision that changes it is enough."""
    gone = told("A1", "p|S|m3", revision=2, status="withdrawn")
    asked = asking(tmp_path / "p.db", *EVERY, gone)
    assert groups(asked, Wanted(status="standing")) == {"B1-3": (), "A5-1": ("A3-2",)}


def test_what_is_led_through_another_is_attached_to_the_first(tmp_path: Path) -> None:
    """A3 was opened by what A5 cites, A5 by what A1 cites: one group, not two."""
    permit = told("A5", "p|S|m2", "p|S|m3", number=1)
    over = told("A3", "p|S|m2", number=2)
    asked = asking(tmp_path / "p.db", LICENCE, permit, over)
    assert groups(asked) == {"A1-0": ("A5-1", "A3-2")}


def test_a_filter_that_leaves_the_lead_out_shows_what_is_attached_to_it(tmp_path: Path) -> None:
    """Nobody misses a warning because it is listed under one that they did not ask for."""
    asked = asking(tmp_path / "p.db", *EVERY)
    (item,) = asked.grouped(Wanted(detector="A3")).items
    assert (item.notice.finding, item.lead and item.lead.finding) == ("A3-2", "A1-0")


def test_pages_lose_and_repeat_nothing(tmp_path: Path) -> None:
    """However small they are: each lead once, with all that is attached to it."""
    asked = asking(tmp_path / "p.db", *EVERY)
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = asked.grouped(Wanted(), after=cursor, limit=1)
        seen += [one.notice.finding for one in page.items]
        cursor = page.next
    assert seen == ["B1-3", "A1-0"]


def test_one_warning_names_its_lead_and_what_it_leads(tmp_path: Path) -> None:
    """On its page, and in the API."""
    asked = asking(tmp_path / "p.db", *EVERY)
    with serving(make_app(asked, Ports(), names=Named())) as base:
        caller = Caller(base)
        said = caller.get("/v1/warnings/A1-0").value
        assert (said["attached_to"], said["attached"]) == (None, ["A5-1", "A3-2"])
        said = caller.get("/v1/warnings/A3-2").value
        assert (said["attached_to"], said["attached"]) == ("A1-0", [])
        assert caller.get("/v1/warnings").value["attached_to"] == {"A5-1": "A1-0", "A3-2": "A1-0"}
        assert 'href="/warnings/A1-0"' in caller.get("/warnings/A3-2").text
        assert "同一事件的预警" in caller.get("/warnings/A1-0?lang=zh").text
        assert caller.get("/").text.count('attached" data-key') == 2


def test_what_an_older_version_wrote_is_grouped_too(tmp_path: Path) -> None:
    """Its warnings cite facts only in their notices: the table is filled when the file is opened."""
    written = Written(tmp_path / "p.db")
    written.notices(told("A5", "p|S|m3", number=1, opened_by=""), told("A3", "p|S|m3", number=2, opened_by=""))
    written.close()
    with sqlite3.connect(tmp_path / "p.db") as database:
        database.execute("DROP TABLE cited")
        database.executescript(SCHEMA)
    assert groups(Asking(tmp_path / "p.db", LEADING)) == {"A5-1": ("A3-2",)}
