"""A sealed paper as a phone holds and opens it: written on its own, held to tests/golden/sealed.json."""

import zlib
from typing import Final
from uuid import UUID

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE_BYTES: Final = 12
"""At the front of a bundle's name."""

_LENGTH_BYTES: Final = 4


class DoesNotOpen(Exception):
    """The key is not the bundle's, or something in it was changed."""


class Head(msgspec.Struct, frozen=True):
    """What stands before the pictures."""

    paper: msgspec.Raw


class Bundle(msgspec.Struct, frozen=True):
    """What lies on the phone."""

    digest: str
    sealed: bytes


def opened(bundle: Bundle, key: str, attempt_id: UUID) -> bytes:
    """The paper as JSON. Raises DoesNotOpen."""
    name = bytes.fromhex(bundle.digest)
    try:
        packed = AESGCM(bytes.fromhex(key)).decrypt(
            name[:NONCE_BYTES], bundle.sealed, attempt_id.bytes + name
        )
    except (InvalidTag, ValueError):
        raise DoesNotOpen from None
    plain = zlib.decompress(packed, wbits=31)
    end = _LENGTH_BYTES + int.from_bytes(plain[:_LENGTH_BYTES], "big")
    return bytes(msgspec.json.decode(plain[_LENGTH_BYTES:end], type=Head).paper)
