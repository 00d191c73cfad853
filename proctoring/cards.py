"""Detector cards: what a measurement found, each figure with its number of pictures and its interval."""

from collections.abc import Sequence
from typing import Final

import msgspec

_Z: Final = 1.959964
"""Of the normal distribution, for intervals of 95 %."""


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the table: so many of so many were right."""

    what: str
    condition: str
    right: int
    n: int
    bar: float | None = None
    """What it has to reach."""

    @property
    def share(self) -> float:
        return self.right / self.n if self.n else 0.0

    @property
    def reached(self) -> bool:
        """Whether it is as good as it has to be; what has no bar always is."""
        return self.bar is None or self.share >= self.bar

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's, 95 %."""
        return wilson(self.right, self.n)


class Error(msgspec.Struct, frozen=True, kw_only=True):
    """An equal error rate: what is right about as often wrong either way."""

    rate: float
    low: float
    high: float
    same: int
    different: int
    bar: float

    @property
    def reached(self) -> bool:
        return self.rate <= self.bar


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """What one pipeline reached on one set."""

    pipeline: str
    versions: Sequence[str]
    set_name: str
    pictures: int
    date: str
    """Civil date, Asia/Shanghai."""
    rows: Sequence[Row]
    error: Error | None = None
    """Of comparing faces."""
    limits: Sequence[tuple[str, float]] = ()
    """Every threshold in use, by its name in the code."""


def wilson(right: int, n: int) -> tuple[float, float]:
    """The interval that holds the true share with 95 %."""
    if not n:
        return 0.0, 1.0
    share, z2 = right / n, _Z**2
    middle = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = _Z / (1 + z2 / n) * (share * (1 - share) / n + z2 / (4 * n * n)) ** 0.5
    return max(0.0, middle - half), min(1.0, middle + half)


def per_cent(share: float) -> str:
    """With one decimal, as the tables print it."""
    return f"{100 * share:.1f}"


def told(row: Row) -> str:
    """A row's figure with its interval."""
    low, high = row.interval
    return f"{per_cent(row.share)} ({per_cent(low)}-{per_cent(high)})"


def told_error(error: Error) -> str:
    """An error rate with its interval."""
    return f"{per_cent(error.rate)} ({per_cent(error.low)}-{per_cent(error.high)})"
