"""A figure: what was measured, of what mix, in which unit. Ratios stand beside what they compare in one run."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable, Sequence
from pathlib import Path

from msgspec import Struct


class Figure(Struct, frozen=True):
    """One measured number; ``says`` is what the reader must know to judge it."""

    name: str
    value: float
    unit: str
    says: str = ""


class WrongAnswer(Exception):
    """A benchmark's own check failed: its speed would mean nothing."""


def machine() -> dict[str, str | int | float]:
    """What ran it, and how busy it was: figures of a busy machine are good for ratios alone."""
    return {
        "cpu": _cpu(),
        "cores": os.cpu_count() or 1,
        "load": round(os.getloadavg()[0], 2),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.release()}",
    }


def resident() -> int:
    """Bytes of this process in memory; 0 where the system does not say."""
    statm = Path("/proc/self/statm")
    return int(statm.read_text("utf-8").split()[1]) * os.sysconf("SC_PAGE_SIZE") if statm.exists() else 0


def percentiles(name: str, seconds: Iterable[float], says: str) -> list[Figure]:
    """p50, p99 and p99.9 of latencies, in milliseconds; a thousand are needed for the last to mean anything."""
    ordered = sorted(seconds)
    last = len(ordered) - 1
    return [
        Figure(f"{name}, p{share}", ordered[min(int(len(ordered) * share / 100), last)] * 1_000, "ms", says)
        for share in (50, 99, 99.9)
    ]


def table(figures: Sequence[Figure]) -> str:
    """The figures as lines."""
    wide = max((len(figure.name) for figure in figures), default=0)
    return "\n".join(
        f"{figure.name:<{wide}}  {figure.value:>12,.2f} {figure.unit:<10} {figure.says}".rstrip()
        for figure in figures
    )


def _cpu() -> str:
    try:
        told = Path("/proc/cpuinfo").read_text("utf-8")
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in told.splitlines() if line.startswith("model name")]
    return names[0] if names else platform.machine()
