"""What the home screen is told."""

from exam_api.http.wire_attempt import Wire
from exam_api.usecases.home import DueKind


class DueOut(Wire, kw_only=True):
    """One thing that waits. Without an id it stands for several, and `n` counts them."""

    kind: DueKind
    n: int
    id: str
    title: str
    at_ms: int


class HomeOut(Wire, kw_only=True):
    server_ms: int
    due: list[DueOut]
    away: list[str]
    """Sources that did not answer: what waits there is not known."""
