"""What each part of an exam used: cores by process while it lasted, and CPU of one candidate."""

from collections.abc import Sequence
from typing import Final

from loadtest.curves import Point
from loadtest.report import Phase
from loadtest.shapes import Shape

DRIVERS: Final = "driver"
"""Their names begin so: candidates bring that CPU along."""


def phases_of(shape: Shape, points: Sequence[Point]) -> Sequence[Phase]:
    """Arriving, starting, answering, handing in."""
    begins = shape.hand_in_begins_s
    opens_s = shape.opens_s or shape.arrive_s
    parts = [
        ("登录与等候", "log-in and waiting", 0.0, opens_s),
        ("开考", "start", opens_s, shape.in_s),
        ("答题", "answering", shape.in_s, begins),
        ("集中交卷", "burst of hand-ins", begins, begins + shape.hand_in_s),
        ("其余交卷", "other hand-ins", begins + shape.hand_in_s, shape.ends_s),
    ]
    found = [
        _phase(zh, en, (from_s, upto_s), shape.candidates, points)
        for zh, en, from_s, upto_s in parts
        if upto_s > from_s
    ]
    return [one for one in found if one.cores]


def _phase(
    zh: str, en: str, between_s: tuple[float, float], candidates: int, points: Sequence[Point]
) -> Phase:
    from_s, upto_s = between_s
    own = [one for one in points if from_s < one.at_s <= upto_s]
    names = {name for one in own for name in one.cores}
    cores = {name: sum(one.cores[name] for one in own) / len(own) for name in sorted(names)}
    served = sum(used for name, used in cores.items() if not name.startswith(DRIVERS))
    return Phase(
        zh=zh,
        en=en,
        from_s=from_s,
        upto_s=upto_s,
        cores=cores,
        cores_most=max((sum(one.cores.values()) for one in own), default=0.0),
        ms_each=served * (upto_s - from_s) * 1000 / max(1, candidates),
    )
