"""Create rulings, their decisions and score reviews; a score run names the ruling it was made under.

Lock: score_run, briefly: a column without a default is added, no row is rewritten.  Backfill: none.
Undo: drops what was created; refused by nothing, so rulings are lost.
"""

import sqlalchemy as sa
from alembic import op

from migrations.appending import keep_rows, lock_briefly

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    lock_briefly()
    op.create_table(
        "ruling",
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("corrections", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("takes_back", sa.Integer(), nullable=True),
        sa.Column("proposed_by", sa.Uuid(), nullable=False),
        sa.Column("proposer", sa.String(length=120), nullable=False),
        sa.Column("proposed_ms", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("number >= 1", name=op.f("ck_ruling_number_from_one")),
        sa.CheckConstraint("takes_back < number", name=op.f("ck_ruling_takes_back_earlier")),
        sa.ForeignKeyConstraint(["session_id"], ["session.id"], name=op.f("fk_ruling_session_id")),
        sa.PrimaryKeyConstraint("session_id", "number", name=op.f("pk_ruling")),
        sa.UniqueConstraint(
            "session_id", "number", "proposed_by", name=op.f("uq_ruling_session_id_number_proposed_by")
        ),
    )
    op.create_table(
        "ruling_decision",
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=False),
        sa.Column("agreed", sa.Boolean(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=False),
        sa.Column("decider", sa.String(length=120), nullable=False),
        sa.Column("decided_ms", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("runs", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "not agreed or decided_by <> proposed_by", name=op.f("ck_ruling_decision_second_person")
        ),
        sa.ForeignKeyConstraint(
            ["session_id", "number", "proposed_by"],
            ["ruling.session_id", "ruling.number", "ruling.proposed_by"],
            name=op.f("fk_ruling_decision_session_id_number_proposed_by"),
        ),
        sa.PrimaryKeyConstraint("session_id", "number", name=op.f("pk_ruling_decision")),
    )
    keep_rows(["ruling", "ruling_decision"])
    op.create_table(
        "score_review",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("attempt_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("institution_id", sa.Uuid(), nullable=False),
        sa.Column("asked_by", sa.String(length=64), nullable=False),
        sa.Column("asked_ms", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("done_by", sa.Uuid(), nullable=True),
        sa.Column("done_ms", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("state in ('open', 'done')", name=op.f("ck_score_review_state_known")),
        sa.CheckConstraint(
            "(state = 'open') = (done_by is null)", name=op.f("ck_score_review_done_by_someone")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_score_review")),
    )
    op.create_index(op.f("ix_score_review_attempt_id"), "score_review", ["attempt_id"])
    op.create_index(op.f("ix_score_review_session_id"), "score_review", ["session_id"])
    still_open = sa.text("state = 'open'")
    op.create_index(
        "uq_score_review_open",
        "score_review",
        ["attempt_id"],
        unique=True,
        postgresql_where=still_open,
        sqlite_where=still_open,
    )
    op.add_column("score_run", sa.Column("ruling", sa.Integer(), nullable=True))


def downgrade() -> None:
    """Drop the tables and the column."""
    lock_briefly()
    op.drop_column("score_run", "ruling")
    op.drop_table("score_review")
    op.drop_table("ruling_decision")
    op.drop_table("ruling")
