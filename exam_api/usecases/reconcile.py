"""Bringing a shard whose node was restarted back to what the record knows, before it serves again."""

from collections.abc import Iterable, Sequence
from typing import Final
from uuid import UUID

import msgspec

from exam_api.attempt import chain, states
from exam_api.attempt.chain import FencedOp
from exam_api.attempt.model import Fact, FactKind, LiveAttempt, State, shard_of
from exam_api.record import HeldAttempt
from exam_api.usecases.arm_session import ARM_AHEAD_MS, arm_again
from exam_api.usecases.parts import ExamParts
from exam_api.usecases.sparing import passing, sparing, tell

FACTS_BACK_MS: Final = 3 * 86_400_000
"""How far back the ledger is re-applied: longer than any session lies open."""


async def reconcile(shards: Sequence[int], parts: ExamParts) -> int:
    """Re-arm, restore and re-apply, then let the shards serve. Returns how many attempts were looked at.

    Raises RecordAway: without the record nothing is known, the shards stay closed; LiveAway; ExceptionGroup
    of what broke, when the shards serve the others.
    """
    now_ms = parts.clock.now_ms()
    wanted = set(shards)
    broken: list[Exception] = []
    facts: dict[UUID, list[Fact]] = {}
    for fact in await parts.record.facts_since(since_ms=now_ms - FACTS_BACK_MS):
        facts.setdefault(fact.attempt_id, []).append(fact)
    held: dict[UUID, HeldAttempt] = {}
    # Not to be asked just now: as if none was armed, `arm_due` puts what is missing.
    armed = await passing([], parts.armory.armed_sessions()) or ()
    for session_id in await parts.plans.to_arm(now_ms=now_ms, ahead_ms=ARM_AHEAD_MS):
        await sparing(broken, arm_again(session_id, wanted, parts, was_armed=session_id in armed))
        held |= {one.attempt_id: one for one in await parts.record.held(session_id)}
    # A fact may concern an attempt whose start the record has not heard of yet.
    known = [one for one in held.keys() | facts.keys() if shard_of(one) in wanted]
    for attempt_id in known:
        await sparing(broken, _restore(attempt_id, held.get(attempt_id), facts.get(attempt_id, ()), parts))
    for shard in shards:
        await parts.live.reconciled(shard)
    tell(broken)
    return len(known)


async def _restore(
    attempt_id: UUID, held: HeldAttempt | None, facts: Sequence[Fact], parts: ExamParts
) -> None:
    live = await parts.live.find(attempt_id)
    if live is None:
        return
    made = states.made(
        facts,
        started_ms=held.started_ms if held else live.started_ms,
        closed_ms=(held.closed_ms if held else 0) or live.closed_ms,
    )
    if held is not None:
        await parts.live.restore(rebuilt(live, held, made))
    for fact in made:
        await parts.live.apply(fact)


def rebuilt(live: LiveAttempt, held: HeldAttempt, facts: Sequence[Fact]) -> LiveAttempt:
    """The attempt as live state and record know it together, under the highest fence that any fact opened.

    What the live state holds may not be drained yet; the record's ops beyond it go on top. A first result is
    complete by itself: it may be on record before the ops it was scored from.
    """
    opened = max((fact.fence for fact in facts if fact.kind is FactKind.TAKEOVER), default=0)
    fence = max(held.fence, opened)
    ops = chain.unpack(held.ops)
    own = _packed(one for one in ops if one.fence == fence)
    heads = chain.heads(held.attempt_id, fence=fence, base=0, base_head=b"", ops=own)
    beyond = _packed(one for one in ops if (one.fence, one.op.seq) > (live.fence, live.seq))
    know = msgspec.structs.replace(
        live,
        state=State.CLOSED if held.closed_ms else State.RUNNING,
        fence=fence,
        seq=len(own) // chain.OP_BYTES,
        head=heads[-chain.HEAD_BYTES :] if own else b"",
        storage_key=held.storage_key if fence == held.fence else "",
        answers=chain.replay(beyond, answers=live.answers, slots=live.armed.slots),
        started_ms=held.started_ms,
        deadline_ms=held.deadline_ms,
        closed_ms=held.closed_ms,
        close_kind=held.close_kind,
        result=b"" if held.result is None else msgspec.msgpack.encode(held.result),
        durable=held.result is not None,
    )
    if held.result is None or held.result.run > 1:
        return know
    first = held.result
    return msgspec.structs.replace(
        know, fence=first.fence, seq=first.seq, head=first.head, answers=first.answers
    )


def _packed(ops: Iterable[FencedOp]) -> bytes:
    return b"".join(chain.pack(one.op, one.fence) for one in ops)
