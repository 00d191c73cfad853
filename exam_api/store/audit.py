"""The audit: append-only lines, one chain for each organisation, numbered anew every civil day.

A line carries the hash of the line before it, the first of a day that of the last line of the day before: a
whole day that was taken out shows as a single line does.
"""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import msgspec
from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from exam_api.audit_ports import Line, Place
from exam_api.store.bulk import put_rows
from exam_api.store.tables import AuditHeadRow, AuditRow, table

__all__ = ["AUDIT", "HEAD", "Line", "append"]

AUDIT: Final = table(AuditRow)
HEAD: Final = table(AuditHeadRow)

FIRST: Final = bytes(32)
"""What the first line of a chain has before it."""

DEPARTMENT: Final = UUID(int=0)
"""Chain of lines that belong to no institution: the department's and the system's own."""

BEFORE_DAYS: Final = ""
"""Day of the lines from before there were chains by day: all of them one chain, the department's, form 1."""

FORM: Final = 2
"""Form of the hashed text; stands in it, so that no line can be read as one of another form."""

SHANGHAI_AHEAD: Final = timedelta(hours=8)
LAST_MS: Final = 253_370_764_800_000
"""9999-01-01: instants beyond it are no instants."""


def day_of(at_ms: int) -> str:
    """The civil day of an instant in Asia/Shanghai."""
    seconds = min(max(at_ms, 0), LAST_MS) / 1000
    return (datetime.fromtimestamp(seconds, tz=UTC) + SHANGHAI_AHEAD).date().isoformat()


def written_body(line: Line) -> str:
    """The body as it is kept: one text for one meaning."""
    return msgspec.json.encode(line.body, order="sorted").decode()


def line_hash(before: bytes, place: Place, line: Line, body: str) -> bytes:
    """The hash of a line: SHA-256 over the one before and the line's canonical JSON."""
    if place.day == BEFORE_DAYS:
        old = msgspec.json.decode(body)
        held = [place.no, line.at_ms, line.actor, line.act, line.object, old]
    else:
        where = (FORM, place.org.hex, place.day, place.no)
        held = [*where, line.at_ms, line.actor, line.act, line.object, body]
    return hashlib.sha256(before + msgspec.json.encode(held, order="sorted")).digest()


async def append(connection: AsyncConnection, lines: Sequence[Line]) -> None:
    """Append inside the caller's transaction; as its last statement, since others of that chain wait for it.

    A line stands in the day of its instant, or, where that day is over for the chain, in the chain's newest:
    what is recorded late is told late, and no day that was closed grows.
    """
    by_org: dict[UUID, list[Line]] = {}
    for line in lines:
        by_org.setdefault(line.org or DEPARTMENT, []).append(line)
    for org in sorted(by_org):  # in one order, so that two who append to the same chains never wait in a ring
        await _append_to(connection, org, by_org[org])


async def _append_to(connection: AsyncConnection, org: UUID, lines: Sequence[Line]) -> None:
    day, no, before = await locked_head(connection, org)
    rows: list[dict[str, Any]] = []
    for line in lines:
        own_day = day_of(line.at_ms)
        day, no = (own_day, 1) if own_day > day else (day, no + 1)
        body = written_body(line)
        own = line_hash(before, Place(org, day, no), line, body)
        rows.append(
            {
                "org": org,
                "day": day,
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
    await move_head(connection, org, day=day, no=no, digest=before)


async def locked_head(connection: AsyncConnection, org: UUID) -> tuple[str, int, bytes]:
    """Day, number and hash of a chain's end, held against others until the transaction ends."""
    head = select(HEAD.c.day, HEAD.c.no, HEAD.c.hash).where(HEAD.c.org == org).with_for_update()
    found = (await connection.execute(head)).first()
    if found is None:  # the very first line; of two that come together one waits here for the other
        await put_rows(connection, HEAD, [{"org": org, "day": BEFORE_DAYS, "no": 0, "hash": FIRST}])
        found = (await connection.execute(head)).one()
    return found.day, found.no, found.hash


async def move_head(connection: AsyncConnection, org: UUID, *, day: str, no: int, digest: bytes) -> None:
    """Set the end of a chain that is held."""
    await connection.execute(update(HEAD).where(HEAD.c.org == org).values(day=day, no=no, hash=digest))
