"""When the next picture is taken: the server says so one at a time, and nobody foresees it."""

from typing import Final

GAP_LEAST_MS: Final = 4_000
"""Between two pictures of one attempt, whatever is asked."""

EVERY_MS: Final = 60_000
"""On the average, when nothing was found."""

DENSE_EVERY_MS: Final = 15_000
"""On the average, for a while after a finding."""

DENSE_FOR_MS: Final = 5 * 60_000
"""How long a finding keeps pictures dense."""

_LEAST_SHARE: Final = 0.25
_MOST_SHARE: Final = 1.75
"""The next one lies between these shares of the average, each instant as likely as any other."""


def next_after_ms(chance: float, *, since_finding_ms: int | None) -> int:
    """Ms until the next picture.

    Args:
        chance: in [0, 1), from a source that nobody can foresee.
        since_finding_ms: since the last finding about this attempt; None: there was none.
    """
    dense = since_finding_ms is not None and 0 <= since_finding_ms < DENSE_FOR_MS
    every = DENSE_EVERY_MS if dense else EVERY_MS
    share = _LEAST_SHARE + (_MOST_SHARE - _LEAST_SHARE) * chance
    return max(GAP_LEAST_MS, int(every * share))
