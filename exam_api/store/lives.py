"""Lives of items in the database: taken up when a working copy is written, read, and written back."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import msgspec
from sqlalchemy import Row, bindparam, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from exam_api.console_ports import Act
from exam_api.store.bulk import put_rows
from exam_api.store.contents import item_of
from exam_api.store.tables import ItemKeyRow, ItemVersionRow, ItemWordingRow, PoolItemRow, table
from question_pools.items import Item, ItemSet, PoolVersion, canonical, version_of
from question_pools.life import (
    Life,
    Publishable,
    Retirement,
    State,
    Wording,
    publishable,
    set_life_id,
    set_version,
    worded,
)

POOL_ITEM: Final = table(PoolItemRow)
WORDING: Final = table(ItemWordingRow)
ITEM: Final = table(ItemVersionRow)
ITEM_KEY: Final = table(ItemKeyRow)

SET_KIND: Final = "set"
"""Kind under which the material of a set is listed."""


class Piece(msgspec.Struct, frozen=True, kw_only=True):
    """An item or the material of a set as the working copy holds it: columns of `pool_item`."""

    item_id: str
    place: int
    version: bytes
    kind: str
    outline: str = ""
    difficulty: int = 0
    set_id: str = ""
    text: str
    material: str = ""


def searched(item: Item) -> str:
    """What an item is found by."""
    return "\n".join([item.stem, *(option.text for option in item.options)]).lower().replace("\0", "")


def pieces(frozen: PoolVersion) -> list[Piece]:
    """What of a working copy has a life."""
    items = [
        Piece(
            item_id=item.id,
            place=place,
            version=bytes.fromhex(version_of(item)),
            kind=item.kind.value,
            outline=item.outline,
            difficulty=item.difficulty,
            set_id=item.set_id or "",
            text=searched(item),
        )
        for place, item in enumerate(frozen.items)
    ]
    sets = [
        Piece(
            item_id=set_life_id(one.id),
            place=place,
            version=bytes.fromhex(set_version(one)),
            kind=SET_KIND,
            set_id=one.id,
            text=one.stem.lower(),
            material=canonical(one).decode(),
        )
        for place, one in enumerate(frozen.sets)
    ]
    return [*items, *sets]


async def take_up(connection: AsyncConnection, pool_id: UUID, frozen: PoolVersion, act: Act) -> None:
    """Give every new wording of a working copy its life: a draft of whoever writes it."""
    held = await load_lives(connection, pool_id, forgotten=True)
    places = await _places(connection, pool_id)
    now = {piece.item_id: piece for piece in pieces(frozen)}
    lives = {
        piece.item_id: worded(
            held.get(piece.item_id), piece.item_id, piece.version.hex(), act.actor, act.at_ms
        )
        for piece in now.values()
    }
    fresh = [
        _wording_row(pool_id, life, life.newest, now[life.item_id].material)
        for life in lives.values()
        if life.item_id not in held or len(life.wordings) > len(held[life.item_id].wordings)
    ]
    await put_rows(connection, WORDING, fresh)
    changed = [
        _item_row(pool_id, now[life.item_id], life)
        for life in lives.values()
        if held.get(life.item_id) != life or places.get(life.item_id) != now[life.item_id].place
    ]
    gone = [item_id for item_id in places if item_id not in now]
    await _forget(connection, pool_id, [*gone, *(row["item_id"] for row in changed)])
    await put_rows(connection, POOL_ITEM, changed)


async def _places(connection: AsyncConnection, pool_id: UUID) -> Mapping[str, int]:
    asked = select(POOL_ITEM.c.item_id, POOL_ITEM.c.place).where(POOL_ITEM.c.pool_id == pool_id)
    return {row.item_id: row.place for row in await connection.execute(asked)}


async def _forget(connection: AsyncConnection, pool_id: UUID, item_ids: Sequence[str]) -> None:
    """Take rows of the working copy away; the wordings stay."""
    if not item_ids:
        return
    statement = delete(POOL_ITEM).where(
        POOL_ITEM.c.pool_id == pool_id, POOL_ITEM.c.item_id == bindparam("gone")
    )
    await connection.execute(statement, [{"gone": item_id} for item_id in item_ids])


def _wording_row(pool_id: UUID, life: Life, one: Wording, material: str) -> dict[str, Any]:
    return {
        "pool_id": pool_id,
        "version": bytes.fromhex(one.version),
        "item_id": life.item_id,
        "number": one.number,
        "author": one.author,
        "made_ms": one.made_ms,
        "material": material,
    } | _how_far(one)


def _how_far(one: Wording) -> dict[str, Any]:
    return {
        "state": one.state.value,
        "reviewer": one.reviewer,
        "reviewed_ms": one.reviewed_ms,
        "approver": one.approver,
        "approved_ms": one.approved_ms,
    }


def _item_row(pool_id: UUID, piece: Piece, life: Life) -> dict[str, Any]:
    row: dict[str, Any] = {"pool_id": pool_id} | msgspec.structs.asdict(piece) | _standing_of(life)
    del row["material"]
    return row


def _standing_of(life: Life) -> dict[str, Any]:
    gone = life.retired
    return {
        "state": life.state.value,
        "retired_ms": gone.at_ms if gone else 0,
        "retired_by": gone.by if gone else "",
        "retired_reason": gone.reason if gone else "",
    }


async def load_lives(
    connection: AsyncConnection,
    pool_id: UUID,
    item_ids: Sequence[str] | None = None,
    *,
    forgotten: bool = False,
) -> dict[str, Life]:
    """Lives of a pool's working copy by id, in its order; without `item_ids` of all.

    With `forgotten` also of what the working copy no longer holds (`working` is empty then).
    """
    of = WORDING.join(
        POOL_ITEM,
        (WORDING.c.pool_id == POOL_ITEM.c.pool_id) & (WORDING.c.item_id == POOL_ITEM.c.item_id),
        isouter=forgotten,
    )
    asked = (
        select(
            WORDING,
            POOL_ITEM.c.version.label("working"),
            POOL_ITEM.c.retired_ms,
            POOL_ITEM.c.retired_by,
            POOL_ITEM.c.retired_reason,
        )
        .select_from(of)
        .where(WORDING.c.pool_id == pool_id)
        .order_by(POOL_ITEM.c.place, WORDING.c.item_id, WORDING.c.number)
    )
    if item_ids is not None:
        asked = asked.where(WORDING.c.item_id.in_(item_ids))
    rows: dict[str, list[Row[Any]]] = {}
    for row in await connection.execute(asked):
        rows.setdefault(row.item_id, []).append(row)
    return {item_id: _life(item_id, held) for item_id, held in rows.items()}


def _life(item_id: str, rows: Sequence[Row[Any]]) -> Life:
    first = rows[0]
    gone = bool(first.retired_ms)
    return Life(
        item_id=item_id,
        wordings=tuple(_wording(row) for row in rows),
        working=first.working.hex() if first.working else "",
        retired=Retirement(first.retired_by, first.retired_ms, first.retired_reason) if gone else None,
    )


def _wording(row: Row[Any]) -> Wording:
    return Wording(
        version=row.version.hex(),
        number=row.number,
        state=State(row.state),
        author=row.author,
        made_ms=row.made_ms,
        reviewer=row.reviewer,
        reviewed_ms=row.reviewed_ms,
        approver=row.approver,
        approved_ms=row.approved_ms,
    )


async def write_lives(
    connection: AsyncConnection, pool_id: UUID, changes: Iterable[tuple[Life, Life]]
) -> None:
    """Write lives back after a step, given before and after; who wrote what never changes."""
    items: list[dict[str, Any]] = []
    wordings: list[dict[str, Any]] = []
    for before, after in changes:
        if before != after:
            items.append({"held_item": after.item_id} | _standing_of(after))
        wordings += [
            {"held_version": bytes.fromhex(new.version)} | _how_far(new)
            for old, new in zip(before.wordings, after.wordings, strict=True)
            if old != new
        ]
    if wordings:
        mine = (WORDING.c.pool_id == pool_id, WORDING.c.version == bindparam("held_version"))
        await connection.execute(update(WORDING).where(*mine).values(_named(wordings)), wordings)
    if items:
        mine = (POOL_ITEM.c.pool_id == pool_id, POOL_ITEM.c.item_id == bindparam("held_item"))
        await connection.execute(update(POOL_ITEM).where(*mine).values(_named(items)), items)


def _named(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {name: bindparam(name) for name in rows[0] if not name.startswith("held_")}


async def approved_contents(
    connection: AsyncConnection, pool_id: UUID
) -> tuple[dict[str, Item], dict[str, ItemSet]]:
    """Every approved wording of a pool: items and materials, by version."""
    approved = (WORDING.c.pool_id == pool_id, WORDING.c.state == State.APPROVED.value)
    items = (
        select(ITEM.c.version, ITEM.c.content, ITEM_KEY.c.secret)
        .select_from(WORDING)
        .join(ITEM, ITEM.c.version == WORDING.c.version)
        .join(ITEM_KEY, ITEM_KEY.c.version == WORDING.c.version)
        .where(*approved)
    )
    sets = select(WORDING.c.version, WORDING.c.material).where(*approved, WORDING.c.material != "")
    return (
        {row.version.hex(): item_of(row.content, row.secret) for row in await connection.execute(items)},
        {
            row.version.hex(): msgspec.json.decode(row.material, type=ItemSet)
            for row in await connection.execute(sets)
        },
    )


async def load_publishable(connection: AsyncConnection, pool_id: UUID) -> tuple[Publishable, list[Life]]:
    """What of a pool may be published now, and all its lives."""
    lives = await load_lives(connection, pool_id)
    items, sets = await approved_contents(connection, pool_id)
    return publishable(lives, lives, items, sets), list(lives.values())
