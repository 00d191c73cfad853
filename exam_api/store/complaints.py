"""What candidates hold to be wrong with items: listed for authors without the candidate, and answered."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Row, Select, func, select, true

from exam_api.console_ports import Act
from exam_api.item_ports import Complaint, Complaints, Waiting
from exam_api.people import Reach
from exam_api.store import audit
from exam_api.store.bulk import put_rows
from exam_api.store.engine import Database
from exam_api.store.item_search import (
    ANSWER,
    COMMENT,
    ITEM,
    POOL_ITEM,
    REPORT,
    SESSION,
    VERSION,
    newest_author,
)
from exam_api.store.tables import PoolRow, table
from question_pools.life import State

POOL: Final = table(PoolRow)

LISTED: Final = 500
"""Complaints of one list, the newest first."""


class _Stem(msgspec.Struct):
    stem: str


class ComplaintStore(Complaints):
    """Complaints of candidates, by the pool that their session drew from."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def complaints(
        self, reach: Reach, *, pool_id: UUID | None, item_id: str, still_open: bool
    ) -> Sequence[Complaint]:
        """Newest first; an empty `item_id`: of every item."""
        asked = _listed().where(_held(reach)).order_by(REPORT.c.at_ms.desc(), REPORT.c.id).limit(LISTED)
        if pool_id is not None:
            asked = asked.where(POOL.c.id == pool_id)
        if item_id:
            asked = asked.where(ITEM.c.item_id == item_id)
        if still_open:
            asked = asked.where(ANSWER.c.report_id.is_(None))
        async with self._database.reading() as connection:
            return [_complaint(row) for row in await connection.execute(asked)]

    async def answer(self, reach: Reach, complaint_id: UUID, *, outcome: str, reason: str, act: Act) -> bool:
        """Close a complaint; False: there is no open one of this id in reach."""
        row = {
            "report_id": complaint_id,
            "outcome": outcome,
            "reason": reason,
            "by": act.actor,
            "at_ms": act.at_ms,
        }
        asked = _listed().where(_held(reach), REPORT.c.id == complaint_id)
        async with self._database.writing() as connection:
            found = (await connection.execute(asked)).first()
            if found is None or not await put_rows(connection, ANSWER, [row]):
                return False
            line = audit.Line(
                at_ms=act.at_ms,
                actor=act.actor,
                act="complaint.answered",
                object=f"item:{found.pool_id}/{found.item_id}",
                body={"complaint": str(complaint_id), "outcome": outcome},
                org=found.institution_id,
            )
            await audit.append(connection, [line])
        return True

    async def waiting(self, reach: Reach, actor: str) -> Sequence[Waiting]:
        """Pools in reach where something waits for this person, by title."""
        own = newest_author() == actor
        draft, reviewed = POOL_ITEM.c.state == State.DRAFT.value, POOL_ITEM.c.state == State.REVIEWED.value
        columns: list[ColumnElement[Any]] = [
            POOL.c.id,
            POOL.c.title,
            func.count().filter(draft, ~own).label("to_review"),
            func.count().filter(reviewed, ~own).label("to_approve"),
            func.count().filter(draft, own).label("own_drafts"),
            func.count().filter(draft, own, _spoken_to(actor)).label("sent_back"),
        ]
        items = (
            select(*columns)
            .select_from(POOL_ITEM.join(POOL, POOL.c.id == POOL_ITEM.c.pool_id))
            .where(_held(reach), POOL_ITEM.c.state.in_([State.DRAFT.value, State.REVIEWED.value]))
            .group_by(POOL.c.id, POOL.c.title)
        )
        complained = _listed().where(_held(reach), ANSWER.c.report_id.is_(None)).subquery()
        complaints = select(
            complained.c.pool_id, complained.c.pool, func.count().label("complaints")
        ).group_by(complained.c.pool_id, complained.c.pool)
        async with self._database.reading() as connection:
            found = {
                row.id: Waiting(
                    pool_id=row.id,
                    pool=row.title,
                    to_review=row.to_review,
                    to_approve=row.to_approve,
                    own_drafts=row.own_drafts,
                    sent_back=row.sent_back,
                )
                for row in await connection.execute(items)
            }
            for row in await connection.execute(complaints):
                held = found.get(row.pool_id) or Waiting(pool_id=row.pool_id, pool=row.pool)
                found[row.pool_id] = msgspec.structs.replace(held, complaints=row.complaints)
        return sorted(found.values(), key=lambda one: one.pool)


def _held(reach: Reach) -> ColumnElement[bool]:
    """Pools that a reach works on."""
    if reach.everywhere:
        return true()
    return POOL.c.institution_id.is_not_distinct_from(reach.institution_id)


def _spoken_to(actor: str) -> ColumnElement[bool]:
    """Somebody else said something about this very wording."""
    return (
        select(COMMENT.c.id)
        .where(
            COMMENT.c.pool_id == POOL_ITEM.c.pool_id,
            COMMENT.c.version == POOL_ITEM.c.version,
            COMMENT.c.by != actor,
        )
        .correlate(POOL_ITEM)
        .exists()
    )


def _listed() -> Select[Any]:
    drawn_from = (
        REPORT.join(SESSION, SESSION.c.id == REPORT.c.session_id)
        .join(VERSION, VERSION.c.id == SESSION.c.pool_version_id)
        .join(POOL, POOL.c.id == VERSION.c.pool_id)
        .join(ITEM, ITEM.c.version == REPORT.c.version)
        .outerjoin(ANSWER, ANSWER.c.report_id == REPORT.c.id)
    )
    columns: list[ColumnElement[Any]] = [
        REPORT.c.id,
        REPORT.c.version,
        REPORT.c.message,
        REPORT.c.at_ms,
        POOL.c.id.label("pool_id"),
        POOL.c.title.label("pool"),
        POOL.c.institution_id,
        SESSION.c.title.label("session"),
        ITEM.c.item_id,
        ITEM.c.content,
        ANSWER.c.outcome,
        ANSWER.c.reason,
        ANSWER.c.by,
        ANSWER.c.at_ms.label("answered_ms"),
    ]
    return select(*columns).select_from(drawn_from)


def _complaint(row: Row[Any]) -> Complaint:
    return Complaint(
        id=row.id,
        pool_id=row.pool_id,
        pool=row.pool,
        item_id=row.item_id,
        version=row.version.hex(),
        stem=msgspec.json.decode(row.content, type=_Stem).stem,
        session=row.session,
        at_ms=row.at_ms,
        text=row.message,
        outcome=row.outcome or "",
        reason=row.reason or "",
        by=row.by or "",
        answered_ms=row.answered_ms or 0,
    )
