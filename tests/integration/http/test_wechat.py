"""Log-in by WeChat, against a WeChat of our own that answers over real HTTP."""

import asyncio
import dataclasses
import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import pytest_asyncio
import structlog

from exam_api.accounts.errors import WeChatAway
from exam_api.app import create_app
from exam_api.wechat.code2session import Code2Session
from tests.e2e.device import Device
from tests.e2e.world import Sitting, World
from tests.integration.http.accounts import acts, slug

SESSION_KEY = "session-key-that-nobody-may-see"
APP_ID, SECRET = "wx0123456789", "the-programs-secret"


class FakeWeChat:
    """Answers code2session: what it was told, one code once; or silence, or rubbish."""

    def __init__(self) -> None:
        self.codes: dict[str, dict[str, Any]] = {}
        self.asked: list[dict[str, list[str]]] = []
        self.url = ""

    def user(self, code: str, openid: str) -> None:
        self.codes[code] = {"openid": openid, "session_key": SESSION_KEY, "unionid": "u"}

    def fails(self, code: str, errcode: int) -> None:
        self.codes[code] = {"errcode": errcode, "errmsg": "as it says"}

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = (await reader.readuntil(b"\r\n\r\n")).decode()
        path = urlsplit(request.split(" ")[1])
        given = parse_qs(path.query)
        self.asked.append(given)
        code = given["js_code"][0]
        if code == "silent-code":
            await reader.read()  # until the other side gives up
            writer.close()
            return
        answer = self.codes.pop(code, {"errcode": 40029, "errmsg": "invalid code"})
        if path.path != "/sns/jscode2session" or given["secret"] != [SECRET] or given["appid"] != [APP_ID]:
            answer = {"errcode": 40125, "errmsg": "invalid appsecret"}
        body = b"<html>" if code == "rubbish-code" else json.dumps(answer).encode()
        lines = (
            "HTTP/1.1 200 OK",
            "content-type: text/plain",
            f"content-length: {len(body)}",
            "connection: close",
        )
        head = "\r\n".join((*lines, "", ""))
        writer.write(head.encode() + body)
        await writer.drain()
        writer.close()


@pytest_asyncio.fixture
async def wechat() -> AsyncIterator[FakeWeChat]:
    fake = FakeWeChat()
    server = await asyncio.start_server(fake.serve, "127.0.0.1", 0)
    fake.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    yield fake
    server.close()


@pytest.fixture
def linked(world: World, wechat: FakeWeChat) -> World:
    """The installation with WeChat turned on."""
    adapter = Code2Session(url=wechat.url, app_id=APP_ID, secret=SECRET, patience_s=0.4)
    accounts = dataclasses.replace(world.wired.parts.accounts, wechat=adapter)
    world.app = create_app(dataclasses.replace(world.wired.parts, accounts=accounts))
    return world


async def by_wechat(world: World, code: str) -> Any:
    client = world.stranger()
    return client, await client.post("/api/login/wechat", json={"code": code})


async def a_candidate(world: World) -> tuple[Sitting, Device]:
    sitting = await world.sitting(people=2)
    return sitting, await world.device(sitting.people[0])


async def test_a_wechat_that_was_linked_logs_its_person_in_by_code_alone(
    linked: World, wechat: FakeWeChat
) -> None:
    sitting, device = await a_candidate(linked)
    wechat.user("first-code", "openid-1")
    assert (await device.http.post("/api/my/wechat", json={"code": "first-code"})).status_code == 204
    wechat.user("later-code", "openid-1")
    client, reply = await by_wechat(linked, "later-code")
    assert (reply.status_code, reply.json()["name"]) == (200, sitting.people[0].name)
    assert [one["id"] for one in (await client.get("/api/my/exams")).json()["exams"]] == [
        str(sitting.people[0].id)
    ]
    async with linked.wired.database.reading() as connection:
        raw = await connection.exec_driver_sql("select openid_hash from wechat_link")
        assert b"openid-1" not in bytes(raw.scalar_one())
    assert "wechat.linked" in await acts(linked)


async def test_a_wechat_that_is_linked_to_nobody_or_unlinked_opens_nothing(
    linked: World, wechat: FakeWeChat
) -> None:
    _, device = await a_candidate(linked)
    wechat.user("strange-code", "openid-2")
    _, reply = await by_wechat(linked, "strange-code")
    assert (reply.status_code, slug(reply)) == (401, "wechat-not-linked")
    wechat.user("linking-code", "openid-2")
    await device.http.post("/api/my/wechat", json={"code": "linking-code"})
    assert (await device.http.post("/api/my/wechat/end")).status_code == 204
    wechat.user("later-code", "openid-2")
    _, reply = await by_wechat(linked, "later-code")
    assert slug(reply) == "wechat-not-linked"


async def test_a_wechat_belongs_to_one_person(linked: World, wechat: FakeWeChat) -> None:
    sitting, device = await a_candidate(linked)
    other = await linked.device(sitting.people[1])
    for client, status in ((device, 204), (device, 204), (other, 409)):
        wechat.user("shared-code", "openid-3")
        reply = await client.http.post("/api/my/wechat", json={"code": "shared-code"})
        assert reply.status_code == status
    assert slug(reply) == "wechat-taken"


@pytest.mark.parametrize(
    ("errcode", "status", "expected"),
    [
        (40029, 401, "wechat-code-refused"),
        (40163, 401, "wechat-code-refused"),
        (45011, 429, "wechat-busy"),
        (40226, 403, "wechat-user-blocked"),
        (-1, 503, "wechat-away"),
        (40125, 503, "wechat-away"),
    ],
)
async def test_what_wechat_refuses_is_told_by_its_kind(
    linked: World, wechat: FakeWeChat, errcode: int, status: int, expected: str
) -> None:
    wechat.fails("failing-code", errcode)
    _, reply = await by_wechat(linked, "failing-code")
    assert (reply.status_code, slug(reply)) == (status, expected)
    if status in {429, 503}:
        assert int(reply.headers["retry-after"]) >= 1


async def test_a_wechat_that_is_silent_or_talks_rubbish_is_away(linked: World) -> None:
    for code in ("silent-code", "rubbish-code"):
        _, reply = await by_wechat(linked, code)
        assert (reply.status_code, slug(reply)) == (503, "wechat-away")
    nobody = Code2Session(url="http://127.0.0.1:1", app_id=APP_ID, secret=SECRET, patience_s=0.4)
    with pytest.raises(WeChatAway):
        await nobody.openid("any-code")


async def test_neither_code_nor_secret_nor_session_key_is_ever_logged(
    linked: World, wechat: FakeWeChat, capfd: pytest.CaptureFixture[str]
) -> None:
    _, device = await a_candidate(linked)
    wechat.user("linking-code", "openid-4")
    with structlog.testing.capture_logs() as events:
        await device.http.post("/api/my/wechat", json={"code": "linking-code"})
        await by_wechat(linked, "rubbish-code")
        wechat.fails("odd-code-1", 40125)
        await by_wechat(linked, "odd-code-1")
    assert {"wechat.away", "wechat.refused"} <= {one["event"] for one in events}
    told = f"{events}{capfd.readouterr()}"
    for secret in (SESSION_KEY, SECRET, "openid-4", "linking-code", "rubbish-code"):
        assert secret not in told


async def test_without_a_program_wechat_is_off(world: World) -> None:
    _, reply = await by_wechat(world, "whatever-code")
    assert (reply.status_code, slug(reply)) == (409, "wechat-off")
