"""Tables as lines of JSON and back: the same rows give the same bytes from either database."""

import hashlib
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final
from uuid import UUID

import msgspec
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, Table, func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from exam_api.store.backup.archive import ArchiveReader, ArchiveWriter, TablePart, Told, counted
from exam_api.store.backup.errors import BackupDamaged, ReadBackDiffers, TargetNotEmpty
from exam_api.store.bulk import put_rows
from exam_api.store.tables import METADATA, PictureKeyRow, SnapshotRow, table

PART: Final = 1_000
"""Rows in memory at a time."""

TABLES: Final[Sequence[Table]] = METADATA.sorted_tables
"""Every table, after those that it refers to."""

LOCK_WAIT: Final = "10s"
"""How long a restore waits for others to let go of the tables."""

_KINDS: Final[Mapping[type, type]] = {UUID: UUID, str: str, object: str, int: int, bool: bool, bytes: bytes}
"""Python types of columns; `object` is what SQLModel says of text with a length."""

_encode: Final = msgspec.json.Encoder().encode_lines


async def revision_of(connection: AsyncConnection) -> str:
    """The schema's revision; empty: there is none."""

    def asked(held: Connection) -> str:
        return MigrationContext.configure(held).get_current_revision() or ""

    return await connection.run_sync(asked)


async def steady(connection: AsyncConnection) -> None:
    """Let the whole transaction see one instant; SQLite's does so by itself."""
    if connection.dialect.name == "postgresql":
        await connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))


async def dump(connection: AsyncConnection, writer: ArchiveWriter, tell: Told) -> tuple[TablePart, ...]:
    """Write every table into the archive."""
    parts: list[TablePart] = []
    for of in TABLES:
        rows = await _count(connection, of)
        tell.begin(str(of.name), rows)
        part = TablePart(table=str(of.name), columns=_columns(of), rows=rows, sha256="")
        sha256 = await writer.lines(part.name, counted(_lines(connection, of), tell))
        parts.append(msgspec.structs.replace(part, sha256=sha256))
    return tuple(parts)


async def segment_lengths(connection: AsyncConnection) -> dict[str, int]:
    """Segments of camera pictures that can still be opened, up to the end of the last picture on record."""
    of, key = table(SnapshotRow), table(PictureKeyRow)
    asked = (
        select(of.c.segment, func.max(of.c.offset_bytes + of.c.length_bytes))
        .where(of.c.segment.in_(select(of.c.segment).join(key, key.c.attempt_id == of.c.attempt_id)))
        .group_by(of.c.segment)
        .order_by(of.c.segment)
    )
    return {str(segment): int(end) for segment, end in await connection.execute(asked)}


async def digests(connection: AsyncConnection) -> dict[str, str]:
    """SHA-256 of every table as it would be written."""
    return {str(of.name): await _digest(connection, of) for of in TABLES}


@asynccontextmanager
async def unguarded(connection: AsyncConnection) -> AsyncGenerator[None, None]:
    """Let this transaction alone write what otherwise only grows; the guards are back before it commits."""
    if connection.dialect.name == "postgresql":
        await connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_WAIT}'"))
        off = [f'ALTER TABLE "{of.name}" DISABLE TRIGGER USER' for of in TABLES]
        on = [f'ALTER TABLE "{of.name}" ENABLE TRIGGER USER' for of in TABLES]
    else:
        asked = text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name")
        held = (await connection.execute(asked)).all()
        off = [f'DROP TRIGGER "{name}"' for name, _ in held]
        on = [str(sql) for _, sql in held]
    for statement in off:
        await connection.exec_driver_sql(statement)
    yield
    for statement in on:
        await connection.exec_driver_sql(statement)


async def refuse_filled(connection: AsyncConnection) -> None:
    """Raises TargetNotEmpty."""
    for of in TABLES:
        if rows := await _count(connection, of):
            raise TargetNotEmpty(table=str(of.name), rows=rows)


async def clear(connection: AsyncConnection) -> None:
    """Take every row out; undone with the transaction."""
    if connection.dialect.name == "postgresql":
        names = ", ".join(f'"{of.name}"' for of in TABLES)
        await connection.execute(text(f"TRUNCATE {names}"))
        return
    for of in reversed(TABLES):
        await connection.execute(of.delete())


async def fill(connection: AsyncConnection, archive: ArchiveReader, tell: Told) -> None:
    """Put every table's rows in. Raises BackupDamaged: a part is not what the list says."""
    listed = {part.table: part for part in archive.manifest.tables}
    if listed.keys() != {of.name for of in TABLES}:
        raise BackupDamaged("tables")
    for of in TABLES:
        part = listed[of.name]
        if part.columns != _columns(of):
            raise BackupDamaged(part.name)
        tell.begin(str(of.name), part.rows)
        rows = 0
        for found in _rows(archive, of, part):
            await put_rows(connection, of, found)
            rows += len(found)
            tell.advance(len(found))
        if rows != part.rows:
            raise BackupDamaged(part.name)


async def check_filled(connection: AsyncConnection, archive: ArchiveReader) -> None:
    """Read every table back. Raises ReadBackDiffers: the database holds something else than was put in."""
    listed = {part.table: part for part in archive.manifest.tables}
    for of in TABLES:
        if await _digest(connection, of) != listed[of.name].sha256:
            raise ReadBackDiffers(str(of.name))


def _rows(archive: ArchiveReader, of: Table, part: TablePart) -> Iterator[list[dict[str, Any]]]:
    """Rows as the tables take them, so many at a time."""
    decoder = msgspec.json.Decoder(tuple[tuple(_kind(of, name) for name in part.columns)])  # type: ignore[misc]
    for lines in archive.lines(part):
        try:
            held: list[tuple[Any, ...]] = decoder.decode_lines(lines)
        except msgspec.MsgspecError as broken:
            raise BackupDamaged(part.name) from broken
        for first in range(0, len(held), PART):
            yield [dict(zip(part.columns, row, strict=True)) for row in held[first : first + PART]]


async def _lines(connection: AsyncConnection, of: Table) -> AsyncIterator[bytes]:
    """The table's rows in the order of its key, many lines at a time."""
    keys = [_ordered(connection, column) for column in of.primary_key.columns]
    asked = select(*(of.c[name] for name in _columns(of))).order_by(*keys)
    async with connection.stream(asked, execution_options={"yield_per": PART}) as found:
        async for part in found.partitions():
            yield _encode([tuple(row) for row in part])


async def _digest(connection: AsyncConnection, of: Table) -> str:
    digest = hashlib.sha256()
    async for chunk in _lines(connection, of):
        digest.update(chunk)
    return digest.hexdigest()


async def _count(connection: AsyncConnection, of: Table) -> int:
    return (await connection.execute(select(func.count()).select_from(of))).scalar_one()


def _columns(of: Table) -> tuple[str, ...]:
    """In the order of the alphabet: databases that were altered have them in another."""
    return tuple(sorted(str(name) for name in of.c.keys()))  # noqa: SIM118 - a collection, no mapping


def _kind(of: Table, name: str) -> Any:  # noqa: ANN401 - a type
    column = of.c[name]
    kind = _KINDS[column.type.python_type]
    return kind | None if column.nullable else kind


def _ordered(connection: AsyncConnection, column: Any) -> Any:  # noqa: ANN401 - SQLAlchemy's
    """Text by its bytes, whatever language PostgreSQL sorts in."""
    is_text = _KINDS[column.type.python_type] is str
    return column.collate("C") if is_text and connection.dialect.name == "postgresql" else column
