"""The audit: append-only lines, each carrying the hash of the one before, written with what they tell of."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from exam_api.store.bulk import put_rows
from exam_api.store.tables import AuditHeadRow, AuditRow, table

AUDIT: Final = table(AuditRow)
HEAD: Final = table(AuditHeadRow)

FIRST: Final = bytes(32)
"""What the first line has before it."""


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be remembered; ids and figures only, no names and no numbers of persons."""

    at_ms: int
    actor: str
    """`staff:<uuid>`, `system`, `operator:<name>`."""
    act: str
    object: str
    """`session:<uuid>`."""
    body: Mapping[str, str | int | bool | None] = {}


def line_hash(before: bytes, no: int, line: Line) -> bytes:
    """The hash of a line: SHA-256 over the one before and the line's canonical JSON."""
    held = [no, line.at_ms, line.actor, line.act, line.object, line.body]
    return hashlib.sha256(before + msgspec.json.encode(held, order="sorted")).digest()


async def append(connection: AsyncConnection, lines: Sequence[Line]) -> None:
    """Append inside the caller's transaction; as its last statement, since others who append wait for it."""
    if not lines:
        return
    head = select(HEAD.c.no, HEAD.c.hash).where(HEAD.c.id == 1).with_for_update()
    found = (await connection.execute(head)).first()
    if found is None:  # the very first line; of two that come together one waits here for the other
        await put_rows(connection, HEAD, [{"id": 1, "no": 0, "hash": FIRST}])
        found = (await connection.execute(head)).one()
    no, before = found.no, found.hash
    rows: list[dict[str, Any]] = []
    for line in lines:
        no += 1
        own = line_hash(before, no, line)
        body = msgspec.json.encode(line.body, order="sorted").decode()
        rows.append(
            {
                "no": no,
                "at_ms": line.at_ms,
                "actor": line.actor,
                "act": line.act,
                "object": line.object,
                "body": body,
                "before": before,
                "hash": own,
            }
        )
        before = own
    await connection.execute(insert(AUDIT), rows)
    await connection.execute(update(HEAD).where(HEAD.c.id == 1).values(no=no, hash=before))


async def first_fault(connection: AsyncConnection) -> int | None:
    """Walk the whole chain: number of the first line that does not fit (or is missing), None where all do."""
    no, before = 0, FIRST
    lines = await connection.stream(select(AUDIT).order_by(AUDIT.c.no))
    async for row in lines:
        no += 1
        body = msgspec.json.decode(row.body, type=dict[str, str | int | bool | None])
        line = Line(at_ms=row.at_ms, actor=row.actor, act=row.act, object=row.object, body=body)
        if (row.no, row.before, row.hash) != (no, before, line_hash(before, no, line)):
            return no
        before = row.hash
    head = (await connection.execute(select(HEAD.c.no, HEAD.c.hash))).first()
    end = (0, FIRST) if head is None else (head.no, head.hash)
    return None if end == (no, before) else no + 1
