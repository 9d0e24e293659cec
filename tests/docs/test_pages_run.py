"""Docs run: each block of Python on a page, and the shell of the pages that promise it, as printed."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path

import pytest

from cli.__main__ import verbs
from models.scored import COLUMNS
from streams.scored_file import DIGEST
from tests.docs.running import TREE, blocks, reader_in, typed

PAGES = [TREE / "README.md", *sorted((TREE / "docs").glob("*.md")), *sorted((TREE / "docs" / "adr").glob("*.md"))]
PAGES += [TREE / name for name in ("ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md")]
WITH_PYTHON = [page for page in PAGES if blocks(page, "python")]


@pytest.mark.parametrize("page", WITH_PYTHON, ids=lambda page: page.name)
def test_every_block_of_python_runs(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Law: the blocks of a page run in order, in one namespace, at the root of the tree; the asserts hold."""
    monkeypatch.chdir(TREE)
    namespace: dict[str, object] = {"__name__": page.stem}
    for number, block in enumerate(blocks(page, "python"), 1):
        with contextlib.redirect_stdout(io.StringIO()):
            exec(compile(block, f"{page.name}, block {number}", "exec"), namespace)


def test_the_analysts_backtest_runs_as_printed(tmp_path: Path) -> None:
    """Law: the what-if of the page misses what the page says that it misses."""
    block, _ = blocks(TREE / "docs" / "analysts.md", "sh")
    done = typed(block, reader_in(tmp_path))
    assert done.returncode == 0, done.stderr
    as_is, what_if = re.findall(r"^B6 +(\d+) +(\d+)", done.stdout, re.M)
    assert (as_is, what_if) == (("1", "0"), ("0", "1"))


def test_the_fast_way_prints_what_the_page_shows(tmp_path: Path) -> None:
    """Law: the table on the page is the one that its commands print, and the silenced county's deed is missed."""
    page = TREE / "docs" / "analysts.md"
    _, block = blocks(page, "sh")
    (shown,) = (text for text in blocks(page, "text") if text.startswith("county"))
    done = typed(block, reader_in(tmp_path))
    assert done.returncode == 0, done.stderr
    assert shown in done.stdout
    assert re.findall(r"^(?:now|then) +(\d+) +(\d+)", done.stdout, re.M) == [("1", "0"), ("0", "1")]


def test_every_column_of_scored_unit_days_has_a_row() -> None:
    """Law: whoever opens the file finds each column on the page, and no other."""
    section = (
        (TREE / "docs" / "analysts.md").read_text("utf-8").partition("### The fast way")[2].partition("\n## ")[0]
    )
    first = "".join(re.findall(r"^\| (`[^|]*) \|", section, re.M))
    assert set(re.findall(r"`(\w+)`", first)) == {*COLUMNS, DIGEST}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_into_the_tree_leads_somewhere(page: Path) -> None:
    """Law: a page names no file that is not there, and no heading that is not on the other page."""
    for target in re.findall(r"\]\((?!https?:|mailto:)([^)\s]+)\)", page.read_text("utf-8")):
        path, _, anchor = target.partition("#")
        there = (page.parent / path).resolve() if path else page
        assert there.exists(), target
        if anchor:
            assert anchor in anchors(there), target


def test_every_test_that_states_a_law_is_there() -> None:
    """Law: ARCHITECTURE.md names real tests, and has a row for each of the twelve laws."""
    page = (TREE / "ARCHITECTURE.md").read_text("utf-8")
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", page)
    assert len(named) > 12
    assert [test for path, test in named if f"def {test}(" not in (TREE / path).read_text("utf-8")] == []
    assert re.findall(r"^\| (\d+) \|", page, re.M) == [str(number) for number in range(1, 13)]


def test_every_file_that_a_page_names_is_there() -> None:
    """Law: a path in code marks is a path in the tree, but for the rule that CONTRIBUTING adds in a copy of it."""
    named = {
        (page.name, path)
        for page in PAGES
        for path in re.findall(r"`((?:[\w-]+/)+[\w.-]+\.\w+)`", page.read_text("utf-8"))
    }
    gone = {(name, path) for name, path in named if not (TREE / path).exists()}
    assert {(name, path) for name, path in gone if "a11_cash_payment" not in path} == set()


def test_every_command_that_a_page_names_is_a_verb() -> None:
    """Law: what a page tells people to type can be typed."""
    known = {verb.name for verb in verbs()}
    for page in PAGES:
        shell = "\n".join((*blocks(page, "sh"), *blocks(page, "text")))
        typed_here = set(re.findall(r"(?:`|bin/)hazflow ([a-z]+)", page.read_text("utf-8")))
        typed_here |= set(re.findall(r"^(?:\w+=\S+ )*hazflow ([a-z]+)", shell, re.M))
        assert typed_here <= known, page.name


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", page.read_text("utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
