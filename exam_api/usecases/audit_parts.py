"""What reading the audit and acts of two persons are given."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import UUID

from exam_api.audit_ports import Agreements, AuditBook, Seals, Trail
from exam_api.ports import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditParts:
    """Ports of the audit. Made by `wiring`."""

    clock: Clock
    book: AuditBook
    trail: Trail
    agreements: Agreements
    seals: Seals
    seal_keys: Mapping[str, bytes]
    """Public keys that seals were signed with, by id."""
    new_id: Callable[[], UUID]
