"""Interrupted seats for which a person must say whether they get their time."""

from collections.abc import Sequence

from exam_api.people import Login
from exam_api.usecases.console_parts import ConsoleParts
from exam_api.usecases.fair_ledger import RoomLost, rooms_with_gaps
from exam_api.usecases.home import Due, DueKind
from exam_api.usecases.home_sessions import EACH_UP_TO
from exam_api.usecases.lost_time import waits


async def due_lost_time(login: Login, parts: ConsoleParts) -> Sequence[Due]:
    """Of rooms at work in reach. Raises LiveAway, RecordAway."""
    return due_rooms(await rooms_with_gaps(login, parts))


def due_rooms(rooms: Sequence[RoomLost]) -> Sequence[Due]:
    """Each session by name while they are few."""
    kind = DueKind.LOST_TIME_OPEN
    found = [
        Due(
            kind=kind,
            n=sum(waits(one) for one in room.lost),
            id=str(room.session.id),
            title=room.session.title,
            at_ms=room.session.opens_ms,
        )
        for room in rooms
    ]
    open_ = [due for due in found if due.n]
    return open_ if len(open_) <= EACH_UP_TO else [Due(kind=kind, n=sum(due.n for due in open_))]
