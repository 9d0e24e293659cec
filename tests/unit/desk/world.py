"""A small province for the desk: warnings over many counties, three books, refusals.

Law kept: everything goes in by the projection's own writing side, routed by the shipped policy; nothing is drawn at
random, so that a page looks the same at every run.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from msgspec.structs import replace

from detectors.claim import finding_id
from events.identity import book_key, consignment_key
from events.quantity import Measure
from events.registry import Category
from events.rejection import Reason, Rejection, Source
from events.time import DAY, HOUR, MINUTE, Instant, format_instant, parse_instant
from ledger.fact import Count, Fact, Movement, rank_of
from ledger.held import Standing
from ledger.home import Told
from routing.notice import FactRef, Law, Text, WarningNotice
from routing.question import Answer, Question
from routing.route import route
from streams.effects import BookLine, Incomplete
from streams.projection import SCHEMA, Projection
from tests.unit.routing.world import fujian, policy

START: Final = parse_instant("2026-05-04T08:00:00+08:00")
NOW: Final = START + 7 * DAY
PROVIDER: Final = "gateway"
MEASURES: Final = "福建省危险物品“一体化”安全监管信息平台管理办法"
SITES: Final = {
    "ST-101": ("350102", "福建闽安爆破工程有限公司鼓楼库", "Min'an Blasting, Gulou magazine"),
    "ST-205": ("350205", "厦门海沧化工储运中心", "Haicang Chemical Terminal"),
    "ST-583": ("350583", "南安市丰州民爆专用仓库", "Fengzhou Explosives Store, Nan'an"),
    "ST-128": ("350128", "平潭综合医院核医学科", "Pingtan General Hospital, Nuclear Medicine"),
}
GOODS: Final = {
    "DET-E": (Category.EXPLOSIVES, Measure.COUNT, "工业电子雷管", "electronic detonator"),
    "EMX": (Category.EXPLOSIVES, Measure.MASS, "乳化炸药", "emulsion explosive"),
    "NACN": (Category.CHEMICALS, Measure.MASS, "氰化钠", "sodium cyanide"),
    "I131": (Category.RADIOACTIVE, Measure.ACTIVITY, "碘-131", "iodine-131"),
}
_GOODS_OF: Final = {"ST-101": "DET-E", "ST-205": "NACN", "ST-583": "EMX", "ST-128": "I131"}
_SAID: Final[Sequence[tuple[str, str, str, str, str]]] = (
    # detector, severity, title zh, title en, what kind of numbers
    ("B1", "red", "账物不符", "Book and stock differ", "count"),
    ("B2", "orange", "负库存", "Negative balance", "lowest"),
    ("B4", "red", "发出未收", "Sent and never received", "sent"),
    ("A3", "orange", "超许可量", "Over the permitted quantity", "permit"),
    ("C4", "yellow", "应报未报", "Silent unit", "silent"),
    ("B6", "blue", "超核定储量", "Over capacity", "capacity"),
    ("C1", "yellow", "逾期上报", "Late upload", "silent"),
)


class Written:
    """The writing side of a desk's file, for a test to add to while the desk reads."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.executescript(SCHEMA)
        self.projection = Projection(self._db)

    def notices(self, *notices: WarningNotice) -> None:
        """Tell notices, as one transaction."""
        self._db.execute("BEGIN IMMEDIATE")
        self.projection.notices(notices)
        self._db.execute("COMMIT")

    def clock(self, at: Instant) -> None:
        """Move time."""
        self.projection.clock("time", at)

    def close(self) -> None:
        """Close the file."""
        self._db.close()


def report(id: str) -> dict[str, object]:
    """A flow report as it stands on the wire."""
    return {
        "kind": "flow", "version": 1, "id": id, "occurred_at": format_instant(NOW), "unit": "U-ST-101",
        "site": "ST-101", "goods": "DET-E", "operation": "issue", "quantity": {"value": "40", "unit": "item"},
        "counterparty": {"outside": "某矿山"},
    }  # fmt: skip


def movement(
    site: str,
    goods: str,
    number: int,
    operation: str,
    amount: int,
    *,
    trip: str | None = None,
    to: str | None = None,
) -> Fact:
    """One movement, ``number`` × 6 hours after the start; on a trip, and to a site, where they are named."""
    category, measure = GOODS[goods][:2]
    body = Movement(
        operation, amount, measure, category, goods, site, f"U-{site}", SITES[site][0],
        counterparty_unit=f"U-{to}" if to else "U-SUPPLY" if operation in ("receive", "issue") else None,
        counterparty_site=to,
        consignment=trip or (f"C-{number}" if operation == "receive" else None),
    )  # fmt: skip
    return _fact(site, number, body)


def counted(site: str, goods: str, number: int, amount: int) -> Fact:
    """One count, ``number`` × 6 hours after the start."""
    category, measure = GOODS[goods][:2]
    return _fact(site, number, Count(amount, measure, category, goods, site, f"U-{site}", SITES[site][0]))


def _fact(site: str, number: int, body: Movement | Count) -> Fact:
    at = START + number * 6 * HOUR
    return Fact(
        f"{PROVIDER}|{site}|e{number}",
        at,
        rank_of(body),
        1,
        0,
        at + 9 * MINUTE,
        Source("log", 0, 1_000 + number),
        body,
    )


def detonators() -> list[Fact]:
    """A book of a week: opened, used, counted right once and 20 short once; three trips left it for ST-583.

    Of C-17 nothing arrived (B4 says so), of C-20 one item less than was sent, C-22 is under way; what came on
    C-13 nobody sent.
    """
    book = [movement("ST-101", "DET-E", 0, "open", 300)]
    book += [movement("ST-101", "DET-E", n, "consume", 11 + n % 5) for n in range(1, 12)]
    book.append(counted("ST-101", "DET-E", 12, 300 - sum(11 + n % 5 for n in range(1, 12))))
    book.append(movement("ST-101", "DET-E", 13, "receive", 240))
    for n in range(14, 25):
        trip, to = (f"C-{n}", "ST-583") if n in (17, 20, 22) else (None, None)
        book.append(movement("ST-101", "DET-E", n, "issue", 9 + n % 7, trip=trip, to=to))
    book.append(counted("ST-101", "DET-E", 25, 252))
    book.append(movement("ST-101", "DET-E", 26, "declare_loss", 4))
    return book


_LATE = FactRef("p|ST-101|late", "flow", 0, 7)


def notice(number: int, site: str = "", **changes: Any) -> WarningNotice:
    """The ``number``-th warning of the province; ``changes`` replace fields."""
    detector, severity, zh, en, kind = _SAID[number % len(_SAID)]
    site = site or tuple(SITES)[number % len(SITES)]
    goods = _GOODS_OF[site]
    category, measure = GOODS[goods][:2]
    area = SITES[site][0] if number < 20 else fujian().counties(NOW)[number * 7 % 84].id
    since = NOW - (number + 1) * 3 * HOUR
    subject = consignment_key(f"C-{number + 1}") if detector == "B4" else book_key(site, goods)
    finding = finding_id(detector, subject, f"{PROVIDER}|{site}|e{number}")
    answer = _routed(finding, detector, severity, area, site, since)
    name = fujian().name(area, since)
    told = WarningNotice(
        finding=finding,
        revision=1,
        detector=detector,
        title=Text(zh, en),
        explanation=Text(
            f"{SITES[site][1]}的{GOODS[goods][2]}：{zh}，相差 12 件，超过允许差值；请现场核对实物与台账。",
            f"{GOODS[goods][3].capitalize()} at {SITES[site][2]}: 12 short, more than may differ. Check the goods "
            "and the book on the spot.",
        ),
        misses=Text("两次盘点之间补回的缺口查不出。", "A gap that is filled again between two counts is not seen."),
        status="closed" if number % 5 == 4 else "open",
        severity=severity,
        category=category.value,
        subject=subject,
        area=area,
        area_name=Text(*name),
        unit=f"U-{site}",
        site=site,
        goods=goods,
        since=since,
        until=since + 2 * HOUR if number % 5 == 4 else None,
        raised_at=since + HOUR,
        told_at=since + HOUR,
        numbers=_numbers(kind, measure, since),
        facts=tuple(FactRef(f"{PROVIDER}|{site}|e{n}", "log", 0, 1_000 + n) for n in (24, 25, number + 40)),
        fact_count=7,
        basis=(Law(MEASURES, "5", False), Law("民用爆炸物品安全管理条例", "41", True)),
        rule_version=f"{detector}@3f9c2a71d0aa",
        routing_version=answer.policy_version,
        recipients=answer.recipients,
        held=answer.held,
        why=answer.why,
    )
    return replace(told, **changes)


def _routed(finding: str, detector: str, severity: str, area: str, site: str, since: Instant) -> Answer:
    asked = Question(
        finding_id=finding,
        detector=detector,
        category=GOODS[_GOODS_OF[site]][0].value,
        severity=severity,
        area=area,
        at=since,
        raised_at=since + HOUR,
        unit=f"U-{site}",
        unit_area=area,
        inform_unit="after_disposal" if detector == "B1" else "now",
    )
    return route(asked, policy(), fujian())


def _numbers(kind: str, measure: Measure, since: Instant) -> dict[str, int | float | str]:
    kinds: dict[str, dict[str, int | float | str]] = {
        "count": {"book": 264, "counted": 252, "difference": -12, "tolerance": 0, "movements": 24},
        "lowest": {"lowest": -12_500_000, "movements": 3},
        "sent": {"consignment": "C-88", "sent": 240_000_000, "missing": 240_000_000, "sent_at": since},
        "permit": {"permit": "P-17", "permitted": 900_000, "used": 1_200_000, "over": 300_000},
        "silent": {"last_seen_at": since - DAY, "silent_hours": 31},
        "capacity": {"capacity": 500, "balance": 540, "share": 1.08},
    }
    return {**kinds[kind], "measure": measure.value}


def fill(written: Written, many: int = 50) -> None:
    """Write the province: books, warnings (some revised, one withdrawn), reports and refusals."""
    written._db.execute("BEGIN IMMEDIATE")
    into = written.projection
    into.lines(BookLine(book_key("ST-101", "DET-E"), fact) for fact in detonators())
    arrived = movement("ST-583", "DET-E", 21, "receive", 14, trip="C-20", to="ST-101")
    into.lines([BookLine(book_key("ST-583", "DET-E"), arrived)])
    into.lines(
        BookLine(book_key(site, goods), movement(site, goods, n, "open" if n == 0 else "issue", 50_000_000 >> n))
        for site, goods in (("ST-205", "NACN"), ("ST-583", "EMX"), ("ST-128", "I131"))
        for n in range(4)
    )
    into.notices(notice(number) for number in reversed(range(many)))
    closed: dict[str, Any] = {"revision": 2, "told_at": NOW - HOUR, "status": "closed", "until": NOW}
    into.notices(notice(number, **closed) for number in (1, 8))
    into.notices(
        [
            notice(2, **{**closed, "status": "withdrawn", "withdrawn_by": _LATE}),
            notice(3, revision=2, incomplete=("E7",)),
        ]
    )
    into.reports(
        [
            Told(
                f"{PROVIDER}|ST-101|e1",
                "e1",
                PROVIDER,
                "site:ST-101",
                Standing.TAKEN,
                None,
                "",
                Source("log", 0, 1_001),
                NOW,
            ),
        ]
    )
    into.refusals(
        Rejection(
            f"log-0-{n}", reason, field, detail, PROVIDER, Source("log", 0, n), NOW - n * HOUR, f"bad{n}", None,
            b'{"kind":"flow","id":"bad%d","note":"<script>alert(1)</script>"}' % n,
        )
        for n, (reason, field, detail) in enumerate([
            (Reason.UNKNOWN_FIELD, "note", "Object contains unknown field `note`"),
            (Reason.QUANTITY_NEGATIVE, "quantity.value", "-3"),
            (Reason.ID_REUSED, "id", "bad2"),
        ])
    )  # fmt: skip
    into.incomplete([Incomplete("E7", "unit:U-ST-101", "ZeroDivisionError: division by zero", NOW)])
    into.clock("time", NOW)
    written._db.execute("COMMIT")
