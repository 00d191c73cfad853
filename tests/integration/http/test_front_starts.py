"""Starts, by the quick way, the ordinary one and the framework's: what they say and leave is the same."""

from typing import Any, cast

import httpx
import msgspec
import pytest

from exam_api.http.guards import Gate
from tests.e2e.device import ORIGIN
from tests.e2e.world import World
from tests.integration.http.test_front import front_of, post, shown


async def test_both_ways_start_the_same(world: World) -> None:
    """The quick way, the ordinary one of what is not so plain, and the framework's: of three alike."""
    sitting = await world.sitting(people=3)
    told: list[dict[str, Any]] = []
    for person, more, app in zip(
        sitting.people,
        ({}, {"takeover": True}, {}),
        (world.app, world.app, front_of(world)._app),
        strict=True,
    ):
        device = await world.device(person)
        body = msgspec.json.encode({"attemptId": str(person.id), "storageKey": device.storage_key, **more})
        transport = httpx.ASGITransport(cast("Any", app))
        async with httpx.AsyncClient(
            transport=transport, base_url=ORIGIN, headers=device.http.headers, cookies=device.http.cookies
        ) as client:
            reply = await post("/api/attempt/start", body)(client)
            again = await post("/api/attempt/start", body)(client)
        assert shown(again)[::2] == shown(reply)[::2]
        status, headers, said = shown(reply)
        cookie, _, life = headers.pop("set-cookie").partition(";")
        headers.pop("content-length")
        assert cookie.startswith(world.wired.parts.cookies.attempt.decode())
        own = {"attemptId": str(person.id), "storageKey": device.storage_key}
        assert own.items() <= said.items()
        assert said["paper"]["items"]
        told.append(
            {"status": status, "life": life, "headers": headers}
            | {name: value for name, value in said.items() if name not in {*own, "paper", "watermark"}}
        )
    assert told[0] == told[1] == told[2]


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({}, 200),
        ({"takeover": True}, 200),
        ({"sealedDigest": "ab" * 32}, 200),
        ({"sealedDigest": "AB" * 32}, 400),
        ({"sealedDigest": "ab"}, 400),
        ({"storageKey": "ab"}, 400),
        ({"storageKey": "g" * 32}, 400),
        ({"storageKey": " " + "ab" * 15 + " "}, 400),
        ({"takeoverCode": "x"}, 400),
        ({"more": 1}, 400),
    ],
)
async def test_both_ways_say_the_same_of_a_start(world: World, change: dict[str, Any], status: int) -> None:
    """Each way of an attempt of its own: a start happens once."""
    sitting = await world.sitting(people=2)
    statuses = []
    for person, app in zip(sitting.people, (world.app, front_of(world)._app), strict=True):
        device = await world.device(person)
        said = {"attemptId": str(person.id), "storageKey": device.storage_key} | change
        transport = httpx.ASGITransport(cast("Any", app))
        async with httpx.AsyncClient(
            transport=transport, base_url=ORIGIN, headers=device.http.headers, cookies=device.http.cookies
        ) as client:
            reply = await post("/api/attempt/start", msgspec.json.encode(said))(client)
        statuses.append((reply.status_code, reply.json().get("type")))
    assert statuses[0] == statuses[1]
    assert statuses[0][0] == status


async def test_a_start_that_this_process_decides_by_memory_asks_once_and_obeys_what_changed(
    world: World,
) -> None:
    sitting = await world.sitting(people=2)
    person, other = sitting.people
    device, second = await world.device(person), await world.device(other)
    front, asked = front_of(world), []
    gate = front._gate

    async def let_in(access: Any, scope: Any) -> Any:
        asked.append(scope["path"])
        return await Gate.let_in(gate, access, scope)

    gate.let_in = let_in  # type: ignore[method-assign]
    try:
        assert (await device.start(person.id)).status_code == 200
        assert asked == []
        assert (await device.start(person.id)).status_code == 200  # a reload
        assert (await second.http.post("/api/logout")).status_code in {200, 204}
        assert (await second.start(other.id)).status_code == 401
        assert len(asked) >= 2
    finally:
        del gate.let_in
