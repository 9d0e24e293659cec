"""Stories: a tiny world and reports in relative time, for tests of every detector and for the docs.

Law kept: a story is a value; the same words build the same bytes.

    from simulator import stories as s
    told = s.log(*s.world(),
                 s.opening("800 item", site="S1", goods="DET", when="day 1 08:00"),
                 s.count("790 item", site="S1", goods="DET", when="day 1 18:00"),
                 s.tick("day 2 00:30"))
"""

from simulator.stories.relative import AREA, DAY_ONE, HOME, OWNER, along, at, quantity, straight
from simulator.stories.words import (
    PROVIDER,
    adjust,
    arrival,
    consume,
    correct,
    count,
    declare_loss,
    destroy,
    flow,
    gauge,
    give_back,
    issue,
    log,
    opening,
    plan,
    position,
    produce,
    receive,
    received,
    stage,
    tick,
    void,
)
from simulator.stories.world import filing, registry, world

__all__ = [
    "AREA", "DAY_ONE", "HOME", "OWNER", "PROVIDER", "adjust", "along", "arrival", "at", "consume", "correct",
    "count", "declare_loss", "destroy", "filing", "flow", "gauge", "give_back", "issue", "log", "opening", "plan",
    "position", "produce", "quantity", "receive", "received", "registry", "stage", "straight", "tick", "void",
    "world",
]  # fmt: skip
