"""Tables of employment, of what institutions sent about persons, and of what persons ask for."""

from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, Text, UniqueConstraint
from sqlmodel import Field

from exam_api.store.tables.row import Row


class InstitutionFileRow(Row, table=True):
    """What an institution is licensed for; its name stands in `institution`."""

    institution_id: UUID = Field(primary_key=True, foreign_key="institution.id")
    uscc: str = Field(max_length=18, unique=True)
    licence_no: str = Field(max_length=60)
    licence_until: str = Field(max_length=10)
    """Civil date, ISO 8601."""
    licence_by: str = Field(max_length=120)
    scopes: str = Field(sa_type=Text)
    """JSON list of trades and classes."""
    changed_ms: int = Field(sa_type=BigInteger)


class EmploymentRow(Row, table=True):
    """A person works for an employer, as what, since when."""

    __table_args__ = (
        UniqueConstraint("person_id", "employer_id", "role", "since"),
        Index(None, "employer_id"),
        CheckConstraint("until = '' or until >= since", name="until_after_since"),
    )
    id: UUID = Field(primary_key=True)
    person_id: UUID = Field(foreign_key="person.id")
    employer_id: UUID = Field(foreign_key="employer.id")
    role: str = Field(max_length=40)
    """`enrollment.employment.ROLES`."""
    since: str = Field(max_length=10)
    """Civil date, ISO 8601; empty where it was not told."""
    until: str = Field(default="", max_length=10)
    """Empty: still employed."""
    given_by: UUID | None = Field(default=None, foreign_key="institution.id")
    """The institution that sent it; None: the department."""
    confirmed_by: str = Field(default="", max_length=64)
    """Actor; empty until confirmed."""
    confirmed_ms: int = Field(default=0, sa_type=BigInteger)
    made_ms: int = Field(sa_type=BigInteger)


class PersonGivenRow(Row, table=True):
    """What one institution sent about a person: all that it learns of somebody who was known before."""

    __table_args__ = (Index(None, "institution_id", "name"),)
    person_id: UUID = Field(primary_key=True, foreign_key="person.id")
    institution_id: UUID = Field(primary_key=True, foreign_key="institution.id")
    name: str = Field(max_length=80)
    phone_sealed: bytes
    """Context as for the person's own; empty where none was sent."""
    phone_mask: str = Field(max_length=32)
    at_ms: int = Field(sa_type=BigInteger)
    first_ms: int = Field(sa_type=BigInteger)
    """When it first sent; 0 once department or person settled the facts.

    Only the institution that made the person (`first_ms` is their `made_ms`), and only while no other sent
    anything, changes the record's own name and phone.
    """


class PersonNoticeRow(Row, table=True):
    """Why something about a person was refused to others; the person sees it, who asked does not."""

    __table_args__ = (Index(None, "person_id"), Index(None, "at_ms"))
    id: UUID = Field(primary_key=True)
    person_id: UUID = Field(foreign_key="person.id")
    institution_id: UUID | None = Field(default=None, foreign_key="institution.id")
    """Who was refused; None: the department."""
    code: str = Field(max_length=40)
    at_ms: int = Field(sa_type=BigInteger)


class PersonConsentRow(Row, table=True):
    """A person agreed to a purpose or took that back; the latest row stands."""

    person_id: UUID = Field(primary_key=True, foreign_key="person.id")
    purpose: str = Field(primary_key=True, max_length=40)
    at_ms: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    given: bool
    text_version: str = Field(max_length=40)


class CorrectionRow(Row, table=True):
    """A person holds something the record says of them to be wrong."""

    __table_args__ = (
        Index(None, "person_id"),
        Index(None, "state"),
        CheckConstraint("field in ('name', 'phone', 'id-number')", name="field_known"),
        CheckConstraint("state in ('open', 'granted', 'declined')", name="state_known"),
    )
    id: UUID = Field(primary_key=True)
    person_id: UUID = Field(foreign_key="person.id")
    field: str = Field(max_length=16)
    value_sealed: bytes
    """Empty once retention took it."""
    value_mask: str = Field(max_length=80)
    reason: str = Field(sa_type=Text)
    asked_ms: int = Field(sa_type=BigInteger)
    state: str = Field(default="open", max_length=16)
    decided_by: str = Field(default="", max_length=64)
    decided_ms: int = Field(default=0, sa_type=BigInteger)
    answer: str = Field(default="", sa_type=Text)


class ErasureRow(Row, table=True):
    """A person asks to be deleted; the outcome says what was erased, what is kept and why."""

    __table_args__ = (
        Index(None, "person_id"),
        Index(None, "state"),
        CheckConstraint("state in ('open', 'done', 'declined')", name="state_known"),
    )
    id: UUID = Field(primary_key=True)
    person_id: UUID = Field(foreign_key="person.id")
    reason: str = Field(sa_type=Text)
    asked_ms: int = Field(sa_type=BigInteger)
    state: str = Field(default="open", max_length=16)
    decided_by: str = Field(default="", max_length=64)
    decided_ms: int = Field(default=0, sa_type=BigInteger)
    outcome: str = Field(default="[]", sa_type=Text)
    """JSON list of `exam_api.retention.Finding`."""


class HoldRow(Row, table=True):
    """Nothing about this person is erased while the hold stands: an appeal, a case, a court."""

    __table_args__ = (Index(None, "person_id"),)
    id: UUID = Field(primary_key=True)
    person_id: UUID = Field(foreign_key="person.id")
    reason: str = Field(sa_type=Text)
    by: str = Field(max_length=64)
    at_ms: int = Field(sa_type=BigInteger)
    lifted_ms: int = Field(default=0, sa_type=BigInteger)


class SessionLenderRow(Row, table=True):
    """An institution lends its room to another's session: it runs the room and learns no score."""

    __table_args__ = (Index(None, "institution_id"),)
    session_id: UUID = Field(primary_key=True, foreign_key="session.id")
    institution_id: UUID = Field(primary_key=True, foreign_key="institution.id")
    at_ms: int = Field(sa_type=BigInteger)
