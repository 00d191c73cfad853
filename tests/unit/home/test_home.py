"""What waits today: which sessions are told of, and that a source which is away hides nothing else."""

import asyncio
from collections.abc import Sequence
from uuid import UUID, uuid4

import pytest

from exam_api.attempt.fairness import Ended, Gap, Say
from exam_api.console_ports import SessionLine
from exam_api.errors import RecordAway
from exam_api.people import Login, Role
from exam_api.record import SessionFacts, SessionState
from exam_api.usecases.fair_ledger import RoomLost
from exam_api.usecases.home import Due, DueKind, Source, home
from exam_api.usecases.home_fair import due_rooms
from exam_api.usecases.home_sessions import AHEAD_MS, EACH_UP_TO, SOON_MS, due_sessions
from exam_api.usecases.lost_time import LostTime

NOW = 1_800_000_000_000
HOUR = 3_600_000


def line(*, opens_ms: int, state: SessionState = SessionState.OPEN, people: int = 1) -> SessionLine:
    facts = SessionFacts(
        id=uuid4(),
        institution_id=UUID(int=2),
        institution="城建培训学校",
        title="架子工 第一场",
        channel="phone",
        profile="qh-worker",
        profile_confirmed=True,
        pool_digest="p",
        blueprint_digest="b",
        opens_ms=opens_ms,
        entry_ms=opens_ms,
        latest_entry_ms=opens_ms,
        closes_ms=opens_ms + 2 * HOUR,
        length_ms=HOUR,
        earliest_hand_in_ms=0,
        navigation="free",
        takeover="own",
        late_hold=True,
        pass_centi=6_000,
        full_centi=10_000,
        state=state,
    )
    return SessionLine(facts=facts, registrations=people)


@pytest.mark.parametrize(
    ("told", "one"),
    [
        (DueKind.SESSION_RUNNING, line(opens_ms=NOW)),
        (DueKind.SESSION_SOON, line(opens_ms=NOW + SOON_MS)),
        (None, line(opens_ms=NOW + SOON_MS + 1)),
        (None, line(opens_ms=NOW - 2 * HOUR)),
        (DueKind.SESSION_UNOPENED, line(opens_ms=NOW + AHEAD_MS, state=SessionState.DRAFT)),
        (DueKind.SESSION_NO_ROSTER, line(opens_ms=NOW + HOUR, state=SessionState.DRAFT, people=0)),
        (None, line(opens_ms=NOW + AHEAD_MS + 1, state=SessionState.DRAFT)),
        (None, line(opens_ms=NOW + HOUR, state=SessionState.PUBLISHED)),
    ],
)
def test_a_session_is_told_of_while_somebody_can_still_do_something(told: DueKind | None, one: SessionLine):
    found = due_sessions([one], NOW, plans=True)
    assert [due.kind for due in found] == ([] if told is None else [told])
    assert all((due.id, due.at_ms) == (str(one.facts.id), one.facts.opens_ms) for due in found)


def test_who_does_not_plan_hears_nothing_of_drafts():
    drafts = [line(opens_ms=NOW + HOUR, state=SessionState.DRAFT, people=people) for people in (0, 1)]
    assert due_sessions(drafts, NOW, plans=False) == []


def test_many_sessions_are_counted_instead_of_named():
    many = [line(opens_ms=NOW - one * 60_000) for one in range(EACH_UP_TO + 1)]
    assert due_sessions(many, NOW, plans=True) == [
        Due(kind=DueKind.SESSION_RUNNING, n=EACH_UP_TO + 1, at_ms=NOW - EACH_UP_TO * 60_000)
    ]
    assert len(due_sessions(many[1:], NOW, plans=True)) == EACH_UP_TO


def login(role: Role) -> Login:
    return Login(
        id=uuid4(),
        role=role,
        subject_id=uuid4(),
        institution_id=None,
        name="某人",
        since_ms=NOW,
        until_ms=NOW + HOUR,
    )


async def late(_login: Login) -> Sequence[Due]:
    return [Due(kind=DueKind.LATE_OPEN, n=3), Due(kind=DueKind.REVIEWS_OPEN, n=0)]


async def away(_login: Login) -> Sequence[Due]:
    raise RecordAway


async def slow(_login: Login) -> Sequence[Due]:
    await asyncio.sleep(60)
    return []


async def test_a_source_that_is_away_or_slow_is_named_and_the_rest_is_told():
    sources = [
        Source(name="items", roles=(Role.OFFICER,), ask=away),
        Source(name="late", roles=(Role.OFFICER,), ask=late),
        Source(name="people", roles=(Role.OFFICER,), ask=slow),
        Source(name="audit", roles=(Role.AUDITOR,), ask=late),
    ]
    found = await home(login(Role.OFFICER), sources, patience_s=0.05)
    assert [(due.kind, due.n) for due in found.due] == [(DueKind.LATE_OPEN, 3)]
    assert found.away == ["items", "people"]


def lost(*, say: Say = Say.ASK, asked_ms: int = 0, by: str = "") -> LostTime:
    gap = Gap(attempt_id=uuid4(), from_ms=NOW, to_ms=NOW + 60_000, ended=Ended.BLOCKED, by=by)
    return LostTime(gap=gap, label="甲|T1|", lost_ms=60_000, say=say, asked_ms=asked_ms, left_ms=0)


@pytest.mark.parametrize(
    ("one", "told"),
    [
        (lost(), True),
        (lost(say=Say.WAIT), False),
        (lost(say=Say.WAIT, asked_ms=NOW), True),
        (lost(say=Say.NOTHING, asked_ms=NOW), False),
        (lost(by="staff:x", asked_ms=NOW), False),
    ],
)
def test_an_interruption_waits_while_a_person_must_and_can_decide(one: LostTime, *, told: bool):
    room = RoomLost(line(opens_ms=NOW).facts, [one])
    assert [due.n for due in due_rooms([room])] == ([1] if told else [])


def test_many_rooms_with_interruptions_are_counted_instead_of_named():
    rooms = [RoomLost(line(opens_ms=NOW).facts, [lost(), lost()]) for _ in range(EACH_UP_TO + 1)]
    assert due_rooms(rooms) == [Due(kind=DueKind.LOST_TIME_OPEN, n=2 * (EACH_UP_TO + 1))]
    assert [due.id for due in due_rooms(rooms[1:])] == [str(room.session.id) for room in rooms[1:]]
