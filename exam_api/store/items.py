"""Items of a pool in the database: found, read with their history, written, judged, commented on."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Row, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from exam_api.console_ports import Act
from exam_api.item_ports import Comment, FoundItems, ItemLine, ItemQuery, Items, ItemSheet, Worded
from exam_api.store import audit
from exam_api.store.contents import item_of, load_version
from exam_api.store.engine import Database
from exam_api.store.item_search import COMMENT, ITEM, POOL_ITEM, WORDING, conditions, counts, lines
from exam_api.store.lives import load_lives, write_lives
from exam_api.store.tables import ItemKeyRow, StaffRow, table
from exam_api.store.working_copy import keep_working, locked_pool, owner_of, versions
from question_pools.errors import PoolsError, WordingMoved
from question_pools.items import Item, ItemSet, Pool, version_of
from question_pools.life import Hand, Life, Standing, State, Step, stepped
from question_pools.soundness import freeze

ITEM_KEY: Final = table(ItemKeyRow)
STAFF: Final = table(StaffRow)

STAFF_ACTOR: Final = "staff:"
"""How the audit names staff: this and the account's id."""

DONE: Final[Mapping[Step, str]] = {
    Step.REVIEW: "item.reviewed",
    Step.APPROVE: "item.approved",
    Step.SEND_BACK: "item.sent-back",
    Step.RETIRE: "item.retired",
    Step.RESTORE: "item.restored",
}
"""As the audit names steps."""


class ItemStore(Items):
    """Items through their life."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def found(self, pool_id: UUID, query: ItemQuery) -> FoundItems:
        """In the order of the working copy."""
        async with self._database.reading() as connection:
            total = await connection.scalar(
                select(func.count()).select_from(POOL_ITEM).where(*conditions(pool_id, query))
            )
            rows = (await connection.execute(lines(pool_id, query))).all()
            ids = [row.item_id for row in rows]
            counted = {row.item_id: row for row in await connection.execute(counts(pool_id, ids))}
        return FoundItems(total=total or 0, lines=[_line(row, counted[row.item_id]) for row in rows])

    async def standing(self, pool_id: UUID) -> Standing:
        """How many items stand where."""
        asked = (
            select(POOL_ITEM.c.state, func.count().label("items"))
            .where(POOL_ITEM.c.pool_id == pool_id)
            .group_by(POOL_ITEM.c.state)
        )
        async with self._database.reading() as connection:
            held = {row.state: row.items for row in await connection.execute(asked)}
        return Standing(
            drafts=held.get(State.DRAFT, 0),
            reviewed=held.get(State.REVIEWED, 0),
            approved=held.get(State.APPROVED, 0),
            retired=held.get(State.RETIRED, 0),
        )

    async def sheet(self, pool_id: UUID, item_id: str) -> ItemSheet | None:
        """An item with every wording it had."""
        async with self._database.reading() as connection:
            life = (await load_lives(connection, pool_id, [item_id])).get(item_id)
            if life is None:
                return None
            contents = await _contents(connection, pool_id, item_id)
        worded = [
            Worded(
                wording=one,
                item=_item(contents[one.version]),
                material=_material(contents[one.version]),
            )
            for one in life.wordings
        ]
        return ItemSheet(life=life, worded=worded)

    async def step(  # noqa: PLR0913 - the port's
        self, pool_id: UUID, item_ids: Sequence[str], step: Step, hand: Hand, *, reason: str, act: Act
    ) -> Mapping[str, Exception]:
        """Take a step with each item; what is refused is named and the rest done."""
        refused: dict[str, Exception] = {}
        async with self._database.writing() as connection:
            pool = await locked_pool(connection, pool_id)
            lives = await load_lives(connection, pool_id, item_ids)
            done: list[tuple[Life, Life]] = []
            for item_id in dict.fromkeys(item_ids):
                if item_id not in lives:
                    continue
                try:
                    done.append((lives[item_id], stepped(lives[item_id], step, hand, act.at_ms, reason)))
                except PoolsError as refusal:
                    refused[item_id] = refusal
            await write_lives(connection, pool_id, done)
            org = None if pool is None else pool.institution_id
            await audit.append(
                connection,
                [_told(DONE[step], pool_id, after, act, org) for _, after in done],
            )
        return refused

    async def write(self, pool_id: UUID, item: Item, *, base: str, act: Act) -> None:
        """Put a wording into the working copy; with an empty `base` as a new item.

        Raises BadPool, WordingMoved.
        """
        async with self._database.writing() as connection:
            pool = await locked_pool(connection, pool_id)
            if pool is None:
                raise WordingMoved(item.id)
            newest = (await connection.execute(versions(pool_id))).first()
            held = None if newest is None else await load_version(connection, newest.id)
            items, sets = ((), ()) if held is None else (held.items, held.sets)
            before = next((one for one in items if one.id == item.id), None)
            if (version_of(before) if before else "") != base:
                raise WordingMoved(item.id)
            if before == item:
                return
            after = tuple(item if one.id == item.id else one for one in items) if before else (*items, item)
            frozen = freeze(Pool(pool.code, pool.title, after, sets), 1)
            await keep_working(connection, pool_id, frozen, [item], act)
            life = (await load_lives(connection, pool_id, [item.id]))[item.id]
            line = _told("item.worded", pool_id, life, act, pool.institution_id)
            await audit.append(connection, [line])

    async def comment(self, pool_id: UUID, comment: Comment, *, act: Act) -> None:
        """Keep what somebody says about an item."""
        row = {
            "id": comment.id,
            "pool_id": pool_id,
            "item_id": comment.item_id,
            "version": bytes.fromhex(comment.version),
            "by": comment.by,
            "at_ms": comment.at_ms,
            "text": comment.text.replace("\0", ""),
        }
        async with self._database.writing() as connection:
            await connection.execute(insert(COMMENT), row)
            line = audit.Line(
                at_ms=act.at_ms,
                actor=act.actor,
                act="item.commented",
                object=f"item:{pool_id}/{comment.item_id}",
                body={"comment": str(comment.id)},
                org=await owner_of(connection, pool_id),
            )
            await audit.append(connection, [line])

    async def comments(self, pool_id: UUID, item_id: str) -> Sequence[Comment]:
        """Oldest first."""
        asked = (
            select(COMMENT)
            .where(COMMENT.c.pool_id == pool_id, COMMENT.c.item_id == item_id)
            .order_by(COMMENT.c.at_ms, COMMENT.c.id)
        )
        async with self._database.reading() as connection:
            rows = (await connection.execute(asked)).all()
        return [
            Comment(
                id=row.id,
                item_id=row.item_id,
                version=row.version.hex(),
                by=row.by,
                at_ms=row.at_ms,
                text=row.text,
            )
            for row in rows
        ]

    async def names(self, actors: Collection[str]) -> Mapping[str, str]:
        """Names of `staff:<uuid>`; others are left out."""
        ids = {UUID(one.removeprefix(STAFF_ACTOR)) for one in actors if one.startswith(STAFF_ACTOR)}
        asked = select(STAFF.c.id, STAFF.c.name).where(STAFF.c.id.in_(ids))
        async with self._database.reading() as connection:
            return {f"{STAFF_ACTOR}{row.id}": row.name for row in await connection.execute(asked)}


async def _contents(connection: AsyncConnection, pool_id: UUID, item_id: str) -> Mapping[str, Row[Any]]:
    columns: list[ColumnElement[Any]] = [
        WORDING.c.version,
        WORDING.c.material,
        ITEM.c.content,
        ITEM_KEY.c.secret,
    ]
    asked = (
        select(*columns)
        .select_from(
            WORDING.outerjoin(ITEM, ITEM.c.version == WORDING.c.version).outerjoin(
                ITEM_KEY, ITEM_KEY.c.version == WORDING.c.version
            )
        )
        .where(WORDING.c.pool_id == pool_id, WORDING.c.item_id == item_id)
    )
    return {row.version.hex(): row for row in await connection.execute(asked)}


def _item(row: Row[Any]) -> Item | None:
    return item_of(row.content, row.secret) if row.content else None


def _material(row: Row[Any]) -> ItemSet | None:
    return msgspec.json.decode(row.material, type=ItemSet) if row.material else None


class _Stem(msgspec.Struct):
    stem: str


def _line(row: Row[Any], counted: Row[Any]) -> ItemLine:
    return ItemLine(
        item_id=row.item_id,
        version=row.version.hex(),
        number=row.number,
        state=row.state,
        kind=row.kind,
        outline=row.outline,
        difficulty=row.difficulty,
        set_id=row.set_id,
        stem=msgspec.json.decode(row.content or row.material, type=_Stem).stem,
        author=row.author,
        made_ms=row.made_ms,
        drawn=counted.drawn,
        reports=counted.reports,
        comments=counted.comments,
    )


def _told(what: str, pool_id: UUID, life: Life, act: Act, org: UUID | None) -> audit.Line:
    newest = life.newest
    return audit.Line(
        at_ms=act.at_ms,
        actor=act.actor,
        act=what,
        object=f"item:{pool_id}/{life.item_id}",
        body={"version": newest.version, "number": newest.number, "state": str(life.state)},
        org=org,
    )
