"""Gauges of the whole exam, looked up by the worker every few seconds: lag of the drain, attempts at work."""

import asyncio
import math
from collections import Counter as CountOf
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import Final

import structlog
from prometheus_client import Counter, Gauge, start_http_server

from exam_api.attempt import chain
from exam_api.errors import AwayError
from exam_api.ports import Clock, Measures, ShardMeasure
from exam_api.record import LogEntry, LogKind

EVERY_S: Final = 5.0
"""Seconds between two looks: 64 short scripts."""

LOOPBACK: Final = "127.0.0.1"
"""Where metrics are shown: on this machine only."""

WAITING: Final = Gauge(
    "kaowu_drain_waiting", "Entries of the log that the record has not yet, by shard", ("shard",)
)
WAITING_ALL: Final = Gauge("kaowu_drain_waiting_all", "Entries of the log that the record has not yet")
OLDEST: Final = Gauge(
    "kaowu_drain_oldest_seconds", "Age of the oldest entry that the record has not yet, by shard", ("shard",)
)
OLDEST_ALL: Final = Gauge("kaowu_drain_oldest_seconds_all", "Age of the oldest entry of all shards")
ATTEMPTS: Final = Gauge(
    "kaowu_live_attempts", "Attempts that run, or are closed without a durable result", ("state",)
)
AWAY: Final = Gauge("kaowu_shards_away", "Shards whose node of Redis is away; the others go on")
ENTRIES: Final = Counter("kaowu_drained_entries", "Entries of the log written to the record", ("kind",))
OPS: Final = Counter("kaowu_drained_ops", "Answers written to the record; the same answer sent again is none")

_HELD: Final = frozenset({LogKind.OPS, LogKind.SIDE, LogKind.LATE})
_log = structlog.stdlib.get_logger("kaowu.measure")


@contextmanager
def metrics_served(port: int) -> Generator[None, None, None]:
    """Show the metrics of this process on loopback while the block runs; port 0: nowhere."""
    if not port:
        yield
        return
    server, thread = start_http_server(port, addr=LOOPBACK)
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


async def keep_measured(measures: Measures, clock: Clock) -> None:
    """Look until cancelled; while Redis is away the gauges say that nothing is known."""
    while True:
        try:
            show(await measures.shards(), now_ms=clock.now_ms())
        except AwayError as away:
            _log.debug("measure.waits", why=str(away))
            show((), now_ms=0)
        except Exception:  # noqa: BLE001 - the next look comes all the same
            _log.exception("job.failed", job="measure")
            show((), now_ms=0)
        await asyncio.sleep(EVERY_S)


def show(shards: Sequence[ShardMeasure], *, now_ms: int) -> None:
    """Set the gauges; no shards: nothing is known."""
    ages = [max(0, now_ms - one.oldest_ms) / 1000 if one.oldest_ms else 0.0 for one in shards]
    for number, (one, age) in enumerate(zip(shards, ages, strict=True)):
        WAITING.labels(number).set(one.waiting)
        OLDEST.labels(number).set(age)
    if not shards:
        WAITING.clear()
        OLDEST.clear()
    known = bool(shards)
    WAITING_ALL.set(sum(one.waiting for one in shards) if known else math.nan)
    OLDEST_ALL.set(max(ages) if known else math.nan)
    ATTEMPTS.labels("running").set(sum(one.running for one in shards) if known else math.nan)
    ATTEMPTS.labels("undurable").set(sum(one.undurable for one in shards) if known else math.nan)


def show_away(shards: int) -> None:
    """Show how many shards are held up by their node."""
    AWAY.set(shards)


def count_drained(entries: Sequence[LogEntry]) -> None:
    """Count what was written just now."""
    for kind, count in CountOf(entry.kind for entry in entries).items():
        ENTRIES.labels(kind.value).inc(count)
    OPS.inc(sum(len(entry.data) // chain.OP_BYTES for entry in entries if entry.kind in _HELD))
