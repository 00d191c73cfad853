"""The rows of the benchmark: what was measured of one endpoint, when a row is void, and how it is written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import msgspec

RATIO_LEAST: Final = 1.0
"""Stored ÷ answered below this: something was acknowledged and lost."""

RATIO_MOST: Final = 1.01
"""Above this more was done than was counted, so the costs are those of other work."""

ENDPOINTS: Final = ("sync", "start_prepared", "start_live", "submit", "snapshot_32k", "login_candidate")
"""What a full benchmark tells of; one that has no row was not measured, and the file says so."""

SYNCS_OF_AN_EXAM: Final = 50
"""An exam of 100 items on a page that says every second answer at once with the one before."""

EXAM: Final[Mapping[str, int]] = {
    "login_candidate": 1,
    "start_live": 1,
    "sync": SYNCS_OF_AN_EXAM,
    "submit": 1,
}
"""What one exam consists of, by endpoint."""


@dataclass
class Spent:
    """CPU in µs by process."""

    server: float = 0.0
    redis: float = 0.0
    database: float | None = None
    """None: SQLite, whose work is done inside server and worker."""
    worker: float = 0.0

    def add(self, other: "Spent") -> None:
        """Take another slice in."""
        self.server += other.server
        self.redis += other.redis
        self.worker += other.worker
        if other.database is not None:
            self.database = (self.database or 0.0) + other.database


@dataclass
class Row:
    """One endpoint, over all its slices."""

    answered: int = 0
    """Successes: the calls, or for log-ins the log-ins."""
    refused: int = 0
    refusal: str = ""
    """What the first refused call was told."""
    stored: int = 0
    """What was found of it afterwards."""
    seconds: float = 0.0
    latencies_ms: list[float] = field(default_factory=list[float])
    spent: Spent = field(default_factory=Spent)
    false_receipts: int = 0

    def add(self, other: "Row") -> None:
        """Take another slice in."""
        self.answered += other.answered
        self.refused += other.refused
        self.refusal = self.refusal or other.refusal
        self.stored += other.stored
        self.seconds += other.seconds
        self.latencies_ms += other.latencies_ms
        self.spent.add(other.spent)
        self.false_receipts += other.false_receipts

    @property
    def stored_ratio(self) -> float:
        return self.stored / self.answered if self.answered else 0.0


class EndpointOut(msgspec.Struct, frozen=True, kw_only=True):
    """A row as it is written; a void one tells no figures."""

    server_us: float | None = None
    redis_us: float | None = None
    db_us: float | None = None
    worker_us: float | None = None
    """The write-behind worker: draining the log into the database."""
    rps: float | None = None
    p50_ms: float | None = None
    p99_ms: float | None = None
    share_of_noop: float | None = None
    stored_ratio: float
    answered: int
    void: str | None = None
    """Why the row counts for nothing."""


class BenchOut(msgspec.Struct, frozen=True, kw_only=True):
    """build/bench.json."""

    noop_us: float
    noop_us_slices: Sequence[float]
    """The no-op in each of its slices: how quiet the machine was."""
    endpoints: Mapping[str, EndpointOut]
    not_measured: Sequence[str]
    """Endpoints of `ENDPOINTS` that this benchmark has no step for."""
    exam_cpu_ms: float | None
    load_average: float
    """Of the machine when the benchmark began."""
    versions: Mapping[str, str]


def why_void(row: Row) -> str | None:
    """Why a row counts for nothing, or None."""
    if row.refused:
        return f"{row.refused} calls were refused: {row.refusal}"
    if not row.answered:
        return "nothing was answered"
    if not RATIO_LEAST <= row.stored_ratio <= RATIO_MOST:
        return f"stored {row.stored} of {row.answered} answered"
    if row.false_receipts:
        return f"{row.false_receipts} receipts do not verify"
    return None


def shown(row: Row, *, noop_us: float) -> EndpointOut:
    """The row as it is written."""
    void = why_void(row)
    ratio = round(row.stored_ratio, 4)
    if void is not None:
        return EndpointOut(stored_ratio=ratio, answered=row.answered, void=void)
    server_us = row.spent.server / row.answered
    database = row.spent.database
    return EndpointOut(
        server_us=round(server_us, 1),
        redis_us=round(row.spent.redis / row.answered, 1),
        db_us=None if database is None else round(database / row.answered, 1),
        worker_us=round(row.spent.worker / row.answered, 1),
        rps=round(row.answered / row.seconds, 1),
        p50_ms=round(percentile(row.latencies_ms, 0.5), 2),
        p99_ms=round(percentile(row.latencies_ms, 0.99), 2),
        share_of_noop=round(noop_us / server_us, 3),
        stored_ratio=ratio,
        answered=row.answered,
    )


def exam_cpu_ms(endpoints: Mapping[str, EndpointOut]) -> float | None:
    """CPU of one exam on all processes; None where a row of it is void."""
    total_us = 0.0
    for name, times in EXAM.items():
        row = endpoints.get(name)
        if row is None or row.void is not None:
            return None
        total_us += times * total_of(row)
    return round(total_us / 1000, 2)


def total_of(row: EndpointOut) -> float:
    """µs of one call on all processes."""
    return sum(part or 0.0 for part in (row.server_us, row.redis_us, row.db_us, row.worker_us))


def percentile(values: Sequence[float], share: float) -> float:
    """The value that `share` of the values do not exceed; 0 for none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0
