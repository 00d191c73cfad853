"""Carrying out the clocks of retention: what is due is counted, or erased, one kind at a time."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import delete, exists, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from exam_api.console_ports import Act
from exam_api.persons_ports import Retention
from exam_api.store import audit
from exam_api.store.engine import Database
from exam_api.store.tables import (
    CorrectionRow,
    EmploymentRow,
    ErasureRow,
    HoldRow,
    LateRequestRow,
    PersonConsentRow,
    PersonGivenRow,
    PersonNoticeRow,
    PersonRow,
    PictureKeyRow,
    RegistrationRow,
    ScoreReviewRow,
    SessionRow,
    WechatLinkRow,
    table,
)

CONSENT: Final = table(PersonConsentRow)
CORRECTION: Final = table(CorrectionRow)
EMPLOYMENT: Final = table(EmploymentRow)
ERASURE: Final = table(ErasureRow)
GIVEN: Final = table(PersonGivenRow)
HOLD: Final = table(HoldRow)
LATE: Final = table(LateRequestRow)
NOTICE: Final = table(PersonNoticeRow)
PERSON: Final = table(PersonRow)
PICTURE_KEY: Final = table(PictureKeyRow)
REGISTRATION: Final = table(RegistrationRow)
REVIEW: Final = table(ScoreReviewRow)
SESSION: Final = table(SessionRow)
WECHAT: Final = table(WechatLinkRow)

SHANGHAI_AHEAD: Final = timedelta(hours=8)
"""Civil dates are those of Asia/Shanghai; it has had no summer time since 1991."""

NO_PHONE: Final = {"phone_sealed": b"", "phone_mask": ""}


class RetentionStore(Retention):
    """Every clock of `exam_api.retention` has its rows here."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def due(self, kind: str, *, before_ms: int) -> int:
        """How many are due: their clock began before the instant."""
        of, wanted, _ = _due(kind, before_ms)
        async with self._database.reading() as connection:
            asked = select(func.count()).select_from(of).where(*wanted)
            return (await connection.execute(asked)).scalar_one()

    async def carry_out(self, kind: str, *, before_ms: int, act: Act) -> int:
        """Erase them; how many were erased. One line of the audit for the kind."""
        async with self._database.writing() as connection:
            rows = await carry_out_in(connection, kind, before_ms=before_ms)
            if rows:
                line = audit.Line(
                    at_ms=act.at_ms,
                    actor=act.actor,
                    act="retention.applied",
                    object=f"retention:{kind}",
                    body={"rows": rows, "before_ms": before_ms},
                )
                await audit.append(connection, [line])
        return rows


async def carry_out_in(connection: AsyncConnection, kind: str, *, before_ms: int) -> int:
    """Erase what is due inside the caller's transaction; the line of the audit is the caller's."""
    of, wanted, values = _due(kind, before_ms)
    if kind == "imported-person":
        ids = select(PERSON.c.id).where(*wanted)
        for other in (GIVEN, EMPLOYMENT, NOTICE, CONSENT, CORRECTION, ERASURE, HOLD, WECHAT):
            await connection.execute(delete(other).where(other.c.person_id.in_(ids)))
    change: Any = update(of).values(**values) if values else delete(of)
    return (await connection.execute(change.where(*wanted))).rowcount


def _due(  # noqa: PLR0911 - one for each kind
    kind: str, before_ms: int
) -> tuple[Any, list[Any], dict[str, Any]]:
    """The table, which rows of it are due, and what they become; nothing: they are deleted."""
    if kind == "imported-person":
        registered = exists(select(REGISTRATION.c.id).where(REGISTRATION.c.person_id == PERSON.c.id))
        wanted = [PERSON.c.made_ms < before_ms, ~registered, _free(PERSON.c.id)]
        return PERSON, wanted, {}
    if kind == "phone":
        last = _last_session(PERSON.c.id)
        wanted = [PERSON.c.phone_mask != "", last < before_ms, _free(PERSON.c.id)]
        return PERSON, wanted, NO_PHONE
    if kind == "given-phone":
        last = _last_session(GIVEN.c.person_id, SESSION.c.institution_id == GIVEN.c.institution_id)
        over = func.coalesce(last, GIVEN.c.at_ms) < before_ms
        return GIVEN, [GIVEN.c.phone_mask != "", over, _free(GIVEN.c.person_id)], NO_PHONE
    if kind == "employment":
        day = (datetime.fromtimestamp(before_ms / 1000, tz=UTC) + SHANGHAI_AHEAD).date().isoformat()
        wanted = [EMPLOYMENT.c.until != "", EMPLOYMENT.c.until < day, _free(EMPLOYMENT.c.person_id)]
        return EMPLOYMENT, wanted, {}
    if kind == "notice":
        return NOTICE, [NOTICE.c.at_ms < before_ms], {}
    if kind == "correction-value":
        decided = (CORRECTION.c.decided_ms > 0, CORRECTION.c.decided_ms < before_ms)
        wanted = [*decided, CORRECTION.c.value_mask != "", _free(CORRECTION.c.person_id)]
        return CORRECTION, wanted, {"value_sealed": b"", "value_mask": ""}
    if kind == "snapshot":
        return PICTURE_KEY, _shreddable(before_ms), {}
    raise LookupError(kind)


def _shreddable(before_ms: int) -> list[Any]:
    """Keys of pictures of sessions that closed before, where nothing is open about the attempt or person.

    With its key a picture is gone, wherever copies of its bytes lie.
    """
    attempt = PICTURE_KEY.c.attempt_id
    closed = exists(
        select(REGISTRATION.c.id)
        .join(SESSION, SESSION.c.id == REGISTRATION.c.session_id)
        .where(REGISTRATION.c.id == attempt, SESSION.c.closes_ms < before_ms, _free(REGISTRATION.c.person_id))
    )
    still_open = (
        exists(select(of.c.attempt_id).where(of.c.attempt_id == attempt, of.c.state == "open"))
        for of in (LATE, REVIEW)
    )
    return [closed, *(~one for one in still_open)]


def _free(person_id: Any) -> Any:  # noqa: ANN401 - a column, a condition
    """No hold stands."""
    return ~exists(select(HOLD.c.id).where(HOLD.c.person_id == person_id, HOLD.c.lifted_ms == 0))


def _last_session(person_id: Any, *wanted: Any) -> Any:  # noqa: ANN401 - columns, an expression
    """When the last session that a person was registered for closed; none: null."""
    return (
        select(func.max(SESSION.c.closes_ms))
        .join(REGISTRATION, REGISTRATION.c.session_id == SESSION.c.id)
        .where(REGISTRATION.c.person_id == person_id, *wanted)
        .scalar_subquery()
    )
