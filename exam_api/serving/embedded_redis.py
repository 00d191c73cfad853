"""The private Redis of an installation without one: append-only, on a socket in the data folder."""

import asyncio
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import structlog

from exam_api.serving.child import Child
from exam_api.serving.errors import BundledRedisInProduction, NoRedis, RedisDidNotStart
from exam_api.serving.redis_program import RedisProgram, find_redis, redis_command
from exam_api.settings import Settings

START_S: Final = 60.0
"""How long it may take until its append-only file is loaded."""

STOP_S: Final = 20.0
"""How long it may take to write and end."""

_ASK_EVERY_S: Final = 0.02

_ANSWER_S: Final = 2.0

log = structlog.get_logger()


async def answers(path: Path) -> bool:
    """Whether Redis takes commands on this socket: it is there and has loaded its file."""
    try:
        async with asyncio.timeout(_ANSWER_S):
            reader, writer = await asyncio.open_unix_connection(path)
            writer.write(b"PING\r\n")
            said = await reader.readline()
            writer.close()
    except (OSError, TimeoutError):
        return False
    return said.startswith(b"+PONG")


def program_for(settings: Settings) -> RedisProgram:
    """The program to start.

    Raises:
        NoRedis: there is none.
        BundledRedisInProduction: only the demo may use the bundled one.
    """
    program = find_redis()
    if program is None:
        raise NoRedis
    if program.bundled and not settings.demo:
        raise BundledRedisInProduction(version=program.version_text)
    return program


async def start_redis(settings: Settings, environ: Mapping[str, str]) -> Child:
    """Start it and wait until it answers.

    Raises:
        NoRedis, BundledRedisInProduction: see `program_for`.
        RedisDidNotStart: it ended, or did not answer within `START_S`.
    """
    program = program_for(settings)
    folder = settings.redis_socket.parent
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    child = Child("redis", redis_command(program, folder=folder, socket=settings.redis_socket), environ)
    await child.start()
    end = time.monotonic() + START_S
    while not await answers(settings.redis_socket):
        if child.pid is None or time.monotonic() > end:
            await child.stop(within_s=STOP_S)
            told = folder / "redis.log"
            tail = told.read_text(errors="replace").strip().rpartition("\n")[2] if told.exists() else ""
            raise RedisDidNotStart(log=told, tail=tail)
        await asyncio.sleep(_ASK_EVERY_S)
    log.info("redis.ready", version=program.version_text, bundled=program.bundled)
    return child


@asynccontextmanager
async def redis_while(settings: Settings, environ: Mapping[str, str]) -> AsyncGenerator[None, None]:
    """Redis for the length of one command: the running one, else one of its own."""
    if not settings.redis_is_embedded or await answers(settings.redis_socket):
        yield
        return
    child = await start_redis(settings, environ)
    try:
        yield
    finally:
        await child.stop(within_s=STOP_S)
