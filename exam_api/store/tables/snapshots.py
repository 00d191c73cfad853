"""Tables of camera snapshots and of the keys that open them."""

from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field

from exam_api.store.tables.row import Row


class SnapshotRow(Row, table=True):
    """One picture of an attempt; its bytes lie encrypted in a segment."""

    __table_args__ = (
        UniqueConstraint("attempt_id", "digest"),
        Index(None, "session_id", "at_ms"),
        CheckConstraint("offset_bytes >= 0 and length_bytes > 0", name="place_positive"),
    )
    id: UUID = Field(primary_key=True)
    attempt_id: UUID
    session_id: UUID
    at_ms: int = Field(sa_type=BigInteger)
    fence: int = Field(sa_type=BigInteger)
    reason: str = Field(max_length=24)
    """Why it was taken."""
    segment: str = Field(max_length=120)
    offset_bytes: int = Field(sa_type=BigInteger)
    length_bytes: int
    digest: bytes
    """SHA-256 of the picture."""
    width: int
    height: int


class PictureKeyRow(Row, table=True):
    """The key of one attempt's pictures; with the row they are gone for good, wherever their bytes lie."""

    attempt_id: UUID = Field(primary_key=True)
    key_sealed: bytes
    made_ms: int = Field(sa_type=BigInteger)
