"""Parts of statistics, rulings and score reviews."""

from exam_api.store.reviews import ReviewStore
from exam_api.usecases.console_parts import ConsoleParts
from exam_api.usecases.rescoring_parts import RescoringParts
from exam_api.wiring.ground import Ground


def rescoring_parts(ground: Ground, console: ConsoleParts) -> RescoringParts:
    """What comes after an exam is given these."""
    return RescoringParts(
        exam=console.exam,
        reviews=ReviewStore(ground.database),
        sittings=console.sittings,
        in_thread=console.in_thread,
    )
