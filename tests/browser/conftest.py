"""One headless Chromium a module, and one desk a test: what an officer sees, driven as an officer would.

Not a session's: playwright keeps an event loop running in the main thread, where other tests start their own.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.unit.desk.fakes import Bench, serving

FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """The system's own Chromium."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    assert found is not None, "no Chromium: install Debian's package chromium (deploy/provision browser)"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """A desk of one's own."""
    made = Bench(tmp_path)
    yield made
    made.written.close()


@pytest.fixture(params=[1280, 390], ids=["wide", "narrow"])
def page(request: pytest.FixtureRequest, chromium: Browser, bench: Bench) -> Iterator[Page]:
    """A tab at the desk's front page, in Chinese; an error in its console fails the test."""
    with serving(bench.app) as base:
        context = chromium.new_context(
            base_url=base, locale="zh-CN", viewport={"width": request.param, "height": 900}
        )
        tab = context.new_page()
        tab.set_default_timeout(10_000)
        faults: list[str] = []
        tab.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
        tab.on("pageerror", lambda error: faults.append(str(error)))
        tab.goto("/")
        yield tab
        context.close()
        assert faults == []
