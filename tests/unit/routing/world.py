"""The shipped table and policy, and small made-up ones, for the tests of routing."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from events.time import Instant, parse_instant
from routing.areas import Areas
from routing.areas_load import load_areas
from routing.policy import Policy
from routing.policy_load import load_policy
from routing.question import Question

ROOT = Path(__file__).parents[3]
AREAS_TEXT = (ROOT / "routing" / "areas.toml").read_text(encoding="utf-8")
POLICY_TEXT = (ROOT / "policies" / "routing.toml").read_text(encoding="utf-8")
DETECTORS = tuple(
    f"{family}{n}"
    for family, count in (("A", 11), ("B", 16), ("C", 9), ("D", 10), ("E", 7))
    for n in range(1, count + 1)
)
NOW = parse_instant("2026-11-24T08:00:00+08:00")


def day(text: str) -> Instant:
    """The first instant of a Shanghai day."""
    return parse_instant(f"{text}T00:00:00+08:00")


@lru_cache(maxsize=1)
def fujian() -> Areas:
    """The shipped table."""
    return load_areas(AREAS_TEXT)


@lru_cache(maxsize=8)
def policy(text: str = POLICY_TEXT) -> Policy:
    """A policy over the shipped table."""
    return load_policy(text, fujian(), DETECTORS)


def areas_text(*lines: str) -> str:
    """A made-up table, one inline table a line."""
    rows = "\n".join(f"  {{{line}}}," for line in lines)
    return f'[source]\npackage = "made up"\nhistory_from = 2013-01-01\n\n[table]\nareas = [\n{rows}\n]\n'


def area(area_id: str, level: str, parent: str = "", more: str = "") -> str:
    """One line of a made-up table; its code is its id."""
    parents = f', parents = ["{parent}"]' if parent else ""
    extra = f", {more}" if more else ""
    codes = "" if "codes" in more else f', codes = ["{area_id}"]'
    return f'id = "{area_id}"{codes}, zh = "地{area_id}", en = "Area {area_id}", level = "{level}"{parents}{extra}'


def small_policy(fallback: str, *, missing_level: str = "up", extra: str = "") -> str:
    """A policy for any table: one agency leads all; radioactive goods go to the prefecture level."""
    return f"""
[policy]
name = "small"
effective_from = 2013-01-01
missing_level = "{missing_level}"
[fallback]
agency = "police"
area = "{fallback}"
[agency.police]
zh = "公安"
en = "Police"
levels = ["county", "prefecture", "province"]
[clock.sign]
zh = "签收"
en = "sign"
start = "raised"
basis_zh = "本地规定"
basis_en = "local policy"
red = "1 h"
orange = "2 h"
yellow = "3 h"
blue = "1 d"
[route]
zh = "公安主管"
en = "Police"
lead = "police"
clocks = ["sign"]
channels = ["sse"]
[route.radioactive]
match = {{ category = ["radioactive"] }}
level = "prefecture"
zh = "放射性物品"
en = "Radioactive goods"
{extra}"""


BASE = Question(
    finding_id="B1-1",
    detector="B1",
    category="firearms",
    severity="red",
    area="350102",
    at=NOW,
    raised_at=NOW,
    unit="U1",
    unit_area="350102",
)
