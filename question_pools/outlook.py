"""What papers of a blueprint will be like before one is drawn: shares of the items, difficulty, likeness."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import combinations
from math import sqrt
from statistics import pvariance
from typing import Final

import msgspec

from question_pools.blueprint import Blueprint, demands, set_plan
from question_pools.cells import Cells, EvenCells
from question_pools.chance import Chance
from question_pools.items import HARDEST, PoolVersion

TRIALS: Final = 400
"""Draws that stand in where the spread (or, for cells that cross, the shares) has no exact form."""


class Outlook(msgspec.Struct, frozen=True, kw_only=True):
    """Expectations over all papers of one blueprint and pool version."""

    shares: Mapping[int, float]
    """Index of an item → chance that it stands on a paper; items that never do are absent."""
    mean: float
    """Expected difficulty of a paper: the mean over its items, 1 to 5."""
    spread: float
    """Standard deviation of that difficulty from paper to paper."""
    levels: tuple[float, ...]
    """Expected items of a paper by difficulty, from 1 to 5."""
    common: float
    """Expected items that two people's papers have in common."""
    highest: float
    """The highest share of an item."""
    exact: bool
    """Whether all figures are exact; else shares or spread come from TRIALS draws."""


class _Singles(msgspec.Struct, frozen=True):
    """What is known of the items outside sets."""

    shares: Mapping[int, float]
    variance: float
    """Of the sum of the difficulties of a paper's items."""
    exact: bool


def outlook(version: PoolVersion, blueprint: Blueprint) -> Outlook:
    """Of a blueprint that the pool can fill."""
    wanted = demands(blueprint)
    difficulty = [item.difficulty for item in version.items]
    singles = _singles(version, blueprint, difficulty)
    place = {item.id: index for index, item in enumerate(version.items)}
    children = [[place[child] for child in one.items] for one in version.sets]
    plan = set_plan(version, wanted)
    _, of_sets = plan.moments([sum(difficulty[child] for child in held) for held in children])
    shares = dict(singles.shares)
    for at, share in plan.shares().items():
        shares |= dict.fromkeys(children[at], float(share))
    items = sum(section.count for section in blueprint.sections)
    levels = [0.0] * HARDEST
    for index, share in shares.items():
        levels[difficulty[index] - 1] += share
    return Outlook(
        shares=shares,
        mean=sum(level * share for level, share in enumerate(levels, 1)) / items,
        spread=sqrt(max(singles.variance + float(of_sets), 0.0)) / items,
        levels=tuple(levels),
        common=sum(share * share for share in shares.values()),
        highest=max(shares.values(), default=0.0),
        exact=singles.exact,
    )


def _singles(version: PoolVersion, blueprint: Blueprint, difficulty: Sequence[int]) -> _Singles:
    if blueprint.share_percent is not None:
        return _of_even(EvenCells(version.items, blueprint), difficulty)
    cells = Cells(version.items, blueprint)
    if cells.nested:
        return _of_nested(cells, difficulty)
    drawn = _drawn(cells)
    counts: dict[int, int] = {}
    for paper in drawn:
        for index in paper:
            counts[index] = counts.get(index, 0) + 1
    shares = {index: count / TRIALS for index, count in counts.items()}
    return _Singles(shares, _variance(drawn, difficulty), exact=False)


def _drawn(cells: Cells | EvenCells) -> list[list[int]]:
    """The same trial papers every time."""
    chances = (Chance(b"kaowu outlook 1\n" + number.to_bytes(4, "big")) for number in range(TRIALS))
    return [[index for _, got in cells.draw(chance) for index in got] for chance in chances]


def _variance(drawn: Sequence[Sequence[int]], difficulty: Sequence[int]) -> float:
    return pvariance([sum(difficulty[index] for index in paper) for paper in drawn])


def _of_even(cells: EvenCells, difficulty: Sequence[int]) -> _Singles:
    shares: dict[int, float] = {}
    variance, exact = Fraction(), True
    for block in cells.blocks:
        held = [index for mask in block.groups for index in cells.atoms[mask]]
        shares |= dict.fromkeys(held, float(block.share))
        exact = exact and len(block.cells) == 1
        variance += _without_replacement([difficulty[index] for index in held], block.asked)
    return _Singles(shares, float(variance) if exact else _variance(_drawn(cells), difficulty), exact=exact)


def _without_replacement(values: Sequence[int], picks: int) -> Fraction:
    """Variance of the sum of `picks` of the values, each choice equally likely."""
    size = len(values)
    if size <= 1 or picks == size:
        return Fraction()
    first, second = sum(values), sum(value * value for value in values)
    of_one = Fraction(second, size) - Fraction(first, size) ** 2
    return of_one * picks * (size - picks) / (size - 1)


def _of_nested(cells: Cells, difficulty: Sequence[int]) -> _Singles:
    """Cells apart or within each other: how many a cell still finds is certain, so all is exact."""
    steps = _steps(cells)
    chance_of = {mask: _alone(mask, steps) for mask in cells.atoms}
    shares = {index: chance_of[mask] for mask, held in cells.atoms.items() for index in held}
    sums = {mask: sum(difficulty[index] for index in held) for mask, held in cells.atoms.items()}
    squares = {mask: sum(difficulty[index] ** 2 for index in held) for mask, held in cells.atoms.items()}
    mean = sum(chance_of[mask] * sums[mask] for mask in sums)
    second = sum(chance_of[mask] * squares[mask] for mask in squares)
    for mask, held in cells.atoms.items():
        if len(held) > 1:
            second += _together(mask, mask, steps) * (sums[mask] ** 2 - squares[mask])
    for one, other in combinations(cells.atoms, 2):
        second += 2 * _together(one, other, steps) * sums[one] * sums[other]
    return _Singles(shares, second - mean * mean, exact=True)


def _steps(cells: Cells) -> list[tuple[int, int, int]]:
    """Each cell in the order of the draw: its bit, how many it takes, how many it finds."""
    steps: list[tuple[int, int, int]] = []
    done: list[int] = []
    for d in cells.order:
        own = set(cells.served[d])
        taken = sum(cells.counts[before] for before in done if own.issuperset(cells.served[before]))
        steps.append((1 << d, cells.counts[d], sum(len(cells.atoms[mask]) for mask in own) - taken))
        done.append(d)
    return steps


def _alone(mask: int, steps: Sequence[tuple[int, int, int]]) -> float:
    stays = 1.0
    for bit, takes, finds in steps:
        if mask & bit:
            stays *= 1 - takes / finds
    return 1 - stays


def _together(one: int, other: int, steps: Sequence[tuple[int, int, int]]) -> float:
    """Chance that two items, of these groups, both stand on a paper."""
    neither, first, second = 1.0, 0.0, 0.0  # what became of the two so far; both is the rest
    for bit, takes, finds in steps:
        share = takes / finds if (one | other) & bit else 0.0
        if one & bit and other & bit:
            leaves = finds - takes
            pairs = finds * (finds - 1) or 1
            split = neither * takes * leaves / pairs
            first, second = first * (1 - share) + split, second * (1 - share) + split
            neither *= leaves * (leaves - 1) / pairs
        elif one & bit:
            first, second, neither = first + neither * share, second * (1 - share), neither * (1 - share)
        elif other & bit:
            second, first, neither = second + neither * share, first * (1 - share), neither * (1 - share)
    return 1 - neither - first - second
