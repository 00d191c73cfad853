"""Tables of second factors, recovery codes, keys of machines and WeChat identities."""

from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index
from sqlmodel import Field

from exam_api.store.tables.row import Row


class SecondFactorRow(Row, table=True):
    """The second factor of an account; one that is not confirmed asks nobody for a code."""

    staff_id: UUID = Field(primary_key=True, foreign_key="staff.id")
    secret_sealed: bytes
    """Sealed for this account (`store.sealed`, context `second-factor` and the id)."""
    made_ms: int = Field(sa_type=BigInteger)
    confirmed_ms: int = Field(default=0, sa_type=BigInteger)
    last_step: int = Field(default=0, sa_type=BigInteger)
    """The step whose code was taken last; no earlier one is taken again."""


class RecoveryCodeRow(Row, table=True):
    """A recovery code: good once, for who lost the telephone."""

    staff_id: UUID = Field(primary_key=True, foreign_key="staff.id")
    code_hash: bytes = Field(primary_key=True)
    """BLAKE2b under a key."""
    made_ms: int = Field(sa_type=BigInteger)
    used_ms: int = Field(default=0, sa_type=BigInteger)


class MachineKeyRow(Row, table=True):
    """A key with which a machine calls."""

    __table_args__ = (Index(None, "staff_id"),)
    id: UUID = Field(primary_key=True)
    staff_id: UUID = Field(foreign_key="staff.id")
    key_hash: bytes = Field(unique=True)
    """BLAKE2b under a key; the key itself was shown once."""
    hint: str = Field(max_length=8)
    made_ms: int = Field(sa_type=BigInteger)
    until_ms: int = Field(default=0, sa_type=BigInteger)
    """Good until then; 0 = without an end."""


class WechatLinkRow(Row, table=True):
    """A WeChat identity that logs a person in; goes with the person."""

    __table_args__ = (Index(None, "person_id"),)
    openid_hash: bytes = Field(primary_key=True)
    """BLAKE2b under a key: nobody learns the identity from here."""
    person_id: UUID = Field(sa_column_args=(ForeignKey("person.id", ondelete="CASCADE"),))
    made_ms: int = Field(sa_type=BigInteger)
