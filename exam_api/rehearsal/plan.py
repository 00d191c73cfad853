"""When a rehearsal may be held, and how its crowd comes."""

import math
from collections.abc import Sequence
from typing import Final

import msgspec

MINUTE_MS: Final = 60_000

CLEAR_MS: Final = 30 * MINUTE_MS
"""So long before the entry of a real session a rehearsal must be over: its session is armed by then."""

HEADS_MAX: Final = 9_999
"""Candidates of one session, and of one rehearsal: the sum of sessions opening together may be rehearsed."""

ARRIVE_S: Final = 60.0
HAND_IN_S: Final = 10.0
HAND_IN_SHARE: Final = 0.3
TAIL: Final = 3.0
"""As in the load test: 30 % of all hand in within ten seconds, the others within three times as long."""

BEFORE_S: Final = 60.0
"""Writing the shadow session down, and until the worker has armed it."""

AFTER_S: Final = 180.0
"""Until the record has everything, and everything is taken out again."""

BYTES_REDIS: Final = 90_000
BYTES_DATABASE: Final = 75_000
"""Bytes of one candidate in a whole exam, as docs/capacity.md has them; a rehearsal needs less."""

BYTES_PICTURE: Final = 32 * 1024
PICTURE_EVERY_S: Final = 15.0
"""A picture as shadows send it, and how often at most (docs/capacity.md, `proctoring.schedule`)."""

LOG_IN: Final = 0.53
OPENS: Final = 0.6
START: Final = 0.37
"""As in the load test's tiers S and P: of the time in which all log in and start they log in for 53 %, the
session opens at 60 %, and all start within 37 %."""

ARM_EACH_S: Final = 0.005
ARM_LEAST_S: Final = 3.0
"""How long arming may take before the first of them comes; where it takes longer they do not wait."""


class RehearsalRefused(Exception):
    """A rehearsal cannot be held now; says why in both languages."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh = zh
        self.en = en


class Neighbour(msgspec.Struct, frozen=True, kw_only=True):
    """A real session that is not over."""

    title: str
    entry_ms: int
    opens_ms: int
    closes_ms: int


class Room(msgspec.Struct, frozen=True, kw_only=True):
    """What is free; None: it cannot be seen from here."""

    disk: int | None
    """For a database in a file; a server's is its own."""
    memory: int | None
    """For Redis: of its own limit where it has one, else of its machine."""
    pictures: int | None = None
    """For camera pictures."""


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """A rehearsal as it will be."""

    planned: int
    """Candidates of the session that is rehearsed."""
    candidates: int
    """Shadows that come."""
    arrive_s: float
    steady_s: float
    wave_s: float = HAND_IN_S
    """In which `HAND_IN_SHARE` hand in."""
    photo_share: float = 0.0
    """Of them so many agree to camera pictures, and send them."""

    @property
    def log_in_s(self) -> float:
        """In which all log in, from the beginning."""
        return LOG_IN * self.arrive_s

    @property
    def opens_s(self) -> float:
        """When the session opens."""
        return OPENS * self.arrive_s

    @property
    def start_s(self) -> float:
        """In which all start then."""
        return START * self.arrive_s

    @property
    def armed_s(self) -> float:
        """How long arming may take."""
        return ARM_LEAST_S + ARM_EACH_S * self.candidates

    @property
    def tail_s(self) -> float:
        """In which the others do."""
        return TAIL * self.wave_s

    @property
    def ends_s(self) -> float:
        """When the last one taps hand-in."""
        return self.arrive_s + self.steady_s + self.wave_s + self.tail_s

    @property
    def pictures_each(self) -> int:
        """What one who agreed sends at most, as good as ever."""
        return 1 + math.ceil(self.ends_s / PICTURE_EVERY_S)

    @property
    def length_ms(self) -> int:
        """The whole of it, at most."""
        return round((BEFORE_S + self.ends_s + AFTER_S) * 1000)

    @property
    def stretch(self) -> float:
        """How many times more come on the day."""
        return max(1.0, self.planned / self.candidates)

    @property
    def starts_needed(self) -> float:
        """Starts a second when all who are planned come."""
        return self.planned / max(1.0, self.start_s)


def check(plan: Plan, *, state: str, near: Sequence[Neighbour], room: Room, now_ms: int) -> None:
    """Raises RehearsalRefused."""
    if state != "open":
        raise RehearsalRefused(
            f"场次尚未公布或已结束（{state}）：只能彩排已公布、还未开考的场次。",
            f"the session is {state}: only one that is announced and not over can be rehearsed",
        )
    if not 1 <= plan.candidates <= HEADS_MAX:
        raise RehearsalRefused(
            f"彩排人数须为 1 至 {HEADS_MAX}（当前 {plan.candidates}）：请先报名或用 --candidates 指定。",
            f"a rehearsal has 1 to {HEADS_MAX} candidates, not {plan.candidates}: register people first, or "
            "say --candidates",
        )
    end_ms = now_ms + plan.length_ms + CLEAR_MS
    for one in near:
        if one.entry_ms <= end_ms:
            minutes = max(0, one.entry_ms - now_ms) // MINUTE_MS
            raise RehearsalRefused(
                f"场次《{one.title}》正在进行或 {minutes} 分钟后入场：彩排须提前 30 分钟结束，请另选时间。",
                f"“{one.title}” is at work or lets people in in {minutes} min: a rehearsal must be over half "
                "an hour before; choose another time",
            )
    _check_room(plan, room)


def _check_room(plan: Plan, room: Room) -> None:
    """Twice of what a whole exam takes must be free."""
    pictures = BYTES_PICTURE * plan.pictures_each * plan.photo_share
    for zh, en, free, each in (
        ("Redis 内存", "memory for Redis", room.memory, BYTES_REDIS),
        ("数据库磁盘", "disk for the database", room.disk, BYTES_DATABASE),
        ("照片磁盘", "disk for pictures", room.pictures, pictures),
    ):
        needed = round(2 * each * plan.candidates)
        if free is not None and free < needed:
            raise RehearsalRefused(
                f"{zh}不足：{plan.candidates} 人需空闲 {needed // 2**20:,} MB，现有 {free // 2**20:,} MB。",
                f"too little {en}: {plan.candidates} candidates need {needed // 2**20:,} MB free, there are "
                f"{free // 2**20:,} MB",
            )
