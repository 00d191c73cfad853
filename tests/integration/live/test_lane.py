"""The lane itself: batches, order, deadlines, limits, forgotten scripts, broken connections."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Iterator
from io import FileIO, TextIOWrapper
from pathlib import Path
from uuid import uuid4

import hiredis
import pytest
import structlog

from exam_api.errors import LiveAway
from exam_api.live import scripts
from exam_api.live.redis_lane import RedisLane, ScriptBroken
from exam_api.log import start_logging
from exam_api.settings import from_environ
from tests.integration.live.conftest import ready, running
from tests.integration.live.page import Page


async def test_answers_come_in_the_order_of_the_calls(lane) -> None:
    told = await asyncio.gather(*(lane.command("ECHO", n) for n in range(2_000)))
    assert told == [b"%d" % n for n in range(2_000)]


async def test_a_big_value_goes_there_and_back(lane) -> None:
    await lane.command("SET", "big", b"x" * 3_000_000)
    assert await lane.command("GET", "big") == b"x" * 3_000_000


async def test_commands_of_one_tick_are_written_at_once(lane) -> None:
    before = _info(await lane.command("INFO", "stats"), "total_reads_processed")
    await asyncio.gather(*(lane.command("PING") for _ in range(500)))
    after = _info(await lane.command("INFO", "stats"), "total_reads_processed")
    assert after - before < 20


def _info(text: bytes, field: str) -> int:
    found = [line for line in text.decode().splitlines() if line.startswith(field + ":")]
    return int(found[0].partition(":")[2]) if found else 0


async def test_scripts_that_the_server_forgot_are_sent_again(lane) -> None:
    live, attempt_id = await ready(lane), uuid4()
    await lane.command("SCRIPT", "FLUSH")
    await running(live, attempt_id)
    got = await asyncio.gather(*(live.sync(Page(attempt_id).ask()) for _ in range(50)))
    assert len(got) == 50


async def test_what_redis_refuses_is_our_fault_and_breaks_nothing(lane) -> None:
    with pytest.raises(ScriptBroken, match="unknown command"):
        await lane.command("NO-SUCH")
    with pytest.raises(ScriptBroken):
        await lane.run(scripts.ALL["arm"], (), ())
    assert await lane.command("PING") == b"PONG"


async def test_a_word_inside_another_says_nothing_of_the_node(lane) -> None:
    words = ("XGROUP", "CREATE", f"log-{uuid4()}", "g", "0", "MKSTREAM")
    await lane.command(*words)
    with pytest.raises(ScriptBroken, match="BUSYGROUP"):
        await lane.command(*words)


async def test_what_a_node_cannot_do_now_is_told_from_inside_a_script_too(lane) -> None:
    await lane.command("CONFIG", "SET", "min-replicas-to-write", "1")
    try:
        with pytest.raises(LiveAway):
            await lane.command("EVAL", "return redis.call('SET', KEYS[1], 1)", 1, f"key-{uuid4()}")
    finally:
        await lane.command("CONFIG", "SET", "min-replicas-to-write", "0")


async def test_a_caller_that_gives_up_disturbs_nobody(lane) -> None:
    given_up = asyncio.ensure_future(lane.command("ECHO", "a"))
    later = lane.command("ECHO", "b")
    given_up.cancel()
    assert await later == b"b"


async def test_before_it_is_open_every_call_is_refused() -> None:
    with pytest.raises(LiveAway):
        await RedisLane("unix:///nonexistent/redis.sock").command("PING")


async def test_opening_without_a_server_is_refused_in_time_and_goes_on_trying(own_redis) -> None:
    own_redis.stop()
    lane = RedisLane(own_redis.url, deadline_s=0.2)
    with pytest.raises(LiveAway):
        await lane.open()
    own_redis.start()
    async with asyncio.timeout(5):
        while True:
            try:
                await lane.open()
                break
            except LiveAway:
                continue
    assert await lane.command("PING") == b"PONG"
    await lane.close()


async def test_beyond_the_limit_calls_are_refused_at_once(redis_url) -> None:
    lane = RedisLane(redis_url, in_flight_max=10)
    await lane.open()
    held = [lane.command("PING") for _ in range(10)]
    with pytest.raises(LiveAway):
        await lane.command("PING")
    assert await asyncio.gather(*held) == [b"PONG"] * 10
    assert await lane.command("PING") == b"PONG"
    await lane.close()


async def test_a_server_that_stands_still_refuses_after_the_deadline(own_redis) -> None:
    lane = RedisLane(own_redis.url, deadline_s=0.3)
    await lane.open()
    run_id = lane.run_id
    os.kill(own_redis.pid, signal.SIGSTOP)
    begun = asyncio.get_running_loop().time()
    with pytest.raises(LiveAway):
        await lane.command("PING")
    waited = asyncio.get_running_loop().time() - begun
    os.kill(own_redis.pid, signal.SIGCONT)
    assert 0.3 <= waited < 1.5
    await _again(lane)
    assert (await lane.command("PING"), lane.run_id) == (b"PONG", run_id)
    await lane.close()


async def test_a_process_that_was_held_up_itself_keeps_its_connection(redis_url) -> None:
    lane = RedisLane(redis_url, deadline_s=0.2)
    await lane.open()
    for _ in range(3):
        asked = lane.command("CLIENT", "ID")
        await asyncio.sleep(0)  # it is written, and nothing of the answer read
        time.sleep(0.5)  # noqa: ASYNC251 - this is what holds it up
        first = await asked
        assert await lane.command("CLIENT", "ID") == first
    await lane.close()


async def test_a_server_that_answers_slowly_is_refused_call_by_call_and_keeps_its_connection(
    redis_url,
) -> None:
    lane = RedisLane(redis_url, deadline_s=0.5)
    await lane.open()
    own = await lane.command("CLIENT", "ID")
    slow = [lane.command("BLPOP", "nothing-comes", 0.2) for _ in range(8)]
    told = await asyncio.gather(*slow, return_exceptions=True)
    assert told[0] is None
    assert isinstance(told[-1], LiveAway)
    assert {type(one) for one in told} == {type(None), LiveAway}
    for _ in range(250):  # until the connection has the last of them behind it
        await asyncio.sleep(0.02)
        if not lane.under_way:
            break
    assert await lane.command("CLIENT", "ID") == own
    await lane.close()


async def test_a_killed_server_refuses_what_was_under_way_and_is_found_again(own_redis) -> None:
    lane = RedisLane(own_redis.url)
    await lane.open()
    run_id = lane.run_id
    os.kill(own_redis.pid, signal.SIGSTOP)
    under_way = [lane.command("PING") for _ in range(100)]
    await asyncio.sleep(0.05)
    own_redis.kill()
    refused = await asyncio.gather(*under_way, return_exceptions=True)
    assert {type(each) for each in refused} == {LiveAway}
    assert lane.under_way == 0
    own_redis.start()
    await _again(lane)
    assert lane.run_id not in {b"", run_id}
    await lane.close()


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Logs go, as in production, to where nothing can be written any more."""
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    before = structlog.get_config()
    with TextIOWrapper(FileIO("/dev/full", "w"), write_through=True) as out:
        monkeypatch.setattr(sys, "stderr", out)
        start_logging(from_environ({"KAOWU_SECRET": "s" * 40}))
        structlog.configure(**(structlog.get_config() | {"cache_logger_on_first_use": False}))
        yield
        structlog.configure(**before)


@pytest.mark.usefixtures("full_disk")
async def test_a_killed_server_is_found_again_though_nothing_can_be_logged(own_redis) -> None:
    lane = RedisLane(own_redis.url)
    await lane.open()
    os.kill(own_redis.pid, signal.SIGSTOP)
    asked = lane.command("PING")
    await asyncio.sleep(0.05)
    own_redis.kill()
    with pytest.raises(LiveAway):
        await asked
    own_redis.start()
    await _again(lane)
    await lane.close()


@pytest.mark.usefixtures("full_disk")
async def test_a_silent_server_is_left_and_found_again_though_nothing_can_be_logged(own_redis) -> None:
    lane = RedisLane(own_redis.url, deadline_s=0.3)
    await lane.open()
    os.kill(own_redis.pid, signal.SIGSTOP)
    asked = lane.command("PING")
    await asyncio.wait([asked], timeout=5)
    os.kill(own_redis.pid, signal.SIGCONT)
    with pytest.raises(LiveAway):
        await asked
    await _again(lane)
    await lane.close()


class HangsUp:
    """A node that says all it is asked at the beginning in one go, and ends the connection with it."""

    def __init__(self, times: int) -> None:
        self.times = times
        self.met = 0

    async def meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.met += 1
        hangs_up, said = self.met <= self.times, hiredis.Reader()
        while heard := await reader.read(65_536):
            said.feed(heard)
            while (words := said.gets()) is not False:
                if words[0] == b"INFO":
                    info = b"run_id:" + b"a" * 40 + b"\r\nredis_mode:standalone\r\n"
                    writer.write(b"$%d\r\n%b\r\n" % (len(info), info))
                    if hangs_up:
                        writer.write(b"+sha\r\n" * len(scripts.ALL))
                        writer.write_eof()
                elif not (hangs_up and words[0] == b"SCRIPT"):
                    writer.write(b"+OK\r\n")
        writer.close()


async def test_a_node_that_ended_before_it_was_listened_to_is_asked_again(tmp_path) -> None:
    node = HangsUp(1)
    async with await asyncio.start_unix_server(node.meet, tmp_path / "s"):
        lane = RedisLane(f"unix://{tmp_path}/s", deadline_s=60)
        await lane.open()
        async with asyncio.timeout(20):
            assert await lane.command("PING") == b"OK"
        assert node.met == 2
        await lane.close()


async def test_a_node_that_always_ends_is_left_in_peace_between_attempts(tmp_path) -> None:
    node = HangsUp(1_000_000)
    async with await asyncio.start_unix_server(node.meet, tmp_path / "s"):
        lane = RedisLane(f"unix://{tmp_path}/s", deadline_s=0.4)
        with pytest.raises(LiveAway):
            await lane.open()
        assert 1 <= node.met < 10
        await lane.close()


async def _again(lane: RedisLane) -> None:
    async with asyncio.timeout(5):
        while True:
            try:
                await lane.open()
                await lane.command("PING")
            except LiveAway:
                await asyncio.sleep(0.02)
            else:
                return


async def test_a_full_memory_refuses_and_is_no_fault_of_ours(own_redis) -> None:
    lane = RedisLane(own_redis.url)
    await lane.open()
    live, attempt_id = await ready(lane), uuid4()
    await running(live, attempt_id)
    await lane.command("CONFIG", "SET", "maxmemory", 1)
    with pytest.raises(LiveAway):
        await live.sync(Page(attempt_id).answers(1).ask())
    await lane.command("CONFIG", "SET", "maxmemory", 0)
    assert (await live.sync(Page(attempt_id).answers(1).ask())).seq == 1
    await lane.close()


async def test_a_node_that_became_a_replica_refuses(own_redis) -> None:
    lane = RedisLane(own_redis.url)
    await lane.open()
    live, attempt_id = await ready(lane), uuid4()
    await running(live, attempt_id)
    await lane.command("REPLICAOF", "127.0.0.1", "1")
    with pytest.raises(LiveAway):
        await live.sync(Page(attempt_id).answers(1).ask())
    await _again(lane)
    await lane.command("REPLICAOF", "NO", "ONE")
    assert (await live.sync(Page(attempt_id).answers(1).ask())).seq == 1
    await lane.close()


async def test_a_tcp_address_with_a_password_and_a_database_works(own_redis, free_port) -> None:
    with own_redis.client() as client:
        client.config_set("bind", "127.0.0.1")
        client.config_set("port", str(free_port))
        client.config_set("requirepass", "pa ss")
    lane = RedisLane(f"redis://:pa%20ss@127.0.0.1:{free_port}/3")
    await lane.open()
    assert b" db=3 " in await lane.command("CLIENT", "LIST")
    await lane.close()
