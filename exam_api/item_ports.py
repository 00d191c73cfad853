"""What the life of items needs of the record: wordings, steps, search, comments, complaints, outlines.

Every method may raise RecordAway. Acts write their audit line in the same transaction.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol
from uuid import UUID

import msgspec

from exam_api.console_ports import Act
from exam_api.people import Reach
from question_pools.items import Item, ItemSet
from question_pools.life import Hand, Life, Standing, Step, Wording
from question_pools.outline import Node


class ItemQuery(msgspec.Struct, frozen=True, kw_only=True):
    """What is looked for in a pool; empty and None: whatever."""

    text: str = ""
    """Words that all stand in stem or options; small and capital letters are the same."""
    outline: str = ""
    """At or below this code."""
    difficulty: int | None = None
    kind: str = ""
    state: str = ""
    drawn_from: int | None = None
    """Drawn at least so often."""
    drawn_to: int | None = None
    """Drawn at most so often; 0: never."""
    reported: bool = False
    """Only with open complaints."""
    waits_for: str = ""
    """Only what this person may judge now: drafts and reviewed wordings of others."""
    offset: int = 0
    limit: int = 50


class ItemLine(msgspec.Struct, frozen=True, kw_only=True):
    """An item in a list."""

    item_id: str
    version: str
    number: int
    state: str
    kind: str
    outline: str
    difficulty: int
    set_id: str
    stem: str
    author: str
    made_ms: int
    drawn: int
    """How often any wording of it was drawn."""
    reports: int
    """Open complaints about any wording of it."""
    comments: int


class FoundItems(msgspec.Struct, frozen=True, kw_only=True):
    total: int
    lines: Sequence[ItemLine]


class Worded(msgspec.Struct, frozen=True, kw_only=True):
    """A wording with its content: an item, or the material of a set."""

    wording: Wording
    item: Item | None = None
    material: ItemSet | None = None


class ItemSheet(msgspec.Struct, frozen=True, kw_only=True):
    """An item with its whole history, oldest wording first."""

    life: Life
    worded: Sequence[Worded]


class Comment(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    item_id: str
    version: str
    by: str
    at_ms: int
    text: str


class Complaint(msgspec.Struct, frozen=True, kw_only=True):
    """本题有误, as authors see it: never who said it."""

    id: UUID
    pool_id: UUID
    pool: str
    item_id: str
    version: str
    stem: str
    session: str
    at_ms: int
    text: str
    outcome: str = ""
    """Empty: open."""
    reason: str = ""
    by: str = ""
    answered_ms: int = 0


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """What waits in a pool for one person."""

    pool_id: UUID
    pool: str
    to_review: int = 0
    """Drafts of others."""
    to_approve: int = 0
    """Reviewed wordings of others."""
    own_drafts: int = 0
    sent_back: int = 0
    """Of these: drafts about which somebody else said something."""
    complaints: int = 0


class Items(Protocol):
    """Items of a pool through their life."""

    async def found(self, pool_id: UUID, query: ItemQuery) -> FoundItems:
        """In the order of the working copy."""
        ...

    async def standing(self, pool_id: UUID) -> Standing: ...

    async def sheet(self, pool_id: UUID, item_id: str) -> ItemSheet | None: ...

    async def step(  # noqa: PLR0913 - a port's
        self, pool_id: UUID, item_ids: Sequence[str], step: Step, hand: Hand, *, reason: str, act: Act
    ) -> Mapping[str, Exception]:
        """Take a step with each item, in one transaction; what is refused is named and the rest done."""
        ...

    async def write(self, pool_id: UUID, item: Item, *, base: str, act: Act) -> None:
        """Put a wording into the working copy; with an empty `base` as a new item.

        Raises BadPool, WordingMoved (the working copy holds another wording than `base`).
        """
        ...

    async def comment(self, pool_id: UUID, comment: Comment, *, act: Act) -> None: ...

    async def comments(self, pool_id: UUID, item_id: str) -> Sequence[Comment]:
        """Oldest first."""
        ...

    async def names(self, actors: Collection[str]) -> Mapping[str, str]:
        """Names of `staff:<uuid>`; others are left out."""
        ...


class Complaints(Protocol):
    """What candidates hold to be wrong with items."""

    async def complaints(
        self, reach: Reach, *, pool_id: UUID | None, item_id: str, still_open: bool
    ) -> Sequence[Complaint]:
        """Newest first; an empty `item_id`: of every item."""
        ...

    async def answer(self, reach: Reach, complaint_id: UUID, *, outcome: str, reason: str, act: Act) -> bool:
        """Close a complaint; False: there is no open one of this id in reach."""
        ...

    async def waiting(self, reach: Reach, actor: str) -> Sequence[Waiting]:
        """Pools in reach where something waits, by title."""
        ...


class Outlines(Protocol):
    """Outline trees of pools."""

    async def outline(self, pool_id: UUID) -> tuple[Sequence[Node], Mapping[str, int]]:
        """The tree, and how many items of the working copy bear each code."""
        ...

    async def keep_outline(self, pool_id: UUID, nodes: Sequence[Node], *, act: Act) -> None: ...


class PictureFiles(Protocol):
    """Bytes of item pictures under the SHA-256 (hex) of their content. Made by `blobs.pictures`."""

    async def keep(self, sha256: str, data: bytes) -> None:
        """Answer when they are on disk; nothing happens where they are already."""
        ...

    async def read(self, sha256: str) -> bytes | None: ...
