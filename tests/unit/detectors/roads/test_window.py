"""Stretches of time in which a vehicle's trips stay the same, on a few plans, to the instant."""

from __future__ import annotations

import pytest

from detectors.roads.window import Window, window_at
from events.rejection import Source
from events.time import HOUR
from ledger.account import Driving, Ended, Planned
from ledger.fact import Leg, Ref
from tests.detector_kit import at

GRACE = 2 * HOUR
ROAD = ((((119.3, 26.08), (119.5, 26.08)), 300.0),)


def leg(name: str, departs: str, arrives: str, *, routed: bool = True) -> Leg:
    depart, arrive = at(f"day 2 {departs}"), at(f"day 2 {arrives}")
    return Leg("plan", name, "V1", depart_at=depart, arrive_by=arrive, routes=ROAD if routed else ())


def planned(*legs: Leg, ended: str = "", heard: int = 0) -> Driving:
    """These trips, the first of them ended at a time of the day."""
    plans = tuple(Planned(one, Ref(one.consignment, Source("consignment", 0, 0)), heard) for one in legs)
    return Driving(plans, (Ended(legs[0].consignment, at(f"day 2 {ended}"), 0),) if ended else ())


def window(since: str, until: str, *legs: Leg, routed: bool = True) -> Window:
    day, clock = (3, "00:00") if until == "24:00" else (2, until)
    trip = legs[-1].consignment if legs else ""
    return Window(at(f"day 2 {since}"), at(f"day {day} {clock}"), trip, legs, routed=bool(legs) and routed)


C1, NEXT, LONG = leg("C1", "08:00", "10:00"), leg("C2", "09:00", "11:00", routed=False), leg("C0", "07:00", "14:00")


@pytest.mark.parametrize(
    ("driving", "windows"),
    [
        (Driving(), {"00:00": window("00:00", "24:00"), "23:59:59": window("00:00", "24:00")}),
        (planned(C1), {
            "00:00": window("00:00", "08:00"), "07:59:59": window("00:00", "08:00"),
            "08:00": window("08:00", "10:00", C1), "09:59:59": window("08:00", "10:00", C1),
            "10:00": None, "11:59:59": None, "12:00": window("12:00", "24:00"),
        }),
        (planned(C1, ended="09:30"), {
            "09:29:59": window("08:00", "09:30", C1), "09:30": window("09:30", "24:00"),
        }),
        (planned(C1, ended="10:30"), {
            "09:30": window("08:00", "10:00", C1), "10:00": None, "10:29:59": None,
            "10:30": window("10:30", "24:00"),
        }),
        (planned(C1, ended="13:00"), {"11:59:59": None, "12:00": window("12:00", "24:00")}),
        (planned(C1, NEXT), {
            "08:59:59": window("08:00", "09:00", C1), "09:00": window("09:00", "10:00", C1, NEXT),
            "10:00": window("10:00", "11:00", NEXT), "11:00": None,
        }),
        (planned(C1, NEXT, ended="09:30"), {
            "09:29:59": window("09:00", "09:30", C1, NEXT), "09:30": window("09:30", "11:00", NEXT, routed=False),
        }),
        (planned(LONG, C1), {"09:59:59": window("08:00", "10:00", LONG, C1), "10:00": None,
                             "12:00": window("12:00", "14:00", LONG)}),
    ],
)  # fmt: skip
def test_a_window_reaches_from_one_change_of_the_trips_to_the_next(
    driving: Driving, windows: dict[str, Window | None]
) -> None:
    """A day at most; where the trip that departed last is overdue its grace decides, and there is none."""
    for when, expected in windows.items():
        assert window_at(driving, at(f"day 2 {when}"), GRACE) == expected, when


def test_a_plan_that_is_heard_of_once_the_day_has_closed_makes_no_window_of_it() -> None:
    """As no rule judges by it then."""
    for heard, expected in ((-1, window("08:00", "10:00", C1)), (0, window("00:00", "24:00"))):
        driving = planned(C1, heard=at("day 4 01:00") + heard)
        assert window_at(driving, at("day 2 09:00"), GRACE) == expected
