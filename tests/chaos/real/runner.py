"""The runner: carries a plan out while production goes on, lets all come to rest, and asks for the verdict.

Law kept: 6 and 12, on real processes. Seed, steps and timings are told as they happen.
"""

from __future__ import annotations

import sqlite3
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from msgspec import Struct

from cli.installation import DATABASE
from events.log import Tick
from events.time import Instant
from streams.settings import Settings
from tests.chaos.real.cast import Cast, Member
from tests.chaos.real.feeder import Feeder
from tests.chaos.real.plan import Fault, Step, Victim, drawn
from tests.chaos.real.production import Production, produced
from tests.chaos.real.verdict import missing, verdict

WORKERS, MOST_WORKERS = 2, 3
_AHEAD = 0.05
"""How far production may run ahead of the next fault, so that there is always some left to strike at."""
_REST_S = 240.0
SESSION_S = 3.0


class Summary(Struct, frozen=True):
    """What a run was and what came of it."""

    seed: int
    faults: dict[str, int]
    ended_by_themselves: int
    retries: int
    records: int
    seconds: float
    wrong: tuple[str, ...]


class Runner:
    """One run: a seed, so many kills, a folder of its own."""

    def __init__(
        self, seed: int, kills: int, folder: Path, *, size: int, tell: Callable[[str], None] = print
    ) -> None:
        self._seed, self._folder, self._out = seed, folder, tell
        self._plan = drawn(seed, kills, SESSION_S)
        self._size = size
        self._began = time.monotonic()
        self._faults: Counter[str] = Counter()
        self._ended = 0
        self._frozen: list[tuple[float, Member]] = []

    def run(self) -> Summary:
        """Carry it out."""
        now = time.time_ns() // 1_000
        production = produced(self._seed, now, self._size)
        items = sum(map(len, production.posted)) + sum(map(len, production.passed))
        self._tell(f"seed {self._seed}, {len(self._plan)} steps, {items} items")
        settings = Settings(application=f"chaos{self._seed}", session_timeout_s=SESSION_S, batch_records=100)
        self._folder.mkdir(parents=True, exist_ok=True)
        cast = Cast(self._folder, settings, WORKERS, self._tell_ended)
        try:
            feeder = Feeder(_bound(production), cast.address, cast.token(now), cast.settings)
            feeder.start()
            for step in self._plan:
                self._step(step, cast, feeder)
            self._come_to_rest(cast, feeder, production.ends)
            wrong = verdict(cast.settings, feeder.acknowledged)
        finally:
            self._thaw_all()
            cast.close()
        for one in wrong:
            self._tell(f"WRONG: {one}")
        return Summary(
            self._seed, dict(self._faults), self._ended, feeder.retries, feeder.acknowledged.total(),
            round(time.monotonic() - self._began, 1), tuple(wrong),
        )  # fmt: skip

    def _step(self, step: Step, cast: Cast, feeder: Feeder) -> None:
        feeder.allow(min(1.0, step.share + _AHEAD))
        self._until(lambda: feeder.share >= step.share, cast, feeder, f"production to come to {step.share:.0%}")
        self._for(step.wait_s, cast)
        self._tell(f"{feeder.share:.0%}  {step.told()}")
        self._faults[f"{step.fault} {step.victim}"] += 1
        match step.fault, step.victim:
            case Fault.KILL, Victim.WORKER:
                self._kill(_one_of(cast.wanted(), step.which), step.lasts_s, cast)
            case Fault.KILL, Victim.DOOR:
                self._kill(cast.door, step.lasts_s, cast)
            case Fault.KILL, Victim.DESK:
                self._kill(cast.desk, step.lasts_s, cast)
            case Fault.KILL, (Victim.BROKER | Victim.REDIS) as victim:
                server = cast.broker if victim is Victim.BROKER else cast.redis
                server.kill()
                self._for(step.lasts_s, cast)
                server.start()
            case Fault.FREEZE, _:
                frozen = _one_of(cast.wanted(), step.which)
                frozen.freeze()
                self._frozen.append((time.monotonic() + step.lasts_s, frozen))
            case Fault.ADD, _ if len(cast.wanted()) < MOST_WORKERS:
                cast.add()
            case Fault.REMOVE, _ if len(cast.wanted()) > 1:
                _one_of(cast.wanted(), step.which).end()
            case _:
                self._tell("nothing to do")

    def _kill(self, member: Member, down_s: float, cast: Cast) -> None:
        member.kill()
        member.wanted = False
        self._for(down_s, cast)
        member.begin()

    def _come_to_rest(self, cast: Cast, feeder: Feeder, ends: Instant) -> None:
        feeder.allow(2.0)
        self._until(lambda: feeder.share >= 1, cast, feeder, "production to end")
        self._tell("all produced; waiting for time to come to its end")
        database = Path(cast.settings.home) / DATABASE
        self._until(lambda: _time(database) >= ends, cast, feeder, f"{database} to come to {ends}")
        self._until(lambda: not verdict(cast.settings, feeder.acknowledged), cast, feeder, "", most_s=15)

    def _until(
        self, reached: Callable[[], bool], cast: Cast, feeder: Feeder, what: str, *, most_s: float = _REST_S
    ) -> None:
        ends = time.monotonic() + most_s
        while not reached():
            if feeder.failed is not None:
                raise feeder.failed
            if time.monotonic() > ends:
                if not what:
                    return
                raise TimeoutError(f"waited {most_s:.0f} s for {what}; see {self._folder}")
            self._for(0.2, cast)
            if not feeder.door_is_open and cast.door.wanted and not missing(cast.settings, feeder.acknowledged):
                self._tell("the door is closed; days pass")
                cast.door.end()
                feeder.let_days_pass()

    def _for(self, seconds: float, cast: Cast) -> None:
        """Let time pass; whoever ends meanwhile is started again, whoever was frozen long enough wakes up."""
        ends = time.monotonic() + seconds
        while True:
            self._thaw(time.monotonic())
            cast.mend()
            left = ends - time.monotonic()
            if left <= 0:
                return
            time.sleep(min(left, 0.2))

    def _thaw(self, now: float) -> None:
        for at, member in list(self._frozen):
            if at <= now:
                self._frozen.remove((at, member))
                member.thaw()
                self._tell(f"{member.name} is thawed")

    def _thaw_all(self) -> None:
        self._thaw(float("inf"))

    def _tell_ended(self, line: str) -> None:
        self._ended += 1
        self._tell(line)

    def _tell(self, line: str) -> None:
        self._out(f"{time.monotonic() - self._began:7.1f} s  {line}")


def _bound(production: Production) -> Production:
    """The same with the tick behind which every deadline has passed and every day has closed."""
    return Production(production.posted, (*production.passed, (Tick(production.ends),)), production.ends)


def _one_of(members: list[Member], which: int) -> Member:
    return members[which % len(members)]


def _time(database: Path) -> Instant:
    if not database.exists():
        return 0
    try:
        with sqlite3.connect(database, timeout=5) as db:
            row = db.execute("SELECT at FROM clock WHERE name='time'").fetchone()
    except sqlite3.OperationalError:
        return 0
    return 0 if row is None else int(row[0])
