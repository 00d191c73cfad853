"""Handing in: close once, score at once, make the result durable, sign a receipt."""

import contextlib
from collections.abc import Sequence
from uuid import UUID

import msgspec

from exam_api.attempt import chain, deadline
from exam_api.attempt.errors import AttemptNotFound, Behind, NotWriting, TooEarly, VerdictAwaited
from exam_api.attempt.model import CloseKind, LiveAttempt, Op, State, Took
from exam_api.attempt.place import HeldOps, Place, Said
from exam_api.attempt.receipt import Receipt, body, says
from exam_api.errors import RecordAway
from exam_api.record import Result
from exam_api.usecases.parts import ExamParts
from exam_api.usecases.sync_attempt import SyncRequest, sync_attempt
from exam_api.usecases.under_rulings import tell_live, under_rulings


class HandInAsk(msgspec.Struct, frozen=True, kw_only=True):
    """The last ops and the wish to hand in."""

    attempt_id: UUID
    fence: int
    base: int
    base_head: bytes
    ops: Sequence[Op]
    source: str


class HandedIn(msgspec.Struct, frozen=True, kw_only=True):
    """The result as it stands; `durable` once the database has it and all ops it was scored from."""

    result: Result
    durable: bool
    receipt: str


async def hand_in(ask: HandInAsk, parts: ExamParts) -> HandedIn:
    """Keep the last ops, close the attempt, score it. Repeating gives the same result and receipt.

    Raises TooEarly, VerdictAwaited, Behind, NotWriting, BadOp, Forked, AttemptNotFound, LiveAway.
    """
    # What the page still has to say first; then all that a hand-in asks for in one call.
    last = await _keep_last_ops(ask, parts) if ask.ops else ()
    live = await parts.live.close_as_said(
        ask.attempt_id, now_ms=parts.clock.now_ms(), fence=ask.fence, said=_said(ask)
    )
    if live.state in {State.READY, State.VOID}:
        raise AttemptNotFound(ask.attempt_id)
    if live.state is not State.CLOSED:
        _not_too_early(live, parts.clock.now_ms())
        _not_held(live, parts.clock.now_ms())
        if not ask.ops:
            # A node set back in time holds less than the page was told; never close on that.
            await _keep_last_ops(ask, parts)
        live = await parts.live.close(
            ask.attempt_id, kind=CloseKind.MANUAL, now_ms=parts.clock.now_ms(), fence=ask.fence
        )
    if live.state is not State.CLOSED:
        raise NotWriting(fence=live.fence)
    handed = with_late_ops(await settle(live, parts, last), live)
    if handed.durable and live.late_ops and not await _late_on_record(live, parts):
        return msgspec.structs.replace(handed, durable=False)
    return handed


async def _late_on_record(live: LiveAttempt, parts: ExamParts) -> bool:
    """Whether the record has what came late: the page lets that go, too, when it hears `durable`."""
    try:
        held = await parts.record.late_ops(live.armed.attempt_id)
    except RecordAway:
        return False
    return len(held) // chain.OP_BYTES >= live.late_ops


def _said(ask: HandInAsk) -> Said:
    """Where the page's chain ends when the server holds all of it."""
    if not ask.ops:
        return Said(ask.base, ask.base_head)
    packed = chain.pack_all(ask.ops, ask.fence)
    heads = chain.heads(ask.attempt_id, fence=ask.fence, base=ask.base, base_head=ask.base_head, ops=packed)
    return Said(ask.base + len(ask.ops), heads[-chain.HEAD_BYTES :])


def with_late_ops(handed: HandedIn, live: LiveAttempt) -> HandedIn:
    """Late ops come after the first score run was kept: the live attempt knows how many there are now."""
    return msgspec.structs.replace(
        handed, result=msgspec.structs.replace(handed.result, late_ops=live.late_ops)
    )


async def settle(live: LiveAttempt, parts: ExamParts, last: Sequence[HeldOps] | None = None) -> HandedIn:
    """Score a closed attempt if nobody has, and make the result durable if it is not.

    Safe to repeat and to run beside itself: the first result kept is the one that counts.
    `last`: ops that came with the hand-in, perhaps none. Without it the ops that the record lacks are left to
    the drain: `durable` is False until they are there, and the caller asks again.
    Raises AttemptNotFound, LiveAway. A database that is away is no error: `durable` is False.
    """
    result = msgspec.msgpack.decode(live.result, type=Result) if live.result else await _score(live, parts)
    told, durable = result, live.durable
    if not durable:
        with contextlib.suppress(RecordAway):
            whole = await _on_record(result, last, parts, first=not live.receipt)
            if whole and parts.clock.now_ms() >= live.armed.closes_ms:  # before that no ruling can be made
                told = await _ruled(result, live, parts)
            durable = whole  # only now: nobody looks again at what is durable
    stated = body(receipt_of(told, parts.key_id))
    receipt = live.receipt if says(live.receipt, stated) else await parts.receipts.sign(stated)
    if not live.durable:
        fresh = b"" if live.result else msgspec.msgpack.encode(result)
        first, kept = await parts.live.keep_settled(
            live.armed.attempt_id, result=fresh, receipt=receipt, durable=durable
        )
        if not kept:  # void meanwhile
            raise AttemptNotFound(live.armed.attempt_id)
        if first != fresh and told is result:  # another call was quicker with the same answers
            told = msgspec.msgpack.decode(first, type=Result)
        receipt = kept if kept == receipt or says(kept, stated) else receipt
    return HandedIn(result=told, durable=durable, receipt=receipt)


async def _ruled(result: Result, live: LiveAttempt, parts: ExamParts) -> Result:
    """The run that counts under the rulings in force, kept in the live state too."""
    told = await under_rulings(result, parts)
    if told.run > result.run and not live.result:  # a later run is put only where a first one is kept
        await parts.live.keep_result(live.armed.attempt_id, msgspec.msgpack.encode(result))
        await tell_live([told], parts)
    return told


async def _on_record(
    result: Result, last: Sequence[HeldOps] | None, parts: ExamParts, *, first: bool
) -> bool:
    """Put the result on record together with ops of its that the drain has not brought there; whether it is.

    The page lets its ops go when it hears `durable`, so no result is on record without them.
    Raises RecordAway, LiveAway.
    """
    end = Place(result.fence, result.seq)
    own = last if last and last[-1].end == end else ()
    reached = await parts.results.put_whole(result, own)
    if reached is None:
        return True
    if last is None or not first:  # who asks again has the log looked through once; the drain is on its way
        return False
    found = await parts.log_tail.ops_from(result.attempt_id, reached)
    return bool(found) and found[-1].end == end and await parts.results.put_whole(result, found) is None


async def scored(live: LiveAttempt, parts: ExamParts) -> Result:
    """The result of a closed attempt: the first that was kept. Asks no database.

    Raises AttemptNotFound, LiveAway.
    """
    kept = live.result
    if not kept:
        fresh = msgspec.msgpack.encode(await _score(live, parts))
        kept = await parts.live.keep_result(live.armed.attempt_id, fresh)
    return msgspec.msgpack.decode(kept, type=Result)


def receipt_of(result: Result, key_id: str) -> Receipt:
    """What the hand-in receipt states; no name and no answer."""
    return Receipt(
        attempt=result.attempt_id,
        session=result.session_id,
        fence=result.fence,
        seq=result.seq,
        head=result.head.hex(),
        answers_digest=result.answers_digest.hex(),
        closed_ms=result.closed_ms,
        close_kind=result.close_kind,
        score_centi=result.score.total_centi,
        full_centi=result.score.full_centi,
        passed=result.score.passed,
        key_id=key_id,
    )


def _not_too_early(live: LiveAttempt, now_ms: int) -> None:
    refused = deadline.hand_in(
        started_ms=live.started_ms, earliest_after_ms=live.armed.earliest_hand_in_ms, now_ms=now_ms
    )
    if refused is not None:
        raise TooEarly(until_ms=refused.until_ms)


def _not_held(live: LiveAttempt, now_ms: int) -> None:
    """A page whose time ran out while its room's lost time is looked at waits; who tapped before does not."""
    if live.deadline_ms <= now_ms < live.hold_ms and not live.hand_in_ms:
        raise VerdictAwaited(until_ms=live.hold_ms)


async def _keep_last_ops(ask: HandInAsk, parts: ExamParts) -> Sequence[HeldOps]:
    """Keep them; those that count are given back as the record wants them."""
    synced = await sync_attempt(
        SyncRequest(
            attempt_id=ask.attempt_id,
            fence=ask.fence,
            base=ask.base,
            base_head=ask.base_head,
            ops=ask.ops,
            events=b"",
            ack_command=0,
            source=ask.source,
            want_side=False,
        ),
        parts,
    )
    if synced.took.took is Took.BEHIND:
        raise Behind(held=synced.took.seq)
    if synced.took.took is Took.SIDE:
        raise NotWriting(fence=synced.took.fence)
    # What was held before has an instant of its own: the log has it.
    if synced.took.took is not Took.OK or not ask.ops or synced.took.held_before:
        return ()
    packed = chain.pack_all(ask.ops, ask.fence)
    return (HeldOps(fence=ask.fence, base=ask.base, ops=packed, at_ms=synced.now_ms),)


async def _score(live: LiveAttempt, parts: ExamParts) -> Result:
    armed = live.armed
    layout = await parts.shelf.layout(armed.attempt_id, armed.session_id)
    marking = await parts.shelf.marking(armed.session_id)
    answers = chain.replay(b"", answers=live.answers, slots=armed.slots)
    kind = live.close_kind or CloseKind.TIME
    return Result(
        attempt_id=armed.attempt_id,
        session_id=armed.session_id,
        institution_id=armed.institution_id,
        run=1,
        cause="hand-in" if kind is CloseKind.MANUAL else str(kind),
        score=marking.score_of(layout, chain.masks(answers, armed.slots)),
        answers=answers,
        answers_digest=chain.answers_digest(armed.attempt_id, answers, armed.slots),
        fence=live.fence,
        seq=live.seq,
        head=live.head,
        started_ms=live.started_ms,
        closed_ms=live.closed_ms,
        close_kind=kind,
        late_ops=live.late_ops,
        scored_ms=parts.clock.now_ms(),
    )
