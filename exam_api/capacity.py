"""How much machine an exam of N candidates needs: from what calls cost, and from when they come."""

import math
from collections.abc import Mapping
from typing import Final

import msgspec

ARRIVE_BUSIEST: Final = 0.0414
"""Share of all candidates who log in and start in each of the busiest ten seconds, when everybody arrives
within a minute by a truncated exponential: (1 - e^-½) ÷ (1 - e^-3) ÷ 10."""

BEAT_S: Final = 10.0
"""A page that has nothing to say syncs this often."""

ANSWERS: Final = 97.5
"""Changes of answers in one exam: 75 items, 1.3 changes each …"""

ANSWERING_S: Final = 2_700.0
"""… in 45 minutes."""

HAND_IN_SHARE: Final = 0.3
HAND_IN_S: Final = 10.0
"""30 % hand in within ten seconds, at the end of the time."""

SNAPSHOT_EVERY_S: Final = 120.0
SNAPSHOT_BYTES: Final = 40_000
"""Pictures of a phone exam: one in two minutes on average, of 40 KB."""

EXAM_S: Final = 3_600.0
"""An exam of an hour."""

LOG_KEPT_MINUTES: Final = 90
"""Redis keeps the log for so long when nothing else is set (`KAOWU_LOG_KEPT_MINUTES`)."""

BUSY_MOST: Final = 0.6
"""Share of a core that is planned for at the busiest time: queues grow without bound near 1."""

REDIS_BUSY_MOST: Final = 0.5
"""Redis works with one thread: half of it is kept for saving, failing over and what one script holds up."""

MACHINE_CORES: Final = 8
"""Cores of one machine."""

TIERS: Final[Mapping[str, int]] = {"S": 2_000, "P": 20_000, "L": 100_000}
"""An ordinary batch of a small province; all its workers in one window; a large province."""


class NoFigures(Exception):
    """The benchmark has no sound figure of an endpoint that the plan needs."""

    def __init__(self, endpoint: str) -> None:
        super().__init__(f"the benchmark has no sound figure of {endpoint}")
        self.endpoint = endpoint


class Cost(msgspec.Struct, frozen=True):
    """CPU of one call in µs, by process; None where it was not measured apart."""

    server_us: float | None = None
    redis_us: float | None = None
    db_us: float | None = None
    worker_us: float | None = None


class Bench(msgspec.Struct, frozen=True):
    """What is read of build/bench.json."""

    endpoints: Mapping[str, Cost]
    versions: Mapping[str, str] = {}


class Sizes(msgspec.Struct, frozen=True):
    """Bytes of one candidate, from a load test."""

    ops: float
    """Changes of answers that the candidate made in it."""
    redis: float
    database: float
    start_reply: float
    sync_reply: float
    submit_reply: float
    log_entry: float = 0.0
    """One entry of the live log, the mean of all kinds; 0 = not measured apart."""
    redis_log: float = 0.0
    """The log's part of `redis`, as long as the load test was."""


class Phase(msgspec.Struct, frozen=True, kw_only=True):
    """One busy time: calls a second by endpoint and cores in use by process."""

    rates: Mapping[str, float]
    cores: Mapping[str, float]
    down_mbit: float
    """From the service to the candidates."""
    up_mbit: float


class Capacity(msgspec.Struct, frozen=True, kw_only=True):
    """The plan for one number of candidates."""

    candidates: int
    phases: Mapping[str, Phase]
    api_cores: int
    api_machines: int
    """With one more than is needed: one may be lost."""
    redis_masters: int
    worker_cores: int
    database_cores: int
    redis_mb: float
    """With the log; where that was not measured apart, all of it is stretched to a whole exam's answers: too
    much rather than too little, as a part of it does not grow with them."""
    log_mb: float
    """Of it the log: as many changes as candidates make while it is kept; 0 = not measured apart."""
    log_kept_minutes: int
    database_mb: float
    """Growth by one exam, without pictures; stretched likewise."""
    pictures_gb: float
    """Pictures of one phone exam, 0 in rooms."""
    open_connections: int
    down_mbit: float
    up_mbit: float
    snapshots_costed: bool
    """Whether the benchmark knows what a picture costs; else its CPU is in no figure."""


def plan_capacity(
    candidates: int, bench: Bench, sizes: Sizes, *, log_kept_minutes: int = LOG_KEPT_MINUTES
) -> Capacity:
    """Plan for so many who all come in the same minute. Raises NoFigures."""
    start = "start_prepared" if _sound(bench, "start_prepared") else "start_live"
    costed = _sound(bench, "snapshot_32k")
    arriving = {"login_candidate": candidates * ARRIVE_BUSIEST, start: candidates * ARRIVE_BUSIEST}
    answering = {"sync": candidates * (ANSWERS / ANSWERING_S + 1 / BEAT_S)}
    if costed:
        answering["snapshot_32k"] = candidates / SNAPSHOT_EVERY_S
    handing_in = {"submit": candidates * HAND_IN_SHARE / HAND_IN_S, "sync": answering["sync"]}
    bytes_down = {start: sizes.start_reply, "sync": sizes.sync_reply, "submit": sizes.submit_reply}
    up_mbit = candidates / SNAPSHOT_EVERY_S * SNAPSHOT_BYTES * 8 / 1e6
    phases = {
        "arriving": _phase(arriving, bench, bytes_down, up_mbit=0.0),
        "answering": _phase(answering, bench, bytes_down, up_mbit=up_mbit),
        "handing_in": _phase(handing_in, bench, bytes_down, up_mbit=up_mbit),
    }
    busiest = {
        name: max(phase.cores[name] for phase in phases.values())
        for name in ("server", "redis", "db", "worker")
    }
    longer = max(1.0, ANSWERS / sizes.ops)
    log = sizes.log_entry * ANSWERS / ANSWERING_S * 60 * log_kept_minutes
    redis = sizes.redis - sizes.redis_log + log if sizes.log_entry else sizes.redis * longer
    api_cores = max(1, math.ceil(busiest["server"] / BUSY_MOST))
    return Capacity(
        candidates=candidates,
        phases=phases,
        api_cores=api_cores,
        api_machines=math.ceil(api_cores / MACHINE_CORES) + 1,
        redis_masters=max(1, math.ceil(busiest["redis"] / REDIS_BUSY_MOST)),
        worker_cores=max(1, math.ceil(busiest["worker"] / BUSY_MOST)),
        database_cores=max(1, math.ceil(busiest["db"] / BUSY_MOST)),
        redis_mb=candidates * redis / 1e6,
        log_mb=candidates * log / 1e6,
        log_kept_minutes=log_kept_minutes,
        database_mb=candidates * sizes.database * longer / 1e6,
        pictures_gb=candidates * EXAM_S / SNAPSHOT_EVERY_S * SNAPSHOT_BYTES / 1e9,
        open_connections=2 * candidates,
        down_mbit=max(phase.down_mbit for phase in phases.values()),
        up_mbit=up_mbit,
        snapshots_costed=costed,
    )


def _sound(bench: Bench, endpoint: str) -> bool:
    return endpoint in bench.endpoints and bench.endpoints[endpoint].server_us is not None


def _phase(
    rates: Mapping[str, float], bench: Bench, bytes_down: Mapping[str, float], *, up_mbit: float
) -> Phase:
    cores: dict[str, float] = {"server": 0.0, "redis": 0.0, "db": 0.0, "worker": 0.0}
    for endpoint, rate in rates.items():
        if not _sound(bench, endpoint):
            raise NoFigures(endpoint)
        cost = bench.endpoints[endpoint]
        for name in cores:
            cores[name] += rate * (getattr(cost, f"{name}_us") or 0.0) / 1e6
    down = sum(rate * bytes_down.get(endpoint, 0.0) for endpoint, rate in rates.items())
    return Phase(rates=rates, cores=cores, down_mbit=down * 8 / 1e6, up_mbit=up_mbit)
