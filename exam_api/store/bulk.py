"""Writing many rows in one statement, leaving out those whose key is there already."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import String, Table, TypeDecorator, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.elements import TextClause

PART: Final = 5_000
"""Rows of one statement: a few megabytes at most."""

_POSTGRES: Final = postgresql.dialect()  # pyright: ignore[reportUnknownVariableType,reportUnknownMemberType]


async def put_rows(connection: AsyncConnection, into: Table, rows: Sequence[Mapping[str, Any]]) -> int:
    """Insert rows that all name the same columns; one that clashes with a key is left out.

    Returns how many were new.
    """
    new = 0
    for first in range(0, len(rows), PART):
        part = rows[first : first + PART]
        if connection.dialect.name == "sqlite":
            done = await connection.execute(sqlite_insert(into).on_conflict_do_nothing(), part)
        else:
            names = tuple(part[0])
            columns = {name: [row[name] for row in part] for name in names}
            done = await connection.execute(_unnested(into, names), columns)
        new += max(done.rowcount, 0)
    return new


@lru_cache(maxsize=128)
def _unnested(into: Table, names: tuple[str, ...]) -> TextClause:
    """One array for each column: one statement and one plan, however many rows."""
    arrays = ", ".join(f"CAST(:{name} AS {_array(into, name)})" for name in names)
    columns = ", ".join(f'"{name}"' for name in names)
    return text(
        f'INSERT INTO "{into.name}" ({columns}) SELECT * FROM unnest({arrays}) ON CONFLICT DO NOTHING'  # noqa: S608 - names of our own tables
    )


def _array(into: Table, name: str) -> str:
    held = into.c[name].type
    plain = held.impl_instance if isinstance(held, TypeDecorator) else held  # SQLModel wraps its strings
    # A cast to varchar(n) cuts without a word; text is checked against the column's length.
    return "text[]" if isinstance(plain, String) else f"{held.compile(_POSTGRES)}[]"
