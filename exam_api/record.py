"""What the record of the exam holds: sessions as facts, log entries, results, late requests."""

from enum import StrEnum
from uuid import UUID

import msgspec

from exam_api.attempt.model import CloseKind
from question_pools.blueprint import Blueprint
from question_pools.items import PoolVersion
from scoring.paper import PaperScore


class SessionState(StrEnum):
    """Stored values: never renamed."""

    DRAFT = "draft"
    OPEN = "open"
    """Announced; roster fixed enough to arm, may still grow."""
    CLOSED = "closed"
    PUBLISHED = "published"
    CANCELLED = "cancelled"


class SessionFacts(msgspec.Struct, frozen=True, kw_only=True):
    """One sitting as every part of the service needs it; no key in it."""

    id: UUID
    institution_id: UUID
    institution: str
    title: str
    channel: str
    """`phone` or `desk`."""
    profile: str
    """`scoring.profiles` id."""
    profile_confirmed: bool
    pool_digest: str
    blueprint_digest: str
    opens_ms: int
    """Instant from which attempts may start."""
    entry_ms: int
    """Instant from which log-in to the waiting room is possible."""
    latest_entry_ms: int
    closes_ms: int
    length_ms: int
    earliest_hand_in_ms: int
    navigation: str
    """`free` or `forward`."""
    takeover: str
    late_hold: bool
    pass_centi: int
    full_centi: int
    state: SessionState
    room_code: str = ""
    """Six digits for the room of a desk session; empty for phones. Never sent to candidates."""
    rehearsal: bool = False
    """Sat by shadow candidates of `kaowu rehearse`: no list, figure or export counts it."""


class LogKind(StrEnum):
    """Kinds of entries in the op log. Stored values."""

    START = "start"
    OPS = "ops"
    SIDE = "side"
    LATE = "late"
    LATE_REFUSED = "late-refused"
    """As LATE, where the profile refuses: on record, opens no request."""
    FORK = "fork"
    EVENTS = "events"
    FENCE = "fence"
    CLOSE = "close"
    RESULT = "result"
    FACT = "fact"
    SOURCE = "source"
    """Two sources interleaved under one fence."""
    CONSENT = "consent"
    """What a candidate agreed to while the record was away."""
    SNAPSHOT = "snapshot"
    """A picture was kept; its bytes are in a segment."""
    UNKNOWN = "unknown"
    """What this version cannot read, with all its bytes; nobody writes it into the log."""


class LogEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of a shard's log."""

    id: str
    """Stream id, unique in the shard."""
    shard: int
    kind: LogKind
    attempt_id: UUID
    session_id: UUID
    at_ms: int
    fence: int
    base: int
    """Seq before the first op; 0 where there are none."""
    data: bytes
    """Canonical ops for OPS, SIDE, LATE; JSON for the others; may be empty."""


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """One score run of one attempt; runs are appended, never overwritten."""

    attempt_id: UUID
    session_id: UUID
    institution_id: UUID
    run: int
    """1 at the hand-in; later ones by decision (late ops accepted, rescoring)."""
    cause: str
    """`hand-in`, `time`, `staff`, `late-accepted`, `rescored`."""
    score: PaperScore
    answers: bytes
    """Masks that were scored, 4 bytes a slot."""
    answers_digest: bytes
    fence: int
    seq: int
    head: bytes
    started_ms: int
    closed_ms: int
    close_kind: CloseKind
    late_ops: int
    scored_ms: int
    ruling: int | None = None
    """Number, in its session, of the newest ruling it was made under; None before there was any."""


class LateState(StrEnum):
    """Stored values."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"


class LateRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Late ops that join the chain wait here for a department officer."""

    attempt_id: UUID
    session_id: UUID
    institution_id: UUID
    ops: int
    first_ms: int
    state: LateState = LateState.OPEN
    decided_by: UUID | None = None
    decided_ms: int = 0
    reason: str = ""


class PlannedSession(msgspec.Struct, frozen=True, kw_only=True):
    """A session with all it is drawn and marked from. Holds keys: never near a candidate route."""

    facts: SessionFacts
    pool: PoolVersion
    blueprint: Blueprint


class Registration(msgspec.Struct, frozen=True, kw_only=True):
    """One candidate's place in a session. Its id is the attempt's id."""

    id: UUID
    session_id: UUID
    person_id: UUID
    name: str
    blind: bytes
    phone_sealed: bytes
    ticket_no: str
    seat: str
    extra_ms: int
    """Allowance: extra time and breaks, added to the session's length."""
    id_sealed: bytes = b""
    """Sealed identity number: armed rosters also list people under a mark of ticket and last six."""


class HeldAttempt(msgspec.Struct, frozen=True, kw_only=True):
    """What the record holds of a started attempt."""

    attempt_id: UUID
    fence: int
    storage_key: str
    started_ms: int
    deadline_ms: int
    """As given at the start; facts shift it."""
    ops: bytes
    """Held canonical ops, by (fence, seq)."""
    closed_ms: int
    close_kind: CloseKind | None
    result: Result | None
