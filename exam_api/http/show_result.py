"""Results and held ops as the wire says them."""

import msgspec

from exam_api.attempt import chain
from exam_api.http.wire_attempt import HeldOp, ResultOut, SectionScoreOut, SubmitOut
from exam_api.record import Result
from exam_api.usecases.hand_in import HandedIn


def shown_result(result: Result, *, pass_centi: int, late_state: str) -> ResultOut:
    """One score run, by section."""
    score = result.score
    return ResultOut(
        attempt_id=str(result.attempt_id),
        run=result.run,
        score_centi=score.total_centi,
        full_centi=score.full_centi,
        pass_centi=pass_centi,
        passed=score.passed,
        sections=[
            SectionScoreOut(
                title=section.title,
                score_centi=section.score_centi,
                full_centi=section.full_centi,
                right=section.right,
                count=section.count,
            )
            for section in score.sections
        ],
        closed_ms=result.closed_ms,
        close_kind=result.close_kind,
        late_ops=result.late_ops,
        late_state=late_state,
    )


def shown_hand_in(handed: HandedIn, *, pass_centi: int, late_state: str, now_ms: int) -> SubmitOut:
    """The reply to a hand-in."""
    return SubmitOut(
        durable=handed.durable,
        result=shown_result(handed.result, pass_centi=pass_centi, late_state=late_state),
        receipt=handed.receipt,
        server_ms=now_ms,
    )


def held_ops(packed: bytes) -> list[HeldOp]:
    """Canonical ops as pages read them."""
    return [
        HeldOp(
            fence=one.fence, seq=one.op.seq, slot=one.op.slot, mask=one.op.mask, client_ms=one.op.client_ms
        )
        for one in chain.unpack(packed)
    ]


def counted_ops(packed: bytes) -> list[HeldOp]:
    """The same for those who may not see answers: how many options were chosen, never which."""
    return [msgspec.structs.replace(op, mask=(1 << op.mask.bit_count()) - 1) for op in held_ops(packed)]
