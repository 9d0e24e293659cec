"""What the desk is given in tests: names, one provider, a door that judges bytes, a demo, a real server.

Law kept: fakes, no mocks. The door answers as intake does, by the same contract.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Literal

import uvicorn
from msgspec import json
from starlette.applications import Starlette

from desk.app import make_app
from desk.asking import Asking
from desk.ports import Demo, Disposition, Intake, Ports, Providers, ReadyMade
from events.intake import Record, read
from events.rejection import MEND, Rejection, Source
from events.time import HOUR, Instant, civil_day, day_start
from routing.areas import Areas
from routing.notice import Text
from tests.unit.desk.world import GOODS, NOW, PROVIDER, SITES, Written, fill, report
from tests.unit.routing.world import fujian

TOKEN: Final = "provider-secret"


class Named:
    """Names for what the small province knows."""

    areas: Areas = fujian()

    def known(self, kind: Literal["unit", "site", "goods"], id: str) -> Text | None:
        """The name of a site or goods."""
        if kind == "site" and id in SITES:
            return Text(*SITES[id][1:])
        return Text(*GOODS[id][2:]) if kind == "goods" and id in GOODS else None

    def capacity(self, site: str, goods: str, at: Instant) -> int | None:
        """500 detonators at ST-101."""
        return 500 if (site, goods) == ("ST-101", "DET-E") else None


class Tokens(Providers):
    """One provider."""

    def of(self, token: str) -> str | None:
        """The provider of the one token."""
        return PROVIDER if token == TOKEN else None


class Door(Intake):
    """Judges bytes as the real door does, and keeps what it took; ``raises`` is thrown instead, if set."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, bytes]] = []
        self.raises: Exception | None = None

    async def post(self, provider: str, records: list[bytes]) -> list[Disposition]:
        """One disposition a record."""
        if self.raises is not None:
            raise self.raises
        return [self._one(provider, raw) for raw in records]

    def _one(self, provider: str, raw: bytes) -> Disposition:
        found = read(Record(raw, provider, NOW, Source("log", 0, len(self.taken))))
        if isinstance(found, Rejection):
            zh, en = MEND[found.reason]
            return Disposition("refused", found.event_id, found.reason.value, found.field, found.detail, zh, en)
        known = (provider, raw) in self.taken
        self.taken.append((provider, raw))
        return Disposition("known" if known else "accepted", getattr(found.event, "id", None))


class Trial(Demo):
    """A demo whose time is a number."""

    provider: str = "demo"

    def __init__(self, written: Written) -> None:
        self._written, self._now = written, NOW

    def now(self) -> Instant:
        """The number."""
        return self._now

    async def forward(self, hours: int) -> Instant:
        """The number, later."""
        return self._reach(self._now + hours * HOUR)

    async def to_day_end(self) -> Instant:
        """The next midnight."""
        return self._reach(day_start(civil_day(self._now) + 1))

    def ready_made(self) -> Sequence[ReadyMade]:
        """A theft and a bad record."""
        return (
            ReadyMade(
                Text("一次盗窃", "A theft"),
                json.format(json.encode(report("theft-1"))).decode(),
                Text("次日 0 时 30 分发出 B2 负库存预警。", "A B2 warning, due at 00:30 of the next day."),
            ),
            ReadyMade(
                Text("一条坏记录", "A bad record"),
                json.format(json.encode({**report("bad-1"), "kind": "flw"})).decode(),
                Text("立即拒收。", "Refused at once."),
            ),
        )

    def _reach(self, at: Instant) -> Instant:
        self._now = at
        self._written.clock(at)
        return at


class Bench:
    """A desk over the small province, with what stands behind it at hand."""

    def __init__(self, folder: Path, *, token: str | None = None, many: int = 50) -> None:
        self.written = Written(folder / "projection.db")
        fill(self.written, many)
        self.door, self.trial = Door(), Trial(self.written)
        self.asking = Asking(self.written.path)
        ports = Ports(self.door, Tokens(), self.trial)
        self.app = make_app(self.asking, ports, names=Named(), token=token)


@contextmanager
def serving(app: Starlette) -> Iterator[str]:
    """The address of a real server over the app, stopped at the end."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = uvicorn.Server(
        uvicorn.Config(app, host="127.0.0.1", port=port, log_level="error", timeout_graceful_shutdown=1)
    )
    started = threading.Event()
    startup = server.startup

    async def tell(sockets: list[socket.socket] | None = None) -> None:
        await startup(sockets)
        started.set()

    server.startup = tell  # type: ignore[method-assign]  # the server's own "I listen now"
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    assert started.wait(20), "the server did not start"
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(20)
