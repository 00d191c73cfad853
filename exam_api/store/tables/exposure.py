"""Table of how often items were drawn."""

from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from exam_api.store.tables.row import Row


class ExposureRow(Row, table=True):
    """On how many papers of a session an item version stands; written with the papers."""

    __table_args__ = (Index(None, "version"), CheckConstraint("drawn > 0", name="drawn_counted"))
    session_id: UUID = Field(primary_key=True, foreign_key="session.id")
    version: bytes = Field(primary_key=True)
    """16 bytes: `question_pools.items.version_of`."""
    drawn: int
