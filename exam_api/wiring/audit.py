"""Parts of the audit."""

from collections.abc import Mapping
from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from exam_api.attempt.receipt import key_id, public_bytes
from exam_api.keys import Purpose, derive
from exam_api.settings import Settings
from exam_api.store.agreements import AgreementStore
from exam_api.store.audit_book import AuditBookStore
from exam_api.store.seals import SealStore
from exam_api.store.trail import TrailStore
from exam_api.usecases.audit_parts import AuditParts
from exam_api.wiring.ground import Ground


def audit_parts(settings: Settings, ground: Ground, trail: TrailStore) -> AuditParts:
    """What reading the audit and acts of two persons are given."""
    database = ground.database
    return AuditParts(
        clock=ground.clock,
        book=AuditBookStore(database),
        trail=trail,
        agreements=AgreementStore(database),
        seals=SealStore(database, signing_key(settings.secret)),
        seal_keys=seal_keys(settings),
        new_id=uuid4,
    )


def seal_keys(settings: Settings) -> Mapping[str, bytes]:
    """Public keys that days were ever signed with: of the secret, and of those before it."""
    secrets = (settings.secret, *settings.previous_secrets)
    publics = [public_bytes(signing_key(secret)) for secret in secrets]
    return {key_id(public): public for public in publics}


def signing_key(secret: str) -> Ed25519PrivateKey:
    """Signs the ends of days; hand-in receipts have another key."""
    return Ed25519PrivateKey.from_private_bytes(derive(secret, Purpose.AUDIT_SEAL))
