"""Outline trees of pools in the database."""

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import delete, func, select

from exam_api.console_ports import Act
from exam_api.item_ports import Outlines
from exam_api.store import audit
from exam_api.store.bulk import put_rows
from exam_api.store.engine import Database
from exam_api.store.tables import OutlineNodeRow, PoolItemRow, table
from exam_api.store.working_copy import locked_pool
from question_pools.life import State
from question_pools.outline import Node, by_number

NODE: Final = table(OutlineNodeRow)
POOL_ITEM: Final = table(PoolItemRow)


class OutlineStore(Outlines):
    """Outline trees, written whole."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def outline(self, pool_id: UUID) -> tuple[Sequence[Node], Mapping[str, int]]:
        """The tree, and how many items of the working copy bear each code; retired ones do not count."""
        nodes = select(NODE).where(NODE.c.pool_id == pool_id)
        items = (
            select(POOL_ITEM.c.outline, func.count().label("items"))
            .where(
                POOL_ITEM.c.pool_id == pool_id,
                POOL_ITEM.c.kind != "set",
                POOL_ITEM.c.state != State.RETIRED.value,
            )
            .group_by(POOL_ITEM.c.outline)
        )
        async with self._database.reading() as connection:
            found = [Node(row.code, row.title, row.weight) for row in await connection.execute(nodes)]
            held = {row.outline: row.items for row in await connection.execute(items)}
        return sorted(found, key=lambda node: by_number(node.code)), held

    async def keep_outline(self, pool_id: UUID, nodes: Sequence[Node], *, act: Act) -> None:
        """Put this tree in the place of the one that is there."""
        rows = [
            {"pool_id": pool_id, "code": node.code, "title": node.title, "weight": node.weight}
            for node in nodes
        ]
        async with self._database.writing() as connection:
            pool = await locked_pool(connection, pool_id)
            await connection.execute(delete(NODE).where(NODE.c.pool_id == pool_id))
            await put_rows(connection, NODE, rows)
            line = audit.Line(
                at_ms=act.at_ms,
                actor=act.actor,
                act="outline.kept",
                object=f"pool:{pool_id}",
                body={"nodes": len(rows)},
                org=None if pool is None else pool.institution_id,
            )
            await audit.append(connection, [line])
