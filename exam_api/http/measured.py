"""Counts of what pages send: how each sync was taken, how many answers came."""

from functools import lru_cache
from typing import Final

from prometheus_client import Counter

SYNCS: Final = Counter(
    "kaowu_syncs",
    "Syncs by how they were taken: behind (the page sends again), fork (refused), side, late, ok",
    ("took",),
)
OPS: Final = Counter("kaowu_sync_ops", "Answers that came, also those sent again; beside kaowu_drained_ops")

_taken: Final = lru_cache(16)(SYNCS.labels)


def count_sync(took: str, *, ops: int) -> None:
    """Count one that was answered."""
    _taken(took).inc()
    if ops:
        OPS.inc(ops)
