"""The service killed and starved while clients post: everything acknowledged is there afterwards, none twice.

Laws: a crash anywhere loses nothing and doubles nothing (6); acknowledged means kept (12).
"""

from __future__ import annotations

import resource
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from random import Random
from typing import NamedTuple

from streams.assembly import TREE, assemble
from streams.embedded import Embedded
from streams.log import read_log_rows
from streams.model_files import SHIPPED, model_loader
from tests.durability.service import Client, Service, installed, report
from tests.engines import answers

SEED = 20261125
KILLS = 4
CLIENTS = 4
ROOM = 8 << 20


def test_killed_while_clients_post_it_keeps_what_it_acknowledged_once(tmp_path: Path) -> None:
    """kill -9 at moments of chance: between fsync and answer, while it applies, while it takes up the log."""
    chance = Random(SEED)
    print(f"seed {SEED}")
    with installed(tmp_path / "home", tmp_path / "told") as service:
        clients = [
            Client(service, f"c{number}", batches=25, size=chance.choice((1, 7, 60))) for number in range(CLIENTS)
        ]
        for client in clients:
            client.start()
        for _ in range(KILLS):
            clients[0].join(chance.uniform(0.05, 0.6))
            service.kill()
            service.start()
        for client in clients:
            client.join()
        service.until_applied()
        acknowledged = [id_ for client in clients for id_ in client.acknowledged]
        booked = service.rows("SELECT fact, delta FROM book_lines WHERE kind='movement'")
        service.kill()
        with closing(sqlite3.connect(service.database)) as db:
            log, ended = [item for _, item in read_log_rows(db, 0, 1_000_000)], answers(db)
        kept = service.rows("SELECT count(*) FROM log WHERE raw IS NOT NULL AND instr(CAST(raw AS TEXT), '\"c')")
    assert len(acknowledged) == sum(client._batches * client._size for client in clients)
    assert sorted(fact.rpartition("|")[2] for fact, _ in booked) == sorted(acknowledged)
    assert all(delta == 1 for _, delta in booked)
    assert sum(client.again for client in clients) > 0, "no post was cut off: the kills came too late"
    assert kept[0][0] >= len(acknowledged)
    alone = Embedded(tmp_path / "alone.db", assemble(TREE / "policies", model_loader((SHIPPED,))))
    alone.apply(log)
    alone.close()
    with closing(sqlite3.connect(tmp_path / "alone.db")) as db:
        assert answers(db) == ended, "a run that was never killed says something else of the same log"


class Starved(NamedTuple):
    """A disk to put a service on: where, how to take its room away, and how to give it back."""

    home: Path
    take: Callable[[Service], None]
    give: Callable[[Service], None]


@contextmanager
def limited(folder: Path) -> Iterator[Starved]:
    """The process may not let any file grow: for everybody, without root. SQLite sees failing writes."""

    def limit(service: Service, size: int) -> None:
        assert service.process is not None
        resource.prlimit(service.process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

    yield Starved(
        folder / "home",
        lambda service: limit(service, service.database.stat().st_size // 2),
        lambda service: limit(service, resource.RLIM_INFINITY),
    )


@contextmanager
def mounted(folder: Path) -> Iterator[Starved]:
    """A file system of a few MiB, really full: ENOSPC from the system itself."""
    place = folder / "disk"
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={ROOM}", "none", str(place)], check=True)
    filler = place / "filler"

    def fill(_: Service) -> None:
        with filler.open("wb", buffering=0) as file:
            for size in (1 << 16, 1 << 12, 1):
                try:
                    while file.write(bytes(size)):
                        pass
                except OSError:
                    continue

    try:
        yield Starved(place / "home", fill, lambda _: filler.unlink())
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


def can_mount(folder: Path) -> bool:
    """Whether this process may mount a file system."""
    tried = subprocess.run(["mount", "-t", "tmpfs", "none", str(folder)], capture_output=True, check=False)
    return tried.returncode == 0 and subprocess.run(["umount", str(folder)], check=False).returncode == 0


def test_a_full_disk_is_answered_with_503_and_over_once_there_is_room(tmp_path: Path) -> None:
    """Nothing that was acknowledged is lost, nothing refused is kept by half, and nobody restarts anything."""
    for starving in (limited, mounted) if can_mount(tmp_path) else (limited,):
        (folder := tmp_path / starving.__name__).mkdir()
        with starving(folder) as disk, installed(disk.home, folder / "told") as service:
            acknowledged, refused = [], 0
            for number in range(40):
                if number == 10:
                    disk.take(service)
                ids = [f"{number}-{at}" for at in range(30)]
                status, headers, _ = service.post([report(id_) for id_ in ids])
                if status == 200:
                    acknowledged += ids
                    continue
                assert (status, int(headers["retry-after"]) > 0) == (503, True)
                refused += 1
                if refused == 3:
                    disk.give(service)
            assert refused >= 3, "it never ran out of room"
            assert acknowledged[-1] == "39-29", "it never went on"
            service.until_applied()
            booked = service.rows("SELECT fact FROM book_lines WHERE kind='movement'")
            assert sorted(fact.rpartition("|")[2] for (fact,) in booked) == sorted(acknowledged)
            told = service.told.read_text()
            assert str(service.database) in told
            assert "磁盘" in told
            assert "Traceback" not in told
