"""Pages: complete, in both languages, escaped, and of the area asked for."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path
from urllib.parse import quote

import pytest
from msgspec import json

from desk.book_pages import MOST
from desk.places import choices, codes_of
from events.identity import book_key
from events.time import parse_instant
from routing.notice import Text
from streams.effects import BookLine
from tests.unit.desk.caller import Caller
from tests.unit.desk.fakes import Bench, serving
from tests.unit.desk.world import NOW, counted, notice, report
from tests.unit.routing.world import fujian


def test_the_list_shows_the_newest_first_and_counts(desk: Caller) -> None:
    """Fifty warnings, one of them withdrawn: forty-nine stand, the newest on top."""
    page = desk.get("/?lang=zh")
    assert page.status == 200
    assert "<b>49</b>" in page.text
    assert re.findall(r'href="/warnings/([^"]+)"', page.text)[0] == notice(0).finding


@pytest.mark.parametrize(
    ("query", "inside", "outside"),
    [
        ("area=350100", 0, 1),
        ("area=350205", 1, 0),
        ("severity=orange", 1, 0),
        ("category=radioactive", 3, 0),
        ("detector=B2", 1, 0),
        ("status=withdrawn", 2, 0),
        ("status=open", 0, 1),
        ("site=ST-583", 6, 1),
    ],
)
def test_a_filter_keeps_what_fits_and_drops_the_rest(desk: Caller, query: str, inside: int, outside: int) -> None:
    """Each field narrows by its meaning; a prefecture stands for its counties."""
    found = set(re.findall(r'href="/warnings/([^"]+)"', desk.get(f"/?{query}").text))
    assert notice(inside).finding in found
    assert notice(outside).finding not in found


@pytest.mark.parametrize("query", ["area=999999", "severity=pink", "category=x", "status=x", "after=x~y"])
def test_a_filter_that_makes_no_sense_is_refused_by_name(desk: Caller, query: str) -> None:
    """An unknown word is a 400 that names the field, not an empty list that reassures."""
    page = desk.get(f"/?{query}")
    assert page.status == 400
    assert f"{query.partition('=')[0]}:" in page.text


def test_one_warning_says_everything(desk: Caller) -> None:
    """Law 10: its facts with positions, its numbers, its law and whether that was verified, who, why, by when."""
    told = notice(0)
    page = desk.get(f"/warnings/{told.finding}?lang=en").text
    handler = told.recipients[0]
    for words in (
        told.title.en, "12 short", told.misses.en, "log/0/1025", "e25", "252 items", "−12 items", "264 items",
        "not verified at the source", "verified at the source", "Public security, Gulou District, Fuzhou City",
        "sign by", handler.due_basis_en.partition(";")[0], "handled at county level", "Told only after disposal",
        told.rule_version, told.routing_version, "/books/ST-101/DET-E", "It rests on 7 reports; 3 are listed.",
        "What this rule does not catch",
    ):  # fmt: skip
        assert words in page, words


def test_a_withdrawn_warning_says_so_and_keeps_its_history(desk: Caller) -> None:
    """What was said and taken back stays readable."""
    page = desk.get(f"/warnings/{notice(2).finding}?lang=en").text
    assert "what it rested on no longer holds" in page
    assert "Taken back by the report <code>p|ST-101|late</code>" in page
    assert page.count('<td class="num">') == 2


def test_an_incomplete_warning_names_the_rule_that_fell_over(desk: Caller) -> None:
    """Silence of a broken rule is not shown as its word."""
    page = desk.get(f"/warnings/{notice(3).finding}?lang=en").text
    assert "These rules fell over" in page
    assert "E7" in page


def test_a_book_shows_its_balance_its_picture_and_its_lines(desk: Caller) -> None:
    """Balance, totals, counts that agree and differ, capacity; all of it in a picture that is read aloud too."""
    page = desk.get("/books/ST-101/DET-E?lang=en").text
    for words in ("268 items", "+300 items", "−142 items", "Count − book", "agrees", "licensed capacity", "<svg"):
        assert words in page, words
    assert "Book balance of electronic detonator at Min&#39;an Blasting" in page
    early = desk.get("/books/ST-101/DET-E?at=2026-05-04T20:00&lang=en").text
    assert "275 items" in early
    assert "268 items" not in early


def test_a_book_shows_what_is_under_way_and_its_balance_periods(desk: Caller, bench: Bench) -> None:
    """Totals that add up, each open consignment with its warning, MUF of each period; of then, too."""
    page = re.sub(r"<[^>]+>|\s+", " ", desk.get("/books/ST-101/DET-E?lang=en").text)
    told = re.sub(" +", " ", page)
    for words in (
        "Sent 37 items Received 14 items Declared lost 0 items = In transit or unresolved 23 items",
        "Overdue B4 C-17 To U-ST-583 12 items – – 12 items",
        "was due 2026-05-09 05:00", "Under way C-22", "Never sent C-13 From U-SUPPLY", "Ends differ C-20",
        "158 items +240 items −126 items 20 items missing 252 items", "of it declared lost 4 items",
        "not counted yet",
    ):  # fmt: skip
        assert words in told, words
    assert f'href="/warnings/{notice(16).finding}"' in desk.get("/books/ST-101/DET-E").text
    early = desk.get("/books/ST-101/DET-E?at=2026-05-04T20:00&lang=en").text
    assert "Nothing is under way and nothing unresolved." in early
    assert "No count yet that is not an estimate." in early


def test_a_long_book_shows_the_latest_periods_and_the_way_to_all(tmp_path: Path) -> None:
    """What is left out is one press away, and keeps the instant asked for."""
    bench = Bench(tmp_path)
    facts = [counted("ST-205", "NACN", 10 + n, 1_000) for n in range(40)]
    bench.written.projection.lines(BookLine(book_key("ST-205", "NACN"), fact) for fact in facts)
    with serving(bench.app) as base:
        long = Caller(base)
        page = long.get("/books/ST-205/NACN?lang=en&at=2026-06-01T00:00").text
        assert page.count('<td class="whole"><time') == MOST
        every = re.search(r'href="(\?all[^"]*)">All 40<', page)
        assert every is not None
        assert "at=2026-06-01" in every[1]
        found = long.get(f"/books/ST-205/NACN{unescape(every[1])}").text
    assert found.count('<td class="whole"><time') == 40
    bench.written.close()


def test_a_book_is_found_by_a_name_or_an_id(desk: Caller) -> None:
    """Searching takes Chinese, English and ids, and every word must fit."""
    for query in ("%E6%B5%B7%E6%B2%A7", "haicang", "st-205", "NACN"):
        page = desk.get(f"/books?q={query}").text
        assert "/books/ST-205/NACN" in page
        assert "/books/ST-101/DET-E" not in page


def test_every_page_speaks_the_language_asked_for_and_remembers_it(desk: Caller) -> None:
    """?lang= wins and is kept in a cookie; then the cookie; then the browser; then Chinese."""
    first = desk.get("/?lang=en", accept_language="zh-CN")
    assert 'lang="en"' in first.text
    assert "hazflow_lang=en" in first.headers["set-cookie"]
    assert 'lang="en"' in desk.get("/books", cookie="hazflow_lang=en").text
    assert "<h1>Books</h1>" in desk.get("/books", accept_language="en-GB,en").text
    assert "<h1>台账</h1>" in desk.get("/books").text


@pytest.mark.parametrize("path", ["/nowhere", "/warnings/B1-none", "/books/S/G", "/books/ST-101/none"])
def test_what_is_not_there_is_said_in_both_languages(desk: Caller, path: str) -> None:
    """A friendly 404, with a way back."""
    assert "There is no such page" in desk.get(f"{path}?lang=en").text
    page = desk.get(f"{path}?lang=zh")
    assert (page.status, "没有这个页面" in page.text, 'href="/"' in page.text) == (404, True, True)


def test_what_people_sent_is_never_markup(bench: Bench, desk: Caller) -> None:
    """Names, explanations, numbers and records are escaped wherever they are shown."""
    evil = "<script>alert(1)</script>"
    told = notice(
        90, explanation=Text(evil, evil), numbers={evil: evil, "measure": "count"}, title=Text(evil, evil)
    )
    bench.written.notices(told)
    for path in ("/", f"/warnings/{told.finding}", "/rejected", f"/?lang={evil}", f"/{evil}", f"/books?q={evil}"):
        page = desk.get(path.replace("<", "%3C").replace(">", "%3E")).text
        assert "<script>alert" not in page, path
    assert "&lt;script&gt;" in desk.get("/rejected").text


def test_refused_records_say_why_and_how_to_mend(desk: Caller) -> None:
    """Law 7: the reason, the field, the way back, the bytes; and detectors that fell over."""
    page = desk.get("/rejected?lang=en").text
    for words in (
        "quantity_negative",
        "quantity.value",
        "quantities are not negative",
        "log/0/1",
        "ZeroDivisionError",
    ):
        assert words in page, words
    only = desk.get("/rejected?reason=id_reused").text
    assert "bad2" in only
    assert "bad1" not in only


def test_the_demo_posts_a_ready_made_report_and_shows_the_answer(bench: Bench, desk: Caller) -> None:
    """A good one is kept in the demo provider's name; a bad one is refused with the way to mend it."""
    form = desk.get("/report?use=0&lang=en").text
    assert "theft-1" in form
    assert "due at 00:30" in form
    bad = desk.post("/report?use=0&lang=en", "text=%7B%7D").text
    assert "Refused" in bad
    assert "How to mend" in bad
    text = json.encode(report("theft-1"))
    good = desk.post("/report?use=0&lang=en", f"text={quote(text)}").text
    assert "Accepted" in good
    assert bench.door.taken == [("demo", text)]


def test_old_codes_find_their_cases() -> None:
    """Choosing 长乐区 finds what was reported under the code of the city it was; no prefix is read."""
    codes = codes_of(fujian(), "350112", NOW)
    assert codes is not None
    assert {"350112", "350182"} <= set(codes)
    city = codes_of(fujian(), "350100", NOW)
    assert city is not None
    assert "350128" not in city
    assert {"350102", "350182"} <= set(city)
    assert codes_of(fujian(), "nowhere", NOW) is None


def test_every_county_in_force_can_be_chosen_once() -> None:
    """Nine prefectures, eighty-four counties, 平潭 by itself."""
    offered = choices(fujian(), parse_instant("2026-11-24T00:00:00+08:00"))
    counties = [id for head in offered for id, _ in head.counties]
    alone = [head.id for head in offered if not head.counties]
    assert alone == ["350128"]
    assert len(counties) == len(set(counties)) == 83
    assert len(offered) == 10
