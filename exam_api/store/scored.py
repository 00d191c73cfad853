"""Scored attempts with their papers, in batches: for statistics, previews and reviews."""

from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, Select, func, select

from exam_api.attempt.model import OpKind
from exam_api.people import Reach
from exam_api.ruling_ports import Owned, StoredPaper, Timed
from exam_api.store.drained import U64
from exam_api.store.engine import Database
from exam_api.store.results import SCORE_RUN, result_of
from exam_api.store.sessions import REAL, SESSION, VERSION, facts_of, with_facts
from exam_api.store.tables import OpRow, PaperRow, PoolRow, table

OP: Final = table(OpRow)
PAPER: Final = table(PaperRow)
POOL: Final = table(PoolRow)

ANSWER: Final = int(OpKind.ANSWER)

BATCH: Final = 500
"""Attempts of one batch: some 5 MB."""


class ScoredPapers:
    """Reads only; a batch is one short transaction, so nobody waits for a whole session."""

    def __init__(self, database: Database) -> None:
        self._papers_from = database

    async def papers(
        self, session_id: UUID, *, only: Collection[UUID] | None = None
    ) -> AsyncGenerator[Sequence[StoredPaper], None]:
        """Scored attempts in batches, in the order of their ids; `only` these, where given."""
        if only is not None:
            wanted = sorted(only)
            for first in range(0, len(wanted), BATCH):
                part = wanted[first : first + BATCH]
                yield await self._batch(_scored(session_id).where(SCORE_RUN.c.attempt_id.in_(part)))
            return
        asked = _scored(session_id).limit(BATCH)
        after: UUID | None = None
        while True:
            batch = await self._batch(asked if after is None else asked.where(SCORE_RUN.c.attempt_id > after))
            if not batch:
                return
            after = batch[-1].result.attempt_id
            yield batch

    async def newest_runs(self, session_id: UUID) -> Mapping[UUID, int]:
        """By attempt the number of its newest run."""
        asked = (
            select(SCORE_RUN.c.attempt_id, func.max(SCORE_RUN.c.run).label("run"))
            .where(SCORE_RUN.c.session_id == session_id)
            .group_by(SCORE_RUN.c.attempt_id)
        )
        async with self._papers_from.reading() as connection:
            return {row.attempt_id: row.run for row in await connection.execute(asked)}

    async def times(self, attempts: Sequence[UUID]) -> Mapping[UUID, Sequence[Timed]]:
        """Held ops of these attempts, in the order of fences and seqs."""
        asked = (
            select(OP.c.attempt_id, OP.c.fence, OP.c.slot, OP.c.client_ms)
            .where(OP.c.how == "held", OP.c.kind == ANSWER, OP.c.attempt_id.in_(attempts))
            .order_by(OP.c.attempt_id, OP.c.fence, OP.c.seq)
        )
        found: dict[UUID, list[Timed]] = {}
        async with self._papers_from.reading() as connection:
            for attempt_id, fence, slot, client_ms in await connection.execute(asked):
                found.setdefault(attempt_id, []).append(Timed(fence, slot, client_ms % U64))
        return found

    async def owned(self, session_id: UUID) -> Owned | None:
        """A session with who owns its pool."""
        async with self._papers_from.reading() as connection:
            row = (await connection.execute(_owned().where(SESSION.c.id == session_id))).first()
        return None if row is None else _owner(row)

    async def all_owned(self, reach: Reach) -> Sequence[Owned]:
        """Sessions with a score whose pool lies in reach, newest first."""
        some = select(SCORE_RUN.c.attempt_id).where(SCORE_RUN.c.session_id == SESSION.c.id).exists()
        asked = _owned().where(some).order_by(SESSION.c.opens_ms.desc(), SESSION.c.id)
        if not reach.everywhere:
            owner = POOL.c.institution_id
            asked = asked.where(
                owner.is_(None) if reach.institution_id is None else owner == reach.institution_id
            )
        async with self._papers_from.reading() as connection:
            return [_owner(row) for row in await connection.execute(asked)]

    async def _batch(self, asked: Select[Any]) -> Sequence[StoredPaper]:
        async with self._papers_from.reading() as connection:
            return [StoredPaper(result_of(row), row.content) for row in await connection.execute(asked)]


def _scored(session_id: UUID) -> Select[Any]:
    later = SCORE_RUN.alias("later")
    newest = (
        select(func.max(later.c.run)).where(later.c.attempt_id == SCORE_RUN.c.attempt_id).scalar_subquery()
    )
    return (
        select(SCORE_RUN, PAPER.c.content)
        .join(PAPER, PAPER.c.attempt_id == SCORE_RUN.c.attempt_id)
        .where(SCORE_RUN.c.session_id == session_id, SCORE_RUN.c.run == newest)
        .order_by(SCORE_RUN.c.attempt_id)
    )


def _owned() -> Select[Any]:
    scored = (
        select(func.count(SCORE_RUN.c.attempt_id.distinct()))
        .where(SCORE_RUN.c.session_id == SESSION.c.id)
        .scalar_subquery()
    )
    owner = POOL.c.institution_id.label("pool_institution_id")
    whole = with_facts(scored.label("scored"), owner).join(POOL, POOL.c.id == VERSION.c.pool_id)
    return whole.where(REAL)


def _owner(row: Row[Any]) -> Owned:
    return Owned(facts=facts_of(row), pool_institution_id=row.pool_institution_id, scored=row.scored)
