"""The fair-time ledger for those who answer for it, and the gaps of all rooms at work in one list."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

import msgspec

from exam_api.fair_ports import CreditLine
from exam_api.people import Login
from exam_api.record import SessionFacts
from exam_api.usecases.console_parts import ConsoleParts, scope_of, sees, session_in_reach
from exam_api.usecases.fair_time import WATCHED_AFTER_MS
from exam_api.usecases.lost_time import LostTime, lost_times

LISTED_MAX: Final = 2_000
"""Entries that one list shows, newest first: a failure of the service credits a whole province."""


class CreditsFound(msgspec.Struct, frozen=True):
    """Entries, newest first."""

    lines: Sequence[CreditLine]
    more: bool
    """Older ones are left out; the list of one session has them."""


class RoomLost(msgspec.Struct, frozen=True):
    """What the seats of one session lost."""

    session: SessionFacts
    lost: Sequence[LostTime]


async def list_credits(session_id: UUID | None, login: Login, parts: ConsoleParts) -> CreditsFound:
    """Time given, kept back and refused; of one session or of all in reach.

    Raises NoSuchSession, RecordAway.
    """
    if session_id is not None:
        await session_in_reach(session_id, login, parts)
    found = await parts.exam.credits.listed(scope_of(login), session_id=session_id, most=LISTED_MAX + 1)
    return CreditsFound(found[:LISTED_MAX], more=len(found) > LISTED_MAX)


async def rooms_with_gaps(login: Login, parts: ConsoleParts) -> Sequence[RoomLost]:
    """Armed sessions in reach that may be at work and whose seats lost time, latest opening first.

    Raises LiveAway, RecordAway.
    """
    exam = parts.exam
    now_ms = exam.clock.now_ms()
    found: list[RoomLost] = []
    for session_id in await exam.armory.armed_sessions():
        facts = await exam.armory.session(session_id)
        at_work = facts and facts.opens_ms <= now_ms <= facts.closes_ms + WATCHED_AFTER_MS
        if facts and at_work and sees(login, facts) and await exam.gaps.of_session(session_id):
            found.append(RoomLost(facts, await lost_times(session_id, exam)))
    return sorted(found, key=lambda one: (-one.session.opens_ms, one.session.id))
