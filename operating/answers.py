"""What a process answers to whoever operates it: /healthz, /readyz and /metrics.

Law kept: asking changes nothing; each check's verdict is a metric too, so that an alarm and the answer agree.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from operating.checks import Check, Health, free_bytes, well
from operating.meter import CONTENT_TYPE, Meter
from operating.metrics import Metric

HEALTH, READY, METRICS = "/healthz", "/readyz", "/metrics"
OPEN: Final = (HEALTH, READY)
"""What needs no token: whoever keeps processes running asks these."""
_JSON: Final = "application/json"


class Answer(NamedTuple):
    """Status, content type and body."""

    status: int
    content_type: str
    body: bytes


class Operated:
    """One process as operations see it; ``home`` is whose disk it needs."""

    def __init__(self, meter: Meter, health: Health, home: Path) -> None:
        self.meter, self.health = meter, health
        self._home = home
        meter.refresh(self._checked)

    def answer(self, path: str) -> Answer:
        """The answer to a GET of one of the three paths; 404 for any other."""
        match path:
            case "/healthz":
                return _told(self.health.live(), ("运行中", "live"), ("卡住", "stuck"))
            case "/readyz":
                return _told(self.health.ready(), ("就绪", "ready"), ("未就绪", "not ready"))
            case "/metrics":
                return Answer(200, CONTENT_TYPE, self.meter.show())
            case _:
                return Answer(404, _JSON, b'{"error":"there are /healthz, /readyz and /metrics"}')

    def _checked(self) -> None:
        for check in self.health.ready():
            self.meter.set(Metric.CHECK, check.name, to=check.verdict != "wrong")
        self.meter.set(Metric.DISK_FREE, to=free_bytes(self._home))


def _told(checks: Sequence[Check], good: tuple[str, str], bad: tuple[str, str]) -> Answer:
    fine = well(checks)
    zh, en = good if fine else bad
    told = {
        "status": "ok" if fine else "wrong",
        "zh": zh,
        "en": en,
        "checks": [
            {
                "name": check.name,
                "verdict": check.verdict,
                "what": {"zh": check.what[0], "en": check.what[1]},
                **({"mend": {"zh": check.mend[0], "en": check.mend[1]}} if check.mend[1] else {}),
            }
            for check in checks
        ],
    }
    return Answer(200 if fine else 503, _JSON, msgspec.json.encode(told))
