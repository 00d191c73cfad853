"""Tables of the life of items: wordings and how far they came, comments, answered complaints, outlines."""

from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, Text, UniqueConstraint
from sqlmodel import Field

from exam_api.store.tables.row import Row

LIFE_ID = 204
"""Characters of a life's id: an item's, or `set:` and a set's."""


class PoolItemRow(Row, table=True):
    """An item (or the material of a set) in a pool's working copy, with what it is searched by."""

    __table_args__ = (
        CheckConstraint("state in ('draft', 'reviewed', 'approved', 'retired')", name="state_known"),
        CheckConstraint("(state = 'retired') = (retired_ms > 0)", name="retired_at"),
        Index(None, "pool_id", "state"),
        Index(None, "version"),
    )
    pool_id: UUID = Field(primary_key=True, foreign_key="pool.id")
    item_id: str = Field(primary_key=True, max_length=LIFE_ID)
    place: int
    """In the working copy; sets are counted apart."""
    version: bytes
    """Of the newest wording."""
    state: str = Field(max_length=16)
    kind: str = Field(max_length=16)
    """`single`, `multi`, `judge`, or `set` for material."""
    outline: str = Field(max_length=16)
    difficulty: int
    """0 for material."""
    set_id: str = Field(max_length=200)
    text: str = Field(sa_type=Text)
    """Stem and options in small letters: searched, never shown."""
    retired_ms: int = Field(default=0, sa_type=BigInteger)
    retired_by: str = Field(default="", max_length=120)
    retired_reason: str = Field(default="", max_length=400)


class ItemWordingRow(Row, table=True):
    """One wording of an item in one pool, and how far it came. The same content may live in two pools."""

    __table_args__ = (
        UniqueConstraint("pool_id", "item_id", "number"),
        CheckConstraint("state in ('draft', 'reviewed', 'approved')", name="state_known"),
        CheckConstraint("author <> reviewer and author <> approver", name="not_by_its_author"),
        CheckConstraint(
            "(state <> 'draft') = (reviewer <> '') and (state = 'approved') = (approver <> '')",
            name="judged_by_somebody",
        ),
        Index(None, "version"),
    )
    pool_id: UUID = Field(primary_key=True, foreign_key="pool.id")
    version: bytes = Field(primary_key=True)
    item_id: str = Field(max_length=LIFE_ID)
    number: int
    state: str = Field(max_length=16)
    author: str = Field(max_length=120)
    made_ms: int = Field(sa_type=BigInteger)
    reviewer: str = Field(default="", max_length=120)
    reviewed_ms: int = Field(default=0, sa_type=BigInteger)
    approver: str = Field(default="", max_length=120)
    approved_ms: int = Field(default=0, sa_type=BigInteger)
    material: str = Field(default="", sa_type=Text)
    """JSON of `ItemSet` where this is the wording of a set; an item's lies in `item_version`."""


class ItemCommentRow(Row, table=True):
    """What staff say to each other about an item; never changed."""

    __table_args__ = (Index(None, "pool_id", "item_id"),)
    id: UUID = Field(primary_key=True)
    pool_id: UUID = Field(foreign_key="pool.id")
    item_id: str = Field(max_length=LIFE_ID)
    version: bytes
    """The wording it was said about."""
    by: str = Field(max_length=120)
    at_ms: int = Field(sa_type=BigInteger)
    text: str = Field(sa_type=Text)


class ReportAnswerRow(Row, table=True):
    """How a candidate's 本题有误 was closed."""

    __table_args__ = (CheckConstraint("outcome in ('mended', 'retired', 'unfounded')", name="outcome_known"),)
    report_id: UUID = Field(primary_key=True, foreign_key="item_report.id")
    outcome: str = Field(max_length=16)
    reason: str = Field(sa_type=Text)
    by: str = Field(max_length=120)
    at_ms: int = Field(sa_type=BigInteger)


class OutlineNodeRow(Row, table=True):
    """One code of a pool's outline tree."""

    pool_id: UUID = Field(primary_key=True, foreign_key="pool.id")
    code: str = Field(primary_key=True, max_length=16)
    title: str = Field(max_length=80)
    weight: int
