"""Rehearsing a session: shadows sit a copy of it on this very deployment, and all of them goes again."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from uuid import UUID

import msgspec

from enrollment.identity import check_character
from exam_api.console_ports import Act
from exam_api.ports import Measures
from exam_api.record import SessionFacts, SessionState
from exam_api.rehearsal.plan import ARRIVE_S, BEFORE_S, HAND_IN_S, Plan, RehearsalRefused, Room, check
from exam_api.rehearsal.verdict import Seen, Verdict, judge
from exam_api.rehearsal_ports import Crowd, Rehearsals, Shadow, ShadowLive, ShadowPerson
from exam_api.snapshot_ports import Segments
from exam_api.usecases.parts import ExamParts
from exam_api.usecases.rehearsal_right import right_to_rehearse

ACTOR: Final = "operator:rehearse"

TITLE: Final = "彩排 · {}"
HOUSE: Final = "彩排 Rehearsal"
"""Names nobody is shown; should they ever be seen, they say what it is."""

AREA: Final = "649900"
"""No such division exists: nobody real has these numbers, and no benchmark uses them."""

OUTLIVES_MS: Final = 10 * 60_000
"""The shadow session closes so long after the last hand-in is due."""

DRAIN_S: Final = 60.0
"""How long the record may take to have everything."""

LEFT_DRAIN_S: Final = 5.0
"""The same where a rehearsal died: what is not drained then is deleted from the log."""

SETTLE_S: Final = 16.0
"""Between the two rounds of taking out: what others had begun to write before is written then, or was given
up, as a statement may take 15 s. What came after the end could never be deleted."""

PAUSE_S: Final = 0.1

Tell = Callable[[str, str], None]
"""Says what is being done, in Chinese and in English."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RehearseParts:
    """Ports of a rehearsal. Made by `wiring`."""

    exam: ExamParts
    record: Rehearsals
    live: ShadowLive
    measures: Measures
    segments: Segments
    """Of this machine, where shadows send their pictures to."""
    settle_s: float = SETTLE_S


class RehearseAsk(msgspec.Struct, frozen=True, kw_only=True):
    """What an operator asks for."""

    session_id: UUID
    candidates: int | None
    """None: as many as are registered."""
    steady_s: float
    arrive_s: float = ARRIVE_S
    wave_s: float = HAND_IN_S
    photo_share: float = 0.0


class Removed(msgspec.Struct, frozen=True, kw_only=True):
    """What was taken out."""

    rows: Mapping[str, int]
    keys: int

    @property
    def total(self) -> int:
        """Rows of all tables."""
        return sum(self.rows.values())


class Rehearsed(msgspec.Struct, frozen=True, kw_only=True):
    """A rehearsal that is over."""

    plan: Plan
    seen: Seen
    verdict: Verdict
    removed: Removed


async def rehearse(
    ask: RehearseAsk, parts: RehearseParts, crowd: Crowd, *, room: Room, tell: Tell
) -> Rehearsed:
    """Hold it; nothing of it stays in any case.

    Raises RehearsalRefused, CrowdFailed, RecordAway, LiveAway.
    """
    plan, facts = await _planned(ask, parts, room)
    shadow_id = parts.exam.new_id()
    async with right_to_rehearse(shadow_id, parts.live) as right:
        await _remove_left(parts, tell)
        now_ms = parts.exam.clock.now_ms()
        people = shadow_people(plan.candidates, parts.exam.new_id)
        own = shadow_facts(facts, shadow_id, plan, now_ms)
        tell(
            f"写入影子场次，{plan.candidates:,} 人",
            f"writing the shadow session, {plan.candidates:,} candidates",
        )
        act = Act(actor=ACTOR, at_ms=now_ms)
        told: dict[str, str | int] = {"outcome": "broken-off"}
        removed = Removed(rows={}, keys=0)
        shadow: Shadow | None = None
        try:
            shadow = await parts.record.begin(ask.session_id, own, people, act=act)
            if shadow is None:
                raise RehearsalRefused("另一场彩排正在进行。", "another rehearsal is under way")
            async with right.needed():
                seen = await _held(plan, shadow, people, parts, crowd, tell)
            verdict = judge(plan, seen)
            told = {"outcome": verdict.decision.value, "part": verdict.part.value if verdict.part else ""}
            told |= {"started": seen.started, "handed_in": seen.handed_in, "ops": seen.ops}
        finally:
            tell("清除影子数据", "taking the shadow data out")
            if shadow is None:  # broken off while it was written down, and not told whether it was
                shadow = next((one for one in await parts.record.left() if one.session_id == shadow_id), None)
            if shadow is not None:
                removed = await remove(shadow, parts, told, within_s=DRAIN_S)
    return Rehearsed(plan=plan, seen=seen, verdict=verdict, removed=removed)


async def clean(parts: RehearseParts, tell: Tell) -> Sequence[Removed]:
    """Take out what rehearsals that died left. None while one is under way.

    Raises RecordAway, LiveAway.
    """
    if not await parts.record.left() or await parts.live.is_held():
        return ()
    async with right_to_rehearse(parts.exam.new_id(), parts.live):
        return await _remove_left(parts, tell)


async def remove(
    shadow: Shadow, parts: RehearseParts, told: Mapping[str, str | int], *, within_s: float
) -> Removed:
    """Take out everything of a rehearsal; again where it was broken off.

    The log is left to run dry first, then the live state forgets, so nobody writes rows any more; a second
    round takes what a worker had in its hands meanwhile.
    """
    await parts.record.close(shadow.session_id)
    await drained(parts, within_s=within_s)
    registrations = await parts.exam.plans.registrations(shadow.session_id)
    marks = [mark for one in registrations for mark in (one.blind, *parts.exam.roster_marks(one))]
    rows: dict[str, int] = {}
    keys = 0
    for settles in (True, False):
        age_ms = max(0, parts.exam.clock.now_ms() - shadow.begun_ms)
        keys += await parts.live.forget(shadow, registrations, marks, age_ms=age_ms)
        _add(rows, await parts.record.take_out(shadow))
        await parts.segments.forget(shadow.session_id)
        if settles:
            await asyncio.sleep(parts.settle_s)
    body = {**told, "rows": sum(rows.values()), "keys": keys}
    act = Act(actor=ACTOR, at_ms=parts.exam.clock.now_ms())
    _add(rows, await parts.record.end(shadow, told=body, act=act))
    return Removed(rows=rows, keys=keys)


async def drained(parts: RehearseParts, *, within_s: float) -> float:
    """Wait until the record has everything, so long at most. The seconds it took."""
    loop = asyncio.get_running_loop()
    began_s = loop.time()
    while loop.time() - began_s < within_s:
        shards = await parts.measures.shards()
        if not any(one.waiting or one.undurable for one in shards):
            break
        await asyncio.sleep(PAUSE_S)
    return loop.time() - began_s


def shadow_facts(facts: SessionFacts, shadow_id: UUID, plan: Plan, now_ms: int) -> SessionFacts:
    """The same session, open soon, for as long as the rehearsal takes; hand-ins are not held back."""
    closes_ms = now_ms + plan.length_ms + OUTLIVES_MS
    opens_ms = now_ms + round((plan.armed_s + plan.opens_s) * 1000)
    return msgspec.structs.replace(
        facts,
        id=shadow_id,
        institution=HOUSE,
        title=TITLE.format(facts.title)[:200],
        opens_ms=opens_ms,
        entry_ms=now_ms,
        latest_entry_ms=closes_ms,
        closes_ms=closes_ms,
        earliest_hand_in_ms=0,
        state=SessionState.OPEN,
        room_code="",
        rehearsal=True,
    )


def shadow_people(count: int, new_id: Callable[[], UUID]) -> Sequence[ShadowPerson]:
    """People nobody is, without a phone."""
    people: list[ShadowPerson] = []
    for number in range(count):
        birth = date(1955, 1, 1) + timedelta(days=7 * (number % 1009))
        body = f"{AREA}{birth:%Y%m%d}{number % 1000:03d}"
        id_no = body + check_character(body)
        name = f"影子{number + 1}"
        people.append(ShadowPerson(registration_id=new_id(), person_id=new_id(), name=name, id_no=id_no))
    return people


async def _planned(ask: RehearseAsk, parts: RehearseParts, room: Room) -> tuple[Plan, SessionFacts]:
    found = await parts.record.planned(ask.session_id)
    if found is None:
        raise RehearsalRefused(f"没有场次 {ask.session_id}。", f"there is no session {ask.session_id}")
    candidates = found.enrolled if ask.candidates is None else ask.candidates
    plan = Plan(
        planned=max(found.enrolled, candidates),
        candidates=candidates,
        arrive_s=ask.arrive_s,
        steady_s=ask.steady_s,
        wave_s=ask.wave_s,
        photo_share=ask.photo_share,
    )
    now_ms = parts.exam.clock.now_ms()
    near = await parts.record.neighbours(now_ms=now_ms)
    check(plan, state=found.facts.state.value, near=near, room=room, now_ms=now_ms)
    return plan, found.facts


async def _held(  # noqa: PLR0913, PLR0917 - one step of `rehearse`
    plan: Plan,
    shadow: Shadow,
    people: Sequence[ShadowPerson],
    parts: RehearseParts,
    crowd: Crowd,
    tell: Tell,
) -> Seen:
    await _armed(shadow, parts)
    tell(
        f"开始：{plan.arrive_s:g} 秒内到齐，{plan.ends_s:g} 秒后全部交卷",
        f"they come within {plan.arrive_s:g} s, all have handed in after {plan.ends_s:g} s",
    )
    came = await crowd.run(plan, shadow, people)
    lag_s = await drained(parts, within_s=DRAIN_S)
    held = await parts.record.on_record(shadow.session_id)
    lost = max(0, came.ops - held.ops) + max(0, came.started - held.started)
    lost += max(0, came.handed_in - held.results)
    return await crowd.seen(plan, lost=lost, lag_s=lag_s)


async def _armed(shadow: Shadow, parts: RehearseParts) -> None:
    """The worker arms it, as it will on the day."""
    try:
        async with asyncio.timeout(BEFORE_S):
            while not await parts.live.armed(shadow.session_id):  # noqa: ASYNC110 - another process does it
                await asyncio.sleep(PAUSE_S)
    except TimeoutError:
        raise RehearsalRefused(
            f"worker 在 {BEFORE_S:g} 秒内没有备好影子场次：它在运行吗？`kaowu doctor` 可查明原因。",
            f"the worker did not arm the shadow session within {BEFORE_S:g} s: is it running? `kaowu doctor` "
            "says more",
        ) from None


async def _remove_left(parts: RehearseParts, tell: Tell) -> Sequence[Removed]:
    removed: list[Removed] = []
    for shadow in await parts.record.left():
        tell("清除上次彩排的残留", "taking out what a rehearsal that died left")
        removed.append(await remove(shadow, parts, {"outcome": "died"}, within_s=LEFT_DRAIN_S))
    return removed


def _add(rows: dict[str, int], more: Mapping[str, int]) -> None:
    for name, count in more.items():
        rows[name] = rows.get(name, 0) + count
