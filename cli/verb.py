"""What a verb of the command line is: a value that says its name, its help, its arguments and what it does.

Law kept: a verb's file imports nothing heavy until ``run`` is called, so that ``--help`` answers at once; an exit
code means the same at every verb.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from enum import IntEnum
from typing import NamedTuple


class Exit(IntEnum):
    """What a command ended with."""

    OK = 0
    """Done, and nothing is wrong."""
    FOUND = 1
    """Done, and something was found wrong, or refused."""
    USAGE = 2
    """Not begun: an argument, setting, policy or file cannot be used as it is."""
    UNAVAILABLE = 3
    """Not done: a database, broker, file or network is not to be had now; trying again may help."""


class Verb(NamedTuple):
    """One verb: ``help`` is a line in Chinese and one in English, ``examples`` command lines without the name."""

    name: str
    help: tuple[str, str]
    examples: tuple[str, ...]
    arguments: Callable[[ArgumentParser], None]
    run: Callable[[Namespace], int]


class Refused(Exception):
    """A verb will not do what was asked: one line in Chinese and English, and what to exit with."""

    def __init__(self, zh: str, en: str, code: Exit = Exit.USAGE) -> None:
        super().__init__(f"{zh} · {en}")
        self.code = code
