"""Exact sums over pairs of whole numbers, and the variance and correlation that follow from them."""

import math
from collections.abc import Sequence

import msgspec


class Sums(msgspec.Struct, frozen=True):
    """What n pairs (x, t) leave behind; whole numbers, so nothing is lost before the last division."""

    n: int
    x: int
    t: int
    xx: int
    tt: int
    xt: int

    @property
    def x_spread(self) -> int:
        """n²·variance of x, exactly."""
        return self.n * self.xx - self.x * self.x

    @property
    def t_spread(self) -> int:
        """n²·variance of t, exactly."""
        return self.n * self.tt - self.t * self.t

    @property
    def shared(self) -> int:
        """n²·covariance of x and t, exactly."""
        return self.n * self.xt - self.x * self.t

    @property
    def rest_spread(self) -> int:
        """n²·variance of t − x, exactly."""
        return self.t_spread - 2 * self.shared + self.x_spread

    @property
    def correlation(self) -> float | None:
        """The correlation of x and t; None where one of them is the same for all."""
        return _correlation(self.shared, self.x_spread, self.t_spread)

    @property
    def rest_correlation(self) -> float | None:
        """The correlation of x and t − x; None where one of them is the same for all."""
        return _correlation(self.shared - self.x_spread, self.x_spread, self.rest_spread)


def sums(xs: Sequence[int], ts: Sequence[int]) -> Sums:
    """Add up pairs; both sequences are equally long."""
    return Sums(
        n=len(xs),
        x=sum(xs),
        t=sum(ts),
        xx=sum(x * x for x in xs),
        tt=sum(t * t for t in ts),
        xt=sum(x * t for x, t in zip(xs, ts, strict=True)),
    )


def _correlation(shared: int, one: int, other: int) -> float | None:
    if not one or not other:
        return None
    return shared / math.sqrt(one * other)
