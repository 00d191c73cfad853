"""The record of the exam: drained twice it is the same, and nothing a device sends makes it stumble."""

import asyncio
import json
from uuid import uuid4

import msgspec
from sqlalchemy import func, select

from exam_api.attempt import chain
from exam_api.attempt.model import CloseKind, Op, OpKind
from exam_api.record import HeldAttempt, LateRequest, LateState, LogKind
from exam_api.store.engine import Database
from exam_api.store.record import ATTEMPT, EVENT, FACT, OP, RecordStore
from exam_api.store.results import ResultStore
from exam_api.store.tables import AuditRow, table
from tests.integration.store.builders import NOON_MS, Story, a_fact, a_result, an_op
from tests.integration.store.world import Stores, a_session

AUDIT = table(AuditRow)


async def held_of(record: RecordStore, story: Story) -> HeldAttempt:
    found = {one.attempt_id: one for one in await record.held(story.session_id)}
    return found[story.attempt_id]


async def audited(database: Database, story: Story) -> list[str]:
    asked = select(AUDIT.c.act).where(AUDIT.c.object == f"attempt:{story.attempt_id}").order_by(AUDIT.c.no)
    async with database.reading() as connection:
        return list((await connection.execute(asked)).scalars())


async def test_a_drained_attempt_is_held_as_it_ran(database: Database) -> None:
    record = RecordStore(database)
    story = Story().started().ops([an_op(1), an_op(2, mask=2)]).ops([an_op(3, mask=6, slot=1)]).closed()
    await record.write_log(story.entries)
    held = await held_of(record, story)
    assert held == HeldAttempt(
        attempt_id=story.attempt_id,
        fence=1,
        storage_key="k1",
        started_ms=story.entries[0].at_ms,
        deadline_ms=NOON_MS + 3_600_000,
        ops=b"".join(entry.data for entry in story.entries if entry.kind is LogKind.OPS),
        closed_ms=story.entries[-1].at_ms,
        close_kind=CloseKind.MANUAL,
        result=None,
    )


async def test_draining_again_changes_nothing(database: Database) -> None:
    record = RecordStore(database)
    story = Story()
    fact = a_fact(story.attempt_id)
    story.started().ops([an_op(1)]).add(LogKind.EVENTS, b"[]").fact(fact).closed()
    await record.write_log(story.entries)
    before = await held_of(record, story)
    await record.write_log(story.entries)
    await record.write_log(story.entries[1:3])
    assert await held_of(record, story) == before
    async with database.reading() as connection:
        counts = [
            await connection.scalar(
                select(func.count()).select_from(of).where(of.c.attempt_id == story.attempt_id)
            )
            for of in (OP, EVENT, FACT)
        ]
    assert counts == [1, 4, 1]
    assert await audited(database, story) == ["attempt.extend"]


async def test_two_drains_of_one_batch_at_once_write_it_once(database: Database, kept_url: str) -> None:
    other = Database(kept_url)
    story = Story().started().ops([an_op(n) for n in range(1, 101)]).closed()
    await asyncio.gather(
        RecordStore(database).write_log(story.entries), RecordStore(other).write_log(story.entries)
    )
    await other.close()
    held = await held_of(RecordStore(database), story)
    assert len(held.ops) == 100 * chain.OP_BYTES


async def test_an_older_batch_drained_later_lowers_nothing(database: Database) -> None:
    record = RecordStore(database)
    story = Story().started().ops([an_op(1)]).taken_over(fence=2, storage_key="k2").ops([an_op(1)], fence=2)
    await record.write_log(story.entries)
    await record.write_log(story.entries[:2])
    held = await held_of(record, story)
    assert (held.fence, held.storage_key) == (2, "k2")
    assert [(one.fence, one.op.seq) for one in chain.unpack(held.ops)] == [(1, 1), (2, 1)]


async def test_a_batch_that_tells_only_later_things_leaves_the_start_alone(database: Database) -> None:
    record = RecordStore(database)
    story = Story().started().ops([an_op(1)]).ops([an_op(2)])
    await record.write_log(story.entries[:2])
    await record.write_log(story.entries[2:])
    held = await held_of(record, story)
    assert (held.started_ms, held.storage_key, held.fence) == (story.entries[0].at_ms, "k1", 1)


async def test_ops_from_other_devices_are_kept_beside_and_not_held(database: Database) -> None:
    record = RecordStore(database)
    story = Story().started().taken_over(fence=2, storage_key="k2")
    story.ops([an_op(1, mask=4)], kind=LogKind.SIDE)
    await record.write_log(story.entries)
    assert (await held_of(record, story)).ops == b""
    async with database.reading() as connection:
        kept = (await connection.execute(select(OP).where(OP.c.attempt_id == story.attempt_id))).one()
    assert (kept.how, kept.fence, kept.seq, kept.mask) == ("side", 1, 1, 4)


async def test_canonical_bytes_survive_whatever_clock_a_device_claims(database: Database) -> None:
    record = RecordStore(database)
    story = Story().started()
    highest = (1 << 32) - 1
    for slot, client_ms in enumerate([0, NOON_MS, (1 << 63) - 1, 1 << 63, (1 << 64) - 1]):
        op = Op(highest - 4 + slot, OpKind.ANSWER, 65_535 - slot, b"\xff" * 16, highest, client_ms)
        story.ops([op], fence=highest)
    await record.write_log(story.entries)
    assert (await held_of(record, story)).ops == b"".join(entry.data for entry in story.entries[1:])


UNREADABLE = [b"\x00\xff", b"{", b'{"storage_key": "\\u0000x", "kind": 7}', b"[]", b""]


async def test_unreadable_entries_are_kept_and_stop_nothing(database: Database) -> None:
    record = RecordStore(database)
    stories = [Story().started().add(kind, data).ops([an_op(1)]) for kind in LogKind for data in UNREADABLE]
    await record.write_log([entry for story in stories for entry in story.entries])
    for story in stories:
        assert len((await held_of(record, story)).ops) == chain.OP_BYTES


async def test_an_entry_that_nobody_could_read_is_an_event_and_makes_no_attempt(database: Database) -> None:
    story = Story().add(LogKind.UNKNOWN, b"\x92\xc4\x01k\xc4\x07strange")
    await RecordStore(database).write_log(story.entries)
    (entry,) = story.entries
    async with database.reading() as connection:
        asked = select(EVENT.c.kind, EVENT.c.body).where(EVENT.c.attempt_id == story.attempt_id)
        assert [tuple(row) for row in await connection.execute(asked)] == [("unknown", entry.data)]
        attempts = select(func.count()).select_from(ATTEMPT).where(ATTEMPT.c.id == story.attempt_id)
        assert await connection.scalar(attempts) == 0


async def test_a_row_that_the_tables_refuse_is_kept_as_it_came(database: Database) -> None:
    record = RecordStore(database)
    story, other = Story(), Story().started().ops([an_op(1)])
    story.started().fact(a_fact(story.attempt_id, ms=1 << 62, fence=1 << 63))  # beyond what a column holds
    await record.write_log([*story.entries, *other.entries])
    assert len((await held_of(record, other)).ops) == chain.OP_BYTES
    asked = select(EVENT.c.kind).where(EVENT.c.attempt_id == story.attempt_id)
    async with database.reading() as connection:
        kinds = (await connection.execute(asked)).scalars().all()
    assert sorted(kinds) == [LogKind.FACT.value, LogKind.START.value]


async def test_a_fact_is_written_once_with_its_audit_line(database: Database) -> None:
    record = RecordStore(database)
    story = Story()
    fact = a_fact(story.attempt_id)
    await asyncio.gather(*(record.add_fact(fact, audit_act="attempt.extend") for _ in range(5)))
    await record.write_log(story.fact(fact).entries)
    assert fact in await record.facts_since(since_ms=fact.at_ms)
    assert await audited(database, story) == ["attempt.extend"]


async def test_a_fact_applied_while_the_database_was_away_is_written_by_the_drain(database: Database) -> None:
    record = RecordStore(database)
    story = Story()
    fact = a_fact(story.attempt_id, at_ms=NOON_MS + 7, text="请看\0前方")
    await record.write_log(story.fact(fact).entries)
    assert msgspec.structs.replace(fact, text="请看前方") in await record.facts_since(since_ms=NOON_MS + 7)
    assert await audited(database, story) == ["attempt.extend"]


async def test_older_facts_are_left_out(database: Database) -> None:
    record = RecordStore(database)
    fact = a_fact(uuid4())
    await record.add_fact(fact, audit_act="attempt.extend")
    assert fact not in await record.facts_since(since_ms=fact.at_ms + 1)


async def late_story(database: Database) -> Story:
    session = await a_session(Stores(database))
    story = Story(session.id).started().ops([an_op(1)]).closed(CloseKind.TIME)
    return story.ops([an_op(2, mask=2), an_op(3, mask=4)], kind=LogKind.LATE)


async def test_late_ops_open_one_request_and_are_given_in_order(database: Database) -> None:
    record = RecordStore(database)
    story = await late_story(database)
    await record.write_log(story.entries)
    await record.write_log(story.ops([an_op(4)], kind=LogKind.LATE).entries[-2:])
    request = await record.late_request(story.attempt_id)
    assert request is not None
    assert (request.ops, request.state, request.first_ms) == (3, LateState.OPEN, story.entries[3].at_ms)
    assert await record.late_ops(story.attempt_id) == story.entries[3].data + story.entries[4].data


def decided(request: LateRequest, state: LateState) -> LateRequest:
    return msgspec.structs.replace(
        request, state=state, decided_by=uuid4(), decided_ms=NOON_MS + 99, reason="网络中断"
    )


async def test_an_accepted_request_makes_a_run_beside_the_first(database: Database) -> None:
    record, results = RecordStore(database), ResultStore(database)
    story = await late_story(database)
    await record.write_log(story.entries)
    first = a_result(story.attempt_id, session_id=story.session_id)
    await results.put(first)
    request = await record.late_request(story.attempt_id)
    assert request is not None
    second = msgspec.structs.replace(first, run=2, cause="late-accepted")
    assert await record.decide_late(decided(request, LateState.ACCEPTED), second)
    assert await results.of_attempt(story.attempt_id) == [first, second]
    assert (await held_of(record, story)).result == second
    assert await audited(database, story) == ["late.accepted"]


async def test_of_parallel_decisions_one_stands(database: Database) -> None:
    record = RecordStore(database)
    story = await late_story(database)
    await record.write_log(story.entries)
    request = await record.late_request(story.attempt_id)
    assert request is not None
    declined = decided(request, LateState.DECLINED)
    told = await asyncio.gather(*(record.decide_late(declined, None) for _ in range(8)))
    assert sorted(told) == [False] * 7 + [True]
    assert await audited(database, story) == ["late.declined"]
    assert await record.late_request(story.attempt_id) == declined


async def test_late_ops_after_the_decision_do_not_reopen_it(database: Database) -> None:
    record = RecordStore(database)
    story = await late_story(database)
    await record.write_log(story.entries)
    request = await record.late_request(story.attempt_id)
    assert request is not None
    await record.decide_late(decided(request, LateState.DECLINED), None)
    await record.write_log(story.ops([an_op(4)], kind=LogKind.LATE).entries)
    after = await record.late_request(story.attempt_id)
    assert after is not None
    assert (after.state, after.ops) == (LateState.DECLINED, 2)


async def test_nothing_is_known_of_a_stranger(database: Database) -> None:
    record = RecordStore(database)
    assert await record.held(uuid4()) == []
    assert await record.late_ops(uuid4()) == b""
    assert await record.late_request(uuid4()) is None


async def test_an_event_keeps_its_body(database: Database) -> None:
    record = RecordStore(database)
    body = json.dumps([{"kind": "hidden", "ms": 1200}]).encode()
    story = Story().started().add(LogKind.EVENTS, body)
    await record.write_log(story.entries)
    async with database.reading() as connection:
        asked = select(EVENT.c.body).where(
            EVENT.c.attempt_id == story.attempt_id, EVENT.c.kind == LogKind.EVENTS.value
        )
        assert await connection.scalar(asked) == body
