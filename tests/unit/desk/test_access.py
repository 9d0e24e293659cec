"""Access: the token opens everything and stands in no address; without one, only this machine's own browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from desk.access import SESSION_S, Sessions, local_path
from tests.unit.desk.caller import Caller
from tests.unit.desk.fakes import TOKEN, Bench, serving
from tests.unit.desk.world import notice

SECRET = "a long installation token"


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Caller]:
    """A desk with a token."""
    bench = Bench(tmp_path_factory.mktemp("guarded"), token=SECRET)
    with serving(bench.app) as base:
        yield Caller(base)
    bench.written.close()


PAGES = ["/", "/list", "/books", "/books/ST-101/DET-E", "/rejected", "/report", f"/warnings/{notice(0).finding}"]
API = ["/v1/warnings", f"/v1/warnings/{notice(0).finding}", "/v1/books/ST-101/DET-E", "/v1/rejected", "/v1/stream",
       "/v1/time"]  # fmt: skip


@pytest.mark.parametrize("path", PAGES)
def test_a_page_sends_a_stranger_to_the_login(guarded: Caller, path: str) -> None:
    """Nothing of the page is told; the way back is kept."""
    told = guarded.get(path)
    assert (told.status, told.body) == (303, b"")
    assert told.headers["location"].startswith("/login?next=/")


@pytest.mark.parametrize("path", API)
def test_the_api_asks_a_stranger_for_the_token(guarded: Caller, path: str) -> None:
    """401 and how to ask; a wrong token, a provider's token and a token in the address do not help."""
    for told in (
        guarded.get(path),
        guarded.get(path, authorization="Bearer wrong"),
        guarded.get(path, authorization=f"Bearer {TOKEN}"),
        guarded.get(f"{path}?token={SECRET.replace(' ', '%20')}"),
    ):
        assert told.status == 401
        assert "www-authenticate" in told.headers
    if path != "/v1/stream":
        assert guarded.get(path, authorization=f"Bearer {SECRET}").status == 200


def test_a_provider_posts_with_its_own_credential_only(guarded: Caller) -> None:
    """The installation's token is no provider; a provider's token opens the door and its own reports, no more."""
    assert guarded.post("/v1/events", b"{}", authorization=f"Bearer {SECRET}").status == 401
    assert guarded.post("/v1/events", b"{}", authorization=f"Bearer {TOKEN}").status == 422
    assert guarded.get("/v1/events/e1", authorization=f"Bearer {TOKEN}").status == 200
    assert guarded.get("/v1/events/e1?provider=gateway").status == 401


def test_logging_in_sets_a_cookie_that_scripts_cannot_read(guarded: Caller) -> None:
    """The cookie opens pages and stream, is not the token, and goes back to where one was."""
    assert "password" in guarded.get("/login").text
    assert guarded.post("/login", "token=wrong").status == 401
    told = guarded.post("/login?next=/books", f"token={SECRET.replace(' ', '+')}")
    assert (told.status, told.headers["location"]) == (303, "/books")
    cookie = told.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert SECRET not in cookie
    assert guarded.get("/books", cookie=cookie.partition(";")[0]).status == 200
    assert guarded.get("/books", cookie="hazflow_session=9999999999.0").status == 303


def test_a_session_ends_by_time_and_with_its_token() -> None:
    """Twelve hours; a changed token ends them all at once; a forged expiry holds nothing."""
    now = [1_000_000.0]
    sessions = Sessions("one", lambda: now[0])
    cookie = sessions.open()
    assert sessions.holds(cookie)
    assert not Sessions("two", lambda: now[0]).holds(cookie)
    expiry, _, seal = cookie.partition(".")
    assert not sessions.holds(f"{int(expiry) + 1}.{seal}")
    assert not sessions.holds("")
    assert not sessions.holds("é.ü")
    now[0] += SESSION_S
    assert not sessions.holds(cookie)


def test_health_and_looks_need_no_token(guarded: Caller) -> None:
    """What tells nothing is open."""
    assert guarded.get("/healthz").status == 200
    assert guarded.get("/static/desk.css").status == 200


def test_without_a_token_only_a_loopback_name_is_served(desk: Caller) -> None:
    """A page that makes its own name point here gets nothing."""
    assert desk.get("/", host="evil.example").status == 421
    assert desk.get("/v1/warnings", host="evil.example:8600").status == 421
    assert desk.get("/", host="localhost:8600").status == 200


@pytest.mark.parametrize("path", ["/time", "/report", "/v1/time", "/v1/events"])
def test_no_other_origin_may_post(desk: Caller, path: str) -> None:
    """A form of another page cannot move time or report, token or not."""
    assert desk.post(path, b"x", origin="https://evil.example").status == 403
    assert desk.post(path, b"x", sec_fetch_site="cross-site").status == 403


@pytest.mark.parametrize("path", ["/", "/v1/warnings", "/nowhere", "/static/desk.js", "/healthz"])
def test_every_answer_forbids_foreign_content(desk: Caller, path: str) -> None:
    """Only our own scripts, styles and frames, wherever the answer comes from."""
    headers = desk.get(path).headers
    assert headers["content-security-policy"].startswith("default-src 'self'")
    assert headers["x-content-type-options"] == "nosniff"
    assert "unsafe" not in headers["content-security-policy"]


def test_after_login_nobody_is_sent_elsewhere() -> None:
    """Only a path of ours."""
    for path in ("//evil.example", "https://evil.example", "/\\evil.example", "evil", ""):
        assert local_path(path) == "/"


def test_pages_hold_no_script_and_no_style_of_their_own(desk: Caller, tmp_path: Path) -> None:
    """What the policy forbids is not there to begin with."""
    for path in (*PAGES, "/login"):
        page = desk.get(path).text
        assert "style=" not in page
        assert "onclick" not in page
        assert page.count("<script") == page.count('<script src="/static/')
