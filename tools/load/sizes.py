"""Bytes of one candidate: in Redis, in the database, in replies; for `kaowu plan-capacity`."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from exam_api.capacity import Sizes
from exam_api.live.keys import OF_SHARD
from exam_api.live.together import together
from exam_api.wiring import Wired
from loadtest.book import Kept
from loadtest.curves import Summary


async def redis_bytes(wired: Wired) -> int:
    """What Redis holds now."""
    told = await wired.lane.command("INFO", "memory")
    facts = dict(line.split(b":", 1) for line in bytes(told).splitlines() if b":" in line)
    return int(facts[b"used_memory"])


class LogSize(NamedTuple):
    """The live log: all it takes, and how many entries that is."""

    held: int
    entries: int


async def log_size(wired: Wired) -> LogSize:
    """Of all shards, every node of the streams counted."""
    held = await together(
        wired.lane.command("MEMORY", "USAGE", shard.log, "SAMPLES", 0) for shard in OF_SHARD
    )
    entries = await together(wired.lane.command("XLEN", shard.log) for shard in OF_SHARD)
    return LogSize(sum(one or 0 for one in held), sum(entries))


async def database_bytes(environ: Mapping[str, str]) -> int:
    """What the database's tables and indexes take, without its journal."""
    url = environ["KAOWU_DATABASE_URL"]
    if url.startswith("sqlite"):
        asked = text("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()")
    else:
        asked = text("SELECT pg_database_size(current_database())")
    engine = create_async_engine(url)
    async with engine.connect() as connection:
        found = int((await connection.execute(asked)).scalar_one())
    await engine.dispose()
    return found


async def pictures_held(environ: Mapping[str, str]) -> int:
    """Camera pictures on record."""
    engine = create_async_engine(environ["KAOWU_DATABASE_URL"])
    async with engine.connect() as connection:
        found = int((await connection.execute(text("SELECT count(*) FROM snapshot"))).scalar_one())
    await engine.dispose()
    return found


def sizes_of(
    before: tuple[int, int],
    after: tuple[int, int],
    summaries: Mapping[str, Summary],
    kept: Sequence[Kept],
    log: LogSize,
) -> Sizes:
    """Of one candidate who started."""

    def mean(name: str) -> float:
        return float(summaries[name].bytes_mean) if name in summaries else 0.0

    began = [one for one in kept if one.started_s >= 0]
    started = max(1, len(began))
    return Sizes(
        ops=round(sum(one.seq for one in began) / started, 1),
        redis=round((after[0] - before[0]) / started),
        database=round((after[1] - before[1]) / started),
        start_reply=mean("start"),
        sync_reply=mean("sync"),
        submit_reply=mean("submit"),
        log_entry=round(log.held / max(1, log.entries), 1),
        redis_log=round(log.held / started),
    )
