"""Statistics, rulings and score reviews on the wire. Statistics and rulings hold keys: for staff only."""

from typing import Annotated, Literal

from msgspec import Meta, field

from exam_api.http.wire_attempt import Hex32, Mask, Uuid, Wire

Reason = Annotated[str, Meta(min_length=2, max_length=400)]
RemedyName = Literal["new_key", "accept_several", "full_marks", "remove_rescale"]
Key = Annotated[int, Meta(gt=0, lt=1 << 26)]

# --- statistics ----------------------------------------


class StatisticsSession(Wire, kw_only=True):
    """A session whose items can be looked at."""

    id: Uuid
    title: str
    institution: str
    opens_ms: int
    closes_ms: int
    scored: int
    may_rule: bool
    """The login may correct keys of it."""


class StatisticsSessionsOut(Wire, kw_only=True):
    sessions: list[StatisticsSession]


class OptionFigures(Wire, kw_only=True):
    """One row of the distractor table."""

    text: str
    picture: str | None
    """SHA-256 of its picture."""
    right: bool
    count: int
    share: float
    mean_total_centi: float | None
    point_biserial: float | None
    idle: bool


class ItemFigures(Wire, kw_only=True):
    """The figures of one item; null stands for "not defined"."""

    version: Hex32
    item_id: str
    kind: str
    outline: str
    stem: str
    pictures: list[str]
    corrected_by: str
    """`key_changed`, `keys_accepted`, `voided`; empty where no ruling in force is about it."""
    seen: int
    blank: int
    p: float
    point_biserial: float | None
    corrected: float | None
    d27: float | None
    alpha_without: float | None
    median_ms: float | None
    flags: list[str]
    options: list[OptionFigures]


class StatisticsOut(Wire, kw_only=True):
    session: StatisticsSession
    candidates: int
    complete: bool
    """All sat the same items; otherwise α, KR-20 and the error are estimates."""
    alpha: float | None
    kr20: float | None
    sem_centi: float | None
    items: list[ItemFigures]


# --- rulings ----------------------------------------


class RulingCorrectionIn(Wire, kw_only=True):
    """What is done about one item."""

    version: Hex32
    remedy: RemedyName
    keys: Annotated[list[Key], Meta(max_length=8)] = field(default_factory=list[int])
    """One for `new_key`, several for `accept_several`, none for the others."""


class RulingPreviewIn(Wire, kw_only=True):
    version: Hex32
    new_key: Key | None = None
    """Null: no answer is right."""
    others: Annotated[list[RulingCorrectionIn], Meta(max_length=50)] = field(
        default_factory=list[RulingCorrectionIn]
    )
    """What the same ruling does about other items."""


class MovedRow(Wire, kw_only=True):
    """A candidate whose score would change."""

    id: Uuid
    name: str
    ticket_no: str
    before_centi: int
    after_centi: int
    passed_before: bool
    passes_after: bool


class WayOut(Wire, kw_only=True):
    """One remedy and what it would do."""

    remedy: str
    keys: list[int]
    changed: int
    won: int
    lost: int
    certificates: int
    """Certificates that would have to be looked at; none is issued by this service yet."""
    impossible: int
    passed: int
    bins: list[int]
    rows: list[MovedRow]
    """Passes won or lost first; at most 500, the workbook has all."""


class PickOut(Wire, kw_only=True):
    mask: Mask
    count: int


class RulingPreviewOut(Wire, kw_only=True):
    """All remedies side by side. Nothing has changed."""

    took_ms: int
    session: StatisticsSession
    pass_centi: int
    full_centi: int
    version: Hex32
    item_id: str
    kind: str
    stem: str
    options: list[str]
    key: int
    new_key: int | None
    saw: int
    """Papers that hold the item."""
    picks: list[PickOut]
    candidates: int
    passed: int
    bins: list[int]
    ways: list[WayOut]


class ProposeIn(Wire, kw_only=True):
    """A ruling; without corrections it takes the newest one back."""

    corrections: Annotated[list[RulingCorrectionIn], Meta(max_length=50)]
    reason: Reason


class DecideRulingIn(Wire, kw_only=True):
    agree: bool
    reason: Annotated[str, Meta(max_length=400)] = ""


class RulingCorrectionOut(Wire, kw_only=True):
    version: Hex32
    item_id: str
    remedy: str
    keys: list[int]


class RulingRow(Wire, kw_only=True):
    number: int
    reason: str
    corrections: list[RulingCorrectionOut]
    takes_back: int | None
    proposer: str
    proposed_ms: int
    own: bool
    """Proposed by this login."""
    state: str
    decider: str
    decided_ms: int
    decided_reason: str
    runs: int
    in_force: bool


class RulingsOut(Wire, kw_only=True):
    session: StatisticsSession
    rulings: list[RulingRow]


class WaitingRulingRow(Wire, kw_only=True):
    """A ruling that waits for this login's agreement."""

    session_id: Uuid
    session: str
    number: int
    reason: str
    items: int
    takes_back: int | None
    proposer: str
    proposed_ms: int


class RescoringWaitingOut(Wire, kw_only=True):
    rulings: list[WaitingRulingRow]
    reviews: int
    """Open score reviews in reach."""


class RunRow(Wire, kw_only=True):
    """One score run of one attempt."""

    run: int
    cause: str
    ruling: int | None
    score_centi: int
    passed: bool
    scored_ms: int


class RunsOut(Wire, kw_only=True):
    runs: list[RunRow]


# --- score reviews ----------------------------------------


class ScoreReviewIn(Wire, kw_only=True):
    reason: Annotated[str, Meta(max_length=400)] = ""


class ReviewOutcomeOut(Wire, kw_only=True):
    """The score that stood and the one worked out anew."""

    equal: bool
    differs: list[str]
    run: int
    stands_centi: int
    stands_passed: bool
    anew_centi: int
    anew_passed: bool
    ops: int
    rulings: int


class MyScoreReviewOut(Wire, kw_only=True):
    """The review of a candidate's own score."""

    state: str
    """`none`, `open`, `done`."""
    asked_ms: int
    done_ms: int
    outcome: ReviewOutcomeOut | None
    may_ask: bool


class ScoreReviewRow(Wire, kw_only=True):
    id: Uuid
    attempt_id: Uuid
    session_id: Uuid
    session: str
    institution: str
    name: str
    ticket_no: str
    by_candidate: bool
    asked_ms: int
    reason: str
    state: str
    done_ms: int
    outcome: ReviewOutcomeOut | None


class ScoreReviewsOut(Wire, kw_only=True):
    reviews: list[ScoreReviewRow]


class SessionReviewOut(Wire, kw_only=True):
    checked: int
    equal: int
    differing: list[Uuid]
