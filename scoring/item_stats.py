"""Classical statistics of the items of one exam, for authors and never for a mark (docs/marking.md §7).

Sums are whole numbers and exact; a float appears only in the last division or root. Every figure of an item
is taken over those who saw it, so complete papers and drawn ones go the same way.
"""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from statistics import median
from typing import Final

import msgspec

from scoring.errors import StatisticsNotSound
from scoring.reliability import ItemMarks, Reliability, alpha_without, reliability
from scoring.sums import sums

FEW: Final = 50
"""Fewer who saw an item than this, and its figures are shown but nothing is concluded from them."""

EASY: Final = 0.95
"""A mean score above this tells nobody apart."""

HARD: Final = 0.20
"""A mean score below this is near what guessing brings."""

WEAK: Final = 0.15
"""A corrected point-biserial below this hardly tells the able from the others."""

IDLE: Final = 0.05
"""A wrong option chosen by a smaller share than this does not do its work."""

TAIL_PERCENT: Final = 27
"""The share of the best and of the last whose difference is D27 (Kelley)."""


class Flag(StrEnum):
    """What an author should look at. Stored values: never renamed, never translated."""

    FEW = "few"
    EASY = "easy"
    HARD = "hard"
    WEAK = "weak"
    SUSPECT_KEY = "suspect_key"
    IDLE_OPTION = "idle_option"


class ItemFacts(msgspec.Struct, frozen=True):
    """What the statistics need to know of an item version. It holds the key: for authors only."""

    version: str
    key: int
    options: int
    worth_centi: int


class Sat(msgspec.Struct, frozen=True):
    """One candidate's finished paper, slot by slot."""

    versions: tuple[str, ...]
    picked: tuple[int, ...]
    marks: tuple[int, ...]
    took_ms: tuple[int | None, ...] = ()
    """Time spent on each slot, None where it is not known; empty where no time is known at all."""


class OptionStatistics(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the distractor table."""

    option: int
    """Canonical place of the option."""
    right: bool
    count: int
    share: float
    mean_total_centi: float | None
    """Mean total of those who chose it; None where nobody did."""
    point_biserial: float | None
    idle: bool
    """A wrong option that too few chose."""


class ItemStatistics(msgspec.Struct, frozen=True, kw_only=True):
    """The figures of one item; None stands for "not defined", e.g. where all have the same score."""

    version: str
    seen: int
    blank: int
    p: float
    point_biserial: float | None
    corrected: float | None
    """Point-biserial against the rest of the paper, without the item itself."""
    d27: float | None
    alpha_without: float | None
    """α of the exam without this item; only where all sat the same items."""
    median_ms: float | None
    options: tuple[OptionStatistics, ...]
    flags: tuple[Flag, ...]


class ExamStatistics(msgspec.Struct, frozen=True, kw_only=True):
    """The figures of an exam, its items in the order given; items that nobody saw are left out."""

    candidates: int
    complete: bool
    """All sat the same items, in whatever order."""
    reliability: Reliability | None
    items: tuple[ItemStatistics, ...]

    @property
    def suspect_keys(self) -> tuple[ItemStatistics, ...]:
        """Items whose key should be looked at first: the able miss them more often than the others."""
        return tuple(item for item in self.items if Flag.SUSPECT_KEY in item.flags)


class _Seen(msgspec.Struct):
    """Those who saw an item, from the highest total to the lowest; equal totals in the record's order."""

    marks: list[int]
    totals: list[int]
    picked: list[int]
    times: list[int]


def statistics(items: Iterable[ItemFacts], sat: Sequence[Sat]) -> ExamStatistics:
    """Work out the figures of every item that somebody saw.

    Raises StatisticsNotSound: a paper names an item that is not given, or holds one twice, or its parts are
    not equally long, or an item is worth nothing.
    Source: docs/marking.md §7.
    """
    facts = {item.version: item for item in items}
    seen = _by_item(facts, sat)
    known = [item for item in facts.values() if item.version in seen]
    complete = all(len(held.marks) == len(sat) for held in seen.values())
    pairs = [sums(seen[item.version].marks, seen[item.version].totals) for item in known]
    without = alpha_without(pairs) if complete else [None] * len(known)
    return ExamStatistics(
        candidates=len(sat),
        complete=complete,
        reliability=_reliability(facts, seen, sat),
        items=tuple(_item(item, seen[item.version], one) for item, one in zip(known, without, strict=True)),
    )


def _by_item(facts: Mapping[str, ItemFacts], sat: Sequence[Sat]) -> dict[str, _Seen]:
    seen: dict[str, _Seen] = {}
    for one in sorted(sat, key=lambda paper: -sum(paper.marks)):
        _check(facts, one)
        total = sum(one.marks)
        times = one.took_ms or (None,) * len(one.versions)
        for version, picked, mark, took_ms in zip(one.versions, one.picked, one.marks, times, strict=True):
            held = seen.setdefault(version, _Seen([], [], [], []))
            held.marks.append(mark)
            held.totals.append(total)
            held.picked.append(picked)
            if took_ms is not None:
                held.times.append(took_ms)
    return seen


def _check(facts: Mapping[str, ItemFacts], one: Sat) -> None:
    slots = len(one.versions)
    if len(one.picked) != slots or len(one.marks) != slots or len(one.took_ms) not in {0, slots}:
        raise StatisticsNotSound("the answers, marks or times of a paper are not as many as its slots")
    if len(set(one.versions)) != slots:
        raise StatisticsNotSound("a paper holds an item twice")
    for version in one.versions:
        if version not in facts:
            raise StatisticsNotSound(f"no facts of item version {version!r}")
        if facts[version].worth_centi <= 0:
            raise StatisticsNotSound(f"item version {version!r} is worth nothing")


def _reliability(
    facts: Mapping[str, ItemFacts], seen: Mapping[str, _Seen], sat: Sequence[Sat]
) -> Reliability | None:
    lengths = {len(one.versions) for one in sat}
    if len(lengths) != 1:
        return None
    worths = {version: item.worth_centi for version, item in facts.items()}
    return reliability(
        [ItemMarks(held.marks, worths[version]) for version, held in seen.items()],
        totals=[sum(one.marks) for one in sat],
        rights=[
            sum(mark == worths[version] for version, mark in zip(one.versions, one.marks, strict=True))
            for one in sat
        ],
        length=lengths.pop(),
    )


def _item(facts: ItemFacts, held: _Seen, without: float | None) -> ItemStatistics:
    pair = sums(held.marks, held.totals)
    p = pair.x / (pair.n * facts.worth_centi)
    d27 = _d27(held.marks, facts.worth_centi)
    options = tuple(_option(place, facts, held) for place in range(facts.options))
    return ItemStatistics(
        version=facts.version,
        seen=pair.n,
        blank=held.picked.count(0),
        p=p,
        point_biserial=pair.correlation,
        corrected=pair.rest_correlation,
        d27=d27,
        alpha_without=without,
        median_ms=median(held.times) if held.times else None,
        options=options,
        flags=_flags(pair.n, p, (pair.rest_correlation, d27), options),
    )


def _d27(marks: Sequence[int], worth_centi: int) -> float | None:
    """Compare the first 27 % with the last; among equal totals the record's order decides on both sides."""
    tail = len(marks) * TAIL_PERCENT // 100
    if not tail:
        return None
    return (sum(marks[:tail]) - sum(marks[-tail:])) / (tail * worth_centi)


def _option(place: int, facts: ItemFacts, held: _Seen) -> OptionStatistics:
    chosen = [picked >> place & 1 for picked in held.picked]
    pair = sums(chosen, held.totals)
    right = bool(facts.key >> place & 1)
    share = pair.x / pair.n
    return OptionStatistics(
        option=place,
        right=right,
        count=pair.x,
        share=share,
        mean_total_centi=pair.xt / pair.x if pair.x else None,
        point_biserial=pair.correlation,
        idle=not right and share < IDLE,
    )


def _flags(
    seen: int,
    p: float,
    discrimination: tuple[float | None, float | None],
    options: Sequence[OptionStatistics],
) -> tuple[Flag, ...]:
    if seen < FEW:
        return (Flag.FEW,)
    corrected, d27 = discrimination
    holds = {
        Flag.EASY: p > EASY,
        Flag.HARD: p < HARD,
        Flag.WEAK: corrected is not None and corrected < WEAK,
        Flag.SUSPECT_KEY: any(one is not None and one < 0 for one in (corrected, d27)),
        Flag.IDLE_OPTION: any(option.idle for option in options),
    }
    return tuple(flag for flag, is_so in holds.items() if is_so)
