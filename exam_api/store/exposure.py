"""How often items were drawn, and what a person was given before."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import msgspec
from sqlalchemy import Select, case, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from exam_api.console_ports import Act
from exam_api.exposure_ports import Exposed, Exposures, KeysRead
from exam_api.store import audit
from exam_api.store.engine import Database
from exam_api.store.sessions import REAL, SESSION, VERSION
from exam_api.store.tables import (
    AttemptRow,
    ExposureRow,
    ItemVersionRow,
    PaperRow,
    PoolVersionItemRow,
    RegistrationRow,
    table,
)
from question_pools.draw import Paper

ATTEMPT: Final = table(AttemptRow)
EXPOSURE: Final = table(ExposureRow)
HELD: Final = table(PoolVersionItemRow)
ITEM: Final = table(ItemVersionRow)
PAPER: Final = table(PaperRow)
REGISTRATION: Final = table(RegistrationRow)


class _Place(msgspec.Struct, frozen=True, gc=False):
    version: str


class _Seen(msgspec.Struct, frozen=True):
    """What is read of an old paper: its item versions."""

    slots: tuple[_Place, ...]


class ExposureStore(Exposures):
    """Read when a session is armed and by those who look after a pool."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def before(self, session_id: UUID) -> Mapping[UUID, Sequence[str]]:
        """Item ids of each candidate's paper before, by attempt."""
        asked = _last_papers(session_id)
        async with self._database.reading() as connection:
            found = (await connection.execute(asked)).all()
            if not found:
                return {}
            names = await _item_ids(connection, session_id)
        reading = msgspec.msgpack.Decoder(_Seen)
        return {
            row.id: [
                names[slot.version] for slot in reading.decode(row.content).slots if slot.version in names
            ]
            for row in found
        }

    async def drawn_since(self, session_id: UUID, *, since_ms: int) -> Mapping[str, int]:
        """Papers by item id, of the session's pool."""
        this = _own_pool(session_id).subquery()
        asked = (
            select(ITEM.c.item_id, func.sum(EXPOSURE.c.drawn).label("drawn"))
            .select_from(EXPOSURE)
            .join(SESSION, SESSION.c.id == EXPOSURE.c.session_id)
            .join(VERSION, VERSION.c.id == SESSION.c.pool_version_id)
            .join(this, this.c.pool_id == VERSION.c.pool_id)
            .join(ITEM, ITEM.c.version == EXPOSURE.c.version)
            .where(SESSION.c.id != session_id, REAL)
            .where(SESSION.c.opens_ms >= since_ms, SESSION.c.opens_ms <= this.c.opens_ms)
            .group_by(ITEM.c.item_id)
        )
        async with self._database.reading() as connection:
            return {row.item_id: int(row.drawn) for row in await connection.execute(asked)}

    async def of_pool(self, pool_id: UUID, *, since_ms: int) -> Sequence[Exposed]:
        """The items of a pool that ever were drawn, the most drawn first."""
        drawn = func.sum(EXPOSURE.c.drawn)
        lately = func.sum(case((SESSION.c.opens_ms >= since_ms, EXPOSURE.c.drawn), else_=0))
        asked = (
            select(
                ITEM.c.item_id,
                drawn.label("drawn"),
                lately.label("lately"),
                func.count(SESSION.c.id.distinct()).label("sessions"),
                func.max(SESSION.c.opens_ms).label("last_ms"),
            )
            .select_from(EXPOSURE)
            .join(SESSION, SESSION.c.id == EXPOSURE.c.session_id)
            .join(VERSION, VERSION.c.id == SESSION.c.pool_version_id)
            .join(ITEM, ITEM.c.version == EXPOSURE.c.version)
            .where(VERSION.c.pool_id == pool_id, REAL)
            .group_by(ITEM.c.item_id)
            .order_by(drawn.desc(), ITEM.c.item_id)
        )
        async with self._database.reading() as connection:
            return [
                Exposed(
                    item_id=row.item_id,
                    drawn=int(row.drawn),
                    lately=int(row.lately),
                    sessions=row.sessions,
                    last_ms=row.last_ms,
                )
                for row in await connection.execute(asked)
            ]

    async def keys_read(self, read: KeysRead, *, act: Act) -> None:
        """Write into the audit that keys were shown."""
        line = audit.Line(
            at_ms=act.at_ms,
            actor=act.actor,
            act="keys.read",
            object=f"pool:{read.pool_id}",
            body={"digest": read.pool_digest, "papers": read.papers, "items": read.items},
            org=read.institution_id,
        )
        async with self._database.writing() as connection:
            await audit.append(connection, [line])


async def count_drawn(connection: AsyncConnection, session_id: UUID, papers: Iterable[Paper]) -> None:
    """Add papers that were not counted before; the caller holds the session's row."""
    counts = Counter(slot.version for paper in papers for slot in paper.slots)
    rows = [
        {"session_id": session_id, "version": bytes.fromhex(version), "drawn": drawn}
        for version, drawn in sorted(counts.items())
    ]
    if not rows:
        return
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    fresh = dialect.insert(EXPOSURE)
    added = {"drawn": EXPOSURE.c.drawn + fresh.excluded.drawn}
    await connection.execute(
        fresh.on_conflict_do_update(index_elements=["session_id", "version"], set_=added), rows
    )


def _own_pool(session_id: UUID) -> Select[Any, Any]:
    return (
        select(VERSION.c.pool_id, SESSION.c.opens_ms)
        .join(VERSION, VERSION.c.id == SESSION.c.pool_version_id)
        .where(SESSION.c.id == session_id)
    )


def _last_papers(session_id: UUID) -> Select[Any, Any]:
    """The newest other paper of everybody registered, of the session's pool."""
    this = _own_pool(session_id).subquery()
    own, old = REGISTRATION.alias("own"), REGISTRATION.alias("old")
    begun = case((ATTEMPT.c.started_ms > 0, 1), else_=0)
    order = (begun.desc(), SESSION.c.opens_ms.desc(), SESSION.c.id.desc())
    ranked = (
        select(
            own.c.id,
            old.c.id.label("old_id"),
            func.row_number().over(partition_by=own.c.id, order_by=order).label("rank"),
        )
        .select_from(own)
        .join(old, old.c.person_id == own.c.person_id)
        .join(PAPER, PAPER.c.attempt_id == old.c.id)
        .join(SESSION, SESSION.c.id == old.c.session_id)
        .join(VERSION, VERSION.c.id == SESSION.c.pool_version_id)
        .join(this, this.c.pool_id == VERSION.c.pool_id)
        .outerjoin(ATTEMPT, ATTEMPT.c.id == old.c.id)
        .where(own.c.session_id == session_id, old.c.session_id != session_id)
        .where(SESSION.c.opens_ms <= this.c.opens_ms)
        .subquery()
    )
    return (
        select(ranked.c.id, PAPER.c.content)
        .join(PAPER, PAPER.c.attempt_id == ranked.c.old_id)
        .where(ranked.c.rank == 1)
    )


async def _item_ids(connection: AsyncConnection, session_id: UUID) -> Mapping[str, str]:
    """Item id by version, of all versions of the session's pool."""
    this = _own_pool(session_id).subquery()
    asked = (
        select(ITEM.c.version, ITEM.c.item_id)
        .distinct()
        .select_from(HELD)
        .join(VERSION, VERSION.c.id == HELD.c.pool_version_id)
        .join(this, this.c.pool_id == VERSION.c.pool_id)
        .join(ITEM, ITEM.c.version == HELD.c.version)
    )
    return {row.version.hex(): row.item_id for row in await connection.execute(asked)}
