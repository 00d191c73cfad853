"""What most parts are made from: the clock, the engines, the keys."""

import time
from collections.abc import Mapping
from dataclasses import dataclass

from exam_api.keys import Purpose
from exam_api.live.lane import Lane
from exam_api.ports import Clock
from exam_api.store.engine import Database
from exam_api.store.sealed import AesSealer
from exam_api.usecases.login_parts import LoginKeys
from exam_api.wiring.later import Later


class WallClock(Clock):
    """This machine's clock."""

    def now_ms(self) -> int:
        """Unix time in ms."""
        return time.time_ns() // 1_000_000  # noqa: TID251 - the one clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What most parts are made from: clock, engines, keys, and what is done after replies."""

    clock: Clock
    database: Database
    lane: Lane
    keys: Mapping[Purpose, bytes]
    sealer: AesSealer
    login_keys: LoginKeys
    later: Later
