"""Create second factors, recovery codes, machine keys, WeChat identities; mark passwords that were given.

Lock: staff, briefly; it holds some hundred rows.  Backfill: none, accounts that are there chose theirs.
Undo: drops what was created.
"""

import sqlalchemy as sa
from alembic import op

from migrations.appending import lock_briefly

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables, widen staff."""
    lock_briefly()
    with op.batch_alter_table("staff") as staff:
        staff.add_column(sa.Column("must_change", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "second_factor",
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("secret_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("made_ms", sa.BigInteger(), nullable=False),
        sa.Column("confirmed_ms", sa.BigInteger(), nullable=False),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("staff_id", name=op.f("pk_second_factor")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_second_factor_staff_id")),
    )
    op.create_table(
        "recovery_code",
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("made_ms", sa.BigInteger(), nullable=False),
        sa.Column("used_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("staff_id", "code_hash", name=op.f("pk_recovery_code")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_recovery_code_staff_id")),
    )
    op.create_table(
        "machine_key",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("key_hash", sa.LargeBinary(), nullable=False),
        sa.Column("hint", sa.String(length=8), nullable=False),
        sa.Column("made_ms", sa.BigInteger(), nullable=False),
        sa.Column("until_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_machine_key")),
        sa.UniqueConstraint("key_hash", name=op.f("uq_machine_key_key_hash")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_machine_key_staff_id")),
    )
    op.create_index(op.f("ix_machine_key_staff_id"), "machine_key", ["staff_id"])
    op.create_table(
        "wechat_link",
        sa.Column("openid_hash", sa.LargeBinary(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("made_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("openid_hash", name=op.f("pk_wechat_link")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_wechat_link_person_id"), ondelete="CASCADE"
        ),
    )
    op.create_index(op.f("ix_wechat_link_person_id"), "wechat_link", ["person_id"])


def downgrade() -> None:
    """Drop the tables, narrow staff."""
    lock_briefly()
    for table in ("wechat_link", "machine_key", "recovery_code", "second_factor"):
        op.drop_table(table)
    with op.batch_alter_table("staff") as staff:
        staff.drop_column("must_change")
