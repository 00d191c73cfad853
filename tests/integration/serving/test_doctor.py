"""The doctor finds what is wrong with an installation and says what to do."""

import pytest

from exam_api.serving.doctor import (
    MIGRATE,
    Level,
    check_clock,
    check_database,
    check_disk,
    check_open_files,
    check_pages,
    check_persistence,
    check_redis,
    check_version,
    worst,
)
from exam_api.settings import from_environ
from tests.servers import RedisServer


def settings_for(**fields: str):
    given = {f"KAOWU_{name.upper()}": value for name, value in fields.items()}
    return from_environ({"KAOWU_SECRET": "s" * 40, **given})


def levels(findings):
    return {finding.check: finding.level for finding in findings}


def now_like(server: RedisServer, *, ahead_ms: int = 0):
    def now_ms() -> int:
        with server.client() as asked:
            seconds, micros = asked.time()
        return seconds * 1000 + micros // 1000 + ahead_ms

    return now_ms


@pytest.mark.redis
def test_a_redis_that_keeps_everything_is_fine(redis_server: RedisServer):
    findings = check_redis(settings_for(redis_url=redis_server.url), now_ms=now_like(redis_server))
    assert levels(findings) == {"redis": Level.OK, "persistence": Level.OK, "clock": Level.OK}


@pytest.mark.redis
def test_a_redis_that_may_drop_answers_fails(own_redis: RedisServer):
    with own_redis.client() as asked:
        asked.config_set("maxmemory-policy", "allkeys-lru")
    findings = check_redis(settings_for(redis_url=own_redis.url), now_ms=now_like(own_redis))
    assert levels(findings)["persistence"] is Level.FAIL
    with own_redis.client() as asked:
        asked.config_set("maxmemory-policy", "noeviction")
        asked.config_set("appendonly", "no")
    findings = check_redis(settings_for(redis_url=own_redis.url), now_ms=now_like(own_redis))
    assert levels(findings)["persistence"] is Level.FAIL


@pytest.mark.redis
def test_clocks_that_disagree_fail(own_redis: RedisServer):
    findings = check_redis(settings_for(redis_url=own_redis.url), now_ms=now_like(own_redis, ahead_ms=2_500))
    assert levels(findings)["clock"] is Level.FAIL


@pytest.mark.redis
def test_a_redis_that_is_gone_fails_and_a_private_one_is_started_later(own_redis: RedisServer, tmp_path):
    own_redis.stop()
    away = check_redis(settings_for(redis_url=own_redis.url), now_ms=lambda: 0)
    assert levels(away) == {"redis": Level.FAIL}
    private = check_redis(settings_for(data_dir=str(tmp_path)), now_ms=lambda: 0)
    assert private[0].level is not Level.FAIL
    own_redis.start()


def test_the_bundled_redis_warns_and_an_old_one_fails():
    assert check_version("6.2.14", bundled=True).level is Level.WARN
    assert check_version("6.2.14", bundled=False).level is Level.OK
    assert check_version("6.0.16", bundled=False).level is Level.FAIL


def test_the_last_failed_write_fails():
    kept = {"appendonly": "yes", "maxmemory-policy": "noeviction"}
    assert check_persistence(kept, last_write_ok=True).level is Level.OK
    assert check_persistence(kept, last_write_ok=False).level is Level.FAIL


@pytest.mark.parametrize(("skew_ms", "level"), [(0, Level.OK), (-1_999, Level.OK), (2_000, Level.FAIL)])
def test_the_edge_of_the_clock(skew_ms, level):
    assert check_clock(skew_ms).level is level


@pytest.mark.parametrize(
    ("limit", "level"), [(4_095, Level.FAIL), (4_096, Level.WARN), (65_535, Level.WARN), (65_536, Level.OK)]
)
def test_the_edges_of_open_files(limit, level):
    assert check_open_files(limit).level is level


def test_a_database_without_the_newest_schema_fails(tmp_path):
    missing = check_database(settings_for(data_dir=str(tmp_path)))
    assert (missing.level, missing.advice) == (Level.FAIL, MIGRATE)
    (tmp_path / "kaowu.db").touch()
    empty = check_database(settings_for(data_dir=str(tmp_path)))
    assert (empty.level, empty.advice) == (Level.FAIL, MIGRATE)


@pytest.mark.postgres
def test_a_migrated_database_is_fine(postgres_url):
    assert check_database(settings_for(database_url=postgres_url)).level is Level.OK


def test_a_database_that_is_away_fails(tmp_path):
    url = f"postgresql+asyncpg://kaowu@/x?host={tmp_path}"
    assert check_database(settings_for(database_url=url)).level is Level.FAIL


def test_pages_that_are_not_built_fail(tmp_path):
    assert check_pages(tmp_path).level is Level.FAIL
    for name in ("phone", "desk", "console"):
        (tmp_path / name).mkdir()
    assert check_pages(tmp_path).level is Level.OK


def test_a_folder_that_is_not_there_yet_is_examined_by_its_parent(tmp_path):
    assert check_disk(tmp_path / "a" / "b").level in {Level.OK, Level.WARN}


def test_the_worst_finding_rules_the_exit_status():
    findings = [check_clock(0), check_open_files(5_000)]
    assert worst(findings) is Level.WARN
    assert worst([*findings, check_clock(9_999)]) is Level.FAIL
