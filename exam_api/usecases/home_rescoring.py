"""What waits after exams: rulings for a second person, score reviews that candidates asked for."""

from collections.abc import Sequence

from exam_api.people import Login
from exam_api.usecases.home import Due, DueKind
from exam_api.usecases.rescoring_parts import RescoringParts
from exam_api.usecases.rulings import waiting_rescoring


async def due_rescoring(login: Login, parts: RescoringParts) -> Sequence[Due]:
    """Counts for the home screen. Raises RecordAway."""
    waiting = await waiting_rescoring(login, parts)
    return [
        Due(kind=DueKind.RULINGS_TO_AGREE, n=len(waiting.rulings)),
        Due(kind=DueKind.REVIEWS_OPEN, n=len(waiting.reviews)),
    ]
