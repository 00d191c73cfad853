"""Create one audit chain for each organisation and day, seals of days, agreements of two persons.

Lines that are there stay as they are, byte for byte: they become the department's chain before days (form 1),
and the first line of its first day is chained to the last of them.

Lock: audit, for as long as its primary key is built anew.  Backfill: the defaults of two columns.
Undo: refused where lines were written since: they do not fit into one chain.
"""

import sqlalchemy as sa
from alembic import op

from migrations.appending import is_postgres, keep_rows, lock_briefly

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

KEPT = ("audit_seal",)
DEPARTMENT = "0" * 32
OLD = "no, at_ms, actor, act, object, body, before, hash"


def upgrade() -> None:
    """Give lines their chain and day; create heads, seals and agreements."""
    lock_briefly()
    _widen_audit()
    _create_heads()
    _create_seals()
    _create_agreements()
    keep_rows(KEPT)


def downgrade() -> None:
    """Put the one chain back, where nothing but it is there."""
    lock_briefly()
    connection = op.get_bind()
    if connection.scalar(sa.text("SELECT count(*) FROM audit WHERE day <> ''")):
        raise RuntimeError("the audit has lines of chains by day; they do not fit into one chain")
    op.drop_table("agreement")
    op.drop_table("audit_seal")
    end = connection.execute(sa.text("SELECT no, hash FROM audit_head WHERE day = ''")).first()
    op.drop_table("audit_head")
    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("no", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_audit_head_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_head")),
    )
    if end is not None:
        connection.execute(
            sa.text("INSERT INTO audit_head (id, no, hash) VALUES (1, :no, :hash)"),
            {"no": end.no, "hash": end.hash},
        )
    op.drop_index(op.f("ix_audit_actor"), "audit")
    if is_postgres():
        op.drop_constraint(op.f("pk_audit"), "audit", type_="primary")
        op.drop_column("audit", "org")
        op.drop_column("audit", "day")
        op.create_primary_key(op.f("pk_audit"), "audit", ["no"])
        return
    _made_anew(OLD, OLD)


def _widen_audit() -> None:
    if is_postgres():
        zeros = sa.text(f"'{DEPARTMENT}'::uuid")
        op.add_column("audit", sa.Column("org", sa.Uuid(), nullable=False, server_default=zeros))
        op.add_column("audit", sa.Column("day", sa.String(length=10), nullable=False, server_default=""))
        op.alter_column("audit", "org", server_default=None)
        op.alter_column("audit", "day", server_default=None)
        op.drop_constraint(op.f("pk_audit"), "audit", type_="primary")
        op.create_primary_key(op.f("pk_audit"), "audit", ["org", "day", "no"])
    else:
        _made_anew(f"org, day, {OLD}", f"'{DEPARTMENT}', '', {OLD}", chained=True)
    op.create_index(op.f("ix_audit_actor"), "audit", ["actor"], unique=False)


def _made_anew(columns: str, values: str, *, chained: bool = False) -> None:
    """SQLite changes no primary key in place: copy the lines, which no trigger sees, and guard them again."""
    more = (
        [sa.Column("org", sa.Uuid(), nullable=False), sa.Column("day", sa.String(length=10), nullable=False)]
        if chained
        else []
    )
    key = ["org", "day", "no"] if chained else ["no"]
    op.create_table(
        "audit_new",
        *more,
        sa.Column("no", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("act", sa.String(length=64), nullable=False),
        sa.Column("object", sa.String(length=120), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("before", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint(*key, name=op.f("pk_audit")),
    )
    op.execute(f"INSERT INTO audit_new ({columns}) SELECT {values} FROM audit")  # noqa: S608 - names of our own columns
    op.drop_table("audit")
    op.rename_table("audit_new", "audit")
    op.create_index(op.f("ix_audit_at_ms"), "audit", ["at_ms"], unique=False)
    op.create_index(op.f("ix_audit_object"), "audit", ["object"], unique=False)
    keep_rows(("audit",))


def _create_heads() -> None:
    connection = op.get_bind()
    end = connection.execute(sa.text("SELECT no, hash FROM audit_head")).first()
    op.drop_table("audit_head")
    op.create_table(
        "audit_head",
        sa.Column("org", sa.Uuid(), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("no", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("org", name=op.f("pk_audit_head")),
    )
    if end is not None:
        zeros = f"CAST('{DEPARTMENT}' AS uuid)" if is_postgres() else f"'{DEPARTMENT}'"
        connection.execute(
            sa.text(f"INSERT INTO audit_head (org, day, no, hash) VALUES ({zeros}, '', :no, :hash)"),  # noqa: S608 - as above
            {"no": end.no, "hash": end.hash},
        )


def _create_seals() -> None:
    op.create_table(
        "audit_seal",
        sa.Column("org", sa.Uuid(), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("no", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("key_id", sa.String(length=40), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.Column("made_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("org", "day", name=op.f("pk_audit_seal")),
    )


def _create_agreements() -> None:
    op.create_table(
        "agreement",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("act", sa.String(length=64), nullable=False),
        sa.Column("object", sa.String(length=120), nullable=False),
        sa.Column("org", sa.Uuid(), nullable=True),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("asked_ms", sa.BigInteger(), nullable=False),
        sa.Column("until_ms", sa.BigInteger(), nullable=False),
        sa.Column("answer", sa.String(length=16), nullable=False),
        sa.Column("answered_by", sa.Uuid(), nullable=True),
        sa.Column("answered_ms", sa.BigInteger(), nullable=False),
        sa.Column("used_ms", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "answer in ('', 'agreed', 'declined', 'withdrawn')", name=op.f("ck_agreement_answer_known")
        ),
        sa.CheckConstraint(
            "answer <> 'agreed' or answered_by <> asked_by", name=op.f("ck_agreement_two_persons")
        ),
        sa.CheckConstraint("used_ms = 0 or answer = 'agreed'", name=op.f("ck_agreement_used_after_agreed")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreement")),
    )
    op.create_index(op.f("ix_agreement_asked_ms"), "agreement", ["asked_ms"], unique=False)
