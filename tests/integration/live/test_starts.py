"""A start by what a process remembers does what the ordinary one does, or nothing at all."""

from collections.abc import Awaitable, Callable
from uuid import UUID, uuid4

import msgspec
import pytest
import pytest_asyncio

from exam_api.attempt.model import State, shard_of
from exam_api.live import keys
from exam_api.live.attempts import RedisLive
from exam_api.live.logins import RedisLogins
from exam_api.live.redis_lane import RedisLane
from exam_api.live.starts import Kept, RedisStarts, Seen
from exam_api.start_ports import KnownStart
from tests.integration.live.conftest import Entry, ready, running
from tests.integration.live.page import MINUTE, NOW, armed, candidate

END = NOW + 60 * MINUTE


@pytest_asyncio.fixture
async def known(lane: RedisLane, attempt_id: UUID) -> tuple[RedisStarts, KnownStart]:
    """A ready attempt and a log-in that this process has seen."""
    live = await ready(lane)
    starter = RedisStarts(lane, Seen())
    await live.arm([armed(attempt_id)])
    login = candidate(until_ms=END)
    token_hash = uuid4().bytes * 2
    await RedisLogins(lane).open(login, token_hash=token_hash, life_ms=60_000)
    found = await starter.know(token_hash, attempt_id)
    assert found is not None
    assert found[0] == login
    ask = KnownStart(
        token_hash=token_hash,
        armed=found[1],
        now_ms=NOW,
        deadline_ms=END,
        storage_key="k1",
        source="aa",
        wants_paper=True,
    )
    return starter, ask


async def test_it_leaves_attempt_and_log_as_the_ordinary_start_does(
    lane: RedisLane,
    known: tuple[RedisStarts, KnownStart],
    attempt_id: UUID,
    entries: Callable[[UUID], Awaitable[list[Entry]]],
) -> None:
    starter, ask = known
    live, other = RedisLive(lane), uuid4()
    assert await starter.start(ask) == await live.paper(attempt_id)
    ordinary = await running(live, other)
    found = await live.find(attempt_id)
    assert found == msgspec.structs.replace(ordinary, armed=ask.armed)
    (told,), (told_of_other,) = await entries(attempt_id), await entries(other)
    assert msgspec.json.decode(told.data) == msgspec.json.decode(told_of_other.data)
    assert msgspec.structs.replace(told, data=b"") == msgspec.structs.replace(told_of_other, data=b"")
    for own in (keys.of_attempt(attempt_id), keys.of_attempt(other)):
        lives = [await lane.command("PTTL", key) for key in (own.attempt, own.answers)]
        assert abs(lives[0] - lives[1]) < 5_000
    assert attempt_id in await live.due(shard_of(attempt_id), before_ms=END + 1, limit=100)


async def test_sent_again_it_does_nothing(known: tuple[RedisStarts, KnownStart], lane: RedisLane) -> None:
    starter, ask = known
    assert await starter.start(ask)
    assert await starter.start(msgspec.structs.replace(ask, storage_key="k2")) is None
    found = await RedisLive(lane).find(ask.armed.attempt_id)
    assert found is not None
    assert found.storage_key == "k1"
    assert await starter.know(ask.token_hash, ask.armed.attempt_id) is None


async def test_without_the_paper_nothing_is_brought(known: tuple[RedisStarts, KnownStart]) -> None:
    starter, ask = known
    assert await starter.start(msgspec.structs.replace(ask, wants_paper=False)) == b""


@pytest.mark.parametrize("changed", ["log-in ended", "log-in used", "armed anew", "paper lost", "unready"])
async def test_where_anything_has_become_otherwise_nothing_is_done(
    known: tuple[RedisStarts, KnownStart],
    lane: RedisLane,
    entries: Callable[[UUID], Awaitable[list[Entry]]],
    changed: str,
) -> None:
    starter, ask = known
    attempt_id = ask.armed.attempt_id
    own, shard = keys.of_attempt(attempt_id), keys.OF_SHARD[shard_of(attempt_id)]
    logins = RedisLogins(lane)
    if changed == "log-in ended":
        await logins.end(ask.token_hash)
    elif changed == "log-in used":
        login = await logins.find(ask.token_hash)
        assert login is not None
        await logins.seen(ask.token_hash, login, now_ms=NOW + 1)
    elif changed == "armed anew":
        ask = msgspec.structs.replace(ask, armed=msgspec.structs.replace(ask.armed, closes_ms=1))
    elif changed == "paper lost":
        await lane.command("DEL", own.paper)
    else:
        await lane.command("HSET", shard.shard, "run", "another")
    assert await starter.start(ask) is None
    found = await RedisLive(lane).find(attempt_id)
    assert found is not None
    assert found.state is State.READY
    assert await entries(attempt_id) == []


async def test_where_one_script_may_not_name_all_keys_nobody_is_known(
    known: tuple[RedisStarts, KnownStart], lane: RedisLane, monkeypatch: pytest.MonkeyPatch
) -> None:
    starter, ask = known
    monkeypatch.setattr(lane, "apart", True)
    assert await starter.know(ask.token_hash, ask.armed.attempt_id) is None
    assert await starter.start(ask) is None


async def test_who_is_not_there_is_not_known(lane: RedisLane, attempt_id: UUID) -> None:
    assert await RedisStarts(lane, Seen()).know(b"x" * 32, attempt_id) is None


def test_of_what_was_seen_the_oldest_goes() -> None:
    kept: Kept[int, str] = Kept(2)
    for number in range(3):
        kept.put(number, str(number))
    assert (kept.get(0), kept.get(1), kept.has(2)) == (None, "1", True)
