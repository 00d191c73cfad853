"""Create item states, comments, outlines.

Lock: pool_version, briefly, for a trigger.  Backfill: the items of every pool, some thousand rows: what was
published counts as approved, what waits in a draft is a draft.  Undo: drops what was created.
"""

import hashlib
import json
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

from migrations.appending import drop_function, is_postgres, lock_briefly

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

AUTHOR, JUDGE = "system:before", "system:migration"
"""Who wrote and who approved what was there before items had states."""

_HELD = """
SELECT 1 FROM pool_version_item held WHERE held.pool_version_id = NEW.id AND NOT EXISTS (
  SELECT 1 FROM item_wording w
  WHERE w.pool_id = NEW.pool_id AND w.version = held.version AND w.state = 'approved')
"""
_WHY = "only approved items are published"

POOL_VERSION = sa.table(
    "pool_version",
    sa.column("id", sa.Uuid()),
    sa.column("pool_id", sa.Uuid()),
    sa.column("number", sa.Integer()),
    sa.column("made_ms", sa.BigInteger()),
    sa.column("published_ms", sa.BigInteger()),
)
HELD = sa.table(
    "pool_version_item",
    sa.column("pool_version_id", sa.Uuid()),
    sa.column("position", sa.Integer()),
    sa.column("version", sa.LargeBinary()),
)
HELD_SET = sa.table(
    "pool_version_set",
    sa.column("pool_version_id", sa.Uuid()),
    sa.column("position", sa.Integer()),
    sa.column("content", sa.Text()),
)
ITEM = sa.table(
    "item_version",
    sa.column("version", sa.LargeBinary()),
    sa.column("item_id", sa.String()),
    sa.column("kind", sa.String()),
    sa.column("content", sa.Text()),
)


def upgrade() -> None:
    """Create the tables, give every item its state, let nothing unapproved be published."""
    lock_briefly()
    pool_item, wording = _create_pool_item(), _create_item_wording()
    _create_the_rest()
    _fill(pool_item, wording)
    _keep_approved()


def downgrade() -> None:
    """Drop the tables."""
    lock_briefly()
    if is_postgres():
        op.execute("DROP TRIGGER keep_approved ON pool_version")
    else:
        op.execute("DROP TRIGGER keep_approved")
    drop_function("refuse_unapproved")
    for table in ("outline_node", "report_answer", "item_comment", "item_wording", "pool_item"):
        op.drop_table(table)


def _create_pool_item() -> sa.Table:
    made = op.create_table(
        "pool_item",
        sa.Column("pool_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.String(length=204), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("version", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("outline", sa.String(length=16), nullable=False),
        sa.Column("difficulty", sa.Integer(), nullable=False),
        sa.Column("set_id", sa.String(length=200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("retired_ms", sa.BigInteger(), nullable=False),
        sa.Column("retired_by", sa.String(length=120), nullable=False),
        sa.Column("retired_reason", sa.String(length=400), nullable=False),
        sa.CheckConstraint(
            "state in ('draft', 'reviewed', 'approved', 'retired')", name=op.f("ck_pool_item_state_known")
        ),
        sa.CheckConstraint("(state = 'retired') = (retired_ms > 0)", name=op.f("ck_pool_item_retired_at")),
        sa.ForeignKeyConstraint(["pool_id"], ["pool.id"], name=op.f("fk_pool_item_pool_id")),
        sa.PrimaryKeyConstraint("pool_id", "item_id", name=op.f("pk_pool_item")),
    )
    op.create_index(op.f("ix_pool_item_pool_id_state"), "pool_item", ["pool_id", "state"], unique=False)
    op.create_index(op.f("ix_pool_item_version"), "pool_item", ["version"], unique=False)
    return made


def _create_item_wording() -> sa.Table:
    made = op.create_table(
        "item_wording",
        sa.Column("pool_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.LargeBinary(), nullable=False),
        sa.Column("item_id", sa.String(length=204), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("author", sa.String(length=120), nullable=False),
        sa.Column("made_ms", sa.BigInteger(), nullable=False),
        sa.Column("reviewer", sa.String(length=120), nullable=False),
        sa.Column("reviewed_ms", sa.BigInteger(), nullable=False),
        sa.Column("approver", sa.String(length=120), nullable=False),
        sa.Column("approved_ms", sa.BigInteger(), nullable=False),
        sa.Column("material", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "state in ('draft', 'reviewed', 'approved')", name=op.f("ck_item_wording_state_known")
        ),
        sa.CheckConstraint(
            "author <> reviewer and author <> approver", name=op.f("ck_item_wording_not_by_its_author")
        ),
        sa.CheckConstraint(
            "(state <> 'draft') = (reviewer <> '') and (state = 'approved') = (approver <> '')",
            name=op.f("ck_item_wording_judged_by_somebody"),
        ),
        sa.ForeignKeyConstraint(["pool_id"], ["pool.id"], name=op.f("fk_item_wording_pool_id")),
        sa.PrimaryKeyConstraint("pool_id", "version", name=op.f("pk_item_wording")),
        sa.UniqueConstraint(
            "pool_id", "item_id", "number", name=op.f("uq_item_wording_pool_id_item_id_number")
        ),
    )
    op.create_index(op.f("ix_item_wording_version"), "item_wording", ["version"], unique=False)
    return made


def _create_the_rest() -> None:
    op.create_table(
        "item_comment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("pool_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.String(length=204), nullable=False),
        sa.Column("version", sa.LargeBinary(), nullable=False),
        sa.Column("by", sa.String(length=120), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["pool_id"], ["pool.id"], name=op.f("fk_item_comment_pool_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item_comment")),
    )
    op.create_index(
        op.f("ix_item_comment_pool_id_item_id"), "item_comment", ["pool_id", "item_id"], unique=False
    )
    op.create_table(
        "report_answer",
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by", sa.String(length=120), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "outcome in ('mended', 'retired', 'unfounded')", name=op.f("ck_report_answer_outcome_known")
        ),
        sa.ForeignKeyConstraint(["report_id"], ["item_report.id"], name=op.f("fk_report_answer_report_id")),
        sa.PrimaryKeyConstraint("report_id", name=op.f("pk_report_answer")),
    )
    op.create_table(
        "outline_node",
        sa.Column("pool_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["pool_id"], ["pool.id"], name=op.f("fk_outline_node_pool_id")),
        sa.PrimaryKeyConstraint("pool_id", "code", name=op.f("pk_outline_node")),
    )


def _fill(pool_item: sa.Table, wording: sa.Table) -> None:
    bind = op.get_bind()
    asked = sa.select(POOL_VERSION).order_by(POOL_VERSION.c.pool_id, POOL_VERSION.c.number)
    working: dict[tuple[object, str], dict[str, Any]] = {}
    wordings: dict[tuple[object, bytes], dict[str, Any]] = {}
    numbers: dict[tuple[object, str], int] = {}
    for held in bind.execute(asked).all():
        newest: dict[tuple[object, str], dict[str, Any]] = {}
        for facts, material in _contents(bind, held.id):
            at, by_version = (held.pool_id, facts["item_id"]), (held.pool_id, facts["version"])
            if by_version not in wordings:
                numbers[at] = numbers.get(at, 0) + 1
                wordings[by_version] = _wording(held, facts, numbers[at], material)
            state = wordings[by_version]["state"]
            newest[at] = {
                "pool_id": held.pool_id,
                "state": state,
                "retired_ms": 0,
                "retired_by": "",
                "retired_reason": "",
            } | facts
        for at in [at for at in working if at[0] == held.pool_id]:
            del working[at]
        working |= newest
    if working:
        bind.execute(pool_item.insert(), list(working.values()))
        bind.execute(wording.insert(), list(wordings.values()))


def _wording(held: Any, facts: dict[str, Any], number: int, material: str) -> dict[str, Any]:  # noqa: ANN401 - a row
    judge, at_ms = (JUDGE, held.published_ms) if held.published_ms else ("", 0)
    return {
        "pool_id": held.pool_id,
        "version": facts["version"],
        "item_id": facts["item_id"],
        "number": number,
        "state": "approved" if judge else "draft",
        "author": AUTHOR,
        "made_ms": held.made_ms,
        "reviewer": judge,
        "reviewed_ms": at_ms,
        "approver": judge,
        "approved_ms": at_ms,
        "material": material,
    }


def _contents(bind: sa.Connection, version_id: object) -> Iterator[tuple[dict[str, Any], str]]:
    """What a version holds, as columns of `pool_item`, with the JSON where it is the material of a set."""
    items = (
        sa.select(HELD.c.position, ITEM)
        .join(ITEM, ITEM.c.version == HELD.c.version)
        .where(HELD.c.pool_version_id == version_id)
        .order_by(HELD.c.position)
    )
    for row in bind.execute(items).all():
        item = json.loads(row.content)
        facts = {
            "item_id": row.item_id,
            "place": row.position,
            "version": row.version,
            "kind": row.kind,
            "outline": item.get("outline", ""),
            "difficulty": item.get("difficulty", 3),
            "set_id": item.get("set_id") or "",
            "text": "\n".join([item["stem"], *(option["text"] for option in item["options"])]).lower(),
        }
        yield facts, ""
    sets = sa.select(HELD_SET).where(HELD_SET.c.pool_version_id == version_id).order_by(HELD_SET.c.position)
    for row in bind.execute(sets).all():
        held = json.loads(row.content)
        facts = {
            "item_id": f"set:{held['id']}",
            "place": row.position,
            "version": hashlib.sha256(row.content.encode()).digest()[:16],
            "kind": "set",
            "outline": "",
            "difficulty": 0,
            "set_id": held["id"],
            "text": held["stem"].lower(),
        }
        yield facts, row.content


def _keep_approved() -> None:
    """Let the database itself refuse to publish what is not approved."""
    when = "OLD.published_ms = 0 AND NEW.published_ms > 0"
    if is_postgres():
        op.execute(
            "CREATE FUNCTION refuse_unapproved() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"IF EXISTS ({_HELD}) THEN RAISE EXCEPTION '{_WHY}' USING ERRCODE = '23000'; END IF; "
            "RETURN NEW; END $$"
        )
        op.execute(
            "CREATE TRIGGER keep_approved BEFORE UPDATE ON pool_version "
            f"FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION refuse_unapproved()"
        )
        return
    op.execute(
        f"CREATE TRIGGER keep_approved BEFORE UPDATE ON pool_version WHEN {when} AND EXISTS ({_HELD}) "
        f"BEGIN SELECT RAISE(ABORT, '{_WHY}'); END"
    )
