"""D2: a lorry leaves its permitted road by a kilometre for twenty minutes."""

from msgspec.structs import replace

from events.datum import gcj02
from events.log import Received
from events.report import Consignment, Route
from simulator import stories as s
from tests.stories.road import ARRIVED, NORTH, STRAIGHT, drive, filed
from tests.stories.telling import JINAN, Warned, tell

DETOUR = range(20, 40)


def aside(metres: float) -> list[Received]:
    """An hour's drive, so far to the north of the road in the minutes of the detour."""
    return drive(lambda minute: s.along(minute / 60, aside_m=metres if minute in DETOUR else 0))


def test_a_detour_is_warned_of_while_it_lasts() -> None:
    """Said after five minutes outside; over when it has been back for three."""
    heard = tell(*filed(STRAIGHT), *aside(1000), *ARRIVED, until="day 2 12:00")
    first, last = heard.words()[0], heard.words()[-1]
    assert (first.status, last.status) == ("open", "closed")
    assert first == Warned(
        "D2", "open", "orange", since="day 1 09:20", told="day 1 09:25", handler=JINAN, due="day 1 11:25"
    )
    assert "by as much as 996 m (allowed: 400 m)" in heard.says


def test_the_counties_along_the_road_are_informed_with_fields_masked() -> None:
    """The county of the last good fix handles; those of origin and transit only know."""
    heard = tell(*filed(STRAIGHT), *aside(1000), *ARRIVED, until="day 2 12:00")
    told = {recipient.authority.id: recipient.masked for recipient in heard.notices[-1].recipients}
    assert told["public_security@350111"] is False
    assert told["public_security@350102"] is True


def test_the_other_of_two_permitted_routes_raises_nothing() -> None:
    """The plan allows a second corridor, one kilometre to the north."""
    assert not tell(*filed(STRAIGHT, NORTH), *aside(1000), *ARRIVED, until="day 2 12:00").notices


def test_turning_back_on_the_permitted_road_is_warned_of() -> None:
    """Forty minutes out, twenty back at the same pace: never off the road, and not in its order."""
    turned = drive(lambda minute: s.along(min(minute, 80 - minute) / 60 if minute > 40 else minute / 60))
    heard = tell(*filed(STRAIGHT), *turned, *ARRIVED, until="day 2 12:00")
    first, last = heard.words()[0], heard.words()[-1]
    assert (first.rule, first.status, last.status) == ("D2", "open", "closed")
    assert "turned back on it" in heard.says


def test_a_yard_just_behind_raises_nothing() -> None:
    """Three hundred metres back, and on."""
    yard = drive(lambda minute: s.along((minute if minute not in range(31, 34) else 29) / 60))
    assert not tell(*filed(STRAIGHT), *yard, *ARRIVED, until="day 2 12:00").notices


def test_a_road_drawn_on_a_chinese_map_is_the_same_road_once_it_names_its_datum() -> None:
    """In GCJ-02 its line stands some three hundred and fifty metres aside: named, it is the road that is driven."""
    drawn = Route(line=tuple(gcj02(point) for point in STRAIGHT.line), half_width_m=50.0)
    named = [replace(one, datum="gcj02") if isinstance(one, Consignment) else one for one in filed(drawn)]
    assert tell(*filed(drawn), *aside(0), *ARRIVED, until="day 2 12:00").notices
    assert not tell(*named, *aside(0), *ARRIVED, until="day 2 12:00").notices


def test_leaps_of_the_receiver_raise_nothing() -> None:
    """Two single fixes 1.5 km away, in two minutes of sixty."""
    leaping = drive(lambda minute: s.along(minute / 60, aside_m=1500 if minute in (25, 33) else 0))
    assert not tell(*filed(STRAIGHT), *leaping, *ARRIVED, until="day 2 12:00").notices
