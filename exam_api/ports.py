"""What use cases need from the outside: clock, live state, record, keys, messages.

Adapters inherit these. What the console needs of the database (pools, blueprints, sittings, result book) is
said in `console_ports`; `store` implements those too.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol
from uuid import UUID

import msgspec

from exam_api.attempt.glance import Glance
from exam_api.attempt.model import ArmedAttempt, CloseKind, Fact, LiveAttempt, SyncAsk, SyncTook
from exam_api.attempt.place import Said
from exam_api.people import ArmedPerson, Holder, Login, RosterEntry, StaffAccount
from exam_api.record import (
    HeldAttempt,
    LateRequest,
    LogEntry,
    PlannedSession,
    Registration,
    Result,
    SessionFacts,
)
from question_pools.draw import Paper


class Clock(Protocol):
    """Server time. Nodes agree within 250 ms (docs/operations.md); far below the grace of 5 s."""

    def now_ms(self) -> int:
        """Unix time in ms."""
        ...


class Live(Protocol):
    """The running attempts. Made by `live.attempts`.

    Fails closed: raises `LiveAway` when a shard cannot be asked or is not yet reconciled; phones keep ops.
    """

    async def arm(self, attempts: Sequence[ArmedAttempt]) -> None:
        """Put them into the live state as READY; one that is there stays. LiveAway: all others are there."""
        ...

    async def find(self, attempt_id: UUID) -> LiveAttempt | None: ...

    async def paper(self, attempt_id: UUID) -> bytes | None:
        """Msgpack of the drawn paper."""
        ...

    async def start(
        self, attempt_id: UUID, *, now_ms: int, deadline_ms: int, storage_key: str, source: str
    ) -> LiveAttempt:
        """READY → RUNNING under fence 1, that deadline and key; anything else stays as it is.

        Parallel calls: one starts, all get the same attempt.
        """
        ...

    async def open_fence(
        self, attempt_id: UUID, *, seen_fence: int, now_ms: int, storage_key: str, source: str
    ) -> LiveAttempt:
        """Open fence `seen_fence`+1 for a new writer; left alone when the fence moved meanwhile."""
        ...

    async def sync(self, ask: SyncAsk) -> SyncTook: ...

    async def ask_takeover(self, attempt: LiveAttempt, *, event: str, now_ms: int) -> None:
        """Remember that another device waits for a code, and log it as an event, for wall and record."""
        ...

    async def consent(self, attempt: LiveAttempt, *, choice: str, text_version: str, now_ms: int) -> None:
        """Put what a candidate agreed to into the log, for the record to take when it is back."""
        ...

    async def side(self, attempt_id: UUID) -> bytes:
        """Canonical ops kept from other devices, concatenated."""
        ...

    async def late(self, attempt_id: UUID) -> bytes:
        """Canonical ops that came late and join the chain, concatenated."""
        ...

    async def close(
        self,
        attempt_id: UUID,
        *,
        kind: CloseKind,
        now_ms: int,
        fence: int | None,
        due_before_ms: int | None = None,
    ) -> LiveAttempt:
        """RUNNING or PAUSED → CLOSED, once; afterwards always what stands.

        fence: refuse (leave as is) unless it is the writing fence; None for staff and time.
        due_before_ms: for time: leave it unless its deadline, or the instant of a held HAND_IN op, lies
        before it (the caller takes off the grace); closed for a HAND_IN op the kind is MANUAL, whatever was
        given.
        """
        ...

    async def close_as_said(self, attempt_id: UUID, *, now_ms: int, fence: int, said: Said) -> LiveAttempt:
        """As `close` by hand, but leave it unless just that is held and every rule of a hand-in lets it be.

        One call instead of three where nothing is amiss. The caller settles it; for a while the worker leaves
        it alone.
        """
        ...

    async def keep_result(self, attempt_id: UUID, result: bytes) -> bytes:
        """Keep the first result; returns the one that is kept."""
        ...

    async def raise_results(self, results: Sequence[tuple[UUID, int, bytes]]) -> None:
        """Put later score runs (attempt, run, result) in the place of those that are kept.

        An attempt that is forgotten or holds a later run stays as it is.
        """
        ...

    async def keep_settled(
        self, attempt_id: UUID, *, result: bytes, receipt: str, durable: bool
    ) -> tuple[bytes, str]:
        """Keep the first result and receipt that are given; where the database has the result, mark that.

        result: empty where one is kept already. Returns the result (empty again, if so) and the receipt that
        are kept; of an attempt that is not closed nothing is kept, and both are empty.
        """
        ...

    async def apply(self, fact: Fact) -> bool:
        """Apply a ledger entry once; False when it was applied before or no longer fits the state."""
        ...

    async def due(self, shard: int, *, before_ms: int, limit: int) -> Sequence[UUID]:
        """Running attempts whose deadline lies before the instant: now less the grace."""
        ...

    async def undurable(self, shard: int, *, limit: int, now_ms: int | None = None) -> Sequence[UUID]:
        """Closed attempts whose result is not marked durable.

        now_ms: but those that somebody who hands in is just settling; None for all.
        """
        ...

    async def beat(self, now_ms: int) -> int:
        """Tell every reconciled shard that calls are served; credits a gap to its running attempts.

        Returns how many attempts were credited. Raises LiveAway when no node answers.
        """
        ...

    async def of_session(self, session_id: UUID) -> Sequence[LiveAttempt]:
        """All attempts armed for a session, no papers. `there_`: those of nodes there, and if that is all."""
        ...

    async def there_of_session(self, session_id: UUID) -> tuple[Sequence[LiveAttempt], bool]: ...

    async def glances(self, session_id: UUID) -> Mapping[UUID, Glance]:
        """How they all stand, briefly: far less work than looking at each."""
        ...

    async def unready(self) -> Sequence[int]:
        """Shards of nodes that answer under another run id than they were reconciled under."""
        ...

    async def reconciled(self, shard: int) -> None:
        """Mark a shard as reconciled under its node's present run id."""
        ...

    async def restore(self, attempt: LiveAttempt) -> None:
        """Raise a lost or older attempt to what the record holds; never lowers fence, seq, deadline."""
        ...


class Log(Protocol):
    """The op log: one append-only stream a shard, read in order by the drain job and by the watchers."""

    async def read(self, shard: int, *, count: int) -> Sequence[LogEntry]:
        """The next entries this group has not been given, oldest first; unacknowledged ones come again."""
        ...

    async def read_together(
        self, *, count: int
    ) -> tuple[Sequence[tuple[int, Sequence[LogEntry]]], Sequence[int]]:
        """What `read` brings of all shards that can be asked in one call, and the shards to be read alone."""
        ...

    async def done(self, shard: int, ids: Sequence[str]) -> None:
        """They are in the database; may be trimmed. What a node that is away holds comes again."""
        ...

    async def done_together(self, done: Sequence[tuple[int, Sequence[str]]]) -> None:
        """The same of several shards, in as few calls as can be."""
        ...

    def left(self, shards: Iterable[int]) -> None:
        """What was read of them was not written: it comes next, before anything newer."""
        ...

    async def again(self, shard: int, *, after: str, count: int) -> Sequence[LogEntry]:
        """Entries after that id (empty: from the oldest) that are still there, on record or not."""
        ...


class ShardMeasure(msgspec.Struct, frozen=True, kw_only=True):
    """How much waits in one shard."""

    waiting: int
    """Entries of the log that the record has not yet."""
    oldest_ms: int
    """Instant of the oldest of them; 0: none waits."""
    running: int
    undurable: int
    """Closed attempts whose result the record has not yet."""


class Measures(Protocol):
    """What is told of the live state as a whole. Fails closed."""

    async def shards(self) -> Sequence[ShardMeasure]:
        """All shards, in order."""
        ...


class Limit(msgspec.Struct, frozen=True):
    """So many of a kind in so long."""

    kind: str
    most: int
    window_ms: int


class Logins(Protocol):
    """Log-ins and one-time codes. Fails closed."""

    async def open(self, login: Login, *, token_hash: bytes, life_ms: int) -> None: ...

    async def find(self, token_hash: bytes) -> Login | None: ...

    async def seen(self, token_hash: bytes, login: Login, *, now_ms: int) -> None:
        """Note that it is in use; one that was ended meanwhile does not come back."""
        ...

    async def end(self, token_hash: bytes) -> None: ...

    async def of_subject(self, subject_id: UUID) -> Sequence[Login]:
        """Open log-ins of a person or an account, the newest first."""
        ...

    async def end_of(self, subject_id: UUID, *, only: UUID | None = None, but: UUID | None = None) -> int:
        """End the log-ins of a person or an account: all, `only` one, or all `but` one. How many."""
        ...

    async def offer_code(
        self, blind: bytes, code_hash: bytes, *, life_ms: int, limits: tuple[Limit, Limit]
    ) -> Limit | None:
        """Count one under each limit and, with neither passed, keep the code in place of the old one.

        Returns the first limit that is passed. One call: a log-in code is asked for by everybody at once.
        """
        ...

    async def try_code(self, blind: bytes, code_hash: bytes, *, failures: Limit) -> bool | None:
        """True once for the right code; counted in the script that compares; dead after 5 wrong tries.

        None, and nothing tried, where the identity has failed too often already.
        """
        ...

    async def over_limit(self, kind: str, key: bytes, *, limit: int, window_ms: int) -> bool:
        """Count one and tell whether the limit is passed. Fails open: without Redis nobody is held back."""
        ...

    async def take_back(self, kind: str, key: bytes) -> None:
        """Take back one that was counted: it was none. Without Redis nothing is counted."""
        ...

    async def is_over(self, kind: str, key: bytes, *, limit: int) -> bool:
        """Tell whether the limit is passed, without counting: for what follows a try. Fails open."""
        ...

    async def set_takeover_code(self, attempt_id: UUID, code_hash: bytes, *, life_ms: int) -> None: ...

    async def try_takeover_code(self, attempt_id: UUID, code_hash: bytes) -> bool: ...


class Armory(Protocol):
    """What an armed session needs with no database: facts, public source, sealed keys, roster index."""

    async def put_session(self, facts: SessionFacts, *, source: bytes, sealed_keys: bytes) -> None: ...

    async def session(self, session_id: UUID) -> SessionFacts | None: ...

    async def source(self, session_id: UUID) -> bytes | None:
        """Msgpack of the public paper source."""
        ...

    async def sealed_keys(self, session_id: UUID) -> bytes | None: ...

    async def put_roster(self, session_id: UUID, people: Sequence[RosterEntry]) -> None:
        """LiveAway: all others are there."""
        ...

    async def person(self, blind: bytes) -> ArmedPerson | None: ...

    async def armed_sessions(self) -> Sequence[UUID]: ...


class Record(Protocol):
    """The append-only record of the exam in the database."""

    async def write_log(self, entries: Sequence[LogEntry]) -> None:
        """Ops, events, starts, facts of the log → rows. An entry written before changes nothing."""
        ...

    async def add_fact(self, fact: Fact, *, audit_act: str) -> None:
        """The ledger row and its audit line in one transaction. Idempotent by id."""
        ...

    async def facts_since(self, *, since_ms: int) -> Sequence[Fact]: ...

    async def held(self, session_id: UUID) -> Sequence[HeldAttempt]:
        """What the record holds of a session's started attempts: the source for `reconcile`."""
        ...

    async def late_ops(self, attempt_id: UUID) -> bytes:
        """Canonical late ops in order, concatenated."""
        ...

    async def late_request(self, attempt_id: UUID) -> LateRequest | None: ...

    async def decide_late(self, request: LateRequest, result: Result | None) -> bool:
        """Decision, its audit line and (accepted) the new score run in one transaction.

        False when it was decided before: then nothing is written.
        """
        ...


class Plans(Protocol):
    """What was planned, from the database: sessions to arm, their source, registrations, papers."""

    async def to_arm(self, *, now_ms: int, ahead_ms: int) -> Sequence[UUID]:
        """Open sessions whose entry begins within `ahead_ms` and whose close lies less than a day back."""
        ...

    async def load(self, session_id: UUID) -> PlannedSession | None: ...

    async def session_of(self, attempt_id: UUID) -> UUID | None: ...

    async def registrations(self, session_id: UUID) -> Sequence[Registration]: ...

    async def papers(self, session_id: UUID) -> Mapping[UUID, Paper]:
        """The papers drawn so far, by attempt."""
        ...

    async def save_papers(self, session_id: UUID, papers: Mapping[UUID, Paper]) -> None:
        """Keep drawn papers; one that is there already stays."""
        ...


class People(Protocol):
    """Persons and accounts in the record. Raises `RecordAway`."""

    async def person(self, blind: bytes) -> ArmedPerson | None:
        """A person with all their registrations."""
        ...

    async def holder(self, registration_id: UUID) -> Holder | None: ...

    async def holder_by_ticket(self, ticket_no: str) -> Holder | None: ...

    async def staff(self, login_name: str) -> StaffAccount | None:
        """An open account by its login name, small letters."""
        ...

    async def staff_of(self, account_id: UUID) -> StaffAccount | None:
        """An open account by its id."""
        ...


class Sms(Protocol):
    """Short messages. Never told more than number and text."""

    async def send(self, phone: str, text: str) -> None: ...

    async def close(self) -> None: ...


class Sealer(Protocol):
    """Authenticated encryption of small things at rest (AES-256-GCM). Made by `store.sealed`."""

    def seal(self, data: bytes, *, context: bytes) -> bytes:
        """Opens only with the same context."""
        ...

    def open(self, sealed: bytes, *, context: bytes) -> bytes: ...
