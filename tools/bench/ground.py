"""What a benchmark stands on: a pool of 2,000 items, a session of 100-item papers, and its candidates."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

from enrollment.identity import check_character
from exam_api.attempt import chain
from exam_api.console_ports import Act, NewRegistration, PlanAsk
from exam_api.live.keys import OF_SHARD
from exam_api.live.log import GROUP
from exam_api.live.redis_lane import ScriptBroken
from exam_api.live.together import together
from exam_api.people import Reach
from exam_api.record import HeldAttempt, SessionFacts, SessionState
from exam_api.snapshot_ports import picture_key_context
from exam_api.wiring import Wired
from question_pools.blueprint import Blueprint, digest, total_centi
from question_pools.items import Item, ItemId, Kind, Option, Pool, judge_options, salted
from scoring.profiles import PROFILES, Profile, profile_blueprint

PROFILE: Final = PROFILES["qh-abc-default"]
"""100 items, 20 of them multiple response under a partial policy: the dearest of the province's exams."""

ITEMS: Final[Mapping[Kind, int]] = {Kind.SINGLE: 900, Kind.MULTI: 400, Kind.JUDGE: 700}
"""Items of the pool: 2,000."""

HOUR_MS: Final = 3_600_000

AREA: Final = "639900"
"""No such division exists: nobody real has these numbers."""

EVERYWHERE: Final = Reach(everywhere=True)

_PAUSE_S: Final = 0.05

_DRAINED_EVERY_S: Final = 0.2
"""Seconds between two looks whether the log is on record: each is up to 128 questions, work for Redis that no
candidate's call brings. At a twentieth of a second 256 hand-ins were followed by 898 of them."""


@dataclass(frozen=True, slots=True)
class Person:
    """A candidate as the roster has them."""

    name: str
    id_no: str
    phone: str


class Ground:
    """The session under measurement, with what is counted of it afterwards."""

    def __init__(self, wired: Wired) -> None:
        self._wired = wired
        self.session_id = uuid4()

    async def lay(self, people: int, *, first: int = 0) -> Sequence[tuple[UUID, Person]]:
        """Plan a session that is open now, register people, and wait until the worker has armed it.

        `first` is the number of the first person: people of several sessions are others.
        """
        while await self._wired.exam.live.unready():  # noqa: ASYNC110 - the other side is a process
            await asyncio.sleep(_PAUSE_S)
        console = self._wired.parts.console
        act = Act(actor="system", at_ms=self._wired.exam.clock.now_ms())
        institution_id = uuid4()
        await self._wired.accounts.keep_institution(institution_id, name="测试机构", act=act)
        pool = salted(made_pool(), console.item_salt)
        stored = await console.pools.store(pool, (), pool_id=None, institution_id=None, act=act)
        second = Act(actor="system:bench-approval", at_ms=act.at_ms)
        await console.pools.vouch(stored.pool_id, act=second)
        published = await console.pools.publish(stored.pool_id, act=act)
        if published is None:
            raise LookupError(stored.pool_id)
        blueprint = profile_blueprint(PROFILE)
        kept = await console.blueprints.keep_blueprint(blueprint, institution_id=None, act=act)
        facts = self._facts(institution_id, published.digest, blueprint, PROFILE, act.at_ms)
        await console.sittings.plan(
            PlanAsk(facts=facts, pool_id=stored.pool_id, blueprint_id=kept.id), act=act
        )
        roster = {uuid4(): made_person(number) for number in range(first, first + people)}
        lines = [
            NewRegistration(
                id=registration_id,
                person_id=uuid4(),
                name=person.name,
                id_no=person.id_no,
                phone=person.phone,
            )
            for registration_id, person in roster.items()
        ]
        await console.sittings.register(self.session_id, lines, act=act)
        await console.sittings.announce(self.session_id, act=act)
        while self.session_id not in await self._wired.exam.armory.armed_sessions():  # noqa: ASYNC110 - as above
            await asyncio.sleep(_PAUSE_S)
        return list(roster.items())

    async def drained(self) -> None:
        """Wait until the worker has moved the whole log into the record; nobody writes meanwhile.

        A shard that is done is not asked again: the questions are work for Redis, too.
        """
        left = [shard.log for shard in OF_SHARD]
        while left:
            await asyncio.sleep(_DRAINED_EVERY_S)
            left = await self._not_done(left)

    async def held(self) -> Mapping[UUID, HeldAttempt]:
        """What the record holds of every attempt that was started."""
        found = await self._wired.exam.record.held(self.session_id)
        return {one.attempt_id: one for one in found}

    async def logins(self, tokens: Sequence[bytes]) -> int:
        """How many of these tokens open a log-in."""
        logins, keys = self._wired.exam.logins, self._wired.parts.login.keys
        return sum([await logins.find(keys.token_hash(token)) is not None for token in tokens])

    async def pictures(self, attempt_id: UUID) -> Sequence[UUID]:
        """Ids of the pictures on record of an attempt."""
        record = self._wired.parts.snapshots.record
        found = await record.of_attempt(self.session_id, attempt_id, EVERYWHERE)
        return [one.kept.id for one in found]

    async def opens(self, attempt_id: UUID, picture_id: UUID) -> bool:
        """Whether a picture's bytes lie where the record says and open with the attempt's key."""
        parts = self._wired.parts.snapshots
        found = await parts.record.find(
            picture_id, session_id=self.session_id, attempt_id=attempt_id, reach=EVERYWHERE
        )
        if found is None or not found[1]:
            return False
        kept, key_sealed = found
        key = parts.sealer.open(key_sealed, context=picture_key_context(attempt_id))
        bound = self.session_id.bytes + attempt_id.bytes
        return await parts.segments.read(kept.place, key=key, bound=bound) is not None

    async def _not_done(self, names: Sequence[bytes]) -> list[bytes]:
        lane = self._wired.lane
        try:
            streams = await together(lane.command("XINFO", "STREAM", name) for name in names)
            groups = await together(lane.command("XINFO", "GROUPS", name) for name in names)
        except ScriptBroken:
            return list(names)  # the worker has not looked at every shard yet
        asked = zip(names, streams, groups, strict=True)
        return [name for name, stream, readers in asked if not _is_done(stream, readers)]

    def _facts(
        self, institution_id: UUID, pool_digest: str, blueprint: Blueprint, profile: Profile, now_ms: int
    ) -> SessionFacts:
        return SessionFacts(
            id=self.session_id,
            institution_id=institution_id,
            institution="测试机构",
            title=profile.title_zh,
            channel=str(profile.channel),
            profile=profile.id,
            profile_confirmed=profile.confirmed,
            pool_digest=pool_digest,
            blueprint_digest=digest(blueprint),
            opens_ms=now_ms,
            entry_ms=now_ms,
            latest_entry_ms=now_ms + HOUR_MS,
            closes_ms=now_ms + 4 * HOUR_MS,
            length_ms=profile.length_ms,
            earliest_hand_in_ms=0,
            navigation=str(profile.navigation),
            takeover=str(profile.takeover),
            late_hold=True,
            pass_centi=profile.pass_centi,
            full_centi=total_centi(blueprint),
            state=SessionState.DRAFT,
            room_code="639916",
        )


def ops_held(held: HeldAttempt | None, upto: int) -> int:
    """How many of the first `upto` ops the record has of an attempt."""
    if held is None:
        return 0
    return sum(one.op.seq <= upto for one in chain.unpack(held.ops))


def made_pool() -> Pool:
    """Items as long as those of real pools: a stem of some 60 characters, options of some 15."""
    items: list[Item] = []
    for kind, count in ITEMS.items():
        items += [_item(kind, number) for number in range(count)]
    return Pool("bench", "基准题库", tuple(items))


def _item(kind: Kind, number: int) -> Item:
    stem = (
        f"第 {number} 题：某工地搭设落地式脚手架，作业人员在第 {number % 20 + 1} 步架上绑扎钢筋时，"
        f"发现连墙件间距为 {number % 7 + 3} 米且剪刀撑未同步设置，此时班组长应当如何处理？"
    )
    if kind is Kind.JUDGE:
        return Item(ItemId(f"j{number}"), kind, stem, judge_options(), 1 + number % 2, outline="1")
    options = tuple(
        Option(f"{way}，并在 {number % 24 + 1} 小时内书面报告")
        for way in ("立即停止作业并撤离", "继续作业但加强观察", "先完成本层再整改", "请示项目负责人后再定")
    )
    key = 1 << number % 4 if kind is Kind.SINGLE else (0b0011, 0b0101, 0b1110, 0b1011)[number % 4]
    return Item(ItemId(f"{kind}{number}"), kind, stem, options, key, rationale="见规范。", outline="1")


def made_person(number: int) -> Person:
    """A person nobody is; each number gives another."""
    birth = date(1955, 1, 1) + timedelta(days=7 * (number % 1009))  # no two of a million are the same
    body = f"{AREA}{birth:%Y%m%d}{number % 1000:03d}"
    return Person(f"考生{number}", body + check_character(body), f"138{number:08d}")


def _is_done(stream: Sequence[Any], groups: Sequence[Sequence[Any]]) -> bool:
    """Whether the record's reader was given all entries and has acknowledged them."""
    newest = _pairs(stream)[b"last-generated-id"]
    readers = [one for one in map(_pairs, groups) if one[b"name"] == GROUP.encode()]
    return all(not one[b"pending"] and one[b"last-delivered-id"] == newest for one in readers)


def _pairs(flat: Sequence[Any]) -> dict[bytes, Any]:
    """A flat reply of names and values."""
    return dict(zip(flat[::2], flat[1::2], strict=True))
