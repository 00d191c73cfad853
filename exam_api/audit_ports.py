"""What audit, sensitive reads and agreements of two persons need of the record.

Every method may raise RecordAway unless it says otherwise.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Protocol
from uuid import UUID

import msgspec

from exam_api.agreements.rules import Agreement


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be remembered; ids and figures only, no names and no numbers of persons."""

    at_ms: int
    actor: str
    """`staff:<uuid>`, `system`, `operator:<name>`."""
    act: str
    object: str
    """`session:<uuid>`."""
    body: Mapping[str, str | int | bool | None] = {}
    org: UUID | None = None
    """Institution in whose chain the line stands; None: the department and the system."""


class Place(msgspec.Struct, frozen=True):
    """Where a line stands."""

    org: UUID
    """Zeros for lines of no institution."""
    day: str
    """Civil day in Asia/Shanghai, `2027-01-15`; empty for the chain from before there were days."""
    no: int
    """1, 2, 3, … in its day, without gaps."""


class Fault(StrEnum):
    """What is wrong with a chain at a line."""

    ALTERED = "altered"
    """The line is not the one that was appended there."""
    MISSING = "missing"
    """The line that stood here was taken out."""
    INSERTED = "inserted"
    """The line was never appended."""
    HEAD = "head"
    """The chain's end is not where appending left it."""


class Found(msgspec.Struct, frozen=True):
    """The first fault of one chain."""

    place: Place
    fault: Fault


class Walked(msgspec.Struct, frozen=True):
    """One chain, or one day of it, from end to end."""

    org: UUID
    lines: int
    found: Found | None


class End(msgspec.Struct, frozen=True):
    """The last line of a day, as a seal or a chain's head holds it."""

    no: int
    digest: bytes


class Seal(msgspec.Struct, frozen=True):
    """The signed end of a day that is over."""

    org: UUID
    day: str
    end: End
    key_id: str
    signature: bytes
    made_ms: int


class KeptLine(msgspec.Struct, frozen=True):
    """A line as it is kept."""

    place: Place
    line: Line
    hash: bytes


class LinesAsk(msgspec.Struct, frozen=True, kw_only=True):
    """Which lines are wanted, newest first; what is empty does not narrow."""

    org: UUID | None = None
    """Zeros: the department's chain."""
    first_day: str = ""
    last_day: str = ""
    actor: str = ""
    """`staff:<uuid>`, or a part of a name of staff."""
    act: str = ""
    """The act or the beginning of it: `attempt.`."""
    object: str = ""
    after: tuple[int, UUID, str, int] | None = None
    """Instant and place of the last line that is known already."""
    limit: int = 100


class AuditBook(Protocol):
    """The audit for those who read it."""

    async def lines(self, ask: LinesAsk) -> Sequence[KeptLine]: ...

    async def names(self, words: Sequence[str], *, of_persons: bool) -> Mapping[str, str]:
        """What `staff:<uuid>`, `session:<uuid>`, … are called; persons only where it is allowed."""
        ...

    async def walked(self, *, org: UUID | None, day: str | None) -> Sequence[Walked]:
        """Walk every chain, or one; whole, or one day of it."""
        ...

    async def seals(self) -> Sequence[Seal]:
        """Every seal, oldest day first."""
        ...


class Seals(Protocol):
    """Closing of days."""

    async def close_days(self, now_ms: int) -> int:
        """Sign the end of every day that is over and has none yet. How many were signed."""
        ...


class Trail(Protocol):
    """Lines of acts that change nothing in the record, such as reading."""

    async def write(self, line: Line) -> None:
        """On record when this returns. Raises RecordAway: what it tells of must not happen then."""
        ...

    def later(self, line: Line) -> None:
        """On record soon; never raises, never waits. Kept in this process while the record is away."""
        ...


class AgreementLine(msgspec.Struct, frozen=True, kw_only=True):
    """An agreement with the names that its list shows."""

    agreement: Agreement
    asked_by: str
    answered_by: str
    label: str
    """What it is about: candidate's ticket number."""
    session: str
    """Title of the session."""
    institution: str


class Agreements(Protocol):
    """Kept agreements. Every change writes its audit line in the same transaction."""

    async def ask(self, agreement: Agreement) -> None: ...

    async def one(self, agreement_id: UUID) -> Agreement | None: ...

    async def answer(self, agreement: Agreement) -> bool:
        """Keep an answer; False: somebody answered meanwhile."""
        ...

    async def use(self, agreement: Agreement, *, at_ms: int) -> bool:
        """Mark as used; False: it was used meanwhile."""
        ...

    async def since(self, asked_ms: int) -> Sequence[AgreementLine]:
        """Asked at or after that instant, newest first."""
        ...
