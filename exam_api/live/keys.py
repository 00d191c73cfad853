"""Every key of the live state: its shape, what it holds, how long it lives, what is lost with it.

Keys with one `{tag}` share a cluster slot. `{sNN}` is a shard of attempts (`shard_of`), `{lNN}` one of 64
buckets of log-ins and limits by their hash. The version stands in front; a new shape takes a new version.
"""

from functools import lru_cache
from typing import Final, NamedTuple
from uuid import UUID

import msgspec

from exam_api.attempt.model import SHARDS, shard_of
from exam_api.live.lane import word

DAY_MS: Final = 86_400_000

KEPT_AFTER_CLOSE_MS: Final = 30 * DAY_MS
"""How long an attempt stays after its session's close if its result never becomes durable."""

KEPT_WHEN_DURABLE_MS: Final = 7 * DAY_MS
"""How long it stays once the database has the result: pages ask again for a while, late ops come back."""

ROSTER_LIFE_MS: Final = 7 * DAY_MS
"""Life of what an armed session puts beside the attempts; arming again begins it anew."""

_FROM_RECORD: Final = "nothing: `reconcile` brings it back from the record, pages resend the rest"


class Key(msgspec.Struct, frozen=True):
    """One kind of key."""

    shape: str
    holds: str
    life: str
    lost: str
    """What is lost if it is lost."""


ATTEMPT: Final = Key(
    "kw1:{sNN}:a:<attempt>",
    holds="hash: state, fence, seq, head, deadline, counters, result; field names in scripts/view.lua",
    life="30 days after the close, 7 days once durable",
    lost=_FROM_RECORD,
)
ANSWERS: Final = Key(
    "kw1:{sNN}:a:<attempt>:answers",
    holds="string: 4-byte mask of each slot",
    life="as the attempt",
    lost=_FROM_RECORD,
)
PAPER: Final = Key(
    "kw1:{sNN}:a:<attempt>:paper",
    holds="string: msgpack of the drawn paper",
    life="as the attempt",
    lost="nothing: papers are in the record before they are armed",
)
LATE: Final = Key(
    "kw1:{sNN}:a:<attempt>:late",
    holds="string: canonical ops that came late and join the chain",
    life="as the attempt",
    lost="nothing: they are in the log and the record",
)
SIDE: Final = Key(
    "kw1:{sNN}:a:<attempt>:side",
    holds="string: canonical ops of devices that no longer write, 500 at most",
    life="as the attempt",
    lost="the offer to adopt them; they are in the log and the record",
)
COMMANDS: Final = Key(
    "kw1:{sNN}:a:<attempt>:commands",
    holds="list: JSON of each command, number 1 first",
    life="as the attempt",
    lost=_FROM_RECORD,
)
FACTS: Final = Key(
    "kw1:{sNN}:a:<attempt>:facts",
    holds="set: ids of the ledger entries that were applied",
    life="as the attempt",
    lost=_FROM_RECORD,
)
TAKEOVER: Final = Key(
    "kw1:{sNN}:a:<attempt>:takeover",
    holds="hash: code (hash of the takeover code), tries",
    life="minutes, given with the code",
    lost="the code: the invigilator makes a new one",
)
SESSION: Final = Key(
    "kw1:{sNN}:x:<session>",
    holds="set: 16-byte ids of the session's attempts in this shard",
    life="30 days after the close",
    lost=_FROM_RECORD,
)
LOG: Final = Key(
    "kw1:{sNN}:log",
    holds="stream: every change; k kind, a attempt, s session, t instant, f fence, b base, d data",
    life="until the record has it, at least a minute",
    lost="what the record had not yet read; ops come back from the outboxes",
)
DEADLINES: Final = Key(
    "kw1:{sNN}:deadlines",
    holds="sorted set: running attempts by the instant they are handed in for them",
    life="for ever",
    lost=_FROM_RECORD,
)
UNDURABLE: Final = Key(
    "kw1:{sNN}:undurable",
    holds="sorted set: closed attempts whose result the database has not, by when the worker settles them",
    life="for ever",
    lost=_FROM_RECORD,
)
SHARD: Final = Key(
    "kw1:{sNN}:shard",
    holds="hash: run (run id it was reconciled under), beat, gap_from, gap_to, stale",
    life="for ever",
    lost="nothing: the shard is unready until it is reconciled",
)
LOGIN: Final = Key(
    "kw1:{lNN}:login:<hash>",
    holds="string: msgpack of the log-in",
    life="given with the log-in",
    lost="the log-in: the person logs in again",
)
LOGINS: Final = Key(
    "kw1:{lNN}:logins:<subject>",
    holds="hash: token hash -> id of each log-in of one person or account, 32 at most",
    life="as the log-in that lasts longest",
    lost="the list: log-ins go on, ending them all misses those that were opened before",
)
CODE: Final = Key(
    "kw1:{lNN}:code:<blind>",
    holds="hash: code (hash of the one-time code), tries",
    life="minutes, given with the code",
    lost="the code: the person asks for another",
)
RATE: Final = Key(
    "kw1:{lNN}:rate:<kind>:<key>",
    holds="string: count in the running window",
    life="the window",
    lost="the count: begins at 0",
)
PERSON: Final = Key(
    "kw1:{lNN}:person:<blind>",
    holds="hash: session -> msgpack of the armed person",
    life="7 days after the last arming",
    lost="nothing: arming puts it again",
)
ARMED: Final = Key(
    "kw1:{<session>}:armed",
    holds="hash: facts, source, keys (sealed) of an armed session",
    life="7 days after the last arming",
    lost="nothing: arming puts it again",
)
GAPS: Final = Key(
    "kw1:{<session>}:gaps",
    holds="hash: attempt and instant -> msgpack of a gap; ask:<the same> -> when time was asked for",
    life="7 days after the last gap",
    lost="open windows and requests: candidates ask again; what was given is in the ledger",
)
SESSIONS: Final = Key(
    "kw1:{armed}:sessions",
    holds="set: 16-byte ids of armed sessions",
    life="for ever; entries leave when their session has gone",
    lost="nothing: arming puts it again",
)
REHEARSAL: Final = Key(
    "kw1:{armed}:rehearsal",
    holds="string: 16-byte id of the shadow session that is being rehearsed",
    life="20 seconds, begun anew while the rehearsal goes on",
    lost="the right to rehearse: the worker takes the rehearsal for dead and its data away",
)

ALL: Final = (
    ATTEMPT,
    ANSWERS,
    PAPER,
    LATE,
    SIDE,
    COMMANDS,
    FACTS,
    TAKEOVER,
    SESSION,
    LOG,
    DEADLINES,
    UNDURABLE,
    SHARD,
    LOGIN,
    LOGINS,
    CODE,
    RATE,
    PERSON,
    ARMED,
    GAPS,
    SESSIONS,
    REHEARSAL,
)


class AttemptKeys(NamedTuple):
    """The keys of one attempt."""

    attempt: bytes
    answers: bytes
    paper: bytes
    late: bytes
    side: bytes
    commands: bytes
    facts: bytes
    takeover: bytes


class ShardKeys(NamedTuple):
    """The keys that the attempts of one shard share."""

    log: bytes
    deadlines: bytes
    undurable: bytes
    shard: bytes


def _shard_keys(number: int) -> ShardKeys:
    front = b"kw1:{s%02d}:" % number
    return ShardKeys(front + b"log", front + b"deadlines", front + b"undurable", front + b"shard")


OF_SHARD: Final = tuple(_shard_keys(number) for number in range(SHARDS))
"""Keys of shard 0 to 63."""


@lru_cache(maxsize=16_384)
def of_attempt(attempt_id: UUID) -> AttemptKeys:
    """The keys of an attempt; kept for those that are busy now (about 1 KB each)."""
    own = b"kw1:{s%02d}:a:%s" % (shard_of(attempt_id), attempt_id.hex.encode())
    return AttemptKeys(
        own,
        own + b":answers",
        own + b":paper",
        own + b":late",
        own + b":side",
        own + b":commands",
        own + b":facts",
        own + b":takeover",
    )


def of_member(shard: int, raw: bytes) -> tuple[bytes, bytes]:
    """Keys of attempt and answers, by an id as the session's index has it; not kept, as all are asked for."""
    own = b"kw1:{s%02d}:a:%s" % (shard, raw.hex().encode())
    return own, own + b":answers"


@lru_cache(maxsize=16_384)
def of_sync(attempt_id: UUID) -> tuple[bytes, bytes]:
    """The first key that sync.lua takes, and all of them and their count as words of a call.

    Put together once for those that are busy now (about 1 KB each).
    """
    own, shard = of_attempt(attempt_id), OF_SHARD[shard_of(attempt_id)]
    attempt = (own.attempt, own.answers, own.late, own.side, own.commands)
    found = (*attempt, shard.log, shard.deadlines, shard.shard)
    return own.attempt, b"".join(map(word, (len(found), *found)))


@lru_cache(maxsize=16_384)
def of_picture(attempt_id: UUID) -> tuple[bytes, bytes]:
    """As `of_sync`, of the keys that snapshot_take.lua takes."""
    own, shard = of_attempt(attempt_id), OF_SHARD[shard_of(attempt_id)]
    found = (own.attempt, shard.shard, shard.log)
    return own.attempt, b"".join(map(word, (len(found), *found)))


def session_index(session_id: UUID, shard: int) -> bytes:
    return b"kw1:{s%02d}:x:%s" % (shard, session_id.hex.encode())


def login(token_hash: bytes) -> bytes:
    return _by_hash(b"login", token_hash)


def logins(subject_id: UUID) -> bytes:
    return _by_hash(b"logins", subject_id.bytes)


def code(blind: bytes) -> bytes:
    return _by_hash(b"code", blind)


def rate(kind: str, key: bytes) -> bytes:
    return _by_hash(b"rate:" + kind.encode(), key)


def person(blind: bytes) -> bytes:
    return _by_hash(b"person", blind)


def armed(session_id: UUID) -> bytes:
    return b"kw1:{%s}:armed" % session_id.hex.encode()


def gaps(session_id: UUID) -> bytes:
    return b"kw1:{%s}:gaps" % session_id.hex.encode()


def armed_sessions() -> bytes:
    return b"kw1:{armed}:sessions"


def rehearsal() -> bytes:
    return b"kw1:{armed}:rehearsal"


def _by_hash(what: bytes, hashed: bytes) -> bytes:
    # The sum spreads keys that are text (an address) as well as those that are random bytes.
    return b"kw1:{l%02d}:%s:%s" % (sum(hashed) % SHARDS, what, hashed.hex().encode())
