"""State that a version before this one wrote, as bytes in the tree: the next reads it.

Law: an upgrade loses nothing: what was kept by the version of each file in ``old_state`` is restored by this one.
The bytes were written by that version's own code and are never written anew; what they hold stands beside them.
"""

from __future__ import annotations

import json
import zlib
from pathlib import Path
from typing import Any

import msgspec
import pytest

from detectors.balances import BALANCES
from detectors.subject import Subject
from events.time import DAY, SECOND
from ledger.account import Book
from streams.broker.wire import read_applied
from streams.codec import SubjectCodec, restore_registered
from streams.effects import StatePart
from streams.home_codec import home_wake, restore_home
from streams.store import MemoryStore
from tests.laws.lanes import TOPIC, shipped

OLD = Path(__file__).parent / "old_state"
SHARED = {BALANCES.name}
"""What detectors share was a part of their own states before version 3."""
VERSIONS = sorted(path.stem for path in OLD.glob("*.bin"))
State = dict[str, dict[str, bytes]]


@pytest.fixture(params=VERSIONS)
def version(request: pytest.FixtureRequest) -> str:
    """One version whose state is kept in the tree."""
    return str(request.param)


def written(version: str) -> State:
    """The bytes of that version: parts by key."""
    return msgspec.msgpack.decode(zlib.decompress((OLD / f"{version}.bin").read_bytes()), type=State)


def meant(version: str) -> dict[str, Any]:
    """What that version said that they hold."""
    found: dict[str, Any] = json.loads((OLD / f"{version}.json").read_text("utf-8"))
    return found


def subject_says(subject: Subject) -> dict[str, object]:
    """A subject in the words of the files."""
    account = subject.base.account
    return {
        "facts": sorted(subject.facts),
        "balance": account.balance if isinstance(account, Book) else None,
        "states": sorted(subject.base.states.keys() - SHARED),
        "said": {name: [said.revision, said.status.value] for name, said in subject.said.items()},
        "wake": subject.wake,
        "horizon": subject.horizon,
    }


def home_says(key: str, parts: dict[str, bytes]) -> dict[str, object]:
    """A home in the words of the files."""
    home = restore_home(key, parts)
    return {
        "held": sorted(home.held),
        "books": sorted(home.books),
        "waiting": sorted(home.waiting),
        "wake": home_wake(parts["head"]),
        "horizon": home.horizon,
    }


def says(key: str, parts: dict[str, bytes]) -> dict[str, object]:
    """What this version reads in the parts of a key."""
    if key.startswith("home|"):
        return home_says(key.removeprefix("home|"), parts)
    if key.startswith("ref|"):
        return {"entries": sorted(restore_registered(data).id for data in parts.values())}
    if key == "lane":
        inputs, _, time = msgspec.msgpack.decode(parts["clock"], type=tuple[dict[str, int], dict[int, int], int])
        return {"inputs": inputs, "time": time, "positions": read_applied(parts["applied"]).positions}
    codec = SubjectCodec(one for group in shipped().watch.detectors.values() for one in group)
    return subject_says(codec.restore(key, parts))


def test_every_kind_of_key_is_among_the_bytes(version: str) -> None:
    """A subject of each kind, homes, references and the lane itself."""
    kinds = {key.partition(":")[0] for key in written(version)}
    subjects = {"book", "site", "unit", "permit", "consignment", "vehicle"}
    assert kinds >= subjects | {"home|site", "home|unit", "home|consignment", "ref|*", "ref|site", "lane"}


def test_what_an_older_version_kept_is_restored(version: str) -> None:
    """Facts, balances, detectors' states, what was said, wakes, held events, entries, clock and positions."""
    assert {key: says(key, parts) for key, parts in written(version).items()} == meant(version)


def test_a_lane_goes_on_over_the_state_of_an_older_version(version: str) -> None:
    """Time goes on for a month: nothing that was said is said again as new, and nothing falls over.

    A rule that its policy does not know yet is incomplete there until a policy with it is published.
    """
    store = MemoryStore()
    state = written(version)
    store.keep(StatePart(key, part, data) for key, parts in state.items() for part, data in parts.items())
    lane = shipped().lane(0, 1, store)
    lane.expect((TOPIC,))
    before = lane.time
    known = {name: said[0] for said_of in meant(version).values() for name, said in said_of.get("said", {}).items()}
    incomplete = []
    for days in range(1, 32):
        lane.tick(TOPIC, before + days * DAY + SECOND)
        effects = lane.finish()
        store.keep(effects.states)
        incomplete += [one for one in effects.incomplete if "has no table for" not in one.reason]
        assert all(finding.revision > known.get(finding.id, 0) for finding in effects.findings)
    assert lane.time == before + 31 * DAY + SECOND
    assert not incomplete
