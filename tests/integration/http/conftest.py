"""The world of these tests: newest Redis, SQLite, a session with people who have identity numbers we know."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from tests.e2e.world import World, open_world
from tests.servers import RedisServer


@pytest_asyncio.fixture
async def world(newest_redis: RedisServer, sqlite_url: str, tmp_path: Path) -> AsyncIterator[World]:
    newest_redis.flush()
    async with open_world(sqlite_url, newest_redis.url, tmp_path) as opened:
        yield opened
