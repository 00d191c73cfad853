"""How pages that start by themselves are spread after the opening, so that they do not all knock at once."""

from typing import Final

STARTS_A_SECOND: Final = 230
"""Of one session: a session of 5,000 starts within 22 s, four of them at once are 920 starts a second."""

LEAST_MS: Final = 600
"""Of a small session: nobody notices it."""


def spread_ms(people: int, *, opens_ms: int, closes_ms: int, working_ms: int) -> int:
    """Within which time after the opening the pages of a session start, each at an instant it draws.

    Everybody's time begins at their own start. Only the hard close could cut it: so nobody starts later than
    leaves them all of it; where the close leaves no room, pages start at once like those of a small session.
    """
    room_ms = closes_ms - opens_ms - working_ms
    wanted_ms = -(-people * 1000 // STARTS_A_SECOND)
    return max(LEAST_MS, min(wanted_ms, room_ms))
