"""Blueprints: kept by the digest of what they ask for, never changed."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID, uuid4

import msgspec
from sqlalchemy import Row, or_, select

from exam_api.console_ports import Act, Blueprints, StoredBlueprint
from exam_api.people import Reach
from exam_api.store import audit
from exam_api.store.bulk import put_rows
from exam_api.store.engine import Database
from exam_api.store.tables import BlueprintRow, table
from question_pools.blueprint import Blueprint, digest
from question_pools.items import canonical

BLUEPRINT: Final = table(BlueprintRow)


class BlueprintStore(Blueprints):
    """Blueprints of institutions and of the department."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def blueprints(self, reach: Reach) -> Sequence[StoredBlueprint]:
        """What a reach holds, and the department's, newest first."""
        asked = select(BLUEPRINT).order_by(BLUEPRINT.c.made_ms.desc(), BLUEPRINT.c.id)
        if not reach.everywhere:
            owner = BLUEPRINT.c.institution_id
            own = owner.is_not_distinct_from(reach.institution_id)
            asked = asked.where(or_(own, owner.is_(None)))
        async with self._database.reading() as connection:
            return [_stored(row) for row in await connection.execute(asked)]

    async def blueprint(self, blueprint_id: UUID) -> StoredBlueprint | None:
        """One blueprint."""
        async with self._database.reading() as connection:
            asked = select(BLUEPRINT).where(BLUEPRINT.c.id == blueprint_id)
            row = (await connection.execute(asked)).first()
        return None if row is None else _stored(row)

    async def keep_blueprint(
        self, blueprint: Blueprint, *, institution_id: UUID | None, act: Act
    ) -> StoredBlueprint:
        """Immutable by digest: an equal one of the same owner is given back."""
        fresh = {
            "id": uuid4(),
            "institution_id": institution_id,
            "digest": digest(blueprint),
            "title": blueprint.title,
            "content": canonical(blueprint).decode(),
            "made_ms": act.at_ms,
        }
        held = select(BLUEPRINT).where(
            BLUEPRINT.c.institution_id.is_not_distinct_from(institution_id),
            BLUEPRINT.c.digest == fresh["digest"],
        )
        async with self._database.writing() as connection:
            new = await put_rows(connection, BLUEPRINT, [fresh])
            stored = _stored((await connection.execute(held)).one())
            if new:
                line = audit.Line(
                    at_ms=act.at_ms,
                    actor=act.actor,
                    act="blueprint.kept",
                    object=f"blueprint:{stored.id}",
                    body={"digest": stored.digest},
                    org=institution_id,
                )
                await audit.append(connection, [line])
        return stored


def _stored(row: Row[Any]) -> StoredBlueprint:
    return StoredBlueprint(
        id=row.id,
        institution_id=row.institution_id,
        digest=row.digest,
        blueprint=msgspec.json.decode(row.content, type=Blueprint),
    )
