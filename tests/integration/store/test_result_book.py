"""Lists of results and late requests: the newest run, open requests first, one's own institution only."""

from uuid import uuid4

import msgspec

from exam_api.attempt.model import CloseKind
from exam_api.record import LateState, LogKind
from exam_api.store.engine import Database
from exam_api.store.record import RecordStore
from exam_api.store.result_book import ResultBookStore
from exam_api.store.results import ResultStore
from tests.integration.store.builders import NOON_MS, Story, a_result, an_op
from tests.integration.store.world import Planned, Stores, a_roster, a_session, registered


async def test_a_session_shows_the_newest_run_of_every_attempt(database: Database) -> None:
    results, session_id = ResultStore(database), uuid4()
    one, two = a_result(session_id=session_id), a_result(session_id=session_id)
    again = msgspec.structs.replace(one, run=2, cause="late-accepted")
    for result in (one, two, again, a_result()):
        await results.put(result)
    shown = await ResultBookStore(database).of_session(session_id)
    assert sorted(shown, key=lambda result: result.run) == [two, again]


async def late_attempt(database: Database, planned: Planned, person: int) -> Story:
    stores = Stores(database)
    await registered(stores, planned, a_roster(1, first=person))
    registration = (await stores.plans.registrations(planned.id))[-1]
    story = Story(planned.id)
    story.attempt_id = registration.id
    story.started().closed(CloseKind.TIME).ops([an_op(1), an_op(2)], kind=LogKind.LATE)
    await RecordStore(database).write_log(story.entries)
    return story


async def test_a_late_request_is_listed_with_all_an_officer_needs(database: Database) -> None:
    planned = await a_session(Stores(database))
    story = await late_attempt(database, planned, 800)
    await ResultStore(database).put(a_result(story.attempt_id, session_id=planned.id))
    (line,) = await ResultBookStore(database).late(institution_id=None, session_id=planned.id)
    (registration,) = await Stores(database).plans.registrations(planned.id)
    assert (line.name, line.ticket_no) == ("考生800", registration.ticket_no)
    assert (line.session, line.institution) == ("第一场", "第一培训学校")
    assert line.packed == story.entries[2].data
    assert (line.closed_ms, line.score_centi) == (story.entries[1].at_ms, 133)
    assert (line.request.ops, line.request.state) == (2, LateState.OPEN)


async def test_an_institution_sees_its_own_requests_only(database: Database) -> None:
    stores = Stores(database)
    a, b = await a_session(stores), await a_session(stores)
    own, other = await late_attempt(database, a, 801), await late_attempt(database, b, 802)
    book = ResultBookStore(database)

    async def listed(planned: Planned | None) -> set[object]:
        institution_id = planned and planned.institution_id
        lines = await book.late(institution_id=institution_id, session_id=None)
        return {line.request.attempt_id for line in lines}

    assert await listed(a) == {own.attempt_id}
    assert await listed(b) == {other.attempt_id}
    assert {own.attempt_id, other.attempt_id} <= await listed(None)
    assert await book.late(institution_id=a.institution_id, session_id=b.id) == []


async def test_open_requests_stand_before_decided_ones(database: Database) -> None:
    planned = await a_session(Stores(database))
    first = await late_attempt(database, planned, 803)
    second = await late_attempt(database, planned, 804)
    record = RecordStore(database)
    request = await record.late_request(first.attempt_id)
    assert request is not None
    declined = msgspec.structs.replace(
        request, state=LateState.DECLINED, decided_by=uuid4(), decided_ms=NOON_MS, reason="离场"
    )
    await record.decide_late(declined, None)
    lines = await ResultBookStore(database).late(institution_id=planned.institution_id, session_id=planned.id)
    assert [line.request.attempt_id for line in lines] == [second.attempt_id, first.attempt_id]
    assert lines[1].request == declined
