"""Planning sessions, announcing them, handing out tickets."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

import msgspec

from exam_api.console_ports import ListedRegistration, PlanAsk, SessionLine
from exam_api.errors import RecordAway
from exam_api.people import Login, Role
from exam_api.record import SessionFacts, SessionState
from exam_api.usecases.arm_session import overlap_refused
from exam_api.usecases.blueprints import usable_blueprint
from exam_api.usecases.console_parts import ConsoleParts, armed_line, reach_of, sees, session_in_reach
from exam_api.usecases.errors import NoSuchProfile, SessionNotPlannable, SessionStateWrong
from exam_api.usecases.login_tickets import write_ticket
from exam_api.usecases.pools import usable_version
from question_pools.blueprint import Blueprint, check, digest, total_centi
from question_pools.errors import BlueprintNotMet
from question_pools.items import PoolVersion
from scoring.profiles import PROFILES, Channel, LateOffline, Profile

TICKET_OUTLIVES_MS: Final = 24 * 3_600_000
"""How long a ticket's QR opens a log-in after the session's close: results are looked at that day."""


class SessionAsk(msgspec.Struct, frozen=True, kw_only=True):
    """A session as staff plan it; None: as the profile says."""

    login: Login
    title: str
    pool_id: UUID
    blueprint_id: UUID
    profile: str
    opens_ms: int
    closes_ms: int
    institution_id: UUID | None
    pass_centi: int | None
    length_ms: int | None
    takeover: str | None


class Ticket(msgspec.Struct, frozen=True, kw_only=True):
    registration: ListedRegistration
    qr: str


async def list_sessions(login: Login, parts: ConsoleParts) -> Sequence[SessionLine]:
    """Newest first, of the login's tenant; with the record away those that are armed."""
    reach = reach_of(login)
    try:
        return await parts.sittings.sessions(reach)
    except RecordAway:
        armed = [await armed_line(one, parts) for one in await parts.exam.armory.armed_sessions()]
        lines = [line for line in armed if line and sees(login, line.facts)]
        return sorted(lines, key=lambda line: -line.facts.opens_ms)


async def plan_session(ask: SessionAsk, parts: ConsoleParts) -> SessionLine:
    """Write a session down as draft.

    Raises NoSuchProfile, NoSuchPool, PoolNotPublished, NoSuchBlueprint, BlueprintNotMet, SessionNotPlannable.
    """
    profile = PROFILES.get(ask.profile)
    if profile is None:
        raise NoSuchProfile(ask.profile)
    institution_id = _tenant(ask)
    institution = await parts.sittings.institution(institution_id)
    if institution is None:
        raise SessionNotPlannable(reason="no-such-institution")
    version = await usable_version(ask.pool_id, ask.login, parts)
    blueprint = (await usable_blueprint(ask.blueprint_id, ask.login, parts)).blueprint
    missing = await parts.in_thread(check, blueprint, version)
    if missing:
        raise BlueprintNotMet(missing)
    facts = msgspec.structs.replace(
        planned(ask, profile, blueprint, version),
        id=parts.exam.new_id(),
        institution_id=institution_id,
        institution=institution,
        room_code=parts.exam.new_code() if profile.channel is Channel.DESK else "",
    )
    await parts.sittings.plan(
        PlanAsk(facts=facts, pool_id=ask.pool_id, blueprint_id=ask.blueprint_id), act=parts.act(ask.login)
    )
    return SessionLine(facts=facts, registrations=0)


def planned(ask: SessionAsk, profile: Profile, blueprint: Blueprint, version: PoolVersion) -> SessionFacts:
    """The facts that follow from profile, blueprint and times; tenant, id and room are the caller's.

    Raises SessionNotPlannable.
    """
    length_ms = ask.length_ms or profile.length_ms
    if ask.closes_ms - ask.opens_ms < length_ms:
        raise SessionNotPlannable(reason="window-shorter-than-length")
    full_centi = total_centi(blueprint)
    pass_centi = ask.pass_centi
    if pass_centi is None:
        # A blueprint with other full marks keeps the profile's share, rounded up: never easier than promised.
        pass_centi = -(-profile.pass_centi * full_centi // profile.full_centi)
    if pass_centi > full_centi:
        raise SessionNotPlannable(reason="pass-mark-above-full-marks")
    return SessionFacts(
        id=ask.pool_id,
        institution_id=ask.pool_id,
        institution="",
        title=ask.title.strip(),
        channel=profile.channel,
        profile=profile.id,
        profile_confirmed=profile.confirmed,
        pool_digest=version.digest,
        blueprint_digest=digest(blueprint),
        opens_ms=ask.opens_ms,
        entry_ms=ask.opens_ms - profile.entry_opens_ms,
        latest_entry_ms=min(ask.opens_ms + profile.latest_entry_ms, ask.closes_ms),
        closes_ms=ask.closes_ms,
        length_ms=length_ms,
        earliest_hand_in_ms=min(profile.earliest_hand_in_ms, length_ms),
        navigation=profile.navigation,
        takeover=ask.takeover or profile.takeover,
        late_hold=profile.late_offline is LateOffline.HOLD,
        pass_centi=pass_centi,
        full_centi=full_centi,
        state=SessionState.DRAFT,
    )


async def announce_session(session_id: UUID, login: Login, parts: ConsoleParts) -> SessionLine:
    """DRAFT → OPEN: candidates see it from now on.

    Raises NoSuchSession, SessionStateWrong; OverlapNotMet for people whose paper would be too much like
    their last.
    """
    line = await session_in_reach(session_id, login, parts)
    if line.facts.state is SessionState.DRAFT:
        refused = await overlap_refused(session_id, parts.exam)
        if refused is not None:
            raise refused
    if not await parts.sittings.announce(session_id, act=parts.act(login)):
        raise SessionStateWrong(state=line.facts.state)
    return await session_in_reach(session_id, login, parts)


async def tickets(session_id: UUID, login: Login, parts: ConsoleParts) -> Sequence[Ticket]:
    """The signed ticket of every registration.

    Raises NoSuchSession.
    """
    line = await session_in_reach(session_id, login, parts)
    until_ms = line.facts.closes_ms + TICKET_OUTLIVES_MS
    return [
        Ticket(registration=one, qr=write_ticket(one.id, parts.ticket_key, until_ms=until_ms))
        for one in await parts.sittings.listed(session_id)
    ]


def _tenant(ask: SessionAsk) -> UUID:
    if ask.login.role is Role.OFFICER:
        if ask.institution_id is None:
            raise SessionNotPlannable(reason="institution-missing")
        return ask.institution_id
    own = ask.login.institution_id
    if own is None or ask.institution_id not in {None, own}:
        raise SessionNotPlannable(reason="institution-not-yours")
    return own
