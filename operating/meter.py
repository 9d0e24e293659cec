"""The metrics of one process, kept by prometheus-client and shown as text.

Laws kept: only metrics of the closed table, and of this process's role, can be moved; a label never has more values
than its bound, what is beyond is counted as ``other`` (11).
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from itertools import product
from typing import Any, Final

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
)
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from operating.metrics import OTHER, SPECS, Metric, Role, Spec, of_role

CONTENT_TYPE: Final = CONTENT_TYPE_LATEST
# When each series began is worth no series of its own.
disable_created_metrics()  # type: ignore[no-untyped-call]  # the library left it without a signature


class Meter:
    """What one process counts. Any thread may move it."""

    def __init__(self, role: Role) -> None:
        self.role = role
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self._kept: dict[Metric, Any] = {metric: _made(metric, self._registry) for metric in of_role(role)}
        self._said: dict[tuple[Metric, str], set[str]] = {}
        self._lock = threading.Lock()
        self._refreshing: list[Callable[[], None]] = []

    def add(self, metric: Metric, *labels: str, by: float = 1) -> None:
        """Count so many more."""
        self._at(metric, labels).inc(by)

    def set(self, metric: Metric, *labels: str, to: float) -> None:
        """Say how it stands now."""
        self._at(metric, labels).set(to)

    def observe(self, metric: Metric, value: float) -> None:
        """One more measurement of a histogram."""
        self._kept[metric].observe(value)

    def forget(self, metric: Metric, *first: str) -> None:
        """Show no more series of a gauge whose labels begin with these; without any, none at all."""
        kept = self._kept[metric]
        names = [label.name for label in SPECS[metric].labels]
        if first:
            kept.remove_by_labels(dict(zip(names, first, strict=False)))
        else:
            kept.clear()
            for name in names:
                self._said.pop((metric, name), None)

    def refresh(self, work: Callable[[], None]) -> None:
        """Do this before each showing: for what changes by itself, as the clock does."""
        self._refreshing.append(work)

    def show(self) -> bytes:
        """All of it, as Prometheus reads it."""
        for work in self._refreshing:
            work()
        return generate_latest(self._registry)

    def _at(self, metric: Metric, labels: tuple[str, ...]) -> Any:
        kept, spec = self._kept[metric], SPECS[metric]
        if not spec.labels:
            return kept
        bounded = (
            self._bounded(metric, at.name, at.most, value) for at, value in zip(spec.labels, labels, strict=True)
        )
        return kept.labels(*bounded)

    def _bounded(self, metric: Metric, name: str, most: int, value: str) -> str:
        said = self._said.setdefault((metric, name), set())
        if value in said:
            return value
        with self._lock:
            if len(said) >= most:
                return OTHER
            said.add(value)
        return value


def _made(metric: Metric, registry: CollectorRegistry) -> Any:
    spec = SPECS[metric]
    made = _kind(metric, spec, registry)
    if spec.labels and all(label.values for label in spec.labels):
        for values in product(*(label.values for label in spec.labels)):
            made.labels(*values)
    return made


def _kind(metric: Metric, spec: Spec, registry: CollectorRegistry) -> Any:
    names, told = [label.name for label in spec.labels], " · ".join(spec.help)
    match spec.kind:
        case "counter":
            return Counter(metric.value, told, names, registry=registry)
        case "gauge":
            return Gauge(metric.value, told, names, registry=registry)
        case "histogram":
            return Histogram(metric.value, told, names, registry=registry, buckets=spec.buckets)
