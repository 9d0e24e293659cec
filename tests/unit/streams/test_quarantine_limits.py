"""Law 7 on Kafka: the quarantine is limited per provider first; beyond it only positions are kept."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import cast

import pytest
from msgspec import Struct

from cli.kafka_ports import KafkaIntake, QuarantineLimit
from desk.asking import Projected
from desk.ports import TooMany, Unavailable
from events.log import Received, Tick
from events.rejection import Reason, Rejection, Source
from streams.broker.door import KafkaDoor
from streams.broker.follow import Followed
from streams.broker.projector import Projector
from streams.broker.wire import encode_rejection
from streams.settings import Settings

SETTINGS = Settings(quarantine_per_provider=2, quarantine_total=4)


class Read(Struct):
    """A record as it is followed."""

    value: bytes


class OpenDoor:
    """A door that takes everything."""

    def __init__(self) -> None:
        self.taken: list[Received | Tick] = []

    async def put(self, items: Iterable[Received | Tick]) -> None:
        """Take them."""
        self.taken.extend(items)


def refuse(path: Path, provider: str, count: int) -> None:
    """Let a projector read that many refusals of a provider."""
    records = [
        Read(
            encode_rejection(
                Rejection(f"{provider}/{n}", Reason.NOT_JSON, "", "", provider, Source("flow", 0, n), n, raw=b"{")
            )
        )
        for n in range(count)
    ]
    projector = Projector(path, SETTINGS)
    asyncio.run(projector.take([Followed("hazflow-rejected", 0, records, count)]))
    projector.close()


def post(path: Path, provider: str, door: OpenDoor) -> None:
    """Post one record."""
    intake = KafkaIntake(cast(KafkaDoor, door), lambda: 0, QuarantineLimit(Projected(path), SETTINGS))
    asyncio.run(intake.post(provider, [b"{}"]))


def test_beyond_a_providers_share_only_the_position_is_kept(tmp_path: Path) -> None:
    """The record itself stays in the input log; its refusal is listed all the same."""
    path = tmp_path / "hazflow.db"
    refuse(path, "a", 3)
    refuse(path, "b", 1)
    rows = sqlite3.connect(path).execute("SELECT id, raw FROM refusals ORDER BY id").fetchall()
    assert rows == [("a/0", b"{"), ("a/1", b"{"), ("a/2", None), ("b/0", b"{")]


def test_a_provider_with_a_full_quarantine_is_told_to_mend_first(tmp_path: Path) -> None:
    """Others are not held up by it."""
    path, door = tmp_path / "hazflow.db", OpenDoor()
    refuse(path, "a", 2)
    with pytest.raises(TooMany):
        post(path, "a", door)
    post(path, "b", door)
    assert len(door.taken) == 1


def test_only_the_global_limit_stops_intake(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """And it does so loudly."""
    path, door = tmp_path / "hazflow.db", OpenDoor()
    refuse(path, "a", 2)
    refuse(path, "b", 2)
    with pytest.raises(Unavailable):
        post(path, "c", door)
    assert "quarantine" in caplog.text
    assert door.taken == []
