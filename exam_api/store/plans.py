"""What was planned: sessions to arm, what they are drawn from, registrations, and the papers drawn."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import msgspec
from sqlalchemy import select

from exam_api.ports import Plans
from exam_api.record import PlannedSession, Registration, SessionState
from exam_api.store.bulk import put_rows
from exam_api.store.contents import load_version
from exam_api.store.engine import Database
from exam_api.store.exposure import count_drawn
from exam_api.store.roster import booked
from exam_api.store.sessions import BLUEPRINT, SESSION, facts_of, with_facts
from exam_api.store.tables import PaperRow, RegistrationRow, table
from question_pools.blueprint import Blueprint
from question_pools.draw import Paper

PAPER: Final = table(PaperRow)
REGISTRATION: Final = table(RegistrationRow)

DAY_MS: Final = 86_400_000
"""How long after its close a session is still armed: until late phones have come back."""


class PlanStore(Plans):
    """Read when a session is armed; from then on the exam needs none of it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def to_arm(self, *, now_ms: int, ahead_ms: int) -> Sequence[UUID]:
        """Open sessions whose entry begins within `ahead_ms` and whose close lies less than a day back."""
        asked = (
            select(SESSION.c.id)
            .where(SESSION.c.state == SessionState.OPEN.value)
            .where(SESSION.c.entry_ms <= now_ms + ahead_ms, SESSION.c.closes_ms > now_ms - DAY_MS)
            .order_by(SESSION.c.entry_ms, SESSION.c.id)
        )
        async with self._database.reading() as connection:
            return (await connection.execute(asked)).scalars().all()

    async def load(self, session_id: UUID) -> PlannedSession | None:
        """A session with pool version (keys inside) and blueprint."""
        asked = with_facts(BLUEPRINT.c.content.label("blueprint")).where(SESSION.c.id == session_id)
        async with self._database.reading() as connection:
            row = (await connection.execute(asked)).first()
            if row is None:
                return None
            pool = await load_version(connection, row.pool_version_id)
        blueprint = msgspec.json.decode(row.blueprint, type=Blueprint)
        return PlannedSession(facts=facts_of(row), pool=pool, blueprint=blueprint)

    async def session_of(self, attempt_id: UUID) -> UUID | None:
        """The session an attempt's registration is for."""
        asked = select(REGISTRATION.c.session_id).where(REGISTRATION.c.id == attempt_id)
        async with self._database.reading() as connection:
            found: UUID | None = await connection.scalar(asked)
        return found

    async def registrations(self, session_id: UUID) -> Sequence[Registration]:
        """Who is to be armed, in the order of the tickets."""
        asked = booked(session_id).order_by(REGISTRATION.c.serial)
        async with self._database.reading() as connection:
            return [
                Registration(
                    id=row.id,
                    session_id=row.session_id,
                    person_id=row.person_id,
                    name=row.name,
                    blind=row.id_blind,
                    phone_sealed=row.phone_sealed,
                    ticket_no=row.ticket_no,
                    seat=row.seat,
                    extra_ms=row.extra_ms,
                    id_sealed=row.id_sealed,
                )
                for row in await connection.execute(asked)
            ]

    async def papers(self, session_id: UUID) -> Mapping[UUID, Paper]:
        """The papers drawn so far, by attempt."""
        asked = select(PAPER.c.attempt_id, PAPER.c.content).where(PAPER.c.session_id == session_id)
        async with self._database.reading() as connection:
            return {
                row.attempt_id: msgspec.msgpack.decode(row.content, type=Paper)
                for row in await connection.execute(asked)
            }

    async def save_papers(self, session_id: UUID, papers: Mapping[UUID, Paper]) -> None:
        """Keep drawn papers and count their items; a paper that is there already stays and counts once."""
        async with self._database.writing() as connection:
            # Whoever arms the same session at the same time waits here, and then finds these papers.
            held = select(SESSION.c.id).where(SESSION.c.id == session_id).with_for_update()
            await connection.execute(held)
            asked = select(PAPER.c.attempt_id).where(PAPER.c.session_id == session_id)
            there = set((await connection.execute(asked)).scalars())
            fresh = {one: paper for one, paper in papers.items() if one not in there}
            await put_rows(connection, PAPER, _rows(session_id, fresh))
            await count_drawn(connection, session_id, fresh.values())


def _rows(session_id: UUID, papers: Mapping[UUID, Paper]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for attempt_id, paper in sorted(papers.items()):
        content = msgspec.msgpack.encode(paper)
        row = {
            "attempt_id": attempt_id,
            "session_id": session_id,
            "pool_digest": paper.pool_digest,
            "blueprint_digest": paper.blueprint_digest,
            "seed": paper.seed,
            "digest": hashlib.sha256(content).digest(),
            "content": content,
        }
        rows.append(row)
    return rows
