"""Late answers as staff see them."""

from collections.abc import Sequence
from uuid import UUID

from exam_api.console_ports import LateLine
from exam_api.people import Login
from exam_api.usecases.console_parts import ConsoleParts, reach_of, session_in_reach


async def list_late(session_id: UUID | None, login: Login, parts: ConsoleParts) -> Sequence[LateLine]:
    """Open requests first; of one session or of all in reach.

    Raises NoSuchSession, RecordAway.
    """
    if session_id is not None:
        await session_in_reach(session_id, login, parts)
    return await parts.book.late(institution_id=reach_of(login), session_id=session_id)
