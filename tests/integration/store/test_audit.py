"""The audit: gapless, chained, and telling where somebody changed it."""

import asyncio
from uuid import uuid4

import pytest
from sqlalchemy import delete, insert, text, update
from sqlalchemy.exc import IntegrityError

from exam_api.store import audit
from exam_api.store.audit import AUDIT, FIRST, HEAD, Line, first_fault, line_hash
from exam_api.store.engine import Database
from tests.integration.store.builders import NOON_MS


def a_line(act: str = "session.announced") -> Line:
    body = {"rows": 3, "title": "第一场", "open": True, "reason": None}
    return Line(at_ms=NOON_MS, actor=f"staff:{uuid4()}", act=act, object=f"session:{uuid4()}", body=body)


async def append(database: Database, *lines: Line) -> None:
    async with database.writing() as connection:
        await audit.append(connection, lines)


async def fault(database: Database) -> int | None:
    async with database.reading() as connection:
        return await first_fault(connection)


async def test_lines_of_parallel_writers_make_one_chain(database: Database) -> None:
    await append(database)
    await asyncio.gather(*(append(database, a_line(), a_line()) for _ in range(20)))
    assert await fault(database) is None


async def test_the_very_first_lines_may_come_together(database_url: str) -> None:
    fresh = Database(database_url)
    await asyncio.gather(*(append(fresh, a_line()) for _ in range(5)))
    assert await fault(fresh) is None
    await fresh.close()


@pytest.mark.parametrize("way", ["update", "delete"])
async def test_the_database_itself_refuses_to_change_a_line(database: Database, way: str) -> None:
    await append(database, a_line())
    statement = update(AUDIT).values(act="nothing") if way == "update" else delete(AUDIT)
    with pytest.raises(IntegrityError, match="never changed"):
        async with database.writing() as connection:
            await connection.execute(statement)


async def test_an_unused_audit_is_sound(sqlite_database: Database) -> None:
    assert await fault(sqlite_database) is None


CHANGES = {
    "another act": (update(AUDIT).where(AUDIT.c.no == 2).values(act="nothing"), 2),
    "another body": (update(AUDIT).where(AUDIT.c.no == 3).values(body='{"rows":4}'), 3),
    "a line taken out": (delete(AUDIT).where(AUDIT.c.no == 2), 2),
    "the last line taken out": (delete(AUDIT).where(AUDIT.c.no == 4), 4),
    "the first line taken out": (delete(AUDIT).where(AUDIT.c.no == 1), 1),
    "the head set back": (update(HEAD).values(no=3), 5),
}


@pytest.mark.parametrize("change", CHANGES)
async def test_a_change_past_the_guards_is_found_where_it_was_made(
    sqlite_database: Database, change: str
) -> None:
    await append(sqlite_database, *(a_line() for _ in range(4)))
    statement, at = CHANGES[change]
    async with sqlite_database.writing() as connection:
        for guard in ("keep_audit_update", "keep_audit_delete"):
            await connection.execute(text(f"DROP TRIGGER {guard}"))
        await connection.execute(statement)
    assert await fault(sqlite_database) == at


async def test_a_line_added_past_the_chain_is_found(sqlite_database: Database) -> None:
    await append(sqlite_database, a_line())
    forged = a_line()
    row = {
        "no": 2,
        "at_ms": forged.at_ms,
        "actor": forged.actor,
        "act": forged.act,
        "object": forged.object,
        "body": "{}",
        "before": FIRST,
        "hash": line_hash(FIRST, 2, forged),
    }
    async with sqlite_database.writing() as connection:
        await connection.execute(insert(AUDIT), row)
    assert await fault(sqlite_database) == 2
