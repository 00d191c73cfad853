"""Lost time on the wire: gaps, requests, decisions, credits."""

from typing import Annotated

from msgspec import Meta

from exam_api.http.wire_attempt import Uuid, Wire


class MyLostTimeOut(Wire, kw_only=True):
    """The latest time in which a candidate's page could not answer."""

    lost_ms: int
    """0: none that is worth asking for."""
    state: str
    """`none`, `wait` (the room may have lost it), `ask` (may be asked for), `asked`, `given`, `declined`."""
    given_ms: int = 0


class LostTimeRow(Wire, kw_only=True):
    """One gap of one attempt, as staff see it."""

    attempt_id: Uuid
    name: str
    ticket_no: str
    seat: str
    from_ms: int
    to_ms: int
    """0: still open."""
    lost_ms: int
    cause: str
    """`page-dead`, `start-blocked`, `paper-blocked`."""
    state: str
    """`wait` (the room may have lost it), `ask`, `asked`, `given`, `declined`."""
    by: str
    """`rule`, `staff`, or empty."""
    given_ms: int
    left_ms: int
    """What an institution may still give this attempt."""


class LostTimesOut(Wire, kw_only=True):
    server_ms: int
    rows: list[LostTimeRow]


class DecideTimeIn(Wire, kw_only=True):
    """Give or decline the time of one gap."""

    from_ms: Annotated[int, Meta(ge=0, lt=1 << 53)]
    accept: bool
    minutes: Annotated[int, Meta(ge=1, le=180)] | None = None
    """None: what was lost."""
    reason: Annotated[str, Meta(min_length=2, max_length=200)]


class RoomLostRow(Wire, kw_only=True):
    """A gap in the list of all rooms."""

    session_id: Uuid
    session: str
    institution: str
    gap: LostTimeRow


class RoomsLostOut(Wire, kw_only=True):
    server_ms: int
    rows: list[RoomLostRow]


class CreditRow(Wire, kw_only=True):
    """One entry of the fair-time ledger."""

    id: Uuid
    attempt_id: Uuid
    session_id: Uuid
    session: str
    institution: str
    name: str
    ticket_no: str
    seat: str
    at_ms: int
    ms: int
    """Negative: a debit, kept back from what is given next. 0: declined."""
    kind: str
    """`room` (by rule), `service` (a failure of ours, to everybody), `staff`, `declined`, `debit`."""
    cause: str
    """`page-dead`, `start-blocked`, `paper-blocked`, or empty."""
    by: str
    """Who decided; empty for the system."""
    reason: str
    """In that person's words; empty for the system."""
    audit_day: str
    """Day of the audit's chain that tells of it; empty while it does not."""
    audit_no: int
    sealed_ms: int
    """When that day was signed; 0: not yet."""


class CreditsOut(Wire, kw_only=True):
    rows: list[CreditRow]
    """Newest first."""
    more: bool
    """Older ones are left out."""
