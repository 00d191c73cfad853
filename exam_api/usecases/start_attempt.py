"""Starting an attempt, going on with it after a reload, and taking it over on another device."""

from typing import Final
from uuid import UUID

import msgspec

from exam_api.attempt import deadline
from exam_api.attempt.errors import (
    AlreadyClosed,
    AttemptNotFound,
    NotYetOpen,
    TakeoverCodeWrong,
    TakeoverNeeded,
    TooLateToEnter,
)
from exam_api.attempt.model import ArmedAttempt, Fact, FactKind, LiveAttempt, State, Takeover
from exam_api.attempt.sealing import released_key
from exam_api.people import Login
from exam_api.usecases.arm_session import arm_one
from exam_api.usecases.fair_return import note_other_device
from exam_api.usecases.parts import ExamParts
from exam_api.usecases.shelf import PaperSource
from exam_api.usecases.staff_facts import enter_fact, takeover_hash
from question_pools.draw import Paper

TAKEOVER_ASKED: Final = "takeover-asked"
"""Event in the log: another device waits for an invigilator's code."""


read_paper: Final = msgspec.msgpack.Decoder(Paper).decode
"""From what is armed of a paper."""


class StartAsk(msgspec.Struct, frozen=True, kw_only=True):
    """A candidate wants to start or go on."""

    attempt_id: UUID
    login: Login
    storage_key: str
    """Made by the device and kept in its storage before asking."""
    takeover: bool
    takeover_code: str
    source: str
    sealed: bytes = b""
    """Digest of the sealed paper that the device holds; empty: none."""


class Started(msgspec.Struct, frozen=True, kw_only=True):
    """The attempt as it runs now, with what its paper is shown from."""

    attempt: LiveAttempt
    paper: Paper | None
    """None when the device opens what it holds."""
    paper_key: bytes | None
    """Key of the sealed paper that the device holds."""
    source: PaperSource
    now_ms: int


async def start_attempt(ask: StartAsk, parts: ExamParts) -> Started:
    """Start, or go on.

    A resend, a reload and parallel calls of one device (same storage key) get the same attempt under the same
    fence; another device gets a new fence where the policy lets it.

    Raises AttemptNotFound, NotYetOpen, TooLateToEnter, TakeoverNeeded, TakeoverCodeWrong, AlreadyClosed,
    LiveAway.
    """
    live = await parts.live.find(ask.attempt_id) or await arm_one(ask.attempt_id, parts)
    if not is_own(live.armed, ask.login):
        raise AttemptNotFound(live.armed.attempt_id)
    now_ms = parts.clock.now_ms()
    if live.state is State.READY:
        _may_enter(live, now_ms)
        live = await parts.live.start(
            ask.attempt_id,
            now_ms=now_ms,
            deadline_ms=own_end_ms(live.armed, now_ms),
            storage_key=ask.storage_key,
            source=ask.source,
        )
    if live.state in {State.CLOSED, State.VOID}:
        raise AlreadyClosed(closed_ms=live.closed_ms)
    if live.storage_key != ask.storage_key:
        live = await _take_over(live, ask, parts)
    key = released_key(live, ask.sealed, parts.seal_key)
    return Started(
        attempt=live,
        paper=await paper_of(ask.attempt_id, parts) if key is None else None,
        paper_key=key,
        source=await parts.shelf.source(live.armed.session_id),
        now_ms=now_ms,
    )


async def paper_of(attempt_id: UUID, parts: ExamParts) -> Paper:
    """The drawn paper of an armed attempt. Raises AttemptNotFound, LiveAway."""
    packed = await parts.live.paper(attempt_id)
    if packed is None:
        raise AttemptNotFound(attempt_id)
    return read_paper(packed)


def is_own(armed: ArmedAttempt, login: Login) -> bool:
    """Whether an attempt is the candidate's, and at a desk one of the session there."""
    bound_elsewhere = login.session_id is not None and login.session_id != armed.session_id
    return armed.person_id == login.subject_id and not bound_elsewhere


def entry_refused(armed: ArmedAttempt, now_ms: int) -> deadline.Refusal | None:
    """Why it may not be started now."""
    window = deadline.Window(
        opens_ms=armed.opens_ms, latest_entry_ms=armed.latest_entry_ms, closes_ms=armed.closes_ms
    )
    return deadline.entry(window, now_ms=now_ms)


def own_end_ms(armed: ArmedAttempt, now_ms: int) -> int:
    """The end of an attempt that starts now."""
    return deadline.own_end_ms(started_ms=now_ms, working_ms=armed.length_ms, closes_ms=armed.closes_ms)


def _may_enter(live: LiveAttempt, now_ms: int) -> None:
    refused = entry_refused(live.armed, now_ms)
    if refused is None:
        return
    if refused.code == "not-yet-open":
        raise NotYetOpen(until_ms=refused.until_ms)
    raise TooLateToEnter(closed_ms=refused.until_ms)


async def _take_over(live: LiveAttempt, ask: StartAsk, parts: ExamParts) -> LiveAttempt:
    policy = live.armed.takeover
    if policy is Takeover.OFF or (policy is Takeover.OWN and not ask.takeover):
        raise TakeoverNeeded(policy=policy)
    if policy is Takeover.STAFF:
        if not ask.takeover_code:
            await parts.live.ask_takeover(live, event=TAKEOVER_ASKED, now_ms=parts.clock.now_ms())
            raise TakeoverNeeded(policy=policy)
        code_hash = takeover_hash(ask.attempt_id, ask.takeover_code, parts.code_key)
        if not await parts.logins.try_takeover_code(ask.attempt_id, code_hash):
            raise TakeoverCodeWrong
    now_ms = parts.clock.now_ms()
    fact = Fact(
        id=parts.new_id(),
        attempt_id=ask.attempt_id,
        kind=FactKind.TAKEOVER,
        at_ms=now_ms,
        actor="candidate",
        reason=f"policy {policy}",
        fence=live.fence + 1,
    )
    await note_other_device(live, now_ms, parts)
    await enter_fact(fact, parts, apply=False)
    opened = await parts.live.open_fence(
        ask.attempt_id,
        seen_fence=live.fence,
        now_ms=now_ms,
        storage_key=ask.storage_key,
        source=ask.source,
    )
    if opened.storage_key != ask.storage_key:
        # A third device was quicker; this one may ask again.
        raise TakeoverNeeded(policy=policy)
    return opened
