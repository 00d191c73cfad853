"""Durable results: one row whatever happens, nobody answered before the commit, others not held up."""

import asyncio
from uuid import uuid4

import msgspec
import pytest
from sqlalchemy import event
from sqlalchemy.exc import SQLAlchemyError

from exam_api.errors import RecordAway
from exam_api.store.engine import Database
from exam_api.store.results import ResultStore
from scoring.paper import PaperScore
from tests.integration.store.builders import a_result


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


async def test_results_that_wait_are_committed_together(database: Database) -> None:
    results = ResultStore(database)
    await results.put(a_result())
    commits: list[object] = []
    event.listen(database._engine.sync_engine, "commit", commits.append)
    await asyncio.gather(*(results.put(a_result()) for _ in range(200)))
    assert 1 <= len(commits) <= 3


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
