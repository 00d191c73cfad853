"""One statement of PostgreSQL as its own transaction, past SQLAlchemy: for what is asked at every hand-in.

Through SQLAlchemy a transaction takes a round trip each to begin and to end, and a millisecond of the event
loop. Here the engine opens a connection and gives it away; what is said on it goes to the driver as it is.
"""

import asyncio
from collections.abc import Sequence
from typing import Any, Final

import asyncpg  # pyright: ignore[reportMissingTypeStubs]
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

_OF_VALUES: Final = ("22", "23")
"""SQLSTATE classes that tell of the values: the connection is as good as before."""

_CLOSE_S: Final = 1.0
"""How long the server is waited for when the connection is let go."""


class Direct:
    """A connection that is kept: one statement at a time, in the order in which they are asked."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._turn = asyncio.Lock()
        self._driver: Any = None

    async def run(self, statement: str, values: Sequence[Any]) -> Sequence[Any]:
        """The rows that it returns; it is committed then.

        Raises:
            DBAPIError: with what the server refused.
            OSError, TimeoutError, asyncpg.InterfaceError: when nobody answers.
        """
        async with self._turn:
            try:
                driver = self._driver
                if driver is None or driver.is_closed():
                    driver = self._driver = await self._connected()
                return await driver.fetch(statement, *values)
            except asyncpg.PostgresError as refused:
                if not str(getattr(refused, "sqlstate", "")).startswith(_OF_VALUES):
                    self._abandon()  # the next one begins anew, perhaps with the node that has taken over
                raise DBAPIError(None, None, refused, hide_parameters=True) from refused
            except BaseException:  # also a cancellation: what was said may still be under way
                self._abandon()
                raise

    async def close(self) -> None:
        """Let the connection go."""
        driver, self._driver = self._driver, None
        if driver is not None:
            try:
                await driver.close(timeout=_CLOSE_S)
            except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
                driver.terminate()

    async def _connected(self) -> Any:  # noqa: ANN401 - the driver's
        lent = await self._engine.raw_connection()
        driver = lent.driver_connection
        lent.detach()  # the pool keeps its number for those who come through it
        return driver

    def _abandon(self) -> None:
        driver, self._driver = self._driver, None
        if driver is not None:
            driver.terminate()
