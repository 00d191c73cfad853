"""The way round the framework gives what the framework's own way gives: the same requests, asked of both."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any, cast

import httpx
import msgspec
import pytest
import pytest_asyncio
from litestar import Litestar

from exam_api.app import create_litestar
from exam_api.attempt.chain import HEAD_BYTES
from exam_api.errors import LiveAway
from exam_api.http.attempts import source_of
from exam_api.http.errors import BodyTooSlow
from exam_api.http.front import Front, lanes_of
from exam_api.http.guards import Gate
from exam_api.http.observed import Observed
from exam_api.http.patience import Patience
from tests.e2e.device import ORIGIN, Device
from tests.e2e.world import World

SYNC = "/api/attempt/sync"
SUBMIT = "/api/attempt/submit"
OWN = frozenset({"x-request-id"})
"""What differs from request to request."""


@pytest_asyncio.fixture
async def at_work(world: World) -> Device:
    sitting = await world.sitting(people=1)
    device = await world.device(sitting.people[0])
    assert (await device.start(sitting.people[0].id)).status_code == 200
    device.choose(0, 1)
    assert (await device.sync()).status_code == 200
    return device


def front_of(world: World) -> Front:
    assert isinstance(world.app, Front)
    return world.app


async def both(
    world: World, device: Device, ask: Callable[[httpx.AsyncClient], Awaitable[httpx.Response]]
) -> tuple[httpx.Response, httpx.Response]:
    """What the front gives, and what the framework alone gives."""
    replies = []
    for app in (front_of(world), front_of(world)._app):
        transport = httpx.ASGITransport(cast("Any", app))
        async with httpx.AsyncClient(
            transport=transport, base_url=ORIGIN, headers=device.http.headers, cookies=device.http.cookies
        ) as client:
            replies.append(await ask(client))
    return replies[0], replies[1]


def shown(reply: httpx.Response) -> tuple[int, dict[str, str], Any]:
    headers = {name: value for name, value in reply.headers.items() if name not in OWN}
    return reply.status_code, headers, reply.json()


def post(path: str, body: bytes, **headers: str) -> Callable[[httpx.AsyncClient], Awaitable[httpx.Response]]:
    sent = {"content-type": "application/json"} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    return lambda client: client.post(path, content=body, headers=sent)


def alike(path: str, body: bytes, *more: tuple[str, str]) -> Callable[..., Awaitable[httpx.Response]]:
    """As HTTP/2 brings it: each cookie is a header of its own."""

    def ask(client: httpx.AsyncClient) -> Awaitable[httpx.Response]:
        own = [("cookie", f"{one.name}={one.value}") for one in client.cookies.jar]
        headers = [("content-type", "application/json"), ("cookie", "theme=dark"), *own, *more]
        return client.send(httpx.Request("POST", ORIGIN + path, headers=headers, content=body))

    return ask


async def drip(body: bytes) -> AsyncIterator[bytes]:
    for at in range(0, len(body), 7):
        yield body[at : at + 7]


BEAT = b'{"base": 0}'
OTHER_HEAD = b'{"base": 1, "baseHead": "%b", "ops": []}' % (b"ab" * HEAD_BYTES)

SHORT = {"content-length": "2", "transfer-encoding": "chunked"}

REQUESTS: dict[str, tuple[int, Any]] = {
    "a heartbeat": (200, post(SYNC, BEAT)),
    "of a page": (200, post(SYNC, BEAT, origin=ORIGIN, sec_fetch_site="same-origin")),
    "of another origin": (403, post(SYNC, BEAT, origin="https://elsewhere.example")),
    "of another site": (403, post(SYNC, BEAT, sec_fetch_site="cross-site")),
    "by another method": (405, lambda client: client.get(SYNC)),
    "with a stroke behind": (200, post(SYNC + "/", BEAT)),
    "to a host that is none": (400, post(SYNC, BEAT, host="{}")),
    "no body": (400, post(SYNC, b"")),
    "no JSON": (400, post(SYNC, b"{")),
    "no UTF-8": (400, post(SYNC, b'{"base": 0, "baseHead": "\xff"}')),
    "a number that cannot be": (400, post(SYNC, b'{"base": -1}')),
    "a head that cannot be": (400, post(SYNC, b'{"base": 1, "baseHead": "%b"}' % (b"AB" * 32))),
    "a version that cannot be": (
        400,
        post(
            SYNC,
            b'{"base": 0, "ops": [{"seq": 1, "slot": 0, "version": " %b ", "mask": 1, "clientMs": 1}]}'
            % (b"ab" * 15),
        ),
    ),
    "an unknown field": (400, post(SYNC, b'{"base": 0, "more": 1}')),
    "a slot that is not there": (
        400,
        post(
            SYNC,
            b'{"base": 0, "ops": [{"seq": 1, "slot": 999, "version": "%b", "mask": 1, "clientMs": 1}]}'
            % (b"ab" * 16),
        ),
    ),
    "another history": (409, post(SYNC, OTHER_HEAD)),
    "too long": (413, post(SYNC, b" " * 200_000)),
    "too long, in pieces": (413, lambda client: client.post(SYNC, content=drip(b" " * 200_000))),
    "in pieces": (200, lambda client: client.post(SYNC, content=drip(BEAT))),
    "with a cookie of nobody": (401, post(SYNC, BEAT, cookie="kw_attempt=x; __Host-kw_attempt=x")),
    "with no cookie": (401, post(SYNC, BEAT, cookie="")),
    "handed in with a gap": (
        409,
        post("/api/attempt/submit", b'{"base": 900, "baseHead": "%b"}' % (b"ab" * 32)),
    ),
    "a start of nothing": (400, post("/api/attempt/start", b"{}")),
    "a start of another's": (
        404,
        post(
            "/api/attempt/start",
            b'{"attemptId": "00000000-0000-4000-8000-000000000000", "storageKey": "%b"}' % (b"ab" * 16),
        ),
    ),
    "a start by nobody": (401, post("/api/attempt/start", b"{}", cookie="")),
    "a picture that is none": (400, post("/api/attempt/snapshot", b"GIF89a")),
    "a log-in that fits nobody": (
        401,
        post("/api/login/candidate", b'{"name": "x", "idNo": "11010519491231002X", "code": "000000"}'),
    ),
    "a log-in with a number that is none": (
        400,
        post("/api/login/candidate", b'{"name": "x", "idNo": "110105194912310021", "code": "000000"}'),
    ),
    "in pieces, and longer than it says": (
        200,
        lambda client: client.post(SYNC, content=drip(BEAT), headers=SHORT),
    ),
    "too long, and longer than it says": (
        413,
        lambda client: client.post(SYNC, content=drip(b" " * 200_000), headers=SHORT),
    ),
    "to a host without end": (200, post(SYNC, BEAT, host="a" * 5000)),
    "cookies one by one": (200, alike(SYNC, BEAT)),
    "a name twice": (200, alike(SYNC, BEAT, ("x-more", "1"), ("x-more", "2"))),
}


async def test_both_ways_answer_the_same(world: World, at_work: Device) -> None:
    differing, statuses = {}, {}
    for named, (_, ask) in REQUESTS.items():
        ours, theirs = await both(world, at_work, ask)
        assert ours.headers["x-request-id"] != theirs.headers["x-request-id"]
        statuses[named] = ours.status_code
        if shown(ours) != shown(theirs):
            differing[named] = (shown(ours), shown(theirs))
    assert differing == {}
    assert statuses == {named: status for named, (status, _) in REQUESTS.items()}


async def test_both_ways_give_the_same_where_a_page_asks_again(world: World, at_work: Device) -> None:
    start = {"attemptId": str(at_work.attempt_id), "storageKey": at_work.storage_key}
    again = await both(world, at_work, post("/api/attempt/start", msgspec.json.encode(start)))
    assert (again[0].status_code, again[0].json()["answers"][0]) == (200, 1)
    at_work.choose(1, 2)
    await at_work.sync()
    ops = msgspec.json.encode(at_work.range_from(0))
    kept = await both(world, at_work, post(SYNC, ops))
    assert (kept[0].status_code, kept[0].json()["took"], kept[0].json()["seq"]) == (200, "ok", 2)
    assert (await at_work.submit()).status_code == 200
    handed = await both(world, at_work, post(SUBMIT, msgspec.json.encode(at_work.range_from(2))))
    assert (handed[0].status_code, handed[0].json()["receipt"][:2]) == (200, "KW")
    for ours, theirs in (again, kept, handed):
        assert shown(ours) == shown(theirs)


@contextlib.contextmanager
def framework_of(world: World) -> Iterator[list[str]]:
    """The paths of what meets the framework."""
    met: list[str] = []
    front = front_of(world)
    inner = front._app._app

    async def told(scope: Any, receive: Any, send: Any) -> None:
        met.append(scope["path"])
        await inner(scope, receive, send)

    front._app._app = told
    try:
        yield met
    finally:
        front._app._app = inner


async def test_what_is_plainly_in_order_does_not_meet_the_framework(world: World, at_work: Device) -> None:
    with framework_of(world) as met:
        at_work.choose(1, 1)
        assert (await at_work.sync()).json()["took"] == "ok"
        assert met == []
        assert (await at_work.http.post(SYNC, content=b"{")).status_code == 400
        assert met == [SYNC]


async def test_cookies_in_headers_of_their_own_are_plain_and_no_other_doubled_name_is(
    world: World, at_work: Device
) -> None:
    with framework_of(world) as met:
        assert (await alike(SYNC, BEAT)(at_work.http)).status_code == 200
        assert met == []
        assert (await alike(SYNC, BEAT, ("x-more", "1"), ("x-more", "2"))(at_work.http)).status_code == 200
        assert met == [SYNC]


async def test_every_hot_route_with_a_body_has_a_lane(world: World) -> None:
    app: Litestar = create_litestar(world.wired.parts)
    assert set(lanes_of(app)) == {
        "/api/attempt/start",
        "/api/attempt/sync",
        "/api/attempt/submit",
        "/api/attempt/snapshot",
        "/api/login/code",
        "/api/login/candidate",
        "/api/login/ticket",
        "/api/login/desk",
    }


@contextlib.contextmanager
def sync_answered_by(front: Any, answer: Callable[[Any, bytes], Awaitable[Any]]) -> Iterator[None]:
    """Whoever syncs meanwhile is answered so."""
    lane = front._lanes[SYNC]
    front._lanes[SYNC] = lane._replace(answer=answer)
    try:
        yield
    finally:
        front._lanes[SYNC] = lane


async def test_a_refusal_of_the_service_is_told_once_and_not_tried_twice(
    world: World, at_work: Device
) -> None:
    asked: list[bytes] = []

    async def away(_scope: Any, body: bytes) -> Any:
        asked.append(body)
        raise LiveAway

    with sync_answered_by(front_of(world), away):
        reply = await at_work.http.post(SYNC, content=BEAT)
    assert (reply.status_code, reply.json()["type"]) == (503, "/problems/live-away")
    assert reply.headers["retry-after"]
    assert asked == [BEAT]


async def test_what_nobody_foresaw_is_our_fault_without_a_word(world: World, at_work: Device) -> None:
    async def broken(_scope: Any, _body: bytes) -> Any:
        raise RuntimeError("secret")

    with sync_answered_by(front_of(world), broken):
        reply = await at_work.http.post(SYNC, content=BEAT)
    assert (reply.status_code, reply.json()["type"]) == (500, "/problems/our-fault")
    assert "secret" not in reply.text


async def test_what_is_late_here_is_not_told_as_the_callers_slowness(world: World, at_work: Device) -> None:
    async def late(_scope: Any, _body: bytes) -> Any:
        raise TimeoutError

    with sync_answered_by(front_of(world), late):
        reply = await at_work.http.post(SYNC, content=BEAT)
    assert (reply.status_code, reply.json()["type"]) == (500, "/problems/our-fault")


def test_of_a_user_agent_without_end_only_the_beginning_tells_sources_apart() -> None:
    def source(agent: bytes) -> str:
        scope: Any = {"type": "http", "client": ("10.0.0.1", 1), "headers": [(b"user-agent", agent)]}
        return source_of(scope)

    assert source(b"a" * 10_000) == source(b"a" * 20_000) != source(b"a" * 100)


async def test_a_caller_who_goes_away_in_the_middle_leaves_nothing(world: World, at_work: Device) -> None:
    front = front_of(world)
    messages = iter(
        [
            {"type": "http.request", "body": b'{"ba', "more_body": True},
            {"type": "http.disconnect"},
        ]
    )
    sent: list[Any] = []

    async def receive() -> Any:
        return next(messages)

    async def send(message: Any) -> None:
        sent.append(message)

    request = at_work.http.build_request("POST", SYNC, content=BEAT)
    scope: Any = {
        "type": "http",
        "method": "POST",
        "path": SYNC,
        "raw_path": SYNC.encode(),
        "root_path": "",
        "query_string": b"",
        "headers": [(name.lower(), value) for name, value in request.headers.raw],
        "client": ("127.0.0.1", 1),
        "state": {},
    }
    await front(scope, receive, send)
    assert sent[0]["status"] == 400
    assert not front._patience._until_s


async def test_a_body_that_does_not_come_is_not_waited_for(world: World) -> None:
    del world
    patience = Patience(look_s=0.01)

    async def never() -> Any:
        await asyncio.Event().wait()

    with pytest.raises(BodyTooSlow):
        await patience.read(never, length=1, within_s=0.02)
    assert not patience._until_s


async def test_whoever_ends_a_request_is_not_told_that_it_was_slow() -> None:
    patience = Patience(look_s=0.01)

    async def never() -> Any:
        await asyncio.Event().wait()

    reading = asyncio.ensure_future(patience.read(never, length=1, within_s=60))
    await asyncio.sleep(0.02)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    assert not patience._until_s


async def test_a_body_in_pieces_is_put_together_and_nothing_is_asked_for_after_its_last_byte() -> None:
    pieces = iter([b"ab", b"", b"c"])

    async def receive() -> Any:
        return {"type": "http.request", "body": next(pieces), "more_body": True}

    assert await Patience().read(receive, length=3, within_s=1) == b"abc"
    assert list(pieces) == []


def test_a_gate_knows_its_own_pages_and_programs() -> None:
    gate = object.__new__(Gate)
    gate._origins = frozenset({ORIGIN.encode()})
    assert gate.knows_origin(None, None)
    assert gate.knows_origin(ORIGIN.encode(), b"same-origin")
    assert not gate.knows_origin(b"null", None)
    assert not gate.knows_origin(ORIGIN.encode(), b"same-site")
    assert isinstance(Observed(cast("Any", None), secure=True).headers, tuple)
