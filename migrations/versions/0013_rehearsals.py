"""Let a session be marked as a rehearsal, and rows of such a session alone be taken out of the record.

Lock: session, briefly, for a column with a constant; five tables of the record, briefly, for their triggers.
Backfill: none, the constant stands for every row.  Undo: refused while a rehearsal has not been taken out.
"""

import sqlalchemy as sa
from alembic import op

from migrations.appending import (
    drop_function,
    free_rehearsals,
    is_postgres,
    keep_rehearsals_as_they_are,
    keep_rows,
    lock_briefly,
)

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

FREED = ("op", "event", "fact", "paper", "score_run")
"""Tables whose rows are never changed, and go only where their attempt was a rehearsal's."""


def upgrade() -> None:
    """Add the mark, guard it, and let the guards of the record know it."""
    lock_briefly()
    mark = sa.Column("rehearsal", sa.Boolean(), nullable=False, server_default=sa.false())
    op.add_column("session", mark)
    keep_rehearsals_as_they_are()
    free_rehearsals(FREED)


def downgrade() -> None:
    """Guard the record as before, take the mark away."""
    lock_briefly()
    left = sa.text("SELECT count(*) FROM session WHERE rehearsal")
    if op.get_bind().execute(left).scalar_one():
        raise RuntimeError("a rehearsal is still on record: `kaowu rehearse --clean` takes it out")
    for table in FREED:
        if is_postgres():
            op.execute(f"DROP TRIGGER keep_{table} ON {table}")
        else:
            op.execute(f"DROP TRIGGER keep_{table}_update")
            op.execute(f"DROP TRIGGER keep_{table}_delete")
    drop_function("refuse_change_but_of_rehearsals")
    keep_rows(FREED)
    if is_postgres():
        op.execute("DROP TRIGGER keep_rehearsal ON session")
        op.execute("DROP TRIGGER keep_session_of_registration ON registration")
    else:
        op.execute("DROP TRIGGER keep_rehearsal")
        op.execute("DROP TRIGGER keep_session_of_registration")
    op.drop_column("session", "rehearsal")
