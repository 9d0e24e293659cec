"""A warning's sentence in words: names for ids, pieces for items, times to the minute."""

import pytest

from desk.sentence import sentence
from desk.words import Lang

NAMES = {"S35-A": "东门仓库", "DET": "雷管", "U1": "闽安民爆", "cap.3": "核定"}


def said(text: str, lang: Lang = "zh") -> str:
    return sentence(text, lambda id: NAMES.get(id, ""), lang)


def test_ids_that_are_registered_are_said_by_name() -> None:
    """Law: a page says what things are called; beside Chinese words without the blanks that set ids apart."""
    assert said("S35-A 的 DET 盘点为 690 item，账面为 700 item") == "东门仓库的雷管盘点为 690 件，账面为 700 件"
    assert said("U1(对手方，由 U9 上报)") == "闽安民爆(对手方，由 U9 上报)"


@pytest.mark.parametrize("text", ["P-U1-Z0", "S35-A.1", "XDET", "B1", "DET-2", "log/0/S35-A", "e|DET2|x"])
def test_what_nobody_registered_stays_as_it_is(text: str) -> None:
    """Law: a part of an id is no id."""
    assert said(text) == text


def test_an_id_before_a_full_stop_is_found() -> None:
    """The point ends the sentence, not the id."""
    assert said("Nobody received any DET.", "en") == "Nobody received any 雷管."


def test_items_are_pieces_and_one_is_one() -> None:
    """Law: measures are said as on the rest of the page; numbers stay exact."""
    assert said("1 item, 12 item and 2.5 kg", "en") == "1 item, 12 items and 2.5 kg"
    assert said("短少 1 item") == "短少 1 件"


def test_times_are_said_to_the_minute() -> None:
    """Shanghai time needs no zone on a page whose every time is Shanghai's."""
    assert said("since 2026-05-04T18:42:51.5+08:00", "en") == "since 2026-05-04 18:42"
