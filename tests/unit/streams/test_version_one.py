"""State that an earlier hazflow wrote is read by this one, and goes on as if this one had written it.

Law: an upgrade loses nothing, tells nothing twice, and leaves nothing of the old form once it is written anew.
"""

from __future__ import annotations

from collections.abc import Mapping

from detectors.vehicle import Vehicle
from events.log import Received
from streams.codec import VERSION, SubjectCodec, read_head
from streams.effects import StatePart
from tests.laws.lanes import Lanes, shipped
from tests.unit.streams import version_one

KEY = "vehicle:V1"


def upgraded() -> Lanes:
    """A lane that finds the vehicle as version 1 kept it, everything else as it had been kept by now."""
    house, items = Lanes(), version_one.log()
    house.publish()
    house.run(items[: version_one.first(items)], batch=50)
    store = house.stores[0]
    store.keep([StatePart(KEY, part, None) for part in list(store.parts(KEY))])
    store.keep([StatePart(KEY, part, data) for part, data in version_one.parts().items()])
    house.restart(0)
    return house


def test_an_upgrade_in_the_middle_of_a_trip_is_unobservable() -> None:
    """Books, findings and refusals are those of a run without one; what was told is not told again."""
    items = version_one.log()
    whole, house = Lanes(), upgraded()
    whole.publish()
    whole.run(items, batch=50)
    assert {found.detector for found in whole.outcome().findings.values()} >= {"D2", "D6"}
    before = len(house.findings)
    house.run(items[version_one.first(items) :], batch=50)
    assert house.outcome() == whole.outcome()
    assert len(house.findings) == len(whole.findings)
    assert before < len(house.findings)


def test_the_hours_of_version_one_become_quarters_with_the_first_batch() -> None:
    """Everything that was held is held, in parts of the new form alone, under a head that says so."""
    house, items = upgraded(), version_one.log()
    old = version_one.parts()
    assert read_head(old["head"]).version == 1
    assert {part for part in old if part[0].isdigit()}
    before = restored(old)
    coming = [one for one in items[version_one.first(items) :] if isinstance(one, Received)]
    house.run(coming[:1])
    parts = house.stores[0].parts(KEY)
    assert read_head(parts["head"]).version == VERSION
    assert not {part for part in parts if part[0].isdigit()}
    after = restored(parts)
    assert list(after.cells()) == [*before.cells(), before.current]
    assert after.facts == before.facts


def restored(parts: Mapping[str, bytes]) -> Vehicle:
    """The vehicle of these parts."""
    codec = SubjectCodec(d for group in shipped().watch.detectors.values() for d in group)
    subject = codec.restore(KEY, parts)
    assert isinstance(subject, Vehicle)
    return subject
