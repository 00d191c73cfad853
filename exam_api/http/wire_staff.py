"""What the console and the service say to each other."""

from typing import Annotated

from msgspec import Meta

from exam_api.http.wire_attempt import HeldOp, Uuid, Wire


class Says(Wire, kw_only=True):
    zh: str
    en: str


# --- pools ----------------------------------------


class PoolRow(Wire, kw_only=True):
    id: Uuid
    code: str
    title: str
    institution: str | None
    versions: int
    published: int | None
    """Number of the newest published version."""
    items: int
    by_kind: dict[str, int]
    updated_ms: int


class PoolsOut(Wire, kw_only=True):
    pools: list[PoolRow]


class PublishOut(Wire, kw_only=True):
    pool_id: Uuid
    version: int
    digest: str
    left_out: int
    """Items that are not in it, since they are not approved."""
    is_new: bool
    """False: the newest published version holds just that."""


# --- sessions ----------------------------------------


class SessionIn(Wire, kw_only=True):
    title: Annotated[str, Meta(min_length=1, max_length=80)]
    pool_id: Uuid
    blueprint_id: Uuid
    profile: Annotated[str, Meta(max_length=40)]
    opens_ms: Annotated[int, Meta(ge=0, lt=1 << 53)]
    closes_ms: Annotated[int, Meta(ge=0, lt=1 << 53)]
    institution_id: Uuid | None = None
    """Department officers name one; institution staff may not."""
    pass_centi: Annotated[int, Meta(ge=0, le=1_000_000)] | None = None
    length_ms: Annotated[int, Meta(ge=60_000, le=36_000_000)] | None = None
    takeover: Annotated[str, Meta(pattern="^(staff|own|off)$")] | None = None


class SessionRow(Wire, kw_only=True):
    id: Uuid
    title: str
    institution: str
    channel: str
    profile: str
    profile_confirmed: bool
    opens_ms: int
    closes_ms: int
    latest_entry_ms: int
    length_ms: int
    pass_centi: int
    full_centi: int
    state: str
    registrations: int
    armed: bool
    room_code: str
    """Empty for phones and for roles that do not run the room."""
    lent: bool
    """Another institution's, in a room of the caller's: seats, live state and incidents, no more."""


class SessionsOut(Wire, kw_only=True):
    server_ms: int
    sessions: list[SessionRow]


class RosterProblem(Wire, kw_only=True):
    row: int
    column: str
    code: str
    message: Says


class RosterOut(Wire, kw_only=True):
    rows: int
    accepted: int
    added: int
    problems: list[RosterProblem]
    stored: bool


class RegistrationRow(Wire, kw_only=True):
    id: Uuid
    name: str
    id_no: str
    """Masked."""
    phone: str
    """Masked."""
    ticket_no: str
    seat: str
    extra_ms: int


class RegistrationsOut(Wire, kw_only=True):
    registrations: list[RegistrationRow]


# --- live table ----------------------------------------


class LiveRow(Wire, kw_only=True):
    """One candidate on the wall. Counts only: never which answers."""

    id: Uuid
    name: str
    ticket_no: str
    seat: str
    state: str
    """`ready`, `running`, `paused`, `closed`, `void`."""
    answered: int
    slots: int
    fence: int
    started_ms: int
    deadline_ms: int
    last_seen_ms: int
    closed_ms: int
    close_kind: str | None
    score_centi: int | None
    passed: bool | None
    durable: bool
    late_ops: int
    side_ops: int
    takeover_asked_ms: int = 0
    """A second device waits for a code."""
    hidden: int = 0
    """Times the page was left."""


class LiveOut(Wire, kw_only=True):
    """The whole table; then `GET …/watch` streams changed rows after `event`."""

    server_ms: int
    event: str
    """`epoch.counter`; resume with Last-Event-ID."""
    session: SessionRow
    rows: list[LiveRow]


# SSE of /api/sessions/{id}/watch, by event name: `rows` {"serverMs":…, "rows":[LiveRow…]} holds changed rows,
# `seen` {"serverMs":…, "seen":{id: lastSeenMs…}} signs of life of rows that changed in nothing else,
# `again` {} means a foreign epoch (take the whole table again), `tick` {"serverMs":…} comes every 5 s.


class ExtendIn(Wire, kw_only=True):
    minutes: Annotated[int, Meta(ge=1, le=180)]
    reason: Annotated[str, Meta(min_length=2, max_length=200)]


class ReasonIn(Wire, kw_only=True):
    reason: Annotated[str, Meta(min_length=2, max_length=200)]


class MessageIn(Wire, kw_only=True):
    text: Annotated[str, Meta(min_length=1, max_length=200)]


class TakeoverCodeOut(Wire, kw_only=True):
    code: str
    until_ms: int


class LateRow(Wire, kw_only=True):
    id: Uuid
    name: str
    ticket_no: str
    session_id: Uuid
    session: str
    institution: str
    ops: list[HeldOp]
    first_ms: int
    closed_ms: int
    state: str
    reason: str
    score_centi: int | None


class LateOut(Wire, kw_only=True):
    requests: list[LateRow]


class DecideIn(Wire, kw_only=True):
    accept: bool
    reason: Annotated[str, Meta(min_length=2, max_length=400)]


class ResultRow(Wire, kw_only=True):
    id: Uuid
    name: str
    id_no: str
    """Masked."""
    ticket_no: str
    state: str
    run: int | None
    score_centi: int | None
    full_centi: int | None
    passed: bool | None
    closed_ms: int
    close_kind: str | None
    late_state: str
    sections: list[int]
    """Section scores in centi, in order."""


class ResultsOut(Wire, kw_only=True):
    session: SessionRow
    section_titles: list[str]
    rows: list[ResultRow]
