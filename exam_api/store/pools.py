"""Pools: imports kept as drafts, published versions that never change, and their lists."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final
from uuid import UUID, uuid4

from sqlalchemy import Row, Select, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from exam_api.console_ports import Act, Pools, PoolSummary, StoredVersion
from exam_api.ports import PictureFiles
from exam_api.store import audit
from exam_api.store.bulk import put_rows
from exam_api.store.contents import item_rows, load_version, write_contents
from exam_api.store.engine import Database
from exam_api.store.tables import (
    InstitutionRow,
    ItemKeyRow,
    ItemVersionRow,
    PictureRow,
    PoolRow,
    PoolVersionItemRow,
    PoolVersionRow,
    table,
)
from question_pools.items import Picture, Pool, PoolVersion
from question_pools.soundness import freeze

INSTITUTION: Final = table(InstitutionRow)
ITEM: Final = table(ItemVersionRow)
ITEM_KEY: Final = table(ItemKeyRow)
HELD: Final = table(PoolVersionItemRow)
PICTURE: Final = table(PictureRow)
POOL: Final = table(PoolRow)
VERSION: Final = table(PoolVersionRow)


class PoolStore(Pools):
    """Pools in the database, their pictures' bytes in files."""

    def __init__(self, database: Database, pictures: PictureFiles) -> None:
        self._database = database
        self._pictures = pictures

    async def pools(self, institution_id: UUID | None) -> Sequence[PoolSummary]:
        """Own and the department's; None: all."""
        asked = _listed()
        if institution_id is not None:
            asked = asked.where(or_(POOL.c.institution_id == institution_id, POOL.c.institution_id.is_(None)))
        return await self._summaries(asked)

    async def pool(self, pool_id: UUID) -> PoolSummary | None:
        """One pool as it is listed."""
        found = await self._summaries(_listed().where(POOL.c.id == pool_id))
        return found[0] if found else None

    async def newest(self, pool_id: UUID) -> PoolVersion | None:
        """The newest version, published or draft."""
        return await self._load(_versions(pool_id))

    async def published(self, pool_id: UUID) -> PoolVersion | None:
        """The newest published version."""
        return await self._load(_versions(pool_id).where(VERSION.c.published_ms > 0))

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
            newest = (await connection.execute(_versions(held_id))).first()
            if newest is not None and newest.digest == frozen.digest:
                return StoredVersion(pool_id=held_id, number=newest.number, digest=newest.digest)
            await _put_pictures(connection, pictures, act)
            await _put_items(connection, frozen)
            number = await _draft(connection, held_id, newest, frozen, act)
            stored = StoredVersion(pool_id=held_id, number=number, digest=frozen.digest)
            org = await _owner(connection, held_id)
            line = _line("pool.stored", stored, act, org, items=len(frozen.items))
            await audit.append(connection, [line])
        return stored

    async def publish(self, pool_id: UUID, *, act: Act) -> StoredVersion | None:
        """Publish the draft, or give the newest published version; None: the pool is empty."""
        async with self._database.writing() as connection:
            await connection.execute(select(POOL.c.id).where(POOL.c.id == pool_id).with_for_update())
            newest = (await connection.execute(_versions(pool_id))).first()
            if newest is None:
                return None
            stored = StoredVersion(pool_id=pool_id, number=newest.number, digest=newest.digest)
            if newest.published_ms == 0:
                await connection.execute(
                    update(VERSION).where(VERSION.c.id == newest.id).values(published_ms=act.at_ms)
                )
                org = await _owner(connection, pool_id)
                await audit.append(connection, [_line("pool.published", stored, act, org)])
        return stored

    async def picture(self, sha256: str) -> Picture | None:
        """A picture with its bytes."""
        async with self._database.reading() as connection:
            mime = await connection.scalar(select(PICTURE.c.mime).where(PICTURE.c.sha256 == sha256))
        if mime is None:
            return None
        data = await self._pictures.read(sha256)
        return None if data is None else Picture(sha256=sha256, mime=mime, data=data)

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


def _versions(pool_id: UUID) -> Select[Any]:
    """Versions of a pool, the newest first; ask for the first row."""
    return select(VERSION).where(VERSION.c.pool_id == pool_id).order_by(VERSION.c.number.desc()).limit(1)


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


async def _draft(
    connection: AsyncConnection, pool_id: UUID, newest: Row[Any] | None, frozen: PoolVersion, act: Act
) -> int:
    """Write the content as the pool's one draft; returns its number."""
    values = {"digest": frozen.digest, "made_ms": act.at_ms}
    if newest is not None and newest.published_ms == 0:
        version_id, number = newest.id, newest.number
        await connection.execute(update(VERSION).where(VERSION.c.id == version_id).values(values))
    else:
        version_id, number = uuid4(), 1 if newest is None else newest.number + 1
        row = {"id": version_id, "pool_id": pool_id, "number": number, "published_ms": 0}
        await connection.execute(insert(VERSION), row | values)
    await write_contents(connection, version_id, frozen)
    return number


async def _put_items(connection: AsyncConnection, frozen: PoolVersion) -> None:
    items, keys = item_rows(frozen.items)
    await put_rows(connection, ITEM, items)
    await put_rows(connection, ITEM_KEY, keys)


async def _put_pictures(connection: AsyncConnection, pictures: Iterable[Picture], act: Act) -> None:
    rows = [
        {"sha256": one.sha256, "mime": one.mime, "size": len(one.data), "made_ms": act.at_ms}
        for one in pictures
    ]
    await put_rows(connection, PICTURE, rows)


async def _owner(connection: AsyncConnection, pool_id: UUID) -> UUID | None:
    """The institution that a pool belongs to; None: the department."""
    owner: UUID | None = await connection.scalar(select(POOL.c.institution_id).where(POOL.c.id == pool_id))
    return owner


def _line(what: str, stored: StoredVersion, act: Act, org: UUID | None, **body: int) -> audit.Line:
    return audit.Line(
        at_ms=act.at_ms,
        actor=act.actor,
        act=what,
        object=f"pool:{stored.pool_id}",
        body={"number": stored.number, "digest": stored.digest, **body},
        org=org,
    )
