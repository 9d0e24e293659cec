"""A database belongs to one engine: the other refuses it untouched, and the doctor knows both."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from streams.assembly import TREE, Assembly, assemble
from streams.broker.projector import Projector
from streams.database import CannotOpen
from streams.embedded import Embedded
from streams.health import check_machine
from streams.settings import Settings

SETTINGS = Settings(policies=str(TREE / "policies"))


@pytest.fixture(scope="module")
def assembly() -> Assembly:
    """The shipped policies."""
    return assemble(TREE / "policies")


def test_the_embedded_engine_refuses_the_desk_of_a_kafka_installation(assembly: Assembly, tmp_path: Path) -> None:
    """Law: what a verb would write there would mix with what the lanes say."""
    path = tmp_path / "hazflow.db"
    Projector(path, SETTINGS).close()
    before = path.read_bytes()
    with pytest.raises(CannotOpen, match="Kafka"):
        Embedded(path, assembly)
    assert path.read_bytes() == before


def test_the_projector_refuses_an_embedded_engines_database(assembly: Assembly, tmp_path: Path) -> None:
    """Law: the same the other way round."""
    path = tmp_path / "hazflow.db"
    Embedded(path, assembly).close()
    with pytest.raises(CannotOpen, match="HAZFLOW_HOME"):
        Projector(path, SETTINGS)


def test_the_doctor_finds_nothing_wrong_with_a_desk_of_its_own_kind(tmp_path: Path) -> None:
    """Law: a projection has no format of the embedded engine's, and needs none."""
    Projector(tmp_path / "hazflow.db", SETTINGS).close()
    checks = list(check_machine(replace(SETTINGS, home=str(tmp_path)), [], 0))
    assert {check.name: check.verdict for check in checks}["database"] == "ok"
    assert not [check for check in checks if check.verdict == "wrong"]
