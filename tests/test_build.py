"""The build: what is installed is locked, what is locked is honest, and the tree runs on anybody's machine."""

import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

TREE = Path(__file__).resolve().parents[1]
LOCKS = ("requirements.lock", "requirements-local.lock", "requirements-dev.lock")
PEERS = tuple(f"benchmarks/peers/requirements-{peer}.txt" for peer in ("faust", "quix", "bytewax"))
PIN = re.compile(r"^(?P<name>[a-z0-9][a-z0-9._-]*)==(?P<version>[^\s;]+)(?P<marker> ;[^\\]*)? \\$")
REGISTRIES = re.compile(
    rb"pypi\.org|pythonhosted|npmjs\.org|repo1?\.maven|maven\.org|docker\.io|ghcr\.io|quay\.io|artifactory|--index-url",
    re.IGNORECASE,
)
MACHINE = re.compile(rb"(?<![\w.])/(work|root|home|Users)/\w")


def tracked() -> list[Path]:
    """Every file that a clone has."""
    names = subprocess.run(["git", "ls-files", "-z"], cwd=TREE, capture_output=True, check=True).stdout
    return [path for name in names.decode().split("\0") if name and (path := TREE / name).is_file()]


def pins(lock: str) -> dict[str, str]:
    """Name and version of each requirement in a lock file."""
    found = (PIN.match(line) for line in (TREE / lock).read_text().splitlines())
    return {pin["name"]: pin["version"] for pin in found if pin}


def compose() -> dict[str, Any]:
    """deploy/compose.yaml, its anchors resolved."""
    document: dict[str, Any] = yaml.safe_load((TREE / "deploy" / "compose.yaml").read_text("utf-8"))
    return document


@pytest.mark.parametrize("lock", [*LOCKS, *PEERS])
def test_every_locked_requirement_is_pinned_and_hashed(lock: str) -> None:
    """Law: a lock admits one file content per name, and says nothing about where it comes from."""
    blocks: list[list[str]] = []
    for line in (TREE / lock).read_text().splitlines():
        if line.startswith("    "):
            blocks[-1].append(line.strip())
        else:
            blocks.append([line])
    assert blocks
    for head, *rest in blocks:
        assert PIN.match(head), f"neither a pin nor part of one: {head}"
        assert any(part.startswith("--hash=sha256:") for part in rest), f"no hash: {head}"
        assert all(part.startswith(("--hash=sha256:", "#")) for part in rest), head


def test_the_locks_agree_with_each_other() -> None:
    """Law: installing the tests changes no version that the job runs with."""
    dev = pins("requirements-dev.lock")
    for lock in ("requirements.lock", "requirements-local.lock"):
        assert {name: dev.get(name) for name in pins(lock)} == pins(lock)


@pytest.mark.parametrize("lock", PEERS)
def test_a_peer_steps_on_our_versions(lock: str) -> None:
    """Law: what a peer's environment has of ours is of the same version: the comparison is of hosts alone."""
    ours = pins("requirements.lock")
    shared = {name: version for name, version in pins(lock).items() if name in ours}
    assert {"msgspec", "numpy", "scipy", "scikit-learn", "skops"} <= shared.keys()
    assert shared == {name: ours[name] for name in shared}


@pytest.mark.parametrize("kind", ["", "-local", "-dev"])
def test_the_locks_hold_what_was_asked_for(kind: str) -> None:
    """Law: each line of requirements*.in is an exact version, and the lock beside it has that version."""
    lock = pins(f"requirements{kind}.lock")
    for line in (TREE / f"requirements{kind}.in").read_text().splitlines():
        if line and not line.startswith(("#", "-")):
            name, version = line.split(";")[0].strip().split("==")
            assert lock[name.lower()] == version


def test_no_module_is_poured_into_site_packages() -> None:
    """Law: the folders are the application's, not the world's: an installation brings dependencies alone."""
    project = tomllib.loads((TREE / "pyproject.toml").read_text("utf-8"))
    assert project["tool"]["setuptools"]["packages"] == []
    assert project["tool"]["setuptools"]["py-modules"] == []
    assert project["tool"]["uv"]["package"] is False
    assert "scripts" not in project["project"]


def test_every_make_target_says_what_it_does() -> None:
    """Law: `make help` lists every target that people may call, and there is no other."""
    declared = re.findall(r"^\.PHONY: (\w+)$", (TREE / "Makefile").read_text(), re.MULTILINE)
    done = subprocess.run(["make", "-s", "help"], cwd=TREE, capture_output=True, text=True, check=True)
    listed = [line.split(maxsplit=2) for line in done.stdout.splitlines()]
    assert [target for _, target, _ in listed] == declared
    assert all(len(about) > 10 for *_, about in listed)
    assert {"run", "kafka", "test", "check", "bench"} <= set(declared)


def test_every_script_can_be_run() -> None:
    """Law: a script in the tree is executable and parses."""
    scripts = [path for path in tracked() if path.read_bytes().startswith((b"#!/usr/bin/env bash", b"#!/bin/sh"))]
    assert {"run", "venv", "provision", "hazflow"} <= {path.name for path in scripts}
    for path in scripts:
        assert os.access(path, os.X_OK), path
        assert subprocess.run(["bash", "-n", path], check=False).returncode == 0, path


def test_provision_names_what_it_cannot_install(tmp_path: Path) -> None:
    """Law: where nothing may be installed, the error names every missing package at once."""
    for tool in ("bash", "dirname", "id", "cmp", "head", "awk"):
        (tmp_path / tool).symlink_to(shutil.which(tool) or pytest.fail(f"{tool} is missing"))
    done = subprocess.run(
        ["bash", TREE / "deploy" / "provision", "kafka", "browser"],
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "default-jre-headless" in done.stderr
    assert "chromium" in done.stderr.splitlines()[-1]


def test_an_old_python_is_refused_with_what_to_install(tmp_path: Path) -> None:
    """Law: no Python 3.11 or newer: one sentence that says so, and no half-built .venv."""
    (tmp_path / "deploy").mkdir()
    shutil.copy(TREE / "deploy" / "venv", tmp_path / "deploy" / "venv")
    done = subprocess.run(
        [tmp_path / "deploy" / "venv", "requirements.lock"],
        env={**os.environ, "PYTHON": "false"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "Python 3.11 or newer is needed" in done.stderr
    assert not (tmp_path / ".venv").exists()


def test_compose_takes_the_file() -> None:
    """Law: Compose itself, Debian's or Docker's, accepts deploy/compose.yaml once the token is given."""
    command = ["docker-compose"] if shutil.which("docker-compose") else ["docker", "compose"]
    command += ["-f", str(TREE / "deploy" / "compose.yaml"), "config"]
    settings = {**os.environ, "HAZFLOW_TOKEN": "a-token"}
    given = subprocess.run(command, env=settings, capture_output=True, text=True, check=False)
    assert given.returncode == 0, given.stderr
    services = set(yaml.safe_load(given.stdout)["services"])
    # Compose before version 2 shows what only a profile starts, too.
    assert services - {"prometheus", "grafana"} == {"kafka", "redis", "door", "worker", "desk"}
    del settings["HAZFLOW_TOKEN"]
    refused = subprocess.run(command, env=settings, capture_output=True, text=True, check=False)
    assert refused.returncode != 0
    assert "needs this token" in refused.stderr


def test_compose_keeps_what_was_acknowledged() -> None:
    """Law: broker, Redis and desk each keep their files in a volume, and Redis has its append-only file on."""
    services = compose()["services"]
    for name in ("kafka", "redis", "desk"):
        (mount,) = services[name]["volumes"]
        assert mount.split(":")[0] in compose()["volumes"]
    assert services["kafka"]["environment"]["KAFKA_LOG_DIRS"] == services["kafka"]["volumes"][0].split(":")[1]
    command = services["redis"]["command"]
    assert command[command.index("--appendonly") + 1] == "yes"


def test_compose_waits_for_its_servers_and_shows_itself_to_this_machine_alone() -> None:
    """Law: nothing of ours starts before broker and Redis answer; ports are published on loopback only."""
    services = compose()["services"]
    for name in ("door", "worker", "desk"):
        waits = services[name]["depends_on"]
        assert {server: how["condition"] for server, how in waits.items()} == {
            "kafka": "service_healthy",
            "redis": "service_healthy",
        }
        assert all(key.startswith("HAZFLOW_") for key in services[name]["environment"])
    assert all("healthcheck" in services[server] for server in ("kafka", "redis"))
    ports = [port for service in services.values() for port in service.get("ports", [])]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)
    assert not services["worker"].keys() & {"ports", "container_name"}, "such a worker could not be scaled"


def test_compose_and_the_local_servers_are_the_same_kafka() -> None:
    """Law: what the tests prove is proven for the broker that compose starts."""
    pom = (TREE / "deploy" / "kafka" / "pom.xml").read_text("utf-8")
    version = re.search(r"<artifactId>kafka_2\.13</artifactId>\s*<version>([^<]+)<", pom)
    assert version is not None
    assert compose()["services"]["kafka"]["image"] == f"apache/kafka:{version[1]}"


def test_the_tree_names_no_machine_and_no_registry() -> None:
    """Law: no tracked file names a path of whoever wrote it, nor the host that packages came from."""
    for path in tracked():
        content = path.read_bytes()
        for pattern in (REGISTRIES, MACHINE):
            match = None if path == Path(__file__).resolve() else pattern.search(content)
            assert match is None, f"{path.relative_to(TREE)} names {match[0]!r}"
