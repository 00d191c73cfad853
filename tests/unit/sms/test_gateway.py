"""Short messages through a gateway that listens here."""

import asyncio
import contextlib
import json
import re
import socket
import ssl
import threading
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from exam_api.serving.certificate import LanTls, lan_tls
from exam_api.sms.gateway import IDLE_S, LINES_MAX, HttpGateway, Nowhere
from exam_api.sms.line import ANSWER_MAX
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


class Operator:
    """A gateway that keeps its connections and answers in one way."""

    def __init__(self, answer: bytes = b"HTTP/1.1 204 No Content\r\n\r\n", *, ends: bool = False) -> None:
        self.got: list[str] = []
        self.connections: list[asyncio.StreamWriter] = []
        self._answer = answer
        self._ends = ends

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections.append(writer)
        while True:
            try:
                head = await reader.readuntil(b"\r\n\r\n")
            except (asyncio.IncompleteReadError, ConnectionError):
                writer.close()
                return
            length = re.search(rb"(?i)content-length: *(\d+)", head)
            assert length is not None
            self.got.append(json.loads(await reader.readexactly(int(length[1])))["text"])
            for at in range(0, len(self._answer), 7):  # in pieces, as a line far away brings it
                writer.write(self._answer[at : at + 7])
                await asyncio.sleep(0)
            if self._ends:
                writer.close()
                return


@contextlib.asynccontextmanager
async def sending_to(operator: Operator) -> AsyncIterator[HttpGateway]:
    async with await asyncio.start_server(operator.take, "127.0.0.1", 0) as server:
        gateway = HttpGateway(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/", token="t")
        yield gateway
        await gateway.close()
        for one in operator.connections:
            one.close()
            await one.wait_closed()


async def test_messages_share_a_connection_and_a_lost_one_is_made_anew() -> None:
    operator = Operator()
    async with sending_to(operator) as gateway:
        await gateway.send("13900000001", "1")
        await gateway.send("13900000001", "2")
        operator.connections[0].close()
        await operator.connections[0].wait_closed()
        await gateway.send("13900000001", "3")
    assert (operator.got, len(operator.connections)) == (["1", "2", "3"], 2)


async def test_a_connection_lost_in_the_middle_of_a_message_is_made_anew_once() -> None:
    operator = Operator()
    async with sending_to(operator) as gateway:
        await gateway.send("13900000001", "1")
        writer = operator.connections[0]
        task = asyncio.create_task(gateway.send("13900000001", "2"))
        await asyncio.sleep(0)  # it is sent on the kept connection, which ends without an answer
        writer.transport.abort()
        await task
    assert operator.got in (["1", "2"], ["1", "2", "2"])
    assert len(operator.connections) == 2


async def test_after_the_end_nothing_is_kept_and_a_message_still_goes() -> None:
    operator = Operator()
    async with sending_to(operator) as gateway:
        await gateway.send("13900000001", "1")
        await gateway.close()
        await gateway.send("13900000001", "2")
    assert (operator.got, len(operator.connections)) == (["1", "2"], 2)


async def test_a_connection_that_was_idle_too_long_is_not_used() -> None:
    operator = Operator()
    async with sending_to(operator) as gateway:
        await gateway.send("13900000001", "1")
        gateway._idle[0].used_s -= IDLE_S + 1
        await gateway.send("13900000001", "2")
        await asyncio.wait_for(operator.connections[0].wait_closed(), 5)  # the old one was let go
    assert (operator.got, len(operator.connections)) == (["1", "2"], 2)


async def test_messages_do_not_wait_for_a_line_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("exam_api.sms.gateway.WAIT_S", 0.05)
    operator = Operator()
    with capture_logs() as logged:
        async with sending_to(operator) as gateway:
            for _ in range(LINES_MAX):
                await gateway._lines.acquire()
            await asyncio.wait_for(gateway.send("13900000001", "1"), 5)
    assert ([line["why"] for line in logged], operator.got) == (["TimeoutError"], [])


def silent(listening: socket.socket, files: LanTls, done: threading.Event) -> None:
    """Answers one message over TLS and then neither reads nor says goodbye."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files.certificate, files.key)
    with context.wrap_socket(listening.accept()[0], server_side=True) as line:
        line.recv(65_536)
        line.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")
        done.wait(20)


async def test_at_the_end_nobody_waits_for_a_goodbye(tmp_path: Path) -> None:
    files = lan_tls(tmp_path, [], now=datetime.now(UTC))
    done = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        gateway = HttpGateway(f"https://127.0.0.1:{listening.getsockname()[1]}/", token="t")
        gateway._tls = ssl.create_default_context(cafile=files.authority)
        serving = asyncio.create_task(asyncio.to_thread(silent, listening, files, done))
        with capture_logs() as logged:
            await gateway.send("13900000001", "1")
        try:
            await asyncio.wait_for(gateway.close(), 5)
        finally:
            done.set()
            await serving
    assert logged == []


async def test_messages_at_once_take_connections_of_their_own() -> None:
    operator = Operator()
    async with sending_to(operator) as gateway:
        await asyncio.gather(*(gateway.send("13900000001", str(n)) for n in range(3 * LINES_MAX)))
    assert sorted(operator.got, key=int) == [str(n) for n in range(3 * LINES_MAX)]
    assert 1 < len(operator.connections) <= LINES_MAX


ANSWERS = {
    "a length": (b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ndone", True),
    "chunks": (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\ndone\r\n0;x=y\r\nTail: 1\r\n\r\n",
        True,
    ),
    "nothing": (b"HTTP/1.1 204 No Content\r\n\r\n", True),
    "the end of the connection": (b"HTTP/1.1 200 OK\r\n\r\ndone", False),
    "a length, and it closes": (
        b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n",
        False,
    ),
    "HTTP/1.0": (b"HTTP/1.0 200 OK\r\ncontent-length: 0\r\n\r\n", False),
}


@pytest.mark.parametrize("named", ANSWERS)
async def test_an_answer_ends_where_it_says(named: str) -> None:
    answer, keeps = ANSWERS[named]
    operator = Operator(answer, ends=not keeps)
    with capture_logs() as logged:
        async with sending_to(operator) as gateway:
            await gateway.send("13900000001", "1")
            await gateway.send("13900000001", "2")
    assert (operator.got, len(operator.connections)) == (["1", "2"], 1 if keeps else 2)
    assert logged == []


@pytest.mark.parametrize(
    "answer",
    [
        b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\n",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n-6\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n" + b"x" * (ANSWER_MAX + 1),
        b"HTTP/1.1 500 Oh\r\ncontent-length: 0\r\n\r\n",
    ],
)
async def test_what_is_no_success_is_logged_once_and_keeps_nobody(answer: bytes) -> None:
    operator = Operator(answer, ends=True)
    with capture_logs() as logged:
        async with sending_to(operator) as gateway:
            await gateway.send("13900000001", "1")
    assert [line["event"] for line in logged] == ["sms.failed"]


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
