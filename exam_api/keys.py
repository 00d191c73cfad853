"""The keys that one master secret gives: each purpose has its own, none tells another."""

from enum import StrEnum, unique
from typing import Final

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES: Final = 32
"""Length of every derived key: AES-256, an Ed25519 seed and a BLAKE2b key all take 32 bytes."""


@unique
class Purpose(StrEnum):
    """What a key is for; the values enter the derivation, so they are never renamed."""

    BLIND_INDEX = "blind-index"
    """Finding a person by an identity number that is stored encrypted."""
    FIELD_ENCRYPTION = "field-encryption"
    """Encrypting identity numbers and phone numbers at rest."""
    LOGIN_TOKEN = "login-token"  # noqa: S105 - names a purpose, opens nothing
    """Hashing log-in tokens and one-time codes before they are kept."""
    ATTEMPT_TOKEN = "attempt-token"  # noqa: S105 - names a purpose, opens nothing
    """Signing attempt tokens."""
    TICKET = "ticket"
    """Signing the ticket's QR."""
    SYNC_RECEIPT = "sync-receipt"
    """MAC of what the service says it holds at a sync."""
    PAPER_DRAW = "paper-draw"
    """Seeds of papers: nobody foresees one, whoever has the key draws it again."""
    PAPER_SEAL = "paper-seal"
    """Root of the sessions' secrets, from which the keys of sealed papers come."""
    ITEM_SALT = "item-salt"
    """Salts of item versions, so that a key cannot be guessed from its version."""
    KNOWN_DEVICE = "known-device"
    """Tagging the cookies of devices on which staff have logged in."""
    RECOVERY_CODE = "recovery-code"
    """Hashing recovery codes before they are kept."""
    WECHAT_IDENTITY = "wechat-identity"
    """Finding a person by a WeChat identity that is kept as a hash."""
    AUDIT_SEAL = "audit-seal"
    """Seed of the Ed25519 key that signs the ends of the audit's days."""
    ENTRY_TURN = "entry-turn"
    """MAC of since when somebody stands in line before a log-in, a paper or a start."""
    RECEIPT_SIGNING = "receipt-signing"
    """Seed of the Ed25519 key that signs hand-in receipts."""


def derive(secret: str, purpose: Purpose) -> bytes:
    """32 bytes for one purpose (HKDF-SHA256); the same secret gives the same key on every machine."""
    info = f"kaowu/v1/{purpose.value}".encode()
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=info).derive(secret.encode())
