"""What a start in one question needs of the live state."""

from typing import Protocol
from uuid import UUID

import msgspec

from exam_api.attempt.model import ArmedAttempt
from exam_api.people import Login


class KnownStart(msgspec.Struct, frozen=True, kw_only=True):
    """A start that was decided by what a process remembers."""

    token_hash: bytes
    """Of the log-in."""
    armed: ArmedAttempt
    now_ms: int
    deadline_ms: int
    storage_key: str
    source: str
    wants_paper: bool


class Starts(Protocol):
    """Starts by what this process remembers of log-ins and attempts. Made by `live.starts`.

    What is told from memory may be old; `start` does nothing unless it still stands word for word.
    """

    async def know(self, token_hash: bytes, attempt_id: UUID) -> tuple[Login, ArmedAttempt] | None:
        """A candidate's log-in and a ready attempt, whoever's it is; asked for where they were never seen.

        None where there is no such log-in, or no such attempt that is ready. Raises LiveAway.
        """
        ...

    def began(self, attempt_id: UUID) -> bool:
        """Whether this process saw that an attempt was started; asks nobody."""
        ...

    async def start(self, ask: KnownStart) -> bytes | None:
        """READY → RUNNING as `Live.start`; None, and nothing done, where anything has become otherwise.

        Returns msgpack of the paper where it is wanted, else nothing. Raises LiveAway.
        """
        ...
