"""How long people waited to get in: from wanting to log in or start until they were in."""

from collections.abc import Sequence

import msgspec

from loadtest.book import Kept
from loadtest.curves import quantile


class Waited(msgspec.Struct, frozen=True, kw_only=True):
    """Of one thing that people wanted, in seconds."""

    p50_s: float
    p99_s: float
    most_s: float


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """Of a whole run."""

    log_in: Waited
    """From the first call for a code until the log-in; the short message's way is in it."""
    start: Waited
    """From the instant at which a page wanted to start until the paper or its key was there."""
    told: int
    """Replies that said to wait."""
    people: int
    """Who were told so at least once."""
    without_sealed: int
    """Who started without a sealed paper: they came too late to fetch it."""


def waiting_of(kept: Sequence[Kept]) -> Waiting:
    """Sum it up."""
    return Waiting(
        log_in=_waited([one.logged_in_s - one.came_s for one in kept if one.logged_in_s >= 0]),
        start=_waited([one.started_s - one.wanted_s for one in kept if one.started_s >= 0]),
        told=sum(one.waits for one in kept),
        people=sum(one.waits > 0 for one in kept),
        without_sealed=sum(one.started_s >= 0 and not one.prefetched for one in kept),
    )


def start_bytes_most(kept: Sequence[Kept]) -> int:
    """The largest reply to a start whose sealed paper lay on the phone; to others it brings the paper."""
    return max((one.start_bytes for one in kept if one.prefetched and one.started_s >= 0), default=0)


def _waited(seconds: Sequence[float]) -> Waited:
    ordered = sorted(seconds)
    most = ordered[-1] if ordered else 0.0
    return Waited(
        p50_s=round(quantile(ordered, 0.5), 2), p99_s=round(quantile(ordered, 0.99), 2), most_s=round(most, 2)
    )
