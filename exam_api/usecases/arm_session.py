"""Arming a session: all that its candidates need goes into the live state, so it needs no database."""

import hashlib
import hmac
from collections.abc import Sequence
from typing import Final
from uuid import UUID

import msgspec

from exam_api.attempt.errors import AttemptNotFound
from exam_api.attempt.model import ArmedAttempt, LiveAttempt, Takeover
from exam_api.people import ArmedPerson, RosterEntry
from exam_api.record import PlannedSession, Registration
from exam_api.usecases.parts import ExamParts
from exam_api.usecases.shelf import marking_of, seal_marking, source_of
from exam_api.usecases.sparing import sparing, tell
from question_pools.draw import DrawIndex, Paper, paper_digest

ARM_AHEAD_MS: Final = 30 * 60_000
"""How long before its entry opens a session is armed."""

BATCH: Final = 500
"""Attempts armed in one call: about 2.5 MB of papers."""


async def arm_due(parts: ExamParts) -> Sequence[UUID]:
    """Arm every session whose entry is near and that is not armed yet.

    Raises RecordAway, LiveAway; ExceptionGroup of what broke, when the others are armed.
    """
    due = await parts.plans.to_arm(now_ms=parts.clock.now_ms(), ahead_ms=ARM_AHEAD_MS)
    armed = set(await parts.armory.armed_sessions())
    fresh = [session_id for session_id in due if session_id not in armed]
    broken: list[Exception] = []
    for session_id in fresh:
        await sparing(broken, arm_session(session_id, parts))
    tell(broken)
    return fresh


async def arm_session(session_id: UUID, parts: ExamParts) -> int:
    """Draw what is not drawn, and put papers, source, keys and roster into the live state. Idempotent.

    Returns the number of registrations. Raises AttemptNotFound for a session that is not planned.
    """
    planned = await parts.plans.load(session_id)
    if planned is None:
        raise AttemptNotFound(session_id)
    registrations = await parts.plans.registrations(session_id)
    papers = await _papers(planned, registrations, parts)
    for first in range(0, len(registrations), BATCH):
        batch = registrations[first : first + BATCH]
        await parts.live.arm([armed(planned, one, papers[one.id]) for one in batch])
    await parts.armory.put_roster(session_id, _roster(registrations, parts))
    # Last: a session counts as armed only when its papers are there.
    await parts.armory.put_session(
        planned.facts,
        source=msgspec.msgpack.encode(source_of(planned)),
        sealed_keys=seal_marking(marking_of(planned), session_id, parts.sealer),
    )
    return len(registrations)


async def arm_one(attempt_id: UUID, parts: ExamParts) -> LiveAttempt:
    """Arm the session of a registration that is not in the live state yet (added late, or started early).

    Raises AttemptNotFound: no such registration.
    """
    session_id = await parts.plans.session_of(attempt_id)
    if session_id is None:
        raise AttemptNotFound(attempt_id)
    await arm_session(session_id, parts)
    live = await parts.live.find(attempt_id)
    if live is None:
        raise AttemptNotFound(attempt_id)
    return live


def armed(planned: PlannedSession, registration: Registration, paper: Paper) -> ArmedAttempt:
    facts = planned.facts
    return ArmedAttempt(
        attempt_id=registration.id,
        session_id=facts.id,
        institution_id=facts.institution_id,
        person_id=registration.person_id,
        label=f"{registration.name}|{registration.ticket_no}|{registration.seat}",
        paper=msgspec.msgpack.encode(paper),
        paper_digest=paper_digest(paper),
        slots=len(paper.slots),
        opens_ms=facts.opens_ms,
        latest_entry_ms=facts.latest_entry_ms,
        closes_ms=facts.closes_ms + registration.extra_ms,
        length_ms=facts.length_ms + registration.extra_ms,
        earliest_hand_in_ms=facts.earliest_hand_in_ms,
        takeover=Takeover(facts.takeover),
        late_hold=facts.late_hold,
    )


def seed_of(attempt_id: UUID, session_id: UUID, draw_key: bytes) -> bytes:
    """The seed of a paper: unforeseeable without the key, and with it the paper can be drawn again."""
    return hmac.digest(draw_key, session_id.bytes + attempt_id.bytes, hashlib.sha256)


async def _papers(
    planned: PlannedSession, registrations: Sequence[Registration], parts: ExamParts
) -> dict[UUID, Paper]:
    session_id = planned.facts.id
    papers = dict(await parts.plans.papers(session_id))
    missing = [one.id for one in registrations if one.id not in papers]
    if missing:
        index = DrawIndex(planned.pool, planned.blueprint)
        drawn = {one: index.draw(seed_of(one, session_id, parts.draw_key)) for one in missing}
        await parts.plans.save_papers(session_id, drawn)
        papers = dict(await parts.plans.papers(session_id))
    return papers


def _roster(registrations: Sequence[Registration], parts: ExamParts) -> list[RosterEntry]:
    people: dict[bytes, list[Registration]] = {}
    for one in registrations:
        for blind in (one.blind, *parts.roster_marks(one)):
            people.setdefault(blind, []).append(one)
    return [
        RosterEntry(
            blind=blind,
            person=ArmedPerson(
                person_id=own[0].person_id,
                name=own[0].name,
                phone_sealed=own[0].phone_sealed,
                registrations=tuple(one.id for one in own),
            ),
        )
        for blind, own in people.items()
    ]
