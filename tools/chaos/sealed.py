"""A paper on its phone before the start: fetched sealed, opened with the key of the start.

The rules of web/kit/sealed.ts, written once more.
"""

import re
import zlib
from typing import Final

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from exam_api.http.wire_attempt import Paper
from tools.bench.load import Reply

_NAME: Final = re.compile(rb"(?i)\r\nx-sealed-digest: *([0-9a-f]{64})")
_NONCE_BYTES: Final = 12
_LENGTH_BYTES: Final = 4


class Bundle(msgspec.Struct, frozen=True):
    """What the phone keeps, unread."""

    digest: str
    sealed: bytes


class _Head(msgspec.Struct):
    paper: Paper


def bundle_of(reply: Reply) -> Bundle | None:
    """What the service gave; None when it has no name."""
    found = _NAME.search(reply.head)
    return Bundle(found[1].decode(), reply.body) if found else None


def opened(bundle: Bundle, attempt: str, key: str) -> Paper | None:
    """The paper; None when the key is not its key, or anything in it was changed."""
    name = bytes.fromhex(bundle.digest)
    about = bytes.fromhex(attempt.replace("-", "")) + name
    try:
        packed = AESGCM(bytes.fromhex(key)).decrypt(name[:_NONCE_BYTES], bundle.sealed, about)
    except (InvalidTag, ValueError):
        return None
    plain = zlib.decompress(packed, wbits=31)
    end = _LENGTH_BYTES + int.from_bytes(plain[:_LENGTH_BYTES])
    return msgspec.json.decode(plain[_LENGTH_BYTES:end], type=_Head).paper
