"""Tables of sessions, registrations and drawn papers."""

from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint, false, text
from sqlmodel import Field

from exam_api.store.tables.row import DIGEST_HEX, Row


class SessionRow(Row, table=True):
    """One sitting; `exam_api.record.SessionFacts` is its meaning."""

    __table_args__ = (
        CheckConstraint("opens_ms < closes_ms", name="closes_after_opening"),
        CheckConstraint("entry_ms <= opens_ms", name="entry_before_opening"),
        CheckConstraint("latest_entry_ms between opens_ms and closes_ms", name="latest_entry_inside"),
        CheckConstraint("length_ms > 0 and earliest_hand_in_ms >= 0", name="length_positive"),
        CheckConstraint("pass_centi between 0 and full_centi", name="pass_within_full"),
        CheckConstraint("channel in ('phone', 'desk', 'remote')", name="channel_known"),
        CheckConstraint("state in ('draft', 'open', 'closed', 'published', 'cancelled')", name="state_known"),
        UniqueConstraint("plan_year", "plan_no"),
        Index(None, "institution_id", "opens_ms"),
        Index(None, "opens_ms"),
    )
    id: UUID = Field(primary_key=True)
    institution_id: UUID = Field(foreign_key="institution.id")
    title: str = Field(max_length=200)
    channel: str = Field(max_length=16)
    profile: str = Field(max_length=64)
    profile_confirmed: bool
    pool_version_id: UUID = Field(foreign_key="pool_version.id")
    blueprint_id: UUID = Field(foreign_key="blueprint.id")
    opens_ms: int = Field(sa_type=BigInteger)
    entry_ms: int = Field(sa_type=BigInteger)
    latest_entry_ms: int = Field(sa_type=BigInteger)
    closes_ms: int = Field(sa_type=BigInteger)
    length_ms: int = Field(sa_type=BigInteger)
    earliest_hand_in_ms: int = Field(sa_type=BigInteger)
    navigation: str = Field(max_length=16)
    takeover: str = Field(max_length=16)
    late_hold: bool
    pass_centi: int
    full_centi: int
    state: str = Field(max_length=16)
    room_code: str = Field(default="", max_length=16)
    plan_year: int
    """Civil year of the opening in Asia/Shanghai: the first digits of its ticket numbers."""
    plan_no: int
    """Ordinal in that year, from 1: the next digits."""
    made_ms: int = Field(sa_type=BigInteger)
    rehearsal: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    """Nobody real sits it; the only sessions whose rows may be taken out of the record again."""


class RegistrationRow(Row, table=True):
    """One person in one session. Its id is the attempt's id."""

    __table_args__ = (
        UniqueConstraint("session_id", "person_id"),
        UniqueConstraint("session_id", "serial"),
        Index(
            "uq_registration_seat", "session_id", "seat", unique=True,
            postgresql_where=text("seat <> ''"), sqlite_where=text("seat <> ''"),
        ),
        Index(None, "person_id"),
        CheckConstraint("extra_ms >= 0", name="extra_not_negative"),
        CheckConstraint("state in ('booked', 'cancelled')", name="state_known"),
    )  # fmt: skip
    id: UUID = Field(primary_key=True)
    session_id: UUID = Field(foreign_key="session.id")
    person_id: UUID = Field(foreign_key="person.id")
    ticket_no: str = Field(max_length=32, unique=True)
    seat: str = Field(default="", max_length=16)
    serial: int
    """Ordinal in the session, from 1: the last digits of the ticket number."""
    extra_ms: int = Field(default=0, sa_type=BigInteger)
    """Allowance: working time beyond the session's length."""
    state: str = Field(default="booked", max_length=16)
    made_ms: int = Field(sa_type=BigInteger)


class PaperRow(Row, table=True):
    """What one candidate was given: enough to show the paper again years later."""

    attempt_id: UUID = Field(primary_key=True, foreign_key="registration.id")
    session_id: UUID = Field(index=True, foreign_key="session.id")
    pool_digest: str = Field(max_length=DIGEST_HEX)
    blueprint_digest: str = Field(max_length=DIGEST_HEX)
    seed: str = Field(max_length=80)
    digest: bytes
    """SHA-256 of `content`."""
    content: bytes
    """msgpack of `question_pools.draw.Paper`: item versions and option orders, no keys."""
