"""Pools: imports kept as drafts, published versions that never change, and their lists."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final
from uuid import UUID, uuid4

from sqlalchemy import Row, Select, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from exam_api.console_ports import Act, Pools, PoolSummary, StoredVersion
from exam_api.item_ports import PictureFiles
from exam_api.people import Reach
from exam_api.store import audit
from exam_api.store.bulk import put_rows
from exam_api.store.contents import load_version
from exam_api.store.engine import Database
from exam_api.store.lives import load_lives, write_lives
from exam_api.store.tables import (
    InstitutionRow,
    ItemVersionRow,
    PictureRow,
    PoolRow,
    PoolVersionItemRow,
    PoolVersionRow,
    table,
)
from exam_api.store.working_copy import keep_working, locked_pool, owner_of, publish_approved, versions
from question_pools.items import Picture, Pool, PoolVersion
from question_pools.life import vouched
from question_pools.soundness import freeze

INSTITUTION: Final = table(InstitutionRow)
ITEM: Final = table(ItemVersionRow)
HELD: Final = table(PoolVersionItemRow)
PICTURE: Final = table(PictureRow)
POOL: Final = table(PoolRow)
VERSION: Final = table(PoolVersionRow)


class PoolStore(Pools):
    """Pools in the database, their pictures' bytes in files."""

    def __init__(self, database: Database, pictures: PictureFiles) -> None:
        self._database = database
        self._pictures = pictures

    async def pools(self, reach: Reach) -> Sequence[PoolSummary]:
        """What a reach holds, and the department's."""
        asked = _listed()
        if not reach.everywhere:
            own = POOL.c.institution_id.is_not_distinct_from(reach.institution_id)
            asked = asked.where(or_(own, POOL.c.institution_id.is_(None)))
        return await self._summaries(asked)

    async def pool(self, pool_id: UUID) -> PoolSummary | None:
        """One pool as it is listed."""
        found = await self._summaries(_listed().where(POOL.c.id == pool_id))
        return found[0] if found else None

    async def newest(self, pool_id: UUID) -> PoolVersion | None:
        """The newest version, published or draft."""
        return await self._load(versions(pool_id))

    async def published(self, pool_id: UUID) -> PoolVersion | None:
        """The newest published version."""
        return await self._load(versions(pool_id).where(VERSION.c.published_ms > 0))

    async def store(
        self,
        pool: Pool,
        pictures: Sequence[Picture],
        *,
        pool_id: UUID | None,
        institution_id: UUID | None,
        act: Act,
    ) -> StoredVersion:
        """Keep as draft version; content that is there already changes nothing.

        Without `pool_id` it goes into the owner's pool of that code, which is made where there is none.

        Raises BadPool, RecordAway.
        """
        frozen = freeze(pool, 1)
        for picture in pictures:
            await self._pictures.keep(picture.sha256, picture.data)
        async with self._database.writing() as connection:
            held_id = await _held_pool(connection, pool, pool_id, institution_id, act)
            newest = (await connection.execute(versions(held_id))).first()
            if newest is not None and newest.digest == frozen.digest:
                return StoredVersion(pool_id=held_id, number=newest.number, digest=newest.digest)
            await _put_pictures(connection, pictures, act)
            number = await keep_working(connection, held_id, frozen, frozen.items, act)
            stored = StoredVersion(pool_id=held_id, number=number, digest=frozen.digest)
            org = await owner_of(connection, held_id)
            line = _line("pool.stored", stored, act, org, items=len(frozen.items))
            await audit.append(connection, [line])
        return stored

    async def vouch(self, pool_id: UUID, *, act: Act) -> int:
        """Approve all that waits, in another name than its authors'.

        Raises OwnWording (and approves nothing), RecordAway.
        """
        async with self._database.writing() as connection:
            pool = await locked_pool(connection, pool_id)
            if pool is None:
                return 0
            lives = (await load_lives(connection, pool_id)).values()
            changes = [(life, vouched(life, act.actor, act.at_ms)) for life in lives]
            changed = [(before, after) for before, after in changes if before != after]
            await write_lives(connection, pool_id, changed)
            line = audit.Line(
                at_ms=act.at_ms,
                actor=act.actor,
                act="items.vouched",
                object=f"pool:{pool_id}",
                body={"items": len(changed)},
                org=pool.institution_id,
            )
            await audit.append(connection, [line])
        return len(changed)

    async def publish(self, pool_id: UUID, *, act: Act) -> StoredVersion | None:
        """Publish what is approved, or give the newest published version if it holds that; None: no pool.

        Raises NothingApproved, RecordAway.
        """
        async with self._database.writing() as connection:
            pool = await locked_pool(connection, pool_id)
            stored = None if pool is None else await publish_approved(connection, pool, act)
            if pool is not None and stored is not None and stored.is_new:
                org = pool.institution_id
                line = _line("pool.published", stored, act, org, left_out=stored.left_out)
                await audit.append(connection, [line])
        return stored

    async def picture(self, sha256: str) -> Picture | None:
        """A picture with its bytes."""
        async with self._database.reading() as connection:
            mime = await connection.scalar(select(PICTURE.c.mime).where(PICTURE.c.sha256 == sha256))
        if mime is None:
            return None
        data = await self._pictures.read(sha256)
        return None if data is None else Picture(sha256=sha256, mime=mime, data=data)

    async def exported(self, pool_id: UUID, number: int, *, kind: str, items: int, act: Act) -> None:
        """Remember in the audit who took a whole pool with its keys."""
        body: dict[str, str | int] = {"number": number, "format": kind, "items": items}
        line = audit.Line(
            at_ms=act.at_ms, actor=act.actor, act="pool.exported", object=f"pool:{pool_id}", body=body
        )
        async with self._database.writing() as connection:
            await audit.append(connection, [line])

    async def _load(self, asked: Select[Any]) -> PoolVersion | None:
        async with self._database.reading() as connection:
            row = (await connection.execute(asked)).first()
            return None if row is None else await load_version(connection, row.id)

    async def _summaries(self, asked: Select[Any]) -> Sequence[PoolSummary]:
        async with self._database.reading() as connection:
            pools = (await connection.execute(asked)).all()
            ids = [row.id for row in pools]
            versions = await _version_lines(connection, ids)
            kinds = await _kinds(connection, [lines[0].id for lines in versions.values()])
        return [_summary(row, versions.get(row.id, []), kinds) for row in pools]


def _listed() -> Select[Any]:
    own = POOL.outerjoin(INSTITUTION, INSTITUTION.c.id == POOL.c.institution_id)
    return (
        select(POOL, INSTITUTION.c.name.label("institution"))
        .select_from(own)
        .order_by(POOL.c.code, POOL.c.id)
    )


async def _version_lines(connection: AsyncConnection, pools: Sequence[UUID]) -> Mapping[UUID, list[Row[Any]]]:
    asked = select(VERSION).where(VERSION.c.pool_id.in_(pools)).order_by(VERSION.c.number.desc())
    lines: dict[UUID, list[Row[Any]]] = {}
    for row in await connection.execute(asked):
        lines.setdefault(row.pool_id, []).append(row)
    return lines


async def _kinds(connection: AsyncConnection, versions: Sequence[UUID]) -> Mapping[UUID, dict[str, int]]:
    asked = (
        select(HELD.c.pool_version_id, ITEM.c.kind, func.count().label("items"))
        .join(ITEM, ITEM.c.version == HELD.c.version)
        .where(HELD.c.pool_version_id.in_(versions))
        .group_by(HELD.c.pool_version_id, ITEM.c.kind)
        .order_by(ITEM.c.kind)
    )
    counts: dict[UUID, dict[str, int]] = {}
    for row in await connection.execute(asked):
        counts.setdefault(row.pool_version_id, {})[row.kind] = row.items
    return counts


def _summary(row: Row[Any], lines: Sequence[Row[Any]], kinds: Mapping[UUID, dict[str, int]]) -> PoolSummary:
    by_kind = kinds.get(lines[0].id, {}) if lines else {}
    return PoolSummary(
        id=row.id,
        code=row.code,
        title=row.title,
        institution_id=row.institution_id,
        institution=row.institution,
        versions=len(lines),
        published=next((line.number for line in lines if line.published_ms > 0), None),
        items=sum(by_kind.values()),
        by_kind=by_kind,
        updated_ms=max((max(line.made_ms, line.published_ms) for line in lines), default=row.made_ms),
    )


async def _held_pool(
    connection: AsyncConnection, pool: Pool, pool_id: UUID | None, institution_id: UUID | None, act: Act
) -> UUID:
    """The pool to write to, made where there is none, locked against a second import at the same time."""
    if pool_id is None:
        fresh = {
            "id": uuid4(),
            "institution_id": institution_id,
            "code": pool.code,
            "title": pool.title,
            "made_ms": act.at_ms,
        }
        await put_rows(connection, POOL, [fresh])
        wanted = (POOL.c.institution_id.is_not_distinct_from(institution_id), POOL.c.code == pool.code)
    else:
        wanted = (POOL.c.id == pool_id,)
    return (await connection.execute(select(POOL.c.id).where(*wanted).with_for_update())).scalar_one()


async def _put_pictures(connection: AsyncConnection, pictures: Iterable[Picture], act: Act) -> None:
    rows = [
        {"sha256": one.sha256, "mime": one.mime, "size": len(one.data), "made_ms": act.at_ms}
        for one in pictures
    ]
    await put_rows(connection, PICTURE, rows)


def _line(what: str, stored: StoredVersion, act: Act, org: UUID | None, **body: int) -> audit.Line:
    return audit.Line(
        at_ms=act.at_ms,
        actor=act.actor,
        act=what,
        object=f"pool:{stored.pool_id}",
        body={"number": stored.number, "digest": stored.digest, **body},
        org=org,
    )
