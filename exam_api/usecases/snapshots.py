"""Camera snapshots: kept with consent only, seen by those who run the session; no answer waits for them."""

import hashlib
from collections.abc import Sequence
from typing import Final
from uuid import UUID

import msgspec

from exam_api.attempt.errors import AlreadyClosed, AttemptNotFound, NotWriting
from exam_api.errors import LiveAway
from exam_api.people import Login
from exam_api.snapshot_ports import Gate, Kept, Passed, Seen, picture_key_context
from exam_api.usecases.console_parts import ConsoleParts, scope_of
from exam_api.usecases.errors import NoSuchSession, NoSuchSnapshot, PictureErased
from exam_api.usecases.persons_parts import PersonsParts
from exam_api.usecases.sights import session_in_sight
from exam_api.usecases.snapshot_parts import Remembered, SnapshotParts
from exam_api.visible import Field
from proctoring.errors import NoConsentToPhotos, TooManySnapshots
from proctoring.schedule import GAP_LEAST_MS, next_after_ms
from proctoring.snapshot import Snapshot, read_snapshot

PHOTOS: Final = "photos"
"""The purpose that pictures need consent for, and the choice before an exam that gives it."""


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """What a page is told of a picture that was kept."""

    id: UUID
    next_ms: int
    """Until the next one shall be taken."""


class _Shot(msgspec.Struct, frozen=True, kw_only=True):
    """A picture on its way."""

    id: UUID
    attempt_id: UUID
    picture: Snapshot
    fence: int
    reason: str
    at_ms: int


async def take_snapshot(
    attempt_id: UUID, data: bytes, *, fence: int, reason: str, parts: SnapshotParts
) -> Taken:
    """Keep one picture of a running attempt; the same bytes again get the same answer.

    Raises NotASnapshot, NoConsentToPhotos, TooManySnapshots, NotWriting, AlreadyClosed, AttemptNotFound,
    PicturesAway, LiveAway, RecordAway (its consent or key are not known here yet).
    """
    picture = read_snapshot(data)
    now_ms, digest = parts.clock.now_ms(), picture.digest
    known = parts.memory.find(attempt_id, now_ms=now_ms) or await _learnt(attempt_id, now_ms, parts)
    if not known.key:
        raise NoConsentToPhotos
    shot = _Shot(
        id=_id_of(digest, known.key),
        attempt_id=attempt_id,
        picture=picture,
        fence=fence,
        reason=reason,
        at_ms=now_ms,
    )
    session_id = known.goes_on(now_ms=now_ms, gap_ms=GAP_LEAST_MS, digest=digest)
    known.session_id = None  # until it is known how this one fares
    if session_id is None:
        session_id = await _asked_first(shot, known, parts)
    else:
        await _written_first(shot, known, session_id, parts)
    known.passed(session_id, at_ms=now_ms, digest=digest)
    return Taken(id=shot.id, next_ms=next_after_ms(parts.chance(), since_finding_ms=None))


async def _asked_first(shot: _Shot, known: Remembered, parts: SnapshotParts) -> UUID:
    """A picture of which nothing is known here: the live state is asked before a byte is kept."""
    gate = await parts.gate.begin(
        shot.attempt_id,
        fence=shot.fence,
        now_ms=shot.at_ms,
        gap_ms=GAP_LEAST_MS,
        digest=shot.picture.digest,
    )
    session_id = _let_through(gate, shot.attempt_id, parts)
    if gate.passed is Passed.GO:
        await parts.gate.keep(_kept(shot, known.key, session_id, parts))
    return session_id


async def _written_first(shot: _Shot, known: Remembered, session_id: UUID, parts: SnapshotParts) -> None:
    """The next of several: bytes are kept, then the live state is asked once; refused, they are dropped."""
    kept = _kept(shot, known.key, session_id, parts)
    gate = await parts.gate.take(kept, gap_ms=GAP_LEAST_MS)
    if gate.passed is not Passed.GO:
        await parts.segments.drop(kept.place)
        _let_through(gate, shot.attempt_id, parts)


async def consent_changed(attempt_ids: Sequence[UUID], *, given: bool, parts: SnapshotParts) -> None:
    """Let a choice hold from the next picture on, in every process.

    With the live state away nothing is kept anyway; who withdrew then is known again within `YES_FOR_MS`.
    """
    for attempt_id in attempt_ids:
        parts.memory.forget(attempt_id)
        try:
            await parts.gate.consented(attempt_id, given=given)
        except LiveAway:
            return


async def attempts_with_pictures(person_id: UUID, parts: SnapshotParts) -> Sequence[UUID]:
    """Attempts of a person for which pictures may still be sent. Raises RecordAway."""
    return await parts.record.attempts_of(person_id, now_ms=parts.clock.now_ms())


async def list_snapshots(  # noqa: PLR0913 - a place and who asks
    session_id: UUID,
    attempt_id: UUID,
    login: Login,
    *,
    console: ConsoleParts,
    persons: PersonsParts,
    parts: SnapshotParts,
) -> Sequence[Seen]:
    """Pictures of one attempt, oldest first.

    Raises NoSuchSession, also for those who only lend the room; RecordAway.
    """
    await _may_look(session_id, login, console, persons)
    return await parts.record.of_attempt(session_id, attempt_id, scope_of(login))


async def open_snapshot(  # noqa: PLR0913 - a place and who asks
    session_id: UUID,
    attempt_id: UUID,
    snapshot_id: UUID,
    login: Login,
    *,
    console: ConsoleParts,
    persons: PersonsParts,
    parts: SnapshotParts,
) -> bytes:
    """The JPEG of one picture.

    Raises NoSuchSession as above, NoSuchSnapshot, PictureErased, RecordAway.
    """
    await _may_look(session_id, login, console, persons)
    found = await parts.record.find(
        snapshot_id, session_id=session_id, attempt_id=attempt_id, reach=scope_of(login)
    )
    if found is None:
        raise NoSuchSnapshot(snapshot_id)
    kept, key_sealed = found
    if not key_sealed:
        raise PictureErased(snapshot_id)
    key = parts.sealer.open(key_sealed, context=picture_key_context(attempt_id))
    data = await parts.segments.read(kept.place, key=key, bound=session_id.bytes + attempt_id.bytes)
    if data is None:
        raise PictureErased(snapshot_id)
    return data


async def _may_look(session_id: UUID, login: Login, console: ConsoleParts, persons: PersonsParts) -> None:
    _, sight = await session_in_sight(session_id, login, console, persons)
    if not sight.may(Field.PHOTOS):
        raise NoSuchSession(session_id)


async def _learnt(attempt_id: UUID, now_ms: int, parts: SnapshotParts) -> Remembered:
    """The attempt with its key, made at its first picture. Raises RecordAway."""
    opening = await parts.record.opening(attempt_id)
    key = b""
    if opening.given:
        context = picture_key_context(attempt_id)
        sealed = opening.key_sealed or await parts.record.keep_key(
            attempt_id, parts.sealer.seal(parts.new_key(), context=context), at_ms=now_ms
        )
        key = parts.sealer.open(sealed, context=context)
    return parts.memory.put(attempt_id, key, now_ms=now_ms)


def _kept(shot: _Shot, key: bytes, session_id: UUID, parts: SnapshotParts) -> Kept:
    """Encrypt and append; what the log will say of it. Raises PicturesAway."""
    picture = shot.picture
    place = parts.segments.append(
        picture.jpeg,
        session_id=session_id,
        key=key,
        bound=session_id.bytes + shot.attempt_id.bytes,
        digest=picture.digest,
    )
    return Kept(
        id=shot.id,
        attempt_id=shot.attempt_id,
        session_id=session_id,
        at_ms=shot.at_ms,
        fence=shot.fence,
        reason=shot.reason,
        place=place,
        width=picture.width,
        height=picture.height,
    )


def _let_through(gate: Gate, attempt_id: UUID, parts: SnapshotParts) -> UUID:
    """The session of a picture that may be kept, or is."""
    if gate.passed is Passed.NO_CONSENT:
        parts.memory.forget(attempt_id)
        raise NoConsentToPhotos
    if gate.passed is Passed.WAIT:
        raise TooManySnapshots(wait_ms=gate.wait_ms)
    if gate.passed is Passed.NOT_WRITING:
        raise NotWriting(fence=gate.fence)
    if gate.passed is Passed.CLOSED:
        raise AlreadyClosed(closed_ms=gate.closed_ms)
    if gate.session_id is None:
        raise AttemptNotFound(attempt_id)
    return gate.session_id


def _id_of(digest: bytes, key: bytes) -> UUID:
    """The same picture of the same attempt always bears the same id; without the key nobody guesses it."""
    return UUID(
        bytes=hashlib.blake2b(digest, digest_size=16, key=key, person=b"snapshot").digest(), version=4
    )
