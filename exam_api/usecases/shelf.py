"""What a worker keeps in memory of the sessions it serves: papers' sources, and apart from them the keys."""

from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Awaitable, Sequence
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import Final, TypeVar
from uuid import UUID

import msgspec

from exam_api.attempt.deadline import Navigation
from exam_api.attempt.errors import AttemptNotFound
from exam_api.errors import LiveAway
from exam_api.ports import Armory, Live, Plans, Sealer
from exam_api.record import PlannedSession, SessionFacts
from question_pools.blueprint import Blueprint
from question_pools.draw import Paper
from question_pools.items import Kind
from question_pools.publish import KeyBook, PublicPool, publish
from scoring.choice import ALL_OR_NOTHING, Policy, parse_policy
from scoring.paper import MarkPart, MarkPlan, MarkSection, MarkSlot, PaperScore, SectionScore, score, summed
from scoring.profiles import PROFILES
from scoring.remembered import ItemMarks, mark_section

T = TypeVar("T")

SESSIONS_KEPT: Final = 64
"""Sessions a worker keeps: a source of 2,000 items is about 2 MB."""

LAYOUTS_KEPT: Final = 30_000
"""Attempts whose layout a worker keeps (about 2 KB each): a provincial peak."""


class PaperSource(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """All that papers of a session are shown from. Holds no key."""

    facts: SessionFacts
    public: PublicPool
    blueprint: Blueprint

    def told_of(self, version: str) -> tuple[bytes, int, bool]:
        """What a layout says of an item: its version, how many options, whether one only may be chosen."""
        told = self._told.get(version)
        if told is None:
            item = self.public.items[version]
            told = (bytes.fromhex(version), len(item.options), item.kind is not Kind.MULTI)
            self._told[version] = told
        return told

    @cached_property
    def has_pictures(self) -> bool:
        """Whether any item or set of the session shows one: most show none."""
        shown = (*self.public.items.values(), *self.public.sets.values())
        options = (option for item in self.public.items.values() for option in item.options)
        return any(one.pictures for one in shown) or any(option.picture for option in options)

    @cached_property
    def _told(self) -> dict[str, tuple[bytes, int, bool]]:
        """By item version, as far as papers had them: the same for every paper."""
        return {}


class Marking(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """All that papers of a session are marked by. Never near anything that a candidate's route returns."""

    book: KeyBook
    blueprint: Blueprint
    pass_centi: int
    parts: tuple[MarkPart, ...]

    def plan(self, paper: Paper) -> MarkPlan:
        """The mark plan of one drawn paper."""
        made = self._slots
        return self._plan(
            [
                made[slot.section].get(slot.version) or self._slot(slot.section, slot.version)
                for slot in paper.slots
            ]
        )

    def plan_of(self, layout: "Layout") -> MarkPlan:
        """The same from what was looked up for checking the paper's ops."""
        made = self._slots
        return self._plan(
            [
                made[section].get(version) or self._slot(section, version)
                for section, version in zip(layout.sections, layout.versions, strict=True)
            ]
        )

    def score_of(self, layout: "Layout", picked: Sequence[int]) -> PaperScore:
        """Score the paper: the same as `score(plan_of(layout), picked)`, by what answers earned before.

        Raises PlanNotSound.
        """
        ends = _ends(layout.sections, len(self.blueprint.sections))
        if ends is None or len(picked) != len(layout.sections):
            return score(self.plan_of(layout), picked)
        sections: list[SectionScore] = []
        marks: list[int] = []
        begin = 0
        for section, made, end in zip(self.blueprint.sections, self._items, ends, strict=True):
            items = list(map(made.__getitem__, layout.versions[begin:end]))
            told = mark_section(section.title, items, picked[begin:end], worth_centi=section.points_centi)
            sections.append(told.score)
            marks += told.marks
            begin = end
        return summed(self._plan(()), tuple(sections), marks)

    def _plan(self, slots: Sequence[MarkSlot]) -> MarkPlan:
        return MarkPlan(
            slots=tuple(slots), sections=self._sections, pass_centi=self.pass_centi, parts=self.parts
        )

    @cached_property
    def _policies(self) -> tuple[Policy, ...]:
        return tuple(parse_policy(section.policy) for section in self.blueprint.sections)

    @cached_property
    def _sections(self) -> tuple[MarkSection, ...]:
        return tuple(MarkSection(section.title, section.part) for section in self.blueprint.sections)

    @cached_property
    def _slots(self) -> tuple[dict[str | bytes, MarkSlot], ...]:
        """By section and item version (hex or bytes), as far as papers had them: the same for every paper."""
        return tuple({} for _ in self.blueprint.sections)

    @cached_property
    def _items(self) -> tuple["_Items", ...]:
        """By section and item version, as far as papers had them: what answers earned before."""
        return tuple(_Items(self, number) for number in range(len(self.blueprint.sections)))

    def _slot(self, section: int, version: str | bytes) -> MarkSlot:
        name = version if isinstance(version, str) else version.hex()
        made = MarkSlot(
            key=self.book.keys[name],
            policy=_policy(self._policies[section], self.book.kinds[name]),
            worth_centi=self.blueprint.sections[section].points_centi,
            section=section,
        )
        self._slots[section][version] = made
        return made

    def marks_of(self, section: int, version: bytes) -> ItemMarks:
        """What each answer to an item earns in a section."""
        return ItemMarks(self._slots[section].get(version) or self._slot(section, version))


class _Items(dict[bytes, ItemMarks]):
    """Items of one section, each made when a paper has it for the first time."""

    __slots__ = ("_marking", "_section")

    def __init__(self, marking: Marking, section: int) -> None:
        super().__init__()
        self._marking = marking
        self._section = section

    def __missing__(self, version: bytes) -> ItemMarks:
        made = self[version] = self._marking.marks_of(self._section, version)
        return made


class Layout(msgspec.Struct, frozen=True, gc=False):
    """What checking an op needs of a paper, by slot: item version, section, options, whether one only."""

    session_id: UUID
    navigation: Navigation
    versions: tuple[bytes, ...]
    sections: tuple[int, ...]
    options: tuple[int, ...]
    one_only: tuple[bool, ...]


async def _if_there(asked: Awaitable[bytes | None]) -> bytes | None:
    """None where the node is away that holds it: attempts on the others are served all the same."""
    try:
        return await asked
    except LiveAway:
        return None


def source_of(planned: PlannedSession) -> PaperSource:
    public, _ = publish(planned.pool)
    return PaperSource(facts=planned.facts, public=public, blueprint=planned.blueprint)


def marking_of(planned: PlannedSession) -> Marking:
    _, book = publish(planned.pool)
    profile = PROFILES.get(planned.facts.profile)
    return Marking(
        book=book,
        blueprint=planned.blueprint,
        pass_centi=planned.facts.pass_centi,
        parts=() if profile is None else profile.parts,
    )


class Shelf:
    """Sources and keys by session, from the armory while it is armed and there, else from the database."""

    def __init__(self, *, armory: Armory, plans: Plans, live: Live, sealer: Sealer) -> None:
        self._armory = armory
        self._plans = plans
        self._live = live
        self._sealer = sealer
        self._sources: OrderedDict[UUID, PaperSource] = OrderedDict()
        self._markings: OrderedDict[UUID, Marking] = OrderedDict()
        self._layouts: OrderedDict[UUID, Layout] = OrderedDict()

    async def source(self, session_id: UUID) -> PaperSource:
        """Raises AttemptNotFound for a session that is not planned (its id in the attempt's place)."""
        held = self._sources.get(session_id)
        if held is None:
            packed = await _if_there(self._armory.source(session_id))
            if packed is not None:
                held = msgspec.msgpack.decode(packed, type=PaperSource)
            else:
                held = source_of(await self._planned(session_id))
            _keep(self._sources, session_id, held, SESSIONS_KEPT)
        return held

    async def marking(self, session_id: UUID) -> Marking:
        """Raises AttemptNotFound as `source` does."""
        held = self._markings.get(session_id)
        if held is None:
            sealed = await _if_there(self._armory.sealed_keys(session_id))
            if sealed is not None:
                held = open_marking(sealed, session_id, self._sealer)
            else:
                held = marking_of(await self._planned(session_id))
            _keep(self._markings, session_id, held, SESSIONS_KEPT)
        return held

    async def layout(self, attempt_id: UUID, session_id: UUID | None = None) -> Layout:
        """The layout of an attempt's paper; asked for once by each worker.

        Raises AttemptNotFound where no paper is armed.
        """
        held = self._layouts.get(attempt_id)
        if held is None:
            packed = await self._live.paper(attempt_id)
            if packed is None:
                raise AttemptNotFound(attempt_id)
            if session_id is None:
                live = await self._live.find(attempt_id)
                if live is None:
                    raise AttemptNotFound(attempt_id)
                session_id = live.armed.session_id
            source = await self.source(session_id)
            held = layout_of(msgspec.msgpack.decode(packed, type=Paper), source)
            _keep(self._layouts, attempt_id, held, LAYOUTS_KEPT)
        return held

    async def _planned(self, session_id: UUID) -> PlannedSession:
        planned = await self._plans.load(session_id)
        if planned is None:
            raise AttemptNotFound(session_id)
        return planned


def layout_of(paper: Paper, source: PaperSource) -> Layout:
    told = [source.told_of(slot.version) for slot in paper.slots]
    versions, options, one_only = zip(*told, strict=True) if told else ((), (), ())
    return Layout(
        session_id=source.facts.id,
        navigation=Navigation(source.facts.navigation),
        versions=versions,
        sections=tuple([slot.section for slot in paper.slots]),
        options=options,
        one_only=one_only,
    )


@lru_cache(maxsize=256)
def _ends(sections: tuple[int, ...], count: int) -> tuple[int, ...] | None:
    """Where each section of a paper ends, the same for all papers of a blueprint; None: out of order."""
    in_order = all(one <= other for one, other in pairwise(sections))
    if not in_order or not sections or sections[0] < 0 or sections[-1] >= count:
        return None
    return tuple(bisect_right(sections, number) for number in range(count))


def seal_marking(marking: Marking, session_id: UUID, sealer: Sealer) -> bytes:
    return sealer.seal(msgspec.msgpack.encode(marking), context=session_id.bytes)


def open_marking(sealed: bytes, session_id: UUID, sealer: Sealer) -> Marking:
    return msgspec.msgpack.decode(sealer.open(sealed, context=session_id.bytes), type=Marking)


def _policy(policy: Policy, kind: Kind) -> Policy:
    """Partial marks are for multiple response only (docs/marking.md §1)."""
    return policy if kind is Kind.MULTI else ALL_OR_NOTHING


def _keep(shelf: OrderedDict[UUID, T], key: UUID, value: T, most: int) -> None:
    shelf[key] = value
    while len(shelf) > most:
        shelf.popitem(last=False)
