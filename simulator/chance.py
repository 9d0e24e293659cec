"""Chance: every part of the province draws from its own stream, all grown from the one seed.

Law kept: adding a draw in one part changes nothing in another, and the same seed gives the same province.
"""

from __future__ import annotations

from typing import TypeAlias
from zlib import crc32

import numpy as np

Chance: TypeAlias = np.random.Generator


def chance(seed: int, *part: str) -> Chance:
    """The stream of one named part.

    >>> int(chance(7, "work", "S1").integers(100)) == int(chance(7, "work", "S1").integers(100))
    True
    """
    return np.random.default_rng([seed, crc32("/".join(part).encode())])
