"""The servers that tests stand on do what their names promise."""

import asyncio

import pytest
from playwright.async_api import Browser

from tests.servers import PostgresServer, RedisServer


@pytest.mark.redis
def test_a_killed_redis_comes_back_with_its_data(own_redis: RedisServer) -> None:
    with own_redis.client() as asked:
        asked.set("kept", "1")
        asked.set("also", "1")
    own_redis.restart()
    with own_redis.client() as asked:
        assert asked.mget("kept", "also") == [b"1", b"1"]


@pytest.mark.redis
def test_a_rolled_back_redis_has_lost_what_came_later(own_redis: RedisServer) -> None:
    with own_redis.client() as asked:
        asked.set("early", "1")
        kept = own_redis.keep_data()
        asked.set("later", "1")
    own_redis.roll_back(kept)
    with own_redis.client() as asked:
        assert asked.mget("early", "later") == [b"1", None]


@pytest.mark.redis
def test_each_redis_here_starts_empty_with_an_append_only_file(
    redis_url: str, redis_server: RedisServer
) -> None:
    assert redis_url == redis_server.url
    with redis_server.client() as asked:
        assert asked.dbsize() == 0
        assert asked.config_get("appendonly") == {"appendonly": "yes"}


@pytest.mark.postgres
def test_a_database_outlives_a_crash_of_its_server(postgres_server: PostgresServer) -> None:
    url = postgres_server.new_database(migrated=False)
    postgres_server.stop()
    postgres_server.start()
    postgres_server.drop_database(url)


@pytest.mark.browser
async def test_chromium_shows_a_page(chromium: Browser) -> None:
    page = await chromium.new_page(viewport={"width": 390, "height": 844})
    await page.set_content("<h1>考务</h1>")
    assert await page.inner_text("h1") == "考务"
    await page.close()


async def test_a_plain_async_test_may_run_beside_browser_stories() -> None:
    assert asyncio.get_running_loop().is_running()
