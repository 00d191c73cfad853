"""Receipts that anyone may check, and the pictures of items."""

import contextlib
import re
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from typing import Annotated, Any, Final

import msgspec
from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from exam_api.attempt.receipt import LONGEST, ReceiptRefused, public_bytes, verify
from exam_api.console_ports import SigningKey
from exam_api.errors import RecordAway
from exam_api.http.errors import NoSuchPage
from exam_api.http.guards import CANDIDATE, ROOM, WRITERS, anyone, only
from exam_api.http.parts import Given, Parts
from exam_api.http.problems import told
from exam_api.http.wire_attempt import Wire

SHA256: Final = re.compile("[0-9a-f]{64}")


class ReceiptKey(Wire, kw_only=True):
    """A public key that receipts are or were signed with."""

    id: str
    public_key: str
    """32 bytes, Ed25519, base64url."""
    since_ms: int


class ReceiptKeysOut(Wire, kw_only=True):
    keys: list[ReceiptKey]


class ReceiptIn(Wire, kw_only=True):
    receipt: Annotated[str, Meta(min_length=1, max_length=LONGEST)]


class ReceiptOut(Wire, kw_only=True):
    """Whether a receipt is genuine, and what it says; no name is in it."""

    valid: bool
    fault: str | None = None
    """`unreadable`, `unknown-key`, `wrong-signature`."""
    attempt: str | None = None
    session: str | None = None
    closed_ms: int | None = None
    close_kind: str | None = None
    score_centi: int | None = None
    full_centi: int | None = None
    passed: bool | None = None
    answers_digest: str | None = None
    key_id: str | None = None


@get("/api/receipts/keys", operation_id="receiptKeys", opt=anyone())
async def receipt_keys(parts: Given[Parts]) -> ReceiptKeysOut:
    """List every public key that receipts were signed with."""
    return ReceiptKeysOut(
        keys=[
            ReceiptKey(
                id=key.id,
                public_key=urlsafe_b64encode(key.public_key).rstrip(b"=").decode(),
                since_ms=key.since_ms,
            )
            for key in await _keys(parts)
        ]
    )


@post("/api/receipts/verify", operation_id="verifyReceipt", opt=anyone(body_max=4096), status_code=200)
async def verify_receipt(data: JSONBody[ReceiptIn], parts: Given[Parts]) -> ReceiptOut:
    """Check a receipt, as anyone can with the public key alone."""
    try:
        said = verify(data.receipt, {key.id: key.public_key for key in await _keys(parts)})
    except ReceiptRefused as refused:
        return ReceiptOut(valid=False, fault=refused.fault)
    told_facts: dict[str, Any] = msgspec.structs.asdict(said)
    known = set(ReceiptOut.__struct_fields__)
    facts = {name: value for name, value in told_facts.items() if name in known}
    facts |= {"attempt": str(said.attempt), "session": str(said.session)}
    return ReceiptOut(valid=True, **facts)


@get(
    "/api/media/{sha256:str}",
    operation_id="media",
    opt=only(tuple(dict.fromkeys((*CANDIDATE, *ROOM, *WRITERS)))),
    media_type="image/*",
    responses=told(NoSuchPage, RecordAway),
)
async def media(sha256: FromPath[str], parts: Given[Parts]) -> Response[bytes]:
    """Give a picture of an item; its address is the hash of its content, so it never changes."""
    found = await parts.console.pools.picture(sha256) if SHA256.fullmatch(sha256) else None
    if found is None:
        raise NoSuchPage
    return Response(
        found.data,
        media_type=found.mime,
        headers={
            "cache-control": "private, max-age=31536000, immutable",
            "content-security-policy": "default-src 'none'; sandbox",
        },
    )


ROUTES: Sequence[HTTPRouteHandler] = (receipt_keys, verify_receipt, media)


async def _keys(parts: Parts) -> list[SigningKey]:
    """Those on record, and in any case the one that signs now."""
    own = SigningKey(id=parts.exam.key_id, public_key=public_bytes(parts.exam.signing_key), since_ms=0)
    recorded: Sequence[SigningKey] = ()
    with contextlib.suppress(RecordAway):
        recorded = await parts.console.signing_keys.all()
    return [*recorded] if any(key.id == own.id for key in recorded) else [*recorded, own]
