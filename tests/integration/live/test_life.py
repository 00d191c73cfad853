"""The life of an attempt in the live state: armed, started, taken over, closed, scored, durable."""

import asyncio
import json
from uuid import UUID, uuid4

import pytest

from exam_api.attempt.errors import AttemptNotFound
from exam_api.attempt.model import CloseKind, Fact, FactKind, State, Took, shard_of
from exam_api.live.keys import of_attempt
from tests.integration.live.conftest import running
from tests.integration.live.page import MINUTE, NOW, SESSION, SLOTS, Page, armed, masks_of

DEADLINE = NOW + 60 * MINUTE


def fact(attempt_id: UUID, kind: FactKind, at_ms: int = NOW + MINUTE, **more: object) -> Fact:
    return Fact(id=uuid4(), attempt_id=attempt_id, kind=kind, at_ms=at_ms, actor="staff:x", **more)


async def close(live, attempt_id, **changes: object):
    return await live.close(
        attempt_id, **({"kind": CloseKind.MANUAL, "now_ms": NOW + MINUTE, "fence": 1} | changes)
    )


async def test_an_armed_attempt_is_ready_with_its_paper(live, attempt_id) -> None:
    given = armed(attempt_id)
    await live.arm([given])
    held = await live.find(attempt_id)
    assert (held.state, held.fence, held.armed.label, held.armed.paper) == (State.READY, 0, given.label, b"")
    assert await live.paper(attempt_id) == given.paper


async def test_what_was_never_armed_is_none(live, attempt_id) -> None:
    assert (await live.find(attempt_id), await live.paper(attempt_id)) == (None, None)


async def test_arming_again_leaves_what_is_there(live, attempt_id) -> None:
    begun = await running(live, attempt_id)
    await live.arm([armed(attempt_id, paper=b"another", label="another")])
    assert await live.find(attempt_id) == begun
    assert await live.paper(attempt_id) == armed(attempt_id).paper


async def test_a_lost_paper_is_put_again_by_arming(live, lane, attempt_id) -> None:
    await running(live, attempt_id)
    await lane.command("DEL", of_attempt(attempt_id).paper)
    await live.arm([armed(attempt_id)])
    assert await live.paper(attempt_id) == armed(attempt_id).paper


async def test_every_key_of_an_attempt_has_a_life(live, lane, attempt_id) -> None:
    await running(live, attempt_id)
    old = Page(attempt_id).answers(2)
    await live.open_fence(attempt_id, seen_fence=1, now_ms=NOW, storage_key="k2", source="b")
    await live.sync(old.ask())
    await live.sync(Page(attempt_id, 2).answers(2).ask(now_ms=DEADLINE + MINUTE))
    await live.apply(fact(attempt_id, FactKind.EXTEND, ms=1))
    lives = {key: await lane.command("PTTL", key) for key in of_attempt(attempt_id)[:-1]}
    assert min(lives.values()) > 6 * 86_400_000, lives


async def test_a_hundred_parallel_starts_are_one_start(live, attempt_id, entries) -> None:
    await live.arm([armed(attempt_id)])
    got = await asyncio.gather(
        *(
            live.start(attempt_id, now_ms=NOW + n, deadline_ms=DEADLINE + n, storage_key=f"k{n}", source="a")
            for n in range(100)
        )
    )
    assert len({(each.started_ms, each.deadline_ms, each.storage_key, each.fence) for each in got}) == 1
    assert [entry.kind for entry in await entries(attempt_id)] == ["start"]


async def test_a_start_is_logged_with_what_reconcile_needs(live, attempt_id, entries) -> None:
    await running(live, attempt_id)
    [entry] = await entries(attempt_id)
    assert json.loads(entry.data) == {"deadline_ms": DEADLINE, "storage_key": "k1", "source": "aa"}


@pytest.mark.parametrize("act", ["start", "open_fence", "close", "keep_result"])
async def test_nothing_can_be_done_to_what_was_never_armed(live, attempt_id, act) -> None:
    calls = {
        "start": lambda: live.start(attempt_id, now_ms=1, deadline_ms=2, storage_key="", source=""),
        "open_fence": lambda: live.open_fence(attempt_id, seen_fence=0, now_ms=1, storage_key="", source=""),
        "close": lambda: close(live, attempt_id),
        "keep_result": lambda: live.keep_result(attempt_id, b"r"),
    }
    with pytest.raises(AttemptNotFound):
        await calls[act]()


async def test_of_parallel_takeovers_one_opens_the_next_fence(live, attempt_id, entries) -> None:
    await running(live, attempt_id)
    await live.sync(Page(attempt_id).answers(3).ask())
    got = await asyncio.gather(
        *(
            live.open_fence(attempt_id, seen_fence=1, now_ms=NOW + n, storage_key=f"n{n}", source="b")
            for n in range(20)
        )
    )
    assert {(each.fence, each.seq, each.head, each.storage_key) for each in got} == {(2, 0, b"", "n0")}
    assert len(masks_of(got[0].answers)) == 3
    assert [entry.kind for entry in await entries(attempt_id)] == ["start", "ops", "fence"]


async def test_a_hundred_parallel_closes_are_one_close(live, attempt_id, entries) -> None:
    await running(live, attempt_id)
    got = await asyncio.gather(
        *(close(live, attempt_id, now_ms=NOW + n, kind=kind) for n in range(50) for kind in CloseKind)
    )
    assert {(each.state, each.closed_ms, each.close_kind) for each in got} == {
        (State.CLOSED, NOW, CloseKind.MANUAL)
    }
    assert [entry.kind for entry in await entries(attempt_id)] == ["start", "close"]
    assert await live.undurable(shard_of(attempt_id), limit=10) == (attempt_id,)


async def test_an_older_fence_cannot_hand_in(live, attempt_id) -> None:
    await running(live, attempt_id)
    await live.open_fence(attempt_id, seen_fence=1, now_ms=NOW, storage_key="k2", source="b")
    assert (await close(live, attempt_id, fence=1)).state is State.RUNNING
    assert (await close(live, attempt_id, fence=2)).state is State.CLOSED


@pytest.mark.parametrize(("before", "state"), [(DEADLINE, State.RUNNING), (DEADLINE + 1, State.CLOSED)])
async def test_time_closes_only_what_is_due(live, attempt_id, before, state) -> None:
    await running(live, attempt_id)
    got = await close(live, attempt_id, kind=CloseKind.TIME, fence=None, due_before_ms=before)
    assert got.state is state
    assert got.close_kind is (CloseKind.TIME if state is State.CLOSED else None)


@pytest.mark.parametrize(("before", "there"), [(DEADLINE, False), (DEADLINE + 1, True)])
async def test_the_deadline_index_tells_what_is_due(live, attempt_id, before, there) -> None:
    await running(live, attempt_id)
    due = await live.due(shard_of(attempt_id), before_ms=before, limit=5)
    assert (attempt_id in due) is there


async def test_closed_and_paused_attempts_are_never_due(live) -> None:
    shut, paused = UUID(int=1), UUID(int=2)
    await running(live, shut)
    await running(live, paused)
    await close(live, shut)
    await live.apply(fact(paused, FactKind.PAUSE))
    assert await live.due(0, before_ms=DEADLINE * 2, limit=5) == ()


async def test_a_held_hand_in_is_carried_out_without_the_page(live, attempt_id) -> None:
    await running(live, attempt_id)
    page = Page(attempt_id).answers(2).hand_in()
    took = await live.sync(page.ask(now_ms=NOW + 5_000))
    shard = shard_of(attempt_id)
    assert took.took is Took.OK
    assert (await live.find(attempt_id)).hand_in_ms == NOW + 5_000
    assert await live.due(shard, before_ms=NOW + 5_000, limit=5) == ()
    assert await live.due(shard, before_ms=NOW + 5_001, limit=5) == (attempt_id,)
    got = await close(live, attempt_id, kind=CloseKind.TIME, fence=None, due_before_ms=NOW + 5_001)
    assert (got.state, got.close_kind, got.seq) == (State.CLOSED, CloseKind.MANUAL, 3)


async def test_a_held_hand_in_waits_for_the_earliest_instant(live, attempt_id) -> None:
    await running(live, attempt_id, earliest_hand_in_ms=30 * MINUTE)
    await live.sync(Page(attempt_id).hand_in().ask())
    early = NOW + 30 * MINUTE
    assert (await live.find(attempt_id)).hand_in_ms == early
    assert await live.due(shard_of(attempt_id), before_ms=early, limit=5) == ()
    assert await live.due(shard_of(attempt_id), before_ms=early + 1, limit=5) == (attempt_id,)


async def test_the_deadline_comes_before_a_later_hand_in(live, attempt_id) -> None:
    await running(live, attempt_id, earliest_hand_in_ms=90 * MINUTE)
    await live.sync(Page(attempt_id).hand_in().ask())
    got = await close(live, attempt_id, kind=CloseKind.TIME, fence=None, due_before_ms=DEADLINE + 1)
    assert got.close_kind is CloseKind.TIME


async def test_the_first_result_is_kept_and_logged_once(live, attempt_id, entries) -> None:
    await running(live, attempt_id)
    await close(live, attempt_id)
    got = await asyncio.gather(*(live.keep_result(attempt_id, b"result %d" % n) for n in range(30)))
    assert set(got) == {b"result 0"}
    assert [e.data for e in await entries(attempt_id) if e.kind == "result"] == [b"result 0"]
    assert (await live.find(attempt_id)).result == b"result 0"


async def test_an_attempt_that_still_runs_takes_no_result(live, attempt_id) -> None:
    await running(live, attempt_id)
    with pytest.raises(AttemptNotFound):
        await live.keep_result(attempt_id, b"r")


async def test_a_durable_result_leaves_the_list_and_is_told_to_the_page(live, attempt_id) -> None:
    await running(live, attempt_id)
    await close(live, attempt_id)
    page = Page(attempt_id)
    before = (await live.sync(page.ask())).durable
    await live.keep_settled(attempt_id, result=b"r", receipt="KW1.a.b", durable=True)
    assert (before, (await live.sync(page.ask())).durable) == (False, True)
    assert await live.undurable(shard_of(attempt_id), limit=5) == ()


async def test_of_a_session_all_attempts_are_listed(live) -> None:
    mine = [uuid4() for _ in range(40)]
    await live.arm([armed(each) for each in mine] + [armed(uuid4(), session_id=uuid4())])
    listed = await live.of_session(SESSION)
    assert {each.armed.attempt_id for each in listed} == set(mine)


# --- facts ---------------------------------------------------------------------------------------------


async def test_a_fact_is_applied_once(live, attempt_id, entries) -> None:
    await running(live, attempt_id)
    extend = fact(attempt_id, FactKind.EXTEND, ms=10 * MINUTE, reason="停电")
    got = await asyncio.gather(*(live.apply(extend) for _ in range(20)))
    assert sum(got) == 1
    assert (await live.find(attempt_id)).deadline_ms == DEADLINE + 10 * MINUTE
    logged = [json.loads(e.data) for e in await entries(attempt_id) if e.kind == "fact"]
    assert [(each["id"], each["reason"], each["ms"]) for each in logged] == [
        (str(extend.id), "停电", 10 * MINUTE)
    ]


async def test_a_pause_shifts_the_deadline_by_its_length(live, attempt_id) -> None:
    await running(live, attempt_id)
    await live.apply(fact(attempt_id, FactKind.PAUSE, NOW + 10 * MINUTE))
    paused = await live.find(attempt_id)
    await live.apply(fact(attempt_id, FactKind.RESUME, NOW + 17 * MINUTE))
    going = await live.find(attempt_id)
    assert (paused.state, paused.paused_ms, paused.deadline_ms) == (State.PAUSED, NOW + 10 * MINUTE, DEADLINE)
    assert (going.state, going.paused_ms, going.deadline_ms) == (State.RUNNING, 0, DEADLINE + 7 * MINUTE)
    shard = shard_of(attempt_id)
    assert await live.due(shard, before_ms=DEADLINE + 7 * MINUTE, limit=5) == ()
    assert await live.due(shard, before_ms=DEADLINE + 7 * MINUTE + 1, limit=5) == (attempt_id,)


async def test_a_held_hand_in_stays_due_through_a_pause_and_an_extension(live, attempt_id) -> None:
    await running(live, attempt_id)
    await live.sync(Page(attempt_id).hand_in().ask())
    for each in (
        fact(attempt_id, FactKind.PAUSE),
        fact(attempt_id, FactKind.EXTEND, ms=MINUTE),
        fact(attempt_id, FactKind.RESUME),
    ):
        assert await live.apply(each)
        assert await live.due(shard_of(attempt_id), before_ms=NOW + 2_000, limit=5) == (attempt_id,)


async def test_termination_hands_in_what_is_held(live, attempt_id, entries) -> None:
    await running(live, attempt_id)
    await live.sync(Page(attempt_id).answers(2).ask())
    await live.apply(fact(attempt_id, FactKind.TERMINATE, NOW + MINUTE))
    held = await live.find(attempt_id)
    assert (held.state, held.close_kind, held.closed_ms, held.seq) == (
        State.CLOSED,
        CloseKind.STAFF,
        NOW + MINUTE,
        2,
    )
    assert [e.kind for e in await entries(attempt_id)] == ["start", "ops", "close", "fact"]
    assert await live.undurable(shard_of(attempt_id), limit=5) == (attempt_id,)


async def test_a_void_attempt_is_due_for_nothing_and_keeps_no_ops(live, attempt_id) -> None:
    await running(live, attempt_id)
    await live.apply(fact(attempt_id, FactKind.VOID))
    took = await live.sync(Page(attempt_id).answers(1).ask())
    assert (took.state, took.took, took.seq) == (State.VOID, Took.LATE_REFUSED, 0)
    assert await live.due(shard_of(attempt_id), before_ms=DEADLINE * 2, limit=5) == ()
    assert await live.undurable(shard_of(attempt_id), limit=5) == ()


async def test_a_takeover_on_record_raises_the_fence(live, attempt_id) -> None:
    await running(live, attempt_id)
    await live.sync(Page(attempt_id).answers(2).ask())
    await live.apply(fact(attempt_id, FactKind.TAKEOVER, fence=3))
    held = await live.find(attempt_id)
    assert (held.fence, held.seq, held.head, held.storage_key) == (3, 0, b"", "")
    await live.apply(fact(attempt_id, FactKind.TAKEOVER, fence=2))
    assert (await live.find(attempt_id)).fence == 3


@pytest.mark.parametrize(
    ("kind", "wrong"),
    [
        (FactKind.EXTEND, "ready"),
        (FactKind.PAUSE, "ready"),
        (FactKind.RESUME, "running"),
        (FactKind.EXTEND, "closed"),
        (FactKind.TERMINATE, "closed"),
        (FactKind.VOID, "closed"),
        (FactKind.LATE_ACCEPTED, "running"),
        (FactKind.CREDIT, "paused"),
    ],
)
async def test_a_fact_that_does_not_fit_the_state_changes_nothing(
    live, attempt_id, entries, kind, wrong
) -> None:
    await live.arm([armed(attempt_id)])
    if wrong != "ready":
        await running(live, attempt_id)
    if wrong == "closed":
        await close(live, attempt_id)
    if wrong == "paused":
        await live.apply(fact(attempt_id, FactKind.PAUSE))
    before, logged = await live.find(attempt_id), len(await entries(attempt_id))
    assert not await live.apply(fact(attempt_id, kind, ms=MINUTE))
    assert (await live.find(attempt_id), len(await entries(attempt_id))) == (before, logged)


async def test_a_fact_about_an_unknown_attempt_is_false(live, attempt_id) -> None:
    assert not await live.apply(fact(attempt_id, FactKind.MESSAGE, text="?"))


async def test_what_staff_did_reaches_the_page_as_commands(live, attempt_id) -> None:
    await running(live, attempt_id)
    await live.apply(fact(attempt_id, FactKind.EXTEND, ms=MINUTE))
    await live.apply(fact(attempt_id, FactKind.TAKEOVER, fence=1))
    await live.apply(fact(attempt_id, FactKind.MESSAGE, text="请坐好"))
    await live.apply(fact(attempt_id, FactKind.TERMINATE))
    await live.apply(fact(attempt_id, FactKind.LATE_DECLINED))
    told = (await live.sync(Page(attempt_id).ask())).commands
    assert [(each.no, each.kind, each.text, each.ms) for each in told] == [
        (1, "extend", "", MINUTE),
        (2, "message", "请坐好", 0),
        (3, "terminate", "", 0),
        (4, "late-declined", "", 0),
    ]


# --- time given back -----------------------------------------------------------------------------------


async def test_a_gap_between_beats_is_given_back_to_who_ran(live, entries) -> None:
    first, later, paused = UUID(int=1), UUID(int=2), UUID(int=3)
    await live.beat(NOW)
    for attempt_id, started in ((first, NOW - MINUTE), (later, NOW + 4_000), (paused, NOW - MINUTE)):
        await live.arm([armed(attempt_id)])
        await live.start(attempt_id, now_ms=started, deadline_ms=DEADLINE, storage_key="k", source="a")
    await live.apply(fact(paused, FactKind.PAUSE))
    assert await live.beat(NOW + 10_000) == 2
    ends = [(await live.find(each)).deadline_ms - DEADLINE for each in (first, later, paused)]
    assert ends == [10_000, 6_000, 0]
    credit = json.loads((await entries(first))[-1].data)
    assert (credit["kind"], credit["reason"], credit["ms"]) == ("credit", "service", 10_000)


async def test_a_gap_is_credited_once_however_many_beat(live, attempt_id) -> None:
    await live.beat(NOW)
    await running(live, attempt_id)
    got = await asyncio.gather(*(live.beat(NOW + 60_000 + n) for n in range(5)))
    assert sum(got) == 1
    assert await live.beat(NOW + 61_500) == 0
    assert (await live.find(attempt_id)).deadline_ms == DEADLINE + 60_000


@pytest.mark.parametrize(("gap", "credited"), [(3_000, 0), (3_001, 1)])
async def test_a_short_gap_is_nobodys_time(live, attempt_id, gap, credited) -> None:
    await live.beat(NOW)
    await running(live, attempt_id)
    assert await live.beat(NOW + gap) == credited


async def test_calls_that_were_served_are_beats_too(live, attempt_id) -> None:
    await live.beat(NOW)
    await running(live, attempt_id)
    for at in range(NOW + 2_000, NOW + 20_000, 2_000):
        await live.sync(Page(attempt_id).ask(now_ms=at))
    assert await live.beat(NOW + 20_000) == 0


async def test_a_call_after_a_gap_does_not_hide_it(live, attempt_id) -> None:
    await live.beat(NOW)
    await running(live, attempt_id)
    await live.sync(Page(attempt_id).ask(now_ms=NOW + 30_000))
    assert await live.beat(NOW + 30_500) == 1


async def test_nothing_is_due_before_a_gap_is_credited(live, attempt_id) -> None:
    await running(live, attempt_id)
    await live.beat(DEADLINE - 10_000)
    late = DEADLINE + 20_000
    assert await live.due(shard_of(attempt_id), before_ms=late, limit=5) == ()
    await live.beat(late)
    assert await live.due(shard_of(attempt_id), before_ms=late, limit=5) == ()
    for at in range(late + 2_000, late + 16_000, 2_000):
        await live.beat(at)
    assert await live.due(shard_of(attempt_id), before_ms=DEADLINE + 30_001, limit=5) == (attempt_id,)


async def test_answers_are_as_long_as_the_paper_from_the_start(live, attempt_id) -> None:
    begun = await running(live, attempt_id)
    assert begun.answers == bytes(4 * SLOTS)
