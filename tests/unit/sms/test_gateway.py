"""Short messages through a gateway that listens here."""

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor

from exam_api.sms.gateway import HttpGateway, Nowhere
from exam_api.sms.outbox import KEPT, DemoOutbox


async def test_a_message_is_posted_as_json_with_the_token() -> None:
    got: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(
            int(line[15:]) for line in head.lower().split(b"\r\n") if line[:15] == b"content-length:"
        )
        got.extend([head, await reader.readexactly(length)])
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        await HttpGateway(f"http://127.0.0.1:{port}/sms", token="t0ken").send("13900000001", "验证码 123456")
    assert got[0].startswith(b"POST /sms ")
    assert b"Bearer t0ken" in got[0]
    assert json.loads(got[1]) == {"phone": "13900000001", "text": "验证码 123456"}


async def test_messages_share_a_connection_and_a_lost_one_is_made_anew() -> None:
    got: list[str] = []
    connections: list[asyncio.StreamWriter] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.append(writer)
        while True:
            try:
                head = await reader.readuntil(b"\r\n\r\n")
            except asyncio.IncompleteReadError:
                return
            length = next(
                int(line[15:]) for line in head.lower().split(b"\r\n") if line[:15] == b"content-length:"
            )
            got.append(json.loads(await reader.readexactly(length))["text"])
            writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")

    loop = asyncio.get_running_loop()
    with ThreadPoolExecutor(1) as one_thread:
        loop.set_default_executor(one_thread)
        async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
            gateway = HttpGateway(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/", token="t")
            await gateway.send("13900000001", "1")
            await gateway.send("13900000001", "2")
            connections[0].close()
            await connections[0].wait_closed()
            await gateway.send("13900000001", "3")
            for one in connections:
                one.close()
    assert (got, len(connections)) == (["1", "2", "3"], 2)


async def test_a_gateway_that_is_away_or_refuses_holds_nobody_up() -> None:
    async def refuse(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 503 Gone\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(refuse, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        await HttpGateway(f"http://127.0.0.1:{port}/", token="").send("13900000001", "x")
    await HttpGateway(f"http://127.0.0.1:{port}/", token="").send("13900000001", "x")
    await Nowhere().send("13900000001", "x")


async def test_the_outbox_keeps_the_newest() -> None:
    outbox = DemoOutbox()
    for number in range(KEPT + 1):
        await outbox.send("13900000001", str(number))
    assert (len(outbox.sent), outbox.sent[-1][1]) == (KEPT, str(KEPT))
