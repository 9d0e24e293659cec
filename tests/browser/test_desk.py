"""The desk in a real browser, wide and narrow: read, filter, understand a warning, report, watch it come in."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.unit.desk.fakes import Bench
from tests.unit.desk.world import NOW, notice

ROWS = "#listing tbody tr"


def fits(page: Page) -> bool:
    """Whether nothing sticks out sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


def test_an_officer_filters_the_list_and_opens_a_warning(page: Page) -> None:
    """By area name and severity, without pressing a button; then everything about one; nothing sticks out."""
    expect(page.locator(ROWS)).to_have_count(49)
    page.get_by_label("行政区划").select_option(label="鼓楼区")
    page.wait_for_url("**area=350102**")
    page.get_by_label("级别").select_option(label="红色")
    page.wait_for_url("**severity=red**")
    for row in page.locator(ROWS).all():
        expect(row).to_contain_text("鼓楼区")
        expect(row).to_contain_text("红色")
    assert fits(page)
    page.locator(f"{ROWS} a").first.click()
    expect(page.locator("h1")).to_contain_text("账物不符")
    for words in ("−12 件", "谁处置，为什么", "福州市鼓楼区公安机关", "签收截止", "本规则查不出什么", "条文待核实"):
        expect(page.locator("main")).to_contain_text(words)
    assert fits(page)


def test_the_language_switches_and_stays(page: Page) -> None:
    """One press; the next page is still in English."""
    page.get_by_role("link", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.get_by_role("link", name="Books").click()
    expect(page.locator("h1")).to_have_text("Books")
    page.get_by_role("link", name="中文").click()
    expect(page.locator("h1")).to_have_text("台账")


def test_a_book_is_a_picture_and_a_table(page: Page) -> None:
    """From the warning to its book; a count that differs stands out; a past instant can be asked for."""
    page.goto(f"/warnings/{notice(0).finding}")
    page.get_by_role("link", name="查看台账").click()
    expect(page.get_by_role("img", name="工业电子雷管")).to_be_visible()
    expect(page.locator("svg circle.off")).to_have_count(1)
    expect(page.locator("svg circle.even")).to_have_count(1)
    expect(page.locator(".balance").first).to_contain_text("268 件")
    page.get_by_label("查看时点").fill("2026-05-04T20:00")
    page.get_by_role("button", name="查询").click()
    expect(page.locator(".holding .balance")).to_contain_text("275 件")
    assert fits(page)


def test_a_book_says_what_is_under_way_and_what_cannot_be_accounted_for(page: Page, tmp_path: Path) -> None:
    """Every figure is in sight, wide and narrow: nothing lies beyond the edge; the overdue leads to its warning."""
    page.goto("/books/ST-101/DET-E")
    transit = page.locator("section", has=page.get_by_role("heading", name="在途与收发差异"))
    expect(transit).to_contain_text("= 在途或未决23 件")
    overdue = transit.locator("tr", has_text="逾期未达")
    for words in ("C-17", "发往 U-ST-583", "应到期限 2026-05-09 05:00"):
        expect(overdue).to_contain_text(words)
    periods = page.locator("section", has=page.get_by_role("heading", name="盘点期平衡"))
    expect(periods.locator("tr", has_text="20 件短少")).to_contain_text("252 件")
    expect(periods).to_contain_text("尚未盘点")
    assert fits(page)
    for table in (transit, periods):
        assert table.locator(".scroll").evaluate("box => box.scrollWidth <= box.clientWidth")
    page.screenshot(path=tmp_path / "book.png", full_page=True)
    overdue.get_by_role("link", name="B4").click()
    expect(page.locator("h1")).to_contain_text("发出未收")


def test_new_warnings_come_in_without_a_reload(page: Page, bench: Bench) -> None:
    """The row slides in, the count rises, a filter in place is kept; the tab was never loaded again."""
    page.evaluate("window.here = true")
    expect(page.locator("#live")).to_be_visible()
    told = notice(60, raised_at=NOW + 1)
    bench.written.notices(told)
    expect(page.locator(f'tr[data-key="{told.finding}.1"]')).to_have_class("yellow open fresh")
    expect(page.locator(".total b")).to_have_text("50")
    assert page.evaluate("window.here") is True


def test_a_revised_warning_changes_its_row(page: Page, bench: Bench) -> None:
    """What later reports explain leaves the standing list while one looks at it."""
    told = notice(0)
    expect(page.locator(f'tr[data-key="{told.finding}.1"]')).to_be_visible()
    expect(page.locator("#live")).to_be_visible()
    bench.written.notices(notice(0, revision=2, status="withdrawn"))
    expect(page.locator(f'tr[data-key^="{told.finding}"]')).to_have_count(0)


def test_time_moves_by_a_button_and_shows_in_every_tab(page: Page) -> None:
    """One hour on, then to the end of the day; another open tab follows by itself."""
    other = page.context.new_page()
    other.goto("/books")
    page.get_by_role("button", name="一小时后").click()
    expect(page.locator("#time")).to_have_text("2026-05-11 09:00")
    expect(other.locator("#time")).to_have_text("2026-05-11 09:00")
    page.get_by_role("button", name="到当日结束").click()
    expect(page.locator("#time")).to_have_text("2026-05-12 00:00")


def test_a_ready_made_report_is_edited_posted_and_answered(page: Page, bench: Bench) -> None:
    """The page says when its answer is due; a bad record is refused with the way to mend it."""
    page.get_by_role("link", name="试报").click()
    expect(page.locator("main")).to_contain_text("次日 0 时 30 分")
    page.get_by_role("button", name="提交").click()
    expect(page.locator(".answer.accepted")).to_contain_text("theft-1")
    page.get_by_role("link", name="一条坏记录").click()
    page.get_by_role("button", name="提交").click()
    expect(page.locator(".answer.refused")).to_be_visible()
    expect(page.locator("main")).to_contain_text("如何更正")
    text = page.get_by_label("上报内容（JSON）")
    text.fill(text.input_value().replace("flw", "flow"))
    page.get_by_role("button", name="提交").click()
    expect(page.locator(".answer.accepted")).to_contain_text("bad-1")
    assert [provider for provider, _ in bench.door.taken] == ["demo", "demo"]


def test_the_list_is_walked_by_keyboard_and_heard_by_readers(page: Page) -> None:
    """The first tab stop skips to the content; every field has a name; the page has one main heading."""
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    assert page.locator("h1").count() == 1
    assert page.locator("select:not([aria-label])").count() == page.locator("label select").count()
