"""CAS numbers: two to seven digits, two, and a check digit over all before it."""

from __future__ import annotations

import re
from typing import Final

_CAS: Final = re.compile(r"([1-9]\d{1,6})-(\d\d)-(\d)", re.ASCII)


def cas_fault(text: str) -> str | None:
    """What is wrong with a CAS number; None where nothing is.

    >>> cas_fault("7782-50-5"), cas_fault("7782-50-6"), cas_fault("7782505")
    (None, '7782-50-6: its check digit would be 5', '7782505 is no CAS number')
    """
    found = _CAS.fullmatch(text)
    if found is None:
        return f"{text} is no CAS number"
    digits = found[1] + found[2]
    check = sum(place * int(digit) for place, digit in enumerate(reversed(digits), 1)) % 10
    return None if check == int(found[3]) else f"{text}: its check digit would be {check}"
