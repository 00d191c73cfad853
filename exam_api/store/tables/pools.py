"""Tables of pools, their versions, items and pictures, and of blueprints."""

from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, Text, UniqueConstraint, text
from sqlmodel import Field

from exam_api.store.tables.row import DIGEST_HEX, Row


def _unique_by_owner(column: str, *, named: str) -> tuple[Index, Index]:
    """Unique within an institution, and unique among what the department owns (where the owner is NULL)."""
    owned, shared = text("institution_id is not null"), text("institution_id is null")
    return (
        Index(
            f"uq_{named}_owned", "institution_id", column, unique=True,
            postgresql_where=owned, sqlite_where=owned,
        ),
        Index(f"uq_{named}_shared", column, unique=True, postgresql_where=shared, sqlite_where=shared),
    )  # fmt: skip


class PoolRow(Row, table=True):
    """A pool of items, owned by an institution or (NULL) by the department."""

    __table_args__ = _unique_by_owner("code", named="pool_code")
    id: UUID = Field(primary_key=True)
    institution_id: UUID | None = Field(default=None, foreign_key="institution.id")
    code: str = Field(max_length=80)
    title: str = Field(max_length=200)
    made_ms: int = Field(sa_type=BigInteger)


class PoolVersionRow(Row, table=True):
    """One state of a pool. Published, it never changes; at most one draft waits."""

    __table_args__ = (
        UniqueConstraint("pool_id", "number"),
        Index(
            "uq_pool_version_draft", "pool_id", unique=True,
            postgresql_where=text("published_ms = 0"), sqlite_where=text("published_ms = 0"),
        ),
        Index(None, "digest"),
        CheckConstraint("number >= 1", name="number_from_one"),
    )  # fmt: skip
    id: UUID = Field(primary_key=True)
    pool_id: UUID = Field(foreign_key="pool.id")
    number: int
    digest: str = Field(max_length=DIGEST_HEX)
    """`question_pools.items.content_digest`."""
    made_ms: int = Field(sa_type=BigInteger)
    published_ms: int = Field(default=0, sa_type=BigInteger)
    """0 = draft."""


class ItemVersionRow(Row, table=True):
    """One wording of one item, addressed by its content; shared by all pool versions that hold it."""

    version: bytes = Field(primary_key=True)
    """16 bytes: `question_pools.items.version_of`."""
    item_id: str = Field(max_length=200, index=True)
    kind: str = Field(max_length=16)
    content: str = Field(sa_type=Text)
    """JSON of `Item` without key and rationale."""


class ItemKeyRow(Row, table=True):
    """Key and rationale of an item version: a table of its own, a database role can be kept out of it."""

    version: bytes = Field(primary_key=True, foreign_key="item_version.version")
    secret: str = Field(sa_type=Text)
    """JSON with `key` and, where there is one, `rationale`."""


class PoolVersionItemRow(Row, table=True):
    """Which item versions a pool version holds, in order."""

    __table_args__ = (Index(None, "version"),)
    pool_version_id: UUID = Field(primary_key=True, foreign_key="pool_version.id")
    position: int = Field(primary_key=True)
    version: bytes = Field(foreign_key="item_version.version")


class PoolVersionSetRow(Row, table=True):
    """The item sets of a pool version, in order."""

    pool_version_id: UUID = Field(primary_key=True, foreign_key="pool_version.id")
    position: int = Field(primary_key=True)
    content: str = Field(sa_type=Text)
    """JSON of `ItemSet`."""


class PictureRow(Row, table=True):
    """A picture of items; its bytes lie in the blob store under the same name."""

    sha256: str = Field(primary_key=True, max_length=DIGEST_HEX)
    mime: str = Field(max_length=64)
    size: int
    """Bytes."""
    made_ms: int = Field(sa_type=BigInteger)


class BlueprintRow(Row, table=True):
    """A blueprint, immutable by digest."""

    __table_args__ = _unique_by_owner("digest", named="blueprint_digest")
    id: UUID = Field(primary_key=True)
    institution_id: UUID | None = Field(default=None, foreign_key="institution.id")
    digest: str = Field(max_length=DIGEST_HEX)
    title: str = Field(max_length=200)
    content: str = Field(sa_type=Text)
    """JSON of `question_pools.blueprint.Blueprint`."""
    made_ms: int = Field(sa_type=BigInteger)
