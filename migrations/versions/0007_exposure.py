"""Create exposure counts.

Lock: none held.  Backfill: none (papers drawn before count from their next session on).  Undo: drops what was
created.
"""

import sqlalchemy as sa
from alembic import op

from migrations.appending import lock_briefly

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    lock_briefly()
    op.create_table(
        "exposure",
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.LargeBinary(), nullable=False),
        sa.Column("drawn", sa.Integer(), nullable=False),
        sa.CheckConstraint("drawn > 0", name=op.f("ck_exposure_drawn_counted")),
        sa.ForeignKeyConstraint(["session_id"], ["session.id"], name=op.f("fk_exposure_session_id")),
        sa.PrimaryKeyConstraint("session_id", "version", name=op.f("pk_exposure")),
    )
    op.create_index(op.f("ix_exposure_version"), "exposure", ["version"])


def downgrade() -> None:
    """Drop the table."""
    lock_briefly()
    op.drop_table("exposure")
