"""Taking a page's ops, events and heartbeat in one call."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from exam_api.attempt import chain, receipt
from exam_api.attempt.deadline import Navigation, answering, furthest_slot
from exam_api.attempt.errors import AttemptNotFound, BadOp, Forked
from exam_api.attempt.model import Op, OpKind, SyncAsk, SyncTook, Took
from exam_api.usecases.fair_return import note_return, tells_of_trouble
from exam_api.usecases.parts import ExamParts
from exam_api.usecases.shelf import Layout


class SyncRequest(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A sync as it came, under the attempt and fence that its token is signed for."""

    attempt_id: UUID
    fence: int
    base: int
    base_head: bytes
    """32 bytes; empty at base 0."""
    ops: Sequence[Op]
    events: bytes
    ack_command: int
    source: str
    want_side: bool


class Synced(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What the page is told."""

    took: SyncTook
    mac: bytes
    now_ms: int
    side: bytes
    """Canonical ops of other devices, where they were asked for."""


async def sync_attempt(ask: SyncRequest, parts: ExamParts) -> Synced:
    """Keep what is new, tell what is held, with a receipt.

    Raises BadOp, Forked, AttemptNotFound, LiveAway.
    """
    if ask.ops:
        layout = await parts.shelf.layout(ask.attempt_id)
        check_ops(ask.ops, base=ask.base, layout=layout)
        if layout.navigation is Navigation.FORWARD:
            await _check_forward(ask, layout, parts)
    if ask.events and tells_of_trouble(ask.events):
        await note_return(ask.attempt_id, ask.fence, ask.events, ask.ops, parts)
    packed = chain.pack_all(ask.ops, ask.fence)
    now_ms = parts.clock.now_ms()
    took = await parts.live.sync(
        SyncAsk(
            attempt_id=ask.attempt_id,
            fence=ask.fence,
            base=ask.base,
            ops=packed,
            heads=chain.heads(
                ask.attempt_id, fence=ask.fence, base=ask.base, base_head=ask.base_head, ops=packed
            ),
            events=ask.events,
            ack_command=ask.ack_command,
            now_ms=now_ms,
            source=ask.source,
        )
    )
    if took.took is Took.FORK:
        raise Forked(held=took.seq)
    if took.took is Took.NOT_STARTED:
        raise AttemptNotFound(ask.attempt_id)
    return Synced(
        took=took,
        mac=receipt.sync_mac(
            parts.mac_key,
            receipt.Said(
                attempt_id=ask.attempt_id, fence=took.fence, seq=took.seq, head=took.head, server_ms=now_ms
            ),
        ),
        now_ms=now_ms,
        side=await parts.live.side(ask.attempt_id) if ask.want_side else b"",
    )


def check_ops(ops: Sequence[Op], *, base: int, layout: Layout) -> None:
    """See that the ops fit the paper and follow on each other.

    Raises BadOp for the first that does not.
    """
    for at, op in enumerate(ops, start=base + 1):
        if op.seq != at:
            raise BadOp(seq=op.seq, reason=f"seq {at} was due")
        if op.kind == OpKind.HAND_IN:
            continue
        if op.slot >= len(layout.versions) or layout.versions[op.slot] != op.version:
            raise BadOp(seq=op.seq, reason="slot and item version do not belong together")
        if op.mask >> layout.options[op.slot]:
            raise BadOp(seq=op.seq, reason="no such option")
        if layout.one_only[op.slot] and op.mask & (op.mask - 1):
            raise BadOp(seq=op.seq, reason="more than one option chosen where one is asked for")


async def _check_forward(ask: SyncRequest, layout: Layout, parts: ExamParts) -> None:
    """Forward-only: no op goes back behind a slot that was answered. What is held already may be resent.

    What an older fence brings is not applied, only kept: it may lie anywhere.
    """
    live = await parts.live.find(ask.attempt_id)
    if live is None:
        raise AttemptNotFound(ask.attempt_id)
    if ask.fence < live.fence:
        return
    furthest = furthest_slot(live.answers)
    held = live.seq if live.fence == ask.fence else 0
    for op in ask.ops:
        if op.seq <= held or op.kind != OpKind.ANSWER:
            continue
        refused = answering(layout.navigation, slot=op.slot, slots=len(layout.versions), furthest=furthest)
        if refused is not None:
            raise BadOp(seq=op.seq, reason=refused.code)
        furthest = max(furthest, op.slot)
