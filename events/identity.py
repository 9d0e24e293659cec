"""Identity and homes: who said it, where it lives, and which lane that is.

Law kept: one key, one home. A key lives in lane murmur2(home id), whatever brings its records.
Identity of an event is (provider from the credential, home key, event id).
"""

from __future__ import annotations

from functools import lru_cache

EVERYONE = "*"
"""The home of entries that concern every key; written once to every lane."""


@lru_cache(maxsize=131_072)
def site_key(site: str) -> str:
    """The key of a place where goods are held."""
    return f"site:{site}"


@lru_cache(maxsize=131_072)
def book_key(site: str, goods: str) -> str:
    """The key of what a site should hold of one goods; lives in its site's lane."""
    return f"book:{site}/{goods}"


@lru_cache(maxsize=131_072)
def unit_key(unit: str) -> str:
    """The key of a licensed enterprise or institution."""
    return f"unit:{unit}"


@lru_cache(maxsize=131_072)
def permit_key(permit: str) -> str:
    """The key of one permit."""
    return f"permit:{permit}"


def consignment_key(consignment: str) -> str:
    """The key of one planned trip."""
    return f"consignment:{consignment}"


@lru_cache(maxsize=131_072)
def vehicle_key(vehicle: str) -> str:
    """The key of one vehicle."""
    return f"vehicle:{vehicle}"


@lru_cache(maxsize=131_072)
def serial_key(maker: str, type_: str, block: int) -> str:
    """The key of one block of a maker's and type's serial numbers."""
    return f"serial:{maker}/{type_}/{block}"


def kind_of(key: str) -> str:
    """The kind of a key: ``site``, ``book``, ``unit``, ``permit``, ``serial``, ``consignment``, ``vehicle``."""
    return key.partition(":")[0]


def home_of(key: str) -> str:
    """The home id that a key is hashed by: a book's is its site; a block of numbers is hashed by its whole name.

    >>> home_of("book:S1/G9"), home_of("permit:P7"), home_of("serial:M1/T1/12")
    ('S1', 'P7', 'M1/T1/12')
    """
    kind, _, name = key.partition(":")
    return name if kind == "serial" else name.partition("/")[0]


def event_identity(provider: str, home: str, event_id: str) -> str:
    """One event's identity over all topics: who reported it, at which home, under which id."""
    return f"{provider}|{home}|{event_id}"


@lru_cache(maxsize=131_072)
def lane_of(home: str, lanes: int) -> int:
    """The lane of a home id: the partition Kafka's own default partitioner gives it."""
    return (murmur2(home.encode()) & 0x7FFFFFFF) % lanes


@lru_cache(maxsize=131_072)
def lane_of_key(key: str, lanes: int) -> int:
    """The lane of a key: that of its home."""
    return lane_of(home_of(key), lanes)


def murmur2(data: bytes) -> int:
    """Kafka's 32-bit murmur2 (seed 0x9747b28c), unsigned.

    >>> murmur2(b"21") == -973932308 % 2**32
    True
    """
    m, mask = 0x5BD1E995, 0xFFFFFFFF
    h = (0x9747B28C ^ len(data)) & mask
    whole = len(data) & ~3
    for i in range(0, whole, 4):
        k = int.from_bytes(data[i : i + 4], "little") * m & mask
        k ^= k >> 24
        h = (h * m & mask) ^ (k * m & mask)
    tail = data[whole:]
    if tail:
        h = (h ^ int.from_bytes(tail, "little")) * m & mask
    h = (h ^ h >> 13) * m & mask
    return h ^ h >> 15
