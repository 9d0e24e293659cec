"""policy, providers, schemas, doctor: what keeps an installation in order."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from cli.verb import Exit
from events.time import DAY, format_instant, parse_instant
from streams.providers import Providers
from tests.unit.cli.installed import TREE, Installed


def test_policy_check_names_digest_and_rules(hazflow: Installed) -> None:
    """The shipped policies are sound, and checking changes nothing."""
    ran = hazflow("policy", "check", "--json")
    assert ran.code == Exit.OK
    assert "B2" in ran.json["rules"]
    assert not hazflow.home.exists()


def test_policy_check_refuses_a_wrong_field_and_names_it(hazflow: Installed, tmp_path: Path) -> None:
    """A misspelt parameter is refused before it is published."""
    folder = tmp_path / "policies"
    shutil.copytree(TREE / "policies", folder)
    path = folder / "b2_negative_balance.toml"
    path.write_text(path.read_text() + "\n[parameters]\nlowst = 1\n")
    ran = hazflow("policy", "check", folder)
    assert ran.code == Exit.USAGE
    assert "Traceback" not in ran.err


def test_a_policy_is_published_from_now_on_never_before(replayed: Installed) -> None:
    """A publication is a record: taken, not before now, and again as often as asked."""
    now = replayed("policy", "publish", "--json").json
    assert now["standing"] == "taken"
    later = format_instant(parse_instant(now["effective_from"]) + DAY)
    assert replayed("policy", "publish", "--effective-from", later, "--json").json["standing"] == "taken"
    ran = replayed("policy", "publish", "--effective-from", "2020-01-01")
    assert ran.code == Exit.FOUND


def test_a_token_is_shown_once_and_kept_as_a_digest_its_owner_alone_can_read(hazflow: Installed) -> None:
    """The file holds no token; the token names its provider until it is revoked."""
    token = hazflow("providers", "add", "plant-17").out.strip()
    path = hazflow.home / "providers.toml"
    assert token not in path.read_text()
    assert path.stat().st_mode & 0o777 == 0o600
    providers = Providers(hazflow.home)
    assert providers.of(token) == "plant-17"
    assert providers.of(token + "x") is None
    assert hazflow("providers", "add", "plant-17").code == Exit.USAGE
    rotated = hazflow("providers", "add", "plant-17", "--rotate").out.strip()
    assert (providers.of(token), providers.of(rotated)) == (None, "plant-17")
    assert hazflow("providers", "revoke", "plant-17").code == Exit.OK
    assert providers.of(rotated) is None
    assert hazflow("providers", "revoke", "plant-17").code == Exit.FOUND
    assert [one["until"] is None for one in hazflow("providers", "list", "--json").json] == [False, False]


@pytest.mark.parametrize("name", ["two words", "a/b", "a|b", "hazflow", "", 'a"b'])
def test_a_provider_cannot_take_a_name_that_would_blur_an_identity(hazflow: Installed, name: str) -> None:
    """Identity is provider|home|id, and hazflow's own records are hazflow's alone."""
    assert hazflow("providers", "add", name).code == Exit.USAGE


def test_a_broken_list_of_providers_is_said_so(hazflow: Installed) -> None:
    """A file that cannot be read is named, by the verb and by the doctor."""
    hazflow.home.mkdir()
    (hazflow.home / "providers.toml").write_text("[[provider]\n")
    assert "providers.toml" in hazflow("providers", "list").err
    assert any(check["name"] == "providers" and check["verdict"] == "wrong" for check in
               hazflow("doctor", "--json").json)  # fmt: skip


def test_the_committed_schemas_are_current(hazflow: Installed, tmp_path: Path) -> None:
    """The documents are made from the types: a change of one without the other fails here."""
    ran = hazflow("schemas", "--check")
    assert (ran.code, ran.err) == (Exit.OK, "")
    assert hazflow("schemas", "--check", "--out", tmp_path).code == Exit.FOUND
    assert hazflow("schemas", "--out", tmp_path).code == Exit.OK
    assert hazflow("schemas", "--check", "--out", tmp_path).code == Exit.OK


def test_the_doctor_finds_nothing_wrong_with_a_replayed_installation(replayed: Installed) -> None:
    """Each part is named; what is merely to be watched does not fail."""
    ran = replayed("doctor", "--json")
    assert {one["name"] for one in ran.json} >= {
        "settings", "policies", "areas", "routing", "disk", "providers", "database", "time", "detectors",
        "quarantine",
    }  # fmt: skip
    assert [one for one in ran.json if one["verdict"] == "wrong"] == []
    assert ran.code == Exit.OK
    assert "✓ database" in replayed("doctor").out


def test_the_doctor_says_how_to_mend_each_thing_found_wrong(
    replayed: Installed, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A broken policy, a readable token file, a database that is none: each has a remedy in both languages."""
    folder = tmp_path / "policies"
    shutil.copytree(TREE / "policies", folder)
    (folder / "b2_negative_balance.toml").write_text("severity = 7\n")
    (folder / "routing.toml").write_text("[policy]\n")
    monkeypatch.setenv("HAZFLOW_POLICIES", str(folder))
    replayed("providers", "add", "plant-17")
    (replayed.home / "providers.toml").chmod(0o644)
    for name in ("hazflow.db", "hazflow.db-wal", "hazflow.db-shm"):
        (replayed.home / name).unlink(missing_ok=True)
    replayed.database.write_text("this is no database, however long it may be" * 100)
    ran = replayed("doctor", "--json")
    assert ran.code == Exit.FOUND
    wrong = {one["name"]: one for one in ran.json if one["verdict"] == "wrong"}
    assert set(wrong) == {"policies", "routing", "providers", "database"}
    assert all(all(one["mend"]) for one in wrong.values())


def test_the_doctor_sees_time_standing_still_in_a_living_installation(
    hazflow: Installed, province: tuple[object, Path], tmp_path: Path
) -> None:
    """Ticks that stopped are an alarm; in a replayed log time stands by design."""
    import sqlite3

    path = tmp_path / "none.jsonl"
    path.write_text("")
    assert hazflow("ingest", path).code == Exit.OK
    with sqlite3.connect(hazflow.database) as database:
        database.execute("UPDATE clock SET at = at - ?", (DAY,))
    checks = {one["name"]: one for one in hazflow("doctor", "--json").json}
    assert checks["time"]["verdict"] == "wrong"


def test_a_wrong_setting_is_the_doctors_first_finding(hazflow: Installed, monkeypatch: pytest.MonkeyPatch) -> None:
    """The doctor works where nothing else does."""
    monkeypatch.setenv("HAZFLOW_BIND", "0.0.0.0:8600")
    ran = hazflow("doctor", "--json")
    assert ran.code == Exit.FOUND
    assert [one["name"] for one in ran.json] == ["settings"]
    assert json.loads(ran.out)[0]["verdict"] == "wrong"
