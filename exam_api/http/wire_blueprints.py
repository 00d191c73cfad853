"""What is said of blueprints, previews of their papers, exposure, and profiles."""

from typing import Annotated

from msgspec import Meta, field

from exam_api.http.wire_attempt import Uuid, Wire
from exam_api.http.wire_staff import Says


class CellIn(Wire, kw_only=True):
    outline: Annotated[str, Meta(max_length=16)] = ""
    difficulty: Annotated[int, Meta(ge=1, le=5)] | None = None
    hardest: Annotated[int, Meta(ge=1, le=5)] | None = None
    """With `difficulty`: anything from it up to here."""
    count: Annotated[int, Meta(ge=1, le=500)]


class SectionIn(Wire, kw_only=True):
    title: Annotated[str, Meta(min_length=1, max_length=60)]
    kind: Annotated[str, Meta(pattern="^(single|multi|judge)$")] | None = None
    """None: item sets."""
    count: Annotated[int, Meta(ge=1, le=500)]
    points_centi: Annotated[int, Meta(ge=1, le=10_000)]
    policy: Annotated[str, Meta(max_length=40)] = "all_or_nothing"
    shuffle_items: bool = True
    shuffle_options: bool = True
    part: Annotated[str, Meta(max_length=40)] = ""
    cells: Annotated[list[CellIn], Meta(max_length=60)] = field(default_factory=list[CellIn])


class BlueprintIn(Wire, kw_only=True):
    title: Annotated[str, Meta(min_length=1, max_length=80)]
    sections: Annotated[list[SectionIn], Meta(min_length=1, max_length=20)]
    overlap_percent: Annotated[int, Meta(ge=0, le=100)] = 20
    """The most of a paper that its person may know from the paper before."""
    share_percent: Annotated[int, Meta(ge=1, le=100)] | None = None
    """The most of a session's papers that an item may be expected on; None: not bounded."""
    rest_papers: Annotated[int, Meta(ge=0, le=10_000_000)] | None = None
    """Items drawn for more papers in the last `restDays` rest where others can be had; None: none rest."""
    rest_days: Annotated[int, Meta(ge=1, le=3_650)] = 90


class RepairOut(Wire, kw_only=True):
    """One click: the values that stand afterwards."""

    what: str
    """`difficulty`, `outline`, `move`, `fewer`, `share`."""
    section: int
    cell: int | None
    """None: only the section's count changes."""
    count: int
    """Of the cell; 0: the cell goes."""
    outline: str
    difficulty: int | None
    hardest: int | None
    section_count: int
    other: int | None
    """Another cell of the section, that gets `otherCount`."""
    other_count: int
    share_percent: int | None
    """Of the blueprint."""
    there: int
    """Items of the pool that the cell (for `move` the other cell) can take."""


class CellOut(Wire, kw_only=True):
    """One cell beside the pool; `cell` None: what the section's cells leave open."""

    section: int
    cell: int | None
    wanted: int
    there: int
    share_permille: int | None
    """Mean chance of an item that fits to stand on a paper; None where no paper can be drawn."""


class OutlookOut(Wire, kw_only=True):
    """What papers will be like, over all papers."""

    mean_centi: int
    """Expected difficulty of a paper, 100 to 500."""
    spread_centi: int
    """Standard deviation of it from paper to paper."""
    levels_centi: list[int]
    """Expected items by difficulty 1 to 5, in 1/100 item."""
    common_centi: int
    """Expected items that two people's papers have in common, in 1/100 item."""
    highest_permille: int
    """The highest chance of an item to stand on a paper."""
    exact: bool
    """False: shares or spread come from 400 trial draws."""


class RepeatOut(Wire, kw_only=True):
    """What somebody meets who sits a second paper of this blueprint."""

    most: int
    least: int | None
    """As few known items as can be, where that is more than `most`."""


class InfeasibleOut(Wire, kw_only=True):
    section: int
    cell: int | None
    wanted: int
    available: int
    message: Says
    share_percent: int | None = None
    """Set where there are items enough, but not under this bound on their share."""
    repairs: list[RepairOut] = field(default_factory=list[RepairOut])
    """Up to three; each was tried and cures this place."""


class BlueprintCheckOut(Wire, kw_only=True):
    """Feasibility of a blueprint against a pool's newest published version."""

    feasible: bool
    infeasible: list[InfeasibleOut]
    warnings: list[Says]
    items: int
    total_centi: int
    cells: list[CellOut]
    outlook: OutlookOut | None
    repeat: RepeatOut | None


class BlueprintRow(Wire, kw_only=True):
    id: Uuid
    title: str
    digest: str
    items: int
    total_centi: int
    sections: list[SectionIn]
    overlap_percent: int
    share_percent: int | None
    rest_papers: int | None
    rest_days: int


class BlueprintsOut(Wire, kw_only=True):
    blueprints: list[BlueprintRow]


class ProfileOut(Wire, kw_only=True):
    id: str
    title: Says
    channel: str
    items: int
    full_centi: int
    pass_centi: int
    length_ms: int
    navigation: str
    earliest_hand_in_ms: int
    latest_entry_ms: int
    takeover: str
    late_offline: str
    confirmed: bool
    """False: shown as 未确认默认值."""
    sections: list[SectionIn]


class ProfilesOut(Wire, kw_only=True):
    profiles: list[ProfileOut]


# --- previews and exposure ----------------------------------------


class PreviewItemOut(Wire, kw_only=True):
    """An item as a candidate would see it, and what its author knows of it."""

    item_id: str
    version: str
    section: int
    kind: str
    stem: str
    options: list[str]
    """In the order shown."""
    key: str
    """Letters as shown; empty where keys were not asked for."""
    difficulty: int
    outline: str
    material: str
    """Stem of the item set; empty outside sets."""


class PreviewPaperOut(Wire, kw_only=True):
    seed: str
    mean_centi: int
    """Difficulty: the mean over the items, 100 to 500."""
    levels: list[int]
    """Items by difficulty 1 to 5."""
    common: list[int]
    """Items in common with each paper of the preview, itself included."""
    items: list[PreviewItemOut]


class PreviewOut(Wire, kw_only=True):
    """Three papers really drawn; no session stands behind them."""

    papers: list[PreviewPaperOut]
    outlook: OutlookOut


class ExposureRow(Wire, kw_only=True):
    item_id: str
    stem: str
    """Empty where the item is no longer in the pool."""
    kind: str
    outline: str
    difficulty: int
    drawn: int
    """Papers of all sessions."""
    lately: int
    """Papers of the days asked for."""
    sessions: int
    last_ms: int


class ExposureOut(Wire, kw_only=True):
    days: int
    items: list[ExposureRow]
    """The most drawn first."""
