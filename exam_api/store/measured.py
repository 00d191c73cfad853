"""What the store tells for metrics: how long the database was away, how many results share a commit."""

from time import monotonic
from typing import Final

from prometheus_client import Counter, Histogram

AWAY: Final = Counter(
    "kaowu_database_away_seconds", "Time from a call that the database refused to one it served"
)
COMMITTED: Final = Histogram(
    "kaowu_commit_results", "Results in one commit", buckets=(1, 2, 5, 10, 20, 50, 100, 200, 500)
)


class Absence:
    """Adds up the time between refused calls and the next one that is served."""

    def __init__(self) -> None:
        self._since_s: float | None = None

    def refused(self) -> None:
        """A call found nobody."""
        now_s = monotonic()
        if self._since_s is not None:
            AWAY.inc(now_s - self._since_s)
        self._since_s = now_s

    def served(self) -> None:
        """A call was answered."""
        if self._since_s is not None:
            AWAY.inc(monotonic() - self._since_s)
            self._since_s = None
