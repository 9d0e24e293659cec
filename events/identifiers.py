"""Identifiers held against their pattern apart from decoding, each that returns only once.

Law kept: the contract is what the types say. Which fields are identifiers is read off the types; where one is
unsound, the bytes are decoded again to the letter (`to_the_letter`), and that decoding says what is wrong.
"""

from __future__ import annotations

import re
from functools import cache, reduce
from operator import attrgetter, or_
from types import UnionType
from typing import Annotated, Any, Final, Union, get_args, get_origin

from msgspec import Meta, Struct, defstruct
from msgspec.structs import fields

from events.registry import ID_PATTERN, Id

MOST_KNOWN: Final = 100_000
"""How many sound values are remembered; one more, and all are forgotten."""

_fits: Final = re.compile(ID_PATTERN).search
_known: Final[set[Any]] = {None, ()}


class Identifiers:
    """The identifiers of one kind of event, and of what it holds."""

    __slots__ = ("_bearing", "_with_id")

    def __init__(self, of: type[Struct]) -> None:
        # The event's own id is new each time, and not worth remembering.
        names = [name for name in _bearing(of) if name != "id"]
        self._with_id = "id" in _bearing(of)
        # attrgetter gives a tuple only where it is asked for more than one: the first is asked for twice.
        self._bearing = attrgetter(*names, names[0])

    def sound(self, event: Any) -> bool:
        """Whether all of them keep the pattern."""
        bearing = self._bearing(event)
        if not (_known.issuperset(bearing) or _learn(bearing)):
            return False
        return not self._with_id or _fits(event.id) is not None


def to_the_letter(kind: Any) -> Any:
    """The same type with the patterns of its texts enforced while decoding."""
    parts = get_args(kind)
    if isinstance(kind, type) and issubclass(kind, Struct):
        return _strict(kind)
    if get_origin(kind) is Annotated:
        return Annotated[(to_the_letter(parts[0]), *map(_enforced, parts[1:]))]
    if get_origin(kind) in (Union, UnionType):
        return reduce(or_, map(to_the_letter, parts))
    if get_origin(kind) is tuple:
        return tuple[tuple(part if part is ... else to_the_letter(part) for part in parts)]  # type: ignore[misc]
    return kind


@cache
def _strict(of: type[Struct]) -> type[Struct]:
    config = of.__struct_config__
    return defstruct(
        of.__name__,
        [(field.name, to_the_letter(field.type), field.default) for field in fields(of)],
        tag_field=config.tag_field,
        tag=config.tag,
        forbid_unknown_fields=config.forbid_unknown_fields,
        kw_only=True,
    )


def _enforced(meta: Meta) -> Meta:
    pattern = (meta.extra_json_schema or {}).get("pattern")
    if pattern is None:
        return meta
    return Meta(min_length=meta.min_length, max_length=meta.max_length, pattern=pattern)


@cache
def _bearing(of: type[Struct]) -> tuple[str, ...]:
    """The fields of a struct that are identifiers, or hold some at any depth."""
    return tuple(field.name for field in fields(of) if _bears(field.type))


def _bears(kind: Any) -> bool:
    if isinstance(kind, type) and issubclass(kind, Struct):
        return bool(_bearing(kind))
    return kind == Id or any(map(_bears, get_args(kind)))


def _learn(bearing: tuple[Any, ...]) -> bool:
    """Remember what keeps the pattern and may come again; False where something does not keep it."""
    new = [held for held in bearing if held not in _known]
    if not all(map(_keeps, new)):
        return False
    if len(_known) > MOST_KNOWN:
        _known.clear()
        _known.update((None, ()))
    _known.update(held for held in new if _comes_again(held))
    return True


def _keeps(held: Any) -> bool:
    match held:
        case str():
            return _fits(held) is not None
        case tuple():
            return all(map(_keeps, held))
        case Struct():
            return all(
                _keeps(within) for name in _bearing(type(held)) if (within := getattr(held, name)) is not None
            )
        case _:
            return True


def _comes_again(held: Any) -> bool:
    """Texts, a few of them, and those who trade do; runs of serial numbers and corrections do not."""
    match held:
        case str():
            return True
        case tuple():
            return all(isinstance(one, str) for one in held)
        case _:
            return "id" not in held.__struct_fields__
