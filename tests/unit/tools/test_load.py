"""The benchmark's driver: replies are read whole however they arrive, and every call is sent once."""

import asyncio

import pytest

from tools.bench.load import Call, NotUnderstood, drive, get, post, take_reply

REPLY = b'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nContent-Length: 11\r\n\r\n{"ok":true}'
REFUSAL = b"HTTP/1.1 409 Conflict\r\ncontent-length: 2\r\n\r\n{}"


@pytest.mark.parametrize("cut", range(1, len(REPLY)))
def test_a_reply_is_taken_once_it_is_whole(cut):
    received = bytearray(REPLY[:cut])
    early = take_reply(received)
    received += REPLY[cut:]
    whole = take_reply(received)

    assert early is None
    assert whole is not None
    assert (whole.status, whole.body) == (200, b'{"ok":true}')
    assert received == b""


def test_two_replies_that_arrive_together_are_taken_one_by_one():
    received = bytearray(REPLY + REFUSAL)

    assert [take_reply(received), take_reply(received)] != [None, None]
    assert take_reply(received) is None


def test_the_second_of_two_keeps_its_own_status_and_body():
    received = bytearray(REPLY + REFUSAL)
    take_reply(received)
    second = take_reply(received)

    assert second is not None
    assert (second.status, second.body) == (409, b"{}")


def test_the_length_may_stand_in_any_line_and_in_any_writing():
    for head in (
        b"CONTENT-LENGTH:3",
        b"content-length:   3\r\nx-last: 1",
        b"x-content-length: 9\r\nContent-Length: 3",
    ):
        reply = take_reply(bytearray(b"HTTP/1.1 200 OK\r\n" + head + b"\r\n\r\nabcd"))
        assert reply is not None
        assert reply.body == b"abc"


def test_a_reply_without_a_length_is_not_guessed_at():
    with pytest.raises(NotUnderstood):
        take_reply(bytearray(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n"))


def test_a_post_announces_its_length_and_origin():
    request = post("/x", "架".encode(), port=81, cookie="a=b")

    assert b"\r\nContent-Length: 3\r\n" in request
    assert b"\r\nOrigin: http://127.0.0.1:81\r\n" in request
    assert b"\r\nCookie: a=b\r\n" in request
    assert request.endswith("\r\n\r\n架".encode())


class Server:
    """Answers every request with what `answer` says of its path; None hangs up."""

    def __init__(self, answer) -> None:
        self.seen: list[str] = []
        self._answer = answer
        self._tasks: list[asyncio.Task[None]] = []

    async def run(self, port: int, during):
        server = await asyncio.start_server(self._serve, "127.0.0.1", port)
        async with server:
            try:
                return await during
            finally:
                await asyncio.gather(*self._tasks)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.append(task)
        while request := await reader.readline():
            await reader.readuntil(b"\r\n\r\n")
            path = request.split()[1].decode()
            self.seen.append(path)
            reply = self._answer(path)
            if reply is None:
                break
            writer.write(reply)
        writer.close()
        await writer.wait_closed()


async def test_every_call_is_sent_once_and_refusals_are_told_apart(unused_tcp_port):
    server = Server(lambda path: REFUSAL if "bad" in path else REPLY)
    taken: list[bytes] = []
    paths = [[f"/{lane}/{n}" for n in range(5)] for lane in ("a", "b", "bad")]
    lanes = [
        iter([Call(get(path, port=unused_tcp_port), lambda reply: taken.append(reply.body)) for path in lane])
        for lane in paths
    ]
    answers = await server.run(unused_tcp_port, drive(unused_tcp_port, lanes))

    assert sorted(server.seen) == sorted(path for lane in paths for path in lane)
    assert (answers.count, len(answers.refused), len(taken), len(answers.latencies_ms)) == (10, 5, 10, 15)


async def test_a_server_that_hangs_up_ends_the_drive_with_an_error(unused_tcp_port):
    lane = iter([Call(get("/x", port=unused_tcp_port))])

    with pytest.raises(ConnectionError):
        await Server(lambda _: None).run(unused_tcp_port, drive(unused_tcp_port, [lane]))
