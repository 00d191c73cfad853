"""What persons may see and say: everything the record holds about them, and what they agreed to."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import msgspec
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from exam_api.attempt.chain import masks
from exam_api.console_ports import Act
from exam_api.people import Reach
from exam_api.persons_ports import Consent, Notice, OwnFile, Rights
from exam_api.store import audit
from exam_api.store.bulk import put_rows
from exam_api.store.employers import employments_of
from exam_api.store.engine import Database
from exam_api.store.keeping import Keeper
from exam_api.store.persons import sittings_of
from exam_api.store.requests import correction_of, corrections_of, erasure_of, erasures_of
from exam_api.store.tables import (
    AttemptRow,
    ConsentRow,
    InstitutionRow,
    ItemReportRow,
    PersonConsentRow,
    PersonGivenRow,
    PersonNoticeRow,
    PersonRow,
    RegistrationRow,
    ScoreRunRow,
    SessionRow,
    table,
)

ATTEMPT: Final = table(AttemptRow)
CONSENT: Final = table(PersonConsentRow)
EXAM_CONSENT: Final = table(ConsentRow)
GIVEN: Final = table(PersonGivenRow)
INSTITUTION: Final = table(InstitutionRow)
NOTICE: Final = table(PersonNoticeRow)
PERSON: Final = table(PersonRow)
REGISTRATION: Final = table(RegistrationRow)
REPORT: Final = table(ItemReportRow)
RUN: Final = table(ScoreRunRow)
SESSION: Final = table(SessionRow)

PHOTOS: Final = "photos"
"""Purpose whose withdrawal reaches into sessions that are not over."""

ANSWER_BYTES: Final = 4
"""Bytes of one slot's mask in the canonical answers."""


class _Section(msgspec.Struct):
    title: str
    score_centi: int
    full_centi: int


class _Score(msgspec.Struct):
    """What of a score its candidate is given: no marks of single items, which would tell keys."""

    sections: list[_Section]


class RightStore(Rights):
    """For the person's own pages."""

    def __init__(self, database: Database, keeper: Keeper) -> None:
        self._database = database
        self._keeper = keeper

    async def own_file(self, person_id: UUID) -> OwnFile | None:
        """Everything about one person; None: erased, or nobody."""
        async with self._database.reading() as connection:
            return await self._file(connection, person_id)

    async def export(self, person_id: UUID, *, act: Act) -> OwnFile | None:
        """The same, with the read in the audit."""
        async with self._database.writing() as connection:
            file = await self._file(connection, person_id)
            line = audit.Line(
                at_ms=act.at_ms, actor=act.actor, act="person.exported", object=f"person:{person_id}"
            )
            await audit.append(connection, [line])
        return file

    async def consents(self, person_id: UUID) -> Sequence[Consent]:
        """The newest of each purpose."""
        async with self._database.reading() as connection:
            every = await _consents(connection, person_id)
        return list({one.purpose: one for one in every}.values())

    async def set_consent(self, person_id: UUID, consent: Consent) -> None:
        """Keep it; taking photos back also holds for every registration whose session is not over."""
        row = {
            "person_id": person_id,
            "purpose": consent.purpose,
            "at_ms": consent.at_ms,
            "given": consent.given,
            "text_version": consent.text_version,
        }
        async with self._database.writing() as connection:
            await put_rows(connection, CONSENT, [row])
            if consent.purpose == PHOTOS and not consent.given:
                await self._no_photos(connection, person_id, consent)
            line = audit.Line(
                at_ms=consent.at_ms,
                actor="candidate",
                act="consent.given" if consent.given else "consent.withdrawn",
                object=f"person:{person_id}",
                body={"purpose": consent.purpose, "text": consent.text_version},
            )
            await audit.append(connection, [line])

    async def _no_photos(self, connection: AsyncConnection, person_id: UUID, consent: Consent) -> None:
        ahead = (
            select(REGISTRATION.c.id)
            .join(SESSION, SESSION.c.id == REGISTRATION.c.session_id)
            .where(REGISTRATION.c.person_id == person_id, SESSION.c.closes_ms > consent.at_ms)
        )
        rows = [
            {
                "attempt_id": attempt_id,
                "at_ms": consent.at_ms,
                "choice": "no-photos",
                "text_version": consent.text_version,
            }
            for attempt_id in (await connection.execute(ahead)).scalars()
        ]
        await put_rows(connection, EXAM_CONSENT, rows)

    async def _file(self, connection: AsyncConnection, person_id: UUID) -> OwnFile | None:
        row = (await connection.execute(select(PERSON).where(PERSON.c.id == person_id))).first()
        if row is None or not row.id_sealed:
            return None
        own = select(REGISTRATION.c.id).where(REGISTRATION.c.person_id == person_id)
        return OwnFile(
            person={
                "id": str(person_id),
                "name": row.name,
                "idNumber": self._keeper.opened_number(person_id, row.id_sealed),
                "phone": self._keeper.opened_phone(person_id, row.phone_sealed),
                "knownSinceMs": row.made_ms,
            },
            given=await self._given(connection, person_id),
            employments=await employments_of(connection, person_id, Reach(everywhere=True)),
            sittings=await sittings_of(connection, person_id, Reach(everywhere=True)),
            attempts=await _attempts(connection, own),
            results=await _results(connection, own),
            exam_consents=await _rows(
                connection,
                select(
                    EXAM_CONSENT.c.attempt_id.label("attemptId"),
                    EXAM_CONSENT.c.choice,
                    EXAM_CONSENT.c.text_version.label("textVersion"),
                    EXAM_CONSENT.c.at_ms.label("atMs"),
                ).where(EXAM_CONSENT.c.attempt_id.in_(own)),
            ),
            consents=await _consents(connection, person_id),
            item_reports=await _rows(
                connection,
                select(
                    REPORT.c.attempt_id.label("attemptId"),
                    REPORT.c.slot,
                    REPORT.c.message,
                    REPORT.c.at_ms.label("atMs"),
                ).where(REPORT.c.attempt_id.in_(own)),
            ),
            corrections=[
                correction_of(one)
                for one in await connection.execute(corrections_of(Reach(everywhere=True), person_id))
            ],
            erasures=[
                erasure_of(one)
                for one in await connection.execute(erasures_of(Reach(everywhere=True), person_id))
            ],
            notices=await _notices(connection, person_id),
        )

    async def _given(self, connection: AsyncConnection, person_id: UUID) -> list[Mapping[str, Any]]:
        asked = (
            select(GIVEN, INSTITUTION.c.name.label("institution"))
            .join(INSTITUTION, INSTITUTION.c.id == GIVEN.c.institution_id)
            .where(GIVEN.c.person_id == person_id)
            .order_by(GIVEN.c.first_ms, GIVEN.c.institution_id)
        )
        return [
            {
                "institution": row.institution,
                "name": row.name,
                "phone": self._keeper.opened_phone(person_id, row.phone_sealed),
                "atMs": row.at_ms,
            }
            for row in await connection.execute(asked)
        ]


async def _attempts(connection: AsyncConnection, own: Any) -> list[Mapping[str, Any]]:  # noqa: ANN401
    asked = select(
        ATTEMPT.c.id,
        ATTEMPT.c.started_ms.label("startedMs"),
        ATTEMPT.c.closed_ms.label("closedMs"),
        ATTEMPT.c.close_kind.label("closeKind"),
        ATTEMPT.c.fence.label("devices"),
        ATTEMPT.c.seq.label("recordedChanges"),
    ).where(ATTEMPT.c.id.in_(own))
    return await _rows(connection, asked)


async def _results(connection: AsyncConnection, own: Any) -> list[Mapping[str, Any]]:  # noqa: ANN401
    asked = select(RUN).where(RUN.c.attempt_id.in_(own)).order_by(RUN.c.attempt_id, RUN.c.run)
    found: list[Mapping[str, Any]] = []
    for row in await connection.execute(asked):
        score = msgspec.json.decode(row.score, type=_Score)
        chosen = masks(row.answers, len(row.answers) // ANSWER_BYTES)
        found.append(
            {
                "attemptId": str(row.attempt_id),
                "run": row.run,
                "cause": row.cause,
                "totalCenti": row.total_centi,
                "fullCenti": row.full_centi,
                "passed": row.passed,
                "sections": [msgspec.to_builtins(one) for one in score.sections],
                "chosenOptions": [_letters(mask) for mask in chosen],
                "scoredMs": row.scored_ms,
            }
        )
    return found


async def _consents(connection: AsyncConnection, person_id: UUID) -> list[Consent]:
    """Oldest first."""
    asked = (
        select(CONSENT).where(CONSENT.c.person_id == person_id).order_by(CONSENT.c.at_ms, CONSENT.c.purpose)
    )
    return [
        Consent(purpose=row.purpose, given=row.given, at_ms=row.at_ms, text_version=row.text_version)
        for row in await connection.execute(asked)
    ]


async def _notices(connection: AsyncConnection, person_id: UUID) -> list[Notice]:
    asked = (
        select(NOTICE, func.coalesce(INSTITUTION.c.name, "").label("institution"))
        .outerjoin(INSTITUTION, INSTITUTION.c.id == NOTICE.c.institution_id)
        .where(NOTICE.c.person_id == person_id)
        .order_by(NOTICE.c.at_ms.desc(), NOTICE.c.id)
    )
    return [
        Notice(at_ms=row.at_ms, institution=row.institution, code=row.code)
        for row in await connection.execute(asked)
    ]


async def _rows(connection: AsyncConnection, asked: Any) -> list[Mapping[str, Any]]:  # noqa: ANN401
    """Rows as they are exported: ids as text."""
    return [
        {name: str(value) if isinstance(value, UUID) else value for name, value in row.items()}
        for row in (await connection.execute(asked)).mappings()
    ]


def _letters(mask: int) -> str:
    """The options of a mask as letters of the item's own order: 0b101 is AC."""
    return "".join(chr(ord("A") + n) for n in range(mask.bit_length()) if mask >> n & 1)
