"""What the figures of a rehearsal say: go or no-go, and which part is the bottleneck."""

import math
from collections.abc import Mapping, Sequence
from enum import StrEnum, unique
from typing import Final

import msgspec

from exam_api.rehearsal.plan import Plan

FULL: Final = 0.85
"""Share of a part beyond which it is full: what is left is for bad luck, not for candidates."""

DRIVER_MOST: Final = 0.3
"""Share of the machine that the shadow candidates themselves may take without spoiling the figures."""


@unique
class Part(StrEnum):
    """What can be the bottleneck."""

    API = "api"
    REDIS = "redis"
    WORKER = "worker"
    DATABASE = "database"
    MEMORY = "memory"
    NETWORK = "network"
    MACHINE = "machine"
    DRIVER = "driver"
    UNKNOWN = "unknown"


NAMES: Final[Mapping[Part, tuple[str, str]]] = {
    Part.API: ("API 进程", "API workers"),
    Part.REDIS: ("Redis", "Redis"),
    Part.WORKER: ("worker 进程", "the worker"),
    Part.DATABASE: ("数据库", "the database"),
    Part.MEMORY: ("内存", "memory"),
    Part.NETWORK: ("网络上行", "the uplink"),
    Part.MACHINE: ("本机的核", "this machine's cores"),
    Part.DRIVER: ("压测程序自身", "the shadow candidates' own program"),
    Part.UNKNOWN: ("未能确定的环节", "a part that was not seen"),
}


class Use(msgspec.Struct, frozen=True, kw_only=True):
    """How much of a part was in use at its busiest."""

    part: Part
    used: float
    of: float
    """All there is of it."""
    unit: str = "cores"

    @property
    def share(self) -> float:
        """Of all there is."""
        return self.used / self.of if self.of > 0 else 0.0


class Limit(msgspec.Struct, frozen=True, kw_only=True):
    """A limit of the load test, kept or broken."""

    name: str
    zh: str
    en: str
    limit: str
    measured: str
    held: bool


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """What a rehearsal gave."""

    started: int = 0
    handed_in: int = 0
    ops: int = 0
    starts_per_s: float = 0.0
    """Of the busiest second."""
    p99_ms: Mapping[str, float] = {}
    uses: Sequence[Use] = ()
    cores: int = 1
    """Of this machine."""
    machine: float = 0.0
    """Share of this machine's cores in use at its busiest."""
    driver: float = 0.0
    """Share of this machine's cores that the shadows took themselves, at their busiest."""
    lag_most_s: float = 0.0
    """The most that the record was behind."""
    limits: Sequence[Limit] = ()
    refusals: Sequence[str] = ()


@unique
class Decision(StrEnum):
    """What comes of it."""

    GO = "go"
    NO_GO = "no-go"
    UNDECIDED = "undecided"
    """The figures are the driver's, not the service's."""


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """The last line of a rehearsal."""

    decision: Decision
    part: Part | None
    """The bottleneck; where it is go, the part with the least to spare."""
    zh: str
    en: str


LATE: Final = "driver_late"
LAG: Final = "lag"
"""Names of limits that say which part broke them."""


def judge(plan: Plan, seen: Seen) -> Verdict:
    """Go only where every limit was kept and every part has room for all who are planned."""
    broken = [one for one in seen.limits if not one.held]
    stretched = [msgspec.structs.replace(one, used=one.used * plan.stretch) for one in seen.uses]
    busiest = max(stretched, key=lambda one: one.share, default=None)
    is_full = busiest is not None and busiest.share > FULL
    crowded = seen.driver > DRIVER_MOST and seen.machine > FULL
    if any(one.name == LATE for one in broken) and (crowded or not is_full):
        return _undecided(seen)
    if busiest is not None and is_full:
        return _full(plan, seen, busiest)
    if not broken:
        return _go(plan, seen, busiest)
    if any(one.name == LAG for one in broken):
        return _limits(Part.DATABASE, broken)
    if seen.machine > FULL:
        return _machine(seen)
    return _limits(Part.UNKNOWN, broken)


def _full(plan: Plan, seen: Seen, busiest: Use) -> Verdict:
    zh, en = NAMES[busiest.part]
    share, of, rate = busiest.share / plan.stretch, busiest.of, seen.starts_per_s
    if busiest.unit != "cores":
        more = math.ceil(busiest.used / FULL - of)
        told = f"{busiest.used:,.0f} of {of:,.0f} {busiest.unit}"
        return Verdict(
            decision=Decision.NO_GO,
            part=busiest.part,
            zh=f"不可行：瓶颈是{zh}：计划需要 {told}；还需 {more:,} {busiest.unit}",
            en=f"no-go: {en} is the bottleneck: the plan needs {told}; {more:,} {busiest.unit} more",
        )
    # Where it was full already, the rate it reached is all it can; else it grows with the candidates.
    reached = max(rate, 0.1)
    wanted = (
        of * plan.starts_needed / reached if share >= FULL and rate < plan.starts_needed else busiest.used
    )
    more = max(1, math.ceil(wanted / FULL - of))
    verb = "are" if busiest.part is Part.API else "is"
    return Verdict(
        decision=Decision.NO_GO,
        part=busiest.part,
        zh=(
            f"不可行：瓶颈是{zh}：每秒 {rate:,.0f} 次开考时占 {of:g} 核的 {share:.0%}；"
            f"计划需要每秒 {plan.starts_needed:,.0f} 次；还需 {more} 核"
        ),
        en=(
            f"no-go: {en} {verb} the bottleneck: {share:.0%} of {of:g} {_cores(of)} at {rate:,.0f} starts/s; "
            f"the plan needs {plan.starts_needed:,.0f}/s; {more} more {_cores(more)}"
        ),
    )


def _limits(part: Part, broken: Sequence[Limit]) -> Verdict:
    zh, en = NAMES[part]
    first = broken[0]
    return Verdict(
        decision=Decision.NO_GO,
        part=part,
        zh=f"不可行：瓶颈是{zh}：{first.zh} {first.measured}（要求 {first.limit}）",
        en=f"no-go: {en} is the bottleneck: {first.en}: {first.measured} (limit {first.limit})",
    )


def _machine(seen: Seen) -> Verdict:
    """No part was full by itself, but there was nothing left for them to have."""
    service = sum(one.used for one in seen.uses if one.unit == "cores") / seen.cores
    zh, en = NAMES[Part.MACHINE]
    return Verdict(
        decision=Decision.NO_GO,
        part=Part.MACHINE,
        zh=(
            f"不可行：瓶颈是{zh}：{seen.cores} 核已用 {seen.machine:.0%}，其中服务 {service:.0%}、影子考生 "
            f"{seen.driver:.0%}；请增加核数，或停止其他程序"
        ),
        en=(
            f"no-go: {en} are the bottleneck: {seen.machine:.0%} of {seen.cores} {_cores(seen.cores)} "
            f"in use, the service had {service:.0%}, the shadows {seen.driver:.0%}; more cores, or no other "
            "programs"
        ),
    )


def _undecided(seen: Seen) -> Verdict:
    return Verdict(
        decision=Decision.UNDECIDED,
        part=Part.DRIVER,
        zh=(
            f"无法判定：影子考生程序自身占本机 {seen.driver:.0%}，整机 {seen.machine:.0%}，延迟不可信；"
            "请减少人数（--candidates）或在核数更多的机器上彩排"
        ),
        en=(
            f"undecided: the shadow candidates took {seen.driver:.0%} of this machine, {seen.machine:.0%} in "
            "all, so latencies are theirs; say fewer --candidates, or rehearse on a machine with more cores"
        ),
    )


def _go(plan: Plan, seen: Seen, busiest: Use | None) -> Verdict:
    part_zh = part_en = ""
    if busiest is not None:
        zh, en = NAMES[busiest.part]
        part_zh = f"；最忙的是{zh}：按计划人数占 {_all_of(busiest, '核')}的 {busiest.share:.0%}"
        part_en = f"; busiest: {en}, {busiest.share:.0%} of {_all_of(busiest, _cores(busiest.of))} with all"
        part_en += " who are planned"
    hand_in, sync = seen.p99_ms.get("submit", 0.0), seen.p99_ms.get("sync", 0.0)
    return Verdict(
        decision=Decision.GO,
        part=busiest.part if busiest else None,
        zh=(
            f"可行：{seen.started:,} 人开考、{seen.handed_in:,} 人交卷，无丢失；p99 同步 {sync:,.0f} 毫秒、"
            f"交卷 {hand_in:,.0f} 毫秒；最忙一秒 {seen.starts_per_s:,.0f} 次开考"
            f"（计划 {plan.starts_needed:,.0f}）{part_zh}"
        ),
        en=(
            f"go: {seen.started:,} started, {seen.handed_in:,} handed in, nothing lost; "
            f"p99 sync {sync:,.0f} ms, hand-in {hand_in:,.0f} ms; {seen.starts_per_s:,.0f} starts "
            f"in the busiest second (the plan: {plan.starts_needed:,.0f}){part_en}"
        ),
    )


def _all_of(use: Use, cores: str) -> str:
    return f"{use.of:g} {cores}" if use.unit == "cores" else f"{use.of:,.0f} {use.unit}"


def _cores(count: float) -> str:
    return "core" if count == 1 else "cores"
