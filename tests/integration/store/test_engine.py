"""Transactions: one writer at a time, nothing half, and absence told apart from mistakes."""

import asyncio
import socket
import threading
from uuid import uuid4

import pytest
from sqlalchemy import func, insert, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from exam_api.errors import RecordAway
from exam_api.store.engine import Database
from exam_api.store.record import RecordStore
from exam_api.store.results import ResultStore
from exam_api.store.tables import InstitutionRow, StaffRow, table
from tests.integration.store.builders import NOON_MS, Story, a_result, an_op
from tests.servers import PostgresServer

INSTITUTION = table(InstitutionRow)
STAFF = table(StaffRow)


def an_institution_row(name: str = "学校") -> dict[str, object]:
    return {"id": uuid4(), "name": name, "made_ms": NOON_MS}


async def test_a_block_that_raises_leaves_nothing_behind(database: Database) -> None:
    row = an_institution_row()

    async def write_and_fail() -> None:
        async with database.writing() as connection:
            await connection.execute(insert(INSTITUTION), row)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await write_and_fail()
    async with database.reading() as connection:
        assert (
            await connection.scalar(select(INSTITUTION.c.name).where(INSTITUTION.c.id == row["id"])) is None
        )


async def test_reading_cannot_write_on_postgresql(postgres_database: Database) -> None:
    with pytest.raises(DBAPIError, match="read-only"):
        async with postgres_database.reading() as connection:
            await connection.execute(insert(INSTITUTION), an_institution_row())


async def test_a_server_that_lets_nobody_write_is_away(postgres_database: Database) -> None:
    async def write() -> None:
        async with postgres_database.writing() as connection:
            await connection.execute(text("SET TRANSACTION READ ONLY"))  # as all are on a standby
            await connection.execute(insert(INSTITUTION), an_institution_row())

    with pytest.raises(RecordAway):
        await write()


async def test_forty_who_read_and_then_write_do_not_overtake_each_other(
    sqlite_database: Database, sqlite_url: str
) -> None:
    other = Database(sqlite_url)

    async def take_next(held: Database) -> None:
        async with held.writing() as connection:
            taken = (await connection.execute(select(func.count()).select_from(INSTITUTION))).scalar_one()
            await connection.execute(insert(INSTITUTION), an_institution_row(f"{taken + 1}"))

    await asyncio.gather(*(take_next(held) for _ in range(20) for held in (sqlite_database, other)))
    await other.close()
    async with sqlite_database.reading() as connection:
        names = (await connection.execute(select(INSTITUTION.c.name))).scalars().all()
    assert sorted(map(int, names)) == list(range(1, 41))


async def test_readers_do_not_wait_for_the_writer_of_sqlite(sqlite_database: Database) -> None:
    async with sqlite_database.writing() as writer:
        await writer.execute(insert(INSTITUTION), an_institution_row())
        async with sqlite_database.reading() as reader:  # one that waits is refused in the end
            assert await reader.scalar(select(func.count()).select_from(INSTITUTION)) == 0


@pytest.mark.parametrize(
    ("pragma", "value"),
    [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("busy_timeout", 10_000)],
)
async def test_every_sqlite_connection_is_set_up(
    sqlite_database: Database, pragma: str, value: object
) -> None:
    async with sqlite_database.reading(), sqlite_database.reading() as second:
        assert await second.scalar(text(f"PRAGMA {pragma}")) == value


async def test_a_row_that_refers_to_nothing_is_refused_by_name(database: Database) -> None:
    row = {
        "id": uuid4(),
        "login": uuid4().hex,
        "name": "何主任",
        "role": "invigilator",
        "institution_id": uuid4(),
        "password_hash": "",
        "made_ms": NOON_MS,
        "disabled_ms": 0,
    }
    with pytest.raises(IntegrityError):
        async with database.writing() as connection:
            await connection.execute(insert(STAFF), row)
    with pytest.raises(IntegrityError, match="ck_staff_institution_by_role"):
        async with database.writing() as connection:
            await connection.execute(insert(STAFF), row | {"institution_id": None})


async def test_a_mistake_in_a_statement_is_not_taken_for_an_absent_database(database: Database) -> None:
    with pytest.raises(DBAPIError):
        async with database.reading() as connection:
            await connection.execute(text("SELECT nothing FROM nowhere"))


async def test_a_full_disk_is_told_as_an_absent_record(sqlite_database: Database) -> None:
    results = ResultStore(sqlite_database)
    async with sqlite_database.reading() as connection:
        pages = await connection.scalar(text("PRAGMA page_count"))
        await connection.execute(text(f"PRAGMA max_page_count = {pages}"))
    with pytest.raises(RecordAway):
        await asyncio.gather(*(results.put(a_result(answers=bytes(4_000))) for _ in range(100)))


@pytest.mark.parametrize(
    "url",
    [
        "sqlite+aiosqlite:////nowhere/at/all/kaowu.db",
        "postgresql+asyncpg://kaowu@127.0.0.1:9/kaowu",  # nobody listens there: the same port in every worker
        "postgresql+asyncpg://kaowu@/kaowu?host=/nowhere",
    ],
)
async def test_a_database_that_is_not_there_is_told_at_once(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("exam_api.store.engine.CONNECT_S", 600.0)  # whoever waits for it is found out
    database = Database(url)
    for transaction in (database.reading, database.writing):
        with pytest.raises(RecordAway):
            async with asyncio.timeout(20), transaction():
                pass
    await database.close()
    for thread in threading.enumerate():
        if "_connection_worker_thread" in thread.name:  # of aiosqlite, which does not wait for it here
            await asyncio.to_thread(thread.join, 1)


async def test_a_server_that_never_answers_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("exam_api.store.engine.CONNECT_S", 0.2)

    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        database = Database(f"postgresql+asyncpg://kaowu@127.0.0.1:{port}/kaowu")
        with pytest.raises(RecordAway):
            async with asyncio.timeout(60), database.reading():
                pass
        await database.close()


@pytest.mark.postgres
async def test_postgresql_that_stops_is_away_and_comes_back(
    postgres_server: PostgresServer, postgres_database: Database
) -> None:
    results, record = ResultStore(postgres_database), RecordStore(postgres_database)
    before, during = a_result(), a_result()
    story = Story().started().ops([an_op(1)])
    await results.put(before)
    async with postgres_database.reading(), postgres_database.reading():
        pass  # two connections lie in the pool when the server goes
    postgres_server.stop()
    try:
        told = await asyncio.gather(
            *(results.put(during) for _ in range(20)),
            record.write_log(story.entries),
            results.of_attempt(before.attempt_id),
            return_exceptions=True,
        )
        assert {type(one) for one in told} == {RecordAway}
    finally:
        postgres_server.start()  # not in a thread: the kernel ends the server with the thread that started it
    await results.put(during)
    await record.write_log(story.entries)
    assert await results.of_attempt(before.attempt_id) == [before]
    assert await results.of_attempt(during.attempt_id) == [during]
    assert len(await record.held(story.session_id)) == 1


@pytest.mark.postgres
async def test_a_connection_the_server_closed_is_replaced_without_anybody_noticing(
    kept_postgres_url: str,
) -> None:
    victim, other = Database(kept_postgres_url), Database(kept_postgres_url)
    async with victim.reading() as connection:
        pid = await connection.scalar(text("SELECT pg_backend_pid()"))
    async with other.writing() as connection:
        await connection.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
    await asyncio.sleep(0.05)
    async with victim.reading() as connection:
        assert await connection.scalar(text("SELECT pg_backend_pid()")) != pid
    await victim.close()
    await other.close()


@pytest.mark.postgres
async def test_a_commit_cut_off_half_way_is_repeated_without_harm(postgres_database: Database) -> None:
    """The worst moment: rows written, the connection gone before the commit is known."""
    record = RecordStore(postgres_database)
    story = Story().started().ops([an_op(1), an_op(2)])
    with pytest.raises(RecordAway):
        async with postgres_database.writing() as connection:
            await connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
    await record.write_log(story.entries)
    await record.write_log(story.entries)
    (held,) = await record.held(story.session_id)
    assert len(held.ops) == 2 * 39


async def test_sqlite_held_by_another_process_is_waited_for_and_then_away(
    sqlite_database: Database, sqlite_url: str
) -> None:
    other = Database(sqlite_url)
    async with sqlite_database.reading() as connection:
        await connection.execute(text("PRAGMA busy_timeout = 50"))
    async with other.writing():
        with pytest.raises(RecordAway):
            async with sqlite_database.writing():
                pass
    async with sqlite_database.writing():
        pass
    await other.close()


async def test_after_closing_no_thread_of_the_driver_is_left_even_of_one_who_was_cut_off(
    sqlite_url: str,
) -> None:
    async def write(held: Database) -> None:
        async with held.writing() as connection:
            await connection.execute(insert(INSTITUTION), an_institution_row())

    before = set(threading.enumerate())
    for steps in range(12):
        held = Database(sqlite_url)
        task = asyncio.create_task(write(held))
        for _ in range(steps):
            await asyncio.sleep(0.0005)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await held.close()
        left = {one for one in threading.enumerate() if "_connection_worker_thread" in one.name}
        assert left <= before
