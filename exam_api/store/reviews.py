"""Score reviews: requests, outcomes, and the recorded ops they are worked out from."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import msgspec
from sqlalchemy import Row, case, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from exam_api.people import Reach
from exam_api.record import LateState
from exam_api.ruling_ports import (
    HeldOps,
    ReviewLine,
    ReviewOutcome,
    Reviews,
    ReviewState,
    ScoreReview,
    WholeReview,
)
from exam_api.store import audit
from exam_api.store.bulk import put_rows
from exam_api.store.engine import Database
from exam_api.store.ops import asked_ops, packed_ops
from exam_api.store.sessions import INSTITUTION, REAL, SESSION
from exam_api.store.tables import (
    LateRequestRow,
    OpRow,
    PersonRow,
    RegistrationRow,
    ScoreReviewRow,
    table,
)

LATE: Final = table(LateRequestRow)
OP: Final = table(OpRow)
PERSON: Final = table(PersonRow)
REGISTRATION: Final = table(RegistrationRow)
REVIEW: Final = table(ScoreReviewRow)

LISTED: Final = 1_000
"""Reviews of one list at most."""


class ReviewStore(Reviews):
    """An attempt has one open request at most; what came of earlier ones stays."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def ask(self, review: ScoreReview) -> bool:
        """Open a request; False where one is open."""
        async with self._database.writing() as connection:
            if await put_rows(connection, REVIEW, [_row(review)]) != 1:
                return False
            await audit.append(connection, [_line(review, "review.asked", review.asked_by, review.asked_ms)])
        return True

    async def of_attempt(self, attempt_id: UUID) -> ScoreReview | None:
        """The latest."""
        asked = (
            select(REVIEW)
            .where(REVIEW.c.attempt_id == attempt_id)
            .order_by(REVIEW.c.asked_ms.desc(), REVIEW.c.id)
        )
        async with self._database.reading() as connection:
            row = (await connection.execute(asked.limit(1))).first()
        return None if row is None else _review(row)

    async def review(self, review_id: UUID) -> ScoreReview | None:
        """One by its id."""
        async with self._database.reading() as connection:
            row = (await connection.execute(select(REVIEW).where(REVIEW.c.id == review_id))).first()
        return None if row is None else _review(row)

    async def open_of(self, session_id: UUID) -> Mapping[UUID, ScoreReview]:
        """Open requests of a session, by attempt."""
        asked = select(REVIEW).where(
            REVIEW.c.session_id == session_id, REVIEW.c.state == ReviewState.OPEN.value
        )
        async with self._database.reading() as connection:
            return {row.attempt_id: _review(row) for row in await connection.execute(asked)}

    async def listed(self, reach: Reach, *, open_only: bool) -> Sequence[ReviewLine]:
        """Open ones first, then the latest."""
        still_open = REVIEW.c.state == ReviewState.OPEN.value
        whole = (
            REVIEW.join(SESSION, SESSION.c.id == REVIEW.c.session_id)
            .join(INSTITUTION, INSTITUTION.c.id == REVIEW.c.institution_id)
            .outerjoin(REGISTRATION, REGISTRATION.c.id == REVIEW.c.attempt_id)
            .outerjoin(PERSON, PERSON.c.id == REGISTRATION.c.person_id)
        )
        asked = (
            select(
                REVIEW,
                func.coalesce(PERSON.c.name, "").label("name"),
                func.coalesce(REGISTRATION.c.ticket_no, "").label("ticket_no"),
                SESSION.c.title.label("session"),
                INSTITUTION.c.name.label("institution"),
            )
            .select_from(whole)
            .where(REAL)
            .order_by(case((still_open, 0), else_=1), REVIEW.c.asked_ms.desc(), REVIEW.c.id)
            .limit(LISTED)
        )
        if open_only:
            asked = asked.where(still_open)
        if not reach.everywhere:
            asked = asked.where(REVIEW.c.institution_id == reach.institution_id)
        async with self._database.reading() as connection:
            return [
                ReviewLine(
                    review=_review(row),
                    name=row.name,
                    ticket_no=row.ticket_no,
                    session=row.session,
                    institution=row.institution,
                )
                for row in await connection.execute(asked)
            ]

    async def done(self, review: ScoreReview) -> bool:
        """Keep the outcome and its audit line; False where it was done before."""
        async with self._database.writing() as connection:
            if not await _answer(connection, review):
                return False
            line = _line(review, "review.done", f"staff:{review.done_by}", review.done_ms)
            await audit.append(connection, [line])
        return True

    async def done_whole(self, whole: WholeReview, reviews: Sequence[ScoreReview]) -> None:
        """Keep outcomes of a session: open requests are answered, others are new. One audit line."""
        async with self._database.writing() as connection:
            for review in reviews:
                if not await _answer(connection, review):
                    await put_rows(connection, REVIEW, [_row(review)])
            line = audit.Line(
                at_ms=whole.done_ms,
                actor=f"staff:{whole.done_by}",
                act="review.session",
                object=f"session:{whole.session_id}",
                body={"checked": whole.checked, "equal": whole.equal},
                org=whole.institution_id,
            )
            await audit.append(connection, [line])

    async def ops(self, attempts: Sequence[UUID]) -> Mapping[UUID, HeldOps]:
        """What the scores of these attempts are worked out from."""
        accepted = select(LATE.c.attempt_id).where(
            LATE.c.attempt_id.in_(attempts), LATE.c.state == LateState.ACCEPTED.value
        )
        async with self._database.reading() as connection:
            held = await packed_ops(connection, asked_ops("held").where(OP.c.attempt_id.in_(attempts)))
            late = await packed_ops(connection, asked_ops("late").where(OP.c.attempt_id.in_(accepted)))
        return {one: HeldOps(held.get(one, b""), late.get(one, b"")) for one in attempts}


async def _answer(connection: AsyncConnection, review: ScoreReview) -> bool:
    answered = (
        update(REVIEW)
        .where(REVIEW.c.id == review.id, REVIEW.c.state == ReviewState.OPEN.value)
        .values(
            state=ReviewState.DONE.value,
            outcome=_outcome(review.outcome),
            done_by=review.done_by,
            done_ms=review.done_ms,
        )
    )
    return (await connection.execute(answered)).rowcount == 1


def _row(review: ScoreReview) -> dict[str, Any]:
    return {
        "id": review.id,
        "attempt_id": review.attempt_id,
        "session_id": review.session_id,
        "institution_id": review.institution_id,
        "asked_by": review.asked_by,
        "asked_ms": review.asked_ms,
        "reason": review.reason.replace("\0", ""),
        "state": review.state.value,
        "outcome": _outcome(review.outcome),
        "done_by": review.done_by,
        "done_ms": review.done_ms,
    }


def _outcome(outcome: ReviewOutcome | None) -> str:
    return "" if outcome is None else msgspec.json.encode(outcome).decode()


def _review(row: Row[Any]) -> ScoreReview:
    return ScoreReview(
        id=row.id,
        attempt_id=row.attempt_id,
        session_id=row.session_id,
        institution_id=row.institution_id,
        asked_by=row.asked_by,
        asked_ms=row.asked_ms,
        reason=row.reason,
        state=ReviewState(row.state),
        outcome=msgspec.json.decode(row.outcome, type=ReviewOutcome) if row.outcome else None,
        done_by=row.done_by,
        done_ms=row.done_ms,
    )


def _line(review: ScoreReview, act: str, actor: str, at_ms: int) -> audit.Line:
    body: dict[str, str | int | bool | None] = {"review": str(review.id)}
    if review.outcome is not None:
        body |= {"run": review.outcome.run, "equal": review.outcome.equal}
    return audit.Line(
        at_ms=at_ms,
        actor=actor,
        act=act,
        object=f"attempt:{review.attempt_id}",
        body=body,
        org=review.institution_id,
    )
