"""Who is logged in, as what, and what an armed session knows of its candidates."""

from enum import StrEnum
from uuid import UUID

import msgspec


class Role(StrEnum):
    """Stored values: never renamed."""

    CANDIDATE = "candidate"
    INVIGILATOR = "invigilator"
    INSTITUTION_ADMIN = "institution-admin"
    ITEM_AUTHOR = "item-author"
    """Writes items, of an institution or (without one) of the department."""
    ITEM_REVIEWER = "item-reviewer"
    """Reviews and approves what others wrote; as an author, of an institution or of the department."""
    OFFICER = "officer"
    """Department officer (人事处): sees every institution."""
    AUDITOR = "auditor"
    """Reads the audit and every list, changes nothing."""
    OPERATOR = "operator"
    """Runs the platform: settings, accounts and health, no results, no pools."""
    EMPLOYER_CLERK = "employer-clerk"
    """Acts for one employer: its own people only."""
    CE_PLATFORM = "ce-platform"
    """A continuing-education platform: a machine with a key, no person logs in."""


class Reach(msgspec.Struct, frozen=True):
    """How far a login reaches: everywhere, one institution, one employer, or the department's own."""

    everywhere: bool = False
    institution_id: UUID | None = None
    employer_id: UUID | None = None


class Login(msgspec.Struct, frozen=True, kw_only=True):
    """One log-in on one device, kept in the live store under the hash of its token; revocable."""

    id: UUID
    role: Role
    subject_id: UUID
    """Person for a candidate, staff account otherwise."""
    institution_id: UUID | None
    """Tenant of institution staff; None for candidates and for those who belong to no institution."""
    name: str
    since_ms: int
    until_ms: int
    session_id: UUID | None = None
    """For a desk log-in: the one session it is good for."""
    blind: bytes = b""
    """For a candidate: finds the armed roster entry where the database is away."""
    institution: str = ""
    """Name of the tenant, for the page's head."""
    employer_id: UUID | None = None
    """Tenant of an employer's clerk."""
    agent: str = ""
    """Family of the device's system and browser, for its owner to recognise."""
    idle_ms: int = 0
    """Over when nothing was called for this long; 0 = lasts until `until_ms`."""
    seen_ms: int = 0
    """When it was last used, coarsely; 0 = not since it was opened."""
    rehearsal: bool = False
    """Of shadow staff in a rehearsal: they look at nobody real, so the audit keeps no line of it."""
    step: str = ""
    """What must be done before it is good for anything else: `code`, `password`, `enroll`; "" = nothing."""


class ArmedPerson(msgspec.Struct, frozen=True, kw_only=True):
    """A candidate as the armed roster knows them: enough to log in with the database away."""

    person_id: UUID
    name: str
    phone_sealed: bytes
    """AES-GCM; opened only to send the one-time code."""
    registrations: tuple[UUID, ...]


class RosterEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One line of an armed roster."""

    blind: bytes
    """Blind index of the identity number: HMAC, never the number."""
    person: ArmedPerson


class Holder(msgspec.Struct, frozen=True, kw_only=True):
    """Who holds a ticket, from the record."""

    registration_id: UUID
    session_id: UUID
    blind: bytes
    id_no: str
    """Opened for one comparison; never logged, never sent."""
    person: ArmedPerson

    def __repr__(self) -> str:
        """Stay silent about the person where a value is printed by accident."""
        return f"Holder({self.registration_id})"


class StaffAccount(msgspec.Struct, frozen=True, kw_only=True):
    """A staff account as log-in needs it."""

    id: UUID
    role: Role
    name: str
    institution_id: UUID | None
    institution: str
    password_hash: str
    employer_id: UUID | None = None
    must_change: bool = False
    second_factor: bool = False
    """A confirmed one is there: the log-in takes two steps."""
    login_name: str = ""
