"""What fair time needs from the outside: gaps of running sessions, and the credits on record."""

from collections.abc import Mapping, Sequence
from typing import Protocol
from uuid import UUID

import msgspec

from exam_api.attempt.fairness import Gap
from exam_api.attempt.model import Fact
from exam_api.audit_ports import Place
from exam_api.people import Reach


class CreditLine(msgspec.Struct, frozen=True, kw_only=True):
    """A credit, a debit or a declined request, with who it concerns and where the audit has it."""

    fact: Fact
    name: str
    ticket_no: str
    seat: str
    session_id: UUID
    session: str
    institution_id: UUID
    institution: str
    by: str
    """Name of the staff who decided; empty for the system."""
    entered: Place | None
    """The line of the audit that tells of it."""
    sealed_ms: int
    """When the end of that line's day was signed; 0: not yet."""


class Gaps(Protocol):
    """Gaps of a session while it runs, and expiry that waits for them. Fails closed."""

    async def of_session(self, session_id: UUID) -> Sequence[Gap]: ...

    async def find(self, session_id: UUID, attempt_id: UUID, from_ms: int) -> Gap | None: ...

    async def keep(self, session_id: UUID, gaps: Sequence[Gap]) -> None:
        """Put gaps in the place of those of the same beginning; an open one only where none is."""
        ...

    async def ask(self, session_id: UUID, attempt_id: UUID, from_ms: int, *, now_ms: int) -> None:
        """A candidate, or an invigilator for them, asks for this gap's time. Asking again changes nothing."""
        ...

    async def asked(self, session_id: UUID) -> Mapping[tuple[UUID, int], int]:
        """When time was asked for, by attempt and beginning of the gap."""
        ...

    async def hold(self, attempt_id: UUID, *, until_ms: int) -> None:
        """Let expiry wait for a running attempt until then; 0: no longer."""
        ...


class Credits(Protocol):
    """Time given and taken back, as the ledger has it. Raises `RecordAway`."""

    async def listed(self, reach: Reach, *, session_id: UUID | None, most: int) -> Sequence[CreditLine]:
        """Newest first, of sessions in reach; None: of all of them."""
        ...

    async def of_attempt(self, attempt_id: UUID) -> Sequence[Fact]:
        """Credits, pauses and resumes of one attempt, oldest first."""
        ...
