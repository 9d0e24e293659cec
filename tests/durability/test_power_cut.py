"""A power cut at any moment: the database opens, holds everything acknowledged, and nothing half.

Law: acknowledged means kept (12), and what follows from it is done once (6).
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from random import Random

import pytest

from events.log import Received, Tick
from simulator import stories as s
from streams.assembly import TREE, Assembly, assemble, rule_policies
from streams.embedded import Embedded
from streams.founding import founding
from tests.durability.cuts import cuts, restore
from tests.durability.disk import Disk, watched
from tests.engines import Answers, answers

SEED = 20261125
CUTS = 400
GOES_ON = 8
"""After every so-manieth cut the rest of the log is applied too."""
Item = Received | Tick


@pytest.fixture(scope="module")
def assembly() -> Assembly:
    """The tree's own parts."""
    return assemble(TREE / "policies")


@pytest.fixture(scope="module")
def groups() -> list[list[Item]]:
    """What is accepted together: the small world, then small and large posts, refusals and days among them."""
    chance = Random(SEED)
    made: list[list[Item]] = [
        list(founding(rule_policies(TREE / "policies"), s.at("day -30 00:00"), {})),
        [*(s.received(entry) for entry in s.world()), Tick(s.at("day 1 00:00"))],
    ]
    for number in range(60):
        hour = f"day {1 + number // 24} {number % 24:02d}"
        reports: list[Item] = [
            s.received(s.opening("1 item", site="S2", goods="DET", when=f"{hour}:10", id=f"e{number}-{at}"))
            for at in range(chance.choice((1, 1, 2, 30)))
        ]
        reports.append(s.received(s.count(f"{number} item", site="S2", goods="DET", when=f"{hour}:20")))
        if number % 7 == 0:
            reports.append(Received(b"nonsense", "plant-17", s.at(f"{hour}:30")))
        made.append([*reports, Tick(s.at(f"{hour}:40"))])
    return made


class World:
    """What the product wrote, in order, and what an uninterrupted run says after so many records."""

    def __init__(
        self, assembly: Assembly, groups: list[list[Item]], folder: Path, synchronous: str = "FULL"
    ) -> None:
        self.items = [item for group in groups for item in group]
        self.ends = {0} | {sum(map(len, groups[: at + 1])) for at in range(len(groups))}
        self.path = str(folder / "hazflow.db")
        self._assembly, self._folder, self._synchronous = assembly, folder, synchronous
        self._said: dict[int, Answers] = {}
        self.disk = self._written(groups)

    def said(self, position: int) -> Answers:
        """The answers of a run that was never cut, after so many records."""
        if position not in self._said:
            path = self._folder / f"whole-{position}.db"
            engine = Embedded(path, self._assembly)
            engine.apply(self.items[:position])
            engine.close()
            self._said[position] = read(path)
        return self._said[position]

    def _written(self, groups: list[list[Item]]) -> Disk:
        """Accept and apply in turns, checkpoint often, and be closed and opened on the way."""
        chance = Random(SEED)
        with watched() as disk:
            engine, kept = self._opened(), 0
            for number, group in enumerate(groups):
                engine.log.append(group)
                kept += len(group)
                disk.mark(kept)
                if chance.random() < 0.5:
                    engine.advance(chance.choice((10, 40)))
                if number % 25 == 24:
                    engine.close()
                    engine = self._opened()
            while engine.advance(40):
                pass
            engine.close()
        return disk

    def _opened(self) -> Embedded:
        engine = Embedded(Path(self.path), self._assembly)
        for connection in (engine._database.log, engine._database.lane):
            connection.execute("PRAGMA wal_autocheckpoint=40")
            if self._synchronous != "FULL":
                connection.execute(f"PRAGMA synchronous={self._synchronous}")
        return engine


@pytest.fixture(scope="module")
def world(assembly: Assembly, groups: list[list[Item]], tmp_path_factory: pytest.TempPathFactory) -> World:
    """Written once, cut often."""
    return World(assembly, groups, tmp_path_factory.mktemp("written"))


def read(path: Path) -> Answers:
    """What a database says."""
    with closing(sqlite3.connect(path)) as db:
        return answers(db)


def test_whatever_a_cut_leaves_opens_and_holds_all_that_was_acknowledged(
    world: World, assembly: Assembly, tmp_path: Path
) -> None:
    """Unsynced writes lost, kept, reordered and torn, files there or not: hundreds of cuts."""
    chance = Random(SEED)
    at = chance.sample(range(len(world.disk.done) + 1), CUTS)
    print(f"seed {SEED}, {CUTS} of {len(world.disk.done)} moments")
    kept_more = 0
    for cut, left in cuts(world.disk.done, at, SEED):
        folder = tmp_path / str(cut)
        folder.mkdir()
        engine = Embedded(restore(left, world.path, folder), assembly)
        with closing(sqlite3.connect(engine.path)) as db:
            assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            rows = db.execute('SELECT received_at, provider, raw, tick FROM log ORDER BY "offset"').fetchall()
        acknowledged = left.mark or 0
        assert isinstance(acknowledged, int)
        assert len(rows) >= acknowledged, f"seed {SEED}, cut {cut}: {len(rows)} of {acknowledged} are there"
        assert len(rows) in world.ends, f"seed {SEED}, cut {cut}: half a group"
        assert rows == [row(item) for item in world.items[: len(rows)]]
        assert read(engine.path) == world.said(engine.applied)
        kept_more += len(rows) > acknowledged
        if cut % GOES_ON == 0:
            while engine.advance(40):
                pass
            assert read(engine.path) == world.said(len(rows))
        engine.close()
    assert kept_more, "no cut fell between a fsync and its answer: too few were tried"


@pytest.mark.parametrize("synchronous", ["NORMAL", "OFF"])
def test_with_fewer_fsyncs_the_same_cuts_lose_what_was_acknowledged(
    assembly: Assembly, groups: list[list[Item]], tmp_path: Path, synchronous: str
) -> None:
    """The test can fail: it catches an engine that answers before its fsync, or never asks for one."""
    careless = World(assembly, groups, tmp_path, synchronous)
    lost = 0
    for cut, left in cuts(careless.disk.done, range(200, len(careless.disk.done), 200), SEED):
        (folder := tmp_path / str(cut)).mkdir()
        try:
            with closing(sqlite3.connect(restore(left, careless.path, folder))) as db:
                kept = db.execute("SELECT count(*) FROM log").fetchone()[0]
        except sqlite3.DatabaseError:
            kept = -1
        assert isinstance(left.mark, int)
        lost += kept < left.mark
    assert lost


def row(item: Item) -> tuple[object, ...]:
    """An item as the log has it."""
    if isinstance(item, Tick):
        return item.at, None, None, item.at
    return item.received_at, item.provider, item.raw, None
