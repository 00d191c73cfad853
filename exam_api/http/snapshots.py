"""Camera snapshots: the hot route that takes them, and the routes of those who look at them."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

import msgspec
from litestar import Response, get
from litestar.handlers import ASGIRouteHandler, HTTPRouteHandler
from litestar.params import FromPath
from litestar.types import Scope

from exam_api.attempt.errors import AlreadyClosed, AttemptNotFound, NotWriting
from exam_api.errors import LiveAway, PicturesAway, RecordAway, ShardUnready
from exam_api.http.attempts import AttemptCalls
from exam_api.http.bare import JSON, Headers
from exam_api.http.errors import AttemptTokenInvalid
from exam_api.http.guards import ROOM, Access, Logged, only
from exam_api.http.hot import HotRoute, hot_answer
from exam_api.http.parts import Given, Parts
from exam_api.http.problems import told
from exam_api.http.wire_snapshots import SnapshotOut, SnapshotRow, SnapshotsOut
from exam_api.usecases import snapshots as use
from exam_api.usecases.errors import NoSuchSession, NoSuchSnapshot, PictureErased
from proctoring.errors import NoConsentToPhotos, NotASnapshot, TooManySnapshots
from proctoring.snapshot import BYTES_MAX

ON_SCHEDULE: Final = "schedule"
"""Why a picture was taken, so far always."""

_encode: Final = msgspec.json.Encoder().encode

SNAPSHOT: Final = HotRoute(
    path="/api/attempt/snapshot",
    method="POST",
    operation_id="sendSnapshot",
    summary="Keep one camera picture (JPEG as it is), with the candidate's consent only",
    access=Access(attempt_token=True, body_max=BYTES_MAX, takes_file=True),
    gives=SnapshotOut,
    refuses=(
        AttemptTokenInvalid,
        AttemptNotFound,
        NotWriting,
        AlreadyClosed,
        NotASnapshot,
        NoConsentToPhotos,
        TooManySnapshots,
        PicturesAway,
        LiveAway,
        ShardUnready,
        RecordAway,
    ),
)


def snapshot_routes(parts: Parts) -> list[ASGIRouteHandler]:
    """What a running page may send besides its answers."""
    calls = AttemptCalls(parts)

    async def take(scope: Scope, data: bytes) -> tuple[Headers, bytes]:
        token = calls.token(scope)
        taken = await use.take_snapshot(
            token.attempt_id, data, fence=token.fence, reason=ON_SCHEDULE, parts=parts.snapshots
        )
        return JSON, _encode(SnapshotOut(id=str(taken.id), next_ms=taken.next_ms))

    return [hot_answer(SNAPSHOT, take)]


@get(
    "/api/sessions/{session_id:uuid}/attempts/{attempt_id:uuid}/snapshots",
    operation_id="listSnapshots",
    opt=only(ROOM, reads="snapshots"),
    responses=told(NoSuchSession, RecordAway),
)
async def snapshots(
    session_id: FromPath[UUID], attempt_id: FromPath[UUID], request: Logged, parts: Given[Parts]
) -> SnapshotsOut:
    """List the pictures of one candidate."""
    found = await use.list_snapshots(
        session_id,
        attempt_id,
        request.user,
        console=parts.console,
        persons=parts.persons,
        parts=parts.snapshots,
    )
    return SnapshotsOut(
        snapshots=[
            SnapshotRow(
                id=str(one.kept.id),
                at_ms=one.kept.at_ms,
                reason=one.kept.reason,
                width=one.kept.width,
                height=one.kept.height,
                readable=one.readable,
            )
            for one in found
        ]
    )


@get(
    "/api/sessions/{session_id:uuid}/attempts/{attempt_id:uuid}/snapshots/{snapshot_id:uuid}",
    operation_id="openSnapshot",
    opt=only(ROOM, reads="snapshot", line_first=True),
    media_type="image/jpeg",
    responses=told(NoSuchSession, NoSuchSnapshot, PictureErased, RecordAway),
)
async def snapshot(
    session_id: FromPath[UUID],
    attempt_id: FromPath[UUID],
    snapshot_id: FromPath[UUID],
    request: Logged,
    parts: Given[Parts],
) -> Response[bytes]:
    """Give one picture; it stays in no cache."""
    data = await use.open_snapshot(
        session_id,
        attempt_id,
        snapshot_id,
        request.user,
        console=parts.console,
        persons=parts.persons,
        parts=parts.snapshots,
    )
    return Response(
        data,
        media_type="image/jpeg",
        headers={"cache-control": "no-store", "content-security-policy": "default-src 'none'; sandbox"},
    )


ROUTES: Sequence[HTTPRouteHandler] = (snapshots, snapshot)
