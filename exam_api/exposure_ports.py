"""What is asked of the record about papers drawn before: items of a person's last paper, counts of items."""

from collections.abc import Mapping, Sequence
from typing import Protocol
from uuid import UUID

import msgspec

from exam_api.console_ports import Act


class Exposed(msgspec.Struct, frozen=True, kw_only=True):
    """How often an item of a pool was drawn, all its wordings together."""

    item_id: str
    drawn: int
    """Papers it stands on."""
    lately: int
    """Papers of sessions since the instant asked for."""
    sessions: int
    last_ms: int
    """Opening of the newest of these sessions."""


class KeysRead(msgspec.Struct, frozen=True, kw_only=True):
    """Keys of a pool that somebody was shown."""

    pool_id: UUID
    institution_id: UUID | None
    """Owner of the pool; None: the department."""
    pool_digest: str
    papers: int
    items: int


class Exposures(Protocol):
    """Counts are written with the papers. Every method may raise RecordAway."""

    async def before(self, session_id: UUID) -> Mapping[UUID, Sequence[str]]:
        """Item ids of each candidate's paper before this session's, drawn from the same pool.

        By attempt; absent where there is none. A paper that was begun goes before one that was not.
        """
        ...

    async def drawn_since(self, session_id: UUID, *, since_ms: int) -> Mapping[str, int]:
        """Papers by item id, of the session's pool: sessions opened since the instant, before this one."""
        ...

    async def of_pool(self, pool_id: UUID, *, since_ms: int) -> Sequence[Exposed]:
        """The items of a pool that ever were drawn, the most drawn first."""
        ...

    async def keys_read(self, read: KeysRead, *, act: Act) -> None:
        """Write into the audit that keys were shown."""
        ...
