"""Who is asked what waits: the sources of the home screen."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final

from exam_api.people import Login, Role
from exam_api.usecases.console_parts import ConsoleParts
from exam_api.usecases.home import Due, DueKind, Source
from exam_api.usecases.home_sessions import due_sessions
from exam_api.usecases.late import list_late
from exam_api.usecases.sessions import list_sessions

ROOM: Final = (Role.INVIGILATOR, Role.INSTITUTION_ADMIN, Role.OFFICER)
OFFICE: Final = (Role.INSTITUTION_ADMIN, Role.OFFICER)


def home_sources(
    console: ConsoleParts, *, ready: Callable[[], Awaitable[Mapping[str, bool]]]
) -> Sequence[Source]:
    """Everybody who is asked; the order is that of the screen."""

    async def sessions(login: Login) -> Sequence[Due]:
        lines = await list_sessions(login, console)
        return due_sessions(lines, console.exam.clock.now_ms(), plans=login.role in OFFICE)

    async def late(login: Login) -> Sequence[Due]:
        n = sum(one.request.state == "open" for one in await list_late(None, login, console))
        return [Due(kind=DueKind.LATE_OPEN, n=n)]

    async def health(_login: Login) -> Sequence[Due]:
        answers = await ready()
        kinds = {"live": DueKind.LIVE_AWAY, "record": DueKind.RECORD_AWAY}
        return [Due(kind=kind, n=1) for name, kind in kinds.items() if not answers.get(name)]

    return (
        Source(name="health", roles=(Role.OPERATOR,), ask=health),
        Source(name="sessions", roles=ROOM, ask=sessions),
        Source(name="late", roles=(Role.OFFICER,), ask=late),
    )
