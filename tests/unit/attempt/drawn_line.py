"""Time rules drawn as a line: what holds between which instants, probed near and far from both ends."""

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import TypeVar

T = TypeVar("T")

_STEPS = (0, 1, 999, 1_000, 60_000, 3_600_000, 86_400_000)
"""Distances in ms from an interval's first and last instant at which it is probed."""


def _probes(first: int, end: int) -> Iterator[int]:
    for step in _STEPS:
        yield from (at for at in (first + step, end - 1 - step) if first <= at < end)


def draw(rule: Callable[[int], T], line: Sequence[int | T]) -> None:
    """`line` is: instant, what holds from it on, next instant, … last instant (which is not included)."""
    instants, values = line[::2], line[1::2]
    for (first, end), expected in zip(pairwise(instants), values, strict=True):
        assert first < end, "the line is not drawn from left to right"
        for at in _probes(first, end):
            assert rule(at) == expected, f"at {at} in [{first}, {end})"
