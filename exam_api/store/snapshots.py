"""Snapshots on record, and the keys of their pictures."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Row, bindparam, func, select, true

from exam_api.people import Reach
from exam_api.snapshot_ports import Kept, Opening, Place, Seen, Snapshots
from exam_api.store.bulk import put_rows
from exam_api.store.engine import Database
from exam_api.store.tables import (
    ConsentRow,
    PersonConsentRow,
    PictureKeyRow,
    RegistrationRow,
    SessionRow,
    SnapshotRow,
    table,
)

CHOICE: Final = table(ConsentRow)
CONSENT: Final = table(PersonConsentRow)
KEY: Final = table(PictureKeyRow)
REGISTRATION: Final = table(RegistrationRow)
SESSION: Final = table(SessionRow)
SNAPSHOT: Final = table(SnapshotRow)

ASKED_AT_ONCE: Final = 500
"""Names in one query: fewer than either database takes parameters."""

PHOTOS: Final = "photos"
"""The purpose, and the choice before an exam that agrees to it."""


# Put together once: the first picture of every attempt asks these three.
_CHOICE: Final = (
    select(CHOICE.c.choice)
    .where(CHOICE.c.attempt_id == bindparam("attempt"))
    .order_by(CHOICE.c.at_ms.desc())
    .limit(1)
)
_AT_LARGE: Final = (
    select(CONSENT.c.given)
    .join(REGISTRATION, REGISTRATION.c.person_id == CONSENT.c.person_id)
    .where(REGISTRATION.c.id == bindparam("attempt"), CONSENT.c.purpose == PHOTOS)
    .order_by(CONSENT.c.at_ms.desc())
    .limit(1)
)
_KEY: Final = select(KEY.c.key_sealed).where(KEY.c.attempt_id == bindparam("attempt"))


class SnapshotStore(Snapshots):
    """What the drain wrote; keys as the ingest keeps them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def opening(self, attempt_id: UUID) -> Opening:
        """As the port says: the choice for this exam stands, without one what the person said at large."""
        of_attempt = {"attempt": attempt_id}
        async with self._database.reading() as connection:
            chosen: str | None = await connection.scalar(_CHOICE, of_attempt)
            given = chosen == PHOTOS if chosen else bool(await connection.scalar(_AT_LARGE, of_attempt))
            return Opening(given=given, key_sealed=await connection.scalar(_KEY, of_attempt) or b"")

    async def keep_key(self, attempt_id: UUID, key_sealed: bytes, *, at_ms: int) -> bytes:
        """As the port says: of processes that come together the first one's stays."""
        row = {"attempt_id": attempt_id, "key_sealed": key_sealed, "made_ms": at_ms}
        async with self._database.writing() as connection:
            if await put_rows(connection, KEY, [row]):
                return key_sealed
            held = select(KEY.c.key_sealed).where(KEY.c.attempt_id == attempt_id)
            return (await connection.execute(held)).scalar_one()

    async def of_attempt(self, session_id: UUID, attempt_id: UUID, reach: Reach) -> Sequence[Seen]:
        """As the port says."""
        asked = _asked(session_id, attempt_id, reach).order_by(SNAPSHOT.c.at_ms, SNAPSHOT.c.id)
        async with self._database.reading() as connection:
            rows = await connection.execute(asked)
            return [Seen(kept=_kept(row), readable=row.key_sealed is not None) for row in rows]

    async def find(
        self, snapshot_id: UUID, *, session_id: UUID, attempt_id: UUID, reach: Reach
    ) -> tuple[Kept, bytes] | None:
        """As the port says."""
        asked = _asked(session_id, attempt_id, reach).where(SNAPSHOT.c.id == snapshot_id)
        async with self._database.reading() as connection:
            row = (await connection.execute(asked)).first()
        return None if row is None else (_kept(row), row.key_sealed or b"")

    async def shredded(self, segments: Sequence[str]) -> set[str]:
        """As the port says."""
        found: set[str] = set()
        gone = (
            select(SNAPSHOT.c.segment)
            .select_from(SNAPSHOT.outerjoin(KEY, KEY.c.attempt_id == SNAPSHOT.c.attempt_id))
            .group_by(SNAPSHOT.c.segment)
            .having(func.count(KEY.c.attempt_id) == 0)
        )
        async with self._database.reading() as connection:
            for first in range(0, len(segments), ASKED_AT_ONCE):
                names = segments[first : first + ASKED_AT_ONCE]
                # Its name says whose it is, and by session the rows are found without reading them all.
                sessions = {UUID(name.split("/")[1]) for name in names}
                part = gone.where(SNAPSHOT.c.session_id.in_(sessions), SNAPSHOT.c.segment.in_(names))
                found.update((await connection.execute(part)).scalars())
        return found

    async def attempts_of(self, person_id: UUID, *, now_ms: int) -> Sequence[UUID]:
        """As the port says."""
        asked = (
            select(REGISTRATION.c.id)
            .join(SESSION, SESSION.c.id == REGISTRATION.c.session_id)
            .where(REGISTRATION.c.person_id == person_id, SESSION.c.closes_ms > now_ms)
        )
        async with self._database.reading() as connection:
            return (await connection.execute(asked)).scalars().all()


def snapshot_row(kept: Kept) -> dict[str, Any]:
    """The row of a snapshot that the log brought."""
    return {
        "id": kept.id,
        "attempt_id": kept.attempt_id,
        "session_id": kept.session_id,
        "at_ms": kept.at_ms,
        "fence": kept.fence,
        "reason": kept.reason,
        "segment": kept.place.segment,
        "offset_bytes": kept.place.offset,
        "length_bytes": kept.place.length,
        "digest": kept.place.digest,
        "width": kept.width,
        "height": kept.height,
    }


def _asked(session_id: UUID, attempt_id: UUID, reach: Reach) -> Any:  # noqa: ANN401 - a select
    """Snapshots of one attempt within a reach, with the sealed key where there still is one."""
    whole = SNAPSHOT.join(SESSION, SESSION.c.id == SNAPSHOT.c.session_id).outerjoin(
        KEY, KEY.c.attempt_id == SNAPSHOT.c.attempt_id
    )
    return (
        select(SNAPSHOT, KEY.c.key_sealed)
        .select_from(whole)
        .where(SNAPSHOT.c.session_id == session_id, SNAPSHOT.c.attempt_id == attempt_id, _within(reach))
    )


def _within(reach: Reach) -> ColumnElement[bool]:
    return true() if reach.everywhere else SESSION.c.institution_id == reach.institution_id


def _kept(row: Row[Any]) -> Kept:
    return Kept(
        id=row.id,
        attempt_id=row.attempt_id,
        session_id=row.session_id,
        at_ms=row.at_ms,
        fence=row.fence,
        reason=row.reason,
        place=Place(segment=row.segment, offset=row.offset_bytes, length=row.length_bytes, digest=row.digest),
        width=row.width,
        height=row.height,
    )
