"""Taking a person out of the record: what must stay, why, and what goes."""

import secrets
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from exam_api.persons_ports import Finding
from exam_api.retention import DAY_MS, SCHEDULE
from exam_api.store.tables import (
    ConsentRow,
    CorrectionRow,
    EmploymentRow,
    HoldRow,
    LateRequestRow,
    PersonGivenRow,
    PersonNoticeRow,
    PersonRow,
    PictureKeyRow,
    RegistrationRow,
    ScoreRunRow,
    SessionRow,
    WechatLinkRow,
    table,
)

CONSENT: Final = table(ConsentRow)
CORRECTION: Final = table(CorrectionRow)
EMPLOYMENT: Final = table(EmploymentRow)
GIVEN: Final = table(PersonGivenRow)
HOLD: Final = table(HoldRow)
LATE: Final = table(LateRequestRow)
NOTICE: Final = table(PersonNoticeRow)
PERSON: Final = table(PersonRow)
PICTURE_KEY: Final = table(PictureKeyRow)
REGISTRATION: Final = table(RegistrationRow)
RUN: Final = table(ScoreRunRow)
SESSION: Final = table(SessionRow)
WECHAT: Final = table(WechatLinkRow)

APPEAL_MS: Final = 30 * DAY_MS
"""After a session's close a result can be appealed against; until then its person stays known."""


async def erase_person(connection: AsyncConnection, person_id: UUID) -> None:
    """Take away who it was; what hangs on the id (results, answers) belongs to nobody from now on."""
    nobody = {
        "name": "",
        "id_blind": secrets.token_bytes(32),
        "id_sealed": b"",
        "id_mask": "",
        "phone_sealed": b"",
        "phone_mask": "",
    }
    await connection.execute(update(PERSON).where(PERSON.c.id == person_id).values(**nobody))
    for of in (GIVEN, EMPLOYMENT, NOTICE, WECHAT):
        await connection.execute(delete(of).where(of.c.person_id == person_id))
    own = select(REGISTRATION.c.id).where(REGISTRATION.c.person_id == person_id)
    await connection.execute(delete(PICTURE_KEY).where(PICTURE_KEY.c.attempt_id.in_(own)))
    emptied = {"value_sealed": b"", "value_mask": "", "reason": "", "answer": ""}
    await connection.execute(update(CORRECTION).where(CORRECTION.c.person_id == person_id).values(**emptied))


async def findings_of(connection: AsyncConnection, person_id: UUID, now_ms: int) -> list[Finding]:
    """What a deletion would erase and keep, and why."""
    own = select(REGISTRATION.c.id).where(REGISTRATION.c.person_id == person_id)
    why, until_ms = await _blocked(connection, person_id, now_ms)
    free = not why
    reason = why or "nothing-requires-it"
    erased = {
        "identity": 1,
        "phone": await count(connection, PERSON, PERSON.c.id == person_id, PERSON.c.phone_mask != ""),
        "given": await count(connection, GIVEN, GIVEN.c.person_id == person_id),
        "employment": await count(connection, EMPLOYMENT, EMPLOYMENT.c.person_id == person_id),
        "photos": await count(connection, PICTURE_KEY, PICTURE_KEY.c.attempt_id.in_(own)),
    }
    kept = {
        "results": await count(connection, RUN, RUN.c.attempt_id.in_(own)),
        "answers": await count(connection, REGISTRATION, REGISTRATION.c.person_id == person_id),
        "consents": await count(connection, CONSENT, CONSENT.c.attempt_id.in_(own)),
        "audit": 0,
    }
    findings = [
        Finding(kind=kind, rows=rows, erased=free, why=reason, until_ms=until_ms)
        for kind, rows in erased.items()
    ]
    for duty in SCHEDULE.duties:
        ends = now_ms + duty.days * DAY_MS if duty.days else 0
        findings.append(
            Finding(kind=duty.kind, rows=kept.get(duty.kind, 0), erased=False, why=duty.why, until_ms=ends)
        )
    return findings


async def _blocked(connection: AsyncConnection, person_id: UUID, now_ms: int) -> tuple[str, int]:
    """Why a person must stay known, and until when; empty: nothing requires it."""
    held = count(connection, HOLD, HOLD.c.person_id == person_id, HOLD.c.lifted_ms == 0)
    if await held:
        return "hold", 0
    own = select(REGISTRATION.c.id).where(REGISTRATION.c.person_id == person_id)
    if await count(connection, LATE, LATE.c.attempt_id.in_(own), LATE.c.state == "open"):
        return "late-answers-undecided", 0
    last = (
        select(func.max(SESSION.c.closes_ms))
        .join(REGISTRATION, REGISTRATION.c.session_id == SESSION.c.id)
        .where(REGISTRATION.c.person_id == person_id, REGISTRATION.c.state == "booked")
    )
    closes_ms = await connection.scalar(last) or 0
    if closes_ms > now_ms:
        return "exam-ahead", closes_ms + APPEAL_MS
    if closes_ms + APPEAL_MS > now_ms:
        return "appeal-possible", closes_ms + APPEAL_MS
    return "", 0


async def count(connection: AsyncConnection, of: Any, *wanted: Any) -> int:  # noqa: ANN401 - a table, conditions
    """How many rows there are."""
    return (await connection.execute(select(func.count()).select_from(of).where(*wanted))).scalar_one()
