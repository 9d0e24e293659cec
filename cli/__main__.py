"""``hazflow VERB``: finds the verbs in this folder, hands over to the one that is asked for.

Law kept: a verb is listed nowhere; its file is all there is. Asking for one imports no other.
"""

from __future__ import annotations

import importlib
import os
import sys
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Sequence
from pathlib import Path

import cli
from cli.faults import known
from cli.verb import Exit, Verb

_INTERRUPTED = 130


def verbs() -> tuple[Verb, ...]:
    """Every verb there is, by name."""
    found = (verb(name) for name in _modules())
    return tuple(sorted((one for one in found if one is not None), key=lambda one: one.name))


def verb(name: str) -> Verb | None:
    """The verb of that name, if this folder has it."""
    module = name.replace("-", "_")
    if module not in _modules():
        return None
    found = getattr(importlib.import_module(f"cli.{module}"), "VERB", None)
    return found if isinstance(found, Verb) else None


def _modules() -> frozenset[str]:
    """The files that define a verb. The others may be heavy: they are looked into, not imported."""
    return frozenset(
        path.stem
        for folder in cli.__path__
        for path in Path(folder).glob("*.py")
        if b"\nVERB = " in path.read_bytes()
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line; returns what to exit with."""
    words = list(sys.argv[1:] if argv is None else argv)
    if not words or words[0] in ("-h", "--help", "help"):
        print(overview())
        return Exit.OK if words else Exit.USAGE
    asked = verb(words[0])
    if asked is None:
        known_names = ", ".join(one.name for one in verbs())
        print(f"hazflow: 没有此命令 · no such verb: {words[0]}; {known_names}", file=sys.stderr)
        return Exit.USAGE
    return _run(asked, words[1:])


def _run(asked: Verb, words: Sequence[str]) -> int:
    try:
        return int(asked.run(parser(asked).parse_args(words)))
    except SystemExit as end:  # argparse has printed the help, or what is wrong
        return int(end.code or 0)
    except KeyboardInterrupt:
        return _INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has seen enough; what is still buffered must not be written at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.OK
    except Exception as error:
        told = known(error)
        if told is None:
            raise
        print(f"hazflow {asked.name}: {told[1]}", file=sys.stderr)
        return told[0]


def parser(asked: Verb) -> ArgumentParser:
    """The parser of one verb, its examples behind its arguments."""
    made = ArgumentParser(
        prog=f"hazflow {asked.name}",
        description=f"{asked.help[0]}\n{asked.help[1]}",
        epilog="examples:\n" + "\n".join(f"  hazflow {example}" for example in asked.examples),
        formatter_class=RawDescriptionHelpFormatter,
    )
    asked.arguments(made)
    return made


def overview() -> str:
    """What ``hazflow --help`` prints: a line a verb."""
    every = verbs()
    lines = ["usage: hazflow VERB [--help] ...", ""]
    lines += [f"  {one.name:<10} {one.help[1]}\n  {'':<10} {one.help[0]}" for one in every]
    lines += ["", "hazflow VERB --help 显示用法与例子 · shows arguments and examples"]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
