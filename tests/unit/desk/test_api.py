"""The API: an answer an item, statuses that programs understand, providers kept apart, a stream without gaps."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from msgspec import json

from desk.door import LARGEST_BODY, MOST_RECORDS
from desk.ports import TooMany, Unavailable
from events.time import HOUR, format_instant
from tests.unit.desk.caller import Caller
from tests.unit.desk.fakes import TOKEN, Bench, serving
from tests.unit.desk.world import NOW, PROVIDER, notice, report

MINE = f"Bearer {TOKEN}"


@pytest.fixture
def own(tmp_path: Path) -> Iterator[tuple[Bench, Caller]]:
    """A desk of one's own, to change things at."""
    bench = Bench(tmp_path, many=3 * 7)
    with serving(bench.app) as base:
        yield bench, Caller(base)
    bench.written.close()


def body(*ids: str) -> list[bytes]:
    """Reports as bytes."""
    return [json.encode(report(id)) for id in ids]


def test_one_report_is_kept_known_or_refused(own: tuple[Bench, Caller]) -> None:
    """202 when kept, 200 when it is known already, 422 with reason, field and how to mend."""
    bench, desk = own
    (good,) = body("a")
    first = desk.post("/v1/events", good, authorization=MINE)
    assert (first.status, first.value) == (202, {"status": "accepted", "id": "a"})
    assert desk.post("/v1/events", good, authorization=MINE).status == 200
    assert bench.door.taken[0] == (PROVIDER, good)
    bad = desk.post("/v1/events", good.replace(b'"flow"', b'"flw"'), authorization=MINE)
    assert bad.status == 422
    assert bad.value["reason"] == "unknown_kind"
    assert bad.value["mend_zh"]
    assert bad.value["mend_en"]


@pytest.mark.parametrize(
    ("content_type", "start", "between", "end"),
    [("application/json", b"[", b",", b"]"), ("application/x-ndjson", b"", b"\n", b"\n\n")],
)
def test_a_batch_is_answered_item_by_item(
    own: tuple[Bench, Caller], content_type: str, start: bytes, between: bytes, end: bytes
) -> None:
    """One bad record never stops the good ones beside it; the bytes go through as they came."""
    bench, desk = own
    records = body("a", "b")
    records.insert(1, b'{"kind": 7}')
    told = desk.post(
        "/v1/events", start + between.join(records) + end, authorization=MINE, content_type=content_type
    )
    assert told.status == 200
    assert [item["status"] for item in told.value["items"]] == ["accepted", "refused", "accepted"]
    assert [raw for _, raw in bench.door.taken] == [records[0], records[2]]


@pytest.mark.parametrize("bad", [b"", b"{", b"[1,", b"\xff\xfe", b"nul", b"[" * 5_000])
def test_bytes_that_cannot_be_taken_apart_are_one_refused_record(own: tuple[Bench, Caller], bad: bytes) -> None:
    """Nonsense is refused with a reason, never an error of ours."""
    _, desk = own
    told = desk.post("/v1/events", bad, authorization=MINE)
    assert told.status in (200, 422)
    item = told.value["items"][0] if told.status == 200 else told.value
    assert item["status"] == "refused"
    assert item["reason"]


def test_who_brings_no_credential_is_not_heard(own: tuple[Bench, Caller]) -> None:
    """401, and nothing kept."""
    bench, desk = own
    for headers in ({}, {"authorization": "Bearer wrong"}, {"authorization": f"Basic {TOKEN}"}):
        told = desk.post("/v1/events", body("a")[0], **headers)
        assert (told.status, told.headers["www-authenticate"]) == (401, "Bearer")
    assert not bench.door.taken


def test_what_is_too_much_is_refused_whole(own: tuple[Bench, Caller]) -> None:
    """Too many bytes or too many records: 413 before anything is kept."""
    bench, desk = own
    many = b"[" + b",".join([b"1"] * (MOST_RECORDS + 1)) + b"]"
    assert desk.post("/v1/events", many, authorization=MINE).status == 413
    connection = http.client.HTTPConnection(urlsplit(desk.base).netloc, timeout=20)
    connection.putrequest("POST", "/v1/events")
    connection.putheader("authorization", MINE)
    connection.putheader("content-length", str(LARGEST_BODY + 1))
    connection.endheaders()
    assert connection.getresponse().status == 413
    connection.close()
    assert not bench.door.taken


@pytest.mark.parametrize(("error", "status"), [(TooMany(30), 429), (Unavailable(5), 503)])
def test_who_must_come_back_is_told_when(
    own: tuple[Bench, Caller], error: TooMany | Unavailable, status: int
) -> None:
    """Retry-After names the seconds."""
    bench, desk = own
    bench.door.raises = error
    told = desk.post("/v1/events", body("a")[0], authorization=MINE)
    assert (told.status, told.headers["retry-after"]) == (status, str(error.retry_after_s))


def test_a_provider_learns_what_became_of_its_own_reports(desk: Caller) -> None:
    """By its credential, whatever it asks for; the desk's own readers name the provider."""
    mine = desk.get("/v1/events/e1?provider=another", authorization=MINE)
    assert [item["standing"] for item in mine.value["items"]] == ["taken"]
    refused = desk.get("/v1/events/bad1", authorization=MINE).value["items"][0]
    assert (refused["standing"], refused["field"]) == ("refused", "quantity.value")
    assert refused["mend_en"]
    assert desk.get("/v1/events/e1?provider=another").status == 404
    assert desk.get(f"/v1/events/e1?provider={PROVIDER}").status == 200
    assert desk.get("/v1/events/e1").status == 400


def test_warnings_are_read_by_pages_and_in_full(desk: Caller) -> None:
    """Every page's cursor leads on; one warning comes with its revisions."""
    first = desk.get("/v1/warnings?limit=30&severity=red").value
    assert {item["severity"] for item in first["items"]} == {"red"}
    page = desk.get("/v1/warnings?limit=30").value
    rest = desk.get(f"/v1/warnings?limit=200&after={page['next']}").value
    found = [item["finding"] for item in page["items"] + rest["items"]]
    assert len(found) == len(set(found)) >= 50
    assert rest["next"] is None
    one = desk.get(f"/v1/warnings/{notice(2).finding}").value
    assert [revision["revision"] for revision in one["revisions"]] == [2, 1]
    assert desk.get("/v1/warnings/none").status == 404


def test_a_book_is_read_as_of_an_instant(desk: Caller) -> None:
    """Balance, totals and lines in event order; a bad time is said."""
    book = desk.get("/v1/books/ST-101/DET-E").value
    assert (book["balance"], book["totals"]["opening"], len(book["entries"])) == (268, 300, 27)
    out, into = book["transit"]["out"], book["transit"]["into"]
    assert (out["sent"], out["received"], out["lost"], out["in_transit"], into["in_transit"]) == (
        37,
        14,
        0,
        23,
        -240,
    )
    assert (book["transit"]["open"][0]["consignment"], book["transit"]["open"][0]["state"]) == ("C-17", "overdue")
    assert [(one["opening"], one["muf"], one["closing"]) for one in book["periods"]] == [
        (158, 20, 252),
        (252, None, None),
    ]
    early = desk.get("/v1/books/ST-101/DET-E?at=2026-05-04T20:00:00%2B08:00").value
    assert (early["balance"], early["periods"], early["transit"]["open"]) == (275, [], [])
    assert desk.get("/v1/books/ST-101/DET-E?at=soon").status == 400
    assert desk.get("/v1/books/ST-101/none").status == 404


def test_refused_records_are_listed_with_the_way_to_mend_them(desk: Caller) -> None:
    """As on the page."""
    items = desk.get("/v1/rejected").value["items"]
    assert [item["reason"] for item in items] == ["unknown_field", "quantity_negative", "id_reused"]
    assert all(item["mend_zh"] and item["raw"] for item in items)


def test_time_moves_by_hand_in_the_demo_only(own: tuple[Bench, Caller]) -> None:
    """An hour, or to the end of the Shanghai day; nonsense is refused."""
    _, desk = own
    assert desk.post("/v1/time", b'{"forward": "1h"}').value["time"] == format_instant(NOW + HOUR)
    assert desk.post("/v1/time", b'{"forward": "day_end"}').value["time"] == "2026-05-12T00:00:00+08:00"
    for nonsense in (b"{}", b'{"forward": "-1h"}', b'{"forward": 3}', b"x", b'{"forward": "99h"}'):
        assert desk.post("/v1/time", nonsense).status == 400


def test_the_stream_replays_from_the_last_seen_and_goes_on_live(own: tuple[Bench, Caller]) -> None:
    """Nothing missed, nothing twice: the notices after Last-Event-ID, then what is told while one listens."""
    bench, desk = own
    last = bench.asking.last_told()
    connection = http.client.HTTPConnection(urlsplit(desk.base).netloc, timeout=20)
    connection.request("GET", "/v1/stream", headers={"Last-Event-ID": str(last - 2)})
    response = connection.getresponse()
    assert response.headers["content-type"].startswith("text/event-stream")
    seen: list[int] = []
    while len(seen) < 2:
        seen += _ids(response.readline())
    bench.written.notices(notice(70), notice(71))
    while len(seen) < 4:
        seen += _ids(response.readline())
    connection.close()
    assert seen == [last - 1, last, last + 1, last + 2]
    assert desk.get("/v1/stream?after=x").status == 400


def test_health_is_short(desk: Caller) -> None:
    """It says that the projection answers, and nothing about it."""
    assert desk.get("/healthz").value == {"status": "ok"}


def _ids(line: bytes) -> list[int]:
    return [int(line[4:])] if line.startswith(b"id: ") else []
