"""The audit and acts of two persons on the wire."""

from typing import Annotated

from msgspec import Meta

from exam_api.agreements.rules import Answer, TwoPersonAct
from exam_api.audit_ports import Fault
from exam_api.http.wire_attempt import Uuid, Wire

Day = Annotated[str, Meta(pattern=r"^\d{4}-\d{2}-\d{2}$")]
Reason = Annotated[str, Meta(min_length=2, max_length=200)]


class AuditLineRow(Wire, kw_only=True):
    """One line; names stand beside the words they are kept as."""

    org: Uuid | None
    """Institution; None: the department and the system."""
    institution: str
    day: str
    no: int
    at_ms: int
    actor: str
    actor_name: str
    act: str
    object: str
    object_name: str
    body: dict[str, str | int | bool | None]
    hash: str


class AuditOut(Wire, kw_only=True):
    lines: list[AuditLineRow]
    next: str
    """For `after`; empty: these were the last."""


class WalkIn(Wire, kw_only=True):
    """Which chains are walked; what is left out does not narrow."""

    org: Uuid | None = None
    """Zeros: the department's."""
    day: Day | None = None


class ChainRow(Wire, kw_only=True):
    """One chain that was walked."""

    org: Uuid | None
    institution: str
    lines: int
    fault: Fault | None
    day: str
    no: int
    """Place of the first fault."""


class WalkOut(Wire, kw_only=True):
    sound: bool
    lines: int
    took_ms: int
    chains: list[ChainRow]


class SealRow(Wire, kw_only=True):
    """The signed end of a day."""

    org: Uuid
    day: str
    no: int
    hash: str
    key_id: str
    signature: str
    """Ed25519, hex."""
    made_ms: int


class SealsOut(Wire, kw_only=True):
    keys: dict[str, str]
    """Public keys by id, hex."""
    seals: list[SealRow]


class AgreementIn(Wire, kw_only=True):
    """What one person asks another to agree to."""

    act: TwoPersonAct
    session_id: Uuid
    attempt_id: Uuid
    reason: Reason


class AgreementRow(Wire, kw_only=True):
    id: Uuid
    act: TwoPersonAct
    session_id: Uuid
    attempt_id: Uuid
    reason: str
    label: str
    """Ticket number of the candidate concerned."""
    session: str
    institution: str
    asked_by: str
    asked_ms: int
    until_ms: int
    answer: Answer
    answered_by: str
    answered_ms: int
    used_ms: int
    mine: bool
    """The caller asked."""
    waits_for_me: bool


class AgreementsOut(Wire, kw_only=True):
    server_ms: int
    agreements: list[AgreementRow]


class OnAgreementIn(Wire, kw_only=True):
    """Doing what was agreed to, with the words that were agreed to."""

    agreement_id: Uuid
    reason: Reason
