"""The worker's own port: what it answers, to whom, and what it does where ports are taken."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from operating.answers import Operated
from operating.checks import PULSE_S, Check, Health, Pulse, disk, time_behind
from operating.meter import Meter
from operating.metrics import Metric, Role
from operating.port import NoPort, Port
from tests.metered import value
from tests.unit.desk.caller import Caller

TOKEN = "operations"


class Clock:
    """Seconds, as told."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    """A clock that stands."""
    return Clock()


@pytest.fixture
def operated(tmp_path: Path, clock: Clock) -> Operated:
    """A process whose loop beat once, and whose one other check looks at the disk."""
    health = Health((Pulse("loop", clock).check,), (lambda: disk(tmp_path),))
    return Operated(Meter(Role.WORKER), health, tmp_path)


@pytest.fixture
def port(operated: Operated) -> Iterator[Port]:
    """Any free port, without a token."""
    with Port("127.0.0.1", 0, operated.answer) as made:
        yield made


def caller(port: Port) -> Caller:
    """Who asks there."""
    return Caller("http://{}:{}".format(*port.address))


def test_it_says_how_the_process_is(port: Port) -> None:
    """Law: live, ready and metrics, in both languages; anything else is not there."""
    asked = caller(port)
    live, ready, shown = (asked.get(path) for path in ("/healthz", "/readyz", "/metrics"))
    assert (live.status, live.value["en"], live.value["zh"]) == (200, "live", "运行中")
    assert [check["name"] for check in ready.value["checks"]] == ["loop", "disk"]
    assert value(shown.body, Metric.CHECK, "disk") == 1
    assert value(shown.body, Metric.DISK_FREE) > 0
    assert asked.get("/").status == 404


def test_a_loop_that_turns_no_more_is_told_from_beside_it(port: Port, clock: Clock) -> None:
    """Law: the answer says what is wrong and what to do, and the metric agrees with it."""
    clock.now = PULSE_S + 1
    asked = caller(port)
    live, ready = asked.get("/healthz"), asked.get("/readyz")
    assert (live.status, ready.status) == (503, 503)
    assert ready.value["status"] == "wrong"
    assert "restart" in live.value["checks"][0]["mend"]["en"]
    assert "重启" in live.value["checks"][0]["mend"]["zh"]
    assert value(asked.get("/metrics").body, Metric.CHECK, "loop") == 0


def test_without_a_token_it_serves_this_machine_alone(port: Port) -> None:
    """Law: a page that makes its own name point here reads nothing."""
    assert caller(port).get("/metrics", host="evil.example").status == 421


def test_with_a_token_metrics_ask_for_it_and_health_does_not(operated: Operated) -> None:
    """Law: the token rules of the desk; whoever keeps processes running needs no token."""
    with Port("127.0.0.1", 0, operated.answer, token=TOKEN) as port:
        asked = caller(port)
        assert asked.get("/metrics").status == 401
        assert asked.get("/metrics", authorization="Bearer wrong").status == 401
        assert asked.get("/metrics", authorization=f"Bearer {TOKEN}", host="worker.internal").status == 200
        assert asked.get("/readyz", host="worker.internal").status == 200


def test_workers_of_one_machine_take_ports_of_their_own(operated: Operated, port: Port) -> None:
    """Law: the next free one from the port that is set; never a shared one."""
    host, number = port.address
    with Port(host, number, operated.answer) as second:
        assert number < second.address[1] <= number + 32


def test_no_port_at_all_is_said(operated: Operated) -> None:
    """Law: an address that is not this machine's is named."""
    with pytest.raises(NoPort, match=r"192\.0\.2\.1"):
        Port("192.0.2.1", 8610, operated.answer)


def test_a_health_answer_names_no_place(port: Port, tmp_path: Path) -> None:
    """Law: what anybody may ask tells no path and no address."""
    assert str(tmp_path) not in caller(port).get("/readyz").text


@pytest.mark.parametrize(("behind", "verdict"), [(None, "watch"), (0.0, "ok"), (299.0, "ok"), (300.0, "watch")])
def test_time_that_stands_still_is_said_and_stops_nothing(behind: float | None, verdict: str) -> None:
    """Law: from five minutes on; a process whose feeders are silent is still ready for when they are not."""
    assert time_behind(behind).verdict == verdict


def test_a_disk_that_cannot_be_written_is_wrong(tmp_path: Path) -> None:
    """Law: a folder that is not there yet is judged by what will hold it; the kernel's own is never writable."""
    assert disk(tmp_path / "not" / "yet").verdict == "ok"
    found: Check = disk(Path("/proc/self"))
    assert (found.verdict, found.what[1]) == ("wrong", "HAZFLOW_HOME cannot be written")
