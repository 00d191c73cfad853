"""What one person will do, drawn before it begins: nothing here looks at a clock or at the service."""

import math
import random
from typing import Final

import msgspec

from loadtest.shapes import Shape

THINK_S: Final = 25.0
"""Median time for a single choice or a true/false item."""

THINK_MULTI_S: Final = 45.0
"""Median time for an item with several right options."""

THINK_SIGMA: Final = 0.6
"""Spread of the thinking time's logarithm."""

NO_SHOW: Final = 0.07
"""Share of those registered who stay away."""

REVISIT_SHARE: Final = 0.30
"""Share of people who go back to items …"""

REVISITS_OF: Final = (10, 75)
"""… to 10 of 75."""

LOSE_NETWORK: Final = 0.03
"""Share of people whose network goes for 5 to 90 s."""

GONE_S: Final = (5.0, 90.0)

RELOAD: Final = 0.01
"""Share of people who load the page anew."""

LEAVE: Final = 0.05
"""Share of people who leave the page for a moment, which the page tells."""

LEFT_S: Final = (3.0, 20.0)

ARRIVAL_MEAN: Final = 1 / 3
"""Mean of the exponential by which people arrive, as a share of the time until all are there: the first
second is then about three times as busy as the mean one."""


class Habits(msgspec.Struct, frozen=True, kw_only=True):
    """One person's. Seconds count as in `Shape`."""

    arrives_s: float
    start_share: float = 0.0
    """The share of the time over which the service spreads the starts after which this page starts."""
    hands_in_s: float
    revisits: bool
    listens: bool
    gone_s: tuple[float, float] | None
    """From when until when there is no network."""
    reloads_s: float | None
    left_s: tuple[float, float] | None
    photos: bool = False
    """Agreed to camera pictures."""


def draw_habits(chance: random.Random, shape: Shape) -> Habits:
    """Draw one person who comes."""
    drawn = chance.random()
    arrives = drawn * shape.arrive_s if shape.opens_s else arrival_s(drawn, shape.arrive_s)
    begins = shape.hand_in_begins_s
    if chance.random() < shape.hand_in_share:
        hands_in = begins + chance.random() * shape.hand_in_s
    else:
        hands_in = begins + shape.hand_in_s + chance.random() * shape.tail_s
    return Habits(
        arrives_s=arrives,
        start_share=chance.random(),
        hands_in_s=hands_in,
        revisits=chance.random() < REVISIT_SHARE,
        listens=chance.random() < shape.listen_share,
        gone_s=_window(chance, LOSE_NETWORK, GONE_S, shape),
        reloads_s=_instant(chance, shape) if chance.random() < RELOAD else None,
        left_s=_window(chance, LEAVE, LEFT_S, shape),
        photos=chance.random() < shape.photo_share,
    )


def arrival_s(drawn: float, within_s: float) -> float:
    """The truncated exponential's quantile: 0 for 0, just below `within_s` for just below 1."""
    cut = 1 - math.exp(-1 / ARRIVAL_MEAN)
    return -within_s * ARRIVAL_MEAN * math.log(1 - drawn * cut)


def think_s(chance: random.Random, *, multi: bool, pace: float) -> float:
    """How long this item takes."""
    return (THINK_MULTI_S if multi else THINK_S) * math.exp(chance.gauss(0, THINK_SIGMA)) / pace


def goes_back(chance: random.Random, habits: Habits) -> bool:
    """Whether the next answer is to an item that was answered before."""
    some, of = REVISITS_OF
    return habits.revisits and chance.random() < some / of


def registered(candidates: int) -> int:
    """How many are registered when so many come."""
    return round(candidates / (1 - NO_SHOW))


def _window(
    chance: random.Random, share: float, length_s: tuple[float, float], shape: Shape
) -> tuple[float, float] | None:
    if chance.random() >= share:
        return None
    begins = _instant(chance, shape)
    return begins, begins + chance.uniform(*length_s) / shape.pace


def _instant(chance: random.Random, shape: Shape) -> float:
    """Some instant of the steady time."""
    return shape.in_s + chance.random() * shape.steady_s
