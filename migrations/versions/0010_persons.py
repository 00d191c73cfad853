"""Create employment, what institutions gave, consents, corrections, erasures, holds, lenders.

Lock: none held, the tables are new.  Backfill: what institutions gave is taken from their registrations.
Undo: drops what was created.
"""

import sqlalchemy as sa
from alembic import op

from migrations.appending import lock_briefly

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

CREATED = (
    "institution_file",
    "employment",
    "person_given",
    "person_notice",
    "person_consent",
    "correction",
    "erasure",
    "hold",
    "session_lender",
)
"""In the order in which they are created."""

FILL_GIVEN = """
INSERT INTO person_given (person_id, institution_id, name, phone_sealed, phone_mask, at_ms, first_ms)
SELECT p.id, s.institution_id, p.name, p.phone_sealed, p.phone_mask, max(r.made_ms), min(r.made_ms)
FROM registration r JOIN session s ON s.id = r.session_id JOIN person p ON p.id = r.person_id
GROUP BY p.id, s.institution_id, p.name, p.phone_sealed, p.phone_mask
"""
"""Until now an institution was shown the person's own name and phone: it has seen them."""


def upgrade() -> None:
    """Create the tables."""
    lock_briefly()
    _create_institution_file()
    _create_employment()
    _create_person_given()
    _create_person_notice()
    _create_person_consent()
    _create_correction()
    _create_erasure()
    _create_hold()
    _create_session_lender()
    op.execute(FILL_GIVEN)


def downgrade() -> None:
    """Drop the tables."""
    lock_briefly()
    for table in reversed(CREATED):
        op.drop_table(table)


def _create_institution_file() -> None:
    op.create_table(
        "institution_file",
        sa.Column("institution_id", sa.Uuid(), nullable=False),
        sa.Column("uscc", sa.String(length=18), nullable=False),
        sa.Column("licence_no", sa.String(length=60), nullable=False),
        sa.Column("licence_until", sa.String(length=10), nullable=False),
        sa.Column("licence_by", sa.String(length=120), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("changed_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_institution_file_institution_id")
        ),
        sa.PrimaryKeyConstraint("institution_id", name=op.f("pk_institution_file")),
        sa.UniqueConstraint("uscc", name=op.f("uq_institution_file_uscc")),
    )


def _create_employment() -> None:
    op.create_table(
        "employment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("employer_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("since", sa.String(length=10), nullable=False),
        sa.Column("until", sa.String(length=10), nullable=False),
        sa.Column("given_by", sa.Uuid(), nullable=True),
        sa.Column("confirmed_by", sa.String(length=64), nullable=False),
        sa.Column("confirmed_ms", sa.BigInteger(), nullable=False),
        sa.Column("made_ms", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("until = '' or until >= since", name=op.f("ck_employment_until_after_since")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_employment_person_id")),
        sa.ForeignKeyConstraint(["employer_id"], ["employer.id"], name=op.f("fk_employment_employer_id")),
        sa.ForeignKeyConstraint(["given_by"], ["institution.id"], name=op.f("fk_employment_given_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_employment")),
        sa.UniqueConstraint(
            "person_id",
            "employer_id",
            "role",
            "since",
            name=op.f("uq_employment_person_id_employer_id_role_since"),
        ),
    )
    op.create_index(op.f("ix_employment_employer_id"), "employment", ["employer_id"], unique=False)


def _create_person_given() -> None:
    op.create_table(
        "person_given",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("institution_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("phone_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("phone_mask", sa.String(length=32), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("first_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_person_given_person_id")),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_person_given_institution_id")
        ),
        sa.PrimaryKeyConstraint("person_id", "institution_id", name=op.f("pk_person_given")),
    )
    op.create_index(
        op.f("ix_person_given_institution_id_name"), "person_given", ["institution_id", "name"], unique=False
    )


def _create_person_notice() -> None:
    op.create_table(
        "person_notice",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("institution_id", sa.Uuid(), nullable=True),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_person_notice_person_id")),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_person_notice_institution_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_notice")),
    )
    op.create_index(op.f("ix_person_notice_at_ms"), "person_notice", ["at_ms"], unique=False)
    op.create_index(op.f("ix_person_notice_person_id"), "person_notice", ["person_id"], unique=False)


def _create_person_consent() -> None:
    op.create_table(
        "person_consent",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.String(length=40), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("given", sa.Boolean(), nullable=False),
        sa.Column("text_version", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_person_consent_person_id")),
        sa.PrimaryKeyConstraint("person_id", "purpose", "at_ms", name=op.f("pk_person_consent")),
    )


def _create_correction() -> None:
    op.create_table(
        "correction",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("field", sa.String(length=16), nullable=False),
        sa.Column("value_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("value_mask", sa.String(length=80), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("asked_ms", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("decided_by", sa.String(length=64), nullable=False),
        sa.Column("decided_ms", sa.BigInteger(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.CheckConstraint("field in ('name', 'phone', 'id-number')", name=op.f("ck_correction_field_known")),
        sa.CheckConstraint(
            "state in ('open', 'granted', 'declined')", name=op.f("ck_correction_state_known")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_correction_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_correction")),
    )
    op.create_index(op.f("ix_correction_person_id"), "correction", ["person_id"], unique=False)
    op.create_index(op.f("ix_correction_state"), "correction", ["state"], unique=False)


def _create_erasure() -> None:
    op.create_table(
        "erasure",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("asked_ms", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("decided_by", sa.String(length=64), nullable=False),
        sa.Column("decided_ms", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.CheckConstraint("state in ('open', 'done', 'declined')", name=op.f("ck_erasure_state_known")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_erasure_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasure")),
    )
    op.create_index(op.f("ix_erasure_person_id"), "erasure", ["person_id"], unique=False)
    op.create_index(op.f("ix_erasure_state"), "erasure", ["state"], unique=False)


def _create_hold() -> None:
    op.create_table(
        "hold",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("lifted_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_hold_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hold")),
    )
    op.create_index(op.f("ix_hold_person_id"), "hold", ["person_id"], unique=False)


def _create_session_lender() -> None:
    op.create_table(
        "session_lender",
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("institution_id", sa.Uuid(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["session_id"], ["session.id"], name=op.f("fk_session_lender_session_id")),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_session_lender_institution_id")
        ),
        sa.PrimaryKeyConstraint("session_id", "institution_id", name=op.f("pk_session_lender")),
    )
    op.create_index(
        op.f("ix_session_lender_institution_id"), "session_lender", ["institution_id"], unique=False
    )
