"""Durable results: one row whatever happens, nobody answered before the commit, others not held up."""

import asyncio
from uuid import uuid4

import msgspec
import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import SQLAlchemyError

from exam_api.attempt.chain import OP_BYTES
from exam_api.attempt.place import NOTHING, HeldOps, Place
from exam_api.errors import RecordAway
from exam_api.store.engine import Database
from exam_api.store.record import RecordStore
from exam_api.store.results import ResultStore
from scoring.paper import PaperScore
from tests.integration.store.builders import NOON_MS, Story, a_result, an_op


async def test_a_result_comes_back_as_it_was_put(database: Database) -> None:
    results = ResultStore(database)
    result = a_result()
    await results.put(result)
    assert await results.of_attempt(result.attempt_id) == [result]


async def test_a_hundred_parallel_puts_of_one_result_make_one_row(database: Database) -> None:
    results = ResultStore(database)
    result = a_result()
    await asyncio.gather(*(results.put(result) for _ in range(100)))
    assert await results.of_attempt(result.attempt_id) == [result]


async def test_a_second_process_with_the_same_result_changes_nothing(
    database: Database, kept_url: str
) -> None:
    other = Database(kept_url)
    first = [a_result() for _ in range(50)]
    second = [msgspec.structs.replace(result, cause="time") for result in first]
    both = [ResultStore(database).put(one) for one in first] + [ResultStore(other).put(one) for one in second]
    await asyncio.gather(*both)
    stored = [await ResultStore(database).of_attempt(one.attempt_id) for one in first]
    await other.close()
    assert [len(runs) for runs in stored] == [1] * 50


async def test_the_first_put_of_a_run_stands(database: Database) -> None:
    results = ResultStore(database)
    result = a_result()
    await results.put(result)
    await results.put(msgspec.structs.replace(result, cause="staff"))
    assert [held.cause for held in await results.of_attempt(result.attempt_id)] == ["hand-in"]


async def test_a_result_is_not_put_before_the_ops_it_was_scored_from(database: Database) -> None:
    results, record = ResultStore(database), RecordStore(database)
    story = Story().started().ops([an_op(1)]).ops([an_op(2), an_op(3)])
    result = a_result(story.attempt_id, seq=3)
    assert await results.put_whole(result) == NOTHING
    await record.write_log(story.entries[:2])
    assert await results.put_whole(result) == Place(1, 1)
    assert await results.of_attempt(story.attempt_id) == []
    await record.write_log(story.entries[2:])
    assert await results.put_whole(result) is None
    assert await results.of_attempt(story.attempt_id) == [result]


async def test_ops_that_a_hand_in_brings_are_on_record_with_its_result_and_once(database: Database) -> None:
    results, record = ResultStore(database), RecordStore(database)
    story = Story().started().ops([an_op(1)]).ops([an_op(2), an_op(3, client_ms=(1 << 64) - 1)])
    brought = HeldOps(fence=1, base=1, ops=story.entries[2].data, at_ms=NOON_MS)
    await record.write_log(story.entries[:2])
    result = a_result(story.attempt_id, seq=3)
    assert await results.put_whole(result, [brought]) is None
    whole = story.entries[1].data + story.entries[2].data
    assert [one.ops for one in await record.held(story.session_id)] == [whole]
    await record.write_log(story.entries)
    assert [one.ops for one in await record.held(story.session_id)] == [whole]


async def test_ops_that_do_not_follow_on_the_record_are_not_put(database: Database) -> None:
    results, record = ResultStore(database), RecordStore(database)
    story = Story().started().ops([an_op(1)]).ops([an_op(2)]).ops([an_op(3)])
    await record.write_log(story.entries[:2])
    last = HeldOps(fence=1, base=2, ops=story.entries[3].data, at_ms=NOON_MS)
    assert await results.put_whole(a_result(story.attempt_id, seq=3), [last]) == Place(1, 1)
    assert [one.ops for one in await record.held(story.session_id)] == [story.entries[1].data]


async def test_once_the_closing_is_on_record_nothing_is_waited_for(database: Database) -> None:
    results = ResultStore(database)
    story = Story().started().closed()  # what the tables refused of its ops is kept as events
    await RecordStore(database).write_log(story.entries)
    assert await results.put_whole(a_result(story.attempt_id, seq=3)) is None


async def test_in_one_commit_each_result_is_asked_for_its_own_ops(database: Database) -> None:
    results, record = ResultStore(database), RecordStore(database)
    stories = [Story().started().ops([an_op(1)]) for _ in range(20)]
    await record.write_log([entry for story in stories[::2] for entry in story.entries])
    told = await asyncio.gather(*(results.put_whole(a_result(one.attempt_id, seq=1)) for one in stories))
    assert told == [None, NOTHING] * 10


async def test_runs_stand_beside_each_other_in_their_order(database: Database) -> None:
    results = ResultStore(database)
    result = a_result()
    second = msgspec.structs.replace(result, run=2, cause="late-accepted")
    await results.put(second)
    await results.put(result)
    assert await results.of_attempt(result.attempt_id) == [result, second]


async def test_a_refused_result_does_not_take_its_batch_with_it(database: Database) -> None:
    results = ResultStore(database)
    beyond = a_result(score=PaperScore(500, 400, passed=True, sections=(), parts=(), marks=()))
    good = [a_result() for _ in range(5)]
    told = await asyncio.gather(
        results.put(beyond), *(results.put(one) for one in good), return_exceptions=True
    )
    assert isinstance(told[0], SQLAlchemyError)
    assert told[1:] == [None] * 5
    assert [len(await results.of_attempt(one.attempt_id)) for one in (beyond, *good)] == [0, 1, 1, 1, 1, 1]


async def test_results_that_wait_are_committed_together_on_sqlite(sqlite_database: Database) -> None:
    results = ResultStore(sqlite_database)
    await results.put(a_result())
    commits: list[object] = []
    event.listen(sqlite_database._engine.sync_engine, "commit", commits.append)
    await asyncio.gather(*(results.put(a_result()) for _ in range(200)))
    assert 1 <= len(commits) <= 3


@pytest.mark.postgres
async def test_results_that_wait_are_committed_together_on_postgresql(postgres_database: Database) -> None:
    results = ResultStore(postgres_database)
    many = [a_result() for _ in range(200)]
    await asyncio.gather(*(results.put(one) for one in many))
    asked = text("select count(*), count(distinct xmin::text) from score_run where attempt_id = any(:ids)")
    async with postgres_database.reading() as connection:
        told = await connection.execute(asked, {"ids": [one.attempt_id for one in many]})
        rows, transactions = told.one()
    assert rows == 200
    assert 1 <= transactions <= 3


async def test_a_caller_is_told_in_time_when_the_commit_hangs(sqlite_database: Database) -> None:
    results = ResultStore(sqlite_database, patience_s=0.05)
    result = a_result()
    async with sqlite_database.writing():
        with pytest.raises(RecordAway):
            await results.put(result)
        writing = results._writing
    assert writing is not None
    await writing
    assert await results.of_attempt(result.attempt_id) == [result]


async def test_no_result_is_known_of_an_unknown_attempt(database: Database) -> None:
    assert await ResultStore(database).of_attempt(uuid4()) == []


async def test_of_one_commit_only_those_with_all_their_ops_are_put(database: Database) -> None:
    results, record = ResultStore(database), RecordStore(database)
    stories = [Story().started().ops([an_op(1)]).ops([an_op(2)]).ops([an_op(3)]) for _ in range(8)]
    await record.write_log([entry for one in stories[:4] for entry in one.entries[:3]])
    await record.write_log([entry for one in stories[4:] for entry in one.entries[:2]])
    told = await asyncio.gather(
        *(
            results.put_whole(
                a_result(one.attempt_id, seq=3),
                [HeldOps(fence=1, base=2, ops=one.entries[3].data, at_ms=NOON_MS)],
            )
            for one in stories
        )
    )
    assert told == [None] * 4 + [Place(1, 1)] * 4
    assert [len(await results.of_attempt(one.attempt_id)) for one in stories] == [1] * 4 + [0] * 4
    held = {one.attempt_id: one.ops for story in stories for one in await record.held(story.session_id)}
    assert [len(held[one.attempt_id]) for one in stories] == [3 * OP_BYTES] * 4 + [OP_BYTES] * 4


async def test_two_hand_ins_of_one_attempt_in_one_commit_are_each_told_their_own(database: Database) -> None:
    results = ResultStore(database)
    story = Story().started().ops([an_op(1)])
    result = a_result(story.attempt_id, seq=1)
    brought = HeldOps(fence=1, base=0, ops=story.entries[1].data, at_ms=NOON_MS)
    told = await asyncio.gather(results.put_whole(result), results.put_whole(result, [brought]))
    assert told == [NOTHING, None]


@pytest.mark.postgres
async def test_text_that_is_too_long_is_refused_and_not_cut(postgres_database: Database) -> None:
    results = ResultStore(postgres_database)
    result = a_result(cause="c" * 25)
    with pytest.raises(SQLAlchemyError):
        await results.put(result)
    assert await results.of_attempt(result.attempt_id) == []


@pytest.mark.postgres
async def test_after_the_server_ended_the_connection_results_are_put_again(
    postgres_database: Database,
) -> None:
    results = ResultStore(postgres_database)
    await results.put(a_result())
    ended = text(
        "select count(pg_terminate_backend(pid)) from pg_stat_activity "
        "where query like 'with given%' and datname = current_database()"
    )
    async with postgres_database.reading() as connection:
        assert (await connection.execute(ended)).scalar_one() >= 1
    result = a_result()
    try:
        await results.put(result)
    except RecordAway:  # the page asks again
        await results.put(result)
    assert await results.of_attempt(result.attempt_id) == [result]
