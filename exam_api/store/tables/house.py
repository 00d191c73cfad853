"""Tables of what the house keeps about itself: consents, item reports, signing keys."""

from uuid import UUID

from sqlalchemy import BigInteger, Index, Text
from sqlmodel import Field

from exam_api.store.tables.row import Row


class ConsentRow(Row, table=True):
    """What a candidate chose before an attempt; the latest choice stands."""

    attempt_id: UUID = Field(primary_key=True)
    at_ms: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    choice: str = Field(max_length=40)
    """`photos`, `no-photos`."""
    text_version: str = Field(max_length=40)


class ItemReportRow(Row, table=True):
    """本题有误: a candidate holds an item to be wrong."""

    __table_args__ = (Index(None, "version"), Index(None, "session_id"))
    id: UUID = Field(primary_key=True)
    attempt_id: UUID
    session_id: UUID
    slot: int
    version: bytes
    message: str = Field(sa_type=Text)
    at_ms: int = Field(sa_type=BigInteger)


class SigningKeyRow(Row, table=True):
    """A public key that receipts were signed with; stays published after it is retired."""

    id: str = Field(primary_key=True, max_length=40)
    algorithm: str = Field(max_length=16)
    public_key: bytes
    made_ms: int = Field(sa_type=BigInteger)
    retired_ms: int = Field(default=0, sa_type=BigInteger)
