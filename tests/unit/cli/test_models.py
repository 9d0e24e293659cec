"""models: a forest grown by command, found by its digest, put in force by a record."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import simulator
from cli.__main__ import main
from cli.verb import Exit
from detectors.unit_days import segment, strand
from events.quantity import Measure
from events.registry import Category
from ledger.fact import Movement
from models.artefact import load
from streams.assembly import read_places
from streams.model_files import NoSuchModel, model_loader, shipped
from streams.training import histories
from tests.unit.cli.installed import Installed

TRAIN = ("models", "train", "--counties", "2", "--days", "14", "--trees", "10", "--psi", "32",
         "--category", "chemicals", "--json")  # fmt: skip


@pytest.fixture(scope="module")
def clean() -> simulator.Simulation:
    """Three days of a county with nothing staged."""
    sized = simulator.of_size(simulator.known_areas(), counties=1, units_per_county=9, days=3)
    return simulator.simulate(simulator.clean(sized, 1))


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of models made by the command."""
    folder = tmp_path_factory.mktemp("trained")
    assert main([*TRAIN, "--out", str(folder)]) == Exit.OK
    return folder


def test_a_model_is_found_shown_and_published(replayed: Installed, trained: Path) -> None:
    """The way of a model: made from clean days, named by its content, in force by a registry record."""
    shutil.copytree(trained, replayed.home / "models")
    digest = shipped(trained)[Category.CHEMICALS]
    assert digest in {one["digest"] for one in replayed("models", "list", "--json").json}
    assert "first-time counterparties" in replayed("models", "show", digest[:8]).out
    assert "首次往来单位数" in replayed("models", "show", digest[:8], "--lang", "zh").out
    told = replayed("models", "publish", digest, "--category", "chemicals", "--json")
    assert (told.code, told.json["standing"]) == (Exit.OK, "taken")
    checks = {one["name"]: one["verdict"] for one in replayed("doctor", "--json").json}
    assert checks[f"model {digest[:12]}"] == "ok"
    (replayed.home / "models" / f"{digest}.skops").unlink()
    assert replayed("doctor").code == Exit.FOUND


def test_the_same_command_makes_the_same_model(hazflow: Installed, trained: Path) -> None:
    """A digest can be made again from the command that the listing names; by default it lands at home."""
    ran = hazflow(*TRAIN)
    assert shipped(trained) == {Category.CHEMICALS: ran.json[0]["digest"]} == shipped(hazflow.home / "models")
    assert "hazflow models train --counties 2 --days 14" in (trained / "models.toml").read_text()


def test_too_few_days_are_said_so_and_make_no_model(hazflow: Installed, tmp_path: Path) -> None:
    """One day warms nobody up: exit 1, nothing is written."""
    ran = hazflow("models", "train", "--counties", "1", "--days", "1", "--out", tmp_path / "none")
    assert ran.code == Exit.FOUND
    assert "too few" in ran.err or "no unit-day" in ran.err
    assert not (tmp_path / "none").exists()


def test_unknown_categories_and_digests_are_refused(replayed: Installed) -> None:
    """A slip is answered with what there is."""
    ran = replayed("models", "train", "--category", "magic")
    assert ran.code == Exit.USAGE
    assert "chemicals" in ran.err
    assert replayed("models", "show", "zzzz").code == Exit.FOUND


def test_training_counts_every_movement_once_however_often_it_came(clean: simulator.Simulation) -> None:
    """Law 2 in training: repeated reports change no unit-day."""
    from events.log import Received

    repeated = [copy for item in clean.log for copy in ((item, item) if isinstance(item, Received) else (item,))]
    once, twice = histories(clean.log, read_places()), histories(repeated, read_places())
    assert once == twice
    assert all(len({h.segment.partition("/")[0] for h in found}) >= 1 for found in once.by_category.values())


def test_a_run_of_days_is_of_one_category_and_measure() -> None:
    """Measures never mix: litres and kilograms of one unit are two runs."""
    mass = Movement("issue", 1, Measure.MASS, Category.CHEMICALS, "Cl2", "S1", "U1", "350102")
    volume = Movement("issue", 1, Measure.VOLUME, Category.CHEMICALS, "HCl", "S1", "U1", "350102")
    assert strand(mass) != strand(volume)
    assert segment(strand(mass), None) == "*"


def test_a_loader_gives_a_model_by_its_content_only(tmp_path: Path) -> None:
    """A digest that no file has is named with the folders looked in."""
    with pytest.raises(NoSuchModel, match="deadbeef"):
        model_loader([tmp_path])("deadbeef")


def test_shipped_models_are_what_their_names_say() -> None:
    """Every shipped model loads under its digest, and is of a size that a clone bears."""
    from streams.model_files import SHIPPED, SUFFIX

    listed = shipped()
    assert listed
    for digest in listed.values():
        packed = (SHIPPED / f"{digest}{SUFFIX}").read_bytes()
        assert load(packed, digest=digest).card.trees == 100
    assert sum(path.stat().st_size for path in SHIPPED.iterdir()) < 4_000_000
