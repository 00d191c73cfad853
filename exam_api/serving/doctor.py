"""Examining an installation: each check says ok, warn or fail, and what to do about it."""

import os
import resource
import shutil
from collections.abc import Callable, Sequence
from enum import StrEnum, unique
from pathlib import Path
from typing import Any, Final

import msgspec
from redis import Redis
from redis.exceptions import RedisError

from exam_api.errors import RecordAway
from exam_api.serving.fonts import has_chinese_font
from exam_api.serving.ground import FREE_LEAST_MB
from exam_api.serving.redis_program import find_redis
from exam_api.settings import Settings
from exam_api.store.migrate import pending

FREE_WELL_MB: Final = 2_000
"""Free space below which an exam day should not begin."""

SKEW_MOST_MS: Final = 2_000
"""Clock difference between this machine and Redis that is still harmless: below the grace of 5 s."""

FILES_LEAST: Final = 4_096
"""Open files below which even an ordinary session of 2,000 candidates has no room for its connections."""

FILES_WELL: Final = 65_536
"""Open files for a provincial peak of 20,000 pages with a connection and an event stream each."""

VERSION_LEAST: Final = (6, 2)
"""Oldest Redis that our scripts run on."""

PAGES: Final = ("phone", "desk", "console")
"""What a complete web build holds."""

_ASK_S: Final = 3.0


@unique
class Level(StrEnum):
    """How a check came out."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


class Finding(msgspec.Struct, frozen=True, omit_defaults=True):
    """One check's result."""

    check: str
    level: Level
    told: str
    """What is so."""
    advice: str = ""
    """What to do, when it is not ok."""


def examine(settings: Settings, *, now_ms: Callable[[], int]) -> list[Finding]:
    """Make all checks. Not to be called inside a running loop."""
    return [
        check_mode(settings),
        check_database(settings),
        *check_redis(settings, now_ms=now_ms),
        check_disk(settings.data_dir),
        check_open_files(resource.getrlimit(resource.RLIMIT_NOFILE)[0]),
        check_pages(settings.web_dir),
        check_font(),
    ]


def check_mode(settings: Settings) -> Finding:
    """The demo shows its log-ins to everyone who can reach it."""
    if settings.demo:
        advice = "Before real candidates: turn KAOWU_DEMO off and set KAOWU_SECRET."
        return Finding("mode", Level.WARN, "demo: log-ins and codes are shown", advice)
    return Finding("mode", Level.OK, "production")


def check_database(settings: Settings) -> Finding:
    """The database answers and has the newest schema."""
    kind = "SQLite" if settings.database_is_sqlite else "PostgreSQL"
    if settings.database_is_sqlite and not _sqlite_file(settings).exists():
        return Finding(
            "database", Level.FAIL, f"{kind} file {_sqlite_file(settings)} is missing", "Run `kaowu migrate`."
        )
    try:
        lacking = pending(settings.database_url)
    except RecordAway:
        advice = "Check KAOWU_DATABASE_URL, and that the database runs and lets this user in."
        return Finding("database", Level.FAIL, f"{kind} does not answer", advice)
    if lacking:
        told = f"{kind} answers; its schema lacks {', '.join(lacking)}"
        return Finding("database", Level.FAIL, told, "Run `kaowu migrate`.")
    if settings.database_is_sqlite and not settings.demo:
        advice = "For more than one machine or a few hundred candidates use PostgreSQL (docs/operations.md)."
        return Finding("database", Level.WARN, "SQLite answers, schema is up to date", advice)
    return Finding("database", Level.OK, f"{kind} answers, schema is up to date")


def check_redis(settings: Settings, *, now_ms: Callable[[], int]) -> list[Finding]:
    """Redis answers, keeps what it is told, never drops keys, and agrees on the time."""
    client: Any = Redis.from_url(settings.redis_url, socket_timeout=_ASK_S, socket_connect_timeout=_ASK_S)  # pyright: ignore[reportUnknownMemberType]
    try:
        told: dict[str, Any] = client.info()
        kept: dict[str, str] = {**client.config_get("appendonly"), **client.config_get("maxmemory-policy")}
        before_ms = now_ms()
        seconds, micros = client.time()
        skew_ms = (before_ms + now_ms()) // 2 - (int(seconds) * 1000 + int(micros) // 1000)
    except (RedisError, OSError) as away:
        return [_redis_away(settings, away)]
    finally:
        client.close()
    version = str(told["redis_version"])
    return [
        check_version(version, bundled=settings.redis_is_embedded and _bundled_only()),
        check_persistence(kept, last_write_ok=told.get("aof_last_write_status", "ok") == "ok"),
        check_clock(skew_ms),
    ]


def _redis_away(settings: Settings, away: Exception) -> Finding:
    if not settings.redis_is_embedded:
        advice = "Check KAOWU_REDIS_URL, and that Redis runs and lets this user in."
        return Finding("redis", Level.FAIL, f"does not answer ({type(away).__name__})", advice)
    program = find_redis()
    if program is None:
        return Finding("redis", Level.FAIL, "no program was found", "Install redis-server or valkey-server.")
    if program.bundled:
        return check_version(program.version_text, bundled=True)
    return Finding("redis", Level.OK, f"{program.version_text} will be started by `kaowu serve`")


def _bundled_only() -> bool:
    program = find_redis()
    return program is None or program.bundled


def check_version(version: str, *, bundled: bool) -> Finding:
    """Scripts run from 6.2 on; the bundled 6.2.14 gets no security fixes."""
    parts = tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
    if parts < VERSION_LEAST:
        return Finding("redis", Level.FAIL, f"{version} is too old", "Use Redis 6.2 or newer, or Valkey.")
    if bundled:
        advice = "Install redis-server or valkey-server: this one is for the demo, production refuses it."
        return Finding("redis", Level.WARN, f"{version}, bundled", advice)
    return Finding("redis", Level.OK, f"{version} answers")


def check_persistence(kept: dict[str, str], *, last_write_ok: bool) -> Finding:
    """Answers are acknowledged once Redis has them, so it must keep them and never drop a key."""
    if kept.get("appendonly") != "yes":
        return Finding("persistence", Level.FAIL, "appendonly is off", "Set `appendonly yes` in Redis.")
    if kept.get("maxmemory-policy") != "noeviction":
        told = f"maxmemory-policy is {kept.get('maxmemory-policy')}: keys can be dropped"
        return Finding("persistence", Level.FAIL, told, "Set `maxmemory-policy noeviction` in Redis.")
    if not last_write_ok:
        return Finding("persistence", Level.FAIL, "the last write failed", "Look at the disk of Redis.")
    return Finding("persistence", Level.OK, "append-only, nothing is dropped")


def check_clock(skew_ms: int) -> Finding:
    """Deadlines are instants: machines must agree on the time."""
    if abs(skew_ms) >= SKEW_MOST_MS:
        advice = "Let both machines follow the same time server (chrony)."
        return Finding("clock", Level.FAIL, f"{skew_ms} ms apart from Redis' machine", advice)
    return Finding("clock", Level.OK, f"{skew_ms} ms apart from Redis' machine")


def check_disk(folder: Path) -> Finding:
    """Space for answers, pictures and the rewriting of Redis' file."""
    there = next(path for path in (folder, *folder.parents) if path.exists())
    free_mb = shutil.disk_usage(there).free // (1024 * 1024)
    told = f"{free_mb} MB free for {folder}"
    advice = "Free some space, or set KAOWU_DATA_DIR to a folder on another disk."
    if free_mb < FREE_LEAST_MB or not os.access(there, os.W_OK):
        return Finding("disk", Level.FAIL, told, advice)
    return Finding(
        "disk",
        Level.WARN if free_mb < FREE_WELL_MB else Level.OK,
        told,
        "" if free_mb >= FREE_WELL_MB else advice,
    )


def check_open_files(limit: int) -> Finding:
    """Every page holds a connection and an event stream."""
    told = f"{limit} open files allowed"
    advice = f"Raise the limit to {FILES_WELL} (`ulimit -n`, or LimitNOFILE= in the unit)."
    if limit < FILES_LEAST:
        return Finding("nofile", Level.FAIL, told, advice)
    return (
        Finding("nofile", Level.WARN, told, advice)
        if limit < FILES_WELL
        else Finding("nofile", Level.OK, told)
    )


def check_pages(folder: Path) -> Finding:
    """The built pages are there."""
    lacking = [name for name in PAGES if not (folder / name).is_dir()]
    if lacking:
        return Finding("web", Level.FAIL, f"{folder} lacks {', '.join(lacking)}", "Run `make web`.")
    return Finding("web", Level.OK, "phone, desk and console are built")


def check_font() -> Finding:
    """Chinese text can be drawn."""
    if has_chinese_font():
        return Finding("font", Level.OK, "a Chinese font is installed")
    return Finding("font", Level.WARN, "no Chinese font is installed", "Install fonts-noto-cjk.")


def worst(findings: Sequence[Finding]) -> Level:
    """The level that the exit status follows."""
    held = {finding.level for finding in findings}
    return Level.FAIL if Level.FAIL in held else Level.WARN if Level.WARN in held else Level.OK


def _sqlite_file(settings: Settings) -> Path:
    return Path(settings.database_url.partition(":///")[2])
