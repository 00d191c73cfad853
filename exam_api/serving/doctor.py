"""Examining an installation: each check says ok, warn or fail, and what to do about it."""

import os
import resource
import shutil
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum, unique
from pathlib import Path
from typing import Final

import msgspec
from redis.exceptions import RedisError

from exam_api.errors import RecordAway
from exam_api.live.cluster_lane import is_cluster
from exam_api.serving.fonts import has_chinese_font
from exam_api.serving.ground import FREE_LEAST_MB
from exam_api.serving.redis_nodes import ClusterTold, ask_cluster, ask_server
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


@unique
class Level(StrEnum):
    """How a check came out."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


class Said(msgspec.Struct, frozen=True):
    """One sentence in both languages."""

    zh: str
    en: str


class Finding(msgspec.Struct, frozen=True, omit_defaults=True):
    """One check's result."""

    check: str
    level: Level
    told: Said
    """What is so."""
    advice: Said | None = None
    """What to do, when it is not ok."""


MIGRATE: Final = Said("请运行 `kaowu migrate`。", "Run `kaowu migrate`.")
INSTALL_REDIS: Final = Said(
    "请安装 redis-server 或 valkey-server：自带的只供演示，正式模式不接受。",
    "Install redis-server or valkey-server: the bundled one is for the demo, production refuses it.",
)


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
        told = Said("演示模式：会显示账号和验证码", "demo: log-ins and codes are shown")
        advice = Said(
            "正式考试前请关闭 KAOWU_DEMO 并设置 KAOWU_SECRET。",
            "Before real candidates: turn KAOWU_DEMO off and set KAOWU_SECRET.",
        )
        return Finding("mode", Level.WARN, told, advice)
    return Finding("mode", Level.OK, Said("正式模式", "production"))


def check_database(settings: Settings) -> Finding:
    """The database answers and has the newest schema."""
    kind = "SQLite" if settings.database_is_sqlite else "PostgreSQL"
    if settings.database_is_sqlite and not _sqlite_file(settings).exists():
        path = _sqlite_file(settings)
        told = Said(f"没有 SQLite 文件 {path}", f"the SQLite file {path} is missing")
        return Finding("database", Level.FAIL, told, MIGRATE)
    try:
        lacking = pending(settings.database_url)
    except RecordAway:
        advice = Said(
            "请检查 KAOWU_DATABASE_URL，并确认数据库正在运行且允许此用户登录。",
            "Check KAOWU_DATABASE_URL, and that the database runs and lets this user in.",
        )
        return Finding("database", Level.FAIL, Said(f"{kind} 没有应答", f"{kind} does not answer"), advice)
    if lacking:
        names = ", ".join(lacking)
        told = Said(f"{kind} 的结构缺少 {names}", f"{kind} answers; its schema lacks {names}")
        return Finding("database", Level.FAIL, told, MIGRATE)
    told = Said(f"{kind} 正常，结构为最新", f"{kind} answers, schema is up to date")
    if settings.database_is_sqlite and not settings.demo:
        advice = Said(
            "多台服务器或数百名考生请使用 PostgreSQL（docs/operations.md）。",
            "For more than one machine or a few hundred candidates use PostgreSQL (docs/operations.md).",
        )
        return Finding("database", Level.WARN, told, advice)
    return Finding("database", Level.OK, told)


def check_redis(settings: Settings, *, now_ms: Callable[[], int]) -> list[Finding]:
    """Redis answers, keeps what it is told, never drops keys, and agrees on the time."""
    try:
        if is_cluster(settings.redis_url):
            return check_cluster(ask_cluster(settings.redis_url, now_ms=now_ms))
        told = ask_server(settings.redis_url, now_ms=now_ms)
    except (RedisError, OSError) as away:
        return [_redis_away(settings, away)]
    return [
        check_version(told.version, bundled=settings.redis_is_embedded and _bundled_only()),
        check_persistence(told.kept, last_write_ok=told.last_write_ok),
        check_clock(told.skew_ms),
    ]


def check_cluster(cluster: ClusterTold) -> list[Finding]:
    """The cluster is whole and each node is fit; of each check the worst node is told, by its address."""
    by_node = [
        (
            node.name,
            (
                check_version(node.version, bundled=False),
                check_persistence(node.kept, last_write_ok=node.last_write_ok),
                check_clock(node.skew_ms),
            ),
        )
        for node in cluster.nodes
    ]
    named = [[_at(name, finding) for finding in findings] for name, findings in by_node]
    return [_check_whole(cluster), *(max(found, key=_badness) for found in zip(*named, strict=True))]


def _check_whole(cluster: ClusterTold) -> Finding:
    count = len(cluster.nodes)
    if not cluster.whole:
        told = Said("有槽位无节点服务", "some slots are served by nobody")
        advice = Said(
            "请查看 `redis-cli --cluster check`，恢复停止的节点。",
            "See `redis-cli --cluster check`; bring back the nodes that ended.",
        )
        return Finding("cluster", Level.FAIL, told, advice)
    lacking = [*cluster.silent, *cluster.alone]
    if lacking:
        names = ", ".join(lacking)
        told = Said(f"没有应答或没有副本：{names}", f"silent, or without a replica: {names}")
        advice = Said(
            "考试前请恢复：再停一个主节点就可能无法作答。",
            "Mend it before an exam: the next master that ends may stop answers.",
        )
        return Finding("cluster", Level.WARN, told, advice)
    return Finding("cluster", Level.OK, Said(f"{count} 个节点均正常", f"all {count} nodes answer"))


def _at(name: str, finding: Finding) -> Finding:
    told = Said(f"{name}：{finding.told.zh}", f"{name}: {finding.told.en}")
    return msgspec.structs.replace(finding, told=told)


def _badness(finding: Finding) -> int:
    return list(Level).index(finding.level)


def _redis_away(settings: Settings, away: Exception) -> Finding:
    if not settings.redis_is_embedded:
        why = type(away).__name__
        advice = Said(
            "请检查 KAOWU_REDIS_URL，并确认 Redis 正在运行且允许此用户登录。",
            "Check KAOWU_REDIS_URL, and that Redis runs and lets this user in.",
        )
        return Finding("redis", Level.FAIL, Said(f"没有应答（{why}）", f"does not answer ({why})"), advice)
    program = find_redis()
    if program is None:
        return Finding("redis", Level.FAIL, Said("没有找到程序", "no program was found"), INSTALL_REDIS)
    if program.bundled:
        return check_version(program.version_text, bundled=True)
    version = program.version_text
    told = Said(f"{version}，由 `kaowu serve` 启动", f"{version} will be started by `kaowu serve`")
    return Finding("redis", Level.OK, told)


def _bundled_only() -> bool:
    program = find_redis()
    return program is None or program.bundled


def check_version(version: str, *, bundled: bool) -> Finding:
    """Scripts run from 6.2 on; the bundled 6.2.14 gets no security fixes."""
    parts = tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
    if parts < VERSION_LEAST:
        advice = Said("请使用 Redis 6.2 以上或 Valkey。", "Use Redis 6.2 or newer, or Valkey.")
        return Finding("redis", Level.FAIL, Said(f"{version} 版本过低", f"{version} is too old"), advice)
    if bundled:
        return Finding("redis", Level.WARN, Said(f"{version}，自带", f"{version}, bundled"), INSTALL_REDIS)
    return Finding("redis", Level.OK, Said(f"{version} 正常", f"{version} answers"))


def check_persistence(kept: Mapping[str, str], *, last_write_ok: bool) -> Finding:
    """Answers are acknowledged once Redis has them, so it must keep them and never drop a key."""
    policy = kept.get("maxmemory-policy")
    if kept.get("appendonly") != "yes":
        told = Said("appendonly 未开启", "appendonly is off")
        advice = Said("请在 Redis 中设置 `appendonly yes`。", "Set `appendonly yes` in Redis.")
    elif policy != "noeviction":
        told = Said(
            f"maxmemory-policy 为 {policy}，会丢弃数据", f"maxmemory-policy is {policy}: keys can be dropped"
        )
        advice = Said("请设置 `maxmemory-policy noeviction`。", "Set `maxmemory-policy noeviction` in Redis.")
    elif not last_write_ok:
        told = Said("最近一次写盘失败", "the last write failed")
        advice = Said("请检查 Redis 所在磁盘。", "Look at the disk of Redis.")
    else:
        return Finding("persistence", Level.OK, Said("逐条落盘，不丢弃", "append-only, nothing is dropped"))
    return Finding("persistence", Level.FAIL, told, advice)


def check_clock(skew_ms: int) -> Finding:
    """Deadlines are instants: machines must agree on the time."""
    told = Said(f"与 Redis 所在机器相差 {skew_ms} 毫秒", f"{skew_ms} ms apart from Redis' machine")
    if abs(skew_ms) < SKEW_MOST_MS:
        return Finding("clock", Level.OK, told)
    advice = Said(
        "请让两台机器使用同一时间服务器（chrony）。",
        "Let both machines follow the same time server (chrony).",
    )
    return Finding("clock", Level.FAIL, told, advice)


def check_disk(folder: Path) -> Finding:
    """Space for answers, pictures and the rewriting of Redis' file."""
    there = next(path for path in (folder, *folder.parents) if path.exists())
    free_mb = shutil.disk_usage(there).free // (1024 * 1024)
    told = Said(f"{folder} 可用 {free_mb} MB", f"{free_mb} MB free for {folder}")
    advice = Said(
        "请清理空间，或把 KAOWU_DATA_DIR 设到其他磁盘。",
        "Free some space, or set KAOWU_DATA_DIR to a folder on another disk.",
    )
    if free_mb < FREE_LEAST_MB or not os.access(there, os.W_OK):
        return Finding("disk", Level.FAIL, told, advice)
    return (
        Finding("disk", Level.WARN, told, advice)
        if free_mb < FREE_WELL_MB
        else Finding("disk", Level.OK, told)
    )


def check_open_files(limit: int) -> Finding:
    """Every page holds a connection and an event stream."""
    told = Said(f"允许打开 {limit} 个文件", f"{limit} open files allowed")
    if limit >= FILES_WELL:
        return Finding("nofile", Level.OK, told)
    advice = Said(
        f"请提高到 {FILES_WELL}（`ulimit -n`，或服务单元中的 LimitNOFILE=）。",
        f"Raise the limit to {FILES_WELL} (`ulimit -n`, or LimitNOFILE= in the unit).",
    )
    return Finding("nofile", Level.FAIL if limit < FILES_LEAST else Level.WARN, told, advice)


def check_pages(folder: Path) -> Finding:
    """The built pages are there."""
    lacking = ", ".join(name for name in PAGES if not (folder / name).is_dir())
    if lacking:
        told = Said(f"{folder} 缺少 {lacking}", f"{folder} lacks {lacking}")
        return Finding("web", Level.FAIL, told, Said("请运行 `make web`。", "Run `make web`."))
    return Finding("web", Level.OK, Said("三个网页端均已构建", "phone, desk and console are built"))


def check_font() -> Finding:
    """Chinese text can be drawn."""
    if has_chinese_font():
        return Finding("font", Level.OK, Said("已安装中文字体", "a Chinese font is installed"))
    advice = Said("请安装 fonts-noto-cjk。", "Install fonts-noto-cjk.")
    return Finding("font", Level.WARN, Said("没有中文字体", "no Chinese font is installed"), advice)


def worst(findings: Sequence[Finding]) -> Level:
    """The level that the exit status follows."""
    held = {finding.level for finding in findings}
    return Level.FAIL if Level.FAIL in held else Level.WARN if Level.WARN in held else Level.OK


def _sqlite_file(settings: Settings) -> Path:
    return Path(settings.database_url.partition(":///")[2])
