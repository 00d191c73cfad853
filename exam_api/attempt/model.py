"""What an attempt is: the facts it is armed with, its live state, its ops, and what staff may change."""

from enum import IntEnum, StrEnum
from typing import Final
from uuid import UUID

import msgspec

SHARDS: Final = 64
"""Shards of the live state. Fixed: a shard number is part of every live key (docs/adr/0003)."""

SIDE_MAX: Final = 500
"""Ops that one attempt keeps from devices that no longer write; more are counted, not kept."""


def shard_of(attempt_id: UUID) -> int:
    """The shard of an attempt, 0 to 63.

    An attempt bears its registration's id, so parallel starts meet in one script.
    """
    return attempt_id.bytes[0] % SHARDS


class State(StrEnum):
    """Stored values: never renamed, never translated."""

    READY = "ready"
    """Armed: paper drawn, nobody has started."""
    RUNNING = "running"
    PAUSED = "paused"
    CLOSED = "closed"
    """Handed in by whatever way; answers no longer change. The result follows at once."""
    VOID = "void"
    """Ended by staff without a score."""


class CloseKind(StrEnum):
    """Who handed in. Stored values: never renamed."""

    MANUAL = "manual"
    TIME = "time"
    STAFF = "staff"


class Takeover(StrEnum):
    """Who lets a second device take over. Stored values."""

    STAFF = "staff"
    """Only with a code from the invigilator: the default where the score counts."""
    OWN = "own"
    OFF = "off"


class OpKind(IntEnum):
    """Op kinds as they stand in the canonical bytes. Stored values."""

    ANSWER = 1
    HAND_IN = 2


class Op(msgspec.Struct, frozen=True):
    """One recorded change, as the candidate's device made it."""

    seq: int
    """1, 2, 3, … under its fence, without gaps."""
    kind: int
    """`OpKind`."""
    slot: int
    """Position in the paper, 0-based; 0 for a hand-in."""
    version: bytes
    """Item version id, 16 bytes; zeros for a hand-in."""
    mask: int
    """Chosen canonical options as a bit mask; 0 clears the answer."""
    client_ms: int
    """The device's own clock: a claim, never used for a decision."""


class ArmedAttempt(msgspec.Struct, frozen=True, kw_only=True):
    """Everything the live state needs of one registration before it starts."""

    attempt_id: UUID
    session_id: UUID
    institution_id: UUID
    person_id: UUID
    label: str
    """What staff see of the person in live lists: `name|ticket|seat`."""
    paper: bytes
    """msgpack of `question_pools.draw.Paper`."""
    paper_digest: bytes
    slots: int
    opens_ms: int
    latest_entry_ms: int
    """Instant after which nobody starts any more."""
    closes_ms: int
    """Hard end of the session: no deadline of its own accord lies behind it."""
    length_ms: int
    """Working time of this candidate, allowances included."""
    earliest_hand_in_ms: int
    """After the start, ms; 0 = at once."""
    takeover: Takeover
    late_hold: bool
    """True: late ops are kept for a decision (`late_offline: hold`)."""


class LiveAttempt(msgspec.Struct, frozen=True, kw_only=True):
    """The live state of one attempt as it is held now."""

    armed: ArmedAttempt
    """`armed.paper` is empty here; the paper is asked for on its own."""
    state: State
    fence: int
    """0 before the first start."""
    seq: int
    """Highest seq held under `fence`."""
    head: bytes
    """Chain head at `seq` (32 bytes), empty at seq 0."""
    storage_key: str
    """Given to the device that opened `fence`; a device that shows it still holds the outbox."""
    answers: bytes
    """4 bytes a slot, big endian masks; shorter than the paper where later slots are untouched."""
    started_ms: int
    deadline_ms: int
    """Effective end: extensions, pauses and credits included. 0 before the start."""
    paused_ms: int
    """Instant of the running pause, else 0."""
    closed_ms: int
    close_kind: CloseKind | None
    last_seen_ms: int
    late_ops: int
    side_ops: int
    takeover_asked_ms: int = 0
    """Instant at which another device was told to bring a code; 0 once a fence was opened."""
    result: bytes
    """msgpack of `usecases` result once scored, else empty."""
    durable: bool
    """The result is in the database."""
    receipt: str = ""
    """Text of the first hand-in receipt that was given, else empty; what is told again is the same text."""
    hold_ms: int = 0
    """Until then the attempt is not handed in for its candidate: its room may have lost time; else 0."""
    hand_in_ms: int = 0
    """Instant from which a held HAND_IN op is carried out by the expiry job if no submit comes, else 0."""


class FactKind(StrEnum):
    """What staff or the server may do to a running attempt. Stored values."""

    EXTEND = "extend"
    PAUSE = "pause"
    RESUME = "resume"
    TERMINATE = "terminate"
    """Forced hand-in: what is held is scored."""
    VOID = "void"
    MESSAGE = "message"
    TAKEOVER = "takeover"
    """A new fence was opened by a second device."""
    TAKEOVER_CODE = "takeover-code"
    """An invigilator made a code for a second device; changes nothing by itself."""
    LATE_ACCEPTED = "late-accepted"
    LATE_DECLINED = "late-declined"
    CREDIT = "credit"
    """Time given back: the service did not answer (`service`), the room could not (`room:<cause>`), a person
    decided. Negative: a debit, kept back from what is given next. 0: a request was declined."""


class Fact(msgspec.Struct, frozen=True, kw_only=True):
    """A ledger entry: a database row first, then applied to the live state, idempotent by `id`."""

    id: UUID
    attempt_id: UUID
    kind: FactKind
    at_ms: int
    actor: str
    """`staff:<uuid>`, `system`, or `candidate`."""
    reason: str = ""
    ms: int = 0
    """Milliseconds for EXTEND and CREDIT."""
    text: str = ""
    """For MESSAGE."""
    fence: int = 0
    """For TAKEOVER: the fence that was opened."""


class Command(msgspec.Struct, frozen=True, kw_only=True):
    """Something a running page must be told; delivered in `sync` until acknowledged."""

    no: int
    """1, 2, 3, … in the attempt."""
    kind: str
    """`message`, `pause`, `resume`, `extend`, `terminate`, `void`, `side`, `late-accepted`,
    `late-declined`, `credit`."""
    at_ms: int
    text: str = ""
    ms: int = 0


class Took(StrEnum):
    """What the live state did with a sync."""

    OK = "ok"
    """Everything is held up to `seq` (a resend gives the same)."""
    BEHIND = "behind"
    """The base lies beyond what is held: resend from `seq`."""
    FORK = "fork"
    """The head given for what is held is not the stored one. Logged; nothing applied."""
    SIDE = "side"
    """Under an older fence: logged beside the attempt, not applied."""
    LATE = "late"
    """After the deadline or the hand-in: logged, kept for a decision, not counted."""
    LATE_REFUSED = "late-refused"
    """As LATE where the profile refuses late answers."""
    NOT_STARTED = "not-started"
    """Unknown here, or still ready."""


class SyncAsk(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One sync as the live state takes it: chain computed, bytes packed."""

    attempt_id: UUID
    fence: int
    base: int
    """Seq that the ops follow on; ops are base+1 … base+n."""
    ops: bytes
    """n canonical ops (`chain.OP_BYTES` each)."""
    heads: bytes
    """n+1 heads of 32 bytes: of `base`, base+1, … base+n."""
    events: bytes
    """JSON array of behaviour events, or empty."""
    ack_command: int
    """Highest command number the page has shown."""
    now_ms: int
    source: str
    """Short digest of address and user agent, to notice interleaving sources."""


class SyncTook(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What the live state answers to a sync."""

    took: Took
    state: State
    fence: int
    """The writing fence now; higher than the caller's: it may only show."""
    seq: int
    head: bytes
    deadline_ms: int
    paused_ms: int
    commands: tuple[Command, ...]
    side_ops: int
    """Ops from other devices waiting to be looked at by the writer."""
    late_ops: int
    closed_ms: int
    durable: bool
    kept_seq: int = 0
    """Highest seq of the caller's own fence that the server has, counted or not: `seq` for OK, reaching into
    the late ops for LATE, into the side ops for SIDE. What lies behind it must be sent again."""
    held_before: int = 0
    """For OK: how many of the call's ops an earlier call had brought."""
