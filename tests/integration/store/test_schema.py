"""The schema: what the migrations make is what the tables say, and what the golden text shows."""

import asyncio
from pathlib import Path

import pytest
import pytest_asyncio
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, text

from exam_api.store.engine import Database
from exam_api.store.migrate import downgrade, head, pending, upgrade
from exam_api.store.tables import METADATA
from tests.servers import PostgresServer

GOLDEN = Path(__file__).parents[2] / "golden" / "schema.txt"
MADE = Path(__file__).parents[3] / "build" / "golden" / "schema.txt"
"""Where a schema that differs is written, to be read and copied over the golden one."""

COLUMNS = """
SELECT c.table_name, c.column_name, format_type(a.atttypid, a.atttypmod) AS kind, c.is_nullable
FROM information_schema.columns c
JOIN pg_attribute a ON a.attrelid = c.table_name::regclass AND a.attname = c.column_name
WHERE c.table_schema = 'public' ORDER BY c.table_name, c.ordinal_position
"""
CONSTRAINTS = """
SELECT conrelid::regclass::text AS of, conname, pg_get_constraintdef(oid) AS told FROM pg_constraint
WHERE connamespace = 'public'::regnamespace AND contype <> 'n' ORDER BY 1, 2
"""
INDEXES = """
SELECT tablename, indexdef FROM pg_indexes WHERE schemaname = 'public'
AND indexname NOT IN (SELECT conname FROM pg_constraint WHERE contype IN ('p', 'u')) ORDER BY indexname
"""
TRIGGERS = """
SELECT tgrelid::regclass::text AS of, pg_get_triggerdef(oid) AS told FROM pg_trigger
WHERE NOT tgisinternal ORDER BY 1, tgname
"""


def schema_text(connection: Connection) -> str:
    """All tables as PostgreSQL tells them."""
    told: dict[str, list[str]] = {}
    for table, name, kind, nullable in connection.execute(text(COLUMNS)):
        told.setdefault(table, []).append(f"{name} {kind}{'' if nullable == 'YES' else ' not null'}")
    for table, name, constraint in connection.execute(text(CONSTRAINTS)):
        told[table.strip('"')].append(f"{name}: {constraint}")
    for table, index in connection.execute(text(INDEXES)):
        told[table].append(index.replace("public.", ""))
    for table, trigger in connection.execute(text(TRIGGERS)):
        told[table.strip('"')].append(trigger.replace("public.", ""))
    del told["alembic_version"]
    lines = [f"{table}\n" + "".join(f"  {line}\n" for line in told[table]) for table in sorted(told)]
    return "\n".join(lines)


@pytest_asyncio.fixture
async def postgres_schema(postgres_database: Database) -> str:
    async with postgres_database.reading() as connection:
        return await connection.run_sync(schema_text)


@pytest.mark.postgres
def test_the_schema_is_the_one_in_the_golden_file(postgres_schema: str) -> None:
    golden = GOLDEN.read_text(encoding="utf-8")
    if postgres_schema != golden:
        MADE.parent.mkdir(parents=True, exist_ok=True)
        MADE.write_text(postgres_schema, encoding="utf-8")
    assert postgres_schema == golden, f"read the difference to {MADE} like code, then copy it over"


def difference(connection: Connection) -> list[object]:
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return list(compare_metadata(context, METADATA))


async def test_the_migrations_make_what_the_tables_say(database: Database) -> None:
    async with database.reading() as connection:
        assert await connection.run_sync(difference) == []


async def test_the_checks_of_the_tables_are_in_the_migrations(database: Database) -> None:
    """Autogenerate does not compare them."""
    async with database.reading() as connection:
        if database.is_sqlite:
            asked = "SELECT group_concat(sql, ' ') FROM sqlite_master"
        else:
            asked = "SELECT string_agg(conname, ' ') FROM pg_constraint"
        made = await connection.scalar(text(asked))
    named = {str(one.name) for table in METADATA.tables.values() for one in table.constraints}
    assert {name for name in named if name not in str(made)} == set()


def both(tmp_path: Path, server: PostgresServer) -> list[str]:
    return [f"sqlite+aiosqlite:///{tmp_path / 'new.db'}", server.new_database(migrated=False)]


@pytest.mark.postgres
def test_a_database_is_brought_to_the_head_and_back_again(
    tmp_path: Path, postgres_server: PostgresServer
) -> None:
    for url in both(tmp_path, postgres_server):
        assert pending(url)[-1] == head()
        upgrade(url)
        upgrade(url)
        assert pending(url) == ()
        downgrade(url, "base")
        assert pending(url)[-1] == head()
        upgrade(url)
        assert pending(url) == ()


@pytest.mark.postgres
async def test_nodes_that_start_together_migrate_once(
    tmp_path: Path, postgres_server: PostgresServer
) -> None:
    for url in both(tmp_path, postgres_server):
        await asyncio.gather(*(asyncio.to_thread(upgrade, url) for _ in range(3)))
        assert await asyncio.to_thread(pending, url) == ()
