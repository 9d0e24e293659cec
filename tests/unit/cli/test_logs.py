"""simulate, replay, ingest, evaluate: logs in, each once."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

import simulator
from cli.replay import feed
from cli.verb import Exit
from events.log import log_line, read_log
from events.time import format_instant
from streams.feeding import feed_name
from streams.model_files import shipped
from tests.unit.cli.installed import Installed, first_events, last_tick

Province = tuple[simulator.Simulation, Path]


def counts(hazflow: Installed) -> dict[str, int]:
    """How many rows the projection holds, by table."""
    import sqlite3

    with sqlite3.connect(hazflow.database) as database:
        tables = ("log", "book_lines", "warnings", "reports", "refusals")
        return {name: database.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in tables}


def test_simulate_writes_the_same_bytes_for_the_same_seed(hazflow: Installed, tmp_path: Path) -> None:
    """The seed is the only source of chance, on the command line too."""
    one = hazflow("simulate", "--seed", "7", "--out", tmp_path / "a", "--json")
    two = hazflow("simulate", "--seed", "7", "--out", tmp_path / "b", "--json")
    assert one.code == two.code == Exit.OK
    assert one.json["kinds"] == two.json["kinds"]
    assert one.json["kinds"]["flow"] > 500
    assert (tmp_path / "a/log.jsonl.gz").read_bytes() == (tmp_path / "b/log.jsonl.gz").read_bytes()


def test_simulate_clean_stages_nothing(hazflow: Installed, tmp_path: Path) -> None:
    """What models are trained on holds no diversion and no look-alike."""
    ran = hazflow(
        "simulate", "--counties", "2", "--units-per-county", "3", "--days", "1", "--clean", "--out", tmp_path
    )
    assert ran.code == Exit.OK
    assert json.loads((tmp_path / "labels.json").read_text()) == []


def test_simulate_refuses_more_counties_than_there_are(hazflow: Installed, tmp_path: Path) -> None:
    """A wrong size is a usage fault, and nothing is written."""
    ran = hazflow("simulate", "--counties", "500", "--out", tmp_path / "x")
    assert ran.code == Exit.USAGE
    assert not (tmp_path / "x").exists()


def test_replay_founds_the_installation_and_takes_the_log_once(hazflow: Installed, province: Province) -> None:
    """Policies are published first; the same log again changes nothing."""
    log = province[1] / "log.jsonl.gz"
    assert hazflow("replay", log).code == Exit.OK
    held = counts(hazflow)
    assert held["book_lines"] > 500
    assert hazflow("replay", log).code == Exit.OK
    assert counts(hazflow) == held


def test_replay_goes_on_where_it_was_interrupted(hazflow: Installed, province: Province, tmp_path: Path) -> None:
    """A replay that was cut short loses nothing and doubles nothing."""
    from cli.installation import open_engine
    from events.log import Received, Tick
    from streams.assembly import rule_policies
    from streams.founding import founding
    from streams.log import Feed
    from tests.unit.cli.installed import TREE

    simulation, folder = province
    log = folder / "log.jsonl.gz"
    first: list[Received | Tick] = list(simulation.log[:700])
    at = first[0].at if isinstance(first[0], Tick) else first[0].received_at
    engine = open_engine(hazflow.database)
    engine.apply([*founding(rule_policies(TREE / "policies"), at, shipped()), *first], Feed(feed_name(log), 700))
    assert feed(engine, log, feed_name(log)) == len(simulation.log)
    engine.close()
    interrupted = counts(hazflow)
    whole = tmp_path / "whole.db"
    assert hazflow("replay", log, "--database", whole).code == Exit.OK
    hazflow.home = whole.parent
    whole.rename(whole.parent / "hazflow.db")
    uninterrupted = counts(hazflow)
    assert {name: interrupted[name] for name in ("book_lines", "warnings", "reports")} == {
        name: uninterrupted[name] for name in ("book_lines", "warnings", "reports")
    }


def test_replay_refuses_an_installation_that_holds_data(replayed: Installed, tmp_path: Path) -> None:
    """A log's own times would disturb a living installation; a database of its own is named instead."""
    other = tmp_path / "other.jsonl"
    other.write_text('{"tick": "2026-06-01T00:00:00+08:00"}\n')
    ran = replayed("replay", other)
    assert ran.code == Exit.FOUND
    assert "--database" in ran.err
    assert replayed("replay", other, "--database", tmp_path / "backtest.db").code == Exit.OK


def test_a_line_that_is_no_log_line_is_named(hazflow: Installed, tmp_path: Path) -> None:
    """A broken log is a usage fault with the line's number."""
    broken = tmp_path / "broken.jsonl"
    broken.write_text('{"tick": "2026-06-01T00:00:00+08:00"}\n{"tock": 1}\n')
    ran = hazflow("replay", broken)
    assert ran.code == Exit.USAGE
    assert "line 2" in ran.err


@pytest.mark.parametrize("zipped", [False, True])
def test_ingest_takes_a_file_once_and_says_what_was_refused(
    replayed: Installed, province: Province, tmp_path: Path, zipped: bool
) -> None:
    """One bad record delays none; the file's feed is its content, so that it is taken once."""
    now = format_instant(last_tick(province[0]))
    good = [json.loads(raw) | {"id": f"new-{at}", "occurred_at": now}
            for at, raw in enumerate(first_events(province[0], "inventory", 3))]  # fmt: skip
    lines = [*(json.dumps(event).encode() for event in good), b"nonsense", b""]
    path = tmp_path / "reports.jsonl"
    path.write_bytes(gzip.compress(b"\n".join(lines)) if zipped else b"\n".join(lines))
    ran = replayed("ingest", path, "--provider", "plant-17", "--json")
    assert ran.code == Exit.FOUND
    assert ran.json == {"taken": 3, "refused": 1}
    assert "4. not_json" in ran.err
    again = replayed("ingest", path, "--provider", "plant-17", "--json")
    assert (again.code, again.json) == (Exit.OK, {})
    assert counts(replayed)["refusals"] == 1


def test_ingest_founds_an_empty_installation(hazflow: Installed, province: Province, tmp_path: Path) -> None:
    """Without a policy nothing could be judged: the shipped ones are published first."""
    path = tmp_path / "registry.jsonl"
    path.write_bytes(b"\n".join(first_events(province[0], "registry", 20)))
    assert hazflow("ingest", path, "--provider", "registry-35").code == Exit.OK
    assert counts(hazflow)["log"] == 1 + len(shipped()) + 20 + 1  # policy, models, entries, tick


def test_evaluate_reports_every_detector_that_a_label_expects(replayed: Installed, province: Province) -> None:
    """Caught, missed and false, per detector, as a table and as JSON."""
    ran = replayed("evaluate", province[1] / "labels.json", "--json")
    assert ran.code == Exit.OK
    expected = {name for label in province[0].labels for name in label.expected}
    assert {score["detector"] for score in ran.json["scores"]} >= expected
    assert "caught" in replayed("evaluate", province[1]).out


def test_a_log_written_plainly_reads_as_the_compressed_one(province: Province, tmp_path: Path) -> None:
    """gzip is a wrapper, not another format: the feed reads both."""
    from streams.feeding import open_lines

    plain = tmp_path / "log.jsonl"
    plain.write_bytes(b"".join(log_line(item) for item in province[0].log))
    with open_lines(plain) as (lines, _), open_lines(province[1] / "log.jsonl.gz") as (zipped, _):
        assert list(read_log(lines)) == list(read_log(zipped)) == list(province[0].log)
