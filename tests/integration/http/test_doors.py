"""The line at the door: log-ins stand in it, answers and hand-ins pass, everybody gets in who comes again."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

import httpx
import pytest
from prometheus_client import REGISTRY

from exam_api.app import create_litestar
from exam_api.http.admission import LINE_LEAST, Way
from exam_api.http.doors import Doors, doors_of
from exam_api.http.front import Front
from tests.e2e.device import ORIGIN
from tests.e2e.world import World
from tests.integration.http.people import registered

CODE = "/api/login/code"
LOG_IN = "/api/login/candidate"
START = "/api/attempt/start"
NOBODY = {"name": "无名氏", "idNo": "11010519491231002X"}


def front_of(world: World) -> Front:
    assert isinstance(world.app, Front)
    return world.app


def doors(world: World) -> Doors:
    return front_of(world)._doors


def of_one_length(world: World) -> None:
    """A line that nobody looks at: how late the loop is here is no part of this."""
    doors(world)._looks = True
    doors(world)._admission._places_most = doors(world)._admission.places = 16
    doors(world)._admission._each_s = 0.005
    doors(world)._admission._measure = lambda _: None  # type: ignore[method-assign]


@pytest.fixture(autouse=True)
def _whatever_the_machine_does(world: World) -> None:
    of_one_length(world)


def scope_of(request: httpx.Request) -> Any:
    """A request as a server hands it on."""
    return {
        "type": "http",
        "method": request.method,
        "path": request.url.path,
        "raw_path": request.url.raw_path,
        "root_path": "",
        "query_string": b"",
        "headers": [(name.lower(), value) for name, value in request.headers.raw],
        "client": ("127.0.0.1", 1),
        "server": ("testserver.local", 80),
        "scheme": "http",
        "http_version": "1.1",
        "state": {},
    }


async def until(holds: Callable[[], bool]) -> None:
    while not holds():  # noqa: ASYNC110 - what is waited for is inside the service
        await asyncio.sleep(0)


@contextlib.contextmanager
def answering(
    world: World, path: str, answer: Callable[[Any, bytes], Awaitable[tuple[list[Any], bytes]]]
) -> Iterator[None]:
    lanes = front_of(world)._lanes
    lane = lanes[path]
    lanes[path] = lane._replace(answer=answer)
    try:
        yield
    finally:
        lanes[path] = lane


@contextlib.asynccontextmanager
async def held_up(
    world: World, calls: int, go: asyncio.Semaphore | None = None
) -> AsyncIterator[list[asyncio.Task[httpx.Response]]]:
    """So many people ask for a code; those who were let in get no answer before this is over, or `go`."""
    go = go or asyncio.Semaphore(0)

    async def waits(_scope: Any, _body: bytes) -> tuple[list[Any], bytes]:
        await go.acquire()
        return [(b"content-type", b"application/json")], b"{}"

    client = world.stranger()
    with answering(world, CODE, waits):
        tasks = [
            asyncio.create_task(client.post(CODE, json={**NOBODY, "name": f"甲{number}"}))
            for number in range(calls)
        ]
        admission = doors(world)._admission
        here = min(calls, admission.places + LINE_LEAST)
        await until(lambda: admission.working + admission.standing == here)
        try:
            yield tasks
        finally:
            for _ in tasks:
                go.release()
            await asyncio.gather(*tasks, return_exceptions=True)


async def test_answers_and_hand_ins_pass_everybody_who_stands_in_line(world: World) -> None:
    sitting, device = await world.started()
    invigilator = await world.staff("institution-admin")
    async with held_up(world, 100) as tasks:
        assert doors(world)._admission.standing >= 100 - 16
        for number in range(5):
            device.choose(number, 1)
            assert (await device.sync()).json()["took"] == "ok"
        live = await invigilator.get(f"/api/sessions/{sitting.id}/live")
        device.tap_hand_in()
        handed = await device.submit()
        assert (live.status_code, handed.status_code, handed.json()["durable"]) == (200, 200, True)
        assert not any(task.done() for task in tasks)
    assert {task.result().status_code for task in tasks} == {200}


async def test_a_start_passes_the_log_ins_that_stand_in_line(world: World) -> None:
    sitting = await world.sitting(people=1)
    device = await world.device(sitting.people[0])
    body = {"attemptId": str(sitting.people[0].id), "storageKey": device.storage_key}
    go = asyncio.Semaphore(0)
    async with held_up(world, 60, go) as tasks:
        start = asyncio.create_task(device.http.post(START, json=body))
        await until(lambda: doors(world)._admission._line[0].way is Way.START)
        go.release()
        assert (await start).status_code == 200
        assert sum(task.done() for task in tasks) == 1


async def test_who_sits_already_goes_on_without_standing_in_line(world: World) -> None:
    sitting, device = await world.started()
    async with held_up(world, 60) as tasks:
        assert (await device.start(sitting.people[0].id)).status_code == 200
        assert not any(task.done() for task in tasks)


async def test_of_a_flood_everybody_gets_in_who_comes_again_when_told(world: World) -> None:
    """Three times as many as may stand: those who are told to wait are not refused for good."""
    came: list[int] = []
    told: list[dict[str, Any]] = []

    async def serves(_scope: Any, body: bytes) -> tuple[list[Any], bytes]:
        await asyncio.sleep(0.001)
        came.append(int(body))
        return [], b"{}"

    async def enters(number: int) -> int:
        headers: dict[str, str] = {}
        while True:
            reply = await client.post(CODE, content=b"%d" % number, headers=headers)
            if reply.status_code == 200:
                return number
            problem = reply.json()
            assert (reply.status_code, problem["type"]) == (503, "/problems/must-wait")
            assert int(reply.headers["retry-after"]) * 1000 >= problem["againMs"] >= 1000
            told.append(problem)
            headers = {"x-turn": problem["turn"]}
            await asyncio.sleep(problem["againMs"] / 1000)

    client = world.stranger()
    with answering(world, CODE, serves):
        assert await asyncio.gather(*map(enters, range(450))) == list(range(450))
    assert sorted(came) == list(range(450))
    assert told[0]["ahead"] > 0
    assert told[0]["waitMs"] > 0


async def test_who_is_told_to_wait_is_told_so_like_every_refusal(world: World) -> None:
    async with held_up(world, 16 + LINE_LEAST + 1) as tasks:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        reply = done.pop().result()
        assert reply.status_code == 503
        assert reply.headers["content-type"] == "application/problem+json"
        assert reply.headers["cache-control"] == "no-store"
        assert reply.headers["x-frame-options"] == "DENY"
        assert len(reply.headers["x-request-id"]) == 12
        assert set(reply.json()) == {"type", "title", "status", "againMs", "waitMs", "ahead", "turn"}


@pytest.mark.parametrize("path", ["/api/my/exams", "/api/my/exams/{id}/sealed", "/api/my/exams/{id}/consent"])
async def test_what_a_waiting_room_asks_for_stands_in_line_too(world: World, path: str) -> None:
    sitting = await world.sitting(people=1, opens_in_ms=60_000)
    device = await world.device(sitting.people[0])
    where = path.replace("{id}", str(sitting.people[0].id))
    method = "POST" if path.endswith("consent") else "GET"
    body = {"choice": "photos", "textVersion": "2026-01"} if method == "POST" else None
    async with held_up(world, 40):
        asked = asyncio.create_task(device.http.request(method, where, json=body))
        admission = doors(world)._admission
        await until(lambda: admission._line[0].way is Way.PAPER)
        assert not asked.done()
    assert (await asked).status_code in {200, 204}


async def test_what_staff_do_does_not_stand_in_line(world: World) -> None:
    declared = doors_of(create_litestar(world.wired.parts))
    assert {(door.method, door.before, door.behind) for door in declared} == {
        ("GET", "/api/my/exams", ""),
        ("GET", "/api/my/exams/", "/sealed"),
        ("POST", "/api/my/exams/", "/consent"),
        *(("POST", path, "") for path in (START, CODE, LOG_IN, "/api/login/ticket", "/api/login/desk")),
    }
    lanes = front_of(world)._lanes
    waits = {path for path, lane in lanes.items() if lane.access.way is not None}
    assert waits == {START, CODE, LOG_IN, "/api/login/ticket", "/api/login/desk"}


async def test_a_turn_is_proof_for_the_one_who_was_given_it_alone(world: World) -> None:
    own = doors(world)
    turn = own._turn(1_000_000, 1_005_000, b"body").encode()
    assert own._waited_ms(turn, b"body", 1_007_000) == 7_000
    assert own._waited_ms(turn, b"another body", 1_007_000) == 0
    forged = (b"B" if turn[:1] == b"A" else b"A") + turn[1:]
    for wrong in (forged, b"", b"AAAA", b"\xff\xfe", b"=" * 40, turn[:-1]):
        assert own._waited_ms(wrong, b"body", 1_007_000) == 0


async def test_a_caller_who_left_the_line_is_not_worked_on(world: World) -> None:
    gone, sent = asyncio.Event(), list[Any]()
    body = b'{"name": "gone", "idNo": "11010519491231002X"}'
    first = True

    async def receive() -> Any:
        nonlocal first
        if first:
            first = False
            return {"type": "http.request", "body": body, "more_body": False}
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = scope_of(world.stranger().build_request("POST", CODE, content=body))
    async with held_up(world, 30):
        admission = doors(world)._admission
        standing = admission.standing
        call = asyncio.create_task(front_of(world)(scope, receive, send))
        await until(lambda: admission.standing > standing)
        gone.set()
        await call
        assert admission.standing == standing
    assert all(message.get("status", 400) == 400 for message in sent)
    assert doors(world)._admission.idle


async def test_a_refused_log_in_gives_its_place_back(world: World) -> None:
    client = world.stranger()
    for _ in range(40):
        body = {"name": "x", "idNo": "11010519491231002X", "code": "000000"}
        assert (await client.post(LOG_IN, json=body)).status_code in {401, 429}
        assert (await client.post(LOG_IN, content=b"{")).status_code == 400
        assert (await client.post(START, content=b"{}")).status_code == 401
        assert (await client.get("/api/my/exams")).status_code == 401
    assert doors(world)._admission.idle


async def test_the_line_is_counted(world: World) -> None:
    def counted(took: str) -> float:
        return REGISTRY.get_sample_value("kaowu_entry_turns_total", {"way": "code", "took": took}) or 0.0

    before = {took: counted(took) for took in ("at once", "waited", "away")}
    stood = REGISTRY.get_sample_value("kaowu_entry_stood_seconds_count", {"way": "code"}) or 0.0
    async with held_up(world, 16 + LINE_LEAST + 5) as tasks:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        assert (REGISTRY.get_sample_value("kaowu_entry_standing") or 0) > 0
    told = {took: counted(took) - before[took] for took in before}
    assert (told["at once"], told["away"]) == (16, 5)
    assert told["waited"] == LINE_LEAST
    assert REGISTRY.get_sample_value("kaowu_entry_stood_seconds_count", {"way": "code"}) == stood + 144
    assert REGISTRY.get_sample_value("kaowu_loop_lag_seconds") is not None


async def test_people_of_a_real_session_log_in_through_the_line(world: World) -> None:
    _, people = await registered(world, 60)
    body = [{"name": one.name, "idNo": one.id_no} for one in people]
    client = world.stranger()
    replies = await asyncio.gather(*(client.post(CODE, json=one) for one in body))
    assert {reply.status_code for reply in replies} == {200}
    assert client.headers["origin"] == ORIGIN


async def test_a_page_is_told_over_which_time_the_starts_of_its_session_are_spread(world: World) -> None:
    sitting = await world.sitting(people=300, opens_in_ms=60_000)
    device = await world.device(sitting.people[0])
    replies = [await device.http.get("/api/my/exams") for _ in range(2)]
    assert [reply.json()["exams"][0]["spreadMs"] for reply in replies] == [1_305, 1_305]
    crowds = world.wired.parts.console.crowds
    assert await asyncio.gather(*(crowds.people(sitting.id) for _ in range(5))) == [300] * 5
