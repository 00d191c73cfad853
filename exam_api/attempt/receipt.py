"""Receipts: a short MAC for every sync, and a signed paper of the hand-in that anyone can check."""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Mapping
from enum import StrEnum, unique
from hashlib import sha256
from struct import Struct
from typing import Final
from uuid import UUID

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from exam_api.attempt.errors import AttemptError
from exam_api.attempt.model import CloseKind

MAC_BYTES: Final = 16
"""Length of a sync MAC: HMAC-SHA256 cut to 128 bits."""

PREFIX: Final = "KW1"
"""First part of a receipt's text form: form 1."""

LONGEST: Final = 2_000
"""Characters of a receipt's text that are read at all; a genuine one has about 700."""

_SYNC: Final = Struct(">13s16sIIQ")
_SYNC_DOMAIN: Final = b"kaowu-sync-01"
_PARTS: Final = 3


@unique
class Fault(StrEnum):
    """Why a receipt is not believed."""

    UNREADABLE = "unreadable"
    UNKNOWN_KEY = "unknown-key"
    WRONG_SIGNATURE = "wrong-signature"


class ReceiptRefused(AttemptError):
    """The text is no receipt of ours."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(f"the receipt is {fault.value}")
        self.fault = fault


class Receipt(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """What the service signs at the hand-in. Its JSON with sorted names and no blanks is the signed body."""

    attempt: UUID
    session: UUID
    fence: int
    seq: int
    head: str
    """Chain head at `seq`, 64 hex digits; empty when nothing was answered under that fence."""
    answers_digest: str
    """`chain.answers_digest`, 64 hex digits."""
    closed_ms: int
    close_kind: CloseKind
    score_centi: int
    full_centi: int
    passed: bool
    key_id: str
    """First 8 hex digits of SHA-256 of the public key's 32 bytes."""


class Said(msgspec.Struct, frozen=True):
    """What the service says it holds, at one sync."""

    attempt_id: UUID
    fence: int
    seq: int
    head: bytes
    """32 bytes, empty at seq 0."""
    server_ms: int


def sync_mac(key: bytes, said: Said) -> bytes:
    """16 bytes that prove what the service said."""
    text = _SYNC.pack(_SYNC_DOMAIN, said.attempt_id.bytes, said.fence, said.seq, said.server_ms) + said.head
    return hmac.digest(key, text, "sha256")[:MAC_BYTES]


def is_sync_mac(mac: bytes, key: bytes, said: Said) -> bool:
    """Whether the service said so; takes the same time for every wrong one."""
    return hmac.compare_digest(mac, sync_mac(key, said))


def public_bytes(key: Ed25519PrivateKey) -> bytes:
    """The 32 bytes that are published."""
    return key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def key_id(public_key: bytes) -> str:
    """The short name of a signing key; old public keys stay published under it."""
    return sha256(public_key).hexdigest()[:8]


def body(receipt: Receipt) -> bytes:
    """The canonical JSON that is signed."""
    return msgspec.json.encode(receipt, order="sorted")


def sign(receipt: Receipt, key: Ed25519PrivateKey) -> str:
    """The receipt as text for a QR: `KW1.<body>.<signature>` in base64url without padding."""
    signed = body(receipt)
    return f"{PREFIX}.{_text(signed)}.{_text(key.sign(signed))}"


def verify(text: str, public_keys: Mapping[str, bytes]) -> Receipt:
    """What a genuine receipt says.

    Args:
        text: as `sign` gave it.
        public_keys: 32 bytes by key id, old ones included.

    Raises:
        ReceiptRefused: saying why it is not believed.
    """
    parts = text.strip().split(".") if len(text) <= LONGEST else []
    if len(parts) != _PARTS or parts[0] != PREFIX:
        raise ReceiptRefused(Fault.UNREADABLE)
    try:
        signed, signature = _bytes(parts[1]), _bytes(parts[2])
        receipt = msgspec.json.decode(signed, type=Receipt)
    except (NotBase64, ValueError):
        raise ReceiptRefused(Fault.UNREADABLE) from None
    public_key = public_keys.get(receipt.key_id)
    if public_key is None:
        raise ReceiptRefused(Fault.UNKNOWN_KEY)
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, signed)
    except InvalidSignature:
        raise ReceiptRefused(Fault.WRONG_SIGNATURE) from None
    return receipt


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
