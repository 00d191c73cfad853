"""Identity numbers and phones at rest: encrypted to be read back, hashed under a key to be found."""

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from exam_api.ports import Sealer

NONCE_BYTES: Final = 12
"""Random 96-bit nonces: safe for 2^32 values under one key, far more than people are registered."""

FORM_BARE: Final = b"\x01"
"""First byte of what was sealed before keys had ids: any key of the ring may open it."""

FORM: Final = b"\x02"
"""First byte of everything sealed now; the id of its key follows."""

KEY_ID_BYTES: Final = 4
"""Bytes of a key's id: few keys are ever alive together."""


class NotOurs(Exception):
    """Something sealed was changed, cut, given the wrong context, or sealed under a key we do not have."""

    def __init__(self) -> None:
        super().__init__("this was not sealed here for this place")


def key_id(key: bytes) -> bytes:
    """Names a key without telling anything of it."""
    return hashlib.sha256(b"kaowu key id" + key).digest()[:KEY_ID_BYTES]


class AesSealer(Sealer):
    """AES-256-GCM; the context (whose number this is) is authenticated, so values cannot be swapped.

    The first key of the ring seals; the others open what was sealed before the last rotation.
    """

    def __init__(self, key: bytes, *, older: Sequence[bytes] = ()) -> None:
        self._ring = {key_id(one): AESGCM(one) for one in (key, *older)}
        self._aead = AESGCM(key)
        self.head = FORM + key_id(key)
        """How everything that is sealed now begins."""

    def seal(self, data: bytes, *, context: bytes) -> bytes:
        """Opens only with the same context."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return self.head + nonce + self._aead.encrypt(nonce, data, self.head + context)

    def open(self, sealed: bytes, *, context: bytes) -> bytes:
        """Raises NotOurs."""
        if sealed[:1] == FORM_BARE:
            for aead in self._ring.values():
                try:
                    return _opened(aead, FORM_BARE, sealed[1:], context)
                except NotOurs:
                    continue
            raise NotOurs
        head, body = sealed[: 1 + KEY_ID_BYTES], sealed[1 + KEY_ID_BYTES :]
        aead = self._ring.get(head[1:])
        if head[:1] != FORM or aead is None:
            raise NotOurs
        return _opened(aead, head, body, context)

    def is_current(self, sealed: bytes) -> bool:
        """Whether it is sealed under the key that seals now; nothing to seal is as it should be."""
        return not sealed or sealed.startswith(self.head)


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


def correction_context(correction_id: bytes) -> bytes:
    """Context of the value that a correction asks for."""
    return b"correction" + correction_id


def _opened(aead: AESGCM, head: bytes, sealed: bytes, context: bytes) -> bytes:
    try:
        return aead.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], head + context)
    except (InvalidTag, ValueError):
        raise NotOurs from None
