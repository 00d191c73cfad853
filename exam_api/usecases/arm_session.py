"""Arming a session: all that its candidates need goes into the live state, so it needs no database."""

import hashlib
import hmac
from collections.abc import Collection, Mapping, Sequence
from typing import Final
from uuid import UUID

import msgspec

from exam_api.attempt.errors import AttemptNotFound
from exam_api.attempt.model import SHARDS, ArmedAttempt, LiveAttempt, Takeover, shard_of
from exam_api.errors import LiveAway
from exam_api.people import ArmedPerson, RosterEntry
from exam_api.record import PlannedSession, Registration
from exam_api.usecases.parts import ExamParts
from exam_api.usecases.shelf import marking_of, seal_marking, source_of
from exam_api.usecases.sparing import passing, sparing, tell, tell_away
from question_pools.draw import DrawIndex, Paper, paper_digest
from question_pools.errors import OverlapNotMet
from question_pools.rest import resting

ARM_AHEAD_MS: Final = 30 * 60_000
"""How long before its entry opens a session is armed."""

BATCH: Final = 500
"""Attempts armed in one call: about 2.5 MB of papers."""

DAY_MS: Final = 86_400_000
"""A day, for the looking back of exposure."""


async def arm_due(parts: ExamParts) -> Sequence[UUID]:
    """Arm every session whose entry is near and that is not armed yet.

    Raises RecordAway; when the others are armed, ExceptionGroup of what broke, LiveAway of nodes away.
    """
    due = await parts.plans.to_arm(now_ms=parts.clock.now_ms(), ahead_ms=ARM_AHEAD_MS)
    armed = set(await parts.armory.armed_sessions())
    fresh = [session_id for session_id in due if session_id not in armed]
    broken: list[Exception] = []
    away: list[LiveAway] = []
    for session_id in fresh:
        await sparing(broken, passing(away, arm_session(session_id, parts)))
    tell(broken)
    tell_away(away)
    return fresh


async def arm_session(session_id: UUID, parts: ExamParts) -> int:
    """Draw what is not drawn, and put papers, source, keys and roster into the live state. Idempotent.

    Returns the number of registrations. Raises AttemptNotFound for a session that is not planned;
    OverlapNotMet, naming how many, when everybody is armed but those for whom no paper keeps the overlap;
    LiveAway where a node is away, when all others have their papers.
    """
    drawn = await _drawn(session_id, parts)
    await _put_attempts(drawn, range(SHARDS), parts)
    await _put_roster(drawn, parts)
    # Last: a session counts as armed only when its papers are there.
    await _put_session(drawn, parts)
    if drawn.refused is not None:
        raise drawn.refused
    return len(drawn.registrations)


async def arm_again(session_id: UUID, shards: Collection[int], parts: ExamParts, *, was_armed: bool) -> None:
    """The same after a loss, with papers of these shards alone. Raises as `arm_session`.

    A session that was not armed yet does not count as armed by some of its shards: `arm_due` arms it whole.
    LiveAway is about these shards: what else lies on a node that is away is armed when its own come back.
    """
    drawn = await _drawn(session_id, parts)
    await _put_attempts(drawn, shards, parts)
    await passing([], _put_roster(drawn, parts))
    if was_armed or len(shards) == SHARDS:
        await passing([], _put_session(drawn, parts))
    if drawn.refused is not None:
        raise drawn.refused


async def arm_one(attempt_id: UUID, parts: ExamParts) -> LiveAttempt:
    """Arm the session of a registration that is not in the live state yet (added late, or started early).

    Raises AttemptNotFound: no such registration; OverlapNotMet: no paper for it.
    """
    session_id = await parts.plans.session_of(attempt_id)
    if session_id is None:
        raise AttemptNotFound(attempt_id)
    refused: OverlapNotMet | None = None
    try:
        await arm_session(session_id, parts)
    except OverlapNotMet as others:
        refused = others  # of somebody: perhaps not of this one
    live = await parts.live.find(attempt_id)
    if live is None and refused is not None:
        raise refused
    if live is None:
        raise AttemptNotFound(attempt_id)
    return live


class _Drawn(msgspec.Struct, frozen=True, kw_only=True):
    """All that is armed of a session."""

    planned: PlannedSession
    registrations: Sequence[Registration]
    papers: Mapping[UUID, Paper]
    refused: OverlapNotMet | None
    """What is to be said of those for whom no paper could be drawn."""


async def _drawn(session_id: UUID, parts: ExamParts) -> _Drawn:
    planned = await parts.plans.load(session_id)
    if planned is None:
        raise AttemptNotFound(session_id)
    registrations = await parts.plans.registrations(session_id)
    papers, refused = await _papers(planned, registrations, parts)
    return _Drawn(planned=planned, registrations=registrations, papers=papers, refused=refused)


async def _put_attempts(drawn: _Drawn, shards: Collection[int], parts: ExamParts) -> None:
    served = [one for one in drawn.registrations if one.id in drawn.papers and shard_of(one.id) in shards]
    away: list[LiveAway] = []
    for first in range(0, len(served), BATCH):
        batch = served[first : first + BATCH]
        await passing(
            away, parts.live.arm([armed(drawn.planned, one, drawn.papers[one.id]) for one in batch])
        )
    tell_away(away)


async def _put_roster(drawn: _Drawn, parts: ExamParts) -> None:
    await parts.armory.put_roster(drawn.planned.facts.id, _roster(drawn.registrations, parts))


async def _put_session(drawn: _Drawn, parts: ExamParts) -> None:
    facts = drawn.planned.facts
    await parts.armory.put_session(
        facts,
        source=msgspec.msgpack.encode(source_of(drawn.planned)),
        sealed_keys=seal_marking(marking_of(drawn.planned), facts.id, parts.sealer),
    )


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
) -> tuple[dict[UUID, Paper], OverlapNotMet | None]:
    """All papers of the session, and what is to be said of those that could not be drawn."""
    session_id = planned.facts.id
    papers = dict(await parts.plans.papers(session_id))
    missing = [one.id for one in registrations if one.id not in papers]
    if not missing:
        return papers, None
    before = await parts.exposures.before(session_id)
    drawing = Drawing(planned, await _drawn_lately(planned, parts), parts.draw_key)
    drawn = {one: drawing.draw(one, before.get(one, ())) for one in missing}
    fresh = {one: paper for one, paper in drawn.items() if isinstance(paper, Paper)}
    await parts.plans.save_papers(session_id, fresh)
    refused = [told for told in drawn.values() if isinstance(told, OverlapNotMet)]
    papers = dict(await parts.plans.papers(session_id))
    return papers, _together(refused)


async def overlap_refused(session_id: UUID, parts: ExamParts) -> OverlapNotMet | None:
    """How many of those registered would get no paper: asked while something can still be changed."""
    planned = await parts.plans.load(session_id)
    before = await parts.exposures.before(session_id)
    if planned is None or not before:
        return None
    drawing = Drawing(planned, await _drawn_lately(planned, parts), parts.draw_key)
    drawn = [drawing.draw(one, items) for one, items in before.items()]
    return _together([told for told in drawn if isinstance(told, OverlapNotMet)])


async def _drawn_lately(planned: PlannedSession, parts: ExamParts) -> Mapping[str, int]:
    blueprint = planned.blueprint
    if blueprint.rest_papers is None:
        return {}
    since_ms = planned.facts.opens_ms - blueprint.rest_days * DAY_MS
    return await parts.exposures.drawn_since(planned.facts.id, since_ms=since_ms)


class Drawing:
    """Draws the papers of one session, knowing what items were drawn lately."""

    def __init__(self, planned: PlannedSession, lately: Mapping[str, int], draw_key: bytes) -> None:
        self._planned = planned
        self._draw_key = draw_key
        self._place: dict[str, int] = {item.id: index for index, item in enumerate(planned.pool.items)}
        rested = resting(planned.pool, planned.blueprint, lately) if lately else ()
        self._index = DrawIndex(planned.pool, planned.blueprint, rested)
        self._rests = bool(rested)

    def draw(self, attempt_id: UUID, before: Sequence[str]) -> Paper | OverlapNotMet:
        """The paper of an attempt, whose person was given these items before; or that there is none."""
        seed = seed_of(attempt_id, self._planned.facts.id, self._draw_key)
        avoided = tuple(sorted({self._place[one] for one in before if one in self._place}))
        try:
            return self._index.draw(seed, avoided)
        except OverlapNotMet as refused:
            return self._unrested(seed, avoided) if self._rests else refused

    def _unrested(self, seed: bytes, avoided: tuple[int, ...]) -> Paper | OverlapNotMet:
        """Known items are worse than worn ones: for this person nothing rests."""
        try:
            return DrawIndex(self._planned.pool, self._planned.blueprint).draw(seed, avoided)
        except OverlapNotMet as refused:
            return refused


def _together(refused: Sequence[OverlapNotMet]) -> OverlapNotMet | None:
    if not refused:
        return None
    least = max(one.least for one in refused)
    return OverlapNotMet(least=least, most=refused[0].most, people=len(refused))


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
