"""Where a script may name one slot only, though the address is that of a server alone."""

from collections.abc import AsyncIterator, Iterator
from uuid import UUID, uuid4

import msgspec
import pytest
import pytest_asyncio

from exam_api.attempt.model import SHARDS, State, shard_of
from exam_api.live.keys import OF_SHARD
from exam_api.live.log import GROUP, RedisLog
from exam_api.live.redis_lane import RedisLane, ScriptBroken
from exam_api.live.starts import RedisStarts, Seen
from exam_api.start_ports import KnownStart
from tests.integration.live.cluster import SERVER, Cluster
from tests.integration.live.conftest import ready, running
from tests.integration.live.page import MINUTE, NOW, armed, candidate

pytestmark = [
    pytest.mark.xdist_group("one-slot"),
    pytest.mark.skipif(not SERVER, reason="redis-server is not installed"),
]

END = NOW + 60 * MINUTE
ATTEMPTS = [UUID(bytes=bytes([shard]) + b"x" * 15) for shard in range(3)]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    held = Cluster(tmp_path_factory.mktemp("one"), replicas=0)
    try:
        yield held.start_one()
    finally:
        held.stop()


@pytest_asyncio.fixture
async def lane(address: str) -> AsyncIterator[RedisLane]:
    opened = RedisLane(address)
    await opened.open()
    await opened.command("FLUSHALL")
    yield opened
    await opened.close()


@pytest.fixture
def behind_a_proxy(lane: RedisLane, monkeypatch: pytest.MonkeyPatch) -> RedisLane:
    """As if the node had not told that it is one of a cluster."""
    monkeypatch.setattr(lane, "apart", False)
    return lane


async def unacknowledged(lane: RedisLane) -> int:
    pending = [await lane.command("XPENDING", OF_SHARD[shard_of(one)].log, GROUP) for one in ATTEMPTS]
    return sum(each[0] for each in pending)


async def given(lane: RedisLane) -> tuple[RedisLog, list[tuple[int, list[str]]]]:
    """A log of which the first entries of several shards were read."""
    live, log = await ready(lane), RedisLog(lane)
    for one in ATTEMPTS:
        await running(live, one)
    read = [
        (shard_of(one), [entry.id for entry in await log.read(shard_of(one), count=9)]) for one in ATTEMPTS
    ]
    assert await unacknowledged(lane) == len(ATTEMPTS)
    return log, read


async def test_a_node_of_a_cluster_is_known_as_one(lane: RedisLane) -> None:
    assert lane.apart
    assert await RedisLog(lane).read_together(count=9) == ((), range(SHARDS))


async def test_what_is_on_record_is_acknowledged_shard_by_shard(lane: RedisLane) -> None:
    log, read = await given(lane)
    await log.done_together(read)
    assert await unacknowledged(lane) == 0


async def test_a_proxy_that_wants_one_slot_a_script_holds_up_no_drain(behind_a_proxy: RedisLane) -> None:
    log, read = await given(behind_a_proxy)
    await log.done_together(read)
    assert await unacknowledged(behind_a_proxy) == 0


async def test_what_a_shard_alone_is_refused_for_stays_a_fault(behind_a_proxy: RedisLane) -> None:
    with pytest.raises(ScriptBroken, match="NOGROUP"):
        await RedisLog(behind_a_proxy).done_together([(0, ["1-1"]), (1, ["1-1"])])


async def test_a_start_goes_the_ordinary_way_behind_such_a_proxy(behind_a_proxy: RedisLane) -> None:
    live, attempt_id, seen, token_hash = await ready(behind_a_proxy), uuid4(), Seen(), uuid4().bytes * 2
    await live.arm([armed(attempt_id)])
    login = candidate(until_ms=END)
    seen.login(token_hash, msgspec.msgpack.encode(login))
    ask = KnownStart(
        token_hash=token_hash,
        armed=armed(attempt_id),
        now_ms=NOW,
        deadline_ms=END,
        storage_key="k1",
        source="aa",
        wants_paper=True,
    )
    assert await RedisStarts(behind_a_proxy, seen).start(ask) is None
    found = await live.find(attempt_id)
    assert found is not None
    assert found.state is State.READY
