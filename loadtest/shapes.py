"""The shapes of load: how many come, when they come, how long they stay, when they hand in."""

from collections.abc import Mapping
from typing import Final

import msgspec


class Shape(msgspec.Struct, frozen=True, kw_only=True):
    """One tier. Seconds count from the beginning: whoever comes may log in."""

    tier: str
    candidates: int
    """Those who come; those who stay away are registered besides."""
    arrive_s: float
    """All arrive within this time: evenly where they wait for an opening, else the more the earlier, by a
    truncated exponential."""
    opens_s: float = 0.0
    """Who came waits until then, with the sealed paper on the phone; 0 = there is nothing to wait for …"""
    start_s: float = 0.0
    """… and then they start within this time, evenly."""
    steady_s: float
    """Afterwards they only answer for so long."""
    hand_in_s: float
    """Then `hand_in_share` of them hand in within this time …"""
    hand_in_share: float
    """… and the others within `tail_s` after it."""
    tail_s: float
    pace: float = 1.0
    """How many times faster than real people they think; 1 = real time."""
    listen_share: float = 1.0
    """Share whose page holds the event stream open; the others' networks close it, they go by the beat."""
    photo_share: float = 0.0
    """Share who agreed to camera pictures."""
    per_watcher: int = 50
    """Candidates for each invigilator who looks at the live table."""
    drivers: int = 2
    """Driver processes."""
    api_workers: int = 2
    """Processes that answer."""

    @property
    def in_s(self) -> float:
        """When everybody should sit."""
        return max(self.arrive_s, self.opens_s + self.start_s)

    @property
    def hand_in_begins_s(self) -> float:
        """When the burst of hand-ins begins."""
        return self.in_s + self.steady_s

    @property
    def ends_s(self) -> float:
        """When the last one taps hand-in."""
        return self.hand_in_begins_s + self.hand_in_s + self.tail_s

    @property
    def watchers(self) -> int:
        """Invigilators who look."""
        return max(1, self.candidates // self.per_watcher)


TIERS: Final[Mapping[str, Shape]] = {
    "XS": Shape(
        tier="XS",
        candidates=100,
        arrive_s=4,
        opens_s=8,
        start_s=2,
        photo_share=0.5,
        steady_s=33,
        hand_in_s=3,
        hand_in_share=0.3,
        tail_s=6,
        pace=8,
        drivers=1,
    ),
    "S": Shape(
        tier="S",
        candidates=2_000,
        arrive_s=32,
        opens_s=36,
        start_s=22,
        photo_share=1.0,
        steady_s=120,
        hand_in_s=10,
        hand_in_share=0.3,
        tail_s=30,
    ),
    "P": Shape(
        tier="P",
        candidates=20_000,
        arrive_s=32,
        opens_s=36,
        start_s=22,
        photo_share=0.3,  # pictures of all would fill 6 GB of a developer's disk in ten minutes
        steady_s=600,
        hand_in_s=10,
        hand_in_share=0.3,
        tail_s=60,
        listen_share=0.3,  # 20,000 files a process: 2 workers hold 20,000 calls' connections and these
    ),
}
"""XS proves that the load test works and nothing about speed. S is an ordinary batch of a province of 6
million, P all its workers in one evening window: every one of them logs in, fetches the sealed paper and
starts within one minute, and 30 % hand in within the last ten seconds, as forced hand-ins do."""
