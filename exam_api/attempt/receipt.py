"""Receipts: a short MAC for every sync, and a signed paper of the hand-in that anyone can check."""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Mapping, Sequence
from enum import StrEnum, unique
from functools import lru_cache
from hashlib import sha256
from struct import Struct
from typing import Any, Final
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
"""First part of a receipt's text form: form 1, with a signature of its own."""

BATCH_PREFIX: Final = "KW2"
"""Form 2: one signature over the root of a hash tree, with the way from this receipt up to it (ADR 20)."""

TREE_MOST: Final = 64
"""Receipts under one signature: six steps up at most, so that the text still fits a QR that phones read."""

LONGEST: Final = 2_000
"""Characters of a receipt's text that are read at all; a genuine one has 700 to 1,000."""

_SYNC: Final = Struct(">13s16sIIQ")
_SYNC_DOMAIN: Final = b"kaowu-sync-01"
_BLOCK: Final = 64
_INNER: Final = bytes(byte ^ 0x36 for byte in range(256))
_OUTER: Final = bytes(byte ^ 0x5C for byte in range(256))
_LEAF: Final = b"\x00kaowu-receipt-2"
_NODE: Final = b"\x01"
_ROOT_DOMAIN: Final = b"kaowu-receipts-2"
"""What is signed begins with it: no root can be taken for the body of a form 1, which begins with a brace."""
_SIDES: Final = Struct(">H")
"""One bit for each step of a way, the lowest first: 1 where the other hash stands on the left."""
_HASH: Final = 32


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
    inner, outer = _begun(key)
    within, around = inner.copy(), outer.copy()
    within.update(text)
    around.update(within.digest())
    return around.digest()[:MAC_BYTES]


@lru_cache(maxsize=8)
def _begun(key: bytes) -> tuple[Any, Any]:
    """Both hashes of an HMAC (RFC 2104) with the key taken in, to be copied: that is most of what it costs.

    A copy of `hmac.HMAC` costs twice as much as both of these.
    """
    block = (key if len(key) <= _BLOCK else sha256(key).digest()).ljust(_BLOCK, b"\0")
    return sha256(block.translate(_INNER)), sha256(block.translate(_OUTER))


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
    return _sign_alone(body(receipt), key)


def sign_all(bodies: Sequence[bytes], key: Ed25519PrivateKey) -> list[str]:
    """The texts of many receipts, with one signature for up to `TREE_MOST` of them; one alone is a form 1."""
    texts: list[str] = []
    for first in range(0, len(bodies), TREE_MOST):
        some = bodies[first : first + TREE_MOST]
        texts += [_sign_alone(some[0], key)] if len(some) == 1 else _sign_tree(some, key)
    return texts


def says(text: str, told: bytes) -> bool:
    """Whether the text, one of ours, states just this body; which signature proves it does not matter."""
    return bool(text) and text[len(PREFIX) :].partition(".")[2].partition(".")[0] == _text(told)


def verify(text: str, public_keys: Mapping[str, bytes]) -> Receipt:
    """What a genuine receipt says.

    Args:
        text: as `sign` gave it.
        public_keys: 32 bytes by key id, old ones included.

    Raises:
        ReceiptRefused: saying why it is not believed.
    """
    prefix, *parts = text.strip().split(".") if len(text) <= LONGEST else [""]
    try:
        told, *way, signature = map(_bytes, parts)
        receipt = msgspec.json.decode(told, type=Receipt)
        signed = _signed(prefix, told, way)
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


def _sign_alone(told: bytes, key: Ed25519PrivateKey) -> str:
    return f"{PREFIX}.{_text(told)}.{_text(key.sign(told))}"


def _sign_tree(bodies: Sequence[bytes], key: Ed25519PrivateKey) -> list[str]:
    ways = [bytearray() for _ in bodies]
    sides = [0] * len(bodies)
    level = [(sha256(_LEAF + told).digest(), [at]) for at, told in enumerate(bodies)]
    while len(level) > 1:
        above: list[tuple[bytes, list[int]]] = []
        for (left, lefts), (right, rights) in zip(level[::2], level[1::2], strict=False):
            for at in lefts:
                ways[at] += right
            for at in rights:
                sides[at] |= 1 << len(ways[at]) // _HASH
                ways[at] += left
            above.append((sha256(_NODE + left + right).digest(), lefts + rights))
        level = above + level[len(above) * 2 :]  # one that is left over goes up as it is
    signature = _text(key.sign(_ROOT_DOMAIN + level[0][0]))
    return [
        f"{BATCH_PREFIX}.{_text(told)}.{_text(_SIDES.pack(side) + way)}.{signature}"
        for told, side, way in zip(bodies, sides, ways, strict=True)
    ]


def _signed(prefix: str, told: bytes, way: Sequence[bytes]) -> bytes:
    """The bytes that the signature is about. Raises ValueError for what has neither form."""
    if prefix == PREFIX and not way:
        return told
    if prefix != BATCH_PREFIX or len(way) != 1 or len(way[0]) % _HASH != _SIDES.size:
        raise ValueError(prefix)
    (sides,), hashes = _SIDES.unpack_from(way[0]), way[0][_SIDES.size :]
    top = sha256(_LEAF + told).digest()
    for step in range(len(hashes) // _HASH):
        other = hashes[step * _HASH : (step + 1) * _HASH]
        top = sha256(_NODE + (other + top if sides >> step & 1 else top + other)).digest()
    return _ROOT_DOMAIN + top


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
