"""What a chaos run stands on: sessions on phones, their candidates, and log-ins of theirs and of staff."""

import asyncio
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID, uuid4

import msgspec

from exam_api.console_ports import Act, NewRegistration, PlanAsk
from exam_api.http.cookies import SECURE, shown
from exam_api.people import Login, Role
from exam_api.record import SessionFacts, SessionState
from exam_api.wiring import Wired
from question_pools.blueprint import digest, total_centi
from question_pools.items import Item, Pool, salted
from scoring.profiles import profile_blueprint
from tools.bench.ground import PROFILE, made_person, made_pool

HOUR_MS: Final = 3_600_000

WAIT_MS: Final = 7_000
WAIT_FOR_EACH_MS: Final = 40
"""Until the opening: for papers to be drawn and brought, sealed, to all phones."""

_PAUSE_S: Final = 0.05


@dataclass(frozen=True, slots=True)
class Laid:
    """What was laid."""

    main: UUID
    """The session that runs through everything."""
    opens_ms: int
    """When it opens: until then its candidates wait and bring their sealed papers."""
    main_people: Sequence[UUID]
    short_people: Sequence[UUID]
    """Of a session whose time runs out while some of its phones have no network."""
    logins: Mapping[UUID, str]
    """By attempt: the cookie of its candidate."""
    staff: str
    """The cookie of an invigilator of the institution."""
    right: Mapping[tuple[str, str], frozenset[str]]
    """By kind and stem: the texts of the right options, as the pool was written."""


class _Pool(msgspec.Struct, frozen=True):
    """What both sessions are drawn from."""

    pool_id: UUID
    pool_digest: str
    blueprint_id: UUID
    blueprint_digest: str
    full_centi: int


async def lay(wired: Wired, *, people: int, short_people: int, short_ms: int) -> Laid:
    """Plan both sessions, register people, log them in, wait until the worker has armed them."""
    while await wired.exam.live.unready():  # noqa: ASYNC110 - the other side is a process
        await asyncio.sleep(_PAUSE_S)
    act = Act(actor="system", at_ms=wired.exam.clock.now_ms())
    institution_id = uuid4()
    await wired.accounts.keep_institution(institution_id, name="测试机构", act=act)
    pool = made_pool()
    drawn_from = await _pool(wired, pool, act)
    logins: dict[UUID, str] = {}
    sessions: list[UUID] = []
    rosters: list[list[NewRegistration]] = []
    now_ms, wait_ms = wired.exam.clock.now_ms(), WAIT_MS + WAIT_FOR_EACH_MS * people
    for first, count, length_ms, opens_in_ms in (
        (0, people, 2 * HOUR_MS, wait_ms),
        (people, short_people, short_ms, 0),
    ):
        facts = _facts(
            institution_id, drawn_from, now_ms=now_ms, opens_in_ms=opens_in_ms, length_ms=length_ms
        )
        roster = [_registration(first + number) for number in range(count)]
        rosters.append(roster)
        if not roster:
            continue
        await _plan(wired, facts, drawn_from, roster, act)
        for one in roster:
            logins[one.id] = await _log_in(wired, Role.CANDIDATE, one.person_id, one.name, None)
        sessions.append(facts.id)
    while not set(sessions) <= set(await wired.exam.armory.armed_sessions()):  # noqa: ASYNC110 - as above
        await asyncio.sleep(_PAUSE_S)
    return Laid(
        main=sessions[0],
        opens_ms=now_ms + wait_ms,
        main_people=[one.id for one in rosters[0]],
        short_people=[one.id for one in rosters[1]],
        logins=logins,
        staff=await _log_in(wired, Role.INVIGILATOR, uuid4(), "监考员", institution_id),
        right={(str(item.kind), item.stem): _right(item) for item in pool.items},
    )


async def _pool(wired: Wired, pool: Pool, act: Act) -> _Pool:
    console = wired.parts.console
    own = salted(pool, console.item_salt)
    stored = await console.pools.store(own, (), pool_id=None, institution_id=None, act=act)
    await console.pools.vouch(stored.pool_id, act=Act(actor="system:second", at_ms=act.at_ms))
    published = await console.pools.publish(stored.pool_id, act=act)
    if published is None:
        raise LookupError(stored.pool_id)
    blueprint = profile_blueprint(PROFILE)
    kept = await console.blueprints.keep_blueprint(blueprint, institution_id=None, act=act)
    return _Pool(stored.pool_id, published.digest, kept.id, digest(blueprint), total_centi(blueprint))


async def _plan(
    wired: Wired, facts: SessionFacts, drawn_from: _Pool, roster: Sequence[NewRegistration], act: Act
) -> None:
    sittings = wired.parts.console.sittings
    ask = PlanAsk(facts=facts, pool_id=drawn_from.pool_id, blueprint_id=drawn_from.blueprint_id)
    await sittings.plan(ask, act=act)
    await sittings.register(facts.id, roster, act=act)
    await sittings.announce(facts.id, act=act)


def _registration(number: int) -> NewRegistration:
    person = made_person(number)
    return NewRegistration(
        id=uuid4(), person_id=uuid4(), name=person.name, id_no=person.id_no, phone=person.phone
    )


def _right(item: Item) -> frozenset[str]:
    return frozenset(option.text for bit, option in enumerate(item.options) if item.key >> bit & 1)


async def _log_in(wired: Wired, role: Role, subject_id: UUID, name: str, institution_id: UUID | None) -> str:
    """The cookie of somebody who is logged in: how one logs in is another story's matter."""
    now_ms = wired.exam.clock.now_ms()
    login = Login(
        id=uuid4(),
        role=role,
        subject_id=subject_id,
        institution_id=institution_id,
        name=name,
        since_ms=now_ms,
        until_ms=now_ms + 12 * HOUR_MS,
    )
    token = secrets.token_bytes(32)
    token_hash = wired.parts.login.keys.token_hash(token)
    await wired.exam.logins.open(login, token_hash=token_hash, life_ms=12 * HOUR_MS)
    return f"{SECURE.login.decode()}={shown(token)}"


def _facts(
    institution_id: UUID, drawn_from: _Pool, *, now_ms: int, opens_in_ms: int, length_ms: int
) -> SessionFacts:
    return SessionFacts(
        id=uuid4(),
        institution_id=institution_id,
        institution="测试机构",
        title=PROFILE.title_zh,
        channel="phone",
        profile=PROFILE.id,
        profile_confirmed=PROFILE.confirmed,
        pool_digest=drawn_from.pool_digest,
        blueprint_digest=drawn_from.blueprint_digest,
        opens_ms=now_ms + opens_in_ms,
        entry_ms=now_ms,
        latest_entry_ms=now_ms + HOUR_MS,
        closes_ms=now_ms + 4 * HOUR_MS,
        length_ms=length_ms,
        earliest_hand_in_ms=0,
        navigation=str(PROFILE.navigation),
        takeover="staff",
        late_hold=True,
        pass_centi=PROFILE.pass_centi,
        full_centi=drawn_from.full_centi,
        state=SessionState.DRAFT,
    )
