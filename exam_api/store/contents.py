"""What a pool version holds: items with their keys kept apart, and item sets, in order."""

from collections.abc import Iterable
from typing import Any, Final
from uuid import UUID

import msgspec
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from exam_api.store.bulk import put_rows
from exam_api.store.tables import (
    ItemKeyRow,
    ItemVersionRow,
    PoolRow,
    PoolVersionItemRow,
    PoolVersionRow,
    PoolVersionSetRow,
    table,
)
from question_pools.items import Item, ItemSet, PoolVersion, canonical, version_of

ITEM: Final = table(ItemVersionRow)
ITEM_KEY: Final = table(ItemKeyRow)
HELD: Final = table(PoolVersionItemRow)
HELD_SET: Final = table(PoolVersionSetRow)
POOL: Final = table(PoolRow)
VERSION: Final = table(PoolVersionRow)

SECRET: Final = ("key", "rationale", "salt")
"""Fields of an item that lie in a table of their own."""


def item_rows(items: Iterable[Item]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Rows of `item_version` and of `item_key`."""
    public: list[dict[str, Any]] = []
    secret: list[dict[str, Any]] = []
    for item in items:
        version = bytes.fromhex(version_of(item))
        content: dict[str, Any] = msgspec.to_builtins(item)
        kept = {name: content.pop(name) for name in SECRET if name in content}
        public.append(
            {
                "version": version,
                "item_id": item.id,
                "kind": item.kind.value,
                "content": canonical(content).decode(),
            }
        )
        secret.append({"version": version, "secret": canonical(kept).decode()})
    return public, secret


async def write_contents(connection: AsyncConnection, version_id: UUID, frozen: PoolVersion) -> None:
    """Make these the contents of a draft."""
    for of in (HELD, HELD_SET):
        await connection.execute(delete(of).where(of.c.pool_version_id == version_id))
    items = [
        {"pool_version_id": version_id, "position": at, "version": bytes.fromhex(version_of(item))}
        for at, item in enumerate(frozen.items)
    ]
    sets = [
        {"pool_version_id": version_id, "position": at, "content": canonical(one).decode()}
        for at, one in enumerate(frozen.sets)
    ]
    await put_rows(connection, HELD, items)
    await put_rows(connection, HELD_SET, sets)


async def load_version(connection: AsyncConnection, version_id: UUID) -> PoolVersion:
    """A pool version with its keys."""
    head = select(VERSION.c.number, VERSION.c.digest, POOL.c.code).join(POOL, POOL.c.id == VERSION.c.pool_id)
    row = (await connection.execute(head.where(VERSION.c.id == version_id))).one()
    items = (
        select(ITEM.c.content, ITEM_KEY.c.secret)
        .select_from(HELD)
        .join(ITEM, ITEM.c.version == HELD.c.version)
        .join(ITEM_KEY, ITEM_KEY.c.version == HELD.c.version)
        .where(HELD.c.pool_version_id == version_id)
        .order_by(HELD.c.position)
    )
    sets = (
        select(HELD_SET.c.content)
        .where(HELD_SET.c.pool_version_id == version_id)
        .order_by(HELD_SET.c.position)
    )
    return PoolVersion(
        pool_code=row.code,
        number=row.number,
        digest=row.digest,
        items=tuple(item_of(one.content, one.secret) for one in await connection.execute(items)),
        sets=tuple(
            msgspec.json.decode(one, type=ItemSet) for one in (await connection.execute(sets)).scalars()
        ),
    )


def item_of(content: str, secret: str) -> Item:
    """An item from its two halves."""
    whole = msgspec.json.decode(content, type=dict[str, Any]) | msgspec.json.decode(
        secret, type=dict[str, Any]
    )
    return msgspec.convert(whole, Item)
