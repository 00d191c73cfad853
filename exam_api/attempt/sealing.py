"""Sealed papers: what travels before the start opens only with a key that travels at the start (ADR 18)."""

import hmac
from collections.abc import Sequence
from functools import lru_cache
from struct import Struct
from typing import Final
from uuid import UUID

import msgspec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from isal import isal_zlib

from exam_api.attempt.model import LiveAttempt, State

KEY_BYTES: Final = 32
"""AES-256."""

NONCE_BYTES: Final = 12
"""Random 96-bit nonces; each has its own key as well."""

DIGEST_BYTES: Final = 32
"""Nonce and tag: names one bundle."""

PICTURES_MAX: Final = 300 * 1024
"""Bytes of all pictures of a paper that travel with it; with more, all are fetched after the start."""

_SESSION: Final = b"kaowu-sealed-session-1"
_NAME: Final = b"kaowu-sealed-name-1"
_KEY: Final = b"kaowu-sealed-key-1"
_LENGTH: Final = Struct(">I")
_GZIP: Final = 31
"""Window bits that ask for gzip's own frame."""
_TAG_BYTES: Final = DIGEST_BYTES - NONCE_BYTES
_HASH: Final = "sha256"
_NO_SALT: Final = bytes(32)
_SECRETS_KEPT: Final = 256
"""Sessions whose secret a process keeps in memory, as it keeps their papers' texts."""


class Enclosed(msgspec.Struct, frozen=True):
    """A picture that travels with its paper."""

    sha256: str
    mime: str
    data: bytes


class Bundle(msgspec.Struct, frozen=True):
    """What a phone may hold before the start."""

    digest: bytes
    """Its name: the nonce, and a tag by which the service knows attempt and paper again without memory."""
    sealed: bytes
    """AES-256-GCM of the packed paper, tag at its end."""


class _Picture(msgspec.Struct):
    sha256: str
    mime: str
    bytes: int


@lru_cache(maxsize=_SECRETS_KEPT)
def session_secret(root: bytes, session_id: UUID) -> bytes:
    """What all keys of a session come from; derived when needed, written nowhere."""
    return _derived(root, _SESSION + session_id.bytes)


def pack(paper: Sequence[bytes], pictures: Sequence[Enclosed]) -> bytes:
    """Gzip of: length of the head (4 bytes), head (JSON: paper, names of pictures), the pictures' bytes.

    Args:
        paper: the paper's JSON in pieces, as its candidate's page gets it.
        pictures: none of them go in if all together are too large.
    """
    if sum(len(one.data) for one in pictures) > PICTURES_MAX:
        pictures = ()
    named = [_Picture(one.sha256, one.mime, len(one.data)) for one in pictures]
    head = b"".join([b'{"paper":', *paper, b',"pictures":', msgspec.json.encode(named), b"}"])
    # As for a start (`http/hot.py`): pictures do not shrink anyway.
    held = b"".join([_LENGTH.pack(len(head)), head, *[one.data for one in pictures]])
    return isal_zlib.compress(held, 1, _GZIP)  # pyright: ignore[reportUnknownMemberType] - its stub says less


def seal(packed: bytes, *, secret: bytes, attempt_id: UUID, paper_digest: bytes, nonce: bytes) -> Bundle:
    """Seal a packed paper; another nonce gives another name and another key.

    Args:
        secret: `session_secret` of the attempt's session.
    """
    digest = _name(secret, attempt_id, paper_digest, nonce)
    aead = AESGCM(key_of(digest, secret=secret, attempt_id=attempt_id))
    return Bundle(digest, aead.encrypt(nonce, packed, attempt_id.bytes + digest))


def names(digest: bytes, *, secret: bytes, attempt_id: UUID, paper_digest: bytes) -> bool:
    """Whether a bundle of this name was sealed here, for this attempt, with this very paper."""
    told = _name(secret, attempt_id, paper_digest, digest[:NONCE_BYTES])
    return hmac.compare_digest(told, digest)


def key_of(digest: bytes, *, secret: bytes, attempt_id: UUID) -> bytes:
    """The key of one bundle."""
    return _derived(secret, _KEY + attempt_id.bytes + digest)


def releases(live: LiveAttempt) -> bool:
    """Whether a key may leave: what the start script says after it ran, by the server's clock alone."""
    runs = live.state in {State.RUNNING, State.PAUSED}
    return runs and live.started_ms >= live.armed.opens_ms


def released_key(live: LiveAttempt, digest: bytes, root: bytes) -> bytes | None:
    """The key of the bundle that a device shows, if it may have it; None: it is given the paper itself.

    Args:
        live: as the start script answered, the asking candidate's own.
        digest: as the device says; empty when it holds none.
    """
    if not digest or not releases(live):
        return None
    attempt_id, secret = live.armed.attempt_id, session_secret(root, live.armed.session_id)
    if not names(digest, secret=secret, attempt_id=attempt_id, paper_digest=live.armed.paper_digest):
        return None
    return key_of(digest, secret=secret, attempt_id=attempt_id)


def _name(secret: bytes, attempt_id: UUID, paper_digest: bytes, nonce: bytes) -> bytes:
    tag = hmac.digest(secret, _NAME + attempt_id.bytes + nonce + paper_digest, _HASH)
    return nonce + tag[:_TAG_BYTES]


def _derived(secret: bytes, info: bytes) -> bytes:
    """HKDF (RFC 5869) without salt, of one block."""
    return hmac.digest(_extracted(secret), info + b"\x01", _HASH)


@lru_cache(maxsize=2 * _SECRETS_KEPT)
def _extracted(secret: bytes) -> bytes:
    return hmac.digest(_NO_SALT, secret, _HASH)
