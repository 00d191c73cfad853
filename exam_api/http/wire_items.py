"""What the console and the service say to each other about items; authors and judges see it."""

from typing import Annotated, Literal

from msgspec import Meta

from exam_api.http.wire_attempt import Hex32, Hex64, Mask, Wire

ItemKey = Annotated[str, Meta(min_length=1, max_length=204)]
Reason = Annotated[str, Meta(max_length=400)]
KindName = Literal["single", "multi", "judge"]
StepName = Literal["review", "approve", "send-back", "retire", "restore"]
OutcomeName = Literal["mended", "retired", "unfounded"]


class PoolStanding(Wire, kw_only=True):
    """How many items (and materials of sets) stand where."""

    drafts: int
    reviewed: int
    approved: int
    retired: int


class ItemRow(Wire, kw_only=True):
    """An item in the list."""

    id: str
    version: str
    number: int
    """Of its newest wording, from 1."""
    state: str
    kind: str
    """`set`: the material of an item set."""
    outline: str
    difficulty: int
    set_id: str
    stem: str
    author: str
    own: bool
    """Written by whoever asks."""
    made_ms: int
    drawn: int
    reports: int
    comments: int


class ItemsOut(Wire, kw_only=True):
    total: int
    items: list[ItemRow]
    standing: PoolStanding


class ItemOption(Wire, kw_only=True):
    text: Annotated[str, Meta(max_length=1000)]
    pinned: bool = False
    picture: Hex64 | None = None


class ItemContent(Wire, kw_only=True):
    """All of a wording, key included."""

    kind: KindName
    stem: str
    options: list[ItemOption]
    key: int
    rationale: str
    difficulty: int
    outline: str
    source: str
    pictures: list[str]


class WordingOut(Wire, kw_only=True):
    """A wording and how far it came."""

    version: str
    number: int
    state: str
    author: str
    made_ms: int
    reviewer: str
    reviewed_ms: int
    approver: str
    approved_ms: int
    content: ItemContent | None
    material: str | None
    """Of an item set: what stands above its items."""
    material_pictures: list[str]
    material_items: list[str]


class CommentOut(Wire, kw_only=True):
    by: str
    at_ms: int
    number: int
    """Of the wording it was said about."""
    text: str


class RetiredOut(Wire, kw_only=True):
    by: str
    at_ms: int
    reason: str


class ItemOut(Wire, kw_only=True):
    """An item with its history, oldest wording first."""

    id: str
    pool_id: str
    state: str
    working: str
    """Version of the newest wording."""
    drawn: str | None
    """Version that the next published version holds."""
    wordings: list[WordingOut]
    comments: list[CommentOut]
    retired: RetiredOut | None
    can: list[StepName]
    writes: bool


class ItemIn(Wire, kw_only=True):
    """A wording as an author writes it; may be unsound, checking says where."""

    kind: KindName
    stem: Annotated[str, Meta(max_length=5000)]
    options: Annotated[list[ItemOption], Meta(max_length=26)]
    key: Mask
    rationale: Annotated[str, Meta(max_length=5000)] = ""
    difficulty: Annotated[int, Meta(ge=0, le=9)] = 3
    outline: Annotated[str, Meta(max_length=16)] = ""
    source: Annotated[str, Meta(max_length=400)] = ""
    pictures: Annotated[list[Hex64], Meta(max_length=10)] | None = None


class ItemWriteIn(Wire, kw_only=True):
    id: Annotated[str, Meta(max_length=204)] = ""
    """Empty: a new item."""
    base: Hex32 | None = None
    """Version that was changed."""
    item: ItemIn


class FaultOut(Wire, kw_only=True):
    field: str
    code: str
    at: int | None


class FaultsOut(Wire, kw_only=True):
    faults: list[FaultOut]


class StepIn(Wire, kw_only=True):
    step: StepName
    items: Annotated[list[ItemKey], Meta(min_length=1, max_length=500)]
    reason: Reason = ""


class StepRefused(Wire, kw_only=True):
    id: str
    slug: str
    """Of the problem that it would be alone."""


class StepOut(Wire, kw_only=True):
    done: list[str]
    refused: list[StepRefused]


class CommentIn(Wire, kw_only=True):
    id: ItemKey
    text: Annotated[str, Meta(min_length=1, max_length=2000)]


class SpanOut(Wire, kw_only=True):
    did: Literal["kept", "added", "gone"]
    text: str


class OptionChangeOut(Wire, kw_only=True):
    did: Literal["kept", "added", "gone", "changed", "moved"]
    before: int | None
    after: int | None
    spans: list[SpanOut]
    was_key: bool
    is_key: bool


class FieldChangeOut(Wire, kw_only=True):
    field: str
    before: str
    after: str


class ChangeOut(Wire, kw_only=True):
    """What changed between two wordings; what is the same is not in it."""

    before: int
    after: int
    stem: list[SpanOut]
    rationale: list[SpanOut]
    options: list[OptionChangeOut]
    fields: list[FieldChangeOut]


class ComplaintRow(Wire, kw_only=True):
    """本题有误: what was said about which item, never by whom."""

    id: str
    pool_id: str
    pool: str
    item_id: str
    stem: str
    session: str
    at_ms: int
    text: str
    outcome: str
    reason: str
    by: str
    answered_ms: int


class ComplaintsOut(Wire, kw_only=True):
    complaints: list[ComplaintRow]


class AnswerIn(Wire, kw_only=True):
    outcome: OutcomeName
    reason: Annotated[str, Meta(min_length=2, max_length=400)]


class OutlineNode(Wire, kw_only=True):
    code: Annotated[str, Meta(max_length=16)]
    title: Annotated[str, Meta(max_length=80)]
    weight: Annotated[int, Meta(ge=0, le=1000)]


class OutlineIn(Wire, kw_only=True):
    nodes: Annotated[list[OutlineNode], Meta(max_length=2000)]


class OutlineBranch(Wire, kw_only=True):
    code: str
    title: str
    weight: int
    level: int
    items: int
    """At this code and below."""
    own: int
    share_ppm: int
    """Of a paper, by weights, in millionths."""
    listed: bool


class OutlineOut(Wire, kw_only=True):
    branches: list[OutlineBranch]


class PoolWaiting(Wire, kw_only=True):
    """What waits in a pool for whoever asks."""

    pool_id: str
    pool: str
    to_review: int
    to_approve: int
    own_drafts: int
    sent_back: int
    complaints: int


class WaitingOut(Wire, kw_only=True):
    """Pools where something waits for whoever asks."""

    pools: list[PoolWaiting]
