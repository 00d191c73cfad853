"""What the console and candidates' lists need of the record, beside the running exam.

Every method may raise RecordAway. Privileged acts take the actor (`staff:<uuid>`): the adapter writes the
audit line in the same transaction.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol
from uuid import UUID

import msgspec

from exam_api.people import Reach, Role
from exam_api.record import LateRequest, Result, SessionFacts
from question_pools.blueprint import Blueprint
from question_pools.items import Picture, Pool, PoolVersion


class Act(msgspec.Struct, frozen=True, kw_only=True):
    """Who does something, and when."""

    actor: str
    """`staff:<uuid>` or `candidate`."""
    at_ms: int


class PoolSummary(msgspec.Struct, frozen=True, kw_only=True):
    """A pool in a list."""

    id: UUID
    code: str
    title: str
    institution_id: UUID | None
    """None: the department's."""
    institution: str | None
    versions: int
    published: int | None
    """Number of the newest published version."""
    items: int
    """Of the newest version."""
    by_kind: Mapping[str, int]
    updated_ms: int


class StoredVersion(msgspec.Struct, frozen=True, kw_only=True):
    pool_id: UUID
    number: int
    digest: str
    left_out: int = 0
    """After publishing: items of the working copy that are not in it, since they are not approved."""
    is_new: bool = True
    """After publishing: False where the newest published version held just that."""


class StoredBlueprint(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    institution_id: UUID | None
    digest: str
    blueprint: Blueprint


class PlanAsk(msgspec.Struct, frozen=True, kw_only=True):
    """A session to be written down; `facts` bear its id."""

    facts: SessionFacts
    pool_id: UUID
    blueprint_id: UUID


class NewRegistration(msgspec.Struct, frozen=True, kw_only=True):
    """One roster line on its way into the record, where number and phone are sealed."""

    id: UUID
    person_id: UUID
    """Taken if the person is new; an identity number that is known keeps its person."""
    name: str
    id_no: str
    phone: str

    def __repr__(self) -> str:
        """Stay silent about the person where a value is printed by accident."""
        return f"NewRegistration({self.id})"


class ListedRegistration(msgspec.Struct, frozen=True, kw_only=True):
    """A registration as staff may see it."""

    id: UUID
    name: str
    id_masked: str
    phone_masked: str
    ticket_no: str
    seat: str
    extra_ms: int


class OwnRegistration(msgspec.Struct, frozen=True, kw_only=True):
    """A registration as its candidate sees it."""

    id: UUID
    facts: SessionFacts
    ticket_no: str
    seat: str
    extra_ms: int
    items: int
    consent: str
    """`none`, `photos`, `no-photos`."""


class SessionLine(msgspec.Struct, frozen=True, kw_only=True):
    """A session in a list."""

    facts: SessionFacts
    registrations: int


class Pools(Protocol):
    """Pools and their versions."""

    async def pools(self, reach: Reach) -> Sequence[PoolSummary]:
        """What a reach holds, and the department's."""
        ...

    async def pool(self, pool_id: UUID) -> PoolSummary | None: ...

    async def newest(self, pool_id: UUID) -> PoolVersion | None:
        """The newest version, published or draft."""
        ...

    async def published(self, pool_id: UUID) -> PoolVersion | None:
        """The newest published version."""
        ...

    async def store(
        self,
        pool: Pool,
        pictures: Sequence[Picture],
        *,
        pool_id: UUID | None,
        institution_id: UUID | None,
        act: Act,
    ) -> StoredVersion:
        """Keep as draft version; content that is there already changes nothing. None: a new pool."""
        ...

    async def vouch(self, pool_id: UUID, *, act: Act) -> int:
        """Approve all that waits, in another name than its authors': for the system's own loading."""
        ...

    async def publish(self, pool_id: UUID, *, act: Act) -> StoredVersion | None:
        """Publish what is approved, or give the newest published version if it holds that; None: no pool."""
        ...

    async def picture(self, sha256: str) -> Picture | None: ...

    async def exported(self, pool_id: UUID, number: int, *, kind: str, items: int, act: Act) -> None:
        """Remember in the audit who took a whole pool with its keys."""
        ...


class Blueprints(Protocol):
    async def blueprints(self, reach: Reach) -> Sequence[StoredBlueprint]:
        """What a reach holds, and the department's, newest first."""
        ...

    async def blueprint(self, blueprint_id: UUID) -> StoredBlueprint | None: ...

    async def keep_blueprint(
        self, blueprint: Blueprint, *, institution_id: UUID | None, act: Act
    ) -> StoredBlueprint:
        """Immutable by digest: an equal one that is there is given back."""
        ...


class NamedInstitution(msgspec.Struct, frozen=True, kw_only=True):
    """An institution, to be chosen from."""

    id: UUID
    name: str


class Sittings(Protocol):
    """Sessions and who is registered for them."""

    async def sessions(self, institution_id: UUID | None) -> Sequence[SessionLine]:
        """Newest first; None: of every institution."""
        ...

    async def session(self, session_id: UUID) -> SessionLine | None: ...

    async def plan(self, ask: PlanAsk, *, act: Act) -> None: ...

    async def announce(self, session_id: UUID, *, act: Act) -> bool:
        """DRAFT → OPEN; False when it was not a draft."""
        ...

    async def contradicted(self, session_id: UUID, people: Sequence[NewRegistration]) -> Sequence[int]:
        """Places in the list whose number others know under another name: register would refuse them."""
        ...

    async def register(self, session_id: UUID, people: Sequence[NewRegistration], *, act: Act) -> int:
        """Add who is not registered yet, with tickets and (at desks) seats. How many were added."""
        ...

    async def listed(self, session_id: UUID) -> Sequence[ListedRegistration]: ...

    async def institution(self, institution_id: UUID) -> str | None:
        """Name of an institution."""
        ...

    async def institutions(self) -> Sequence[NamedInstitution]:
        """All institutions, by name."""
        ...

    async def own(self, person_id: UUID) -> Sequence[OwnRegistration]:
        """A person's registrations in announced sessions, soonest first."""
        ...

    async def consent(self, attempt_id: UUID, *, choice: str, text_version: str, at_ms: int) -> None: ...

    async def report_item(  # noqa: PLR0913 - a row's columns
        self, attempt_id: UUID, session_id: UUID, *, slot: int, version: bytes, text: str, at_ms: int
    ) -> None: ...


class LateLine(msgspec.Struct, frozen=True, kw_only=True):
    """A late request with what its list shows."""

    request: LateRequest
    name: str
    ticket_no: str
    session: str
    institution: str
    packed: bytes
    """The late ops, canonical."""
    closed_ms: int
    score_centi: int | None


class ResultBook(Protocol):
    """Results and late requests by session."""

    async def of_session(self, session_id: UUID) -> Sequence[Result]:
        """The newest run of every attempt."""
        ...

    async def late(self, *, institution_id: UUID | None, session_id: UUID | None) -> Sequence[LateLine]:
        """Open requests first; None: of every institution, of every session."""
        ...


class NewStaff(msgspec.Struct, frozen=True, kw_only=True):
    """A staff account on its way into the record."""

    login_name: str
    """Small letters."""
    name: str
    role: Role
    institution_id: UUID | None
    password_hash: str
    """argon2id."""


class House(Protocol):
    """Institutions and their staff."""

    async def keep_institution(self, institution_id: UUID, *, name: str, act: Act) -> None:
        """One that is there stays as it is."""
        ...

    async def keep_staff(self, account: NewStaff, *, act: Act) -> None:
        """An account of that login name that is there stays as it is."""
        ...


class SigningKey(msgspec.Struct, frozen=True, kw_only=True):
    """The public half of a key that signs receipts."""

    id: str
    public_key: bytes
    """32 bytes, Ed25519."""
    since_ms: int


class SigningKeys(Protocol):
    """Every key that ever signed a receipt."""

    async def keep(self, key: SigningKey) -> None:
        """One that is there stays as it is."""
        ...

    async def all(self) -> Sequence[SigningKey]: ...
