"""Opening the database and its transactions: the only place that commits."""

import asyncio
import sqlite3
from collections.abc import AsyncGenerator, Generator, Sequence
from contextlib import asynccontextmanager, contextmanager, nullcontext
from threading import Thread
from typing import Any, Final
from weakref import WeakSet

import aiosqlite
import asyncpg  # pyright: ignore[reportMissingTypeStubs]
from sqlalchemy import Connection, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError, DisconnectionError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from exam_api.errors import RecordAway
from exam_api.store.direct import Direct
from exam_api.store.measured import Absence

CONNECT_S: Final = 3.0
"""How long a connection may take: a machine that is gone must not hold a hand-in."""

COMMAND_S: Final = 15.0
"""How long one statement may take on PostgreSQL; long imports are written in parts."""

BUSY_MS: Final = 10_000
"""How long SQLite waits for the writer of another process."""

CLOSE_S: Final = 5.0
"""How long a thread of SQLite's driver that was told to end is waited for."""

POOL_SIZE: Final = 8
"""Connections a process keeps. Group commit needs one; the rest are for console and log-ins."""

POOL_OVERFLOW: Final = 8
"""Connections opened beyond `POOL_SIZE` under pressure and closed again."""

POOL_WAIT_S: Final = 5.0
"""How long a caller waits for a free connection."""

_WRITES: Final = "kaowu_writes"

_AWAY_SQLITE: Final = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PROTOCOL,
    }
)
"""Results of SQLite that tell of the file or its disk, not of the statement."""

_AWAY_POSTGRES: Final = ("08", "40", "53", "55P03", "57", "58")
"""SQLSTATE classes that tell of the server: connection, deadlock, resources, locks, shutdown, its disk."""

_ROW_SQLITE: Final = frozenset({sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_MISMATCH, sqlite3.SQLITE_TOOBIG})
"""Results of SQLite that tell of the values."""

_ROW_POSTGRES: Final = ("22", "23")
"""SQLSTATE classes that tell of the values: they fit no column, they break a constraint."""

_READ_ONLY: Final = "25006"
"""SQLSTATE of a write where none may be; asked by who may write, it tells of the server: a standby."""


class Database:
    """One database, with its pool of connections."""

    def __init__(self, url: str, *, command_s: float | None = COMMAND_S) -> None:
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._drivers = WeakSet[aiosqlite.Connection]()
        engine = _sqlite(self.url, self._drivers) if self.is_sqlite else _postgres(url, command_s=command_s)
        self._engine = engine
        self._direct = Direct(engine)
        self._absence = Absence()
        self._writer = engine.execution_options(**{_WRITES: True})
        self._reader = engine if self.is_sqlite else engine.execution_options(postgresql_readonly=True)
        # SQLite has one writer, and its own way of waiting is unfair: inside a process writers queue here.
        self._turn = asyncio.Lock() if self.is_sqlite else None

    @asynccontextmanager
    async def writing(self) -> AsyncGenerator[AsyncConnection, None]:
        """A transaction that may write: committed when the block ends, rolled back when it raises.

        Raises RecordAway when the database cannot be reached or the commit's fate is unknown.
        """
        async with self._turn or nullcontext(), _opened(self._writer, self._absence) as connection:
            yield connection

    @asynccontextmanager
    async def reading(self) -> AsyncGenerator[AsyncConnection, None]:
        """A transaction that only reads. Raises RecordAway."""
        async with _opened(self._reader, self._absence) as connection:
            yield connection

    async def at_once(self, statement: str, values: Sequence[Any]) -> Sequence[Any]:
        """Run one statement of PostgreSQL, committed before its rows are given. Arguments: $1, $2 and so on.

        For what is asked at every hand-in: `store.direct` says why. Raises RecordAway.
        """
        with _translated(self._absence, writes=True):
            return await self._direct.run(statement, values)

    async def close(self) -> None:
        """Close all connections."""
        await self._direct.close()
        await self._engine.dispose()
        # Whoever was cut off left a driver at work: its thread answers to this event loop, which may end now.
        threads = [driver._thread for driver in list(self._drivers)]  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
        await asyncio.to_thread(_joined, threads)


@asynccontextmanager
async def _opened(engine: AsyncEngine, absence: Absence) -> AsyncGenerator[AsyncConnection, None]:
    with _translated(absence, writes=_writes(engine)):
        async with engine.begin() as connection:
            yield connection


@contextmanager
def _translated(absence: Absence, *, writes: bool) -> Generator[None, None, None]:
    try:
        with _told_as_away(writes=writes):
            yield
    except RecordAway:
        absence.refused()
        raise
    absence.served()


@contextmanager
def _told_as_away(*, writes: bool) -> Generator[None, None, None]:
    try:
        yield
    except DBAPIError as refused:
        if _is_away(refused) or (writes and _sqlstate(refused) == _READ_ONLY):
            raise RecordAway from refused
        raise
    except (OSError, TimeoutError, PoolTimeout, asyncpg.InterfaceError) as refused:
        raise RecordAway from refused
    except asyncpg.PostgresError as refused:  # raw while connecting, before SQLAlchemy wraps
        if str(getattr(refused, "sqlstate", "")).startswith(_AWAY_POSTGRES):
            raise RecordAway from refused
        raise


def refused_a_row(refused: Exception) -> bool:
    """Whether the values of a row were refused, by the database or its driver; other rows may be taken."""
    if isinstance(refused, OverflowError):  # SQLite's driver checks the size of numbers by itself
        return True
    if not isinstance(refused, DBAPIError):
        return False
    code = getattr(refused.orig, "sqlite_errorcode", None)
    if code is not None:
        return (code & 0xFF) in _ROW_SQLITE
    return _sqlstate(refused).startswith(_ROW_POSTGRES)


def _is_away(refused: DBAPIError) -> bool:
    orig: Any = refused.orig
    if refused.connection_invalidated:
        return True
    code = getattr(orig, "sqlite_errorcode", None)
    if code is not None:
        return (code & 0xFF) in _AWAY_SQLITE
    return _sqlstate(refused).startswith(_AWAY_POSTGRES)


def _sqlstate(refused: DBAPIError) -> str:
    return str(getattr(refused.orig, "sqlstate", None) or "")


def _writes(engine: AsyncEngine) -> bool:
    return bool(engine.get_execution_options().get(_WRITES))


def _joined(threads: Sequence[Thread]) -> None:
    """Wait until the threads of SQLite's driver have ended; each was told to."""
    for thread in threads:
        if thread.ident is not None:
            thread.join(timeout=CLOSE_S)


def _sqlite(url: URL, drivers: WeakSet[aiosqlite.Connection]) -> AsyncEngine:
    def connect() -> aiosqlite.Connection:
        path, said = engine.dialect.create_connect_args(url)
        options: dict[str, Any] = {"isolation_level": None, "timeout": BUSY_MS / 1000, **said}
        driver = aiosqlite.connect(*path, **options)
        driver._thread.daemon = True  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - as SQLAlchemy does
        drivers.add(driver)
        return driver

    engine = create_async_engine(
        url,
        async_creator=connect,
        hide_parameters=True,  # a refusal repeats no value: logs are read by people who may not know persons
        pool_size=POOL_SIZE,
        max_overflow=POOL_OVERFLOW,
        pool_timeout=POOL_WAIT_S + BUSY_MS / 1000,
    )

    def prepare(connection: Any, _record: object) -> None:  # noqa: ANN401 - the driver's
        cursor = connection.cursor()
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    def begin(connection: Connection) -> None:
        # The driver's own transactions begin late, without the write lock: two readers both decide to write.
        writes = connection.get_execution_options().get(_WRITES)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    event.listen(engine.sync_engine, "connect", prepare)
    event.listen(engine.sync_engine, "begin", begin)
    return engine


def _postgres(url: str, *, command_s: float | None) -> AsyncEngine:
    engine = create_async_engine(
        url,
        hide_parameters=True,  # a refusal repeats no value: logs are read by people who may not know persons
        connect_args={"timeout": CONNECT_S, "command_timeout": command_s},
        pool_size=POOL_SIZE,
        max_overflow=POOL_OVERFLOW,
        pool_timeout=POOL_WAIT_S,
        pool_use_lifo=True,
    )

    def drop_closed(connection: Any, _record: object, _proxy: object) -> None:  # noqa: ANN401 - the driver's
        # A ping would cost each transaction a round trip; the driver already knows what the server closed.
        if connection.driver_connection.is_closed():
            raise DisconnectionError

    event.listen(engine.sync_engine, "checkout", drop_closed)
    return engine
