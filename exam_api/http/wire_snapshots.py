"""Camera snapshots on the wire."""

from exam_api.http.wire_attempt import Wire


class SnapshotOut(Wire, kw_only=True):
    """A picture was kept."""

    id: str
    next_ms: int
    """Take the next one after so many ms."""


class SnapshotRow(Wire, kw_only=True):
    """One picture of an attempt."""

    id: str
    at_ms: int
    reason: str
    width: int
    height: int
    readable: bool
    """False once it was erased."""


class SnapshotsOut(Wire, kw_only=True):
    """Pictures of one attempt, oldest first."""

    snapshots: list[SnapshotRow]
