"""试考: five items to try the screen with, marked on request, kept nowhere."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from exam_api.record import SessionFacts, SessionState
from exam_api.usecases.shelf import PaperSource
from question_pools.blueprint import Blueprint, Section
from question_pools.draw import Paper, Slot, paper_digest
from question_pools.items import Item, Kind, Pool, version_of
from question_pools.publish import publish
from question_pools.soundness import freeze

ITEMS = 5
"""Items of the practice paper."""

POINTS_CENTI = 2000
"""Points of each, so that all right is 100."""

_NOBODY = UUID(int=0)


class Marked(msgspec.Struct, frozen=True, kw_only=True):
    right: Sequence[bool]
    score_centi: int
    full_centi: int


class Practice:
    """The practice paper; its items are in no exam's pool, so showing which were right tells nothing."""

    def __init__(self, pool: Pool) -> None:
        version = freeze(pool, 1)
        items = _chosen(version.items)
        kinds = dict.fromkeys(item.kind for item in items)
        sections = tuple(
            Section("试考", kind, sum(item.kind is kind for item in items), POINTS_CENTI, "all_or_nothing")
            for kind in kinds
        )
        place = {kind: number for number, kind in enumerate(kinds)}
        ordered = sorted(items, key=lambda item: place[item.kind])
        self._keys = [item.key for item in ordered]
        self.paper = Paper(
            version.digest,
            "",
            "",
            tuple(Slot(version_of(one), tuple(range(len(one.options))), place[one.kind]) for one in ordered),
        )
        self.digest = paper_digest(self.paper)
        self.source = PaperSource(
            facts=_FACTS, public=publish(version)[0], blueprint=Blueprint("practice", "试考", sections)
        )

    def mark(self, answers: Sequence[int]) -> Marked:
        """Which were right; what is missing is wrong."""
        given = [*answers, *([0] * len(self._keys))]
        right = [answer == key for answer, key in zip(given, self._keys, strict=False)]
        return Marked(
            right=right, score_centi=sum(right) * POINTS_CENTI, full_centi=len(right) * POINTS_CENTI
        )


def _chosen(items: Sequence[Item]) -> list[Item]:
    """The first items, but of every kind at least one."""
    firsts = [next(item for item in items if item.kind is kind) for kind in Kind if _has(items, kind)]
    rest = [item for item in items if item not in firsts and item.set_id is None]
    return (firsts + rest)[:ITEMS]


def _has(items: Sequence[Item], kind: Kind) -> bool:
    return any(item.kind is kind for item in items)


_FACTS = SessionFacts(
    id=_NOBODY,
    institution_id=_NOBODY,
    institution="",
    title="试考",
    channel="phone",
    profile="practice",
    profile_confirmed=True,
    pool_digest="",
    blueprint_digest="",
    opens_ms=0,
    entry_ms=0,
    latest_entry_ms=0,
    closes_ms=0,
    length_ms=0,
    earliest_hand_in_ms=0,
    navigation="free",
    takeover="own",
    late_hold=False,
    pass_centi=0,
    full_centi=0,
    state=SessionState.OPEN,
)
