"""Tables of the audit: its lines, the ends of its chains, seals of closed days, agreements of two persons."""

from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, Text
from sqlmodel import Field

from exam_api.store.tables.row import Row


class AuditRow(Row, table=True):
    """One line of the audit. Append-only; each line carries the hash of the one before in its chain."""

    __table_args__ = (Index(None, "object"), Index(None, "at_ms"), Index(None, "actor"))
    org: UUID = Field(primary_key=True)
    """Institution; zeros for the department and the system."""
    day: str = Field(primary_key=True, max_length=10)
    """Civil day in Asia/Shanghai; empty for lines from before there were chains by day."""
    no: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    """1, 2, 3, … in its day, without gaps."""
    at_ms: int = Field(sa_type=BigInteger)
    actor: str = Field(max_length=64)
    """`staff:<uuid>`, `system`, `operator:<name>`."""
    act: str = Field(max_length=64)
    object: str = Field(max_length=120)
    """What it was done to: `session:<uuid>`."""
    body: str = Field(sa_type=Text)
    """JSON; ids and figures, no names and no numbers of persons."""
    before: bytes
    """Hash of the line before; 32 zeros at the first."""
    hash: bytes


class AuditHeadRow(Row, table=True):
    """The end of one chain, locked by whoever appends to it."""

    org: UUID = Field(primary_key=True)
    day: str = Field(max_length=10)
    no: int = Field(sa_type=BigInteger)
    """Of the day's last line; 0: the day has none yet."""
    hash: bytes


class AuditSealRow(Row, table=True):
    """The signed end of a day that is over. Append-only; meant to be held outside too."""

    org: UUID = Field(primary_key=True)
    day: str = Field(primary_key=True, max_length=10)
    no: int = Field(sa_type=BigInteger)
    hash: bytes
    key_id: str = Field(max_length=40)
    signature: bytes
    made_ms: int = Field(sa_type=BigInteger)


class AgreementRow(Row, table=True):
    """One person asks to do something that takes two; another agrees or declines."""

    __table_args__ = (
        Index(None, "asked_ms"),
        CheckConstraint("answer in ('', 'agreed', 'declined', 'withdrawn')", name="answer_known"),
        CheckConstraint("answer <> 'agreed' or answered_by <> asked_by", name="two_persons"),
        CheckConstraint("used_ms = 0 or answer = 'agreed'", name="used_after_agreed"),
    )
    id: UUID = Field(primary_key=True)
    act: str = Field(max_length=64)
    object: str = Field(max_length=120)
    org: UUID | None
    """Institution that the object belongs to."""
    digest: bytes
    """SHA-256 over act, object and body: what was agreed to is what is done."""
    body: str = Field(sa_type=Text)
    """JSON, canonical."""
    asked_by: UUID
    asked_ms: int = Field(sa_type=BigInteger)
    until_ms: int = Field(sa_type=BigInteger)
    answer: str = Field(default="", max_length=16)
    answered_by: UUID | None
    answered_ms: int = Field(default=0, sa_type=BigInteger)
    used_ms: int = Field(default=0, sa_type=BigInteger)
