"""Evidence and words: every number is shown, in people's units; every word is there in both languages."""

from __future__ import annotations

import doctest
import importlib
import inspect
import pkgutil
import re
from pathlib import Path

import pytest

import delivery
import desk
from desk import words
from desk.evidence import evidence
from desk.found import FOUND
from desk.labels import LABELS
from desk.words import WORDS
from events.time import parse_instant
from models.features import STANDARD
from routing.question import SEVERITIES, Role

ROOT = Path(desk.__path__[0])
TEMPLATES = sorted((ROOT / "templates").glob("*.html"))


def test_quantities_are_shown_in_peoples_units_and_counts_as_counts() -> None:
    """The measure decides; what is no quantity by its name stays a number; times are times."""
    told = evidence(
        {
            "lowest": -12_500_000,
            "movements": 3,
            "sent_at": parse_instant("2026-05-01T08:00:00+08:00"),
            "share": 0.125,
            "operations": "issue,consume",
            "run_since": "2026-05-01T08:00:00+08:00",
            "never_heard_of": 7,
            "measure": "mass",
        },
        "en",
    )
    assert [(row.label, row.value) for row in told] == [
        ("lowest", "−12.5 kg"),
        ("movements", "3"),
        ("sent at", "2026-05-01 08:00"),
        ("share", "12.50%"),
        ("operations", "issue, consume"),
        ("run began", "2026-05-01 08:00"),
        ("never heard of", "0.000007 kg"),
    ]


@pytest.mark.parametrize(
    ("reason", "zh", "en"), [("two_places", "一号两处", "in two places"), ("expired", "已过有效期", "expired")]
)
def test_what_a_rule_found_is_said_in_the_readers_words(reason: str, zh: str, en: str) -> None:
    """Not by the name that it has in the code: the page knows the words of every family."""
    for lang, word in (("zh", zh), ("en", en)):
        (row,) = evidence({"reason": reason}, lang)  # type: ignore[arg-type]  # the two languages
        assert row.value == word


def test_what_made_a_day_strange_is_said_in_the_readers_words() -> None:
    """E7's features by the words that its model has for them; their numbers are counted."""
    for one in STANDARD.features:
        for lang, word in (("zh", one.zh), ("en", one.en)):
            (row,) = evidence({"feature_2": one.name}, lang)  # type: ignore[arg-type]  # the two languages
            assert row.value == word
    rows = evidence({"feature_2": "weekend", "value_2": 1.0, "usual_2": 0.0, "adds_2": 0.25}, "en")
    assert [(row.label, row.value) for row in rows] == [
        ("what is strange 2", "weekend"), ("that day 2", "1"), ("usual 2", "0"), ("adds to the score 2", "0.25"),
    ]  # fmt: skip


def test_how_many_is_never_shown_as_how_much() -> None:
    """A weighed day's entries, and what clean scores are worth, have no kilograms."""
    rows = evidence({"events": 5, "clean_worth": 2_076, "throughput": 5_000_000, "measure": "mass"}, "zh")
    assert [row.value for row in rows] == ["5", "2,076", "5 kg"]


def test_every_word_of_a_page_is_in_both_languages_and_none_is_left_over() -> None:
    """A template's word that is missing, or a word that no page says any more, is a fault."""
    said = {key for file in TEMPLATES for key in re.findall(r"\bt\('([a-z_]+)'", file.read_text())} | {
        "warnings",
        "books",
        "rejected",
        "report",
        "too_many",
        "door_closed",
    }
    for begun in [key for key in said if key.endswith("_")]:  # the template puts the rest of it behind
        said = said - {begun} | {key for key in WORDS if key.startswith(begun)}
    assert said == set(WORDS)


def test_every_table_speaks_both_languages() -> None:
    """No half is empty; every severity and role has a name."""
    tables = [
        words.SEVERITY,
        words.STATUS,
        words.OPERATION,
        words.ACTIVITY,
        FOUND,
        words.ROLE,
        words.TOTAL,
        words.STANDING,
    ]
    tables += [WORDS, LABELS]
    assert all(zh and en for table in tables for zh, en in table.values())
    assert set(words.SEVERITY) == set(SEVERITIES)
    assert set(words.ROLE) == {role.value for role in Role}


@pytest.mark.parametrize(
    "module", [f"{p.__name__}.{m.name}" for p in (desk, delivery) for m in pkgutil.iter_modules(p.__path__)]
)
def test_the_examples_in_the_docs_run(module: str) -> None:
    """Every doctest of desk and delivery holds."""
    found = importlib.import_module(module)
    assert inspect.getdoc(found)
    assert doctest.testmod(found).failed == 0
