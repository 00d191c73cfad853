"""What waits today for whoever is logged in: asked of several sources at once, any of which may be away."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import msgspec

from exam_api.errors import AwayError
from exam_api.people import Login, Role
from exam_api.usecases.errors import UseCaseRefused

PATIENCE_S: Final = 4.0
"""How long one source may take; the others do not wait for it."""


class DueKind(StrEnum):
    """What can wait for somebody; each has a sentence and a button on the home screen."""

    SESSION_RUNNING = "session-running"
    SESSION_SOON = "session-soon"
    SESSION_NO_ROSTER = "session-no-roster"
    """A draft that opens soon and has nobody on its list."""
    SESSION_UNOPENED = "session-unopened"
    """A draft with a roster that candidates do not see yet."""
    LOST_TIME_OPEN = "lost-time-open"
    """Seats that were interrupted while a person must say whether they get their time."""
    LATE_OPEN = "late-open"
    ITEMS_TO_REVIEW = "items-to-review"
    ITEMS_TO_APPROVE = "items-to-approve"
    ITEMS_RETURNED = "items-returned"
    COMPLAINTS_OPEN = "complaints-open"
    RULINGS_TO_AGREE = "rulings-to-agree"
    REVIEWS_OPEN = "reviews-open"
    """Candidates asked to have their score looked at again."""
    CORRECTIONS_OPEN = "corrections-open"
    ERASURES_OPEN = "erasures-open"
    AGREEMENTS_OPEN = "agreements-open"
    """Acts that need a second person."""
    ACCOUNTS_WITHOUT_FACTOR = "accounts-without-factor"
    OWN_FACTOR_MISSING = "own-factor-missing"
    AUDIT_BROKEN = "audit-broken"
    LIVE_AWAY = "live-away"
    RECORD_AWAY = "record-away"


class Due(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that waits. Without an id it stands for several, and `n` counts them."""

    kind: DueKind
    n: int
    id: str = ""
    title: str = ""
    at_ms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Somebody who knows what waits, and for whom."""

    name: str
    roles: tuple[Role, ...]
    ask: Callable[[Login], Awaitable[Sequence[Due]]]


class Home(msgspec.Struct, frozen=True, kw_only=True):
    due: Sequence[Due]
    away: Sequence[str]
    """Names of sources that did not answer: what waits there is not known."""


async def home(login: Login, sources: Sequence[Source], *, patience_s: float = PATIENCE_S) -> Home:
    """Ask every source that concerns the role; one that is away is named, the rest is told."""
    asked = [one for one in sources if login.role in one.roles]
    answers = await asyncio.gather(*(_answer(one, login, patience_s) for one in asked))
    return Home(
        due=[due for answer in answers if answer is not None for due in answer if due.n > 0],
        away=[one.name for one, answer in zip(asked, answers, strict=True) if answer is None],
    )


async def _answer(source: Source, login: Login, patience_s: float) -> Sequence[Due] | None:
    try:
        async with asyncio.timeout(patience_s):
            return await source.ask(login)
    except (AwayError, UseCaseRefused, TimeoutError):
        return None
