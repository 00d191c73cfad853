"""Create sessions, registrations and papers.

Lock: none held, the tables are new.  Backfill: none.  Undo: drops the tables with all they hold.
"""

import sqlalchemy as sa
from alembic import op

from migrations.appending import keep_rows, lock_briefly

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

KEPT = ("paper",)
"""Tables whose rows are never changed."""


def upgrade() -> None:
    """Create the tables."""
    lock_briefly()
    _create_session()
    _create_registration()
    _create_paper()
    _create_consent()
    _create_item_report()
    keep_rows(KEPT)


def downgrade() -> None:
    """Drop the tables."""
    lock_briefly()
    op.drop_table("item_report")
    op.drop_table("consent")
    op.drop_table("paper")
    op.drop_table("registration")
    op.drop_table("session")


def _create_session() -> None:
    op.create_table(
        "session",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("institution_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("profile", sa.String(length=64), nullable=False),
        sa.Column("profile_confirmed", sa.Boolean(), nullable=False),
        sa.Column("pool_version_id", sa.Uuid(), nullable=False),
        sa.Column("blueprint_id", sa.Uuid(), nullable=False),
        sa.Column("opens_ms", sa.BigInteger(), nullable=False),
        sa.Column("entry_ms", sa.BigInteger(), nullable=False),
        sa.Column("latest_entry_ms", sa.BigInteger(), nullable=False),
        sa.Column("closes_ms", sa.BigInteger(), nullable=False),
        sa.Column("length_ms", sa.BigInteger(), nullable=False),
        sa.Column("earliest_hand_in_ms", sa.BigInteger(), nullable=False),
        sa.Column("navigation", sa.String(length=16), nullable=False),
        sa.Column("takeover", sa.String(length=16), nullable=False),
        sa.Column("late_hold", sa.Boolean(), nullable=False),
        sa.Column("pass_centi", sa.Integer(), nullable=False),
        sa.Column("full_centi", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("room_code", sa.String(length=16), nullable=False),
        sa.Column("plan_year", sa.Integer(), nullable=False),
        sa.Column("plan_no", sa.Integer(), nullable=False),
        sa.Column("made_ms", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("channel in ('phone', 'desk', 'remote')", name=op.f("ck_session_channel_known")),
        sa.CheckConstraint(
            "state in ('draft', 'open', 'closed', 'published', 'cancelled')",
            name=op.f("ck_session_state_known"),
        ),
        sa.CheckConstraint("entry_ms <= opens_ms", name=op.f("ck_session_entry_before_opening")),
        sa.CheckConstraint(
            "latest_entry_ms between opens_ms and closes_ms", name=op.f("ck_session_latest_entry_inside")
        ),
        sa.CheckConstraint(
            "length_ms > 0 and earliest_hand_in_ms >= 0", name=op.f("ck_session_length_positive")
        ),
        sa.CheckConstraint("opens_ms < closes_ms", name=op.f("ck_session_closes_after_opening")),
        sa.CheckConstraint("pass_centi between 0 and full_centi", name=op.f("ck_session_pass_within_full")),
        sa.ForeignKeyConstraint(["blueprint_id"], ["blueprint.id"], name=op.f("fk_session_blueprint_id")),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_session_institution_id")
        ),
        sa.ForeignKeyConstraint(
            ["pool_version_id"], ["pool_version.id"], name=op.f("fk_session_pool_version_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session")),
        sa.UniqueConstraint("plan_year", "plan_no", name=op.f("uq_session_plan_year_plan_no")),
    )
    op.create_index(
        op.f("ix_session_institution_id_opens_ms"), "session", ["institution_id", "opens_ms"], unique=False
    )
    op.create_index(op.f("ix_session_opens_ms"), "session", ["opens_ms"], unique=False)


def _create_registration() -> None:
    op.create_table(
        "registration",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("ticket_no", sa.String(length=32), nullable=False),
        sa.Column("seat", sa.String(length=16), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("extra_ms", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("made_ms", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("state in ('booked', 'cancelled')", name=op.f("ck_registration_state_known")),
        sa.CheckConstraint("extra_ms >= 0", name=op.f("ck_registration_extra_not_negative")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_registration_person_id")),
        sa.ForeignKeyConstraint(["session_id"], ["session.id"], name=op.f("fk_registration_session_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registration")),
        sa.UniqueConstraint("session_id", "person_id", name=op.f("uq_registration_session_id_person_id")),
        sa.UniqueConstraint("session_id", "serial", name=op.f("uq_registration_session_id_serial")),
        sa.UniqueConstraint("ticket_no", name=op.f("uq_registration_ticket_no")),
    )
    op.create_index(op.f("ix_registration_person_id"), "registration", ["person_id"], unique=False)
    op.create_index(
        "uq_registration_seat",
        "registration",
        ["session_id", "seat"],
        unique=True,
        postgresql_where=sa.text("seat <> ''"),
        sqlite_where=sa.text("seat <> ''"),
    )


def _create_paper() -> None:
    op.create_table(
        "paper",
        sa.Column("attempt_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("pool_digest", sa.String(length=64), nullable=False),
        sa.Column("blueprint_digest", sa.String(length=64), nullable=False),
        sa.Column("seed", sa.String(length=80), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["attempt_id"], ["registration.id"], name=op.f("fk_paper_attempt_id")),
        sa.ForeignKeyConstraint(["session_id"], ["session.id"], name=op.f("fk_paper_session_id")),
        sa.PrimaryKeyConstraint("attempt_id", name=op.f("pk_paper")),
    )
    op.create_index(op.f("ix_paper_session_id"), "paper", ["session_id"], unique=False)


def _create_consent() -> None:
    op.create_table(
        "consent",
        sa.Column("attempt_id", sa.Uuid(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("choice", sa.String(length=40), nullable=False),
        sa.Column("text_version", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("attempt_id", "at_ms", name=op.f("pk_consent")),
    )


def _create_item_report() -> None:
    op.create_table(
        "item_report",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("attempt_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("slot", sa.Integer(), nullable=False),
        sa.Column("version", sa.LargeBinary(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item_report")),
    )
    op.create_index(op.f("ix_item_report_session_id"), "item_report", ["session_id"], unique=False)
    op.create_index(op.f("ix_item_report_version"), "item_report", ["version"], unique=False)
