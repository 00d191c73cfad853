"""Rulings and score reviews on both databases: appended only, two persons, one open request an attempt."""

from uuid import UUID, uuid4

import msgspec
import pytest
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from exam_api.errors import RecordAway
from exam_api.people import Reach
from exam_api.record import LateRequest, LateState, Result
from exam_api.ruling_ports import (
    KeptRuling,
    ReviewOutcome,
    ReviewState,
    RulingState,
    ScoreReview,
    WholeReview,
)
from exam_api.store.engine import Database
from exam_api.store.record import LATE, RecordStore
from exam_api.store.results import ResultStore
from exam_api.store.reviews import ReviewStore
from exam_api.store.rulings import DECISION, RulingStore
from exam_api.usecases.remark import packed_runs
from scoring.corrections import KeyChanged, Ruling, Voided, VoidPolicy
from tests.integration.store.builders import NOON_MS, a_result
from tests.integration.store.world import Stores, a_session

RULING = Ruling(1, "依据规范，原答案有误", {"a" * 32: KeyChanged(4), "b" * 32: Voided(VoidPolicy.FULL_MARKS)})


async def proposed(database: Database, **given: object) -> KeptRuling:
    planned = await a_session(Stores(database))
    kept = KeptRuling(
        session_id=planned.id,
        institution_id=planned.institution_id,
        ruling=RULING,
        proposed_by=uuid4(),
        proposer="林处",
        proposed_ms=NOON_MS,
    )
    kept = msgspec.structs.replace(kept, **given)
    assert await RulingStore(database).propose(kept)
    return kept


def decided(kept: KeptRuling, *, by: UUID | None = None, agree: bool = True, runs: int = 0) -> KeptRuling:
    return msgspec.structs.replace(
        kept,
        state=RulingState.AGREED if agree else RulingState.DECLINED,
        decided_by=by or uuid4(),
        decider="祁科",
        decided_ms=NOON_MS + 1,
        decided_reason="同意",
        runs=runs,
    )


async def test_a_ruling_comes_back_as_it_was_proposed_and_decided(database: Database) -> None:
    store = RulingStore(database)
    kept = await proposed(database)
    assert await store.of_session(kept.session_id) == [kept]
    done = decided(kept)
    assert await store.agree(done, [])
    assert await store.of_session(kept.session_id) == [done]
    assert not await store.decline(decided(kept, agree=False))


async def test_one_ruling_waits_at_a_time_and_numbers_have_no_gaps(database: Database) -> None:
    store = RulingStore(database)
    kept = await proposed(database)
    second = msgspec.structs.replace(kept, ruling=msgspec.structs.replace(RULING, number=2))
    assert not await store.propose(second)
    assert await store.decline(decided(kept, agree=False))
    assert not await store.propose(
        msgspec.structs.replace(kept, ruling=msgspec.structs.replace(RULING, number=3))
    )
    assert await store.propose(second)


async def test_the_database_refuses_the_agreement_of_who_proposed(database: Database) -> None:
    kept = await proposed(database)
    row = {
        "session_id": kept.session_id,
        "number": 1,
        "proposed_by": kept.proposed_by,
        "agreed": True,
        "decided_by": kept.proposed_by,
        "decider": "林处",
        "decided_ms": NOON_MS,
        "reason": "",
        "runs": 0,
    }
    with pytest.raises(IntegrityError):
        async with database.writing() as connection:
            await connection.execute(insert(DECISION), row)


async def test_runs_and_decision_are_kept_together_or_not_at_all(database: Database) -> None:
    store, results = RulingStore(database), ResultStore(database)
    kept = await proposed(database)
    first = a_result(session_id=kept.session_id, institution_id=kept.institution_id)
    await results.put(first)
    second = msgspec.structs.replace(first, run=2, cause="rescored", ruling=1)
    overtaken = decided(kept, runs=2)
    assert not await store.agree(overtaken, [packed_runs([first, second])])  # run 1 is there already
    assert [one.run for one in await results.of_attempt(first.attempt_id)] == [1]
    assert (await store.of_session(kept.session_id))[0].state is RulingState.PROPOSED
    assert await store.agree(decided(kept, runs=1), [packed_runs([second])])
    assert await results.of_attempt(first.attempt_id) == [first, second]


async def test_waiting_rulings_are_those_in_reach_that_nobody_decided(database: Database) -> None:
    store = RulingStore(database)
    kept = await proposed(database)

    async def numbers(reach: Reach) -> list[UUID]:
        return [one.kept.session_id for one in await store.waiting(reach)]

    assert kept.session_id in await numbers(Reach(everywhere=True))
    assert await numbers(Reach(institution_id=kept.institution_id)) == [kept.session_id]
    assert kept.session_id not in await numbers(Reach(institution_id=uuid4()))
    await store.decline(decided(kept, agree=False))
    assert await numbers(Reach(institution_id=kept.institution_id)) == []


async def test_a_late_decision_beside_a_ruling_is_asked_again_and_loses_no_run(database: Database) -> None:
    record, results = RecordStore(database), ResultStore(database)
    ruled = msgspec.structs.replace(a_result(), run=2, cause="rescored", ruling=1)
    await results.put(ruled)
    late = msgspec.structs.replace(ruled, cause="late-accepted", ruling=None)
    request = LateRequest(
        attempt_id=ruled.attempt_id,
        session_id=ruled.session_id,
        institution_id=ruled.institution_id,
        ops=1,
        first_ms=NOON_MS,
        state=LateState.ACCEPTED,
        decided_by=uuid4(),
        decided_ms=NOON_MS,
        reason="停电",
    )
    await _open_late(database, request)
    with pytest.raises(RecordAway):
        await record.decide_late(request, late)
    assert await results.of_attempt(ruled.attempt_id) == [ruled]
    found = await record.late_request(ruled.attempt_id)
    assert found is not None
    assert found.state is LateState.OPEN


async def _open_late(database: Database, request: LateRequest) -> None:
    row = {
        "attempt_id": request.attempt_id,
        "session_id": request.session_id,
        "institution_id": request.institution_id,
        "ops": request.ops,
        "first_ms": request.first_ms,
        "state": "open",
        "decided_ms": 0,
        "reason": "",
    }
    async with database.writing() as connection:
        await connection.execute(insert(LATE), row)


OUTCOME = ReviewOutcome(
    run=1,
    differs=(),
    stands_centi=6_000,
    stands_passed=True,
    anew_centi=6_000,
    anew_passed=True,
    ops=3,
    rulings=0,
)


def a_review(result: Result) -> ScoreReview:
    return ScoreReview(
        id=uuid4(),
        attempt_id=result.attempt_id,
        session_id=result.session_id,
        institution_id=result.institution_id,
        asked_by="candidate",
        asked_ms=NOON_MS,
        reason="第 3 题\0",
    )


def done(review: ScoreReview) -> ScoreReview:
    return msgspec.structs.replace(
        review, state=ReviewState.DONE, outcome=OUTCOME, done_by=uuid4(), done_ms=NOON_MS + 5
    )


async def test_an_attempt_has_one_open_review_and_keeps_what_came_of_it(database: Database) -> None:
    store = ReviewStore(database)
    review = a_review(a_result())
    assert await store.ask(review)
    assert not await store.ask(msgspec.structs.replace(review, id=uuid4()))
    assert list(await store.open_of(review.session_id)) == [review.attempt_id]
    finished = done(review)
    assert await store.done(finished)
    assert not await store.done(finished)
    assert await store.review(review.id) == msgspec.structs.replace(finished, reason="第 3 题")
    assert await store.ask(msgspec.structs.replace(review, id=uuid4(), asked_ms=NOON_MS + 10))
    latest = await store.of_attempt(review.attempt_id)
    assert latest is not None
    assert latest.state is ReviewState.OPEN


async def test_the_review_of_a_session_answers_open_requests_and_adds_others(database: Database) -> None:
    store = ReviewStore(database)
    asked = a_review(a_result())
    await store.ask(asked)
    found = done(a_review(a_result(session_id=asked.session_id)))
    whole = WholeReview(
        session_id=asked.session_id,
        institution_id=asked.institution_id,
        done_by=uuid4(),
        done_ms=NOON_MS,
        checked=2,
        equal=1,
    )
    await store.done_whole(whole, [done(asked), found])
    assert await store.open_of(asked.session_id) == {}
    for one in (asked, found):
        kept = await store.of_attempt(one.attempt_id)
        assert kept is not None
        assert kept.outcome == OUTCOME
