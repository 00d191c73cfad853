"""Create the record of the exam: attempts, ops, events, facts, score runs, late requests.

Lock: none held, the tables are new.  Backfill: none.  Undo: drops the tables with all they hold.
"""

import sqlalchemy as sa
from alembic import op

from migrations.appending import keep_rows, lock_briefly

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

KEPT = ("op", "event", "fact", "score_run")
"""Tables whose rows are never changed."""


def upgrade() -> None:
    """Create the tables."""
    lock_briefly()
    _create_attempt()
    _create_op()
    _create_event()
    _create_fact()
    _create_score_run()
    _create_late_request()
    keep_rows(KEPT)


def downgrade() -> None:
    """Drop the tables."""
    lock_briefly()
    op.drop_table("late_request")
    op.drop_table("score_run")
    op.drop_table("fact")
    op.drop_table("event")
    op.drop_table("op")
    op.drop_table("attempt")


def _create_attempt() -> None:
    op.create_table(
        "attempt",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("started_ms", sa.BigInteger(), nullable=False),
        sa.Column("deadline_ms", sa.BigInteger(), nullable=False),
        sa.Column("storage_key", sa.String(length=128), nullable=False),
        sa.Column("closed_ms", sa.BigInteger(), nullable=False),
        sa.Column("close_kind", sa.String(length=16), nullable=False),
        sa.Column("fence", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("seen_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempt")),
    )
    op.create_index(op.f("ix_attempt_session_id"), "attempt", ["session_id"], unique=False)


def _create_op() -> None:
    op.create_table(
        "op",
        sa.Column("attempt_id", sa.Uuid(), nullable=False),
        sa.Column("fence", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("how", sa.String(length=8), nullable=False),
        sa.Column("kind", sa.Integer(), nullable=False),
        sa.Column("slot", sa.Integer(), nullable=False),
        sa.Column("version", sa.LargeBinary(), nullable=False),
        sa.Column("mask", sa.BigInteger(), nullable=False),
        sa.Column("client_ms", sa.BigInteger(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("how in ('held', 'side', 'late')", name=op.f("ck_op_how_known")),
        sa.PrimaryKeyConstraint("attempt_id", "fence", "seq", "how", name=op.f("pk_op")),
    )


def _create_event() -> None:
    op.create_table(
        "event",
        sa.Column("attempt_id", sa.Uuid(), nullable=False),
        sa.Column("entry", sa.String(length=40), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("fence", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("attempt_id", "entry", name=op.f("pk_event")),
    )
    op.create_index(op.f("ix_event_session_id_at_ms"), "event", ["session_id", "at_ms"], unique=False)


def _create_fact() -> None:
    op.create_table(
        "fact",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("attempt_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("ms", sa.BigInteger(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fact")),
    )
    op.create_index(op.f("ix_fact_at_ms"), "fact", ["at_ms"], unique=False)
    op.create_index(op.f("ix_fact_attempt_id"), "fact", ["attempt_id"], unique=False)


def _create_score_run() -> None:
    op.create_table(
        "score_run",
        sa.Column("attempt_id", sa.Uuid(), nullable=False),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("institution_id", sa.Uuid(), nullable=False),
        sa.Column("cause", sa.String(length=24), nullable=False),
        sa.Column("total_centi", sa.Integer(), nullable=False),
        sa.Column("full_centi", sa.Integer(), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("score", sa.Text(), nullable=False),
        sa.Column("answers", sa.LargeBinary(), nullable=False),
        sa.Column("answers_digest", sa.LargeBinary(), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("head", sa.LargeBinary(), nullable=False),
        sa.Column("started_ms", sa.BigInteger(), nullable=False),
        sa.Column("closed_ms", sa.BigInteger(), nullable=False),
        sa.Column("close_kind", sa.String(length=16), nullable=False),
        sa.Column("late_ops", sa.Integer(), nullable=False),
        sa.Column("scored_ms", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("run >= 1", name=op.f("ck_score_run_run_from_one")),
        sa.CheckConstraint(
            "total_centi between 0 and full_centi", name=op.f("ck_score_run_total_within_full")
        ),
        sa.PrimaryKeyConstraint("attempt_id", "run", name=op.f("pk_score_run")),
    )
    op.create_index(op.f("ix_score_run_session_id"), "score_run", ["session_id"], unique=False)


def _create_late_request() -> None:
    op.create_table(
        "late_request",
        sa.Column("attempt_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("institution_id", sa.Uuid(), nullable=False),
        sa.Column("ops", sa.Integer(), nullable=False),
        sa.Column("first_ms", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_ms", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(state = 'open') = (decided_by is null)", name=op.f("ck_late_request_decided_by_someone")
        ),
        sa.CheckConstraint(
            "state in ('open', 'accepted', 'declined')", name=op.f("ck_late_request_state_known")
        ),
        sa.PrimaryKeyConstraint("attempt_id", name=op.f("pk_late_request")),
    )
    op.create_index(
        "ix_late_request_open",
        "late_request",
        ["first_ms"],
        unique=False,
        postgresql_where=sa.text("state = 'open'"),
        sqlite_where=sa.text("state = 'open'"),
    )
    op.create_index(op.f("ix_late_request_session_id"), "late_request", ["session_id"], unique=False)
