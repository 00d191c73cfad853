"""The line at the door for requests that are not plain: they stand in it too, and hold no place unread."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from exam_api.http.admission import STOOD_MOST_S, Way
from exam_api.http.doors import ASKED_MOST, LATE_MOST_MS
from tests.e2e.world import World
from tests.integration.http.test_doors import (
    CODE,
    LOG_IN,
    START,
    doors,
    front_of,
    held_up,
    of_one_length,
    scope_of,
    until,
)

ASKED = {"name": "x", "idNo": "11010519491231002X", "code": "000000"}


@pytest.fixture(autouse=True)
def _whatever_the_machine_does(world: World) -> None:
    of_one_length(world)


async def in_pieces(*pieces: bytes) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


@pytest.mark.parametrize(
    "odd",
    [
        {"path": LOG_IN + "/"},
        {"path": "/api//login/candidate"},
        {"twice": True},
        {"chunked": True},
    ],
)
async def test_a_log_in_that_is_not_plain_stands_in_line_and_is_answered(
    world: World, odd: dict[str, Any]
) -> None:
    client = world.stranger()
    headers = [("content-type", "application/json")] + [("x-odd", "1"), ("x-odd", "2")] * ("twice" in odd)
    body = client.build_request("POST", LOG_IN, json=ASKED).content
    content = in_pieces(body[:9], body[9:]) if "chunked" in odd else body
    async with held_up(world, 40):
        sent = client.post(odd.get("path", LOG_IN), content=content, headers=headers)
        asked = asyncio.create_task(sent)
        admission = doors(world)._admission
        await until(lambda: asked.done() or admission._line[0].way is Way.LOGIN)
        assert not asked.done()
    plain = await client.post(LOG_IN, json=ASKED)
    assert (await asked).status_code == plain.status_code == 401
    assert admission.idle


async def test_a_body_in_pieces_beyond_the_limit_is_refused_and_holds_no_place(world: World) -> None:
    reply = await world.stranger().post(
        LOG_IN, content=in_pieces(b"{", b" " * 200_000), headers={"content-type": "application/json"}
    )
    assert reply.status_code == 413
    assert doors(world)._admission.idle


@pytest.mark.parametrize("path", [LOG_IN + "/", "/api/my/exams/{id}/consent"])
async def test_bodies_that_were_sent_by_half_hold_no_place(world: World, path: str) -> None:
    sitting = await world.sitting(people=1, opens_in_ms=60_000)
    device = await world.device(sitting.people[0])
    where = path.replace("{id}", str(sitting.people[0].id))
    request = device.http.build_request("POST", where, json=ASKED | {"more": "x" * 40})
    leave, waiting, sent = asyncio.Event(), list[int](), list[Any]()

    def half() -> Any:
        messages = iter([{"type": "http.request", "body": request.content[:5], "more_body": True}])

        async def receive() -> Any:
            for message in messages:
                return message
            waiting.append(1)
            await leave.wait()
            return {"type": "http.disconnect"}

        return receive

    async def send(message: Any) -> None:
        sent.append(message)

    front, admission = front_of(world), doors(world)._admission
    halves = [asyncio.create_task(front(scope_of(request), half(), send)) for _ in range(20)]
    try:
        await until(lambda: len(waiting) == len(halves) or admission.standing > 0)
        assert admission.idle
        assert (await world.stranger().post(LOG_IN, json=ASKED)).status_code == 401
    finally:
        leave.set()
        await asyncio.gather(*halves)
    assert admission.idle


async def test_a_server_that_never_says_that_somebody_has_gone_is_not_asked_for_ever(world: World) -> None:
    body, asked, sent = b'{"name": "x", "idNo": "11010519491231002X"}', list[int](), list[Any]()

    async def receive() -> Any:
        asked.append(1)
        if len(asked) > 1_000:
            raise OSError
        return {"type": "http.request", "body": b"" if asked[1:] else body, "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    request = world.stranger().build_request("POST", CODE, content=body)
    go = asyncio.Semaphore(0)
    async with held_up(world, 30, go):
        admission = doors(world)._admission
        standing = admission.standing
        call = asyncio.create_task(front_of(world)(scope_of(request), receive, send))
        await until(lambda: admission.standing > standing)
        await until(lambda: len(asked) > ASKED_MOST)
        assert not call.done()
        go.release()
    await call
    assert sent[0]["status"] == 200
    assert len(asked) == 1 + ASKED_MOST


async def test_a_turn_ends_when_its_bearer_does_not_come(world: World) -> None:
    own = doors(world)
    turn = own._turn(1_000_000, 1_900_000, b"body").encode()
    assert own._waited_ms(turn, b"body", 1_900_000) == 900_000
    assert own._waited_ms(turn, b"body", 1_900_000 + LATE_MOST_MS - 1) == 900_000 + LATE_MOST_MS - 1
    assert own._waited_ms(turn, b"body", 1_900_000 + LATE_MOST_MS) == 0


async def test_the_turn_of_a_consent_is_of_who_gave_it(world: World) -> None:
    """All say it in the same words: its body tells nobody apart."""
    sitting = await world.sitting(people=1, opens_in_ms=60_000)
    device = await world.device(sitting.people[0])
    where = f"/api/my/exams/{sitting.people[0].id}/consent"
    request = device.http.build_request("POST", where, json={"choice": "photos", "textVersion": "2026-01"})
    own, now_ms = doors(world), world.wired.parts.login.clock.now_ms()
    async with held_up(world, 20):
        asked = asyncio.create_task(device.http.send(request))
        await until(lambda: own._admission._line[0].way is Way.PAPER)
        now_s = asyncio.get_running_loop().time() + 2 * STOOD_MOST_S
        own._tell(own._admission.look(now_s=now_s, lag_s=0.0))  # it has stood too long
        reply = await asked
    assert reply.status_code == 503
    turn = reply.json()["turn"].encode()
    assert own._waited_ms(turn, request.content, now_ms + 1_000) == 0
    assert own._waited_ms(turn, request.headers["cookie"].encode(), now_ms + 1_000) > 0


async def test_a_start_that_is_not_plain_of_who_sits_already_stands_in_no_line(world: World) -> None:
    sitting, device = await world.started()
    body = {"attemptId": str(sitting.people[0].id), "storageKey": device.storage_key}
    async with held_up(world, 60) as tasks:
        start = asyncio.create_task(device.http.post(START + "/", json=body))
        await until(lambda: start.done() or doors(world)._admission._line[0].way is Way.START)
        assert start.done()
        assert not any(task.done() for task in tasks)
    assert start.result().status_code == 200


async def test_who_sits_and_lost_the_token_stands_in_no_line_and_who_does_not_sit_does(world: World) -> None:
    """The reply to the first start was lost, or it is another device: this process saw the start."""
    sitting = await world.sitting(people=2)
    person, other = sitting.people
    device, late = await world.device(person), await world.device(other)
    assert (await device.start(person.id)).status_code == 200
    device.http.cookies.delete(world.wired.parts.cookies.attempt.decode())
    async with held_up(world, 60) as tasks:
        again = asyncio.create_task(device.start(person.id))
        await until(lambda: again.done() or doors(world)._admission._line[0].way is Way.START)
        assert again.done()
        first = asyncio.create_task(late.start(other.id))
        await until(lambda: first.done() or doors(world)._admission._line[0].way is Way.START)
        assert not first.done()
        assert not any(task.done() for task in tasks)
    assert (again.result().status_code, (await first).status_code) == (200, 200)
