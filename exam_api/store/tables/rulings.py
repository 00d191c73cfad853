"""Tables of rulings on finished sessions, the second person's decisions, and score reviews."""

from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    Text,
    UniqueConstraint,
    text,
)
from sqlmodel import Field

from exam_api.store.tables.row import Row


class RulingRow(Row, table=True):
    """What somebody proposed to correct in a finished session, or to take back. Append-only."""

    __table_args__ = (
        CheckConstraint("number >= 1", name="number_from_one"),
        CheckConstraint("takes_back < number", name="takes_back_earlier"),
        UniqueConstraint("session_id", "number", "proposed_by"),
    )
    session_id: UUID = Field(primary_key=True, foreign_key="session.id")
    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    corrections: str = Field(sa_type=Text)
    """JSON: item version → `scoring.corrections.Correction`."""
    reason: str = Field(sa_type=Text)
    takes_back: int | None = None
    proposed_by: UUID
    proposer: str = Field(max_length=120)
    """Name, as it was then."""
    proposed_ms: int = Field(sa_type=BigInteger)


class RulingDecisionRow(Row, table=True):
    """What the second person said. Append-only; the database itself refuses an agreement of the proposer."""

    __table_args__ = (
        ForeignKeyConstraint(
            ["session_id", "number", "proposed_by"],
            ["ruling.session_id", "ruling.number", "ruling.proposed_by"],
        ),
        CheckConstraint("not agreed or decided_by <> proposed_by", name="second_person"),
    )
    session_id: UUID = Field(primary_key=True)
    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    proposed_by: UUID
    agreed: bool
    decided_by: UUID
    decider: str = Field(max_length=120)
    decided_ms: int = Field(sa_type=BigInteger)
    reason: str = Field(sa_type=Text)
    runs: int
    """Score runs that the agreement made."""


class ScoreReviewRow(Row, table=True):
    """A score that was, or is to be, worked out anew from the record."""

    __table_args__ = (
        Index(None, "attempt_id"),
        Index(None, "session_id"),
        Index(
            "uq_score_review_open", "attempt_id", unique=True,
            postgresql_where=text("state = 'open'"), sqlite_where=text("state = 'open'"),
        ),
        CheckConstraint("state in ('open', 'done')", name="state_known"),
        CheckConstraint("(state = 'open') = (done_by is null)", name="done_by_someone"),
    )  # fmt: skip
    id: UUID = Field(primary_key=True)
    attempt_id: UUID
    session_id: UUID
    institution_id: UUID
    asked_by: str = Field(max_length=64)
    """`candidate` or `staff:<uuid>`."""
    asked_ms: int = Field(sa_type=BigInteger)
    reason: str = Field(default="", sa_type=Text)
    state: str = Field(default="open", max_length=16)
    outcome: str = Field(default="", sa_type=Text)
    """JSON of `exam_api.ruling_ports.ReviewOutcome` once done."""
    done_by: UUID | None = None
    done_ms: int = Field(default=0, sa_type=BigInteger)
