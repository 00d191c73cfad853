"""The signed text of a ticket's QR, and the marks under which armed rosters list ticket holders."""

import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from hashlib import blake2b
from hmac import compare_digest
from typing import Final
from uuid import UUID

from exam_api.usecases.login_parts import LoginKeys

PREFIX: Final = "KT1."
"""First part of a ticket's text: form 1."""

_BODY: Final = struct.Struct(">16sQ")
_TAG_BYTES: Final = 16
_PERSON: Final = b"kaowu-ticket-1"


def write_ticket(registration_id: UUID, key: bytes, *, until_ms: int) -> str:
    """The text of the QR: registration, instant after which it opens nothing, MAC. No personal data."""
    body = _BODY.pack(registration_id.bytes, until_ms)
    return PREFIX + urlsafe_b64encode(body + _tag(body, key)).rstrip(b"=").decode()


def read_ticket(text: str, key: bytes, *, now_ms: int) -> UUID | None:
    """The registration a genuine ticket is for; None for one that is forged or over."""
    if not text.startswith(PREFIX):
        return None
    packed = text[len(PREFIX) :]
    try:
        raw = urlsafe_b64decode(packed + "=" * (-len(packed) % 4))
    except (NotBase64, ValueError):
        return None
    if len(raw) != _BODY.size + _TAG_BYTES:
        return None
    body = raw[: _BODY.size]
    registration, until_ms = _BODY.unpack(body)
    if not compare_digest(_tag(body, key), raw[_BODY.size :]) or until_ms <= now_ms:
        return None
    return UUID(bytes=registration)


def ticket_mark(keys: LoginKeys, registration_id: UUID, last_six: str) -> bytes:
    """Where an armed roster lists a person for their ticket's QR and last six."""
    return keys.mark("roster-ticket", f"{registration_id.hex}{last_six}")


def desk_mark(keys: LoginKeys, ticket_no: str, last_six: str) -> bytes:
    """Where an armed roster lists a person for their ticket number and last six."""
    return keys.mark("roster-desk", f"{ticket_no}{last_six}")


def _tag(body: bytes, key: bytes) -> bytes:
    return blake2b(body, digest_size=_TAG_BYTES, key=key, person=_PERSON).digest()
