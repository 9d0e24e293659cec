"""An engine's answers held against the oracle's, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tests.chaos.oracle import Oracle
from tests.engines import Answers

_EXPLANATION = 15
"""Where a warning's content says in words what its evidence says in numbers."""
_MOST = 8


def parted(oracle: Oracle, engine: Answers) -> list[str]:
    """Where the two part ways: books, lines, findings; nothing where they are equal."""
    findings = {name: _plain(told) for name, told in engine.warnings.items()}
    return [
        *_unlike("book", oracle.books, engine.books),
        *_unlike("finding", oracle.findings, findings),
        *(f"line missing: {line}" for line in sorted(oracle.lines - engine.lines, key=str)[:_MOST]),
        *(f"line too many: {line}" for line in sorted(engine.lines - oracle.lines, key=str)[:_MOST]),
    ]


def _unlike(what: str, right: Mapping[str, object], found: Mapping[str, object]) -> Iterator[str]:
    wrong = [key for key in sorted({*right, *found}) if right.get(key) != found.get(key)]
    return (f"{what} {key}: {right.get(key)} is right, {found.get(key)} was said" for key in wrong[:_MOST])


def _plain(content: tuple[object, ...]) -> tuple[object, ...]:
    """A warning's content without its words: the numbers in evidence count."""
    return (*content[:_EXPLANATION], *content[_EXPLANATION + 1 :])
