"""Many rows at once are checked like one: what fits no column is refused, not cut."""

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from exam_api.store.bulk import put_rows
from exam_api.store.engine import Database
from exam_api.store.tables import InstitutionRow, table
from tests.integration.store.test_engine import an_institution_row

INSTITUTION = table(InstitutionRow)


async def test_text_longer_than_its_column_is_refused_by_postgresql_and_nothing_is_kept(
    postgres_database: Database,
) -> None:
    longest = INSTITUTION.c.name.type.length

    async def names() -> int:
        async with postgres_database.reading() as connection:
            return (await connection.execute(select(func.count()).select_from(INSTITUTION))).scalar_one()

    async def put(name: str) -> None:
        async with postgres_database.writing() as connection:
            await put_rows(connection, INSTITUTION, [an_institution_row(name)])

    before = await names()
    with pytest.raises(DBAPIError, match="too long"):
        await put("校" * (longest + 1))
    assert await names() == before
    await put("校" * longest)
    assert await names() == before + 1
