"""What staff and the server do to running attempts: a ledger row first, then the live state."""

import contextlib
import hashlib
import hmac
from typing import Final
from uuid import UUID

import msgspec

from exam_api.attempt.errors import AttemptNotFound
from exam_api.attempt.model import Fact, FactKind, LiveAttempt
from exam_api.attempt.states import MOVE_OF, after
from exam_api.errors import RecordAway
from exam_api.people import Login, Role
from exam_api.usecases.parts import ExamParts

TAKEOVER_CODE_LIFE_MS: Final = 5 * 60_000
"""How long an invigilator's takeover code is good."""


class ActAsk(msgspec.Struct, frozen=True, kw_only=True):
    """A member of staff does something to one attempt."""

    session_id: UUID
    attempt_id: UUID
    login: Login
    kind: FactKind
    reason: str = ""
    ms: int = 0
    text: str = ""


async def act(ask: ActAsk, parts: ExamParts) -> LiveAttempt:
    """Enter the act into the ledger and apply it; returns the attempt as it is then.

    Raises AttemptNotFound (also for another tenant's), MoveNotAllowed, LiveAway.
    """
    found = await in_reach(ask.session_id, ask.attempt_id, ask.login, parts)
    move = MOVE_OF.get(ask.kind)
    if move is not None:
        after(found.state, move)  # nothing is entered that would do nothing
    fact = Fact(
        id=parts.new_id(),
        attempt_id=ask.attempt_id,
        kind=ask.kind,
        at_ms=parts.clock.now_ms(),
        actor=f"staff:{ask.login.subject_id}",
        reason=ask.reason,
        ms=ask.ms,
        text=ask.text,
    )
    await enter_fact(fact, parts)
    live = await parts.live.find(ask.attempt_id)
    if live is None:
        raise AttemptNotFound(ask.attempt_id)
    return live


async def enter_fact(fact: Fact, parts: ExamParts, *, apply: bool = True) -> None:
    """Enter a fact: ledger row first, then the live state.

    With the database away the fact is applied all the same: its log entry carries it whole, and the drain
    writes ledger row and audit line when the database is back.
    """
    with contextlib.suppress(RecordAway):
        await parts.record.add_fact(fact, audit_act=f"attempt.{fact.kind}")
    if apply:
        await parts.live.apply(fact)


async def give_takeover_code(
    session_id: UUID, attempt_id: UUID, login: Login, parts: ExamParts
) -> tuple[str, int]:
    """A code that lets the candidate go on with another device, and the instant it dies.

    Raises AttemptNotFound, LiveAway.
    """
    await in_reach(session_id, attempt_id, login, parts)
    now_ms = parts.clock.now_ms()
    fact = Fact(
        id=parts.new_id(),
        attempt_id=attempt_id,
        kind=FactKind.TAKEOVER_CODE,
        at_ms=now_ms,
        actor=f"staff:{login.subject_id}",
    )
    await enter_fact(fact, parts)
    code = parts.new_code()
    await parts.logins.set_takeover_code(
        attempt_id, takeover_hash(attempt_id, code, parts.code_key), life_ms=TAKEOVER_CODE_LIFE_MS
    )
    return code, now_ms + TAKEOVER_CODE_LIFE_MS


def takeover_hash(attempt_id: UUID, code: str, code_key: bytes) -> bytes:
    """What is kept of a takeover code: useless without the key."""
    return hmac.digest(code_key, attempt_id.bytes + code.encode(), hashlib.sha256)


async def in_reach(session_id: UUID, attempt_id: UUID, login: Login, parts: ExamParts) -> LiveAttempt:
    """The attempt, if it is in that session and the session in the log-in's tenant.

    Raises AttemptNotFound.
    """
    live = await parts.live.find(attempt_id)
    if live is None or live.armed.session_id != session_id:
        raise AttemptNotFound(attempt_id)
    if login.role is not Role.OFFICER and login.institution_id != live.armed.institution_id:
        raise AttemptNotFound(attempt_id)
    return live
