"""Create snapshots and the keys of pictures.

Lock: none held.  Backfill: none.  Undo: drops what was created; with the keys every picture is unreadable.
"""

import sqlalchemy as sa
from alembic import op

from migrations.appending import lock_briefly

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create both tables."""
    lock_briefly()
    op.create_table(
        "snapshot",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("attempt_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("fence", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=24), nullable=False),
        sa.Column("segment", sa.String(length=120), nullable=False),
        sa.Column("offset_bytes", sa.BigInteger(), nullable=False),
        sa.Column("length_bytes", sa.Integer(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.CheckConstraint("offset_bytes >= 0 and length_bytes > 0", name=op.f("ck_snapshot_place_positive")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_snapshot")),
        sa.UniqueConstraint("attempt_id", "digest", name=op.f("uq_snapshot_attempt_id_digest")),
    )
    op.create_index(op.f("ix_snapshot_session_id_at_ms"), "snapshot", ["session_id", "at_ms"])
    op.create_table(
        "picture_key",
        sa.Column("attempt_id", sa.Uuid(), nullable=False),
        sa.Column("key_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("made_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("attempt_id", name=op.f("pk_picture_key")),
    )


def downgrade() -> None:
    """Drop both."""
    lock_briefly()
    op.drop_table("picture_key")
    op.drop_index(op.f("ix_snapshot_session_id_at_ms"), "snapshot")
    op.drop_table("snapshot")
