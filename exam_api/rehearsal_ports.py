"""What a rehearsal needs from the outside: its rows on record, its part of the live state, and the crowd."""

from collections.abc import Mapping, Sequence
from typing import Final, Protocol
from uuid import UUID

import msgspec

from exam_api.console_ports import Act
from exam_api.record import Registration, SessionFacts
from exam_api.rehearsal.plan import Neighbour, Plan
from exam_api.rehearsal.verdict import Seen

RIGHT_S: Final = 20.0
"""A rehearsal that did not renew its right for so long is dead, and others take its data away."""


class Planned(msgspec.Struct, frozen=True, kw_only=True):
    """The session that is rehearsed."""

    facts: SessionFacts
    enrolled: int


class ShadowPerson(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody nobody is. No phone: no message can be sent to them."""

    registration_id: UUID
    person_id: UUID
    name: str
    id_no: str

    def __repr__(self) -> str:
        """As persons do."""
        return f"ShadowPerson({self.registration_id})"


class Shadow(msgspec.Struct, frozen=True, kw_only=True):
    """A rehearsal on record."""

    session_id: UUID
    institution_id: UUID
    """Its own: nobody else belongs to it."""
    begun_ms: int
    opens_ms: int


class Came(msgspec.Struct, frozen=True, kw_only=True):
    """What the service has told its shadows."""

    started: int
    handed_in: int
    ops: int
    """Acknowledged."""


class OnRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What the record holds of a rehearsal."""

    started: int
    ops: int
    results: int


class Rehearsals(Protocol):
    """Rehearsals in the database. Raises `RecordAway`."""

    async def planned(self, session_id: UUID) -> Planned | None:
        """A session; None also for a rehearsal."""
        ...

    async def neighbours(self, *, now_ms: int) -> Sequence[Neighbour]:
        """Real sessions that are announced and not yet over."""
        ...

    async def begin(
        self, of: UUID, facts: SessionFacts, people: Sequence[ShadowPerson], *, act: Act
    ) -> Shadow | None:
        """Write the shadow of a session, with an institution and candidates of its own, and the audit line.

        None where another rehearsal is on record.
        """
        ...

    async def left(self) -> Sequence[Shadow]:
        """Every rehearsal on record."""
        ...

    async def close(self, session_id: UUID) -> None:
        """From now on nobody arms it."""
        ...

    async def on_record(self, session_id: UUID) -> OnRecord: ...

    async def take_out(self, shadow: Shadow) -> Mapping[str, int]:
        """Delete what its attempts left, rows by table; the registrations stay till `end`."""
        ...

    async def end(self, shadow: Shadow, *, told: Mapping[str, str | int], act: Act) -> Mapping[str, int]:
        """Delete the rest, in one transaction with the audit line. Rows by table."""
        ...


class ShadowLive(Protocol):
    """A rehearsal's part of the live state. Fails closed."""

    async def hold(self, session_id: UUID) -> bool:
        """Take, or keep for `RIGHT_S` more, the right to rehearse; False where another has it."""
        ...

    async def is_held(self) -> bool:
        """Whether a rehearsal is under way."""
        ...

    async def release(self, session_id: UUID) -> None: ...

    async def armed(self, session_id: UUID) -> bool: ...

    async def ring(self, blind: bytes, code_hash: bytes, *, life_ms: int) -> None:
        """Put a code that is known here in the place of the one that was sent nowhere."""
        ...

    async def forget(
        self, shadow: Shadow, registrations: Sequence[Registration], marks: Sequence[bytes], *, age_ms: int
    ) -> int:
        """Delete attempts, roster, log-ins and entries of the log that are not older. How many of them all.

        marks: what the roster lists the registered under.
        """
        ...


class Crowd(Protocol):
    """The shadow candidates and those who look at them while they are there."""

    async def run(self, plan: Plan, shadow: Shadow, people: Sequence[ShadowPerson]) -> Came:
        """Let them come and go. Raises CrowdFailed."""
        ...

    async def seen(self, plan: Plan, *, lost: int, lag_s: float) -> Seen:
        """What was seen, with the limits that were kept and broken. Raises CrowdFailed."""
        ...
