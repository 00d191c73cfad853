"""How far a total can be trusted: Cronbach's α, KR-20 and the standard error of measurement."""

import math
from collections.abc import Sequence
from typing import Final

import msgspec

from scoring.sums import Sums, sums

PAIR: Final = 2
"""A variance needs two values, and α two items."""


class Reliability(msgspec.Struct, frozen=True):
    """Figures of a whole exam; where papers were drawn they are estimates (docs/marking.md §7.4)."""

    alpha: float
    kr20: float | None
    """α of "exactly right or not": equal to α where no item gives a part of its points."""
    sem_centi: float
    """Standard error of measurement of a total, in 1/100 point."""


class ItemMarks(msgspec.Struct, frozen=True):
    """The marks of those who saw one item."""

    marks: Sequence[int]
    worth_centi: int


def reliability(
    items: Sequence[ItemMarks], *, totals: Sequence[int], rights: Sequence[int], length: int
) -> Reliability | None:
    """Work out the reliability; `rights` counts the exactly right answers of each candidate.

    None where it is not defined: fewer than two items on a paper or two candidates, an item that only one
    person saw, or totals that are all the same.
    """
    if length < PAIR or len(totals) < PAIR or any(len(item.marks) < PAIR for item in items):
        return None
    spread = _variance(totals)
    alpha = _alpha([item.marks for item in items], totals, length)
    if alpha is None:
        return None
    right_or_not = [[int(mark == item.worth_centi) for mark in item.marks] for item in items]
    return Reliability(
        alpha=alpha,
        kr20=_alpha(right_or_not, rights, length),
        sem_centi=math.sqrt(spread * max(0.0, 1 - alpha)),
    )


def alpha_without(pairs: Sequence[Sums]) -> list[float | None]:
    """α of the exam without each item in turn; every pair of sums is (mark, total) over all candidates.

    None where nothing is left to compare: fewer than three items, or the rest is the same for all.
    """
    left = len(pairs) - 1
    whole = sum(pair.x_spread for pair in pairs)
    return [
        left / (left - 1) * (1 - (whole - pair.x_spread) / pair.rest_spread)
        if left >= PAIR and pair.rest_spread
        else None
        for pair in pairs
    ]


def _alpha(columns: Sequence[Sequence[int]], totals: Sequence[int], length: int) -> float | None:
    """Weigh each item's variance by how many saw it: for complete papers that is Cronbach's formula."""
    spread = _variance(totals)
    if not spread:
        return None
    within = math.fsum(len(column) * _variance(column) for column in columns) / len(totals)
    return length / (length - 1) * (1 - within / spread)


def _variance(values: Sequence[int]) -> float:
    n = len(values)
    return sums(values, values).x_spread / (n * (n - 1))
