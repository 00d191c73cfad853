"""The first screen after the log-in: what waits today."""

from collections.abc import Sequence

from litestar import get
from litestar.handlers import HTTPRouteHandler

from exam_api.http.guards import STAFF, Logged, only
from exam_api.http.parts import Given, Parts
from exam_api.http.wire_home import DueOut, HomeOut
from exam_api.usecases.home import home


@get("/api/home", operation_id="home", opt=only(STAFF))
async def what_waits(request: Logged, parts: Given[Parts]) -> HomeOut:
    """Tell what waits for whoever is logged in; sources that are away are named."""
    found = await home(request.user, parts.home)
    return HomeOut(
        server_ms=parts.exam.clock.now_ms(),
        due=[
            DueOut(kind=one.kind, n=one.n, id=one.id, title=one.title, at_ms=one.at_ms) for one in found.due
        ],
        away=list(found.away),
    )


ROUTES: Sequence[HTTPRouteHandler] = (what_waits,)
