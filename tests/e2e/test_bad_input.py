"""What no honest page sends, sent to the API as it is served: a clear problem each, and it goes on."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
import pytest_asyncio

from exam_api.attempt.tokens import AttemptToken, sign
from tests.e2e.device import Device
from tests.e2e.real_server import RealServer, serving
from tests.e2e.world import HOUR, Sitting, World, open_world
from tests.servers import RedisServer
from tools.bench.load import Call, drive, get

SECRET = "story-secret-story-secret-story-secret"
SYNC = "/api/attempt/sync"


@pytest.fixture(scope="module")
def ground(
    newest_redis: RedisServer, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[RealServer, str, Path]]:
    """One server for all of them: what one sends must not harm the next."""
    folder = tmp_path_factory.mktemp("bad")
    path = folder / "kaowu.db"
    path.write_bytes(sqlite_template.read_bytes())
    url = f"sqlite+aiosqlite:///{path}"
    newest_redis.flush()
    with serving(url, newest_redis.url, folder, SECRET) as server:
        yield server, url, folder


@pytest.fixture
def server(ground: tuple[RealServer, str, Path]) -> RealServer:
    return ground[0]


@pytest_asyncio.fixture
async def world(ground: tuple[RealServer, str, Path], newest_redis: RedisServer) -> AsyncIterator[World]:
    _, url, folder = ground
    async with open_world(url, newest_redis.url, folder) as opened:
        opened.clock.at = time.time_ns() // 1_000_000  # the server goes by its own clock
        yield opened


@pytest_asyncio.fixture
async def at_work(world: World, server: RealServer) -> AsyncIterator[Device]:
    """A candidate who has answered twice; on the real line."""
    device = await started(world, server)
    device.choose(0, 1)
    device.choose(1, 1)
    assert (await device.sync()).json()["seq"] == 2
    yield device
    assert server.alive()
    device.choose(2, 1)  # whatever was sent, the honest page goes on
    told = (await device.sync(base=2)).json()
    assert (told["took"], told["seq"]) == ("ok", 3)
    await device.http.aclose()


async def started(world: World, server: RealServer, sitting: Sitting | None = None) -> Device:
    sitting = sitting or await world.sitting(length_ms=HOUR)
    device = await world.device(sitting.people[0])
    jar = dict(device.http.cookies)
    device.http = httpx.AsyncClient(
        base_url=server.url, headers={"Origin": server.url}, cookies=jar, timeout=40
    )
    assert (await device.start(sitting.people[0].id)).status_code == 200
    return device


def slug(reply: httpx.Response) -> str:
    assert reply.headers["content-type"] == "application/problem+json", reply.text[:200]
    assert reply.headers["x-request-id"]
    return str(reply.json()["type"]).removeprefix("/problems/")


def an_op(device: Device, **changed: Any) -> dict[str, Any]:
    op = device.range_from(0)["ops"][0]
    return {**op, "seq": 3, **changed}


def a_sync(device: Device, *ops: dict[str, Any], **changed: Any) -> dict[str, Any]:
    return {"base": 2, "baseHead": device.head_at(2), "ops": list(ops), **changed}


SYNCS: dict[str, tuple[Any, int, str]] = {
    "301 answers, few bytes each": (
        lambda device: a_sync(device, *({"seq": 3 + n} for n in range(301))),
        400,
        "not-valid",
    ),
    "a gap": (lambda device: a_sync(device, an_op(device, seq=4)), 400, "bad-op"),
    "a leap": (lambda device: a_sync(device, an_op(device, seq=999_999)), 400, "bad-op"),
    "a seq below the base": (lambda device: a_sync(device, an_op(device, seq=1)), 400, "bad-op"),
    "a seq beyond all numbers": (lambda device: a_sync(device, an_op(device, seq=2**70)), 400, "not-valid"),
    "a base beyond all numbers": (lambda device: a_sync(device, base=2**40), 400, "not-valid"),
    "a negative base": (lambda device: a_sync(device, base=-1), 400, "not-valid"),
    "a negative time": (lambda device: a_sync(device, an_op(device, clientMs=-1)), 400, "not-valid"),
    "a time beyond 64 bits": (
        lambda device: a_sync(device, an_op(device, clientMs=2**64)),
        400,
        "not-valid",
    ),
    "half a number": (lambda device: a_sync(device, an_op(device, clientMs=1.5)), 400, "not-valid"),
    "a slot that is not there": (lambda device: a_sync(device, an_op(device, slot=500)), 400, "bad-op"),
    "a negative mask": (lambda device: a_sync(device, an_op(device, mask=-1)), 400, "not-valid"),
    "an unknown field": (lambda device: a_sync(device, score=100), 400, "not-valid"),
    "no head": (lambda device: a_sync(device, an_op(device), baseHead=None), 400, "bad-op"),
    "a list": (lambda _device: [1, 2, 3], 400, "not-valid"),
}


async def test_syncs_that_no_page_makes_are_told_so(at_work: Device) -> None:
    found: dict[str, tuple[int, str]] = {}
    for named, (made, _, _) in SYNCS.items():
        reply = await at_work.http.post(SYNC, json=made(at_work))
        found[named] = (reply.status_code, slug(reply))
    assert found == {named: (status, problem) for named, (_, status, problem) in SYNCS.items()}


BODIES: dict[str, tuple[bytes, str]] = {
    "broken UTF-8": (b'{"base": 2, "baseHead": "\xff\xfe"}', "not-json"),
    "nothing": (b"", "not-json"),
    "half of it": (b'{"base": 2, "ops": [', "not-json"),
    "ten thousand brackets": (b"[" * 10_000, "not-json"),
    "a zero byte": (b'{"base": 2}\x00', "not-json"),
}


async def test_bytes_that_are_no_json_are_told_so(at_work: Device) -> None:
    for named, (body, problem) in BODIES.items():
        reply = await at_work.http.post(SYNC, content=body, headers={"content-type": "application/json"})
        assert reply.status_code == 400, named
        assert slug(reply) in {problem, "not-valid"}, named


async def test_a_head_that_is_not_held_is_a_fork_and_changes_nothing(at_work: Device) -> None:
    forged = a_sync(at_work, an_op(at_work), baseHead="ab" * 32)
    reply = await at_work.http.post(SYNC, json=forged)
    assert (reply.status_code, slug(reply)) == (409, "fork")


async def test_a_leap_of_the_base_is_told_what_is_held(at_work: Device) -> None:
    leap = a_sync(at_work, an_op(at_work, seq=501), base=500, baseHead="ab" * 32)
    told = (await at_work.http.post(SYNC, json=leap)).json()
    assert (told["took"], told["seq"]) == ("behind", 2)


async def test_a_replay_changes_nothing_however_often_it_comes(world: World, at_work: Device) -> None:
    body = at_work.range_from(0)
    replies = [(await at_work.http.post(SYNC, json=body)).json() for _ in range(5)]
    assert {(told["took"], told["seq"]) for told in replies} == {("ok", 2)}
    assert at_work.attempt_id is not None
    logged = [entry for entry in await _log_of(world, at_work) if entry.kind.value == "ops"]
    assert sum(len(entry.data) // 39 for entry in logged) == 2


async def _log_of(world: World, device: Device) -> list[Any]:
    found = []
    for shard in range(64):
        found += await world.wired.log.again(shard, after="", count=10_000)
    return [entry for entry in found if entry.attempt_id == device.attempt_id]


async def test_forged_tokens_open_nothing(world: World, server: RealServer, at_work: Device) -> None:
    name = world.wired.parts.cookies.attempt.decode()
    good = at_work.http.cookies[name]
    for forged in (good[:-4] + "AAAA", good[:-1], "x", "KT1." + good, good.swapcase(), "ÿ" * 10, ""):
        raw = f"{name}={forged}".encode("latin-1")
        async with httpx.AsyncClient(base_url=server.url) as stranger:
            reply = await stranger.post(SYNC, json=a_sync(at_work), headers=[(b"cookie", raw)])
        assert (reply.status_code, slug(reply)) == (401, "attempt-token-invalid")


async def test_a_token_that_is_over_opens_nothing(world: World, server: RealServer, at_work: Device) -> None:
    parts = world.wired.parts
    ((number, key),) = parts.token_keys.items()
    assert at_work.attempt_id is not None
    for until_ms, status in ((world.clock.at - 1, 401), (world.clock.at + HOUR, 200)):
        token = AttemptToken(UUID(str(at_work.attempt_id)), 1, until_ms, number)
        named = {parts.cookies.attempt.decode(): sign(token, key)}
        async with httpx.AsyncClient(base_url=server.url, cookies=named) as stranger:
            reply = await stranger.post(SYNC, json=a_sync(at_work), headers={"Origin": server.url})
        assert reply.status_code == status
        assert status == 200 or slug(reply) == "attempt-token-invalid"


async def test_another_attempt_opens_only_to_whom_it_belongs(
    world: World, server: RealServer, at_work: Device
) -> None:
    other = await started(world, server)
    refused = await other.http.post(
        "/api/attempt/start", json={"attemptId": str(at_work.attempt_id), "storageKey": "ab" * 16}
    )
    assert (refused.status_code, slug(refused)) == (404, "not-your-attempt")
    # With its own token the other's chain fits nowhere: the token names the attempt, nothing in the body.
    reply = await other.http.post(SYNC, json=at_work.range_from(0))
    assert (reply.status_code, slug(reply)) == (400, "bad-op")
    await other.http.aclose()


async def test_a_body_beyond_the_limit_is_refused_however_it_comes(at_work: Device) -> None:
    big = json.dumps(a_sync(at_work, events=[{"kind": "x" * 200_000}])).encode()

    async def pieces() -> AsyncIterator[bytes]:
        for first in range(0, len(big), 8_192):
            yield big[first : first + 8_192]

    try:
        parts = await at_work.http.post(SYNC, content=pieces())
    except httpx.TransportError:
        return  # hung up on before all of it was sent
    assert (parts.status_code, slug(parts)) == (413, "too-large")


async def test_bodies_beyond_the_limit_are_not_held_in_memory(server: RealServer, at_work: Device) -> None:
    head = f"POST {SYNC} HTTP/1.1\r\nHost: x\r\nCookie: {_cookies(at_work)}\r\n"
    head += "Transfer-Encoding: chunked\r\n\r\n"
    piece = b"10000\r\n" + b" " * 0x10000 + b"\r\n"

    async def flood() -> bytes:
        """Twenty megabytes, unless the server hangs up."""
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        try:
            writer.write(head.encode())
            for _ in range(320):
                writer.write(piece)
                await writer.drain()
            return await asyncio.wait_for(reader.read(200), 10)
        except (ConnectionError, TimeoutError):
            return b""
        finally:
            writer.close()

    await asyncio.gather(*(flood() for _ in range(4)))
    before = server.memory_mb
    told = await asyncio.gather(*(flood() for _ in range(16)))
    assert server.memory_mb - before < 25  # of 320 MB that were sent
    assert all(b" 200 " not in one.split(b"\r\n")[0] for one in told)


def _cookies(device: Device) -> str:
    return "; ".join(f"{name}={value}" for name, value in device.http.cookies.items())


async def test_ten_thousand_answers_in_one_sync_are_refused_before_they_come(
    server: RealServer, at_work: Device
) -> None:
    body = json.dumps(a_sync(at_work, *(an_op(at_work, seq=3 + n) for n in range(10_000)))).encode()
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(f"POST {SYNC} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n".encode())
    got = await asyncio.wait_for(reader.readuntil(b"}"), 10)
    writer.close()
    await writer.wait_closed()
    assert b" 413 " in got.split(b"\r\n")[0]
    assert b"/problems/too-large" in got


async def _walk(server: RealServer, paths: int) -> tuple[float, int]:
    """Ask for so many paths that nobody serves; growth of memory in MB, series of metrics."""

    async def ask(count: int) -> None:
        calls = [Call(get(f"/api/{uuid4()}/{n}", port=server.port)) for n in range(count)]
        answers = await drive(server.port, [iter(calls[number::8]) for number in range(8)])
        assert {reply.status for reply in answers.refused} == {404}
        assert len(answers.refused) == count

    await ask(200)
    before = server.memory_mb
    for _ in range(paths // 1_000):
        await ask(1_000)
    async with httpx.AsyncClient(base_url=server.url) as client:
        series = (await client.get("/metrics")).text.count("\nkaowu_http")
    return server.memory_mb - before, series


async def test_paths_that_nobody_serves_leave_nothing_behind(server: RealServer) -> None:
    grown_mb, series = await _walk(server, 2_000)
    assert series < 500
    assert grown_mb < 12


@pytest.mark.long
async def test_100_000_paths_leave_nothing_behind(server: RealServer) -> None:
    grown_mb, series = await _walk(server, 100_000)
    assert series < 500
    assert grown_mb < 25


@pytest.mark.parametrize(
    "path", ["/api/%ff%fe", "/api/%00", "/%2e%2e/%2e%2e/etc/passwd", "/api//me", "/" + "a" * 5_000]
)
async def test_paths_that_are_no_text_are_told_so(server: RealServer, path: str) -> None:
    async with httpx.AsyncClient(base_url=server.url) as client:
        reply = await client.get(path)
    assert reply.status_code in {400, 401, 404, 414}
    assert server.alive()


async def _dripped(port: int, head: bytes, *, drip: bytes, within_s: float) -> bytes:
    """What the server answers to somebody who sends a byte each half second."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(head)
    got = asyncio.create_task(reader.read(4_096))
    try:
        async with asyncio.timeout(within_s):
            while not got.done():
                writer.write(drip)
                await asyncio.wait([got], timeout=0.5)
            return got.result()
    except ConnectionError:
        return b""
    finally:
        got.cancel()
        writer.close()


@pytest.mark.long
async def test_who_drips_headers_or_body_is_hung_up_on(server: RealServer) -> None:
    head = b"POST /api/login/staff HTTP/1.1\r\nHost: x\r\nContent-Length: 4000\r\n\r\n{"
    slow_head = _dripped(server.port, b"GET /health HTTP/1.1\r\nHost: x\r\n", drip=b"a: b\r\n", within_s=25)
    slow_body = _dripped(server.port, head, drip=b" ", within_s=40)
    heads, body = await asyncio.gather(slow_head, slow_body)
    assert b"200" not in heads.split(b"\r\n")[0]
    assert b" 408 " in body.split(b"\r\n")[0]
    assert server.alive()
