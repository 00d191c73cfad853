"""Counting every reply without locks: plain numbers of one event loop, given to Prometheus when it asks."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Final

from prometheus_client import REGISTRY
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector


class Lasting(Collector):
    """How long things took, by labels; only ever told and read in one event loop."""

    def __init__(self, name: str, says: str, labels: Sequence[str], *, up_to: Sequence[float]) -> None:
        """`up_to`: upper bounds of the buckets in seconds, rising."""
        self._name, self._says, self._labels, self._up_to = name, says, labels, up_to
        self._names = [*(str(float(bound)) for bound in up_to), "+Inf"]
        self._held: dict[tuple[str, ...], tuple[list[int], list[float]]] = {}
        REGISTRY.register(self)

    def add(self, labels: tuple[str, ...], seconds: float) -> None:
        """One more that took so long."""
        held = self._held.get(labels)
        if held is None:
            held = self._held[labels] = ([0] * len(self._names), [0.0])
        held[0][bisect_left(self._up_to, seconds)] += 1
        held[1][0] += seconds

    def describe(self) -> Iterator[Metric]:
        """What is told, without numbers."""
        yield HistogramMetricFamily(self._name, self._says, labels=self._labels)

    def collect(self) -> Iterator[Metric]:
        """What was told so far."""
        family = HistogramMetricFamily(self._name, self._says, labels=self._labels)
        for labels, (counts, whole) in self._held.items():
            buckets = list(zip(self._names, map(float, accumulate(counts)), strict=True))
            family.add_metric(labels, buckets, whole[0])
        yield family


class Tally(Collector):
    """How many there were, by labels; only ever told and read in one event loop."""

    def __init__(self, name: str, says: str, labels: Sequence[str] = ()) -> None:
        self._name, self._says, self._labels = name, says, labels
        self._held: dict[tuple[str, ...], int] = {}
        REGISTRY.register(self)

    def add(self, labels: tuple[str, ...] = (), count: int = 1) -> None:
        """So many more."""
        self._held[labels] = self._held.get(labels, 0) + count

    def describe(self) -> Iterator[Metric]:
        """What is told, without numbers."""
        yield CounterMetricFamily(self._name, self._says, labels=self._labels)

    def collect(self) -> Iterator[Metric]:
        """What was told so far; without labels also when it is nothing."""
        family = CounterMetricFamily(self._name, self._says, labels=self._labels)
        for labels, count in (self._held or ({} if self._labels else {(): 0})).items():
            family.add_metric(labels, count)
        yield family


SPREAD: Final = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)
"""Bounds of the buckets of replies, in seconds."""
