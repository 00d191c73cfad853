"""Seals of days and lines that are written a moment later."""

import asyncio
from uuid import uuid4

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select

from exam_api.attempt.receipt import key_id, public_bytes
from exam_api.audit_ports import End, Line
from exam_api.errors import RecordAway
from exam_api.store import audit
from exam_api.store.audit import AUDIT, day_of
from exam_api.store.audit_walk import walked
from exam_api.store.engine import Database
from exam_api.store.seals import SealStore, ends, genuine, kept_seals
from exam_api.store.trail import HELD_MAX, TrailStore
from tests.integration.store.builders import NOON_MS

DAY_MS = 86_400_000
KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))
PUBLIC = {key_id(public_bytes(KEY)): public_bytes(KEY)}


def a_line(org: object, *, day: int = 0) -> Line:
    return Line(at_ms=NOON_MS + day * DAY_MS, actor="system", act="a", object="o:1", org=org)  # type: ignore[arg-type]


async def append(database: Database, *lines: Line) -> None:
    async with database.writing() as connection:
        await audit.append(connection, lines)


async def test_every_day_that_is_over_is_signed_once(database: Database) -> None:
    org, seals = uuid4(), SealStore(database, KEY)
    await append(database, a_line(org), a_line(org), a_line(org, day=1), a_line(org, day=3))
    await asyncio.gather(*(seals.close_days(NOON_MS + 3 * DAY_MS) for _ in range(3)))
    async with database.reading() as connection:
        own = [seal for seal in await kept_seals(connection) if seal.org == org]
    assert [(seal.day, seal.end.no) for seal in own] == [(day_of(NOON_MS), 2), (day_of(NOON_MS + DAY_MS), 1)]
    assert all(genuine(seal, PUBLIC) for seal in own)
    assert await seals.close_days(NOON_MS + 3 * DAY_MS) == 0
    assert [one.found for one in await walked(database, org=org, sealed=ends(own))] == [None]


async def test_a_signed_day_grows_no_more(database: Database) -> None:
    org, seals = uuid4(), SealStore(database, KEY)
    await append(database, a_line(org))
    await seals.close_days(NOON_MS + DAY_MS)
    await append(database, a_line(org), a_line(org, day=1))
    async with database.reading() as connection:
        rows = await connection.execute(
            select(AUDIT.c.day, AUDIT.c.no).where(AUDIT.c.org == org).order_by(AUDIT.c.day, AUDIT.c.no)
        )
        assert [tuple(row) for row in rows] == [
            (day_of(NOON_MS), 1),
            (day_of(NOON_MS + DAY_MS), 1),
            (day_of(NOON_MS + DAY_MS), 2),
        ]
        sealed = ends(await kept_seals(connection))
    assert [one.found for one in await walked(database, org=org, sealed=sealed)] == [None]


async def test_a_seal_that_was_changed_is_not_genuine(sqlite_database: Database) -> None:
    await append(sqlite_database, a_line(None))
    await SealStore(sqlite_database, KEY).close_days(NOON_MS + DAY_MS)
    async with sqlite_database.reading() as connection:
        (seal,) = await kept_seals(connection)
    assert genuine(seal, PUBLIC)
    for changed in (
        msgspec.structs.replace(seal, day="2027-01-14"),
        msgspec.structs.replace(seal, org=uuid4()),
        msgspec.structs.replace(seal, end=End(2, seal.end.digest)),
        msgspec.structs.replace(seal, end=End(1, bytes(32))),
        msgspec.structs.replace(seal, key_id="other"),
    ):
        assert not genuine(changed, PUBLIC)


async def test_lines_told_later_are_written_together_and_once(database: Database) -> None:
    org, trail = uuid4(), TrailStore(database)
    for _ in range(1_200):
        trail.later(a_line(org))
    assert (await trail.flush(), await trail.flush()) == (1_200, 0)
    assert [(one.lines, one.found) for one in await walked(database, org=org, sealed={})] == [(1_200, None)]


async def test_lines_wait_while_the_record_is_away_and_a_process_never_fills_up() -> None:
    trail = TrailStore(Database("postgresql+asyncpg://nobody@127.0.0.1:1/none"))
    for _ in range(HELD_MAX + 7):
        trail.later(a_line(None))
    with pytest.raises(RecordAway):
        await trail.flush()
    assert trail.lost == 7
    with pytest.raises(RecordAway):
        await trail.write(a_line(None))
