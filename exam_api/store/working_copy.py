"""The working copy of a pool: its one draft version, written by imports and authors, frozen by publishing."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID, uuid4

from sqlalchemy import Row, Select, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from exam_api.console_ports import Act, StoredVersion
from exam_api.store.bulk import put_rows
from exam_api.store.contents import item_rows, load_version, write_contents
from exam_api.store.lives import load_publishable, take_up
from exam_api.store.tables import ItemKeyRow, ItemVersionRow, PoolRow, PoolVersionRow, table
from question_pools.errors import NothingApproved
from question_pools.items import Item, Pool, PoolVersion
from question_pools.life import standing
from question_pools.soundness import freeze

ITEM: Final = table(ItemVersionRow)
ITEM_KEY: Final = table(ItemKeyRow)
POOL: Final = table(PoolRow)
VERSION: Final = table(PoolVersionRow)


def versions(pool_id: UUID) -> Select[Any]:
    """Versions of a pool, the newest first; ask for the first row."""
    return select(VERSION).where(VERSION.c.pool_id == pool_id).order_by(VERSION.c.number.desc()).limit(1)


async def locked_pool(connection: AsyncConnection, pool_id: UUID) -> Row[Any] | None:
    """A pool, held against everybody else who would write its working copy."""
    return (await connection.execute(select(POOL).where(POOL.c.id == pool_id).with_for_update())).first()


async def owner_of(connection: AsyncConnection, pool_id: UUID) -> UUID | None:
    """The institution that a pool belongs to; None: the department."""
    owner: UUID | None = await connection.scalar(select(POOL.c.institution_id).where(POOL.c.id == pool_id))
    return owner


async def keep_working(
    connection: AsyncConnection, pool_id: UUID, frozen: PoolVersion, fresh: Sequence[Item], act: Act
) -> int:
    """Make this the pool's working copy; returns its number.

    The pool must be held. `fresh`: the items whose wording may be new.
    """
    items, keys = item_rows(fresh)
    await put_rows(connection, ITEM, items)
    await put_rows(connection, ITEM_KEY, keys)
    newest = (await connection.execute(versions(pool_id))).first()
    number = await _draft(connection, pool_id, newest, frozen, act)
    await take_up(connection, pool_id, frozen, act)
    return number


async def _draft(
    connection: AsyncConnection, pool_id: UUID, newest: Row[Any] | None, frozen: PoolVersion, act: Act
) -> int:
    """Write the content as the pool's one draft; returns its number."""
    if newest is None or newest.published_ms > 0:
        number = 1 if newest is None else newest.number + 1
        await _new_version(connection, pool_id, number, frozen, act)
        return number
    await _rewrite(connection, newest.id, frozen, act)
    return newest.number


async def _rewrite(connection: AsyncConnection, version_id: UUID, frozen: PoolVersion, act: Act) -> None:
    values = {"digest": frozen.digest, "made_ms": act.at_ms}
    await connection.execute(update(VERSION).where(VERSION.c.id == version_id).values(values))
    await write_contents(connection, version_id, frozen)


async def _new_version(
    connection: AsyncConnection, pool_id: UUID, number: int, frozen: PoolVersion, act: Act
) -> UUID:
    version_id = uuid4()
    row = {"id": version_id, "pool_id": pool_id, "number": number, "published_ms": 0}
    await connection.execute(insert(VERSION), row | {"digest": frozen.digest, "made_ms": act.at_ms})
    await write_contents(connection, version_id, frozen)
    return version_id


async def publish_approved(connection: AsyncConnection, pool: Row[Any], act: Act) -> StoredVersion | None:
    """Freeze what is approved as the next published version; what is left out waits in a new working copy.

    The pool must be held. Gives the newest published version where it holds just that; None: an empty pool.

    Raises NothingApproved.
    """
    newest = (await connection.execute(versions(pool.id))).first()
    if newest is None:
        return None
    chosen, lives = await load_publishable(connection, pool.id)
    if not chosen.items:
        held = standing(lives)
        raise NothingApproved(drafts=held.drafts, reviewed=held.reviewed, retired=held.retired)
    frozen = freeze(Pool(pool.code, pool.title, chosen.items, chosen.sets), 1)
    before = (await connection.execute(versions(pool.id).where(VERSION.c.published_ms > 0))).first()
    if before is not None and before.digest == frozen.digest:
        return _stored(pool.id, before.number, before.digest, chosen.left_out, is_new=False)
    number, version_id = newest.number, newest.id
    if newest.published_ms > 0:
        number += 1
        version_id = await _new_version(connection, pool.id, number, frozen, act)
    if newest.digest != frozen.digest:
        working = await load_version(connection, newest.id)
        if newest.published_ms == 0:
            await _rewrite(connection, version_id, frozen, act)
        await _publish_version(connection, version_id, act)
        await _new_version(connection, pool.id, number + 1, working, act)
    else:
        await _publish_version(connection, version_id, act)
    return _stored(pool.id, number, frozen.digest, chosen.left_out, is_new=True)


async def _publish_version(connection: AsyncConnection, version_id: UUID, act: Act) -> None:
    await connection.execute(update(VERSION).where(VERSION.c.id == version_id).values(published_ms=act.at_ms))


def _stored(pool_id: UUID, number: int, digest: str, left_out: int, *, is_new: bool) -> StoredVersion:
    return StoredVersion(pool_id=pool_id, number=number, digest=digest, left_out=left_out, is_new=is_new)
