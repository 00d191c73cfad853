"""Bringing a database to the newest schema."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

import migrations
from exam_api.store.engine import Database

T = TypeVar("T")

FOLDER: Final = Path(migrations.__file__).parent

_LOCK: Final = 0x6B616F7775
"""Advisory lock on PostgreSQL ("kaowu"): of several nodes that start together one migrates."""


def upgrade(url: str, revision: str = "head") -> None:
    """Migrate the database; nothing happens where it is up to date. Not to be called inside a running loop.

    Raises RecordAway.
    """
    asyncio.run(_with_connection(url, lambda held: _run(held, command.upgrade, revision)))


def downgrade(url: str, revision: str) -> None:
    """Go back to a revision; each migration says what is lost. Not to be called inside a running loop.

    Raises RecordAway.
    """
    asyncio.run(_with_connection(url, lambda held: _run(held, command.downgrade, revision)))


def pending(url: str) -> tuple[str, ...]:
    """The revisions the database still lacks, the next one first. Not to be called inside a running loop.

    Raises RecordAway.
    """
    return asyncio.run(_with_connection(url, _pending))


def head() -> str:
    """The newest revision there is."""
    return ScriptDirectory.from_config(_config()).get_current_head() or ""


async def _with_connection(url: str, act: Callable[[Connection], T]) -> T:
    database = Database(url, command_s=None)
    try:
        async with database.writing() as connection:
            return await connection.run_sync(act)
    finally:
        await database.close()


def _run(connection: Connection, act: Callable[[Config, str], None], revision: str) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    config = _config()
    config.attributes["connection"] = connection
    act(config, revision)


def _pending(connection: Connection) -> tuple[str, ...]:
    held = MigrationContext.configure(connection).get_current_revision()
    script = ScriptDirectory.from_config(_config())
    lacking = script.iterate_revisions("head", held or "base")
    return tuple(reversed([one.revision for one in lacking]))


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
