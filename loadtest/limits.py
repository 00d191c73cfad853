"""The limits of limits.toml, and whether a run kept them."""

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec

from loadtest.curves import Summary

FILE: Final = Path(__file__).with_name("limits.toml")


class Limits(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Of one tier; the file says what each means."""

    errors: int
    lost: int
    started_within_s: float
    started_share: float
    handed_in_share: float
    driver_late_p99_ms: float
    lag_end_s: float
    p99_ms: Mapping[str, float]
    start_bytes: int | None = None


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What a run gave."""

    came: int
    started: int
    handed_in: int
    last_start_s: float
    lost: int
    lag_end_s: float
    summaries: Mapping[str, Summary]
    start_bytes_most: int = 0
    """Of the starts of those who had the sealed paper on the phone."""
    waited: bool = False
    """Whether people waited for an opening, with the sealed paper on the phone."""

    @property
    def served(self) -> bool:
        """Whether everybody got through, however late: in, out, and nothing lost."""
        return 0 < self.came == self.started == self.handed_in and not self.lost


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """One limit."""

    zh: str
    en: str
    limit: str
    measured: str
    held: bool


def read_limits(tier: str) -> Limits:
    """Raises KeyError, msgspec.ValidationError."""
    return msgspec.convert(tomllib.loads(FILE.read_text(encoding="utf-8"))[tier], Limits)


def judge(facts: Facts, limits: Limits) -> Sequence[Verdict]:
    """Every limit with what was measured; an endpoint without one call has not kept its limit."""
    errors = sum(one.errors for one in facts.summaries.values())
    late = max((one.late_p99_ms for one in facts.summaries.values()), default=0.0)
    verdicts = [
        _most("没有得到成功答复的请求", "calls without a success", limits.errors, errors),
        _most("已确认但未记录", "acknowledged and not on record as told", limits.lost, facts.lost),
        _least(
            "到场者中已开考", "started, of those who came", limits.started_share, facts.started, facts.came
        ),
        _least(
            "开考者中已交卷",
            "handed in, of those who started",
            limits.handed_in_share,
            facts.handed_in,
            facts.started,
        ),
        _most("最后一人拿到试卷（秒）", "last paper after, s", limits.started_within_s, facts.last_start_s),
        _most(
            "全部落库（最后请求后，秒）",
            "all on record after the last call, s",
            limits.lag_end_s,
            facts.lag_end_s,
        ),
        _most(
            "压测程序自身迟到 p99（毫秒）",
            "the driver's own lateness, p99 ms",
            limits.driver_late_p99_ms,
            late,
        ),
    ]
    if limits.start_bytes is not None and facts.waited:
        verdicts.append(
            _most(
                "开考答复最大字节（密封试卷已在手机上）",
                "bytes of the largest start with a sealed paper",
                limits.start_bytes,
                facts.start_bytes_most or float("inf"),
            )
        )
    for name, most in limits.p99_ms.items():
        found = facts.summaries.get(name)
        verdicts.append(
            _most(f"{name} p99（毫秒）", f"{name} p99, ms", most, found.p99_ms if found else float("inf"))
        )
    return verdicts


def _most(zh: str, en: str, limit: float, measured: float) -> Verdict:
    return Verdict(zh=zh, en=en, limit=f"≤ {limit:g}", measured=f"{measured:.4g}", held=measured <= limit)


def _least(zh: str, en: str, share: float, some: int, of: int) -> Verdict:
    held = of > 0 and some >= share * of
    return Verdict(zh=zh, en=en, limit=f"≥ {share:.0%}", measured=f"{some} / {of}", held=held)
