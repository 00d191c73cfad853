"""Let staff have every role there is, and employers be tenants of their clerks.

Lock: staff, briefly; it holds some hundred rows.  Backfill: none.  Undo: refused by the database while an
account has a role that the old constraint does not know.
"""

import sqlalchemy as sa
from alembic import op

from migrations.appending import lock_briefly

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

ROLES = (
    "role in ('invigilator', 'institution-admin', 'item-author', 'item-reviewer', 'officer', "
    "'auditor', 'operator', 'employer-clerk', 'ce-platform')"
)
INSTITUTION = (
    "case when role in ('invigilator', 'institution-admin') then institution_id is not null "
    "when role in ('item-author', 'item-reviewer') then true else institution_id is null end"
)
EMPLOYER = "(role = 'employer-clerk') = (employer_id is not null)"
OLD_ROLES = "role in ('invigilator', 'institution-admin', 'officer', 'operator')"
OLD_INSTITUTION = "(role in ('invigilator', 'institution-admin')) = (institution_id is not null)"


def upgrade() -> None:
    """Create employers, widen the constraints of staff."""
    lock_briefly()
    op.create_table(
        "employer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("uscc", sa.String(length=18), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("made_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_employer")),
        sa.UniqueConstraint("uscc", name=op.f("uq_employer_uscc")),
    )
    with op.batch_alter_table("staff") as staff:
        staff.add_column(sa.Column("employer_id", sa.Uuid(), nullable=True))
        staff.create_foreign_key(op.f("fk_staff_employer_id"), "employer", ["employer_id"], ["id"])
        staff.drop_constraint(op.f("ck_staff_role_known"), type_="check")
        staff.drop_constraint(op.f("ck_staff_institution_by_role"), type_="check")
        staff.create_check_constraint(op.f("ck_staff_role_known"), ROLES)
        staff.create_check_constraint(op.f("ck_staff_institution_by_role"), INSTITUTION)
        staff.create_check_constraint(op.f("ck_staff_employer_by_role"), EMPLOYER)


def downgrade() -> None:
    """Take employers away, narrow the constraints again."""
    lock_briefly()
    with op.batch_alter_table("staff") as staff:
        staff.drop_constraint(op.f("ck_staff_employer_by_role"), type_="check")
        staff.drop_constraint(op.f("ck_staff_role_known"), type_="check")
        staff.drop_constraint(op.f("ck_staff_institution_by_role"), type_="check")
        staff.drop_constraint(op.f("fk_staff_employer_id"), type_="foreignkey")
        staff.drop_column("employer_id")
        staff.create_check_constraint(op.f("ck_staff_role_known"), OLD_ROLES)
        staff.create_check_constraint(op.f("ck_staff_institution_by_role"), OLD_INSTITUTION)
    op.drop_table("employer")
