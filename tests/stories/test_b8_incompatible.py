"""B8: detonators are put into the store room where the explosive stands; both leave on one lorry."""

from msgspec.structs import replace

from events.quantity import Measure
from events.registry import Category, GoodsEntry, IncompatibilityEntry
from events.report import Flow, Registry
from simulator import stories as s
from tests.stories.telling import GULOU, Warned, tell


def classed(goods: str, names: tuple[str, str], measure: Measure, hazard_class: str) -> Registry:
    """A goods with its hazard class in the catalogue."""
    entry = GoodsEntry(goods=goods, name=names[0], name_en=names[1], category=Category.EXPLOSIVES, measure=measure,
                       hazard_class=hazard_class)  # fmt: skip
    return s.registry(entry, valid_from="day -20 00:00")


CATALOGUE = (
    classed("DET", ("工业电子雷管", "electronic detonator"), Measure.COUNT, "1.1B"),
    classed("EXP", ("乳化炸药", "emulsion explosive"), Measure.MASS, "1.1D"),
    s.registry(IncompatibilityEntry(one="1.1B", other="1.1D"), id="pair-B-D"),
)


def in_room(room: str, flow: Flow) -> Flow:
    """A flow that names its store room."""
    return replace(flow, room=room)


EXPLOSIVE = in_room("R1", s.opening("500 kg", site="S1", goods="EXP", when="day 1 08:00"))
CAME = s.receive("200 item", site="S1", goods="DET", when="day 1 15:00")
WENT = in_room("R1", s.issue("200 item", site="S1", goods="DET", when="day 2 09:00"))


def test_detonators_beside_explosive_are_warned_of_until_they_are_out_of_the_room() -> None:
    """Stored overnight in R1: told when the day can no longer explain it, over the next morning."""
    heard = tell(*CATALOGUE, EXPLOSIVE, in_room("R1", CAME), WENT, until="day 3 00:00")
    assert heard.words() == [
        Warned("B8", "open", "red", since="day 1 15:00", told="day 2 00:30", handler=GULOU, due="day 2 01:30"),
        Warned("B8", "closed", "red", since="day 1 15:00", told="day 2 09:05", handler=GULOU, due="day 2 01:30"),
    ]
    assert "stand in room R1 of S1: DET + EXP. They were apart at" in heard.says


def test_a_room_mistyped_and_corrected_takes_it_back() -> None:
    """They had gone into R2."""
    wrong = in_room("R1", CAME)
    right = s.received(s.correct(wrong, room="R2"), when="day 2 08:00")
    heard = tell(*CATALOGUE, EXPLOSIVE, wrong, right, until="day 3 00:00")
    assert [(word.status, word.told) for word in heard.words()] == [
        ("open", "day 2 00:30"),
        ("withdrawn", "day 2 08:00"),
    ]


def test_two_rooms_and_rooms_nobody_named_raise_nothing() -> None:
    """Detonators in a room of their own; or no room in the report at all."""
    assert not tell(*CATALOGUE, EXPLOSIVE, in_room("R2", CAME), until="day 3 00:00").notices
    assert not tell(*CATALOGUE, EXPLOSIVE, CAME, until="day 3 00:00").notices


def test_both_on_one_lorry_are_warned_of_at_once() -> None:
    """From the issue on, as it is reported; over when the lorry arrives."""
    load = {"DET": "100 item", "EXP": "50 kg"}
    heard = tell(
        *CATALOGUE,
        s.opening("500 item", site="S1", goods="DET", when="day 1 06:00"),
        s.plan("C1", load, depart="day 1 09:00", arrive_by="day 1 10:00"),
        s.issue("100 item", site="S1", goods="DET", when="day 1 08:40", consignment="C1"),
        s.stage("C1", "depart", when="day 1 09:00"),
        s.stage("C1", "arrive", when="day 1 09:50"),
        s.receive("100 item", site="S2", goods="DET", when="day 1 10:00", consignment="C1", permit="P1"),
        until="day 1 12:00",
    )
    assert [(word.status, word.since, word.told) for word in heard.of("B8").words()] == [
        ("open", "day 1 08:40", "day 1 08:45"),
        ("closed", "day 1 08:40", "day 1 09:55"),
    ]
    assert "Consignment C1 on V1, sent from S1" in heard.of("B8").says
