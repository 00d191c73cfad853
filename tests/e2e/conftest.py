"""The world of most stories: newest Redis, SQLite."""

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


@pytest_asyncio.fixture
async def fragile(own_redis: RedisServer, sqlite_url: str, tmp_path: Path) -> AsyncIterator[World]:
    """A world whose Redis may be killed."""
    async with open_world(sqlite_url, own_redis.url, tmp_path) as opened:
        yield opened
