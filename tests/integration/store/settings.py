"""What a session needs around it, written straight into the tables."""

from uuid import UUID, uuid4

import msgspec
from sqlalchemy import insert

from exam_api.store.engine import Database
from exam_api.store.tables import (
    BlueprintRow,
    InstitutionRow,
    PoolRow,
    PoolVersionRow,
    SessionRow,
    table,
)
from tests.integration.store.builders import NOON_MS


class Planned(msgspec.Struct, frozen=True):
    id: UUID
    institution_id: UUID


async def a_planned_session(database: Database) -> Planned:
    planned = Planned(uuid4(), uuid4())
    pool_id, version_id, blueprint_id = uuid4(), uuid4(), uuid4()
    code = planned.id.hex
    async with database.writing() as connection:
        await connection.execute(
            insert(table(InstitutionRow)).values(
                id=planned.institution_id, code=code, name="第一培训学校", made_ms=NOON_MS
            )
        )
        await connection.execute(
            insert(table(PoolRow)).values(
                id=pool_id, institution_id=planned.institution_id, code=code, title="架子工", made_ms=NOON_MS
            )
        )
        await connection.execute(
            insert(table(PoolVersionRow)).values(
                id=version_id,
                pool_id=pool_id,
                number=1,
                digest=code * 2,
                made_ms=NOON_MS,
                published_ms=NOON_MS,
            )
        )
        await connection.execute(
            insert(table(BlueprintRow)).values(
                id=blueprint_id,
                institution_id=planned.institution_id,
                digest=code * 2,
                title="标准卷",
                content="{}",
                made_ms=NOON_MS,
            )
        )
        await connection.execute(
            insert(table(SessionRow)).values(
                id=planned.id,
                institution_id=planned.institution_id,
                title="第一场",
                channel="phone",
                profile="worker",
                profile_confirmed=True,
                pool_version_id=version_id,
                blueprint_id=blueprint_id,
                opens_ms=NOON_MS,
                entry_ms=NOON_MS - 1_800_000,
                latest_entry_ms=NOON_MS + 900_000,
                closes_ms=NOON_MS + 7_200_000,
                length_ms=3_600_000,
                earliest_hand_in_ms=0,
                navigation="free",
                takeover="staff",
                late_hold=True,
                pass_centi=6_000,
                full_centi=10_000,
                state="open",
                room_code="",
                made_ms=NOON_MS,
            )
        )
    return planned
