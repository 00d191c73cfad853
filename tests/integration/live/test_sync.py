"""What a sync does, by the table of DESIGN §4: held, resent, behind, forked, beside, late."""

import asyncio
import json
from uuid import UUID

import msgspec
import pytest

from exam_api.attempt.model import SIDE_MAX, CloseKind, Fact, FactKind, State, Took
from tests.integration.live.conftest import running
from tests.integration.live.page import MINUTE, NOW, SLOTS, Page, masks_of

DEADLINE = NOW + 60 * MINUTE
LATE = DEADLINE + 5_000


async def opened(live, attempt_id, seen: int = 1):
    return await live.open_fence(
        attempt_id, seen_fence=seen, now_ms=NOW + 2_000, storage_key=f"k{seen + 1}", source="bb"
    )


async def test_ops_are_held_with_their_answers_and_head(live, attempt_id, entries) -> None:
    await running(live, attempt_id)
    page = Page(attempt_id).answer(0, 1).answer(3, 6).answer(0, 2)
    took = await live.sync(page.ask())
    held = await live.find(attempt_id)
    assert (took.took, took.seq, took.head, took.kept_seq) == (Took.OK, 3, page.head, 3)
    assert (held.seq, held.head, masks_of(held.answers)) == (3, page.head, {0: 2, 3: 6})
    assert held.last_seen_ms == NOW + 1_000
    logged = (await entries(attempt_id))[-1]
    assert (logged.kind, logged.fence, logged.base, logged.data) == ("ops", 1, 0, page.packed(0))


async def test_a_resend_gives_the_same_and_logs_nothing_more(live, attempt_id, entries) -> None:
    await running(live, attempt_id)
    page = Page(attempt_id).answers(3)
    first = await live.sync(page.ask())
    assert first.held_before == 0
    assert await live.sync(page.ask()) == msgspec.structs.replace(first, held_before=3)
    assert [entry.kind for entry in await entries(attempt_id)] == ["start", "ops"]


async def test_an_older_resend_tells_what_is_held_now(live, attempt_id) -> None:
    await running(live, attempt_id)
    page = Page(attempt_id).answers(5)
    await live.sync(page.ask())
    took = await live.sync(page.ask(0, 2))
    assert (took.took, took.seq, took.head) == (Took.OK, 5, page.head)


async def test_overlapping_ops_are_appended_from_what_is_held(live, attempt_id, entries) -> None:
    await running(live, attempt_id)
    page = Page(attempt_id).answers(3)
    await live.sync(page.ask())
    page.answers(2)
    took = await live.sync(page.ask(1))
    assert (took.took, took.seq, took.head) == (Took.OK, 5, page.head)
    logged = (await entries(attempt_id))[-1]
    assert (logged.base, logged.data) == (3, page.packed(3))


async def test_a_base_beyond_what_is_held_is_behind(live, attempt_id) -> None:
    await running(live, attempt_id)
    page = Page(attempt_id).answers(6)
    await live.sync(page.ask(0, 2))
    took = await live.sync(page.ask(4))
    assert (took.took, took.seq, took.kept_seq) == (Took.BEHIND, 2, 2)
    assert (await live.sync(page.ask(took.kept_seq))).seq == 6


async def test_a_fork_changes_nothing_and_is_logged_once(live, attempt_id, entries) -> None:
    await running(live, attempt_id)
    mine, other = Page(attempt_id).answer(0, 1), Page(attempt_id).answer(0, 2)
    await live.sync(mine.ask())
    other.answer(1, 1)
    told = [await live.sync(other.ask()), await live.sync(other.ask(1))]
    assert [(took.took, took.seq, took.head) for took in told] == [(Took.FORK, 1, mine.head)] * 2
    logged = [entry for entry in await entries(attempt_id) if entry.kind == "fork"]
    assert [json.loads(entry.data)["held"] for entry in logged] == [mine.head.hex()]
    assert masks_of((await live.find(attempt_id)).answers) == {0: 1}


async def test_two_tabs_with_the_same_seq_are_a_fork(live, attempt_id) -> None:
    await running(live, attempt_id)
    mine, other = Page(attempt_id).answer(0, 1), Page(attempt_id).answer(0, 2)
    await live.sync(mine.ask())
    assert (await live.sync(other.ask())).took is Took.FORK


async def test_a_heartbeat_is_a_sync_without_ops(live, attempt_id) -> None:
    await running(live, attempt_id)
    page = Page(attempt_id).answers(2)
    await live.sync(page.ask())
    took = await live.sync(page.ask(2, now_ms=NOW + 9_000))
    assert (took.took, took.seq, took.deadline_ms) == (Took.OK, 2, DEADLINE)
    assert (await live.find(attempt_id)).last_seen_ms == NOW + 9_000


async def test_an_attempt_that_is_unknown_or_ready_is_not_started(live, attempt_id) -> None:
    page = Page(attempt_id).answers(1)
    unknown = await live.sync(page.ask())
    await running(live, UUID(int=attempt_id.int ^ 1))
    assert unknown.took is Took.NOT_STARTED


async def test_a_slot_beyond_the_paper_is_logged_but_changes_no_answer(live, attempt_id) -> None:
    await running(live, attempt_id)
    took = await live.sync(Page(attempt_id).answer(SLOTS, 1).answer(1, 1).ask())
    held = await live.find(attempt_id)
    assert (took.seq, len(held.answers), masks_of(held.answers)) == (2, SLOTS * 4, {1: 1})


async def test_ops_of_an_older_fence_are_kept_beside_once(live, attempt_id, entries) -> None:
    await running(live, attempt_id)
    old = Page(attempt_id).answers(2)
    await live.sync(old.ask())
    await opened(live, attempt_id)
    old.answers(5)
    told = [await live.sync(old.ask(2)), await live.sync(old.ask(2)), await live.sync(old.ask(0))]
    assert [(t.took, t.fence, t.seq, t.side_ops, t.kept_seq) for t in told] == [(Took.SIDE, 2, 0, 5, 7)] * 3
    assert await live.side(attempt_id) == old.packed(2)
    logged = [entry for entry in await entries(attempt_id) if entry.kind == "side"]
    assert [(entry.fence, entry.base, entry.data) for entry in logged] == [(1, 2, old.packed(2))]


async def test_what_an_older_fence_had_synced_before_is_not_beside(live, attempt_id) -> None:
    await running(live, attempt_id)
    old = Page(attempt_id).answers(4)
    await live.sync(old.ask())
    await opened(live, attempt_id)
    took = await live.sync(old.ask(1))
    assert (took.took, took.side_ops, took.kept_seq) == (Took.SIDE, 0, 4)


async def test_a_gap_in_an_older_fence_is_asked_for_again(live, attempt_id) -> None:
    await running(live, attempt_id)
    await opened(live, attempt_id)
    old = Page(attempt_id).answers(6)
    took = await live.sync(old.ask(4))
    assert (took.took, took.kept_seq, took.side_ops) == (Took.SIDE, 0, 0)
    assert (await live.sync(old.ask(took.kept_seq))).side_ops == 6


async def test_the_writer_is_told_once_that_ops_lie_beside(live, attempt_id) -> None:
    await running(live, attempt_id)
    await opened(live, attempt_id)
    old = Page(attempt_id).answers(3)
    await live.sync(old.ask(0, 1))
    await live.sync(old.ask(1))
    told = await live.sync(Page(attempt_id, 2).ask())
    assert [command.kind for command in told.commands] == ["side"]
    assert told.side_ops == 3


async def test_more_side_ops_than_the_limit_are_counted_not_kept(live, attempt_id) -> None:
    await running(live, attempt_id)
    await opened(live, attempt_id)
    old = Page(attempt_id).answers(SIDE_MAX + 20)
    for base in range(0, SIDE_MAX + 20, 260):
        took = await live.sync(old.ask(base, base + 260))
    assert (took.side_ops, took.kept_seq) == (SIDE_MAX + 20, SIDE_MAX + 20)
    assert await live.side(attempt_id) == old.packed(0, SIDE_MAX)


async def test_a_higher_fence_in_the_token_wins_over_the_record(live, attempt_id, entries) -> None:
    """A failover lost the opening of fence 2: its device goes on, the old one cannot."""
    await running(live, attempt_id)
    old = Page(attempt_id).answers(2)
    await live.sync(old.ask())
    newer = Page(attempt_id, 2).answers(3)
    behind = await live.sync(newer.ask(2))
    assert (behind.took, behind.fence, behind.kept_seq) == (Took.BEHIND, 2, 0)
    assert (await live.sync(newer.ask())).seq == 3
    old.answers(1)
    assert (await live.sync(old.ask(2))).took is Took.SIDE
    assert [entry.kind for entry in await entries(attempt_id)] == ["start", "ops", "fence", "ops", "side"]


@pytest.mark.parametrize(
    ("at", "took"),
    [
        (DEADLINE - 1, Took.OK),
        (DEADLINE, Took.OK),
        (LATE - 1, Took.OK),
        (LATE, Took.LATE),
        (LATE + MINUTE, Took.LATE),
    ],
)
async def test_an_op_counts_before_deadline_and_grace(live, attempt_id, at, took) -> None:
    await running(live, attempt_id)
    page = Page(attempt_id).answers(2)
    told = await live.sync(page.ask(now_ms=at))
    held = await live.find(attempt_id)
    assert (told.took, held.seq) == (took, 2 if took is Took.OK else 0)


async def test_late_ops_are_kept_once_and_counted_in_no_answer(live, attempt_id, entries) -> None:
    await running(live, attempt_id)
    page = Page(attempt_id).answers(3)
    await live.sync(page.ask())
    await live.close(attempt_id, kind=CloseKind.TIME, now_ms=LATE + 1, fence=None)
    page.answers(5)
    told = [
        await live.sync(page.ask(3, 6, now_ms=LATE + 9)),
        await live.sync(page.ask(3, now_ms=LATE + 9)),
        await live.sync(page.ask(1, now_ms=LATE + 9)),
    ]
    assert [(t.took, t.seq, t.late_ops, t.kept_seq) for t in told] == [
        (Took.LATE, 3, 3, 6),
        (Took.LATE, 3, 5, 8),
        (Took.LATE, 3, 5, 8),
    ]
    assert await live.late(attempt_id) == page.packed(3)
    held = await live.find(attempt_id)
    assert (held.seq, held.late_ops, len(masks_of(held.answers))) == (3, 5, 3)
    assert [(e.base, e.data) for e in await entries(attempt_id) if e.kind == "late"] == [
        (3, page.packed(3, 6)),
        (6, page.packed(6)),
    ]


async def test_a_resend_of_what_counted_is_ok_even_after_the_close(live, attempt_id) -> None:
    await running(live, attempt_id)
    page = Page(attempt_id).answers(3)
    await live.sync(page.ask())
    await live.close(attempt_id, kind=CloseKind.TIME, now_ms=LATE + 1, fence=None)
    took = await live.sync(page.ask(0, now_ms=LATE + 9))
    assert (took.took, took.state, took.seq, took.late_ops) == (Took.OK, State.CLOSED, 3, 0)


async def test_late_ops_that_do_not_join_the_chain_are_a_fork(live, attempt_id) -> None:
    await running(live, attempt_id)
    page, other = Page(attempt_id).answer(0, 1), Page(attempt_id).answer(0, 2).answer(1, 1)
    await live.sync(page.ask())
    took = await live.sync(other.ask(1, now_ms=LATE))
    assert (took.took, took.late_ops) == (Took.FORK, 0)


async def test_late_ops_with_a_gap_are_asked_for_again(live, attempt_id) -> None:
    await running(live, attempt_id)
    page = Page(attempt_id).answers(4)
    await live.sync(page.ask(0, 1))
    took = await live.sync(page.ask(3, now_ms=LATE))
    assert (took.took, took.kept_seq) == (Took.BEHIND, 1)


async def test_a_profile_without_late_answers_refuses_them_but_logs_them(live, attempt_id, entries) -> None:
    await running(live, attempt_id, late_hold=False)
    page = Page(attempt_id).answers(2)
    told = [await live.sync(page.ask(now_ms=LATE)) for _ in range(2)]
    assert [(t.took, t.late_ops, t.kept_seq) for t in told] == [
        (Took.LATE_REFUSED, 0, 2),
        (Took.LATE_REFUSED, 0, 2),
    ]
    assert await live.late(attempt_id) == b""
    assert [e.data for e in await entries(attempt_id) if e.kind == "late-refused"] == [page.packed(0)]


async def test_after_an_extension_late_ops_are_sent_again_and_count(live, attempt_id) -> None:
    await running(live, attempt_id)
    page = Page(attempt_id).answers(2)
    await live.sync(page.ask(now_ms=LATE))
    assert await live.apply(
        Fact(
            id=UUID(int=9),
            attempt_id=attempt_id,
            kind=FactKind.EXTEND,
            at_ms=LATE,
            actor="staff:x",
            ms=10 * MINUTE,
        )
    )
    took = await live.sync(page.ask(now_ms=LATE + 1))
    assert (took.took, took.seq, took.deadline_ms) == (Took.OK, 2, DEADLINE + 10 * MINUTE)
    page.answers(2)
    late = await live.sync(page.ask(2, now_ms=LATE + 11 * MINUTE))
    assert (late.took, late.kept_seq) == (Took.LATE, 4)


async def test_during_a_pause_ops_count_whatever_the_hour(live, attempt_id) -> None:
    await running(live, attempt_id)
    await live.apply(
        Fact(id=UUID(int=3), attempt_id=attempt_id, kind=FactKind.PAUSE, at_ms=NOW + 5, actor="staff:x")
    )
    took = await live.sync(Page(attempt_id).answers(1).ask(now_ms=LATE + MINUTE))
    assert (took.took, took.state, took.paused_ms) == (Took.OK, State.PAUSED, NOW + 5)


async def test_a_fence_that_a_failover_lost_before_the_close_is_kept_as_late(live, attempt_id) -> None:
    await running(live, attempt_id)
    old = Page(attempt_id).answers(2)
    await live.sync(old.ask())
    await live.close(attempt_id, kind=CloseKind.TIME, now_ms=LATE + 1, fence=None)
    newer = Page(attempt_id, 2).answers(3)
    took = await live.sync(newer.ask(now_ms=LATE + 2))
    assert (took.took, took.fence, took.late_ops, took.kept_seq) == (Took.LATE, 1, 3, 3)
    old.answers(1)
    side = await live.sync(old.ask(2, now_ms=LATE + 3))
    assert (side.took, side.side_ops) == (Took.SIDE, 1)


async def test_events_are_logged_with_and_without_ops_and_after_the_close(live, attempt_id, entries) -> None:
    await running(live, attempt_id)
    page = Page(attempt_id).answers(1)
    await live.sync(page.ask(events=b'[{"kind":"blur"}]'))
    await live.close(attempt_id, kind=CloseKind.MANUAL, now_ms=NOW + 5_000, fence=1)
    await live.sync(page.ask(1, events=b'[{"kind":"focus"}]'))
    logged = [entry.data for entry in await entries(attempt_id) if entry.kind == "events"]
    assert logged == [b'[{"kind":"blur"}]', b'[{"kind":"focus"}]']


async def test_more_events_than_4_kb_are_refused(live, attempt_id) -> None:
    with pytest.raises(ValueError, match="bytes of events"):
        await live.sync(Page(attempt_id).ask(events=b"x" * 4_097))


async def test_two_sources_that_take_turns_are_logged(live, attempt_id, entries) -> None:
    await running(live, attempt_id)
    page = Page(attempt_id)
    for source in ("aa", "bb", "bb", "aa", "aa"):
        await live.sync(page.ask(source=source))
    logged = [json.loads(entry.data) for entry in await entries(attempt_id) if entry.kind == "source"]
    assert logged == [{"sources": ["bb", "aa"]}]


async def test_a_source_that_only_moves_on_is_not_logged(live, attempt_id, entries) -> None:
    await running(live, attempt_id)
    for source in ("aa", "bb", "cc", "dd"):
        await live.sync(Page(attempt_id).ask(source=source))
    assert "source" not in [entry.kind for entry in await entries(attempt_id)]


async def test_commands_come_until_they_are_acknowledged(live, attempt_id) -> None:
    await running(live, attempt_id)
    for number, text in enumerate(["一", "二", "三"]):
        await live.apply(
            Fact(
                id=UUID(int=number),
                attempt_id=attempt_id,
                kind=FactKind.MESSAGE,
                at_ms=NOW + number,
                actor="staff:x",
                text=text,
            )
        )
    page = Page(attempt_id)
    told = [await live.sync(page.ask(ack_command=ack)) for ack in (0, 0, 2, 3)]
    assert [[(c.no, c.text) for c in took.commands] for took in told] == [
        [(1, "一"), (2, "二"), (3, "三")],
        [(1, "一"), (2, "二"), (3, "三")],
        [(3, "三")],
        [],
    ]


async def test_ops_that_come_at_once_are_held_once(live, attempt_id, entries) -> None:
    await running(live, attempt_id)
    page = Page(attempt_id).answers(20)
    asks = [page.ask(0, upto) for upto in range(1, 21)]
    told = await asyncio.gather(*map(live.sync, asks))
    assert {took.took for took in told} == {Took.OK}
    held = await live.find(attempt_id)
    logged = b"".join(entry.data for entry in await entries(attempt_id) if entry.kind == "ops")
    assert (held.seq, held.head, logged) == (20, page.head, page.packed(0))
