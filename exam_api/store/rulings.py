"""Rulings and their decisions, and the score runs that an agreed one makes."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import msgspec
from sqlalchemy import Row, Select, and_, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from exam_api.people import Reach
from exam_api.record import Result
from exam_api.ruling_ports import KeptRuling, Named, Rulings, RulingState, WaitingRuling
from exam_api.store import audit
from exam_api.store.bulk import put_rows
from exam_api.store.engine import Database
from exam_api.store.results import SCORE_RUN, row_of
from exam_api.store.scored import ScoredPapers
from exam_api.store.tables import (
    ItemVersionRow,
    PersonRow,
    RegistrationRow,
    RulingDecisionRow,
    RulingRow,
    SessionRow,
    table,
)
from scoring.corrections import Correction, Ruling

DECISION: Final = table(RulingDecisionRow)
ITEM: Final = table(ItemVersionRow)
PERSON: Final = table(PersonRow)
REGISTRATION: Final = table(RegistrationRow)
RULING: Final = table(RulingRow)
SESSION: Final = table(SessionRow)

PART: Final = 500
"""Attempts asked for in one statement: databases limit the arguments of one."""


class RulingStore(ScoredPapers, Rulings):
    """Append-only; who comes second to the same number or decision is told so."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self._database = database

    async def of_session(self, session_id: UUID) -> Sequence[KeptRuling]:
        """All of them, oldest first."""
        asked = _rulings().where(RULING.c.session_id == session_id)
        async with self._database.reading() as connection:
            return [_kept(row) for row in await connection.execute(asked)]

    async def waiting(self, reach: Reach) -> Sequence[WaitingRuling]:
        """Proposed rulings that nobody has decided, oldest first."""
        asked = _rulings().where(DECISION.c.agreed.is_(None)).order_by(RULING.c.proposed_ms)
        if not reach.everywhere:
            asked = asked.where(SESSION.c.institution_id == reach.institution_id)
        async with self._database.reading() as connection:
            return [
                WaitingRuling(kept=_kept(row), session=row.title) for row in await connection.execute(asked)
            ]

    async def propose(self, kept: KeptRuling) -> bool:
        """Append it; False where another waits or came first."""
        ruling = kept.ruling
        row = {
            "session_id": kept.session_id,
            "number": ruling.number,
            "corrections": msgspec.json.encode(ruling.corrections, order="sorted").decode(),
            "reason": _plain(ruling.reason),
            "takes_back": ruling.takes_back,
            "proposed_by": kept.proposed_by,
            "proposer": kept.proposer,
            "proposed_ms": kept.proposed_ms,
        }
        body = {"number": ruling.number, "items": len(ruling.corrections), "takes_back": ruling.takes_back}
        async with self._database.writing() as connection:
            last = await connection.scalar(
                select(func.max(RULING.c.number)).where(RULING.c.session_id == kept.session_id)
            )
            undecided = _rulings().where(RULING.c.session_id == kept.session_id, DECISION.c.agreed.is_(None))
            if ruling.number != (last or 0) + 1 or (await connection.execute(undecided)).first():
                return False
            if await put_rows(connection, RULING, [row]) != 1:
                return False
            await audit.append(connection, [_line(kept, "ruling.proposed", kept.proposed_by, body)])
        return True

    async def decline(self, kept: KeptRuling) -> bool:
        """Append the decision of `kept`; False where it was decided before."""
        async with self._database.writing() as connection:
            if await put_rows(connection, DECISION, [_decision(kept)]) != 1:
                return False
            body = {"number": kept.ruling.number}
            await audit.append(connection, [_line(kept, "ruling.declined", kept.decided_by, body)])
        return True

    async def agree(self, kept: KeptRuling, runs: Sequence[bytes]) -> bool:
        """Decision, runs and audit line in one transaction; False: decided before, or a run came between."""
        try:
            async with self._database.writing() as connection:
                if await put_rows(connection, DECISION, [_decision(kept)]) != 1:
                    return False
                await _put_all_runs(connection, runs, kept.runs)
                body = {"number": kept.ruling.number, "runs": kept.runs, "takes_back": kept.ruling.takes_back}
                await audit.append(connection, [_line(kept, "ruling.agreed", kept.decided_by, body)])
        except _Overtaken:
            return False
        return True

    async def add_runs(self, runs: Sequence[bytes]) -> int:
        """Append runs of attempts that were scored beside a ruling. How many were new."""
        async with self._database.writing() as connection:
            return await _put_runs(connection, runs)

    async def item_names(self, versions: Collection[str]) -> Mapping[str, str]:
        """By item version (hex) the id of its item."""
        wanted = [bytes.fromhex(one) for one in versions]
        asked = select(ITEM.c.version, ITEM.c.item_id).where(ITEM.c.version.in_(wanted))
        async with self._database.reading() as connection:
            return {row.version.hex(): row.item_id for row in await connection.execute(asked)}

    async def names(self, attempts: Sequence[UUID]) -> Mapping[UUID, Named]:
        """Candidates of these attempts."""
        found: dict[UUID, Named] = {}
        whole = REGISTRATION.join(PERSON, PERSON.c.id == REGISTRATION.c.person_id)
        asked = select(REGISTRATION.c.id, REGISTRATION.c.ticket_no, PERSON.c.name).select_from(whole)
        async with self._database.reading() as connection:
            for first in range(0, len(attempts), PART):
                part = asked.where(REGISTRATION.c.id.in_(attempts[first : first + PART]))
                for row in await connection.execute(part):
                    found[row.id] = Named(row.name, row.ticket_no)
        return found


class _Overtaken(Exception):
    """Another run of an attempt was appended since this one was worked out."""


async def _put_all_runs(connection: AsyncConnection, runs: Sequence[bytes], count: int) -> None:
    if await _put_runs(connection, runs) != count:
        raise _Overtaken


async def _put_runs(connection: AsyncConnection, runs: Sequence[bytes]) -> int:
    new = 0
    for packed in runs:
        results = msgspec.msgpack.decode(packed, type=list[Result])
        new += await put_rows(connection, SCORE_RUN, [row_of(one) for one in results])
    return new


def _rulings() -> Select[Any]:
    same = and_(DECISION.c.session_id == RULING.c.session_id, DECISION.c.number == RULING.c.number)
    whole = RULING.join(SESSION, SESSION.c.id == RULING.c.session_id).outerjoin(DECISION, same)
    decided = (
        DECISION.c.agreed,
        DECISION.c.decided_by,
        DECISION.c.decider,
        DECISION.c.decided_ms,
        DECISION.c.reason.label("decided_reason"),
        DECISION.c.runs,
    )
    return (
        select(RULING, SESSION.c.institution_id, SESSION.c.title, *decided)
        .select_from(whole)
        .order_by(RULING.c.session_id, RULING.c.number)
    )


def _kept(row: Row[Any]) -> KeptRuling:
    state = RulingState.PROPOSED
    if row.agreed is not None:
        state = RulingState.AGREED if row.agreed else RulingState.DECLINED
    return KeptRuling(
        session_id=row.session_id,
        institution_id=row.institution_id,
        ruling=Ruling(
            number=row.number,
            reason=row.reason,
            corrections=msgspec.json.decode(row.corrections, type=dict[str, Correction]),
            takes_back=row.takes_back,
        ),
        proposed_by=row.proposed_by,
        proposer=row.proposer,
        proposed_ms=row.proposed_ms,
        state=state,
        decided_by=row.decided_by,
        decider=row.decider or "",
        decided_ms=row.decided_ms or 0,
        decided_reason=row.decided_reason or "",
        runs=row.runs or 0,
    )


def _plain(text: str) -> str:
    return text.replace("\0", "")  # PostgreSQL's text cannot hold it


def _decision(kept: KeptRuling) -> dict[str, Any]:
    return {
        "session_id": kept.session_id,
        "number": kept.ruling.number,
        "proposed_by": kept.proposed_by,
        "agreed": kept.state is RulingState.AGREED,
        "decided_by": kept.decided_by,
        "decider": kept.decider,
        "decided_ms": kept.decided_ms,
        "reason": _plain(kept.decided_reason),
        "runs": kept.runs,
    }


def _line(kept: KeptRuling, act: str, who: UUID | None, body: Mapping[str, int | None]) -> audit.Line:
    return audit.Line(
        at_ms=kept.decided_ms or kept.proposed_ms,
        actor=f"staff:{who}",
        act=act,
        object=f"session:{kept.session_id}",
        body=dict(body),
        org=kept.institution_id,
    )
