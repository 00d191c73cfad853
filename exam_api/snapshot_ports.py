"""What camera snapshots need from the outside: a place for bytes, a gate in the live state, the record."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Protocol
from uuid import UUID

import msgspec

from exam_api.people import Reach


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where the bytes of one picture lie, encrypted."""

    segment: str
    """Name of the segment, relative to the store's root."""
    offset: int
    length: int
    """Bytes of the whole frame in the segment."""
    digest: bytes
    """SHA-256 of the picture itself."""


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """One snapshot: what the log carries to the record, and the record to those who look."""

    id: UUID
    attempt_id: UUID
    session_id: UUID
    at_ms: int
    fence: int
    reason: str
    """Why it was taken: `schedule`, or what the page was told."""
    place: Place
    width: int
    height: int


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """A snapshot in a list."""

    kept: Kept
    readable: bool
    """False once its key was deleted."""


class Opening(msgspec.Struct, frozen=True, kw_only=True):
    """What the first picture of an attempt in this process asks of the record."""

    given: bool
    """Whether the candidate's consent to pictures stands."""
    key_sealed: bytes
    """Sealed key of the attempt; empty while it has none."""


class Passed(StrEnum):
    """What the live state says to a picture that comes."""

    GO = "go"
    HELD = "held"
    """The same picture is kept already."""
    WAIT = "wait"
    NO_CONSENT = "no-consent"
    NOT_WRITING = "not-writing"
    CLOSED = "closed"
    NOT_STARTED = "not-started"


class Gate(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a picture may be kept now."""

    passed: Passed
    wait_ms: int = 0
    fence: int = 0
    """The writing fence."""
    closed_ms: int = 0
    session_id: UUID | None = None


class Segments(Protocol):
    """Pictures in append-only files. Made by `blobs.segments`."""

    def append(self, data: bytes, *, session_id: UUID, key: bytes, bound: bytes, digest: bytes) -> Place:
        """Encrypt under the attempt's key and append.

        bound: ids the bytes are bound to; they open with the same ones only.

        Raises PicturesAway when they cannot be written.
        """
        ...

    async def read(self, place: Place, *, key: bytes, bound: bytes) -> bytes | None:
        """The picture, or None where the bytes are missing, changed, or another key's."""
        ...

    async def drop(self, place: Place) -> None:
        """Overwrite bytes that nothing refers to: their picture was refused after all."""
        ...

    async def resting(self, *, since_ms: int) -> Sequence[str]:
        """Names of segments on this machine that nobody has written to since then."""
        ...

    async def unlink(self, segments: Sequence[str]) -> None:
        """Take them off the disk; what is gone already is no matter."""
        ...

    async def forget(self, session_id: UUID) -> None:
        """Take all that this machine has of a session off the disk, whoever may be writing there."""
        ...

    def close(self) -> None: ...


class SnapshotGate(Protocol):
    """Pictures of running attempts in the live state. Fails closed."""

    async def begin(self, attempt_id: UUID, *, fence: int, now_ms: int, gap_ms: int, digest: bytes) -> Gate:
        """Whether this picture may be kept; GO counts as the attempt's latest."""
        ...

    async def keep(self, kept: Kept) -> None:
        """Put it into the log, from where the record and the analysis take it. Safe to repeat."""
        ...

    async def take(self, kept: Kept, *, gap_ms: int) -> Gate:
        """`begin` and `keep` in one, for bytes that are kept already; only GO put it into the log.

        GO names no session: whoever keeps bytes knows it.
        """
        ...

    async def consented(self, attempt_id: UUID, *, given: bool) -> None:
        """Consent was given or taken back: holds for the next picture, in every process."""
        ...


class Snapshots(Protocol):
    """Snapshots and keys of pictures on record. Raises `RecordAway`."""

    async def opening(self, attempt_id: UUID) -> Opening: ...

    async def keep_key(self, attempt_id: UUID, key_sealed: bytes, *, at_ms: int) -> bytes:
        """Keep a first key; gives the one that is kept."""
        ...

    async def of_attempt(self, session_id: UUID, attempt_id: UUID, reach: Reach) -> Sequence[Seen]:
        """Oldest first."""
        ...

    async def find(
        self, snapshot_id: UUID, *, session_id: UUID, attempt_id: UUID, reach: Reach
    ) -> tuple[Kept, bytes] | None:
        """A snapshot with the sealed key of its attempt; empty: the key was deleted."""
        ...

    async def shredded(self, segments: Sequence[str]) -> set[str]:
        """Those of them of which pictures are on record, and the key of none is there any more."""
        ...

    async def attempts_of(self, person_id: UUID, *, now_ms: int) -> Sequence[UUID]:
        """The person's attempts whose sessions are not over."""
        ...


def picture_key_context(attempt_id: UUID) -> bytes:
    """What the sealed key of an attempt's pictures is bound to."""
    return b"picture-key" + attempt_id.bytes
