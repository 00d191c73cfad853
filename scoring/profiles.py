"""The built-in exam profiles: how an exam of each kind is laid out, timed and passed."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

import msgspec

from question_pools.blueprint import Blueprint, Cell, Section
from question_pools.items import Kind
from scoring.paper import MarkPart

MINUTE_MS: Final = 60_000
"""One minute in ms."""


class Channel(StrEnum):
    """Where an exam is taken. Stored values: never renamed, never translated."""

    PHONE = "phone"
    DESK = "desk"
    REMOTE = "remote"


class Navigation(StrEnum):
    """Whether an answered item may be opened again. Stored values: never renamed, never translated."""

    FREE = "free"
    FORWARD = "forward"


class LateOffline(StrEnum):
    """What becomes of answers after the deadline. Stored values: never renamed, never translated."""

    HOLD = "hold"
    REFUSE = "refuse"


class Takeover(StrEnum):
    """Who may let a second device go on. Stored values: never renamed, never translated."""

    STAFF = "staff"
    OWN = "own"
    OFF = "off"


class ProfileSection(msgspec.Struct, frozen=True, kw_only=True):
    """A section of a profile; `kind` None stands for item sets, whose children are counted."""

    title: str
    kind: Kind | None
    count: int
    points_centi: int
    policy: str = "all_or_nothing"
    part: str = ""
    cells: tuple[tuple[str, int], ...] = ()
    """Outline prefix and how many items of the section come from it; empty where none is prescribed."""


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """An exam's structure, pass mark and clock; every field may be overridden by the exam that uses it."""

    id: str
    title_zh: str
    title_en: str
    channel: Channel
    sections: tuple[ProfileSection, ...]
    pass_centi: int
    parts: tuple[MarkPart, ...] = ()
    length_ms: int
    navigation: Navigation = Navigation.FREE
    earliest_hand_in_ms: int
    """From the candidate's own start."""
    latest_entry_ms: int
    """From the session's start."""
    entry_opens_ms: int = 30 * MINUTE_MS
    """How long before the session's start one may enter (rule R13)."""
    late_offline: LateOffline = LateOffline.HOLD
    takeover: Takeover = Takeover.STAFF
    retakes: int
    """Further attempts within one enrolment after the first."""
    confirmed: bool
    """False: a proposed default that no rule of the province backs yet; shown as such where it is chosen."""
    source: str

    @property
    def full_centi(self) -> int:
        """All points of all sections."""
        return sum(section.count * section.points_centi for section in self.sections)

    @property
    def status_zh(self) -> str:
        """The label beside the title in the console."""
        return "已确认" if self.confirmed else "未确认默认值"

    @property
    def status_en(self) -> str:
        """The label beside the title in the console."""
        return "confirmed" if self.confirmed else "unconfirmed default"


def profile_blueprint(profile: Profile) -> Blueprint:
    """Turn a profile's structure into a blueprint that any pool with enough items can fill."""
    return Blueprint(
        id=profile.id,
        title=profile.title_zh,
        sections=tuple(_section(section) for section in profile.sections),
    )


def _section(section: ProfileSection) -> Section:
    return Section(
        title=section.title,
        kind=section.kind,
        count=section.count,
        points_centi=section.points_centi,
        policy=section.policy,
        shuffle_items=True,
        shuffle_options=section.kind is not Kind.JUDGE,
        part=section.part,
        cells=tuple(Cell(outline=outline, count=count) for outline, count in section.cells),
    )


_ABC_DEFAULT: Final = Profile(
    id="qh-abc-default",
    title_zh="安管人员（A/B/C）机考",
    title_en="Safety management personnel (A/B/C), exam room",
    channel=Channel.DESK,
    sections=(
        ProfileSection(title="单项选择题", kind=Kind.SINGLE, count=40, points_centi=100),
        ProfileSection(
            title="多项选择题", kind=Kind.MULTI, count=20, points_centi=200, policy="partial_per_option:50"
        ),
        ProfileSection(title="判断题", kind=Kind.JUDGE, count=40, points_centi=50),
    ),
    pass_centi=6000,
    length_ms=90 * MINUTE_MS,
    earliest_hand_in_ms=30 * MINUTE_MS,
    latest_entry_ms=30 * MINUTE_MS,
    retakes=1,
    confirmed=False,
    source="Proposed for Qinghai after the structure of Shanghai; one make-up within the plan.",
)

_SPECIAL_THEORY: Final = Profile(
    id="qh-special-theory",
    title_zh="特种作业人员理论机考",
    title_en="Special-operation workers, theory, exam room",
    channel=Channel.DESK,
    sections=(
        ProfileSection(
            title="单项选择题",
            kind=Kind.SINGLE,
            count=50,
            points_centi=100,
            cells=(("1", 12), ("2", 13), ("3", 25)),
        ),
        ProfileSection(
            title="多项选择题",
            kind=Kind.MULTI,
            count=10,
            points_centi=200,
            cells=(("1", 3), ("2", 2), ("3", 5)),
        ),
        ProfileSection(
            title="判断题", kind=Kind.JUDGE, count=30, points_centi=100, cells=(("1", 7), ("2", 8), ("3", 15))
        ),
    ),
    pass_centi=6000,
    length_ms=120 * MINUTE_MS,
    earliest_hand_in_ms=30 * MINUTE_MS,
    latest_entry_ms=30 * MINUTE_MS,
    retakes=1,
    confirmed=False,
    source=(
        "Length, pass mark and the 25/25/50 points for outline 1 safety basics, 2 professional basics and "
        "3 professional theory are the national ones; the counts by kind are proposed for Qinghai."
    ),
)

_INSPECT: Final = Profile(
    id="qh-inspect",
    title_zh="质量检测人员机考",
    title_en="Quality-inspection staff, exam room",
    channel=Channel.DESK,
    sections=(
        ProfileSection(title="单项选择题", kind=Kind.SINGLE, count=40, points_centi=100),
        ProfileSection(title="多项选择题", kind=Kind.MULTI, count=20, points_centi=200),
        ProfileSection(title="判断题", kind=Kind.JUDGE, count=20, points_centi=100),
    ),
    pass_centi=6000,
    length_ms=90 * MINUTE_MS,
    earliest_hand_in_ms=30 * MINUTE_MS,
    latest_entry_ms=30 * MINUTE_MS,
    retakes=1,
    confirmed=False,
    source="Proposed for Qinghai; no official structure was found.",
)

_WORKER_PHONE: Final = Profile(
    id="qh-worker-phone",
    title_zh="技术工人手机考试",
    title_en="Technical workers, on the phone",
    channel=Channel.PHONE,
    sections=(
        ProfileSection(title="判断题", kind=Kind.JUDGE, count=25, points_centi=200),
        ProfileSection(title="单项选择题", kind=Kind.SINGLE, count=25, points_centi=200),
    ),
    pass_centi=6000,
    length_ms=45 * MINUTE_MS,
    earliest_hand_in_ms=5 * MINUTE_MS,
    latest_entry_ms=15 * MINUTE_MS,
    retakes=1,
    confirmed=False,
    source="Proposed for Qinghai, two attempts per enrolment; no official structure was found.",
)

_BEIJING_REMOTE: Final = Profile(
    id="bj-remote",
    title_zh="北京安管人员网络远程考试",
    title_en="Beijing A/B/C, remote",
    channel=Channel.REMOTE,
    sections=(
        ProfileSection(title="单项选择题", kind=Kind.SINGLE, count=50, points_centi=100),
        ProfileSection(title="多项选择题", kind=Kind.MULTI, count=10, points_centi=200),
        ProfileSection(title="判断题", kind=Kind.JUDGE, count=60, points_centi=50),
    ),
    pass_centi=6000,
    length_ms=90 * MINUTE_MS,
    navigation=Navigation.FORWARD,
    earliest_hand_in_ms=30 * MINUTE_MS,
    latest_entry_ms=5 * MINUTE_MS,
    retakes=0,
    confirmed=True,
    source="Beijing's ticket and remote-exam rules; they name no multi-select rule, all-or-nothing is taken.",
)

_SHAANXI_TWO_PART: Final = Profile(
    id="shaanxi-two-part",
    title_zh="陕西安管人员知识与能力两部分考试",
    title_en="Shaanxi A/B/C, knowledge and ability",
    channel=Channel.DESK,
    sections=(
        ProfileSection(title="知识·单项选择题", kind=Kind.SINGLE, count=30, points_centi=100, part="知识"),
        ProfileSection(title="知识·多项选择题", kind=Kind.MULTI, count=10, points_centi=400, part="知识"),
        ProfileSection(title="知识·判断题", kind=Kind.JUDGE, count=18, points_centi=100, part="知识"),
        ProfileSection(title="知识·案例题", kind=None, count=12, points_centi=100, part="知识"),
        ProfileSection(title="能力·单项选择题", kind=Kind.SINGLE, count=10, points_centi=200, part="能力"),
        ProfileSection(title="能力·多项选择题", kind=Kind.MULTI, count=6, points_centi=300, part="能力"),
        ProfileSection(title="能力·判断题", kind=Kind.JUDGE, count=12, points_centi=100, part="能力"),
    ),
    pass_centi=9000,
    parts=(MarkPart("知识", 6000), MarkPart("能力", 3000)),
    length_ms=90 * MINUTE_MS,
    earliest_hand_in_ms=30 * MINUTE_MS,
    latest_entry_ms=30 * MINUTE_MS,
    retakes=0,
    confirmed=True,
    source=(
        "A compilation of Shaanxi's published structure, 90 minutes for both parts; it names no multi-select "
        "rule (all-or-nothing is taken), no entry or hand-in times (those of rooms are taken) and not what "
        "the 12 further items are (item-set children are taken)."
    ),
)

PROFILES: Final[Mapping[str, Profile]] = {
    profile.id: profile
    for profile in (
        _ABC_DEFAULT,
        _SPECIAL_THEORY,
        _INSPECT,
        _WORKER_PHONE,
        _BEIJING_REMOTE,
        _SHAANXI_TWO_PART,
    )
}
"""The built-in profiles by id; the ids are stored with exams and never renamed."""
