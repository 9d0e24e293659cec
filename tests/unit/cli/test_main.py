"""The framework: verbs found by reflection, help that is quick, faults that are one line."""

from __future__ import annotations

import re
import subprocess
import sys
from argparse import ArgumentParser, Namespace

import pytest

import cli.__main__ as door
from cli.faults import known
from cli.verb import Exit, Verb
from tests.unit.cli.installed import TREE, Installed

VERBS = [one.name for one in door.verbs()]
ENGINES = ("streams", "detectors", "desk", "msgspec", "numpy", "sklearn", "faust", "simulator", "rich")


def test_every_verb_says_what_it_does_in_both_languages_and_shows_examples() -> None:
    """A verb without an example is not finished."""
    for one in door.verbs():
        zh, en = one.help
        assert re.search(r"[\u4e00-\u9fff]", zh), one.name
        assert en.isascii(), one.name
        assert one.examples, one.name
        assert all(example.split()[0] == one.name for example in one.examples), one.name


@pytest.mark.parametrize("name", VERBS)
def test_every_example_is_a_command_line_that_parses(name: str) -> None:
    """Examples are not prose: each is accepted as it stands."""
    asked = door.verb(name)
    assert asked is not None
    for example in asked.examples:
        door.parser(asked).parse_args(example.split()[1:])


@pytest.mark.parametrize("name", VERBS)
def test_help_of_every_verb_exits_0_and_shows_its_examples(name: str, hazflow: Installed) -> None:
    """``--help`` is an answer, not a fault."""
    ran = hazflow(name, "--help")
    assert ran.code == Exit.OK
    assert "examples:" in ran.out


def test_help_loads_no_engine() -> None:
    """``--help`` answers at once because nothing but the verbs' own files is imported."""
    code = (
        "import sys; from cli.__main__ import main; main(['--help']); "
        f"print([name for name in {ENGINES!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=TREE, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_an_unknown_verb_is_a_usage_fault_that_names_the_verbs(hazflow: Installed) -> None:
    """A slip of the finger is answered with what there is."""
    ran = hazflow("wanrings")
    assert ran.code == Exit.USAGE
    assert all(name in ran.err for name in VERBS)


def test_no_verb_at_all_prints_the_overview_and_is_a_usage_fault(hazflow: Installed) -> None:
    """A script that lost its verb must notice."""
    ran = hazflow()
    assert ran.code == Exit.USAGE
    assert all(name in ran.out for name in VERBS)


def test_a_wrong_setting_is_one_line_with_an_example(hazflow: Installed, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wrong settings are refused with the name; no traceback is shown."""
    monkeypatch.setenv("HAZFLOW_PARTITIONS", "many")
    ran = hazflow("book", "--list")
    assert ran.code == Exit.USAGE
    assert "partitions" in ran.err
    assert ran.err.count("\n") == 1


def test_a_missing_database_is_unavailable_and_is_not_made(hazflow: Installed) -> None:
    """Asking never makes a database."""
    for words in (("book", "--list"), ("warnings", "list"), ("rejected", "list"), ("routes", "why", "B2-0")):
        ran = hazflow(*words)
        assert ran.code == Exit.UNAVAILABLE, words
        assert "Traceback" not in ran.err
    assert not hazflow.database.exists()


def test_a_fault_of_our_own_is_not_hidden(hazflow: Installed, monkeypatch: pytest.MonkeyPatch) -> None:
    """What nobody foresaw keeps its traceback: only known faults become a line."""

    def broken(arguments: Namespace) -> int:
        return 1 // 0

    def none(parser: ArgumentParser) -> None:
        """No arguments."""

    verb = Verb("broken", ("坏", "broken"), ("broken",), none, broken)
    monkeypatch.setattr(door, "verb", lambda name: verb)
    with pytest.raises(ZeroDivisionError):
        hazflow("broken")


def test_every_known_fault_is_a_real_exception() -> None:
    """The names by which faults are known are those of classes that exist."""
    import importlib

    from cli.faults import _KNOWN

    for module, name in _KNOWN:
        kind = getattr(importlib.import_module(module), name)
        assert issubclass(kind, Exception)
    assert known(KeyError("x")) is None


def test_the_docs_have_a_heading_for_every_verb_and_every_exit_code() -> None:
    """docs/cli.md knows each verb; what it does not know does not exist."""
    text = (TREE / "docs" / "cli.md").read_text()
    headings = set(re.findall(r"^### `hazflow (\S+)`", text, re.MULTILINE))
    assert headings >= set(VERBS)
    assert all(f"| {code.value} |" in text for code in Exit)
