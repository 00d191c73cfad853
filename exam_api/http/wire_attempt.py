"""What a candidate's page and the service say to each other; nothing here can hold a key."""

from typing import Annotated

import msgspec
from msgspec import Meta


class Wire(msgspec.Struct, rename="camel", forbid_unknown_fields=True, kw_only=True, omit_defaults=False):
    """Base of everything on the wire: camelCase, unknown fields refused (`kw_only` is not inherited)."""


Hex32 = Annotated[str, Meta(pattern="^[0-9a-f]{32}$")]
Hex64 = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
Uuid = Annotated[str, Meta(pattern="^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
Mask = Annotated[int, Meta(ge=0, lt=1 << 26)]


# --- log-in ----------------------------------------


class CodeIn(Wire, kw_only=True):
    """Ask for a one-time code. The answer never tells whether the person exists."""

    name: Annotated[str, Meta(min_length=1, max_length=40)]
    id_no: Annotated[str, Meta(min_length=15, max_length=24)]


class CodeOut(Wire, kw_only=True):
    wait_ms: int
    """Until another code may be asked for."""
    demo_code: str | None = None
    """Only under the demo flag."""


class CandidateLoginIn(Wire, kw_only=True):
    name: Annotated[str, Meta(min_length=1, max_length=40)]
    id_no: Annotated[str, Meta(min_length=15, max_length=24)]
    code: Annotated[str, Meta(pattern="^[0-9]{6}$")]


class TicketLoginIn(Wire, kw_only=True):
    """Second way in: the signed QR of the admission ticket and the last six of the identity number."""

    ticket: Annotated[str, Meta(min_length=20, max_length=300)]
    last_six: Annotated[str, Meta(pattern="^[0-9]{5}[0-9Xx]$")]


class DeskLoginIn(Wire, kw_only=True):
    """In a room: ticket number, last six, and the code on the board."""

    ticket_no: Annotated[str, Meta(pattern="^[0-9]{9}$")]
    last_six: Annotated[str, Meta(pattern="^[0-9]{5}[0-9Xx]$")]
    room_code: Annotated[str, Meta(pattern="^[0-9]{6}$")]


class StaffLoginIn(Wire, kw_only=True):
    login_name: Annotated[str, Meta(min_length=1, max_length=60)]
    password: Annotated[str, Meta(min_length=1, max_length=200)]


class MeOut(Wire, kw_only=True):
    """Who is logged in on this device."""

    role: str
    name: str
    institution: str | None = None
    demo: bool = False
    server_ms: int
    support_phone: str = ""
    step: str = ""
    """Of a log-in that is not whole: `code`, `password` or `enroll` is still to be done; "" = nothing."""


# --- my exams ----------------------------------------


class MyExam(Wire, kw_only=True):
    """One registration as its candidate sees it."""

    id: Uuid
    """Registration and attempt."""
    title: str
    institution: str
    channel: str
    ticket_no: str
    seat: str
    entry_ms: int
    opens_ms: int
    latest_entry_ms: int
    closes_ms: int
    length_ms: int
    earliest_hand_in_ms: int
    items: int
    full_centi: int
    pass_centi: int
    navigation: str
    takeover: str
    consent: str
    """`none`, `photos`, `no-photos`: what this person chose for this exam."""
    spread_ms: int
    """A page that starts by itself does so at some instant of this time after `opensMs`."""
    state: str
    """`ready`, `running`, `paused`, `closed`, `void`, `missed` (latest entry passed without a start)."""
    score_centi: int | None = None
    passed: bool | None = None
    profile_confirmed: bool = True


class MyExamsOut(Wire, kw_only=True):
    server_ms: int
    exams: list[MyExam]


class ConsentIn(Wire, kw_only=True):
    choice: Annotated[str, Meta(pattern="^(photos|no-photos)$")]
    text_version: Annotated[str, Meta(max_length=40)]


# --- paper ----------------------------------------


class PaperOption(Wire, kw_only=True):
    bit: int
    """Canonical option: bit number in an answer's mask. The order of this list is the order shown."""
    text: str
    picture: str | None = None


class PaperItem(Wire, kw_only=True):
    slot: int
    version: Hex32
    kind: str
    """`single`, `multi`, `judge`."""
    stem: str
    pictures: list[str] = []
    options: list[PaperOption]
    section: int
    set_id: str | None = None


class PaperSet(Wire, kw_only=True):
    """Material shared by the items of an item set (案例)."""

    id: str
    stem: str
    pictures: list[str] = []


class PaperSection(Wire, kw_only=True):
    title: str
    kind: str | None
    count: int
    points_centi: int
    policy: str
    """Name of the marking policy: the page says its rule in words (docs/marking.md)."""


class Paper(Wire, kw_only=True):
    digest: Hex64
    sections: list[PaperSection]
    items: list[PaperItem]
    sets: list[PaperSet] = []


# --- attempt ----------------------------------------


class StartIn(Wire, kw_only=True):
    attempt_id: Uuid
    storage_key: Hex32
    """Made by the device (16 random bytes) and kept in its storage before asking: a resend or a reload shows
    the same one, so it goes on under its fence; another key is another device."""
    takeover_code: Annotated[str, Meta(pattern="^([0-9]{6})?$")] = ""
    takeover: bool = False
    """The candidate confirmed to go on here and leave the other device."""
    sealed_digest: Annotated[str, Meta(pattern="^([0-9a-f]{64})?$")] = ""
    """Names the sealed paper that this device holds; empty: none."""


class StartOut(Wire, kw_only=True):
    attempt_id: Uuid
    fence: int
    storage_key: str
    seq: int
    head: Hex64 | None
    """Chain head at `seq`; None at seq 0."""
    answers: list[Mask]
    """What the server holds, by slot."""
    paper: Paper | None
    """None when `paper_key` opens what the device holds."""
    paper_key: Hex64 | None = None
    """Key of the bundle that `sealedDigest` named."""
    server_ms: int
    started_ms: int
    deadline_ms: int
    remaining_ms: int
    earliest_hand_in_ms: int
    """Instant on the server's clock."""
    state: str
    navigation: str
    watermark: str
    """`name last-four`, drawn at 5 % ink."""
    side_ops: int
    sync_every_ms: int


class OpIn(Wire, kw_only=True):
    seq: Annotated[int, Meta(ge=1, le=1_000_000)]
    kind: Annotated[int, Meta(ge=1, le=2)] = 1
    """1 answer, 2 hand-in."""
    slot: Annotated[int, Meta(ge=0, lt=1000)]
    version: Hex32
    mask: Mask
    client_ms: Annotated[int, Meta(ge=0, lt=1 << 53)]


class EventIn(Wire, kw_only=True):
    """A claim of the page about itself: `hidden`, `shown`, `blur`, `focus`, `online`, `reload`."""

    kind: Annotated[str, Meta(pattern="^[a-z-]{2,24}$")]
    client_ms: Annotated[int, Meta(ge=0, lt=1 << 53)]
    ms: Annotated[int, Meta(ge=0, lt=1 << 40)] = 0


class SyncIn(Wire, kw_only=True):
    """Everything the page has to say, in one call. No ops = heartbeat."""

    base: Annotated[int, Meta(ge=0, le=1_000_000)]
    base_head: Hex64 | None = None
    """Head at `base`; None at 0."""
    ops: Annotated[list[OpIn], Meta(max_length=300)] = []
    events: Annotated[list[EventIn], Meta(max_length=32)] = []
    ack_command: Annotated[int, Meta(ge=0, le=1_000_000)] = 0
    want_side: bool = False
    """Send the ops that other devices left."""


class CommandOut(Wire, kw_only=True):
    no: int
    kind: str
    """`message`, `pause`, `resume`, `extend`, `terminate`, `void`, `side`, `late-accepted`,
    `late-declined`, `credit`."""
    at_ms: int
    text: str = ""
    ms: int = 0


class HeldOp(Wire, kw_only=True):
    """An op the server keeps beside the attempt."""

    fence: int
    seq: int
    slot: int
    mask: Mask
    client_ms: int


class SyncOut(Wire, kw_only=True):
    took: str
    """`ok`, `behind`, `side`, `late`, `late-refused`; a fork is problem `fork` (409)."""
    state: str
    fence: int
    """The writing fence: higher than the page's own means it may only show."""
    seq: int
    head: Hex64 | None
    kept_seq: int
    """Up to which seq of the page's own fence the server has its ops, held or beside: resend from there."""
    mac: str
    """base64url, over (attempt, fence, seq, head, server ms)."""
    server_ms: int
    remaining_ms: int
    deadline_ms: int
    commands: list[CommandOut] = []
    side: list[HeldOp] = []
    side_ops: int = 0
    late_ops: int = 0


class SubmitIn(Wire, kw_only=True):
    """Hand in: the same range as a sync, then the hand-in. Repeat until `durable`."""

    base: Annotated[int, Meta(ge=0, le=1_000_000)]
    base_head: Hex64 | None = None
    ops: Annotated[list[OpIn], Meta(max_length=300)] = []
    offline: bool = False
    """Tapped without network: the page has been read-only since."""


class SectionScoreOut(Wire, kw_only=True):
    title: str
    score_centi: int
    full_centi: int
    right: int
    count: int


class ResultOut(Wire, kw_only=True):
    """A candidate's own result."""

    attempt_id: Uuid
    run: int
    score_centi: int
    full_centi: int
    pass_centi: int
    passed: bool
    sections: list[SectionScoreOut]
    closed_ms: int
    close_kind: str
    """`manual`, `time`, `staff`."""
    late_ops: int
    late_state: str
    """`none`, `open`, `accepted`, `declined`, `refused`."""


class SubmitOut(Wire, kw_only=True):
    durable: bool
    result: ResultOut
    receipt: str
    """Signed text: `body.signature`, base64url; also what the QR shows."""
    server_ms: int


class ItemReportIn(Wire, kw_only=True):
    """本题有误: the candidate says an item is wrong."""

    slot: Annotated[int, Meta(ge=0, lt=1000)]
    text: Annotated[str, Meta(max_length=500)]


# --- practice (试考) ----------------------------------------


class PracticeOut(Wire, kw_only=True):
    paper: Paper


class PracticeMarkIn(Wire, kw_only=True):
    answers: Annotated[list[Mask], Meta(max_length=20)]


class PracticeMarkOut(Wire, kw_only=True):
    right: list[bool]
    score_centi: int
    full_centi: int
