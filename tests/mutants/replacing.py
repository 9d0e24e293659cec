"""Puts a mutant's code in the place of the faultless one, in a process that has loaded it.

Law kept: what cannot be replaced so is told (None) and tried in a process of its own: what runs while modules load,
and a function that nobody holds.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from types import CodeType, FunctionType


def functions_of(filename: str) -> dict[str, list[FunctionType]]:
    """The functions of a file that are alive, by qualified name."""
    found: dict[str, list[FunctionType]] = {}
    for one in gc.get_objects():
        if isinstance(one, FunctionType) and one.__code__.co_filename == filename:
            found.setdefault(one.__code__.co_qualname, []).append(one)
    return found


def replacements(source: str, text: str, filename: str) -> dict[str, CodeType] | None:
    """The outermost functions whose code the mutant changes, by qualified name; None if it changes what loads."""
    old, new = compile(source, filename, "exec"), compile(text, filename, "exec")
    if _bare(old) != _bare(new):
        return None
    before, after = dict(_functions(old)), dict(_functions(new))
    if set(before) != set(after):
        return None
    return {name: code for name, code in after.items() if code != before[name]}


def _functions(code: CodeType) -> Iterator[tuple[str, CodeType]]:
    """The functions of a module or a class body, not those within functions."""
    for part in code.co_consts:
        if isinstance(part, CodeType):
            if _is_body(part):
                yield from _functions(part)
            else:
                yield part.co_qualname, part


def _bare(code: CodeType) -> tuple[object, ...]:
    """What a module or a class body does as it loads."""
    parts = tuple(_bare(part) if isinstance(part, CodeType) and _is_body(part) else
                  part.co_qualname if isinstance(part, CodeType) else (type(part), part)
                  for part in code.co_consts)  # fmt: skip
    return code.co_code, code.co_names, parts


def _is_body(code: CodeType) -> bool:
    """A class body: the only code that keeps its names in a namespace."""
    return "__module__" in code.co_names and "__qualname__" in code.co_names and not code.co_flags & 0x1
