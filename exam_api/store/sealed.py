"""Identity numbers and phones at rest: encrypted to be read back, hashed under a key to be found."""

import hashlib
import hmac
import secrets
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from exam_api.ports import Sealer

NONCE_BYTES: Final = 12
"""Random 96-bit nonces: safe for 2^32 values under one key, far more than people are registered."""

FORM: Final = b"\x01"
"""First byte of everything sealed, so that a later form can be told apart."""


class NotOurs(Exception):
    """Something sealed was changed, cut, given the wrong context, or sealed under another key."""

    def __init__(self) -> None:
        super().__init__("this was not sealed here for this place")


class AesSealer(Sealer):
    """AES-256-GCM; the context (whose number this is) is authenticated, so values cannot be swapped."""

    def __init__(self, key: bytes) -> None:
        self._aead = AESGCM(key)

    def seal(self, data: bytes, *, context: bytes) -> bytes:
        """Opens only with the same context."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return FORM + nonce + self._aead.encrypt(nonce, data, FORM + context)

    def open(self, sealed: bytes, *, context: bytes) -> bytes:
        """Raises NotOurs."""
        if sealed[:1] != FORM:
            raise NotOurs
        nonce, body = sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
        try:
            return self._aead.decrypt(nonce, body, FORM + context)
        except (InvalidTag, ValueError):
            raise NotOurs from None


class BlindIndex:
    """Finds a person by identity number: HMAC-SHA256, useless without the key."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def __call__(self, id_no: str) -> bytes:
        """32 bytes for an identity number as `parse_identity` gives it."""
        return hmac.digest(self._key, id_no.encode(), hashlib.sha256)


def number_context(person_id: bytes) -> bytes:
    """Context of a person's identity number; the phone's is the bare id (`usecases.log_in`)."""
    return b"number" + person_id
