"""Loading the demo: pools, blueprints, institutions, staff, and two sessions that are open now."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Final
from uuid import NAMESPACE_URL, UUID, uuid5

import msgspec

from enrollment.identity import check_character
from exam_api.console_ports import Act, Blueprints, House, NewRegistration, NewStaff, PlanAsk, Pools, Sittings
from exam_api.people import Reach, Role
from exam_api.record import SessionFacts, SessionState
from exam_api.usecases.arm_session import arm_session
from exam_api.usecases.parts import ExamParts
from question_pools.blueprint import Blueprint, digest, total_centi
from question_pools.exchange.pool_json import read_json
from question_pools.items import salted
from scoring.profiles import PROFILES, Channel, LateOffline

PASSWORD: Final = "kaowu-demo"  # noqa: S105 - the demo's, printed on the screen; refused outside the demo
"""Password of every demo account."""

ROOM_CODE: Final = "639916"
"""What stands on the board of the demo's exam room."""

AUTHOR: Final = "system:demo"
APPROVER: Final = "system:demo-approval"
"""Nobody approves what they wrote themselves, not even here: the audit names both."""

OPEN_MS: Final = 12 * 3_600_000
"""How long the demo's sessions are open."""

FRESH_MS: Final = 3_600_000
"""A session with less time than this left is replaced by a new one at the next start."""

AREA: Final = "639900"
"""No such division exists: nobody real has these numbers."""

PHONE_PEOPLE: Final = (
    "马文海",
    "才让卓玛",
    "李建国",
    "王秀英",
    "韩福寿",
    "扎西东智",
    "赵永强",
    "冶玉梅",
    "张德才",
    "多杰",
)
DESK_PEOPLE: Final = ("陈志远", "白玛措", "刘海燕", "马晓龙", "杨国栋", "祁生莲", "周立平", "卓玛草")

INSTITUTION: Final = "青海建设职业培训中心（示例）"
OTHER_INSTITUTION: Final = "西宁高原技工学校（示例）"


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoParts:
    """What loading the demo needs. Made by `wiring`."""

    pools: Pools
    blueprints: Blueprints
    sittings: Sittings
    house: House
    exam: ExamParts
    item_salt: bytes
    hash_password: Callable[[str], Awaitable[str]]


class DemoLogin(msgspec.Struct, frozen=True, kw_only=True):
    """A way in, as the start table shows it."""

    place: str
    """`phone`, `desk` or `console`."""
    who: str
    how: str


class _Asked(msgspec.Struct):
    """One entry of blueprints.json."""

    pool: str
    blueprint: Blueprint
    profile: str | None = None


class _File(msgspec.Struct):
    blueprints: list[_Asked]


async def load_demo(parts: DemoParts) -> Sequence[DemoLogin]:
    """Load what is missing and return the ways in; changes nothing while the sessions are open."""
    now_ms = parts.exam.clock.now_ms()
    act = Act(actor="system", at_ms=now_ms)
    own, other = _id("institution/own"), _id("institution/other")
    await parts.house.keep_institution(own, name=INSTITUTION, act=act)
    await parts.house.keep_institution(other, name=OTHER_INSTITUTION, act=act)
    logins = await _staff(parts, own, other, act)
    plans = [one for one in _blueprints() if one.profile is not None]
    for asked in plans:
        await _exam(asked, own, parts, act)
    return [*await _ways_in(parts), *logins]


async def _staff(parts: DemoParts, own: UUID, other: UUID, act: Act) -> list[DemoLogin]:
    password_hash = await parts.hash_password(PASSWORD)
    accounts = (
        ("renshichu", "省厅人事处 林处", Role.OFFICER, None),
        ("jigou", "培训中心 何主任", Role.INSTITUTION_ADMIN, own),
        ("jiankao", "监考员 郭老师", Role.INVIGILATOR, own),
        ("mingti", "命题员 马老师", Role.ITEM_AUTHOR, own),
        ("shenti", "审题员 冶老师", Role.ITEM_REVIEWER, own),
        ("jigou2", "技工学校 孙主任", Role.INSTITUTION_ADMIN, other),
        ("yunwei", "平台运维", Role.OPERATOR, None),
    )
    for login_name, name, role, institution_id in accounts:
        await parts.house.keep_staff(
            NewStaff(
                login_name=login_name,
                name=name,
                role=role,
                institution_id=institution_id,
                password_hash=password_hash,
            ),
            act=act,
        )
    return [
        DemoLogin(place="console", who=name, how=f"{login_name} / {PASSWORD}")
        for login_name, name, _role, _institution in accounts
    ]


async def _exam(asked: _Asked, institution_id: UUID, parts: DemoParts, act: Act) -> None:
    """Pool, blueprint and, if none is open for long enough, a session with its people."""
    pool, pictures = read_json(_bytes("pools", f"{asked.pool}.json"))
    known = [one for one in await parts.pools.pools(Reach(everywhere=True)) if one.code == pool.code]
    if known:
        pool_id = known[0].id
    else:
        own = salted(pool, parts.item_salt)
        author = Act(actor=AUTHOR, at_ms=act.at_ms)
        stored = await parts.pools.store(own, pictures, pool_id=None, institution_id=None, act=author)
        pool_id = stored.pool_id
    published = await _published(pool_id, parts, act)
    kept = await parts.blueprints.keep_blueprint(asked.blueprint, institution_id=None, act=act)
    open_until_ms = max(
        (
            line.facts.closes_ms
            for line in await parts.sittings.sessions(None)
            if line.facts.profile == asked.profile and line.facts.state is SessionState.OPEN
        ),
        default=0,
    )
    if open_until_ms - act.at_ms > FRESH_MS:
        return
    facts = _facts(asked, institution_id, published, act.at_ms, parts.exam.new_id())
    await parts.sittings.plan(PlanAsk(facts=facts, pool_id=pool_id, blueprint_id=kept.id), act=act)
    await parts.sittings.register(facts.id, _people(facts.channel, parts), act=act)
    await parts.sittings.announce(facts.id, act=act)
    await arm_session(facts.id, parts.exam)


async def _published(pool_id: UUID, parts: DemoParts, act: Act) -> str:
    """Digest of the published version; publishes the draft where none is."""
    version = await parts.pools.published(pool_id)
    if version is None:
        await parts.pools.vouch(pool_id, act=Act(actor=APPROVER, at_ms=act.at_ms))
        stored = await parts.pools.publish(pool_id, act=act)
        if stored is None:
            raise LookupError(pool_id)
        return stored.digest
    return version.digest


def _facts(asked: _Asked, institution_id: UUID, pool_digest: str, now_ms: int, new_id: UUID) -> SessionFacts:
    """A session on the asked profile, open from now on for `OPEN_MS` and to be handed in at any time."""
    profile = PROFILES[asked.profile or ""]
    return SessionFacts(
        id=new_id,
        institution_id=institution_id,
        institution=INSTITUTION,
        title=asked.blueprint.title,
        channel=str(profile.channel),
        profile=profile.id,
        profile_confirmed=profile.confirmed,
        pool_digest=pool_digest,
        blueprint_digest=digest(asked.blueprint),
        opens_ms=now_ms,
        entry_ms=now_ms,
        latest_entry_ms=now_ms + OPEN_MS,
        closes_ms=now_ms + OPEN_MS + profile.length_ms,
        length_ms=profile.length_ms,
        earliest_hand_in_ms=0,
        navigation=str(profile.navigation),
        takeover=str(profile.takeover),
        late_hold=profile.late_offline is LateOffline.HOLD,
        pass_centi=profile.pass_centi,
        full_centi=total_centi(asked.blueprint),
        state=SessionState.DRAFT,
        room_code=ROOM_CODE if profile.channel is Channel.DESK else "",
    )


def _people(channel: str, parts: DemoParts) -> list[NewRegistration]:
    names = DESK_PEOPLE if channel == Channel.DESK else PHONE_PEOPLE
    return [
        NewRegistration(
            id=parts.exam.new_id(),
            person_id=parts.exam.new_id(),
            name=name,
            id_no=identity_of(name),
            phone=f"139{_number(name) % 10**8:08d}",
        )
        for name in names
    ]


def identity_of(name: str) -> str:
    """The synthetic identity number of a demo person: always the same, checks, and belongs to nobody."""
    place = (*PHONE_PEOPLE, *DESK_PEOPLE).index(name)
    body = f"{AREA}{1970 + place}0{1 + place % 9}1{place % 9}{101 + place:03d}"
    return body + check_character(body)


async def _ways_in(parts: DemoParts) -> list[DemoLogin]:
    ways: list[DemoLogin] = []
    for line in await parts.sittings.sessions(None):
        if line.facts.state is not SessionState.OPEN or line.facts.closes_ms < parts.exam.clock.now_ms():
            continue
        first = (await parts.sittings.listed(line.facts.id))[0]
        number = identity_of(first.name) if first.name in (*PHONE_PEOPLE, *DESK_PEOPLE) else ""
        if line.facts.channel == Channel.DESK:
            how = f"准考证 {first.ticket_no} · 证件后六位 {number[-6:]} · 考场码 {line.facts.room_code}"
            ways.append(DemoLogin(place="desk", who=first.name, how=how))
        else:
            how = f"身份证号 {number} · 验证码显示在页面上"
            ways.append(DemoLogin(place="phone", who=first.name, how=how))
    return ways


def _blueprints() -> list[_Asked]:
    return msgspec.json.decode(_bytes("blueprints.json"), type=_File).blueprints


def _bytes(*path: str) -> bytes:
    return resources.files("exam_api.demo").joinpath(*path).read_bytes()


def _id(name: str) -> UUID:
    return uuid5(NAMESPACE_URL, f"kaowu-demo/{name}")


def _number(name: str) -> int:
    return uuid5(NAMESPACE_URL, name).int
