"""Create pools with their versions, items and pictures, and blueprints.

Lock: none held, the tables are new.  Backfill: none.  Undo: drops the tables with all they hold.
"""

import sqlalchemy as sa
from alembic import op

from migrations.appending import drop_function, keep_published, keep_rows, lock_briefly

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

KEPT = ("item_version", "item_key")
"""Tables whose rows are never changed."""


def upgrade() -> None:
    """Create the tables."""
    lock_briefly()
    _create_pool()
    _create_pool_version()
    _create_item_version()
    _create_item_key()
    _create_pool_version_item()
    _create_pool_version_set()
    _create_picture()
    _create_blueprint()
    keep_rows(KEPT)
    keep_published()


def downgrade() -> None:
    """Drop the tables."""
    lock_briefly()
    op.drop_table("blueprint")
    op.drop_table("picture")
    op.drop_table("pool_version_set")
    op.drop_table("pool_version_item")
    op.drop_table("item_key")
    op.drop_table("item_version")
    op.drop_table("pool_version")
    op.drop_table("pool")
    drop_function("refuse_change_of_published")


def _create_pool() -> None:
    op.create_table(
        "pool",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("institution_id", sa.Uuid(), nullable=True),
        sa.Column("code", sa.String(length=80), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("made_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["institution_id"], ["institution.id"], name=op.f("fk_pool_institution_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pool")),
    )
    op.create_index(
        "uq_pool_code_owned",
        "pool",
        ["institution_id", "code"],
        unique=True,
        postgresql_where=sa.text("institution_id is not null"),
        sqlite_where=sa.text("institution_id is not null"),
    )
    op.create_index(
        "uq_pool_code_shared",
        "pool",
        ["code"],
        unique=True,
        postgresql_where=sa.text("institution_id is null"),
        sqlite_where=sa.text("institution_id is null"),
    )


def _create_pool_version() -> None:
    op.create_table(
        "pool_version",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("pool_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("made_ms", sa.BigInteger(), nullable=False),
        sa.Column("published_ms", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("number >= 1", name=op.f("ck_pool_version_number_from_one")),
        sa.ForeignKeyConstraint(["pool_id"], ["pool.id"], name=op.f("fk_pool_version_pool_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pool_version")),
        sa.UniqueConstraint("pool_id", "number", name=op.f("uq_pool_version_pool_id_number")),
    )
    op.create_index(op.f("ix_pool_version_digest"), "pool_version", ["digest"], unique=False)
    op.create_index(
        "uq_pool_version_draft",
        "pool_version",
        ["pool_id"],
        unique=True,
        postgresql_where=sa.text("published_ms = 0"),
        sqlite_where=sa.text("published_ms = 0"),
    )


def _create_item_version() -> None:
    op.create_table(
        "item_version",
        sa.Column("version", sa.LargeBinary(), nullable=False),
        sa.Column("item_id", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_item_version")),
    )
    op.create_index(op.f("ix_item_version_item_id"), "item_version", ["item_id"], unique=False)


def _create_item_key() -> None:
    op.create_table(
        "item_key",
        sa.Column("version", sa.LargeBinary(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["version"], ["item_version.version"], name=op.f("fk_item_key_version")),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_item_key")),
    )


def _create_pool_version_item() -> None:
    op.create_table(
        "pool_version_item",
        sa.Column("pool_version_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("version", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["pool_version_id"], ["pool_version.id"], name=op.f("fk_pool_version_item_pool_version_id")
        ),
        sa.ForeignKeyConstraint(
            ["version"], ["item_version.version"], name=op.f("fk_pool_version_item_version")
        ),
        sa.PrimaryKeyConstraint("pool_version_id", "position", name=op.f("pk_pool_version_item")),
    )
    op.create_index(op.f("ix_pool_version_item_version"), "pool_version_item", ["version"], unique=False)


def _create_pool_version_set() -> None:
    op.create_table(
        "pool_version_set",
        sa.Column("pool_version_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["pool_version_id"], ["pool_version.id"], name=op.f("fk_pool_version_set_pool_version_id")
        ),
        sa.PrimaryKeyConstraint("pool_version_id", "position", name=op.f("pk_pool_version_set")),
    )


def _create_picture() -> None:
    op.create_table(
        "picture",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("mime", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("made_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_picture")),
    )


def _create_blueprint() -> None:
    op.create_table(
        "blueprint",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("institution_id", sa.Uuid(), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("made_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_blueprint_institution_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_blueprint")),
    )
    op.create_index(
        "uq_blueprint_digest_owned",
        "blueprint",
        ["institution_id", "digest"],
        unique=True,
        postgresql_where=sa.text("institution_id is not null"),
        sqlite_where=sa.text("institution_id is not null"),
    )
    op.create_index(
        "uq_blueprint_digest_shared",
        "blueprint",
        ["digest"],
        unique=True,
        postgresql_where=sa.text("institution_id is null"),
        sqlite_where=sa.text("institution_id is null"),
    )
