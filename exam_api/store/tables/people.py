"""Tables of institutions, employers, staff and persons."""

from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, false
from sqlmodel import Field

from exam_api.store.tables.row import Row


class InstitutionRow(Row, table=True):
    """A training or testing institution: the tenant."""

    id: UUID = Field(primary_key=True)
    name: str = Field(max_length=120)
    made_ms: int = Field(sa_type=BigInteger)


class EmployerRow(Row, table=True):
    """A company that people work for: the tenant of its clerks."""

    id: UUID = Field(primary_key=True)
    uscc: str = Field(max_length=18, unique=True)
    """Unified social credit code, capital letters (`enrollment.uscc`)."""
    name: str = Field(max_length=120)
    made_ms: int = Field(sa_type=BigInteger)


class StaffRow(Row, table=True):
    """An account of institution staff, a department officer or an operator."""

    __table_args__ = (
        CheckConstraint(
            "case when role in ('invigilator', 'institution-admin') then institution_id is not null "
            "when role in ('item-author', 'item-reviewer') then true else institution_id is null end",
            name="institution_by_role",
        ),
        CheckConstraint("(role = 'employer-clerk') = (employer_id is not null)", name="employer_by_role"),
        CheckConstraint(
            "role in ('invigilator', 'institution-admin', 'item-author', 'item-reviewer', 'officer', "
            "'auditor', 'operator', 'employer-clerk', 'ce-platform')",
            name="role_known",
        ),
    )
    id: UUID = Field(primary_key=True)
    login: str = Field(max_length=64, unique=True)
    """Lower case."""
    name: str = Field(max_length=80)
    role: str = Field(max_length=32)
    institution_id: UUID | None = Field(default=None, foreign_key="institution.id")
    employer_id: UUID | None = Field(default=None, foreign_key="employer.id")
    password_hash: str = Field(max_length=255)
    """Argon2id in its own text form."""
    made_ms: int = Field(sa_type=BigInteger)
    disabled_ms: int = Field(default=0, sa_type=BigInteger)
    """Since when the account is closed; 0 = open."""
    must_change: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    """The password was given by somebody else: its owner chooses another one first."""


class PersonRow(Row, table=True):
    """A person, whichever institution registers them; number and phone are sealed (`store.sealed`)."""

    id: UUID = Field(primary_key=True)
    name: str = Field(max_length=80)
    id_blind: bytes = Field(unique=True)
    """HMAC-SHA256 of the identity number: finds a person, tells nobody the number."""
    id_sealed: bytes
    id_mask: str = Field(max_length=32)
    phone_sealed: bytes
    """Empty where no phone is known."""
    phone_mask: str = Field(max_length=32)
    made_ms: int = Field(sa_type=BigInteger)
