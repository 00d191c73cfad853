"""Samples as curves: rates and latencies by second, quantiles, and what the processes used meanwhile."""

from collections.abc import Mapping, Sequence

import msgspec

from loadtest.book import SUCCESS, TOLD_TO_WAIT, Sample


class Point(msgspec.Struct, frozen=True, kw_only=True):
    """One look at the processes."""

    at_s: float
    cores: Mapping[str, float]
    """Cores in use, by process."""
    memory_mb: Mapping[str, float]
    lag: int
    """Entries of the log that are not on record yet."""
    redis_ms: float = 0.0
    """How long Redis took for a question of nothing."""
    database_ms: float = 0.0
    """How long the database took for one."""


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """One endpoint over the whole run."""

    name: str
    count: int
    errors: int
    """Calls that were not answered with a success, whatever came of trying again; waits are none."""
    peak_rps: int
    """Calls of the busiest second."""
    p50_ms: float
    p95_ms: float
    p99_ms: float
    most_ms: float
    late_p99_ms: float
    bytes_mean: int
    """Of successes."""
    bytes_most: int = 0
    """Of the largest success."""
    waits: int = 0
    """Calls that were told to wait for their turn: counted in no other figure but the busiest second's."""


def quantile(ordered: Sequence[float], share: float) -> float:
    """The smallest value that `share` of all do not exceed; 0 of none."""
    if not ordered:
        return 0.0
    return ordered[min(len(ordered) - 1, max(0, -int(-share * len(ordered) // 1) - 1))]


def summed_up(name: str, samples: Sequence[Sample]) -> Summary:
    """One line of the table."""
    answered = [one for one in samples if one.status != TOLD_TO_WAIT]
    took = sorted(one.took_ms for one in answered)
    late = sorted(one.late_ms for one in samples)
    sound = [one.received for one in answered if one.status in SUCCESS]
    return Summary(
        name=name,
        count=len(answered),
        errors=sum(one.status not in SUCCESS for one in answered),
        waits=len(samples) - len(answered),
        peak_rps=max((round(rate) for _, rate in rates(samples, bin_s=1.0)), default=0),
        p50_ms=quantile(took, 0.5),
        p95_ms=quantile(took, 0.95),
        p99_ms=quantile(took, 0.99),
        most_ms=took[-1] if took else 0.0,
        late_p99_ms=quantile(late, 0.99),
        bytes_mean=round(sum(sound) / len(sound)) if sound else 0,
        bytes_most=max(sound, default=0),
    )


def rates(samples: Sequence[Sample], *, bin_s: float) -> Sequence[tuple[float, float]]:
    """Calls a second, by the middle of each bin; bins without calls are 0."""
    bins: dict[int, int] = {}
    for one in samples:
        bins[int(one.at_s // bin_s)] = bins.get(int(one.at_s // bin_s), 0) + 1
    if not bins:
        return ()
    return [((at + 0.5) * bin_s, bins.get(at, 0) / bin_s) for at in range(max(bins) + 1)]


def latencies(samples: Sequence[Sample], share: float, *, bin_s: float) -> Sequence[tuple[float, float]]:
    """A quantile of ms in each bin that has calls."""
    bins: dict[int, list[float]] = {}
    for one in samples:
        bins.setdefault(int(one.at_s // bin_s), []).append(one.took_ms)
    return [((at + 0.5) * bin_s, quantile(sorted(bins[at]), share)) for at in sorted(bins)]
