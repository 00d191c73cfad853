"""Ops from rows back into the canonical bytes they came as."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Exists, Select, and_, exists, select
from sqlalchemy.ext.asyncio import AsyncConnection

from exam_api.attempt import chain
from exam_api.attempt.model import Op
from exam_api.store.drained import U64
from exam_api.store.tables import OpRow, table

OP: Final = table(OpRow)


def asked_ops(how: str) -> Select[Any]:
    """Ask for ops that are `held`, `side` or `late`, in the order of their attempts, fences and seqs."""
    asked = select(OP).where(OP.c.how == how).order_by(OP.c.attempt_id, OP.c.fence, OP.c.seq)
    return asked.where(~held_later()) if how == "late" else asked


def held_later() -> Exists:
    """Whether an op that came late was held after all: after an extension the page sent it again."""
    held = OP.alias("held")
    same = and_(held.c.attempt_id == OP.c.attempt_id, held.c.fence == OP.c.fence, held.c.seq == OP.c.seq)
    return exists().where(same, held.c.how == "held").correlate(OP)


async def packed_ops(connection: AsyncConnection, asked: Select[Any]) -> Mapping[UUID, bytes]:
    """Canonical bytes by attempt."""
    packed: dict[UUID, list[bytes]] = {}
    for row in await connection.execute(asked):
        op = Op(row.seq, row.kind, row.slot, row.version, row.mask, row.client_ms % U64)
        packed.setdefault(row.attempt_id, []).append(chain.pack(op, row.fence))
    return {attempt_id: b"".join(ops) for attempt_id, ops in packed.items()}
