"""Counts of what pages send: how each sync was taken, how many answers came."""

from typing import Final

from exam_api.http.tallies import Tally

SYNCS: Final = Tally(
    "kaowu_syncs",
    "Syncs by how they were taken: behind (the page sends again), fork (refused), side, late, ok",
    ("took",),
)
OPS: Final = Tally("kaowu_sync_ops", "Answers that came, also those sent again; beside kaowu_drained_ops")


def count_sync(took: str, *, ops: int) -> None:
    """Count one that was answered."""
    SYNCS.add((took,))
    if ops:
        OPS.add(count=ops)
