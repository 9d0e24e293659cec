"""The memory store is a dict of dicts, however few or many parts a key has."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from streams.store import HEAD, MOST_IN_A_TUPLE, MemoryStore

KEYS = ("site:S1", "unit:U1")
PARTS = (HEAD, *(f"p{number}" for number in range(2 * MOST_IN_A_TUPLE)))


@given(
    st.lists(
        st.tuples(st.sampled_from(KEYS), st.sampled_from(PARTS), st.none() | st.binary(max_size=2)), max_size=120
    )
)
def test_the_store_is_a_dict_of_dicts(puts: list[tuple[str, str, bytes | None]]) -> None:
    store, plain = MemoryStore(), dict[str, dict[str, bytes]]()
    for key, part, data in puts:
        store.put(key, part, data)
        parts = plain.setdefault(key, {})
        parts.pop(part, None)
        if data is not None:
            parts[part] = data
    left = {key: parts for key, parts in plain.items() if parts}
    assert {key: dict(store.parts(key)) for key in store} == left
    assert len(store) == len(left)
    assert dict(store.heads()) == {key: parts[HEAD] for key, parts in left.items() if HEAD in parts}
