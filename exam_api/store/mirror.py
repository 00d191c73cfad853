"""The mirror of live attempts that lists are made from: raised by the drain, never lowered."""

from collections.abc import Mapping
from functools import cache
from typing import Any, Final
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, and_, bindparam, case, func, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncConnection

from exam_api.store.tables import AttemptRow, table

ATTEMPT: Final = table(AttemptRow)

KEY_MAX: Final = 128
"""Characters of a storage key that are kept; ours have far fewer."""


class Mirror(msgspec.Struct):
    """What one batch of the log tells of one attempt; 0 and empty = nothing."""

    id: UUID
    session_id: UUID
    started_ms: int = 0
    deadline_ms: int = 0
    storage_key: str = ""
    closed_ms: int = 0
    close_kind: str = ""
    fence: int = 0
    seq: int = 0
    seen_ms: int = 0

    def reach(self, fence: int, seq: int) -> None:
        """Note that ops are held up to `seq` under `fence`."""
        if fence > self.fence:
            self.fence, self.seq, self.storage_key = fence, seq, ""
        elif fence == self.fence:
            self.seq = max(self.seq, seq)

    def hold_key(self, fence: int, storage_key: str) -> None:
        """Note the key of the device that opened a fence."""
        if fence == self.fence and storage_key:
            self.storage_key = storage_key


COLUMNS: Final = Mirror.__struct_fields__


async def raise_mirrors(connection: AsyncConnection, mirrors: Mapping[UUID, Mirror]) -> None:
    """Merge what a batch tells into the rows; the same batch again changes nothing."""
    if not mirrors:
        return
    rows = [msgspec.structs.asdict(mirrors[one]) for one in sorted(mirrors)]
    if connection.dialect.name == "sqlite":
        await connection.execute(_merging(sqlite_insert(ATTEMPT)), rows)
        return
    columns = {name: [row[name] for row in rows] for name in COLUMNS}
    await connection.execute(_unnested(), columns)


@cache
def _unnested() -> Any:  # noqa: ANN401 - as `excluded`
    """One array for each column: one statement, however many attempts; put together once."""
    arrays = (
        func.unnest(bindparam(name, type_=postgresql.ARRAY(ATTEMPT.c[name].type))).label(name)
        for name in COLUMNS
    )
    return _merging(postgresql.insert(ATTEMPT).from_select(list(COLUMNS), select(*arrays)))


def _merging(fresh: Any) -> Any:  # noqa: ANN401 - as `excluded`
    return fresh.on_conflict_do_update(index_elements=[ATTEMPT.c.id], set_=_merged(fresh.excluded))


def _merged(new: Any) -> dict[str, ColumnElement[Any]]:  # noqa: ANN401 - `excluded` is typed by neither dialect
    old = ATTEMPT.c
    newer, same = new.fence > old.fence, new.fence == old.fence
    first_start, first_close = old.started_ms == 0, old.closed_ms == 0
    return {
        "started_ms": case((first_start, new.started_ms), else_=old.started_ms),
        "deadline_ms": case((first_start, new.deadline_ms), else_=old.deadline_ms),
        "closed_ms": case((first_close, new.closed_ms), else_=old.closed_ms),
        "close_kind": case((first_close, new.close_kind), else_=old.close_kind),
        "fence": case((newer, new.fence), else_=old.fence),
        "seq": case((newer, new.seq), (and_(same, new.seq > old.seq), new.seq), else_=old.seq),
        "storage_key": case(
            (newer, new.storage_key),
            (and_(same, new.storage_key != ""), new.storage_key),
            else_=old.storage_key,
        ),
        "seen_ms": case((new.seen_ms > old.seen_ms, new.seen_ms), else_=old.seen_ms),
    }
