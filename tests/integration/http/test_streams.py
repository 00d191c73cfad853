"""Event streams: the wall within a second, resuming, the poke to a running page."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import msgspec
import pytest

from exam_api.http import wall
from exam_api.people import Role
from tests.e2e.world import MINUTE, Sitting, World, soon

Event = tuple[str, str, Any]
"""(id, event, data); a comment is ("", "", None)."""

TURN_S = 0.02
"""Patience is counted in turns of this length that the process got: it may share its cores with others."""


class Stream:
    """What a page has been sent, as it comes."""

    def __init__(self) -> None:
        self.status = 0
        self.ended = False
        self.headers: dict[bytes, bytes] = {}
        self.events: asyncio.Queue[Event] = asyncio.Queue()

    async def next(self, *, within_s: float = 1.0, skip: tuple[str, ...] = ("tick",)) -> Event:
        for _ in range(round(within_s / TURN_S)):
            while not self.events.empty():
                found = self.events.get_nowait()
                if found[1] not in skip:
                    return found
            await asyncio.sleep(TURN_S)
        raise TimeoutError

    async def rows_until(self, wanted: Any, *, within_s: float = 1.0) -> dict[str, Any]:
        """The first row for which `wanted` holds."""
        for _ in range(round(within_s / TURN_S)):
            while not self.events.empty():
                _, name, data = self.events.get_nowait()
                for row in data["rows"] if name == "rows" else ():
                    if wanted(row):
                        return dict(row)
            await asyncio.sleep(TURN_S)
        raise TimeoutError

    def take(self, message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = dict(message["headers"])
            return
        self.ended = not message["more_body"]
        for piece in message["body"].decode().split("\n\n"):
            fields = dict(line.split(": ", 1) for line in piece.split("\n") if ": " in line)
            if "event" in fields:
                data = msgspec.json.decode(fields["data"])
                self.events.put_nowait((fields.get("id", ""), fields["event"], data))
            elif piece:
                self.events.put_nowait(("", "", None))


@asynccontextmanager
async def streamed(
    world: World, client: httpx.AsyncClient, path: str, *, after: str = ""
) -> AsyncIterator[Stream]:
    """The application's own stream: httpx would wait for its end."""
    gone = asyncio.Event()
    asked = [False]
    got = Stream()
    cookie = "; ".join(f"{name}={value}" for name, value in client.cookies.items()).encode()
    headers = [(b"host", b"testserver.local"), (b"cookie", cookie)]
    headers += [(b"last-event-id", after.encode())] if after else []
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "scheme": "http",
        "headers": headers,
        "client": ("127.0.0.1", 1),
        "server": ("testserver.local", 80),
        "state": {},
    }

    async def receive() -> dict[str, Any]:
        if not asked[0]:
            asked[0] = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        got.take(message)

    served = asyncio.create_task(world.app(scope, receive, send))
    try:
        yield got
    finally:
        gone.set()
        await asyncio.wait_for(served, 10)


async def is_so(fact: bool) -> bool:  # noqa: FBT001 - what `soon` asks
    """A fact that nothing must be asked for."""
    return fact


@pytest.fixture
async def sitting(world: World) -> Sitting:
    return await world.sitting(people=3)


async def whole(client: httpx.AsyncClient, sitting: Sitting) -> dict[str, Any]:
    reply = await client.get(f"/api/sessions/{sitting.id}/live")
    assert reply.status_code == 200, reply.text
    return dict(reply.json())


async def test_the_wall_sees_start_progress_and_score_within_a_second(world: World, sitting: Sitting) -> None:
    staff = await world.staff(Role.INVIGILATOR)
    table = await whole(staff, sitting)
    assert {row["state"] for row in table["rows"]} == {"ready"}
    own = str(sitting.people[0].id)
    async with streamed(world, staff, f"/api/sessions/{sitting.id}/watch", after=table["event"]) as wall:
        device = await world.device(sitting.people[0])
        await device.start(sitting.people[0].id)
        await wall.rows_until(lambda row: row["id"] == own and row["state"] == "running")
        device.choose(0, 1)
        await device.sync()
        await wall.rows_until(lambda row: row["id"] == own and row["answered"] == 1)
        score = (await device.submit()).json()["result"]["scoreCenti"]
        row = await wall.rows_until(lambda row: row["id"] == own and row["scoreCenti"] is not None)
        assert (row["scoreCenti"], row["state"], row["closeKind"]) == (score, "closed", "manual")


async def test_both_sides_see_the_same_wall(world: World, sitting: Sitting) -> None:
    watch = f"/api/sessions/{sitting.id}/watch"
    staff, officer = await world.staff(Role.INSTITUTION_ADMIN), await world.staff(Role.OFFICER)
    first = (await whole(staff, sitting))["event"]
    async with (
        streamed(world, staff, watch, after=first) as one,
        streamed(world, officer, watch, after=first) as two,
    ):
        await (await world.device(sitting.people[0])).start(sitting.people[0].id)
        assert await one.next() == await two.next()


async def test_a_page_that_comes_back_gets_what_it_missed_and_nothing_twice(
    world: World, sitting: Sitting
) -> None:
    staff = await world.staff(Role.OFFICER)
    watch = f"/api/sessions/{sitting.id}/watch"
    event = (await whole(staff, sitting))["event"]
    async with streamed(world, staff, watch, after=event) as wall:
        await (await world.device(sitting.people[0])).start(sitting.people[0].id)
        seen, *_ = await wall.next()
    table = world.wired.parts.wall.table(sitting.id)
    before = table.event_id
    await (await world.device(sitting.people[1])).start(sitting.people[1].id)
    await soon(lambda: is_so(table.event_id != before))
    async with streamed(world, staff, watch, after=seen) as wall:
        row = await wall.rows_until(lambda row: row["state"] == "running", within_s=0.3)
        assert row["id"] == str(sitting.people[1].id)


async def test_a_quiet_wall_says_at_once_that_it_is_there(world: World, sitting: Sitting) -> None:
    admin = await world.staff(Role.INSTITUTION_ADMIN)
    table = await whole(admin, sitting)
    async with streamed(world, admin, f"/api/sessions/{sitting.id}/watch", after=table["event"]) as stream:
        _, name, data = await stream.next(skip=())
    assert (name, data["serverMs"]) == ("tick", world.clock.at)


async def test_a_sign_of_life_is_told_in_a_few_bytes_and_stands_in_the_whole_table(
    world: World, sitting: Sitting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wall, "REFRESH_S", 0.1)
    staff, own = await world.staff(Role.OFFICER), str(sitting.people[0].id)
    device = await world.device(sitting.people[0])
    await device.start(sitting.people[0].id)
    event = (await whole(staff, sitting))["event"]
    async with streamed(world, staff, f"/api/sessions/{sitting.id}/watch", after=event) as stream:
        world.clock.at += 10_000
        await device.sync()
        _, name, data = await stream.next()
    assert (name, data["seen"]) == ("seen", {own: world.clock.at})
    row = next(row for row in (await whole(staff, sitting))["rows"] if row["id"] == own)
    assert row["lastSeenMs"] == world.clock.at


async def test_a_page_of_another_epoch_is_told_to_take_the_table_again(
    world: World, sitting: Sitting
) -> None:
    staff = await world.staff(Role.OFFICER)
    for after in ("0badcafe.3", "nonsense", ""):
        async with streamed(world, staff, f"/api/sessions/{sitting.id}/watch", after=after) as wall:
            assert (await wall.next())[1:] == ("again", {})


async def test_what_staff_do_is_on_the_wall_and_pokes_the_page(world: World, sitting: Sitting) -> None:
    staff = await world.staff(Role.INVIGILATOR)
    device = await world.device(sitting.people[0])
    deadline_ms = (await device.start(sitting.people[0].id)).json()["deadlineMs"]
    act = f"/api/sessions/{sitting.id}/attempts/{sitting.people[0].id}"
    async with streamed(world, device.http, "/api/attempt/down") as page:
        assert (await page.next()) == ("", "", None), "the first comment shows that streams pass"
        row = (await staff.post(f"{act}/extend", json={"minutes": 5, "reason": "设备故障"})).json()
        assert row["deadlineMs"] == deadline_ms + 5 * MINUTE
        assert (await page.next())[1:] == ("poke", {})
        told = (await device.sync()).json()
        assert [(one["kind"], one["ms"]) for one in told["commands"]] == [("extend", 5 * MINUTE)]
        paused = (await staff.post(f"{act}/pause", json={"reason": "停电"})).json()
        assert (paused["state"], (await page.next())[1]) == ("paused", "poke")


async def test_a_poke_stream_needs_the_attempt_token(world: World) -> None:
    reply = await world.stranger().get("/api/attempt/down")
    assert (reply.status_code, reply.json()["type"]) == (401, "/problems/attempt-token-invalid")


async def test_how_often_a_page_was_left_is_counted(world: World, sitting: Sitting) -> None:
    staff = await world.staff(Role.INVIGILATOR)
    event = (await whole(staff, sitting))["event"]
    async with streamed(world, staff, f"/api/sessions/{sitting.id}/watch", after=event) as wall:
        device = await world.device(sitting.people[0])
        await device.start(sitting.people[0].id)
        left = [{"kind": "hidden", "clientMs": 1}, {"kind": "shown", "clientMs": 2}]
        await device.http.post("/api/attempt/sync", json={"base": 0, "events": left})
        row = await wall.rows_until(lambda row: row["hidden"] == 1)
        assert row["id"] == str(sitting.people[0].id)


async def test_a_stream_ends_when_its_page_goes(world: World, sitting: Sitting) -> None:
    staff = await world.staff(Role.OFFICER)
    table = world.wired.parts.wall.table(sitting.id)
    async with streamed(world, staff, f"/api/sessions/{sitting.id}/watch") as wall:
        await wall.next()
        assert (table.pages, wall.status) == (1, 200)
        assert wall.headers[b"x-accel-buffering"] == b"no"
    assert table.pages == 0


async def test_a_device_that_waits_for_a_code_is_on_the_wall_until_it_has_taken_over(
    world: World, sitting: Sitting
) -> None:
    staff = await world.staff(Role.INVIGILATOR)
    event = (await whole(staff, sitting))["event"]
    own = sitting.people[0]
    await (await world.device(own)).start(own.id)
    second = await world.device(own)
    async with streamed(world, staff, f"/api/sessions/{sitting.id}/watch", after=event) as wall:
        assert (await second.start(own.id)).json()["type"] == "/problems/takeover-needed"
        await wall.rows_until(lambda row: row["takeoverAskedMs"] == world.clock.at)
        given = await staff.post(f"/api/sessions/{sitting.id}/attempts/{own.id}/takeover-code")
        assert given.json()["untilMs"] > world.clock.at
        wrong = await second.start(own.id, takeover=True, takeoverCode="000000")
        assert (wrong.status_code, wrong.json()["type"]) == (403, "/problems/takeover-code-wrong")
        taken = await second.start(own.id, takeover=True, takeoverCode=given.json()["code"])
        assert taken.json()["fence"] == 2
        row = await wall.rows_until(lambda row: row["fence"] == 2)
        assert row["takeoverAskedMs"] == 0
