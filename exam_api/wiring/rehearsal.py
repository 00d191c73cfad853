"""Parts of rehearsals."""

from exam_api.live.measure import RedisMeasures
from exam_api.live.shadows import RedisShadows
from exam_api.snapshot_ports import Segments
from exam_api.store.rehearsals import RehearsalStore
from exam_api.usecases.parts import ExamParts
from exam_api.usecases.rehearse import SETTLE_S, RehearseParts
from exam_api.wiring.ground import Ground


def rehearse_parts(
    ground: Ground, exam: ExamParts, segments: Segments, *, settle_s: float = SETTLE_S
) -> RehearseParts:
    """What rehearsing, and taking out what one left, is given."""
    return RehearseParts(
        exam=exam,
        record=RehearsalStore(ground.database, ground.sealer, ground.login_keys.blind),
        live=RedisShadows(ground.lane, exam.logins),
        measures=RedisMeasures(ground.lane),
        segments=segments,
        settle_s=settle_s,
    )
