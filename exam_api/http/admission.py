"""Who is worked on, who stands in line, who is told to come again: the rule; clock and chance come in."""

from bisect import bisect_right, insort
from collections.abc import Callable, Sequence
from enum import StrEnum, unique
from typing import Final

import msgspec


@unique
class Way(StrEnum):
    """What a call is for; calls that are none of these never wait."""

    START = "start"
    PAPER = "paper"
    """What a waiting room asks for: list of exams, consent, sealed paper."""
    LOGIN = "login"
    CODE = "code"


PASSED_BY_S: Final = {Way.START: 0.0, Way.PAPER: 5.0, Way.LOGIN: 10.0, Way.CODE: 15.0}
"""A call lets others pass that came so much later: who is inside before who wants in, nobody for ever."""

LINE_S: Final = 0.6
"""The line is as long as what is worked off in this time; who would stand behind is told to come again."""

LINE_LEAST: Final = 128
"""Calls that may always stand in line, however slow things are."""

STOOD_MOST_S: Final = 8.0
"""Nobody stands longer, also where all came to a halt: a page gives a call up after 12 s, and what nobody
waits for is not worked on."""

AGAIN_LEAST_S: Final = 1.0
AGAIN_MOST_S: Final = 20.0
"""When to come again: by the estimate, between these, scattered upwards by a quarter."""

BACK_BY_S: Final = 10.0
"""Who does not come this long after they were told to is no longer counted before others."""

WAITED_MOST_S: Final = 600.0
"""Waiting beyond this makes no difference between two."""

LAG_MOST_S: Final = 0.05
"""Where the event loop is later than this, less is worked on at once."""

PLACES_LEAST: Final = 2

_FIRST_GUESS_S: Final = 0.002
_SMOOTHED: Final = 1 / 32
"""Weight of one more measurement of how long it takes until the next place is free."""


@unique
class State(StrEnum):
    """Where a call is."""

    LINE = "line"
    IN = "in"
    AWAY = "away"
    """Told to come again."""
    GONE = "gone"


class Call(msgspec.Struct, eq=False, kw_only=True):
    """One call; its state changes while it is here."""

    way: Way
    since_s: float
    """When its caller first asked for this."""
    came_s: float
    state: State = State.LINE
    ahead: int = 0
    """When it was told to come again: so many are before it …"""
    wait_s: float = 0.0
    """… which takes about so long …"""
    again_s: float = 0.0
    """… and then it may ask."""

    @property
    def rank(self) -> float:
        """The smaller, the sooner."""
        return self.since_s + PASSED_BY_S[self.way]


class _Away(msgspec.Struct):
    """Those of one second of ranks who were told to come again."""

    count: int
    due_s: float


class Admission:
    """The line of one process. Every act returns the calls whose state it changed."""

    def __init__(self, *, places: int, chance: Callable[[], float]) -> None:
        self._places_most = max(places, PLACES_LEAST)
        self.places = self._places_most
        """Calls that are worked on at once, now."""
        self._chance = chance
        self.working = 0
        self._line: list[Call] = []
        self._each_s = _FIRST_GUESS_S
        """How long it takes, while somebody stands in line, until the next place is free."""
        self._freed_s: float | None = None
        self._away: dict[int, _Away] = {}

    @property
    def standing(self) -> int:
        """Calls in line."""
        return len(self._line)

    @property
    def idle(self) -> bool:
        """Whether nobody is here."""
        return not self.working and not self._line

    def come(self, way: Way, *, now_s: float, waited_s: float = 0.0) -> tuple[Call, Sequence[Call]]:
        """A call, of somebody who has waited so long; and every call that was told something by it."""
        since_s = now_s - min(max(0.0, waited_s), WAITED_MOST_S)
        call = Call(way=way, since_s=since_s, came_s=now_s)
        if waited_s > 0:
            self._is_back(call)
        if self.working < self.places and not self._line:
            self._take(call)
            return call, (call,)
        insort(self._line, call, key=_rank)
        changed = self._fill()
        if len(self._line) > self._line_most:
            changed.append(self._send_away(self._line.pop(), now_s))
        return call, changed

    def leave(self, call: Call, *, now_s: float) -> Sequence[Call]:
        """A call is done, or its caller has gone."""
        was, call.state = call.state, State.GONE
        if was is State.LINE:
            self._line.remove(call)
        elif was is State.IN:
            self.working -= 1
            self._measure(now_s)
        return self._fill()

    def look(self, *, now_s: float, lag_s: float) -> Sequence[Call]:
        """From time to time: fewer at once while the loop is late, and nobody stands too long."""
        if lag_s > LAG_MOST_S:
            self.places = max(PLACES_LEAST, self.places // 2)
        else:
            self.places = min(self._places_most, self.places + 2)
        changed = self._fill()
        since_s = now_s - STOOD_MOST_S
        stood = [one for one in self._line if one.came_s < since_s]
        if stood:
            self._line = [one for one in self._line if one.came_s >= since_s]
            changed += [self._send_away(one, now_s) for one in stood]
        for second in [second for second, one in self._away.items() if one.due_s + BACK_BY_S < now_s]:
            del self._away[second]
        return changed

    def _fill(self) -> list[Call]:
        taken = self._line[: max(0, self.places - self.working)]
        del self._line[: len(taken)]
        for call in taken:
            self._take(call)
        return taken

    def _take(self, call: Call) -> None:
        call.state = State.IN
        self.working += 1

    def _measure(self, now_s: float) -> None:
        if not self._line:
            self._freed_s = None
            return
        if self._freed_s is not None:
            self._each_s += (now_s - self._freed_s - self._each_s) * _SMOOTHED
        self._freed_s = now_s

    @property
    def _line_most(self) -> float:
        return max(LINE_LEAST, LINE_S / max(self._each_s, 1e-6))

    def _send_away(self, call: Call, now_s: float) -> Call:
        call.state = State.AWAY
        second = int(call.rank)
        call.ahead = bisect_right(self._line, call.rank, key=_rank)
        call.ahead += sum(one.count for at, one in self._away.items() if at <= second)
        call.wait_s = max(AGAIN_LEAST_S, (call.ahead + 1) * self._each_s)
        call.again_s = min(call.wait_s, AGAIN_MOST_S) * (1 + self._chance() / 4)
        held = self._away.setdefault(second, _Away(0, 0.0))
        held.count += 1
        held.due_s = max(held.due_s, now_s + call.again_s)
        return call

    def _is_back(self, call: Call) -> None:
        second = int(call.rank)
        for at in (second, second - 1, second + 1):  # clocks that were asked apart round apart
            held = self._away.get(at)
            if held is not None and held.count:
                held.count -= 1
                return


def _rank(call: Call) -> float:
    return call.rank
