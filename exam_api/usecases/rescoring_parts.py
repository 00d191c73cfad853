"""What statistics, rulings and score reviews are given."""

from dataclasses import dataclass
from uuid import UUID

from exam_api.console_ports import Sittings
from exam_api.people import Login
from exam_api.ruling_ports import Owned, Reviews, Rulings
from exam_api.usecases.console_parts import InThread, reaches, scope_of
from exam_api.usecases.errors import NoSuchSession
from exam_api.usecases.parts import ExamParts


@dataclass(frozen=True, slots=True, kw_only=True)
class RescoringParts:
    """Ports of what comes after an exam. Made by `wiring`."""

    exam: ExamParts
    reviews: Reviews
    sittings: Sittings
    in_thread: InThread

    @property
    def rulings(self) -> Rulings:
        """Rulings, their runs and papers: the running exam has them too."""
        return self.exam.rulings


async def for_authors(session_id: UUID, login: Login, parts: RescoringParts) -> Owned:
    """A session whose pool is the login's: its authors may see how its items did, and the keys.

    Raises NoSuchSession, also for another owner's; RecordAway.
    """
    owned = await parts.rulings.owned(session_id)
    if owned is None or not owns(login, owned.pool_institution_id):
        raise NoSuchSession(session_id)
    return owned


async def for_rulers(session_id: UUID, login: Login, parts: RescoringParts) -> Owned:
    """A session whose pool and candidates both are the login's: a preview names people and shows keys.

    Raises NoSuchSession, also for another tenant's; RecordAway.
    """
    owned = await for_authors(session_id, login, parts)
    if not reaches(login, owned.facts.institution_id):
        raise NoSuchSession(session_id)
    return owned


def owns(login: Login, pool_institution_id: UUID | None) -> bool:
    """Whether a pool of that owner is the login's; None: the department's."""
    reach = scope_of(login)
    return reach.everywhere or reach.institution_id == pool_institution_id
