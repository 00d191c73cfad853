"""A candidate's own paper before the start, sealed; its key comes with the start."""

import secrets
from collections.abc import Sequence
from typing import Final
from uuid import UUID

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from exam_api.attempt import sealing
from exam_api.attempt.errors import AlreadyClosed, AttemptNotFound, NotYetOpen, SealedTooOften
from exam_api.errors import LiveAway
from exam_api.http.admission import Way
from exam_api.http.errors import MustWait
from exam_api.http.guards import CANDIDATE, Logged, only
from exam_api.http.parts import Given, Parts
from exam_api.http.problems import told
from exam_api.http.show_paper import paper_pieces
from exam_api.usecases.sealed_paper import PaperToSeal, paper_to_seal

DIGEST_HEADER: Final = "x-sealed-digest"
"""Names the bundle: 64 hex digits, to be shown at the start."""


@get(
    "/api/my/exams/{attempt_id:uuid}/sealed",
    operation_id="sealedPaper",
    opt=only(CANDIDATE, way=Way.PAPER),
    media_type="application/octet-stream",
    responses=told(AttemptNotFound, NotYetOpen, AlreadyClosed, SealedTooOften, MustWait, LiveAway),
)
async def sealed(attempt_id: FromPath[UUID], request: Logged, parts: Given[Parts]) -> Response[bytes]:
    """Give the candidate's own paper encrypted, from the entry on; x-sealed-digest names the bundle."""
    found = await paper_to_seal(attempt_id, request.user, parts.console)
    ask = (found, parts.exam.seal_key, secrets.token_bytes(sealing.NONCE_BYTES))
    # Without pictures the hop to a thread and back costs more than the sealing.
    bundle = await parts.console.in_thread(_sealed, *ask) if found.pictures else _sealed(*ask)
    return Response(
        bundle.sealed,
        media_type="application/octet-stream",
        headers={DIGEST_HEADER: bundle.digest.hex(), "cache-control": "no-store"},
    )


ROUTES: Sequence[HTTPRouteHandler] = (sealed,)


def _sealed(found: PaperToSeal, root: bytes, nonce: bytes) -> sealing.Bundle:
    armed = found.attempt.armed
    shown = paper_pieces(found.paper, found.source, digest=armed.paper_digest)
    return sealing.seal(
        sealing.pack(shown, found.pictures),
        secret=sealing.session_secret(root, armed.session_id),
        attempt_id=armed.attempt_id,
        paper_digest=armed.paper_digest,
        nonce=nonce,
    )
