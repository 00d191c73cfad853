"""The attempt token: who may write which attempt under which fence; signed, so nobody need be asked."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Mapping
from hashlib import blake2b
from hmac import compare_digest
from struct import Struct
from typing import Final
from uuid import UUID

import msgspec

_BODY: Final = Struct(">16sIQB")
_TAG_BYTES: Final = 16
_PERSON: Final = b"kaowu-attempt-1"

TOKEN_CHARS: Final = 60
"""Length of every token: 29 bytes of facts and 16 of signature in base64url, without padding."""


class AttemptToken(msgspec.Struct, frozen=True, gc=False):
    """What the token says. Revocation lives in the attempt's state, not here."""

    attempt_id: UUID
    fence: int
    until_ms: int
    key_no: int
    """Which of the installation's keys signed it, 0 to 255."""


def sign(token: AttemptToken, key: bytes) -> str:
    """The token as it stands in the cookie; `key` has up to 64 bytes."""
    body = _BODY.pack(token.attempt_id.bytes, token.fence, token.until_ms, token.key_no)
    return urlsafe_b64encode(body + _tag(body, key)).decode()


def verify(text: str, keys: Mapping[int, bytes], *, now_ms: int) -> AttemptToken | None:
    """What a genuine token says; None for one that is forged, of an unknown key, or over."""
    if len(text) != TOKEN_CHARS:
        return None
    try:
        raw = urlsafe_b64decode(text)
    except (NotBase64, ValueError):
        return None
    if len(raw) != _BODY.size + _TAG_BYTES:
        return None
    body = raw[: _BODY.size]
    attempt, fence, until_ms, key_no = _BODY.unpack(body)
    key = keys.get(key_no)
    if key is None or not compare_digest(_tag(body, key), raw[_BODY.size :]) or until_ms <= now_ms:
        return None
    return AttemptToken(UUID(bytes=attempt), fence, until_ms, key_no)


def _tag(body: bytes, key: bytes) -> bytes:
    return blake2b(body, digest_size=_TAG_BYTES, key=key, person=_PERSON).digest()
