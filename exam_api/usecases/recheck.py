"""Working one score out anew from the record: ops → answers → digest and head → marks under the rulings."""

from collections.abc import Sequence

import msgspec

from exam_api.attempt import chain
from exam_api.ruling_ports import Differs, HeldOps, ReviewOutcome, StoredPaper
from exam_api.usecases.remark import Standing, marked
from exam_api.usecases.shelf import Marking
from question_pools.draw import Paper
from scoring.errors import NothingLeft


def rechecked(stored: StoredPaper, ops: HeldOps, marking: Marking, under: Standing) -> ReviewOutcome:
    """Compare the score that stands with what the record gives."""
    result = stored.result
    paper = msgspec.msgpack.decode(stored.packed, type=Paper)
    slots = len(paper.slots)
    answers = chain.replay(ops.held + ops.late, slots=slots)
    try:
        anew = marked(marking, paper, answers, under.corrections)
    except NothingLeft:
        anew = marked(marking, paper, answers, {})
    digest = chain.answers_digest(result.attempt_id, result.answers, slots)
    holds = {
        Differs.OPS: answers != chain.replay(b"", answers=result.answers, slots=slots),
        Differs.DIGEST: digest != result.answers_digest,
        Differs.HEAD: not _joins(stored, ops),
        Differs.MARKS: anew != result.score,
    }
    return ReviewOutcome(
        run=result.run,
        differs=tuple(what for what, is_so in holds.items() if is_so),
        stands_centi=result.score.total_centi,
        stands_passed=result.score.passed,
        anew_centi=anew.total_centi,
        anew_passed=anew.passed,
        ops=(len(ops.held) + len(ops.late)) // chain.OP_BYTES,
        rulings=len(under.history),
    )


def _joins(stored: StoredPaper, ops: HeldOps) -> bool:
    """Whether the ops of the last fence, and the late ones after them, end in the head of the receipt."""
    result = stored.result
    own = b"".join(_of_fence(ops.held, result.fence)) + ops.late
    if len(own) // chain.OP_BYTES != result.seq:
        return False
    heads = chain.heads(result.attempt_id, fence=result.fence, base=0, base_head=b"", ops=own)
    return result.head == (heads[-chain.HEAD_BYTES :] if own else b"")


def _of_fence(packed: bytes, fence: int) -> Sequence[bytes]:
    return [chain.pack(one.op, one.fence) for one in chain.unpack(packed) if one.fence == fence]
