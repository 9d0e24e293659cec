"""A way back for what was refused on Kafka: mended beside the original, through the door again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from cli.__main__ import main
from deploy.local import KafkaBroker
from events.log import Received, Tick
from events.rejection import Reason
from events.time import SECOND
from tests.kafka.engine import Engine, expected, last_tick, province, settings_for


@pytest.fixture
def engine(kafka_broker: KafkaBroker, tmp_path: Path) -> Iterator[Engine]:
    """A fresh application on the shared broker."""
    made = Engine(settings_for(kafka_broker.address, tmp_path), tmp_path)
    yield made
    made.stop()


def test_a_mended_record_goes_back_in_through_the_door(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Law 7: refused, mended and replayed, it is as if it had been right at first, with its first receipt."""
    log = list(province(1))
    place, spoiled = max(
        (place, item) for place, item in enumerate(log) if isinstance(item, Received) and b'"flow"' in item.raw
    )
    wrong = Received(spoiled.raw.replace(b'"version":1', b'"version":2'), spoiled.provider, spoiled.received_at)
    log[place] = wrong
    engine.feed(log)
    engine.work()
    at = last_tick(log)
    engine.until(at)
    for name in ("home", "brokers", "application", "partitions"):
        monkeypatch.setenv(f"HAZFLOW_{name.upper()}", str(getattr(engine.settings, name)))

    def hazflow(*words: str) -> str:
        assert main((*words, "--database", str(engine.database))) == 0
        return capsys.readouterr().out

    (refused,) = [
        one
        for one in json.loads(hazflow("rejected", "list", "--json", "--reason", "unknown_version"))
        if json.loads(one["raw"]) == json.loads(wrong.raw)
    ]
    hazflow("rejected", "mend", refused["id"], "--set", "version:=1")
    hazflow("rejected", "replay", refused["id"])
    engine.feed([Tick(at + SECOND)])
    refusal = (Reason.UNKNOWN_VERSION.value, None, None, wrong.provider)  # it is kept beside what it was mended to
    right = replace(expected(1), refusals=expected(1).refusals | {refusal})
    engine.answers_as(right, at + SECOND)
