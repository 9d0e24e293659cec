"""What is restored is never looked through again; what was garbage before and after it is still found."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from streams.collecting import SELDOM, collect_seldom, restoring


class Ring:
    """A cycle of garbage, once nobody refers to it."""

    def __init__(self) -> None:
        self.me = self


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    thresholds = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*thresholds)
    assert gc.isenabled()


def test_what_is_restored_is_put_out_of_sight() -> None:
    with restoring():
        assert not gc.isenabled()
        state = [[number] for number in range(1_000)]
    assert gc.get_freeze_count() >= len(state)
    assert not any(one is state[0] for one in gc.get_objects())


def test_garbage_from_before_is_not_kept_for_good() -> None:
    ring = weakref.ref(Ring())
    with restoring():
        assert ring() is None


def test_garbage_that_comes_later_is_found() -> None:
    with restoring():
        pass
    ring = weakref.ref(Ring())
    assert ring() is not None
    gc.collect()
    assert ring() is None


def test_a_restore_that_fails_leaves_looking_on() -> None:
    before = gc.get_freeze_count()
    with pytest.raises(OSError, match="broker"), restoring():
        raise OSError("broker")
    assert gc.isenabled()
    assert gc.get_freeze_count() == before


def test_from_then_on_it_is_looked_for_seldom() -> None:
    collect_seldom()
    assert gc.get_threshold() == SELDOM
